//! VarDCT coding (ISO/IEC 18181-1, annex I): blocks of frequency coefficients, with transforms
//! of 8 x 8 to 256 x 256 samples and their lowest frequencies in an image of its own.
//!
//! This module knows how one LF group and one group are coded; the frame decoder brings the
//! sections, the planes and the threads.

mod bias;
mod block_context;
mod coefficients;
mod dequantise;
mod geometry;
mod group;
mod hf_global;
mod hf_metadata;
mod inverse_dct;
mod large;
mod lf;
mod lf_global;
mod maps;
mod order;
mod plan;
mod quant_table;
mod smoothing;

pub(crate) use bias::QuantBias;
pub(crate) use geometry::{BLOCK_DIM, Geometry};
pub(crate) use group::{GroupDecoder, GroupInput};
pub(crate) use hf_global::HfGlobal;
pub(crate) use hf_metadata::decode_hf_metadata;
pub(crate) use lf::decode_lf_coefficients;
pub(crate) use lf_global::VarDctGlobal;
pub(crate) use maps::{BlockMaps, LfGroupTiles, LfImage};
pub(crate) use plan::{
    describe_hf_global, describe_lf_group, describe_lf_image, describe_maps, describe_workspace,
    lf_group_room,
};
pub(crate) use smoothing::{describe_smoothing, smooth};
