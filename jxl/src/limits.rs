use crate::Error;

/// Limits on the sizes and the work of a file. A file that exceeds one is refused with an error
/// that names it, before memory is taken.
///
/// The defaults are far above the files of encoders. A server that knows its pictures sets its own
/// limits:
///
/// ```
/// use jxl_arena::{Decoder, Limits};
///
/// let mut limits = Limits::default();
/// limits.pixels = 100_000_000;
/// limits.extra_channels = 4;
/// let decoder = Decoder::default().with_limits(limits);
/// ```
///
/// The bytes that a decode may take are limited by the arena, not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Width times height of the picture, and of each of its frames.
    pub pixels: u64,
    /// Extra channels of the picture.
    pub extra_channels: u32,
    /// Frames of the file, including hidden ones.
    pub frames: u32,
    /// Nodes of one meta-adaptive tree.
    pub tree_nodes: u32,
    /// Greatest distance of a leaf of a tree from the root.
    pub tree_depth: u32,
    /// Bytes of an ICC profile, encoded or decoded.
    pub icc_bytes: u64,
    /// Bytes of the content of a compressed box.
    pub box_bytes: u64,
    /// Work for one picture.
    pub work: WorkLimit,
}

impl Limits {
    /// # Errors
    /// [`Error::LimitExceeded`] for more than [`frames`](Self::frames).
    pub(crate) fn check_frames(&self, frames: u32) -> Result<(), Error> {
        Self::check("frames", frames.into(), self.frames.into())
    }

    /// # Errors
    /// [`Error::LimitExceeded`] for more than [`box_bytes`](Self::box_bytes).
    #[cfg(feature = "brob")]
    pub(crate) fn check_box(&self, bytes: usize) -> Result<(), Error> {
        Self::check("bytes of a box", bytes as u64, self.box_bytes)
    }

    /// Checks a number against its limit.
    ///
    /// # Errors
    /// [`Error::LimitExceeded`], which names `what` exceeds the limit.
    pub(crate) fn check(what: &'static str, count: u64, limit: u64) -> Result<(), Error> {
        match count <= limit {
            true => Ok(()),
            false => Err(Error::LimitExceeded { what, limit }),
        }
    }
}

impl Default for Limits {
    /// Pixels, extra channels, nodes and depth of trees are those of level 10 (ISO/IEC 18181-1,
    /// annex M). Profiles have at most 16 MiB: those seen in pictures are below 4 MiB, while a file
    /// of a few bytes may claim 256 MiB. Compressed boxes have at most 64 MiB.
    fn default() -> Self {
        Self {
            pixels: 1 << 40,
            extra_channels: 256,
            frames: 1 << 20,
            tree_nodes: 1 << 22,
            tree_depth: 2048,
            icc_bytes: 16 << 20,
            box_bytes: 64 << 20,
            work: WorkLimit::default(),
        }
    }
}

/// The most work for a picture: a fixed amount, and an amount for each pixel.
///
/// Work is counted in samples: samples decoded, transformed, drawn by patches and splines,
/// finished, and copied from one canvas to the next. A decoded sample also counts the levels of the
/// tree walked for its context: a sample ten levels deep counts eleven. If a row walks more than 64
/// levels for each of its samples, each level beyond counts eight times. Pictures of encoders take
/// 10 to 100 for each pixel. Malicious files take thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkLimit {
    /// For any picture.
    pub floor: u64,
    /// For each pixel of the shown picture.
    pub per_pixel: u64,
}

impl WorkLimit {
    /// No limit.
    pub const NONE: Self = Self {
        floor: i64::MAX as u64,
        per_pixel: 0,
    };

    /// Levels for each sample of a row that count as one each. Trees of encoders take up to 20 on
    /// average.
    pub(crate) const PLAIN_LEVELS: u64 = 64;
    /// Count of each level beyond them.
    pub(crate) const DEEP_LEVEL: u64 = 8;

    /// The limit for a picture of `pixels` pixels.
    pub(crate) fn of(self, pixels: u64) -> u64 {
        self.floor
            .saturating_add(self.per_pixel.saturating_mul(pixels))
    }
}

impl Default for WorkLimit {
    /// 2^31, and 64 for each pixel: seconds of work.
    fn default() -> Self {
        Self {
            floor: 1 << 31,
            per_pixel: 64,
        }
    }
}
