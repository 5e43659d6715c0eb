use std::ops::Range;

use frame_arena::{Arena, DetachedPlane};

use crate::Error;

/// Room for headers, before it is known how many bytes they have.
const FIRST_HEAD: usize = 4096;
/// Least bytes of a part, unless fewer are left.
const PART_BYTES: usize = 1 << 16;
/// Parts that the sections of a frame are cut into, at most.
const MOST_PARTS: usize = 64;

/// The bytes of a codestream that were received and are still needed: headers, and the sections of
/// one frame.
///
/// The head is one piece of memory that grows while headers are received. The sections that do not
/// lie in it wholly are in parts, each of whole sections and of exactly their size, which is known
/// from the table of contents. Nothing is taken for a part before its first byte arrives, so what a
/// file claims costs at most its next section.
pub(crate) struct Received {
    arena: Arena,
    head: Option<DetachedPlane<u8>>,
    head_bytes: usize,
    /// Place in the codestream of the first byte of the head.
    head_start: usize,
    /// In their order.
    parts: [Option<Part>; MOST_PARTS],
    part_count: usize,
    sections: Option<SectionEnds>,
    /// Bytes of the codestream so far.
    end: usize,
}

/// Whole sections, the first bytes of which are there.
struct Part {
    /// Place in the codestream.
    start: usize,
    bytes: DetachedPlane<u8>,
    received: usize,
}

/// Where the sections of a frame end, in the order of the file.
struct SectionEnds {
    ends: DetachedPlane<u64>,
    /// Sections that are whole.
    whole: usize,
    /// Least bytes of a part.
    part_bytes: usize,
}

impl Received {
    pub(crate) fn new(arena: Arena) -> Self {
        Self {
            arena,
            head: None,
            head_bytes: 0,
            head_start: 0,
            parts: [const { None }; MOST_PARTS],
            part_count: 0,
            sections: None,
            end: 0,
        }
    }

    /// Bytes of the codestream so far.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Bytes of the head.
    pub(crate) fn head_bytes(&self) -> usize {
        self.head_bytes
    }

    fn head(&self) -> &[u8] {
        let head = self.head.as_ref();
        head.map_or(&[], |head| &head.row(0)[..self.head_bytes])
    }

    /// The bytes of the head from `start` on.
    pub(super) fn front(&self, start: usize) -> Option<&[u8]> {
        self.head().get(start.checked_sub(self.head_start)?..)
    }

    /// The bytes of a section.
    pub(super) fn section(&self, place: Range<usize>) -> Option<&[u8]> {
        if place.end > self.end {
            return None;
        }
        let in_head = |at: usize| at.checked_sub(self.head_start);
        let found = self.head().get(in_head(place.start)?..in_head(place.end)?);
        if found.is_some() || place.is_empty() {
            return Some(found.unwrap_or_default());
        }
        let parts = &self.parts[..self.part_count];
        let after = |part: &Option<Part>| {
            let part = part.as_ref();
            part.is_some_and(|part| part.start <= place.start)
        };
        let index = parts.partition_point(after).checked_sub(1)?;
        let part = parts[index].as_ref()?;
        let bytes = &part.bytes.row(0)[..part.received];
        bytes.get(place.start - part.start..place.end - part.start)
    }

    /// Bytes that there is room for in the head, which grows if it is full.
    fn head_room(&mut self) -> Result<usize, Error> {
        let room = self.head.as_ref().map_or(0, DetachedPlane::width);
        if self.head_bytes == room {
            let more = room.saturating_mul(2).max(FIRST_HEAD);
            let mut head = self.arena.stale_detached_plane::<u8>(more, 1)?;
            head.row_mut(0)[..self.head_bytes].copy_from_slice(self.head());
            self.head = Some(head);
        }
        let room = self.head.as_ref().map_or(0, DetachedPlane::width);
        Ok(room - self.head_bytes)
    }

    /// How many bytes can be received next, for which memory is made: room for headers, or what is
    /// missing of whole sections. Not 0 unless the frame is complete.
    ///
    /// # Errors
    /// Memory.
    pub(crate) fn room(&mut self) -> Result<usize, Error> {
        if self.sections.is_none() {
            return self.head_room();
        }
        if self.is_complete() {
            return Ok(0);
        }
        if self.part_room() == 0 {
            self.add_part(self.end)?;
        }
        Ok(self.part_room())
    }

    /// Bytes that are missing of the last part.
    fn part_room(&self) -> usize {
        let last = self.part_count.checked_sub(1);
        let part = last.and_then(|last| self.parts[last].as_ref());
        part.map_or(0, |part| part.bytes.width() - part.received)
    }

    /// Bytes up to the end of the next section, or of the room for headers.
    pub(crate) fn wanted_bytes(&self) -> usize {
        match &self.sections {
            None => match self.head.as_ref() {
                Some(head) if head.width() > self.head_bytes => head.width() - self.head_bytes,
                _ => FIRST_HEAD,
            },
            Some(sections) => sections.next_end().saturating_sub(self.end),
        }
    }

    /// Appends bytes, for which there is [room](Self::room).
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        match &mut self.sections {
            None => {
                let to = self.head_bytes..self.head_bytes + bytes.len();
                if let Some(head) = &mut self.head {
                    head.row_mut(0)[to].copy_from_slice(bytes);
                    self.head_bytes += bytes.len();
                }
            }
            Some(_) => {
                let last = self.part_count.checked_sub(1);
                let last = last.and_then(|last| self.parts[last].as_mut());
                if let Some(part) = last {
                    let to = part.received..part.received + bytes.len();
                    part.bytes.row_mut(0)[to].copy_from_slice(bytes);
                    part.received += bytes.len();
                }
            }
        }
        self.end += bytes.len();
        if let Some(sections) = &mut self.sections {
            sections.advance(self.end);
        }
    }

    /// Begins the `count` sections of a frame, which end at `ends`, in any order. The first one
    /// starts at `start`, which lies in the head or at its end.
    ///
    /// # Errors
    /// Memory.
    pub(crate) fn begin_sections(
        &mut self,
        start: usize,
        count: usize,
        ends: impl Iterator<Item = usize>,
    ) -> Result<(), Error> {
        let mut places = self.arena.stale_detached_plane::<u64>(count.max(1), 1)?;
        let row = places.row_mut(0);
        row.fill(start as u64);
        for (place, end) in row.iter_mut().zip(ends) {
            *place = end as u64;
        }
        row.sort_unstable();
        let total = row.last().map_or(0, |&end| end as usize - start);
        let mut sections = SectionEnds {
            ends: places,
            whole: 0,
            part_bytes: total.div_ceil(MOST_PARTS).max(PART_BYTES),
        };
        sections.advance(self.end);
        // The section that the head ends in is moved to the first part.
        let next = sections.whole.checked_sub(1);
        let next = next.map_or(start, |last| sections.ends.get(last, 0) as usize);
        let is_cut = next < self.end && self.end < sections.last_end();
        self.sections = Some(sections);
        if is_cut {
            let added = self.add_part(next);
            if added.is_err() {
                self.sections = None;
            }
            added?;
            let from = next - self.head_start;
            let head = self.head.as_ref();
            let cut = head.map_or(&[][..], |head| &head.row(0)[from..self.head_bytes]);
            if let Some(part) = &mut self.parts[0] {
                part.bytes.row_mut(0)[..cut.len()].copy_from_slice(cut);
                part.received = cut.len();
            }
        }
        Ok(())
    }

    /// Adds a part for the sections from `start` on.
    fn add_part(&mut self, start: usize) -> Result<(), Error> {
        let Some(sections) = &self.sections else {
            return Ok(());
        };
        let end = sections.part_end(start);
        let bytes = self.arena.stale_detached_plane::<u8>(end - start, 1)?;
        self.parts[self.part_count] = Some(Part {
            start,
            bytes,
            received: 0,
        });
        self.part_count += 1;
        Ok(())
    }

    /// Sections of the frame that are whole.
    pub(crate) fn whole_sections(&self) -> usize {
        self.sections.as_ref().map_or(0, |sections| sections.whole)
    }

    /// True if all sections of the frame are whole.
    pub(crate) fn is_complete(&self) -> bool {
        let sections = self.sections.as_ref();
        sections.is_some_and(|sections| self.end >= sections.last_end())
    }

    /// Forgets what lies before `start`, where the next headers start: the end of a frame.
    pub(crate) fn forget_before(&mut self, start: usize) {
        self.parts[..self.part_count].fill_with(|| None);
        (self.part_count, self.sections) = (0, None);
        let head_end = self.head_start + self.head_bytes;
        let left = head_end.saturating_sub(start);
        let from = self.head_bytes - left;
        if let Some(head) = &mut self.head {
            head.row_mut(0).copy_within(from..from + left, 0);
        }
        (self.head_start, self.head_bytes) = (start, left);
        let is_large = |head: &DetachedPlane<u8>| head.width() > PART_BYTES;
        if left == 0 && self.head.as_ref().is_some_and(is_large) {
            self.head = None;
        }
    }
}

impl SectionEnds {
    fn last_end(&self) -> usize {
        self.ends.row(0).last().map_or(0, |&end| end as usize)
    }

    /// The end of the first section that is not whole.
    fn next_end(&self) -> usize {
        let ends = self.ends.row(0);
        ends.get(self.whole).map_or(0, |&end| end as usize)
    }

    /// Counts the sections that are whole where the first `end` bytes are there.
    fn advance(&mut self, end: usize) {
        let ends = &self.ends.row(0)[self.whole..];
        self.whole += ends.iter().take_while(|&&next| next <= end as u64).count();
    }

    /// Where the part ends that starts at `start`, the end of a section.
    fn part_end(&self, start: usize) -> usize {
        let mut ends = self.ends.row(0).iter().map(|&end| end as usize);
        let end = ends.find(|&end| end >= start.saturating_add(self.part_bytes));
        end.unwrap_or(self.last_end())
    }
}
