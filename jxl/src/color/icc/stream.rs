//! The entropy-coded bytes of a profile.

use super::commands::check_front;
use crate::Error;
use crate::bits::Bits;
use crate::entropy::{Code, Reader};
use crate::memory::Memory;

/// Contexts of the code: one for the profile's header, and one for each pair of kinds of the last
/// two bytes.
const CONTEXTS: usize = 41;
/// Number of bytes in the first context: the header, and sizes before it.
const PLAIN_BYTES: usize = 129;
/// Bytes that suffice for both sizes at the start.
const FRONT_BYTES: usize = 20;

/// Fills `encoded`.
///
/// # Errors
/// Truncated and corrupt codes, values above 255, sizes at the front that contradict the length;
/// memory.
pub(super) fn read(
    bits: &mut Bits<'_>,
    encoded: &mut [u8],
    memory: Memory<'_>,
) -> Result<(), Error> {
    let code = Code::parse(bits, CONTEXTS, memory)?;
    let mut reader = Reader::begin(&code, bits, memory)?;
    let mut last = [0; 2];
    for index in 0..encoded.len() {
        let byte = u8::try_from(reader.read(context(index, last))?);
        let byte = byte.map_err(|_| Error::corrupt("ICC byte above 255"))?;
        encoded[index] = byte;
        last = [byte, last[0]];
        if index + 1 == FRONT_BYTES {
            check_front(&encoded[..FRONT_BYTES], encoded.len())?;
        }
    }
    reader.finish(bits)
}

/// The context of byte `index`, from the two bytes before it.
fn context(index: usize, [last, before]: [u8; 2]) -> usize {
    if index < PLAIN_BYTES {
        return 0;
    }
    let last = match last {
        b'a'..=b'z' | b'A'..=b'Z' => 0,
        b'0'..=b'9' | b'.' | b',' => 1,
        0 => 2,
        1 => 3,
        2..=15 => 4,
        241..=254 => 5,
        255 => 6,
        _ => 7,
    };
    let before = match before {
        b'a'..=b'z' | b'A'..=b'Z' => 0,
        b'0'..=b'9' | b'.' | b',' => 1,
        0..=15 => 2,
        241..=255 => 3,
        _ => 4,
    };
    1 + last + 8 * before
}
