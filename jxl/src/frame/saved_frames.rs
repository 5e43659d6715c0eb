use crate::headers::FrameHeader;
use crate::headers::FrameType;
use crate::headers::ImageHeader;
use frame_arena::{DetachedPlaneSet, PlaneSetSpec};

use crate::Error;
use crate::grid::Size;
use crate::image::CodedFrame;
use crate::render::Reference;

/// Number of frames that can be saved at the same time: four references, and LF images of four
/// levels.
pub(super) const SLOTS: usize = 8;

/// Saved frames for use by later frames, outside of all scopes.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) references: [Option<Reference>; 4],
    /// X, Y, B of LF frames, level 1 first.
    lf_images: [Option<DetachedPlaneSet<f32>>; 4],
}

/// The planes of a saved frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeptShape {
    pub(super) size: Size,
    pub(super) color_planes: usize,
    pub(super) extra_planes: usize,
    /// Whether colors are X, Y, B or Cb, Y, Cr.
    pub(super) is_coded: bool,
}

/// The use of the old planes in the slot where a frame will be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlaneUse {
    /// The frame is blended into them.
    Blended,
    /// The frame is written over them.
    Overwritten,
}

/// True if a frame is saved as decoded, and not as shown.
pub(super) fn is_kept_alone(header: &FrameHeader<'_>) -> bool {
    !header.frame_type.is_normal_frame() || header.save_before_ct
}

/// The slot, of [`SLOTS`], in which a frame is saved.
pub(super) fn slot(header: &FrameHeader<'_>) -> usize {
    match header.frame_type {
        FrameType::LfFrame => 4 + header.lf_level as usize - 1,
        _ => header.save_as_reference as usize,
    }
}

impl KeptShape {
    /// The shape of a saved frame.
    pub(super) fn new(image: &ImageHeader, header: &FrameHeader<'_>) -> Self {
        let is_lf = header.frame_type == FrameType::LfFrame;
        let has_transform = image.metadata.xyb_encoded || header.do_ycbcr;
        let is_coded = is_lf || header.save_before_ct && has_transform;
        Self {
            size: match is_kept_alone(header) {
                true => header.frame_size(),
                false => image.canvas_size(),
            },
            color_planes: match image.metadata.grayscale() && !is_coded {
                true => 1,
                false => 3,
            },
            extra_planes: match is_lf {
                true => 0,
                false => image.metadata.ec_info.len(),
            },
            is_coded,
        }
    }

    pub(super) fn spec(&self) -> PlaneSetSpec<f32> {
        let Size { width, height } = self.size;
        // Stale: all rows are written.
        PlaneSetSpec::stale(self.color_planes + self.extra_planes, width, height)
    }

    /// How a frame that is saved with this shape uses the old planes in its slot.
    pub(super) fn use_of(&self, before: Self, header: &FrameHeader<'_>) -> Option<PlaneUse> {
        if before != *self {
            return None;
        }
        if !is_kept_alone(header) && header.blends_into_its_slot() {
            return Some(PlaneUse::Blended);
        }
        let looks_at_them =
            header.flags.patches() || !is_kept_alone(header) && header.blends_with(slot(header));
        (!looks_at_them).then_some(PlaneUse::Overwritten)
    }
}

impl Kept {
    /// The reference for the blending of a frame; `None` stands for zeros.
    ///
    /// # Errors
    /// A reference smaller or larger than the image, or with unconverted colors.
    pub(super) fn background(
        &self,
        slot: usize,
        image: &ImageHeader,
    ) -> Result<Option<&Reference>, Error> {
        let Some(reference) = self.references.get(slot).and_then(Option::as_ref) else {
            return Ok(None);
        };
        if reference.is_coded() {
            return Err(Error::corrupt("blending with a frame in other colors"));
        }
        if reference.size() != image.canvas_size() {
            return Err(Error::corrupt("blending with a frame of another size"));
        }
        Ok(Some(reference))
    }

    /// The LF image for a frame of this LF level.
    ///
    /// # Errors
    /// No such LF image was saved.
    pub(super) fn lf_image(&self, level: usize) -> Result<&DetachedPlaneSet<f32>, Error> {
        let image = self.lf_images.get(level).and_then(Option::as_ref);
        image.ok_or_else(|| Error::corrupt("missing LF frame"))
    }

    /// The LF image of the lowest level, with that level, 1 being the first.
    pub(super) fn last_lf_image(&self) -> Option<(usize, &DetachedPlaneSet<f32>)> {
        let levels = (1..).zip(&self.lf_images);
        let mut found = levels.filter_map(|(level, image)| Some((level, image.as_ref()?)));
        found.next()
    }

    /// Shape of what a slot holds.
    fn shape(&self, slot: usize) -> Option<KeptShape> {
        let Some(level) = slot.checked_sub(4) else {
            let reference = self.references[slot].as_ref()?;
            return Some(KeptShape {
                size: reference.size(),
                color_planes: reference.color_planes(),
                extra_planes: reference.extra_planes(),
                is_coded: reference.is_coded(),
            });
        };
        let image = self.lf_images[level].as_ref()?;
        Some(KeptShape {
            size: Size::new(image.width(), image.height()),
            color_planes: image.count(),
            extra_planes: 0,
            is_coded: true,
        })
    }

    /// Takes planes for a frame that will be saved with `shape`.
    pub(super) fn take(
        &mut self,
        header: &FrameHeader<'_>,
        shape: KeptShape,
    ) -> Option<(PlaneUse, DetachedPlaneSet<f32>)> {
        let slot = slot(header);
        let plane_use = shape.use_of(self.shape(slot)?, header)?;
        let planes = match slot.checked_sub(4) {
            Some(level) => self.lf_images[level].take()?,
            None => self.references[slot].take()?.into_planes(),
        };
        Some((plane_use, planes))
    }

    /// Saves the planes of a frame.
    pub(super) fn put(
        &mut self,
        header: &FrameHeader<'_>,
        shape: KeptShape,
        planes: DetachedPlaneSet<f32>,
    ) {
        let slot = slot(header);
        if let Some(level) = slot.checked_sub(4) {
            self.lf_images[level] = Some(planes);
        } else {
            let reference = Reference::new(planes, shape.color_planes, shape.is_coded);
            self.references[slot] = Some(reference);
        }
    }
}

/// Whether and how a frame is saved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownFrame {
    NotKept,
    /// Saved as shown.
    Kept,
    /// Saved before its colors are converted, which needs a separate decode.
    KeptAlone,
}

impl ShownFrame {
    pub(super) fn new(coded: &CodedFrame<'_>) -> Self {
        let header = &coded.header;
        match (header.can_reference(), is_kept_alone(header)) {
            (false, _) => Self::NotKept,
            (true, false) => Self::Kept,
            (true, true) => Self::KeptAlone,
        }
    }
}
