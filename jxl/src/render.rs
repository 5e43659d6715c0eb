//! Rows of a frame from its decoded samples: restoration filters, upsampling, noise, colour differences to colours.

mod epf;
mod gaborish;
mod mirror;
mod noise;
mod pipeline;
mod ring;
mod source;
mod span;
mod upsampling;
mod vectors;
mod ycbcr;

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;
