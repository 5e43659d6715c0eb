use std::borrow::Cow;

use frame_arena::AllocError;

/// The reason why a picture was not decoded. Each displays as one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are neither a JPEG XL codestream nor a JPEG XL container.
    #[error("not a JPEG XL file")]
    NotJpegXl,
    /// The bytes end before the picture does.
    #[error("file is truncated")]
    Truncated,
    /// The bytes contradict the standard.
    #[error("file is corrupt: {0}")]
    Corrupt(Cow<'static, str>),
    /// The file uses a part of JPEG XL that is not decoded yet.
    #[error("not supported yet: {feature}")]
    Unsupported {
        /// The part's name.
        feature: Cow<'static, str>,
    },
    /// The arena's limit or the system refused memory.
    #[error(transparent)]
    Memory(#[from] AllocError),
    /// The file exceeds one of the decoder's [limits](crate::Limits).
    #[error("limit: more than {limit} {what}")]
    LimitExceeded {
        /// The limited quantity, in the plural.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The picture takes more work than the decoder's [limit](crate::WorkLimit).
    #[error("the picture takes more work than is allowed")]
    TooMuchWork,
    /// A [`Stop`](crate::Stop) stopped the decode.
    #[error("stopped")]
    Stopped,
    /// The caller's buffer, format or region does not fit the picture.
    #[error("output: {0}")]
    Output(Cow<'static, str>),
}

impl Error {
    /// An [`Error::Corrupt`] with the fault `what`.
    pub(crate) fn corrupt(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Corrupt(what.into())
    }

    /// An [`Error::Unsupported`] for the part named `feature`.
    pub(crate) fn unsupported(feature: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported {
            feature: feature.into(),
        }
    }

    pub(crate) fn output(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Output(what.into())
    }
}
