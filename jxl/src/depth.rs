/// Type and bits of the samples in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleDepth {
    /// Unsigned integers of 1 to 31 bits.
    Integer {
        /// Bits per sample.
        bits: u32,
    },
    /// Floats: a sign, an exponent, a mantissa.
    Float {
        /// Bits per sample.
        bits: u32,
        /// Bits of the exponent.
        exponent_bits: u32,
    },
}

impl SampleDepth {
    /// Orders depths: floats above integers, then by bits.
    pub(crate) fn rank(self) -> (bool, u32) {
        (matches!(self, Self::Float { .. }), self.bits())
    }

    /// Bits per sample, for integers and floats.
    pub fn bits(self) -> u32 {
        match self {
            Self::Integer { bits } | Self::Float { bits, .. } => bits,
        }
    }
}

impl std::fmt::Display for SampleDepth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer { bits } => write!(f, "{bits}-bit"),
            Self::Float {
                bits,
                exponent_bits,
            } => write!(f, "{bits}-bit float ({exponent_bits}-bit exponent)"),
        }
    }
}
