use std::fmt;
use std::ops::Deref;

use frame_arena::{Arena, SharedPlane};

use crate::Error;
use crate::bits::Bits;
use crate::headers::CodedName;

/// The name of a frame or an extra channel. Clones share its memory, which the decoder's arena
/// counts until the last of them is dropped. Empty names take no memory.
#[derive(Clone, Default)]
pub struct Name {
    bytes: Option<SharedPlane<u8>>,
}

impl Name {
    /// Reads a name from the bytes of its header.
    ///
    /// # Errors
    /// [`Error::Truncated`]; memory.
    pub(crate) fn read(coded: CodedName, source: &[u8], arena: &Arena) -> Result<Self, Error> {
        Self::joined(std::iter::once(coded), &Bits::new(source), arena)
    }

    /// Reads several names and concatenates them. `start` reads the same bytes, before all names.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn joined(
        coded: impl Iterator<Item = CodedName> + Clone,
        start: &Bits<'_>,
        arena: &Arena,
    ) -> Result<Self, Error> {
        let len = coded.clone().map(CodedName::len).sum();
        if len == 0 {
            return Ok(Self::default());
        }
        // Stale: all bytes are read.
        let mut bytes = arena.stale_detached_plane::<u8>(len, 1)?;
        let mut rest = bytes.row_mut(0);
        for name in coded {
            let (text, others) = rest.split_at_mut(name.len());
            name.read_into(start.clone(), text)?;
            rest = others;
        }
        Ok(Self {
            bytes: Some(bytes.into_shared()),
        })
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        let bytes = self.bytes.as_ref().map(|bytes| bytes.view().row(0));
        // Names that are not UTF-8 are refused with their headers.
        str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
