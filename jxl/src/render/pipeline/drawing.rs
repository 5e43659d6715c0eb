use std::ops::Range;

use frame_arena::{AllocError, Plane, PlaneAlloc, Scratch};

use super::Pipeline;
use crate::render::blend::{BlendRow, Blender};
use crate::render::patches::Patches;
use crate::render::span::Span;
use crate::render::splines::Splines;

/// What is drawn on the filtered rows of a strip.
pub(super) struct Drawing<'s, 'p> {
    patches: Option<(&'p Patches<'p>, Blender<'s, 'p>)>,
    splines: Option<&'p Splines<'p>>,
    /// Stands for the extra channels where rows of the colours have others than these.
    no_extra: Plane<'s, f32>,
    /// Rows are upsampled afterwards, so that all their columns are wanted.
    is_upsampled: bool,
}

impl<'s, 'p> Drawing<'s, 'p> {
    /// `None` if there is nothing to draw.
    pub(super) fn new(
        pipeline: &Pipeline<'p>,
        span: &Span,
        scratch: &'s Scratch<'_>,
    ) -> Result<Option<Self>, AllocError> {
        if pipeline.patches.is_none() && pipeline.splines.is_none() {
            return Ok(None);
        }
        let is_upsampled = pipeline.upsampling.is_some();
        let kinds = if is_upsampled {
            &[]
        } else {
            pipeline.extra_kinds
        };
        let patches = pipeline.patches;
        let patches =
            patches.map(|patches| Ok((patches, Blender::new(kinds, span.len(), scratch)?)));
        Ok(Some(Self {
            patches: patches.transpose()?,
            splines: pipeline.splines,
            no_extra: scratch.plane(span.len(), 0)?,
            is_upsampled,
        }))
    }

    /// Draws on rows. `extra` holds the extra channels of `columns` in the row that is drawn on, unless rows are upsampled.
    pub(super) fn on_rows<'d>(
        &'d mut self,
        columns: &'d Range<usize>,
        extra: &'d mut Plane<'_, f32>,
    ) -> impl FnMut(usize, &Span, [&mut [f32]; 3]) + 'd {
        move |y, span, mut rows| {
            if let Some((patches, blender)) = &mut self.patches {
                let (columns, extra) = if self.is_upsampled {
                    (span.columns(), self.no_extra.view_mut())
                } else {
                    (columns.clone(), extra.view_mut())
                };
                let start = span.index(columns.start as isize);
                let samples = start..start + columns.len();
                let mut row = BlendRow {
                    colour: rows.each_mut().map(|row| &mut row[samples.clone()]),
                    extra,
                    first: 0,
                };
                patches.draw(y, columns, &mut row, blender);
            }
            if let Some(splines) = self.splines {
                splines.paint(y, span, rows);
            }
        }
    }
}
