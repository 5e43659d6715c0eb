use super::Encoding;
use crate::Error;
use crate::bits::Bits;
use crate::headers::extensions::skip_extensions;
use crate::headers::transform::read_halves;

/// The filters of a frame (ISO/IEC 18181-1, J.2: RestorationFilter).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RestorationFilter {
    /// Weights of the Gabor-like filter, if it is on. For each channel these are the weights of the
    /// four nearest neighbors and of the four diagonal ones; the sample itself has weight 1.
    pub(crate) gab: Option<[[f32; 2]; 3]>,
    /// The edge-preserving filter, if it is on.
    pub(crate) epf: Option<EpfParams>,
}

/// The edge-preserving filter (ISO/IEC 18181-1, J.4).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EpfParams {
    /// 1 to 3.
    pub(crate) iters: u32,
    /// Factor of the strength for each sharpness.
    pub(crate) sharp_lut: [f32; 8],
    pub(crate) channel_scale: [f32; 3],
    /// Strength per quantization step.
    pub(crate) quant_mul: f32,
    pub(crate) pass0_sigma_scale: f32,
    pub(crate) pass2_sigma_scale: f32,
    /// Factor of differences at the border of a block.
    pub(crate) border_sad_mul: f32,
    /// Strength in Modular frames. Above 0.
    pub(crate) sigma_for_modular: f32,
}

/// Weights of the Gabor-like filter by default (ISO/IEC 18181-1, J.2).
const GABORISH: [[f32; 2]; 3] = [[0.115_169_525, 0.061_248_592]; 3];

impl Default for RestorationFilter {
    fn default() -> Self {
        Self {
            gab: Some(GABORISH),
            epf: Some(EpfParams::default()),
        }
    }
}

impl Default for EpfParams {
    /// Defaults of ISO/IEC 18181-1, J.2.
    fn default() -> Self {
        Self {
            iters: 2,
            sharp_lut: std::array::from_fn(|sharpness| sharpness as f32 / 7.0),
            channel_scale: [40.0, 5.0, 3.5],
            quant_mul: 0.46,
            pass0_sigma_scale: 0.9,
            pass2_sigma_scale: 6.5,
            border_sad_mul: 2.0 / 3.0,
            sigma_for_modular: 1.0,
        }
    }
}

impl RestorationFilter {
    /// # Errors
    /// [`Error::Truncated`]; numbers that are not finite; weights that sum to zero.
    pub(super) fn parse(bits: &mut Bits<'_>, encoding: Encoding) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Ok(Self::default());
        }
        let read = Self {
            gab: parse_gaborish(bits)?,
            epf: EpfParams::parse(bits, encoding)?,
        };
        skip_extensions(bits)?;
        Ok(read)
    }
}

fn parse_gaborish(bits: &mut Bits<'_>) -> Result<Option<[[f32; 2]; 3]>, Error> {
    if !bits.read_bool()? {
        return Ok(None);
    }
    let mut weights = GABORISH;
    if bits.read_bool()? {
        for channel in &mut weights {
            read_halves(bits, channel)?;
            let sum = 1.0 + 4.0 * (channel[0] + channel[1]);
            if sum.abs() < f32::EPSILON {
                return Err(Error::corrupt("Gaborish weights that sum to 0"));
            }
        }
    }
    Ok(Some(weights))
}

impl EpfParams {
    /// `None` if the filter is off.
    fn parse(bits: &mut Bits<'_>, encoding: Encoding) -> Result<Option<Self>, Error> {
        let is_vardct = encoding == Encoding::VarDct;
        let mut params = Self {
            iters: bits.read(2)?,
            ..Self::default()
        };
        if params.iters == 0 {
            return Ok(None);
        }
        if is_vardct && bits.read_bool()? {
            read_halves(bits, &mut params.sharp_lut)?;
        }
        if bits.read_bool()? {
            read_halves(bits, &mut params.channel_scale)?;
            // Thresholds that no decoder uses.
            bits.skip(32)?;
        }
        if bits.read_bool()? {
            params.parse_sigma(bits, is_vardct)?;
        }
        if !is_vardct {
            params.sigma_for_modular = bits.read_f16()?;
            if params.sigma_for_modular < 1e-8 {
                return Err(Error::corrupt(format!(
                    "edge-preserving filter of strength {}",
                    params.sigma_for_modular
                )));
            }
        }
        Ok(Some(params))
    }

    fn parse_sigma(&mut self, bits: &mut Bits<'_>, is_vardct: bool) -> Result<(), Error> {
        if is_vardct {
            self.quant_mul = bits.read_f16()?;
        }
        self.pass0_sigma_scale = bits.read_f16()?;
        self.pass2_sigma_scale = bits.read_f16()?;
        self.border_sad_mul = bits.read_f16()?;
        Ok(())
    }
}
