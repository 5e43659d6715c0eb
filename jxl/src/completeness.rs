/// How much of a picture's frame is there. Sections are decoded as a whole, so only whole ones
/// count. A frame whose header is not there counts as one section; LF frames before it, which may
/// show the picture all the same, do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completeness {
    /// Whole sections.
    pub sections: u32,
    /// Sections of the frame.
    pub total_sections: u32,
    /// Bytes of whole sections.
    pub bytes: u64,
    /// Bytes of all sections.
    pub total_bytes: u64,
}

impl Completeness {
    /// Of a picture whose frame has no header so far.
    pub(crate) const NOTHING: Self = Self {
        sections: 0,
        total_sections: 1,
        bytes: 0,
        total_bytes: 0,
    };

    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.sections == self.total_sections
    }

    /// Bytes of whole sections over all bytes, in percent, rounded down.
    pub fn percent(&self) -> u32 {
        match self.total_bytes {
            0 if self.is_complete() => 100,
            0 => 0,
            total => (self.bytes.saturating_mul(100) / total) as u32,
        }
    }
}
