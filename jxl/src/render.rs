//! Rows of a frame from its decoded samples: restoration filters, upsampling, noise, colour differences to colours.

mod epf;
mod gaborish;
mod mirror;
mod noise;
mod pipeline;
mod ring;
mod source;
mod span;
mod splines;
mod upsampling;
mod vectors;
mod ycbcr;

pub(crate) use epf::{Sigma, block_sigma};
pub(crate) use noise::{Noise, NoiseField};
pub(crate) use pipeline::{FinishedRow, Pipeline, STRIP_WIDTH};
pub(crate) use source::{Band, BandPlane, Source};
pub(crate) use splines::{CodedSplines, Splines};
pub(crate) use upsampling::Weights;

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
