//! Modular coding (ISO/IEC 18181-1, annex H): planes of integers, predicted sample by sample. A
//! tree chooses predictor and context from the neighbors of the sample.
//!
//! A frame holds many Modular *sub-bitstreams*: the global one, one for each LF group, one for each
//! pass of each group. VarDCT frames use the same coding for LF coefficients, HF metadata and extra
//! channels. [`decode_stream`] decodes one of them into planes of the caller. If the channels of
//! one stream are spread over several sections, the frame decoder uses the parts ([`Header`],
//! [`Layout`], [`decode_channels`]).
//!
//! Samples are `i32` and wrap if corrupt input exceeds that.

mod bands;
mod channel;
mod header;
mod inverse;
mod layout;
mod predictor;
mod rows;
mod shape;
mod stream;
#[cfg(test)]
mod testing;
mod tree;
mod weighted;

pub(crate) use bands::{Bands, BandsShape, FinishedBand, Low};
pub(crate) use header::{Header, WeightedParams};
pub(crate) use inverse::Palettes;
pub(crate) use layout::{Layout, Slot};
pub(crate) use predictor::Predictor;
pub(crate) use shape::{ChannelShape, StreamShape};
pub(crate) use stream::{StreamContext, decode_channels, decode_stream};
pub(crate) use tree::{MaConfig, TreeLimits};
pub(crate) use weighted::WeightedRows;
