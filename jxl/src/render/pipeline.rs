//! The way of a frame's rows from decoded samples to finished ones.

mod chain;
mod drawing;
mod extra;
mod shape;
mod strip;

use frame_arena::PlaneViewMut;

use super::blend::ExtraKind;
use super::noise::Noise;
use super::patches::Patches;
use super::sigma::Sigma;
use super::splines::Splines;
use super::upsampling::Weights;
pub(crate) use shape::PipelineShape;

/// Widest rectangle that is worth producing at once: its rows of all stages stay in the
/// second-level cache.
pub(crate) const STRIP_WIDTH: usize = 1024;

/// What is done to the rows of a frame, and with what: all that its shape says there is.
#[derive(Clone, Copy)]
pub(crate) struct Pipeline<'p> {
    pub(crate) shape: PipelineShape<'p>,
    /// Strength of the edge-preserving filter.
    pub(crate) sigma: Sigma<'p>,
    /// Where they [touch extra channels](Patches::touch_extra_channels), these are wanted, and
    /// colors are not upsampled.
    pub(crate) patches: Option<&'p Patches<'p>>,
    /// What extra channels are; as many as are wanted.
    pub(crate) extra_kinds: &'p [ExtraKind],
    pub(crate) splines: Option<&'p Splines<'p>>,
    /// Upsampling of the color channels.
    pub(crate) upsampling: Option<&'p Weights>,
    pub(crate) noise: Option<Noise<'p>>,
    /// Upsampling of the wanted extra channels, in the order of the source.
    pub(crate) extra_upsampling: &'p [Option<&'p Weights>],
}

/// One row of a rectangle, finished.
pub(crate) struct FinishedRow<'r> {
    /// Row of the frame.
    pub(crate) y: usize,
    /// Color samples of the rectangle's columns.
    pub(crate) color: [&'r mut [f32]; 3],
    /// Samples of the rectangle's columns, one row per extra channel.
    pub(crate) extra: PlaneViewMut<'r, f32>,
}
