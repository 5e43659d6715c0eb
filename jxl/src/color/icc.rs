//! ICC profiles embedded in files (ISO/IEC 18181-1, E.4: ICC profile stream).

mod commands;
mod predict;
mod stream;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Deref;

use frame_arena::{Arena, PlaneAlloc, SharedPlane};

use crate::bits::Bits;
use crate::memory::Memory;
use crate::{Error, Limits};
use commands::Profile;

/// The bytes of an ICC profile embedded in a file. Clones share its memory, which the decoder's
/// arena counts until the last of them is dropped.
#[derive(Clone)]
pub struct IccProfile {
    bytes: SharedPlane<u8>,
}

impl IccProfile {
    /// Reads the profile that follows an image header.
    ///
    /// # Errors
    /// Truncated and corrupt streams; profiles above the limit; memory.
    pub(crate) fn read(bits: &mut Bits<'_>, arena: &Arena, limits: &Limits) -> Result<Self, Error> {
        let encoded_bytes = check_size(bits.read_u64()?, limits)?;
        let frame = arena.frame();
        let mut encoded = frame.stale_plane::<u8>(encoded_bytes, 1)?;
        let encoded = encoded.row_mut(0);
        let kept = frame.scratch_beyond_plan();
        stream::read(bits, encoded, Memory::new(&frame, &kept))?;
        Self::decode(encoded, arena, limits)
    }

    /// Makes the profile from its commands and data.
    ///
    /// # Errors
    /// Corrupt streams; profiles above the limit; memory.
    pub(crate) fn decode(encoded: &[u8], arena: &Arena, limits: &Limits) -> Result<Self, Error> {
        let profile = Profile::parse(encoded)?;
        let mut bytes =
            arena.stale_detached_plane::<u8>(check_size(profile.bytes(), limits)?, 1)?;
        profile.decode_into(bytes.row_mut(0))?;
        Ok(Self {
            bytes: bytes.into_shared(),
        })
    }
}

fn check_size(bytes: u64, limits: &Limits) -> Result<usize, Error> {
    Limits::check("bytes of an ICC profile", bytes, limits.icc_bytes)?;
    match usize::try_from(bytes) {
        Ok(0) => Err(Error::corrupt("empty ICC profile")),
        Ok(size) => Ok(size),
        Err(_) => Err(Error::corrupt("ICC profile beyond the address space")),
    }
}

impl Deref for IccProfile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.view().row(0)
    }
}

impl AsRef<[u8]> for IccProfile {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl PartialEq for IccProfile {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for IccProfile {}

impl fmt::Debug for IccProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IccProfile({} bytes)", self.len())
    }
}
