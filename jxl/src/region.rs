use std::fmt;

use crate::grid::{Pos, Rect, Size};
use crate::{Error, ImageInfo};

/// A rectangle of a picture as shown, in pixels. It displays as `1024x768+300+200`: the size, then
/// the first column and row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    /// The leftmost column.
    pub x: u32,
    /// The topmost row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Region {
    /// Makes the rectangle of `width` x `height` pixels that starts at column `x` of row `y`.
    pub const fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Checks that a picture has all pixels of the region.
    ///
    /// # Errors
    /// [`Error::Output`] for a region that is empty or exceeds the picture.
    pub fn check(self, info: &ImageInfo) -> Result<(), Error> {
        self.within(info).map(|_| ())
    }

    /// The pixels, in a picture with this `info`.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub(crate) fn within(self, info: &ImageInfo) -> Result<Rect, Error> {
        let (width, height) = (info.width, info.height);
        if self.width == 0 || self.height == 0 {
            return Err(Error::output(format!("the region {self} has no pixels")));
        }
        let fits = |start: u32, length: u32, end: u32| start <= end && length <= end - start;
        if !fits(self.x, self.width, width) || !fits(self.y, self.height, height) {
            return Err(Error::output(format!(
                "the region {self} exceeds the picture of {width} x {height} pixels"
            )));
        }
        Ok(Rect {
            pos: Pos::new(self.x as usize, self.y as usize),
            size: Size::new(self.width as usize, self.height as usize),
        })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            x,
            y,
            width,
            height,
        } = self;
        write!(f, "{width}x{height}+{x}+{y}")
    }
}
