use jxl_bitstream::Bitstream;
use jxl_frame::FrameHeader;
use jxl_frame::data::{Toc, TocGroupKind};

use crate::Error;

/// The sections of a frame, as slices of the file, in the order of their meaning.
pub(super) struct Sections<'d> {
    lf_global: Option<&'d [u8]>,
    lf_groups: Vec<Option<&'d [u8]>>,
    hf_global: Option<&'d [u8]>,
    /// All groups of the first pass, then those of the next.
    groups: Vec<Option<&'d [u8]>>,
    group_count: usize,
}

impl<'d> Sections<'d> {
    /// Bytes on the heap of a frame's sections, and of the table of contents that they are from.
    pub(super) fn heap_bytes(header: &FrameHeader) -> usize {
        /// Kind, place and size of a section.
        const ENTRY_BYTES: usize = 32;
        let passes = header.passes.num_passes as usize;
        let groups = header.num_groups() as usize * passes + header.num_lf_groups() as usize;
        (groups + 2) * (ENTRY_BYTES + size_of::<Option<&[u8]>>())
    }

    /// `data` is what the offsets of `toc` count in.
    pub(super) fn new(toc: &Toc, data: &'d [u8], header: &FrameHeader) -> Self {
        let group_count = header.num_groups() as usize;
        let (mut lf_groups, mut groups) = (Vec::new(), Vec::new());
        if !toc.is_single_entry() {
            lf_groups.resize(header.num_lf_groups() as usize, None);
            groups.resize(group_count * header.passes.num_passes as usize, None);
        }
        let mut sections = Self {
            lf_global: None,
            lf_groups,
            hf_global: None,
            groups,
            group_count,
        };
        for entry in toc.iter_bitstream_order() {
            let end = entry.offset.saturating_add(entry.size as usize);
            let bytes = data.get(entry.offset..end);
            match entry.kind {
                TocGroupKind::All | TocGroupKind::LfGlobal => sections.lf_global = bytes,
                TocGroupKind::LfGroup(index) => sections.lf_groups[index as usize] = bytes,
                TocGroupKind::HfGlobal => sections.hf_global = bytes,
                TocGroupKind::GroupPass {
                    pass_idx,
                    group_idx,
                } => {
                    let index = pass_idx as usize * group_count + group_idx as usize;
                    sections.groups[index] = bytes;
                }
            }
        }
        sections
    }

    /// The first section, which is the only one of a small frame.
    pub(super) fn lf_global(&self) -> Result<Bitstream<'d>, Error> {
        reader(Some(&self.lf_global))
    }

    /// True if the first section goes on with what would else be in sections of its own.
    pub(super) fn is_single(&self) -> bool {
        self.groups.is_empty()
    }

    pub(super) fn hf_global(&self) -> Result<Bitstream<'d>, Error> {
        reader(Some(&self.hf_global))
    }

    pub(super) fn lf_group(&self, index: usize) -> Result<Bitstream<'d>, Error> {
        reader(self.lf_groups.get(index))
    }

    pub(super) fn group(&self, pass: usize, group: usize) -> Result<Bitstream<'d>, Error> {
        reader(self.groups.get(pass * self.group_count + group))
    }
}

/// A reader of the section, if the frame has it and the file is long enough.
fn reader<'d>(section: Option<&Option<&'d [u8]>>) -> Result<Bitstream<'d>, Error> {
    let section = section.ok_or_else(|| Error::corrupt("channels without a section"))?;
    section.map(Bitstream::new).ok_or(Error::Truncated)
}
