//! VarDCT coding (ISO/IEC 18181-1, annex I). Varblocks of 8 x 8 to 256 x 256 samples are coded as
//! frequency coefficients. The LF image holds their lowest frequencies.
//!
//! This module decodes one LF group or one group at a time. The frame decoder supplies sections,
//! planes and threads.

mod bias;
mod block_context;
mod coefficients;
mod dequantize;
mod geometry;
mod group;
mod hf_global;
mod hf_metadata;
mod large;
mod lf;
mod lf_global;
mod lf_group;
mod maps;
mod order;
mod quant_table;
mod smoothing;
mod transform;

pub(crate) use bias::QuantBias;
pub(crate) use geometry::{BLOCK_DIM, Geometry};
pub(crate) use group::{GroupDecoder, GroupInput};
pub(crate) use hf_global::{HfGlobal, SectionCounts};
pub(crate) use hf_metadata::decode_hf_metadata;
pub(crate) use lf::{decode_lf_coefficients, decode_lf_in_place};
pub(crate) use lf_global::VarDctGlobal;
pub(crate) use lf_group::LfGroupShape;
pub(crate) use maps::{BlockMaps, BlockMapsSpec, LfGroupTiles, LfImage};
pub(crate) use smoothing::{plan_smoothing, smooth, smooth_row};
pub(crate) use transform::average;
