//! The way of a frame's rows from decoded samples to finished ones.

mod chain;
mod drawing;
mod extra;
mod plan;
mod strip;

use std::ops::Range;

use frame_arena::{AllocError, PlaneViewMut, Scratch};
use jxl_frame::filter::EpfParams;

use super::blend::ExtraKind;
use super::epf::{Pass, Sigma};
use super::noise::Noise;
use super::patches::Patches;
use super::source::Source;
use super::splines::Splines;
use super::upsampling::{self, Weights};
pub(crate) use plan::StripPlan;
use strip::Strip;

/// Widest rectangle that is worth producing at once: its rows of all stages stay in the second-level cache.
pub(crate) const STRIP_WIDTH: usize = 1024;

/// What is done to the rows of a frame.
#[derive(Clone, Copy)]
pub(crate) struct Pipeline<'p> {
    /// Width and height of the colour channels before upsampling.
    pub(crate) coded_size: (usize, usize),
    /// Width and height of the frame: those of the colour channels after upsampling, less padding.
    pub(crate) size: (usize, usize),
    /// Per channel the weights of a side and of a corner, relative to that of the centre.
    pub(crate) gaborish: Option<[[f32; 2]; 3]>,
    pub(crate) epf: Option<(&'p EpfParams, Sigma<'p>)>,
    /// Drawn after these filters. Where they [touch extra channels](Patches::touch_extra_channels), these are wanted, and
    /// colours are not upsampled.
    pub(crate) patches: Option<&'p Patches<'p>>,
    /// What extra channels are; as many as are wanted.
    pub(crate) extra_kinds: &'p [ExtraKind],
    /// Painted after the patches.
    pub(crate) splines: Option<&'p Splines<'p>>,
    /// Of the colour channels.
    pub(crate) upsampling: Option<&'p Weights>,
    pub(crate) noise: Option<Noise<'p>>,
    /// Channels are Cb, Y, Cr and become R, G, B.
    pub(crate) is_ycbcr: bool,
    /// Of the extra channels that are wanted, in the order of the source.
    pub(crate) extra_upsampling: &'p [Option<&'p Weights>],
}

/// One row of a rectangle, finished.
pub(crate) struct FinishedRow<'r> {
    /// Row of the frame.
    pub(crate) y: usize,
    /// Colour samples of the rectangle's columns.
    pub(crate) colour: [&'r mut [f32]; 3],
    /// Samples of the rectangle's columns, one row per extra channel.
    pub(crate) extra: PlaneViewMut<'r, f32>,
}

impl<'p> Pipeline<'p> {
    /// Produces the rows of a rectangle of the frame, from the top down.
    ///
    /// A row does not depend on the rectangle that it is produced in.
    ///
    /// # Errors
    /// Memory, and what `finish` returns.
    ///
    /// # Panics
    /// An empty rectangle or one that exceeds the frame.
    pub(crate) fn produce<E: From<AllocError>>(
        &self,
        source: &dyn Source,
        columns: Range<usize>,
        rows: Range<usize>,
        scratch: &Scratch<'_>,
        mut finish: impl FnMut(FinishedRow<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        assert!(!columns.is_empty() && columns.end <= self.size.0);
        assert!(!rows.is_empty() && rows.end <= self.size.1);
        let mut strip = Strip::new(self, columns, rows.start, scratch)?;
        for y in rows {
            finish(strip.row(source, y))?;
        }
        Ok(())
    }

    /// Rows above and below a row of the colour channels, before upsampling, that it depends on.
    pub(crate) fn border(&self) -> usize {
        let gaborish = usize::from(self.gaborish.is_some());
        let epf = self.passes().iter().map(|pass| pass.border());
        let upsampling = self.upsampling.map_or(0, |_| upsampling::BORDER);
        gaborish + epf.sum::<usize>() + upsampling
    }

    fn factor(&self) -> usize {
        self.upsampling.map_or(1, Weights::factor)
    }

    fn passes(&self) -> &'static [Pass] {
        self.epf
            .map_or(&[], |(params, _)| Pass::of_iterations(params.iters))
    }
}
