//! Finds the frames that must be decoded to go on at a later picture.

use super::saved_frames::slot;
use crate::Error;
use crate::headers::FrameHeader;
use crate::image::{Headers, SkimmedFrame};
use crate::input::Available;
use crate::memory::{List, Memory};

/// A set of the slots in which frames are saved, one bit each.
type Slots = u8;

/// Slots that patches may refer to.
const REFERENCES: Slots = 0x0F;

/// What a frame has to do with saved frames.
struct FrameUse {
    reads: Slots,
    /// The slot in which it is saved, if it is.
    writes: Slots,
    is_shown: bool,
    /// The start of the next frame; `None` after the last.
    next: Option<usize>,
}

/// The frames of a codestream, to look at without decoding.
#[derive(Clone, Copy)]
pub(crate) struct FrameChain<'a> {
    pub(crate) headers: &'a Headers,
    pub(crate) codestream: Available<'a>,
}

/// Where to go on, and what is needed there.
pub(crate) struct Passed<'m> {
    /// For each frame that is passed, whether a later one needs it.
    pub(crate) is_needed: List<'m, bool>,
    /// True if frames that are passed or come later need one before these.
    pub(crate) needs_earlier: bool,
    /// True if the picture to go to exists.
    pub(crate) is_there: bool,
}

impl FrameUse {
    fn new(header: &FrameHeader<'_>, end: usize) -> Self {
        let blended = (0..4).filter(|&slot| is_blended_with(header, slot));
        let mut reads = blended.fold(0, |slots, slot| slots | 1 << slot);
        if header.flags.patches() {
            reads |= REFERENCES;
        }
        if header.flags.use_lf_frame() {
            reads |= 1 << (4 + header.lf_level);
        }
        let is_shown = header.is_keyframe();
        let is_saved = !is_shown || header.can_reference();
        Self {
            reads,
            writes: if is_saved { 1 << slot(header) } else { 0 },
            is_shown,
            next: (!header.is_last).then_some(end),
        }
    }
}

fn is_blended_with(header: &FrameHeader<'_>, slot: usize) -> bool {
    header.frame_type.is_normal_frame() && header.blends_with(slot)
}

impl FrameChain<'_> {
    /// Reads a header. No frame of the arena is opened, as many of them would let retained memory
    /// decay.
    fn read(self, start: usize, memory: Memory<'_>) -> Result<FrameUse, Error> {
        memory.for_now(|memory| {
            let source = self.headers.frame_source();
            let frame = SkimmedFrame::read(self.codestream, start, source, memory)?;
            Ok(FrameUse::new(&frame.header, frame.end))
        })
    }

    /// Passes `pictures` pictures from the frame at `start` on.
    ///
    /// # Errors
    /// Truncated or corrupt headers of the frames that are passed; memory.
    pub(crate) fn pass<'m>(
        self,
        start: usize,
        pictures: u64,
        memory: Memory<'m>,
    ) -> Result<Passed<'m>, Error> {
        let mut frames = memory.list(0)?;
        let (mut next, mut shown) = (Some(start), 0);
        while shown < pictures
            && let Some(start) = next
        {
            self.headers.limits.check_frames(frames.len() as u32 + 1)?;
            let frame = self.read(start, memory)?;
            next = frame.next;
            shown += u64::from(frame.is_shown);
            memory.add(&mut frames, frame)?;
        }
        let mut is_needed = memory.collect(frames.iter().map(|_| false))?;
        let is_there = next.is_some();
        let later = std::iter::from_fn(|| {
            let frame = self.read(next?, memory);
            next = frame.as_ref().ok().and_then(|frame| frame.next);
            Some(frame)
        });
        let needed = mark_needed(&frames, needed_by(later), &mut is_needed);
        Ok(Passed {
            is_needed,
            needs_earlier: needed != 0,
            is_there,
        })
    }
}

/// The slots that frames read before they write them. All slots that they do not write if there is
/// one that cannot be read.
fn needed_by(frames: impl Iterator<Item = Result<FrameUse, Error>>) -> Slots {
    let (mut needed, mut open) = (0, Slots::MAX);
    for frame in frames {
        let Ok(frame) = frame else {
            return needed | open;
        };
        needed |= frame.reads & open;
        open &= !(frame.reads | frame.writes);
        if open == 0 {
            break;
        }
    }
    needed
}

/// Marks the frames on which the slots `needed` after them depend. Returns the slots on which these
/// depend before them.
fn mark_needed(frames: &[FrameUse], mut needed: Slots, is_needed: &mut [bool]) -> Slots {
    for (frame, is_needed) in frames.iter().zip(is_needed).rev() {
        *is_needed = frame.writes & needed != 0;
        if *is_needed {
            needed = needed & !frame.writes | frame.reads;
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame((reads, writes): (Slots, Slots)) -> FrameUse {
        FrameUse {
            reads,
            writes,
            is_shown: true,
            next: None,
        }
    }

    #[test]
    fn frames_are_needed_if_a_later_one_depends_on_them() {
        let marked = |frames: &[(Slots, Slots)], needed: Slots| {
            let frames: Vec<_> = frames.iter().copied().map(frame).collect();
            let mut is_needed = vec![true; frames.len()];
            let before = mark_needed(&frames, needed, &mut is_needed);
            (is_needed, before)
        };
        // Each frame is blended with the one before; the second is a keyframe.
        let chain = [(2, 2), (0, 2), (2, 2), (2, 2)];
        assert_eq!(marked(&chain, 2), (vec![false, true, true, true], 0));
        assert_eq!(marked(&chain[2..], 2), (vec![true, true], 2));
        assert_eq!(marked(&chain, 4), (vec![false; 4], 4));
        assert_eq!(marked(&chain, 0), (vec![false; 4], 0));
        // A reference of patches, written once, and frames that are not saved.
        let patches = [(0, 8), (8, 0), (8, 0)];
        assert_eq!(marked(&patches, 8), (vec![true, false, false], 0));
    }

    #[test]
    fn a_slot_that_is_written_first_is_not_needed() {
        let needed = |frames: &[(Slots, Slots)], ends_well: bool| {
            let frames = frames.iter().copied().map(frame).map(Ok);
            let end = (!ends_well).then_some(Err(Error::Truncated));
            needed_by(frames.chain(end))
        };
        assert_eq!(needed(&[(0, 2), (2, 2)], true), 0);
        assert_eq!(needed(&[(2, 2), (1, 4), (4, 0)], true), 3);
        // A frame that cannot be read may need any slot that was not written.
        assert_eq!(needed(&[(2, 2), (0, 4)], false), Slots::MAX & !4);
    }
}
