use crate::Error;
use crate::bits::Bits;

/// The conversion from X, Y, B to linear light (ISO/IEC 18181-1, L.2).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OpsinInverseMatrix {
    pub(crate) inv_mat: [[f32; 3]; 3],
    pub(crate) opsin_bias: [f32; 3],
    /// Bias of quantized coefficients of 1 in X, Y, B.
    pub(crate) quant_bias: [f32; 3],
    pub(crate) quant_bias_numerator: f32,
}

impl Default for OpsinInverseMatrix {
    /// The defaults of the bundle (ISO/IEC 18181-1, annex D).
    #[allow(clippy::excessive_precision)]
    fn default() -> Self {
        Self {
            inv_mat: [
                [11.031_567, -9.866_944, -0.164_622_996],
                [-3.254_147_4, 4.418_770_4, -0.164_622_996],
                [-3.658_851_3, 2.712_923, 1.945_928_2],
            ],
            opsin_bias: [-0.003_793_073_3; 3],
            quant_bias: [1.0 - 0.054_650_073, 1.0 - 0.070_054_5, 1.0 - 0.049_935_103],
            quant_bias_numerator: 0.145,
        }
    }
}

impl OpsinInverseMatrix {
    /// # Errors
    /// [`Error::Truncated`]; numbers that are not finite.
    pub(super) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let mut read = Self::default();
        if bits.read_bool()? {
            return Ok(read);
        }
        for row in &mut read.inv_mat {
            read_halves(bits, row)?;
        }
        read_halves(bits, &mut read.opsin_bias)?;
        read_halves(bits, &mut read.quant_bias)?;
        read.quant_bias_numerator = bits.read_f16()?;
        Ok(read)
    }
}

/// The luminances of a picture's samples (ISO/IEC 18181-1, D.3: ToneMapping).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ToneMapping {
    /// Luminance of full scale, in nits. Above 0.
    pub(crate) intensity_target: f32,
    /// Lowest luminance in the picture, in nits.
    pub(crate) min_nits: f32,
    /// Whether [`linear_below`](Self::linear_below) is a ratio to the brightest luminance of the
    /// display.
    pub(crate) relative_to_max_display: bool,
    /// Below this luminance, in nits or as a ratio, tone mapping changes nothing.
    pub(crate) linear_below: f32,
}

impl Default for ToneMapping {
    fn default() -> Self {
        Self {
            intensity_target: 255.0,
            min_nits: 0.0,
            relative_to_max_display: false,
            linear_below: 0.0,
        }
    }
}

impl ToneMapping {
    /// # Errors
    /// [`Error::Truncated`]; luminances that are negative or in a wrong order.
    pub(super) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Ok(Self::default());
        }
        let read = Self {
            intensity_target: bits.read_f16()?,
            min_nits: bits.read_f16()?,
            relative_to_max_display: bits.read_bool()?,
            linear_below: bits.read_f16()?,
        };
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), Error> {
        let Self {
            intensity_target,
            min_nits,
            linear_below,
            ..
        } = *self;
        if intensity_target <= 0.0 {
            let what = format!("intensity target of {intensity_target} nits");
            return Err(Error::corrupt(what));
        }
        if !(0.0..=intensity_target).contains(&min_nits) {
            let what =
                format!("lowest luminance of {min_nits} nits, full scale {intensity_target}");
            return Err(Error::corrupt(what));
        }
        if linear_below < 0.0 || self.relative_to_max_display && linear_below > 1.0 {
            let what = format!("tone mapping that starts at {linear_below}");
            return Err(Error::corrupt(what));
        }
        Ok(())
    }
}

/// Reads half-precision numbers into `values`.
///
/// # Errors
/// [`Error::Truncated`]; numbers that are not finite.
pub(super) fn read_halves(bits: &mut Bits<'_>, values: &mut [f32]) -> Result<(), Error> {
    for value in values {
        *value = bits.read_f16()?;
    }
    Ok(())
}
