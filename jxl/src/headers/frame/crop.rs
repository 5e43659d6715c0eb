use super::FrameType;
use crate::Error;
use crate::bits::{Bits, U, unpack_signed};
use crate::headers::ImageSize;

/// The rectangle of an image that a frame covers.
pub(super) struct Crop {
    pub(super) x0: i32,
    pub(super) y0: i32,
    pub(super) size: ImageSize,
}

impl Crop {
    /// The whole image.
    pub(super) fn all(size: ImageSize) -> Self {
        Self { x0: 0, y0: 0, size }
    }

    /// Reads the rectangle; frames that are only references start at 0, 0.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub(super) fn parse(bits: &mut Bits<'_>, frame_type: FrameType) -> Result<Self, Error> {
        let mut side = || bits.read_u32(U(8), 256 + U(11), 2304 + U(14), 18688 + U(30));
        let (x0, y0) = match frame_type.is_normal_frame() {
            true => (unpack_signed(side()?), unpack_signed(side()?)),
            false => (0, 0),
        };
        let size = ImageSize {
            width: side()?,
            height: side()?,
        };
        Ok(Self { x0, y0, size })
    }

    /// True if it covers a whole image of `size`.
    pub(super) fn is_full(&self, size: ImageSize) -> bool {
        let covers = |start: i32, length: u32, end: u32| {
            start <= 0 && i64::from(start) + i64::from(length) >= i64::from(end)
        };
        covers(self.x0, self.size.width, size.width)
            && covers(self.y0, self.size.height, size.height)
    }
}
