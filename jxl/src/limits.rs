use crate::Error;

/// What a file may ask of a decoder. A file that asks for more is refused by name, before memory is
/// taken for it.
///
/// The defaults are far above what encoders write. A server that knows its pictures sets its own:
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
/// The bytes that a decode may take are no part of this: they are the arena's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Width times height of the picture, and of each of its frames.
    pub pixels: u64,
    /// Extra channels of the picture.
    pub extra_channels: u32,
    /// Frames of the file, those included that are not shown by themselves.
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
    /// [`Error::LimitExceeded`], which names `what` is too many.
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

/// How much work a picture may be: so much, and so much more for each pixel.
///
/// Work is counted in samples: those decoded, with the levels of the trees that lead to their
/// contexts (a sample that is found ten levels deep counts for eleven; where a row walks more than
/// 64 levels for each of its samples, each level beyond counts eight times), those transformed,
/// drawn by patches and splines, finished, and copied from a canvas to the next. Pictures by
/// encoders take 10 to 100 for each pixel. Files that are made to take long take thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkLimit {
    /// For any picture.
    pub floor: u64,
    /// For each pixel of the picture that is shown.
    pub per_pixel: u64,
}

impl WorkLimit {
    /// No limit.
    pub const NONE: Self = Self {
        floor: i64::MAX as u64,
        per_pixel: 0,
    };

    /// Levels for each sample of a row that count as one each: encoders walk up to 20 on average.
    pub(crate) const PLAIN_LEVELS: u64 = 64;
    /// What each level beyond them counts.
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
