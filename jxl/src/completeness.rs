/// How much of a picture's frame is present. Only whole sections are decoded, so only they count. A
/// frame without a complete header counts as one missing section. LF frames before the picture do
/// not count, although they may be shown for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Completeness {
    /// Number of whole sections.
    pub sections: u32,
    /// Number of sections in the frame.
    pub total_sections: u32,
    /// Bytes of whole sections.
    pub bytes: u64,
    /// Bytes of all sections.
    pub total_bytes: u64,
}

impl Completeness {
    /// The value for a picture whose frame header is missing.
    pub(crate) const NOTHING: Self = Self {
        sections: 0,
        total_sections: 1,
        bytes: 0,
        total_bytes: 0,
    };

    /// True if nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.sections == self.total_sections
    }

    /// Bytes of whole sections in percent of all bytes, rounded down.
    pub fn percent(&self) -> u32 {
        match self.total_bytes {
            0 if self.is_complete() => 100,
            0 => 0,
            total => (self.bytes.saturating_mul(100) / total) as u32,
        }
    }
}
