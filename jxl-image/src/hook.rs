use std::ffi::OsString;

use image::hooks::{GenericReader, register_decoding_hook, register_format_detection_hook};
use image::{ImageDecoder, ImageResult};

use crate::JxlDecoder;

const EXTENSION: &str = "jxl";
/// The first bytes of a bare codestream (ISO/IEC 18181-1) and of a container (ISO/IEC 18181-2).
const SIGNATURES: [&[u8]; 2] = [&[0xFF, 0x0A], b"\0\0\0\x0CJXL \r\n\x87\n"];

/// Registers JPEG XL decoding with the crate `image` in this process, by the extension `jxl` and by
/// a file's first bytes. If `image` already has a JPEG XL decoder, returns false and changes
/// nothing.
pub fn register() -> bool {
    let extension = || OsString::from(EXTENSION);
    if !register_decoding_hook(extension(), Box::new(open)) {
        return false;
    }
    for signature in SIGNATURES {
        register_format_detection_hook(extension(), signature, None);
    }
    true
}

fn open(reader: GenericReader<'_>) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    Ok(Box::new(JxlDecoder::new(reader)?))
}
