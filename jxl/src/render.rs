//! Renders rows of a frame from its decoded samples: restoration filters, patches, splines,
//! upsampling, noise, and the conversion of color differences to colors.

mod blend;
mod epf;
mod filter;
mod gaborish;
mod mirror;
mod noise;
mod patches;
mod pipeline;
mod reduced;
mod reference;
mod restoration;
mod ring;
mod row_index;
mod sigma;
mod source;
mod span;
mod splines;
mod upsampling;
mod vectors;
mod ycbcr;

pub(crate) use blend::{BlendRow, Blender, ExtraKind, Mode, Rule};
pub(crate) use noise::{Noise, NoiseField};
pub(crate) use patches::{CodedPatches, Patches};
pub(crate) use pipeline::{FinishedRow, Pipeline, PipelineShape, STRIP_WIDTH};
pub(crate) use reference::{Reference, plane_of_channel};
pub(crate) use sigma::{Sigma, block_sigma};
pub(crate) use source::{Band, BandPlane, Placed, Source};
pub(crate) use span::STEP as VECTOR_STEP;
pub(crate) use splines::{CodedSplines, Splines};
pub(crate) use upsampling::Weights;
pub(crate) use ycbcr::ycbcr_to_rgb;

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
