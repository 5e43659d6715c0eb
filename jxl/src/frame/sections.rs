use std::ops::Range;

use crate::Error;
use crate::bits::Bits;
use crate::headers::Toc;
use crate::input::Available;

/// The sections of a frame, by their meaning. Those of a frame that may be incomplete may be
/// missing.
pub(super) struct Sections<'d> {
    toc: Toc<'d>,
    codestream: Available<'d>,
    /// Where the first section starts.
    start: usize,
}

impl<'d> Sections<'d> {
    /// `toc` is the table of the sections that start at `start`.
    pub(super) fn new(toc: Toc<'d>, codestream: Available<'d>, start: usize) -> Self {
        Self {
            toc,
            codestream,
            start,
        }
    }

    /// The first section, which is the only one of a small frame.
    ///
    /// # Errors
    /// [`Error::Truncated`] if it is missing.
    pub(super) fn lf_global(&self) -> Result<Bits<'d>, Error> {
        self.reader(self.toc.lf_global())?.ok_or(Error::Truncated)
    }

    /// True if the first section goes on with what would else be in sections of its own.
    pub(super) fn is_single(&self) -> bool {
        self.toc.is_single()
    }

    /// `None` if the section is missing; the same for the methods below.
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
        let place = |offset: usize| self.start.saturating_add(offset);
        let bytes = self
            .codestream
            .section(place(section.start)..place(section.end));
        Ok(bytes.map(Bits::new))
    }
}
