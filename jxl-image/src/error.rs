use image::ImageError;
use image::error::{
    DecodingError, ImageFormatHint, LimitError, LimitErrorKind, UnsupportedError,
    UnsupportedErrorKind,
};
use jxl_arena::Error;

pub(crate) fn format() -> ImageFormatHint {
    ImageFormatHint::Name("JPEG XL".into())
}

/// Converts a decoder error to one of `image`.
pub(crate) fn image_error(error: Error) -> ImageError {
    match error {
        Error::Memory(_) | Error::LimitExceeded { .. } | Error::TooMuchWork => no_memory(),
        Error::Unsupported { feature } => {
            let kind = UnsupportedErrorKind::GenericFeature(feature.into_owned());
            ImageError::Unsupported(UnsupportedError::from_format_and_kind(format(), kind))
        }
        error => ImageError::Decoding(DecodingError::new(format(), error)),
    }
}

/// Returns the error of `image` for memory that a limit or the system refuses.
pub(crate) fn no_memory() -> ImageError {
    ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory))
}
