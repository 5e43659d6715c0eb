use std::ops::Range;

use crate::Error;
use crate::bits::Bits;
use crate::headers::Toc;
use crate::input::Available;

/// The sections of a frame, by purpose. Sections of a frame that may be incomplete can be missing.
pub(super) struct Sections<'d> {
    toc: Toc<'d>,
    codestream: Available<'d>,
    /// Start of the first section.
    start: usize,
}

impl<'d> Sections<'d> {
    /// `toc` is the table of contents of the sections that start at `start`.
    pub(super) fn new(toc: Toc<'d>, codestream: Available<'d>, start: usize) -> Self {
        Self {
            toc,
            codestream,
            start,
        }
    }

    /// The first section. In a small frame it is the only one.
    ///
    /// # Errors
    /// [`Error::Truncated`] if it is missing.
    pub(super) fn lf_global(&self) -> Result<Bits<'d>, Error> {
        self.reader(self.toc.lf_global())?.ok_or(Error::Truncated)
    }

    /// True if the frame has a single section, which holds the contents of all others.
    pub(super) fn is_single(&self) -> bool {
        self.toc.is_single()
    }

    /// Returns `None` if the section is missing. So do the methods below.
    pub(super) fn hf_global(&self) -> Result<Option<Bits<'d>>, Error> {
        self.reader(self.toc.hf_global())
    }

    pub(super) fn lf_group(&self, index: usize) -> Result<Option<Bits<'d>>, Error> {
        self.reader(self.toc.lf_group(index))
    }

    pub(super) fn group(&self, pass: usize, group: usize) -> Result<Option<Bits<'d>>, Error> {
        self.reader(self.toc.group(pass, group))
    }

    /// # Errors
    /// The frame has no such section.
    fn reader(&self, section: Option<Range<usize>>) -> Result<Option<Bits<'d>>, Error> {
        let section = section.ok_or_else(|| Error::corrupt("channels without a section"))?;
        let bytes = self.codestream.section(self.start, &section);
        Ok(bytes.map(Bits::new))
    }
}
