use crate::Error;
use crate::bits::Bits;

/// Reads the strength of noise at intensities from 0 to 7 sixths (ISO/IEC 18181-1, G.1: noise
/// parameters): 10 bits each, in units of 1/1024.
///
/// # Errors
/// [`Error::Truncated`].
pub(crate) fn parse_noise(bits: &mut Bits<'_>) -> Result<[f32; 8], Error> {
    let mut strengths = [0.0; 8];
    for strength in &mut strengths {
        *strength = bits.read(10)? as f32 / 1024.0;
    }
    Ok(strengths)
}
