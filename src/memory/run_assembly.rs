//! Assembly of runs from the pages of others.

use super::pages::{HUGE_PAGE_BYTES, Pages, Source};
use super::run::Run;
use super::try_box;
use crate::AllocError;
use crate::layout::{RUN_OVERHEAD_BYTES, run_room_bytes};

/// Memory whose pages another run can take over: a run that is not in use, or the end of one with
/// the number of its bytes that were ever granted.
pub(crate) enum Donor {
    Run(Box<Run>),
    Tail(Pages, usize),
}

impl Donor {
    /// The pages, and the number of their bytes that were ever granted. A run's box is put into
    /// `home`, if that is empty.
    fn into_pages(self, home: &mut Option<Box<Run>>) -> (Pages, usize) {
        match self {
            Self::Tail(pages, bytes) => (pages, bytes),
            Self::Run(mut run) => {
                let parts = run.take_pages();
                home.get_or_insert(run);
                parts
            }
        }
    }
}

impl Run {
    /// Whether a run of `total_bytes` from `source` can be [assembled](Self::assembled).
    pub(crate) fn can_be_assembled(total_bytes: usize, source: Source) -> bool {
        Pages::can_be_spliced(total_bytes - RUN_OVERHEAD_BYTES, source)
    }

    /// Makes a run of `total_bytes` from the pages of the runs that `next` returns, and from new
    /// memory where these do not suffice. Pages that are not needed are released to the system.
    pub(crate) fn assembled(
        total_bytes: usize,
        source: Source,
        mut next: impl FnMut() -> Option<Donor>,
    ) -> Result<Box<Self>, AllocError> {
        let mut assembly = Assembly::new(total_bytes, source)?;
        let mut home = None;
        while assembly.has_room()
            && let Some(donor) = next()
        {
            let (pages, bytes) = donor.into_pages(&mut home);
            assembly.add(pages, bytes)?;
        }
        let (pages, filled, written) = assembly.finish()?;
        let run = Self::of_used_pages(total_bytes, pages, (filled, written));
        match home {
            None => try_box(run),
            Some(mut home) => {
                *home = run;
                Ok(home)
            }
        }
    }
}

/// Most ends of donors that are kept back until the whole huge pages have moved.
const ENDS: usize = 8;

/// The pages of a run, into which those of donors are moved.
///
/// Whole huge pages come first: at an offset of another alignment, the system would split them into
/// small pages.
struct Assembly {
    pages: Pages,
    total_bytes: usize,
    source: Source,
    /// Bytes from the start that came from donors.
    filled: usize,
    /// Bytes before this offset are initialized.
    written: usize,
    ends: [Option<(Pages, usize)>; ENDS],
    ended: usize,
}

impl Assembly {
    fn new(total_bytes: usize, source: Source) -> Result<Self, AllocError> {
        Ok(Self {
            pages: Pages::of_run(total_bytes, source)?,
            total_bytes,
            source,
            filled: 0,
            written: usize::MAX,
            ends: [const { None }; ENDS],
            ended: 0,
        })
    }

    fn has_room(&self) -> bool {
        self.filled < run_room_bytes(self.total_bytes)
    }

    /// Moves the first `bytes` bytes of `pages` here, and releases the rest.
    fn add(&mut self, mut pages: Pages, bytes: usize) -> Result<(), AllocError> {
        let left = run_room_bytes(self.total_bytes) - self.filled;
        let whole = bytes.min(left) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
        let is_end = whole < bytes && self.ended < ENDS && self.source.is_huge();
        if !is_end {
            return self.splice(pages, bytes);
        }
        let end = match whole {
            0 => pages,
            _ => {
                let Some(end) = pages.split_off(whole) else {
                    return self.splice(pages, bytes);
                };
                self.splice(pages, whole)?;
                end
            }
        };
        self.ends[self.ended] = Some((end, bytes - whole));
        self.ended += 1;
        Ok(())
    }

    fn splice(&mut self, pages: Pages, bytes: usize) -> Result<(), AllocError> {
        let is_unwritten = pages.is_unwritten();
        // Pages beyond the room would be held without being counted.
        let left = run_room_bytes(self.total_bytes).saturating_sub(self.filled);
        match self.pages.splice(self.filled, pages, bytes.min(left)) {
            Some(moved) => {
                if is_unwritten && moved > 0 {
                    self.written = self.written.min(self.filled);
                }
                self.filled += moved;
            }
            None => {
                (self.filled, self.written) = (0, usize::MAX);
                self.pages = Pages::of_run(self.total_bytes, self.source)?;
            }
        }
        Ok(())
    }

    /// The pages, the number of bytes that came from donors, and the offset before which all bytes
    /// are initialized.
    fn finish(mut self) -> Result<(Pages, usize, usize), AllocError> {
        for place in 0..self.ended {
            if let Some((pages, bytes)) = self.ends[place].take()
                && self.has_room()
            {
                self.splice(pages, bytes)?;
            }
        }
        Ok((self.pages, self.filled, self.written))
    }
}
