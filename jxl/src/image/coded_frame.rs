use std::ops::Range;

use frame_arena::Arena;

use super::frame_source::{FrameSource, check_size};
use crate::bits::Bits;
use crate::headers::{FrameHeader, ImageSize, Toc};
use crate::memory::Memory;
use crate::{Error, Name};

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
    start: usize,
    /// Byte of the codestream after the frame.
    pub(crate) end: usize,
}

impl<'m> CodedFrame<'m> {
    /// Reads the front of the frame that starts at `start`.
    ///
    /// # Errors
    /// Truncated, also where the end of its sections is missing; corrupt headers; memory for lists.
    pub(crate) fn read(
        codestream: &[u8],
        start: usize,
        source: FrameSource<'_>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let mut bits = bits_at(codestream, start)?;
        let header = parse_header(&mut bits, source, memory)?;
        let toc = Toc::parse(&mut bits, &header, memory)?;
        let sections = start + bits.position() / 8;
        let end = end(codestream, sections, toc.total_bytes())?;
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
    pub(crate) fn name(&self, codestream: &[u8], arena: &Arena) -> Result<Name, Error> {
        name(&self.header, codestream, self.start, arena)
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
    /// As [`CodedFrame::read`].
    pub(crate) fn read(
        codestream: &[u8],
        start: usize,
        source: FrameSource<'_>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let mut bits = bits_at(codestream, start)?;
        let header = parse_header(&mut bits, source, memory)?;
        let total_bytes = Toc::skim(&mut bits, &header, memory)?;
        let sections = start + bits.position() / 8;
        Ok(Self {
            header,
            start,
            end: end(codestream, sections, total_bytes)?,
        })
    }

    /// The frame's name, often empty.
    ///
    /// # Errors
    /// Memory.
    pub(crate) fn name(&self, codestream: &[u8], arena: &Arena) -> Result<Name, Error> {
        name(&self.header, codestream, self.start, arena)
    }
}

fn name(
    header: &FrameHeader<'_>,
    codestream: &[u8],
    start: usize,
    arena: &Arena,
) -> Result<Name, Error> {
    let front = codestream.get(start..).ok_or(Error::Truncated)?;
    Name::read(header.name, front, arena)
}

fn bits_at(codestream: &[u8], start: usize) -> Result<Bits<'_>, Error> {
    codestream
        .get(start..)
        .map(Bits::new)
        .ok_or(Error::Truncated)
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

/// Byte after `total_bytes` of sections.
fn end(codestream: &[u8], sections: usize, total_bytes: u64) -> Result<usize, Error> {
    let end = (sections as u64).checked_add(total_bytes);
    let end = end.filter(|&end| end <= codestream.len() as u64);
    end.map(|end| end as usize).ok_or(Error::Truncated)
}
