use super::block_context::BlockContexts;
use crate::Error;
use crate::bits::{Bits, U};
use crate::memory::Memory;

/// The VarDCT part of the LF global section (ISO/IEC 18181-1, F.1).
pub(crate) struct VarDctGlobal<'m> {
    pub(super) quantizer: Quantizer,
    pub(super) contexts: BlockContexts<'m>,
    pub(super) correlation: Correlation,
}

impl<'m> VarDctGlobal<'m> {
    pub(crate) fn parse(bits: &mut Bits<'_>, memory: Memory<'m>) -> Result<Self, Error> {
        Ok(Self {
            quantizer: Quantizer::parse(bits)?,
            contexts: BlockContexts::parse(bits, memory)?,
            correlation: Correlation::parse(bits)?,
        })
    }

    /// Quantization steps of the LF image; `factors` are the frame's for X, Y and B.
    pub(crate) fn lf_steps(&self, factors: [f32; 3]) -> [f32; 3] {
        factors.map(|factor| factor * self.quantizer.lf_step())
    }

    /// The quantization step at multiplier 1. Larger multipliers divide it.
    pub(crate) fn hf_step(&self) -> f32 {
        self.quantizer.hf_step()
    }

    /// Default chroma-from-luma factors for X and B.
    pub(crate) fn base_correlation(&self) -> [f32; 2] {
        self.correlation.base
    }

    /// True if coefficient contexts depend on the LF image.
    pub(crate) fn has_lf_contexts(&self) -> bool {
        self.contexts.lf_contexts() > 1
    }
}

/// The frame's quantization steps.
pub(super) struct Quantizer {
    global_scale: u32,
    lf: u32,
}

impl Quantizer {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        Ok(Self {
            global_scale: bits.read_u32(1 + U(11), 2049 + U(11), 4097 + U(12), 8193 + U(16))?,
            lf: bits.read_u32(16, 1 + U(5), 1 + U(8), 1 + U(16))?,
        })
    }

    pub(super) fn hf_step(&self) -> f32 {
        65536.0 / self.global_scale as f32
    }

    pub(super) fn lf_step(&self) -> f32 {
        self.hf_step() / self.lf as f32
    }
}

/// The chroma-from-luma parameters of the frame.
pub(super) struct Correlation {
    color_factor: f32,
    base: [f32; 2],
    lf: [i32; 2],
}

impl Correlation {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Ok(Self {
                color_factor: 84.0,
                base: [0.0, 1.0],
                lf: [0; 2],
            });
        }
        let color_factor = bits.read_u32(84, 256, 2 + U(8), 258 + U(16))? as f32;
        let base = [bits.read_f16()?, bits.read_f16()?];
        if base.iter().any(|base| base.abs() > 4.0) {
            return Err(Error::corrupt("chroma from luma out of range"));
        }
        let mut lf = [0; 2];
        for factor in &mut lf {
            *factor = bits.read(8)? as i32 - 128;
        }
        Ok(Self {
            color_factor,
            base,
            lf,
        })
    }

    /// The factor of Y in X (`chroma` 0) or B (`chroma` 1), from a coded correlation.
    pub(super) fn factor(&self, chroma: usize, coded: i32) -> f32 {
        self.base[chroma] + coded as f32 / self.color_factor
    }

    /// The factor of Y in X (`chroma` 0) or B (`chroma` 1) for LF coefficients.
    pub(super) fn lf_factor(&self, chroma: usize) -> f32 {
        self.factor(chroma, self.lf[chroma])
    }
}
