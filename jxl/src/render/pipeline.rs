//! The pipeline from decoded samples to finished rows.

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

/// Columns of a strip, so few that its rows of all stages stay in the second-level cache.
pub(crate) const STRIP_WIDTH: usize = 1024;

/// The processing of a frame's rows, with the data for each part of its shape.
#[derive(Clone, Copy)]
pub(crate) struct Pipeline<'p> {
    pub(crate) shape: PipelineShape<'p>,
    /// Strength of the edge-preserving filter.
    pub(crate) sigma: Sigma<'p>,
    /// If patches [touch extra channels](Patches::touch_extra_channels), these are wanted, and
    /// colors are not upsampled.
    pub(crate) patches: Option<&'p Patches<'p>>,
    /// The kinds of the wanted extra channels.
    pub(crate) extra_kinds: &'p [ExtraKind],
    pub(crate) splines: Option<&'p Splines<'p>>,
    /// Upsampling of the color channels.
    pub(crate) upsampling: Option<&'p Weights>,
    pub(crate) noise: Option<Noise<'p>>,
    /// Upsampling of the wanted extra channels, in the order of the source.
    pub(crate) extra_upsampling: &'p [Option<&'p Weights>],
}

/// A finished row of a rectangle.
pub(crate) struct FinishedRow<'r> {
    /// Row of the frame.
    pub(crate) y: usize,
    /// Color samples of the rectangle's columns.
    pub(crate) color: [&'r mut [f32]; 3],
    /// Samples of the rectangle's columns, one row per extra channel.
    pub(crate) extra: PlaneViewMut<'r, f32>,
}
