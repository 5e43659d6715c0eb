//! The bytes from which a random program of operations is read.

/// A program: each decision takes a byte; after the last byte everything ends.
pub(crate) struct Tape<'t> {
    bytes: &'t [u8],
}

impl<'t> Tape<'t> {
    pub(crate) fn new(bytes: &'t [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((&first, rest)) => {
                self.bytes = rest;
                first
            }
            None => 0,
        }
    }

    /// One of `choices` numbers from 0.
    pub(crate) fn pick(&mut self, choices: usize) -> usize {
        usize::from(self.byte()) % choices
    }

    /// A number below `end`, of which there may be up to 65536.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (usize::from(self.byte()) << 8 | usize::from(self.byte())) % end.max(1)
    }
}
