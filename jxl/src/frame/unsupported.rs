use crate::headers::Encoding;
use crate::headers::FrameHeader;

use crate::Error;

/// Refuses features of a frame header that are not supported yet, with an error that names them.
pub(super) fn check(header: &FrameHeader<'_>) -> Result<(), Error> {
    let is_subsampled = header.jpeg_upsampling.iter().any(|&factor| factor != 0);
    if header.encoding == Encoding::Modular && is_subsampled {
        return Err(Error::unsupported("subsampled chroma in Modular coding"));
    }
    Ok(())
}
