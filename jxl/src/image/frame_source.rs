use crate::headers::{ImageMetadata, ImageSize};
use crate::{Error, Limits};

/// Widest or highest frame of level 10 (ISO/IEC 18181-1, annex M).
const MAX_DIMENSION: u64 = 1 << 30;

/// The context for reading a frame header.
#[derive(Clone, Copy)]
pub(crate) struct FrameSource<'a> {
    /// Size of the image, or of its preview.
    pub(super) size: ImageSize,
    pub(super) metadata: &'a ImageMetadata,
    pub(super) limits: &'a Limits,
}

/// # Errors
/// No pixels; more than the standard or `limits` allow.
pub(super) fn check_size(size: ImageSize, limits: &Limits) -> Result<(), Error> {
    let (width, height) = (u64::from(size.width), u64::from(size.height));
    if width == 0 || height == 0 {
        return Err(Error::corrupt("picture without pixels"));
    }
    if width > MAX_DIMENSION || height > MAX_DIMENSION {
        return Err(Error::corrupt(format!(
            "{width} x {height} pixels exceed every level of the standard"
        )));
    }
    Limits::check("pixels", width * height, limits.pixels)
}
