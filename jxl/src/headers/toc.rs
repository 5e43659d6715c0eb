use std::ops::Range;

use bytemuck::{Pod, Zeroable};

use super::FrameHeader;
use crate::Error;
use crate::bits::{Bits, U};
use crate::entropy::{Code, PERMUTATION_CONTEXTS, Reader, read_permutation, skip_permutation};
use crate::memory::Memory;

/// Most sections that a table of contents may list, as in libjxl.
const MAX_SECTIONS: u64 = 65_536;
/// Bits of the shortest entry.
const LEAST_ENTRY_BITS: usize = 12;

/// The table of contents of a frame: the places of its sections (ISO/IEC 18181-1, F.3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Toc<'m> {
    /// The only section, if there is one.
    only: Option<Section>,
    /// In the order of their meaning: LF global, LF groups, HF global, the groups of each pass.
    sections: &'m [Section],
    lf_groups: usize,
    groups: usize,
    total_bytes: u64,
}

/// Start and end of a section, in bytes from the start of the frame's first section.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Section {
    start: u64,
    end: u64,
}

impl<'m> Toc<'m> {
    /// Reads the table. The sections follow, at the next byte.
    ///
    /// # Errors
    /// More than 65,536 sections; [`Error::Truncated`]; an invalid permutation; memory.
    pub(crate) fn parse(
        bits: &mut Bits<'_>,
        header: &FrameHeader<'_>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let (count, is_permuted) = parse_count(bits, header)?;
        let mut only = [Section::zeroed()];
        // Stale: all sections are set.
        let sections = match count {
            1 => &mut [],
            _ => memory.stale(count)?,
        };
        let read = match count {
            1 => &mut only,
            _ => &mut *sections,
        };
        let total_bytes = match is_permuted {
            false => parse_sections(bits, count, |index, section| read[index] = section)?,
            true => memory.for_now(|memory| parse_permuted(bits, read, memory))?,
        };
        Ok(Self {
            only: (count == 1).then_some(only[0]),
            sections,
            // Below 65,536, as all sections are.
            lf_groups: header.num_lf_groups() as usize,
            groups: header.num_groups() as usize,
            total_bytes,
        })
    }

    /// Skips the table. Returns the bytes of all sections.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub(crate) fn skim(
        bits: &mut Bits<'_>,
        header: &FrameHeader<'_>,
        memory: Memory<'_>,
    ) -> Result<u64, Error> {
        let (count, is_permuted) = parse_count(bits, header)?;
        if is_permuted {
            memory.for_now(|memory| {
                let code = Code::parse(bits, PERMUTATION_CONTEXTS, memory)?;
                let mut reader = Reader::begin(&code, bits, memory)?;
                skip_permutation(&mut reader, count, count)?;
                reader.finish(bits)
            })?;
        }
        parse_sections(bits, count, |_, _| {})
    }

    /// How many sections there are.
    pub(crate) fn count(&self) -> usize {
        self.sections.len() + usize::from(self.is_single())
    }

    /// All sections, in the order of their meaning.
    pub(crate) fn sections(&self) -> impl Iterator<Item = Range<usize>> + use<'m> {
        let sections = self.only.into_iter().chain(self.sections.iter().copied());
        sections.map(Section::range)
    }

    /// Bytes of all sections.
    pub(crate) fn total_bytes(&self) -> u64 {
        self.total_bytes
    }

    /// True if one section holds the whole frame.
    pub(crate) fn is_single(&self) -> bool {
        self.only.is_some()
    }

    /// The section with the data that all groups share, or the only section. `None` if the frame
    /// has no such section; the same for the methods below.
    pub(crate) fn lf_global(&self) -> Option<Range<usize>> {
        self.only.map(Section::range).or_else(|| self.range(0))
    }

    /// The section of an LF group.
    pub(crate) fn lf_group(&self, index: usize) -> Option<Range<usize>> {
        (index < self.lf_groups).then(|| self.range(1 + index))?
    }

    /// The section with the high-frequency data that all groups share.
    pub(crate) fn hf_global(&self) -> Option<Range<usize>> {
        self.range(1 + self.lf_groups)
    }

    /// The section of one pass of a group.
    pub(crate) fn group(&self, pass: usize, group: usize) -> Option<Range<usize>> {
        let first = 2 + self.lf_groups + pass * self.groups;
        (group < self.groups).then(|| self.range(first + group))?
    }

    fn range(&self, index: usize) -> Option<Range<usize>> {
        self.sections.get(index).copied().map(Section::range)
    }
}

impl Section {
    /// The bytes of the section, clamped to the address space.
    fn range(self) -> Range<usize> {
        let place = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
        place(self.start)..place(self.end)
    }
}

fn section_count(header: &FrameHeader<'_>) -> Result<usize, Error> {
    let passes = u64::from(header.passes.num_passes);
    let groups = header.num_groups().saturating_mul(passes);
    if groups == 1 {
        return Ok(1);
    }
    let count = groups.saturating_add(2 + header.num_lf_groups());
    if count > MAX_SECTIONS {
        return Err(Error::corrupt(format!(
            "table of contents of {count} sections, above {MAX_SECTIONS}"
        )));
    }
    Ok(count as usize)
}

/// Reads the number of sections, and whether their order in the file is permuted.
fn parse_count(bits: &mut Bits<'_>, header: &FrameHeader<'_>) -> Result<(usize, bool), Error> {
    let count = section_count(header)?;
    let is_permuted = bits.read_bool()?;
    match bits.left() < count * LEAST_ENTRY_BITS {
        true => Err(Error::Truncated),
        false => Ok((count, is_permuted)),
    }
}

/// Reads the sections in the order of the file, and calls `put` with each. Returns the bytes of all
/// sections.
fn parse_sections(
    bits: &mut Bits<'_>,
    count: usize,
    mut put: impl FnMut(usize, Section),
) -> Result<u64, Error> {
    bits.align()?;
    let mut start = 0;
    for index in 0..count {
        let bytes = bits.read_u32(U(10), 1024 + U(14), 17_408 + U(22), 4_211_712 + U(30))?;
        let end = start + u64::from(bytes);
        put(index, Section { start, end });
        start = end;
    }
    bits.align()?;
    Ok(start)
}

/// Reads sections in permuted order. Returns the bytes of all sections.
fn parse_permuted(
    bits: &mut Bits<'_>,
    sections: &mut [Section],
    memory: Memory<'_>,
) -> Result<u64, Error> {
    let count = sections.len();
    // Stale: all are set.
    let places: &mut [u32] = memory.stale(count)?;
    let in_file = memory.stale(count)?;
    memory.for_now(|memory| {
        let code = Code::parse(bits, PERMUTATION_CONTEXTS, memory)?;
        let mut reader = Reader::begin(&code, bits, memory)?;
        let mut put = |section: usize, place: usize| places[section] = place as u32;
        // Stale: the counts are set first.
        read_permutation(&mut reader, count, memory.stale(count)?, &mut put)?;
        reader.finish(bits)
    })?;
    let total_bytes = parse_sections(bits, count, |place, section| in_file[place] = section)?;
    for (section, &mut place) in sections.iter_mut().zip(places) {
        *section = in_file[place as usize];
    }
    Ok(total_bytes)
}
