use std::time::Duration;

use frame_arena::FrameReport;

use crate::headers::{AnimationHeader, FrameHeader, ImageHeader};
use crate::{Completeness, FrameCoding, Name};

/// The timing of an animation: its ticks, and how often it plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Animation {
    /// Ticks per second are this number over [`ticks_denominator`](Self::ticks_denominator). Not 0.
    pub ticks_numerator: u32,
    /// See [`ticks_numerator`](Self::ticks_numerator). Not 0.
    pub ticks_denominator: u32,
    /// How often to show the animation; `None` means for ever.
    pub plays: Option<u32>,
    /// Whether pictures have a [timecode](FrameInfo::timecode).
    pub has_timecodes: bool,
}

/// The header of a shown picture: its name, duration and coding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameInfo {
    /// Number of the picture, from 0. Hidden frames do not count.
    pub index: usize,
    /// How long to show the picture; see [`Animation::duration`]. 0 for a still picture, and
    /// sometimes for the last picture of an animation.
    pub duration_ticks: u32,
    /// SMPTE timecode, `0xHHMMSSFF`, in animations that have one.
    pub timecode: Option<u32>,
    /// The frame's name, often empty.
    pub name: Name,
    /// How the frame is coded.
    pub coding: FrameCoding,
    /// Whether no picture follows.
    pub is_last: bool,
}

/// The header of a decoded picture, and the memory that its decode took.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DecodedFrame {
    /// The header of the picture.
    pub info: FrameInfo,
    /// The memory of the shown frame. Hidden frames before it, which it refers to, are separate
    /// frames of the arena.
    pub report: FrameReport,
    /// How much of the frame was there: all of it, unless the decoder
    /// [allows truncation](crate::Decoder::allowing_truncation).
    pub completeness: Completeness,
}

impl Animation {
    pub(crate) fn new(header: &AnimationHeader) -> Self {
        Self {
            ticks_numerator: header.tps_numerator.max(1),
            ticks_denominator: header.tps_denominator.max(1),
            plays: (header.num_loops > 0).then_some(header.num_loops),
            has_timecodes: header.have_timecodes,
        }
    }

    /// The duration of this many ticks, rounded down to nanoseconds.
    pub fn duration(&self, ticks: u32) -> Duration {
        let nanoseconds = u128::from(ticks) * u128::from(self.ticks_denominator) * 1_000_000_000
            / u128::from(self.ticks_numerator);
        let seconds = (nanoseconds / 1_000_000_000) as u64;
        Duration::new(seconds, (nanoseconds % 1_000_000_000) as u32)
    }
}

impl FrameInfo {
    /// The info of an LF frame that is shown for a picture whose frame header is missing.
    pub(crate) fn of_lf_frame(index: usize) -> Self {
        Self {
            index,
            duration_ticks: 0,
            timecode: None,
            name: Name::default(),
            // No other frames have LF frames.
            coding: FrameCoding::VarDct,
            is_last: false,
        }
    }

    pub(crate) fn new(
        index: usize,
        frame: &FrameHeader<'_>,
        name: Name,
        image: &ImageHeader,
    ) -> Self {
        let animation = image.metadata.animation;
        let has_timecode = animation.is_some_and(|animation| animation.have_timecodes);
        Self {
            index,
            duration_ticks: frame.duration,
            timecode: has_timecode.then_some(frame.timecode),
            name,
            coding: FrameCoding::new(frame),
            is_last: frame.is_last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_fractions_of_seconds() {
        let animation = |numerator, denominator| Animation {
            ticks_numerator: numerator,
            ticks_denominator: denominator,
            plays: None,
            has_timecodes: false,
        };
        let film = animation(24000, 1001);
        assert_eq!(film.duration(24000), Duration::from_secs(1001));
        assert_eq!(film.duration(1), Duration::from_nanos(41_708_333));
        assert_eq!(animation(100, 1).duration(7), Duration::from_millis(70));
        let longest = animation(1, 1024).duration(u32::MAX);
        assert_eq!(longest.as_secs(), u64::from(u32::MAX) * 1024);
    }
}
