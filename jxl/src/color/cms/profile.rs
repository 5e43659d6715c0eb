use crate::Error;
use crate::color::encoding::RenderingIntent;

/// Bytes of a profile's header and of the number of its tags.
const TABLE_START: usize = 132;
const TAG_BYTES: usize = 12;

/// The bytes of an ICC profile with a complete header. Nothing is copied.
#[derive(Clone, Copy)]
pub(super) struct Profile<'a> {
    bytes: Fields<'a>,
}

/// Numbers of a part of a profile, most significant byte first (ICC.1:2022, 4).
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

/// The meaning of a profile's channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceSpace {
    Gray,
    Rgb,
    Cmyk,
}

/// The color space that a profile's model ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionSpace {
    Xyz,
    Lab,
}

/// An [`Error`] for a profile that contradicts the ICC's specification.
pub(super) fn corrupt(what: &'static str) -> Error {
    Error::corrupt(format!("ICC profile: {what}"))
}

impl DeviceSpace {
    /// The color space of a profile's channels, if it is one of these.
    pub(crate) fn of_profile(bytes: &[u8]) -> Option<Self> {
        match bytes.get(16..20)? {
            b"GRAY" => Some(Self::Gray),
            b"RGB " => Some(Self::Rgb),
            b"CMYK" => Some(Self::Cmyk),
            _ => None,
        }
    }

    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

impl<'a> Fields<'a> {
    pub(super) fn part(self, start: usize, len: usize) -> Option<Self> {
        self.0.get(start..start.checked_add(len)?).map(Self)
    }

    pub(super) fn from(self, start: usize) -> Option<Self> {
        self.0.get(start..).map(Self)
    }

    pub(super) fn byte(self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        let bytes = self.part(at, 2)?.0.try_into().ok()?;
        Some(u16::from_be_bytes(bytes))
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        let bytes = self.part(at, 4)?.0.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    }

    /// An s15Fixed16Number.
    pub(super) fn fixed(self, at: usize) -> Option<f64> {
        self.u32(at).map(|bits| f64::from(bits as i32) / 65_536.0)
    }

    /// Three numbers one after the other.
    pub(super) fn fixed_triple(self, at: usize) -> Option<[f64; 3]> {
        let numbers = self.part(at, 12)?;
        Some([numbers.fixed(0)?, numbers.fixed(4)?, numbers.fixed(8)?])
    }

    /// Nine numbers, rows first.
    pub(super) fn fixed_matrix(self, at: usize) -> Option<[[f64; 3]; 3]> {
        let rows = self.part(at, 36)?;
        let row = |start| rows.fixed_triple(start);
        Some([row(0)?, row(12)?, row(24)?])
    }
}

impl<'a> Profile<'a> {
    /// # Errors
    /// Bytes that are no profile.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let profile = Self {
            bytes: Fields(bytes),
        };
        let has_signature = bytes.get(36..40) == Some(b"acsp");
        let has_table = bytes.len() >= TABLE_START;
        match has_signature && has_table {
            true => Ok(profile),
            false => Err(corrupt("no header")),
        }
    }

    /// # Errors
    /// [`Error::Unsupported`] for other channels.
    pub(super) fn device_space(self) -> Result<DeviceSpace, Error> {
        let space = DeviceSpace::of_profile(self.bytes.0);
        space.ok_or_else(|| Error::unsupported("ICC profile of other channels"))
    }

    /// # Errors
    /// [`Error::Unsupported`] for profiles that end in no connection space, such as device links.
    pub(super) fn connection_space(self) -> Result<ConnectionSpace, Error> {
        match self.bytes.0.get(20..24) {
            Some(b"XYZ ") => Ok(ConnectionSpace::Xyz),
            Some(b"Lab ") => Ok(ConnectionSpace::Lab),
            _ => Err(Error::unsupported("ICC profile without a connection space")),
        }
    }

    pub(super) fn is_of_printer(self) -> bool {
        self.bytes.0.get(12..16) == Some(b"prtr")
    }

    pub(super) fn is_of_display(self) -> bool {
        self.bytes.0.get(12..16) == Some(b"mntr")
    }

    pub(super) fn major_version(self) -> u8 {
        self.bytes.byte(8).unwrap_or(0)
    }

    /// The rendering intent of the header (ICC.1:2022, 7.2.15); perceptual for other numbers.
    pub(super) fn intent(self) -> RenderingIntent {
        match self.bytes.u32(64) {
            Some(1) => RenderingIntent::Relative,
            Some(2) => RenderingIntent::Saturation,
            Some(3) => RenderingIntent::Absolute,
            _ => RenderingIntent::Perceptual,
        }
    }

    /// The data of a tag, from its type on.
    pub(super) fn tag(self, name: &[u8; 4]) -> Option<Fields<'a>> {
        let count = self.bytes.u32(TABLE_START - 4)? as usize;
        let table = self.bytes.from(TABLE_START)?.0;
        let mut entries = table.chunks_exact(TAG_BYTES).take(count).map(Fields);
        let entry = entries.find(|entry| entry.0.starts_with(name))?;
        let (start, len) = (entry.u32(4)?, entry.u32(8)?);
        self.bytes.part(start as usize, len as usize)
    }

    /// A tag of one XYZ number (ICC.1:2022, 10.31).
    pub(super) fn xyz(self, name: &[u8; 4]) -> Option<[f64; 3]> {
        self.tag(name)?.fixed_triple(8)
    }
}
