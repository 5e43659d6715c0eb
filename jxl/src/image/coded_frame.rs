use std::ops::Range;

use frame_arena::Arena;

use super::frame_source::{FrameSource, check_size};
use crate::bits::Bits;
use crate::headers::{FrameHeader, ImageSize, Toc};
use crate::input::Available;
use crate::memory::Memory;
use crate::{Completeness, Error, Name};

/// A frame with its header and table of contents.
pub(crate) struct CodedFrame<'m> {
    pub(crate) header: FrameHeader<'m>,
    pub(crate) toc: Toc<'m>,
    /// Start of the frame in the codestream.
    start: usize,
    /// Bytes of the sections in the codestream; `toc` counts from their start.
    pub(crate) sections: Range<usize>,
}

/// A frame with its header and its end, without the places of its sections.
pub(crate) struct SkimmedFrame<'m> {
    pub(crate) header: FrameHeader<'m>,
    /// Start of the frame in the codestream.
    pub(crate) start: usize,
    /// Byte of the codestream after the frame.
    pub(crate) end: usize,
}

impl<'m> CodedFrame<'m> {
    /// Reads the front of the frame that starts at `start`.
    ///
    /// # Errors
    /// The headers are truncated or corrupt; the end of the sections is missing, unless the
    /// codestream may end early; memory for lists.
    pub(crate) fn read(
        codestream: Available<'_>,
        start: usize,
        source: FrameSource<'_>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let mut bits = bits_at(codestream, start)?;
        let header = parse_header(&mut bits, source, memory)?;
        let toc = Toc::parse(&mut bits, &header, memory)?;
        let sections = start + bits.position() / 8;
        let end = end(sections, toc.total_bytes());
        codestream.check_end(end)?;
        Ok(Self {
            header,
            toc,
            start,
            sections: sections..end,
        })
    }

    /// The frame's name, often empty.
    ///
    /// # Errors
    /// Memory.
    pub(crate) fn name(&self, codestream: Available<'_>, arena: &Arena) -> Result<Name, Error> {
        name(&self.header, codestream, self.start, arena)
    }

    /// True if the LF global section is present, which all others depend on.
    pub(crate) fn has_lf_global(&self, codestream: Available<'_>) -> bool {
        let section = self.toc.lf_global();
        section.is_some_and(|section| self.has_section(&section, codestream))
    }

    fn has_section(&self, section: &Range<usize>, codestream: Available<'_>) -> bool {
        codestream.section(self.sections.start, section).is_some()
    }

    /// How much of the frame is present.
    pub(crate) fn completeness(&self, codestream: Available<'_>) -> Completeness {
        let mut found = Completeness::default();
        for section in self.toc.sections() {
            found.total_sections += 1;
            found.total_bytes += section.len() as u64;
            if self.has_section(&section, codestream) {
                found.sections += 1;
                found.bytes += section.len() as u64;
            }
        }
        found
    }

    /// Byte of the codestream after the frame.
    pub(crate) fn end(&self) -> usize {
        self.sections.end
    }
}

impl<'m> SkimmedFrame<'m> {
    /// Reads over a frame.
    ///
    /// # Errors
    /// The errors of [`CodedFrame::read`].
    pub(crate) fn read(
        codestream: Available<'_>,
        start: usize,
        source: FrameSource<'_>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let mut bits = bits_at(codestream, start)?;
        let header = parse_header(&mut bits, source, memory)?;
        let total_bytes = Toc::skim(&mut bits, &header, memory)?;
        let sections = start + bits.position() / 8;
        let end = end(sections, total_bytes);
        codestream.check_end(end)?;
        Ok(Self { header, start, end })
    }

    /// The frame's name, often empty.
    ///
    /// # Errors
    /// Memory.
    pub(crate) fn name(&self, codestream: Available<'_>, arena: &Arena) -> Result<Name, Error> {
        name(&self.header, codestream, self.start, arena)
    }
}

fn name(
    header: &FrameHeader<'_>,
    codestream: Available<'_>,
    start: usize,
    arena: &Arena,
) -> Result<Name, Error> {
    Name::read(header.name, codestream.front(start)?, arena)
}

fn bits_at(codestream: Available<'_>, start: usize) -> Result<Bits<'_>, Error> {
    codestream.front(start).map(Bits::new)
}

fn parse_header<'m>(
    bits: &mut Bits<'_>,
    source: FrameSource<'_>,
    memory: Memory<'m>,
) -> Result<FrameHeader<'m>, Error> {
    let header = FrameHeader::parse(bits, source.size, source.metadata, memory)?;
    let size = ImageSize {
        width: header.width,
        height: header.height,
    };
    check_size(size, source.limits)?;
    Ok(header)
}

/// Byte after `total_bytes` of sections; beyond all codestreams if it exceeds the address space.
fn end(sections: usize, total_bytes: u64) -> usize {
    let total_bytes = usize::try_from(total_bytes).unwrap_or(usize::MAX);
    sections.saturating_add(total_bytes)
}
