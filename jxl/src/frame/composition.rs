//! The composition of a frame's rows into the picture: conversion of colors, blending with earlier
//! frames, spot colors.

use std::ops::Range;

use crate::headers::FrameHeader;
use crate::headers::{BlendMode, BlendingInfo};
use crate::headers::{ExtraChannelType, ImageHeader};
use frame_arena::{AllocError, Scratch, Spec};

use super::saved_frames::Kept;
use crate::Error;
use crate::color::XybTransform;
use crate::grid::{Pos, Rect, Size};
use crate::memory::Memory;
use crate::render::{
    BlendRow, Blender, ExtraKind, FinishedRow, Mode, Reference, Rule, STRIP_WIDTH,
};

/// Stands for a missing reference.
static ZEROS: [f32; STRIP_WIDTH] = [0.0; STRIP_WIDTH];

/// See the module.
pub(super) struct Composition<'a> {
    /// The conversion from X, Y, B, if any.
    transform: Option<XybTransform>,
    blending: Option<Blending<'a>>,
    kinds: &'a [ExtraKind],
    spots: &'a [Spot],
    /// Column and row of the canvas where the frame starts.
    origin: (i64, i64),
}

/// The blending of the frame: the colors first, then each extra channel.
struct Blending<'a> {
    rules: &'a [Rule],
    sources: &'a [Background<'a>],
}

/// The background that a channel of a frame is blended with.
#[derive(Clone, Copy)]
enum Background<'a> {
    Zeros,
    Reference(&'a Reference),
    /// The contents of the planes that the frame is written to.
    Canvas,
}

/// An extra channel that is mixed into the colors.
struct Spot {
    channel: usize,
    color: [f32; 3],
    solidity: f32,
}

/// The kind of each extra channel for blending.
pub(super) fn extra_kinds(image: &ImageHeader) -> impl Iterator<Item = ExtraKind> {
    let kind = |ty: ExtraChannelType| match ty {
        ty if ty.is_premultiplied() => ExtraKind::PremultipliedAlpha,
        ExtraChannelType::Alpha { .. } => ExtraKind::Alpha,
        _ => ExtraKind::Other,
    };
    let channels = image.metadata.ec_info.iter();
    channels.map(move |channel| kind(channel.ty))
}

/// True if the picture differs from the samples of the frame.
pub(super) fn is_needed(image: &ImageHeader, header: &FrameHeader<'_>) -> bool {
    let has_spots = spots(image).next().is_some();
    has_spots
        || header.have_crop
        || header
            .blending_infos()
            .any(|info| info.mode != BlendMode::Replace)
}

/// Column and row of the canvas where a frame starts.
fn origin(header: &FrameHeader<'_>) -> (i64, i64) {
    (header.x0.into(), header.y0.into())
}

/// The rectangle of the part `part` of the canvas that a frame covers.
fn covered(origin: (i64, i64), size: Size, part: Rect) -> Rect {
    let covered = |start: i64, length: usize, part: Range<usize>| {
        let end = start.saturating_add(length as i64);
        let clamp = |place: i64| place.clamp(part.start as i64, part.end as i64) as usize;
        clamp(start)..clamp(end)
    };
    Rect::new(
        covered(origin.0, size.width, part.columns()),
        covered(origin.1, size.height, part.rows()),
    )
}

/// The rectangle of a composed frame that lies on the part `part` of the canvas, in columns and
/// rows of the frame.
pub(super) fn part_of_frame(header: &FrameHeader<'_>, part: Rect) -> Rect {
    let (x0, y0) = origin(header);
    let covered = covered((x0, y0), header.frame_size(), part);
    let in_frame = |cells: Range<usize>, origin: i64| {
        let start = (cells.start as i64 - origin).max(0) as usize;
        start..start + cells.len()
    };
    Rect::new(
        in_frame(covered.columns(), x0),
        in_frame(covered.rows(), y0),
    )
}

fn spots(image: &ImageHeader) -> impl Iterator<Item = Spot> {
    let channels = image.metadata.ec_info.iter().enumerate();
    channels.filter_map(|(channel, info)| match info.ty {
        ExtraChannelType::SpotColor { color, solidity } => Some(Spot {
            channel,
            color,
            solidity,
        }),
        _ => None,
    })
}

impl<'a> Composition<'a> {
    /// # Errors
    /// References in other colors or of another size than the canvas.
    pub(super) fn new(
        image: &ImageHeader,
        header: &FrameHeader<'_>,
        kept: &'a Kept,
        memory: Memory<'a>,
    ) -> Result<Self, Error> {
        let alone = Self::alone(image, memory)?;
        Ok(Self {
            blending: Blending::new(image, header, kept, memory)?,
            spots: memory.collect(spots(image))?.leak(),
            origin: origin(header),
            ..alone
        })
    }

    /// The composition of a frame that is kept in its picture's colors, without blending.
    ///
    /// # Errors
    /// Color encodings that cannot be computed; memory.
    pub(super) fn alone(image: &ImageHeader, memory: Memory<'a>) -> Result<Self, Error> {
        let transform = image.metadata.xyb_encoded;
        let transform = transform.then(|| XybTransform::new(&image.metadata));
        Ok(Self {
            transform: transform.transpose()?,
            blending: None,
            kinds: memory.collect(extra_kinds(image))?.leak(),
            spots: &[],
            origin: (0, 0),
        })
    }

    /// The composition of a frame that is written to the planes that it is blended with.
    ///
    /// # Errors
    /// Color encodings that cannot be computed; memory.
    pub(super) fn in_place(
        image: &ImageHeader,
        header: &FrameHeader<'_>,
        memory: Memory<'a>,
    ) -> Result<Self, Error> {
        let alone = Self::alone(image, memory)?;
        let rules = Blending::rules(header, memory)?;
        let sources = rules.iter().map(|_| Background::Canvas);
        let sources = memory.collect(sources)?.leak();
        Ok(Self {
            blending: Some(Blending { rules, sources }),
            spots: memory.collect(spots(image))?.leak(),
            origin: origin(header),
            ..alone
        })
    }

    /// True if samples outside of the frame stay as they are.
    pub(super) fn is_in_place(&self) -> bool {
        let blending = self.blending.as_ref();
        blending.is_some_and(|blending| matches!(blending.sources[0], Background::Canvas))
    }

    /// The rectangle of the part `part` of the canvas that a frame of `frame_size` covers.
    pub(super) fn visible(&self, frame_size: Size, part: Rect) -> Rect {
        covered(self.origin, frame_size, part)
    }

    /// Converts a place of the canvas to column and row of the frame; 0 if it lies before the
    /// frame.
    pub(super) fn in_frame(&self, place: Pos) -> Pos {
        let part = |place: usize, origin: i64| (place as i64 - origin).max(0) as usize;
        Pos::new(part(place.x, self.origin.0), part(place.y, self.origin.1))
    }

    /// Converts a place of the frame that lies on the canvas to column and row of the canvas.
    pub(super) fn on_canvas(&self, place: Pos) -> Pos {
        let part = |place: usize, origin: i64| (origin + place as i64) as usize;
        Pos::new(part(place.x, self.origin.0), part(place.y, self.origin.1))
    }

    pub(super) fn extra_channels(&self) -> usize {
        self.kinds.len()
    }

    /// A blender for rows of up to `width` samples.
    pub(super) fn blender<'s>(
        &self,
        width: usize,
        scratch: &'s Scratch<'_>,
    ) -> Result<Blender<'s, '_>, AllocError> {
        let old = Blender::spec(self.kinds.len(), width).open(scratch)?;
        Ok(Blender::new(self.kinds, old))
    }

    /// Blends the row into the canvas, from `at` on. `kept` has the contents of
    /// the destination planes for each channel.
    pub(super) fn blend<'k>(
        &'k self,
        row: &mut FinishedRow<'_>,
        at: Pos,
        kept: impl Fn(usize) -> &'k [f32],
        blender: &mut Blender<'_, '_>,
    ) {
        if let Some(transform) = &self.transform {
            let mut color = row.color.each_mut().map(|row| &mut **row);
            transform.run(&mut color);
        }
        if let Some(blending) = &self.blending {
            let width = row.color[0].len();
            let mut row = BlendRow {
                color: row.color.each_mut().map(|row| &mut **row),
                extra: row.extra.reborrow(),
                first: 0,
            };
            let source = |channel| blending.row(channel, at.x..at.x + width, at.y, &kept);
            blender.blend(&mut row, blending.rules, source);
        }
    }

    /// Fills the row from the references, from `at` of the canvas on, where the
    /// frame does not reach. `kept` has the contents of the destination planes for each channel.
    pub(super) fn fill<'k>(
        &'k self,
        row: &mut FinishedRow<'_>,
        at: Pos,
        kept: impl Fn(usize) -> &'k [f32],
    ) {
        let width = row.color[0].len();
        let source = |channel| match &self.blending {
            Some(blending) => blending.row(channel, at.x..at.x + width, at.y, &kept),
            None => &ZEROS[..width],
        };
        for (channel, row) in row.color.iter_mut().enumerate() {
            row.copy_from_slice(source(channel));
        }
        for (index, row) in row.extra.rows_mut().enumerate() {
            row.copy_from_slice(source(3 + index));
        }
    }

    /// Mixes spot colors into a row of the canvas, in the order of their channels and in the
    /// samples of the picture's encoding. libjxl 0.7 to 0.11 mixes in linear light if an XYB frame
    /// is neither blended nor kept, so the same colors look different there.
    pub(super) fn mix_spots(&self, row: &mut FinishedRow<'_>) {
        for spot in self.spots {
            let amounts = row.extra.row(spot.channel);
            for (out, ink) in row.color.iter_mut().zip(spot.color) {
                for (sample, amount) in out.iter_mut().zip(amounts) {
                    let mix = spot.solidity * amount;
                    *sample = mix * ink + (1.0 - mix) * *sample;
                }
            }
        }
    }
}

impl<'a> Blending<'a> {
    /// `None` if the frame replaces the whole canvas.
    fn new(
        image: &ImageHeader,
        header: &FrameHeader<'_>,
        kept: &'a Kept,
        memory: Memory<'a>,
    ) -> Result<Option<Self>, Error> {
        if header.replaces_canvas() {
            return Ok(None);
        }
        let sources = header.blending_infos().map(|info| {
            let reference = kept.background(info.source as usize, image)?;
            Ok(reference.map_or(Background::Zeros, Background::Reference))
        });
        Ok(Some(Self {
            rules: Self::rules(header, memory)?,
            sources: memory.try_collect(sources)?.leak(),
        }))
    }

    fn rules(header: &FrameHeader<'_>, memory: Memory<'a>) -> Result<&'a [Rule], Error> {
        Ok(memory.collect(header.blending_infos().map(rule))?.leak())
    }

    fn row<'r>(
        &'r self,
        channel: usize,
        columns: Range<usize>,
        y: usize,
        kept: impl Fn(usize) -> &'r [f32],
    ) -> &'r [f32] {
        match self.sources[(channel + 1).saturating_sub(3)] {
            Background::Reference(reference) => &reference.row(channel, y)[columns],
            Background::Canvas => kept(channel),
            Background::Zeros => &ZEROS[..columns.len()],
        }
    }
}

/// The rule that blends the frame's samples over the canvas.
fn rule(info: BlendingInfo) -> Rule {
    Rule {
        mode: match info.mode {
            BlendMode::Replace => Mode::Keep,
            BlendMode::Add => Mode::Add,
            BlendMode::Blend => Mode::Blend,
            BlendMode::MulAdd => Mode::MulAdd,
            BlendMode::Mul => Mode::Mul,
        },
        is_below: true,
        clamps: info.clamp,
        alpha: info.alpha_channel as u16,
    }
}
