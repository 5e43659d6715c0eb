use image::ImageResult;

use crate::error::no_memory;

/// Makes an empty vector with capacity for `bytes`.
pub(crate) fn with_capacity(bytes: usize) -> ImageResult<Vec<u8>> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(bytes).map_err(|_| no_memory())?;
    Ok(vec)
}
