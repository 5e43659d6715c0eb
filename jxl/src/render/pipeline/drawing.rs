use std::ops::Range;

use frame_arena::{Plane, PlaneSpec, Spec};

use super::Pipeline;
use super::shape::PipelineShape;
use crate::render::blend::{BlendRow, Blender};
use crate::render::patches::Patches;
use crate::render::span::Span;
use crate::render::splines::Splines;

/// Patches and splines to draw on the filtered rows of a strip.
pub(super) struct Drawing<'s, 'p> {
    patches: Option<(&'p Patches<'p>, Blender<'s, 'p>)>,
    splines: Option<&'p Splines<'p>>,
    /// Stands for the extra channels if rows of the colors have other columns than these.
    no_extra: Plane<'s, f32>,
    /// Whether rows are upsampled afterwards, so that all their columns are wanted.
    is_upsampled: bool,
}

/// Memory for blending patches, and a row without extra channels.
pub(super) type DrawingSpec = (Option<PlaneSpec<f32>>, PlaneSpec<f32>);

impl<'s, 'p> Drawing<'s, 'p> {
    /// `None` if there is nothing to draw.
    pub(super) fn spec(shape: &PipelineShape<'_>, span: &Span) -> Option<DrawingSpec> {
        // Rows that are upsampled afterwards have other columns than the extra channels.
        let extra_channels = match shape.factor {
            1 => shape.extra_factors.len(),
            _ => 0,
        };
        let blender = || Blender::spec(extra_channels, span.len());
        let spec = (
            shape.has_patches.then(blender),
            PlaneSpec::zeros(span.len(), 0),
        );
        (shape.has_patches || shape.has_splines).then_some(spec)
    }

    pub(super) fn new(
        pipeline: &Pipeline<'p>,
        (blender, no_extra): <DrawingSpec as Spec>::Memory<'s>,
    ) -> Self {
        let is_upsampled = pipeline.shape.factor > 1;
        let kinds = if is_upsampled {
            &[]
        } else {
            pipeline.extra_kinds
        };
        let blender = blender.map(|old| Blender::new(kinds, old));
        Self {
            patches: pipeline.patches.zip(blender),
            splines: pipeline.splines,
            no_extra,
            is_upsampled,
        }
    }

    /// Draws on rows. `extra` holds the extra channels of `columns` in the current row, unless rows
    /// are upsampled.
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
                    color: rows.each_mut().map(|row| &mut row[samples.clone()]),
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
