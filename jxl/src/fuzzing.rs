//! Parts of the decoder for fuzz targets. The module exists only with `--cfg fuzzing` and is no
//! part of the interface.

use frame_arena::Arena;

use crate::bits::Bits;
use crate::entropy::{
    Code, PERMUTATION_CONTEXTS, Reader, Symbols, read_permutation, skip_permutation,
};
use crate::image::with_memory;
use crate::input::Codestream;
use crate::{Error, IccProfile, Limits};

/// Passes the codestream of a file to `see`.
///
/// # Errors
/// The errors of the container; memory.
pub fn codestream(file: &[u8], arena: &Arena, see: impl FnOnce(&[u8])) -> Result<(), Error> {
    see(Codestream::open(file, arena)?.bytes());
    Ok(())
}

/// Reads an ICC profile in the form that follows an image header.
///
/// # Errors
/// The errors of the profile; memory.
pub fn icc_profile(bytes: &[u8], arena: &Arena) -> Result<IccProfile, Error> {
    IccProfile::read(&mut Bits::new(bytes), arena, &Limits::default())
}

/// Makes an ICC profile from its commands and data, which are entropy-coded in files.
///
/// # Errors
/// The errors of the profile; memory.
pub fn icc_commands(encoded: &[u8], arena: &Arena) -> Result<IccProfile, Error> {
    IccProfile::decode(encoded, arena, &Limits::default())
}

/// Reads a code of `contexts` contexts and then `count` integers, of one context after the other.
/// Passes each to `see` with its context and the only integer of that context, if the code has only
/// one. Returns the number of bits read.
///
/// # Errors
/// The errors of the code and of the stream; memory.
pub fn integers(
    bytes: &[u8],
    (contexts, count): (usize, usize),
    arena: &Arena,
    mut see: impl FnMut(usize, Option<u32>, u32),
) -> Result<usize, Error> {
    with_memory(arena, |memory| {
        let mut bits = Bits::new(bytes);
        let code = Code::parse(&mut bits, contexts, memory)?;
        let mut reader = Reader::begin(&code, &bits, memory)?;
        for context in (0..contexts).cycle().take(count) {
            let only = code.constant(code.clusters()[context]);
            see(context, only, reader.read(context)?);
        }
        reader.finish(&mut bits)?;
        Ok(bits.position())
    })
}

/// The same with the fast reader of codes with asymmetric numeral systems. `None` for other codes.
///
/// # Errors
/// As [`integers`].
pub fn ans_integers(
    bytes: &[u8],
    (contexts, count): (usize, usize),
    arena: &Arena,
    mut see: impl FnMut(usize, u32),
) -> Result<Option<usize>, Error> {
    with_memory(arena, |memory| {
        let mut bits = Bits::new(bytes);
        let code = Code::parse(&mut bits, contexts, memory)?;
        let Symbols::Ans(mut reader) = Symbols::begin(&code, &bits, memory)? else {
            return Ok(None);
        };
        let mut local = reader.local();
        for context in (0..contexts).cycle().take(count) {
            see(context, local.read(code.clusters()[context])?);
        }
        drop(local);
        reader.finish(&mut bits)?;
        Ok(Some(bits.position()))
    })
}

/// Reads a permutation of as many numbers as `counts` has items, and passes each place and its
/// number to `put`. Returns the number of bits read.
///
/// # Errors
/// The errors of the code and of the stream; memory.
pub fn permutation(
    bytes: &[u8],
    counts: &mut [u32],
    arena: &Arena,
    mut put: impl FnMut(usize, usize),
) -> Result<usize, Error> {
    let size = counts.len();
    with_permutation(bytes, arena, |reader| {
        read_permutation(reader, size, counts, &mut put)
    })
}

/// Skips a permutation of `count` numbers. Returns the number of bits read.
///
/// # Errors
/// As [`permutation`].
pub fn skipped_permutation(bytes: &[u8], count: usize, arena: &Arena) -> Result<usize, Error> {
    with_permutation(bytes, arena, |reader| {
        skip_permutation(reader, count, count)
    })
}

fn with_permutation(
    bytes: &[u8],
    arena: &Arena,
    read: impl FnOnce(&mut Reader<'_, '_>) -> Result<(), Error>,
) -> Result<usize, Error> {
    with_memory(arena, |memory| {
        let mut bits = Bits::new(bytes);
        let code = Code::parse(&mut bits, PERMUTATION_CONTEXTS, memory)?;
        let mut reader = Reader::begin(&code, &bits, memory)?;
        read(&mut reader)?;
        reader.finish(&mut bits)?;
        Ok(bits.position())
    })
}
