use std::ops::Range;

use crate::Error;
use crate::bits::Bits;
use crate::headers::Toc;

/// The sections of a frame, as slices of the file, by their meaning.
pub(super) struct Sections<'d> {
    toc: Toc<'d>,
    data: &'d [u8],
}

impl<'d> Sections<'d> {
    /// `data` is what `toc` is the table of: from the first byte of the first section on.
    pub(super) fn new(toc: Toc<'d>, data: &'d [u8]) -> Self {
        Self { toc, data }
    }

    /// The first section, which is the only one of a small frame.
    pub(super) fn lf_global(&self) -> Result<Bits<'d>, Error> {
        self.reader(self.toc.lf_global())
    }

    /// True if the first section goes on with what would else be in sections of its own.
    pub(super) fn is_single(&self) -> bool {
        self.toc.is_single()
    }

    pub(super) fn hf_global(&self) -> Result<Bits<'d>, Error> {
        self.reader(self.toc.hf_global())
    }

    pub(super) fn lf_group(&self, index: usize) -> Result<Bits<'d>, Error> {
        self.reader(self.toc.lf_group(index))
    }

    pub(super) fn group(&self, pass: usize, group: usize) -> Result<Bits<'d>, Error> {
        self.reader(self.toc.group(pass, group))
    }

    /// A reader of the section, if the frame has it.
    fn reader(&self, section: Option<Range<usize>>) -> Result<Bits<'d>, Error> {
        let section = section.ok_or_else(|| Error::corrupt("channels without a section"))?;
        self.data
            .get(section)
            .map(Bits::new)
            .ok_or(Error::Truncated)
    }
}
