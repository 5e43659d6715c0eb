use crate::Error;
use crate::bits::Bits;

/// Skips `Extensions` (ISO/IEC 18181-1, B.3): none is defined.
///
/// # Errors
/// [`Error::Truncated`].
pub(super) fn skip_extensions(bits: &mut Bits<'_>) -> Result<(), Error> {
    let present = bits.read_u64()?;
    let mut total_bits = 0_u64;
    for _ in 0..present.count_ones() {
        total_bits = total_bits.saturating_add(bits.read_u64()?);
    }
    Ok(bits.skip(usize::try_from(total_bits).unwrap_or(usize::MAX))?)
}
