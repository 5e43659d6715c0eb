use frame_arena::DetachedPlaneSet;
use jxl_image::ImageHeader;

use crate::Error;
use crate::render::Reference;

/// What frames leave behind for those after them, outside of all scopes.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) references: [Option<Reference>; 4],
    /// X, Y, B of LF frames, level 1 first.
    pub(super) lf_images: [Option<DetachedPlaneSet<f32>>; 4],
}

impl Kept {
    /// The reference that a frame is blended with; `None` stands for zeros.
    ///
    /// # Errors
    /// One that is not as large as the image, or whose colours are not converted.
    pub(super) fn background(
        &self,
        slot: usize,
        image: &ImageHeader,
    ) -> Result<Option<&Reference>, Error> {
        let Some(reference) = self.references.get(slot).and_then(Option::as_ref) else {
            return Ok(None);
        };
        if reference.is_coded() {
            return Err(Error::corrupt("blending with a frame in other colours"));
        }
        let size = (image.size.width as usize, image.size.height as usize);
        if reference.size() != size {
            return Err(Error::corrupt("blending with a frame of another size"));
        }
        Ok(Some(reference))
    }

    /// The LF image for a frame of this LF level.
    ///
    /// # Errors
    /// None was kept.
    pub(super) fn lf_image(&self, level: usize) -> Result<&DetachedPlaneSet<f32>, Error> {
        let image = self.lf_images.get(level).and_then(Option::as_ref);
        image.ok_or_else(|| Error::corrupt("LF frame that is not there"))
    }
}
