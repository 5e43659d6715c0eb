use std::ops::Range;

use frame_arena::{Arena, DetachedPlane};

use crate::Error;

/// Memory for headers before their length is known.
const FIRST_HEAD: usize = 4096;
/// Least bytes of a part, unless fewer are left of the frame.
const PART_BYTES: usize = 1 << 16;
/// Largest number of parts for the sections of a frame.
const MOST_PARTS: usize = 64;

/// The received bytes of a codestream that are still needed: headers, and the sections of one
/// frame.
///
/// The head is one buffer that grows while headers arrive. Sections that do not lie completely in
/// the head are stored in parts. Each part holds whole sections and has exactly their size, known
/// from the table of contents. A part is allocated when its first byte arrives, so the claims of a
/// file cost at most one part.
pub(crate) struct Received {
    arena: Arena,
    head: Option<DetachedPlane<u8>>,
    head_bytes: usize,
    /// Place in the codestream of the head's first byte.
    head_start: usize,
    /// Parts in codestream order.
    parts: [Option<Part>; MOST_PARTS],
    part_count: usize,
    sections: Option<SectionEnds>,
    /// Codestream bytes received so far.
    end: usize,
}

/// Memory for whole sections. At least their first byte has arrived.
struct Part {
    /// Place of the part in the codestream.
    start: usize,
    bytes: DetachedPlane<u8>,
    received: usize,
}

/// The ends of a frame's sections, in file order.
struct SectionEnds {
    ends: DetachedPlane<u64>,
    /// Number of complete sections.
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

    /// Codestream bytes received so far.
    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Bytes in the head.
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

    /// The bytes of a section; `None` if some are missing.
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

    /// Free bytes in the head. A full head grows first.
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

    /// The number of bytes that can be received next, after allocating memory for them: for
    /// headers, or for missing bytes of whole sections. 0 only if the frame is complete.
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

    /// Missing bytes of the last part.
    fn part_room(&self) -> usize {
        let last = self.part_count.checked_sub(1);
        let part = last.and_then(|last| self.parts[last].as_ref());
        part.map_or(0, |part| part.bytes.width() - part.received)
    }

    /// Bytes up to the end of the next section or, during headers, the free bytes of the head.
    pub(crate) fn wanted_bytes(&self) -> usize {
        match &self.sections {
            None => match self.head.as_ref() {
                Some(head) if head.width() > self.head_bytes => head.width() - self.head_bytes,
                _ => FIRST_HEAD,
            },
            Some(sections) => sections.next_end().saturating_sub(self.end),
        }
    }

    /// Appends bytes. There must be [room](Self::room) for them.
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

    /// Begins the `count` sections of a frame. `ends` are their ends, in any order. The first
    /// section starts at `start`, in the head or at its end.
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
        // The section that the end of the head splits moves to the first part.
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

    /// Adds a part for sections from `start` on.
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

    /// Number of complete sections of the frame.
    pub(crate) fn whole_sections(&self) -> usize {
        self.sections.as_ref().map_or(0, |sections| sections.whole)
    }

    /// True if all sections of the frame are complete.
    pub(crate) fn is_complete(&self) -> bool {
        let sections = self.sections.as_ref();
        sections.is_some_and(|sections| self.end >= sections.last_end())
    }

    /// Discards bytes before `start`, the end of a frame. The next headers start there.
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

    /// The end of the first incomplete section.
    fn next_end(&self) -> usize {
        let ends = self.ends.row(0);
        ends.get(self.whole).map_or(0, |&end| end as usize)
    }

    /// Updates the number of complete sections after the first `end` bytes have arrived.
    fn advance(&mut self, end: usize) {
        let ends = &self.ends.row(0)[self.whole..];
        self.whole += ends.iter().take_while(|&&next| next <= end as u64).count();
    }

    /// The end of the part that starts at `start`, which is the end of a section.
    fn part_end(&self, start: usize) -> usize {
        let mut ends = self.ends.row(0).iter().map(|&end| end as usize);
        let end = ends.find(|&end| end >= start.saturating_add(self.part_bytes));
        end.unwrap_or(self.last_end())
    }
}
