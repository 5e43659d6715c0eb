//! Decodes a profile from its commands and data.

use super::predict::{Prediction, predict_header_byte, shuffled};
use crate::Error;

/// Bytes of a profile's header.
const HEADER_BYTES: usize = 128;
/// Bytes by which a stream may be longer than its profile (libjxl, `icc_codec.cc`).
const MAX_EXCESS_BYTES: u64 = 1 << 16;

/// Names of tags by their number in commands, from 4 on.
const TAG_NAMES: [&[u8; 4]; 17] = [
    b"cprt", b"wtpt", b"bkpt", b"rXYZ", b"gXYZ", b"bXYZ", b"kXYZ", b"rTRC", b"gTRC", b"bTRC",
    b"kTRC", b"chad", b"desc", b"chrm", b"dmnd", b"dmdd", b"lumi",
];
/// Tags that have 20 bytes by default.
const SHORT_TAGS: [&[u8; 4]; 7] = [
    b"rXYZ", b"gXYZ", b"bXYZ", b"kXYZ", b"wtpt", b"bkpt", b"lumi",
];
/// Names of types by their number in commands, from 16 on.
const TYPE_NAMES: [&[u8; 4]; 8] = [
    b"XYZ ", b"desc", b"text", b"mluc", b"para", b"curv", b"sf32", b"gbd ",
];

/// An encoded profile.
pub(super) struct Profile<'a> {
    bytes: u64,
    commands: Reader<'a>,
    data: Reader<'a>,
}

/// Checks the sizes in `front`, the start of a stream of `encoded_bytes`.
pub(super) fn check_front(front: &[u8], encoded_bytes: usize) -> Result<(), Error> {
    read_front(&mut Reader(front), encoded_bytes as u64).map(drop)
}

/// Reads the sizes of the profile and of its commands.
fn read_front(stream: &mut Reader<'_>, encoded_bytes: u64) -> Result<(u64, usize), Error> {
    let before = stream.0.len() as u64;
    let bytes = stream.number()?;
    let command_bytes = stream.number()?;
    let read = before - stream.0.len() as u64;
    if command_bytes > encoded_bytes - read {
        return Err(Error::corrupt("ICC commands longer than their stream"));
    }
    if bytes.saturating_add(MAX_EXCESS_BYTES) < encoded_bytes {
        return Err(Error::corrupt("ICC stream longer than its profile"));
    }
    let command_bytes = usize::try_from(command_bytes).map_err(|_| ended())?;
    Ok((bytes, command_bytes))
}

impl<'a> Profile<'a> {
    pub(super) fn parse(encoded: &'a [u8]) -> Result<Self, Error> {
        let mut data = Reader(encoded);
        let (bytes, command_bytes) = read_front(&mut data, encoded.len() as u64)?;
        let commands = Reader(data.take(command_bytes)?);
        Ok(Self {
            bytes,
            commands,
            data,
        })
    }

    /// The size of the profile.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Decodes into `profile`, which has exactly the size of the profile.
    ///
    /// # Errors
    /// Streams that end early, make too many or too few bytes, or have bytes left; unknown
    /// commands.
    pub(super) fn decode_into(mut self, profile: &mut [u8]) -> Result<(), Error> {
        let mut profile = Writer {
            bytes: profile,
            len: 0,
        };
        self.decode_header(&mut profile)?;
        if profile.left() > 0 {
            self.decode_tags(&mut profile)?;
            while let Some(command) = self.commands.next() {
                self.decode_part(command, &mut profile)?;
            }
        }
        let is_complete = profile.left() == 0;
        if !is_complete || !self.commands.0.is_empty() || !self.data.0.is_empty() {
            return Err(Error::corrupt(
                "ICC profile of another size than its stream",
            ));
        }
        Ok(())
    }

    fn decode_header(&mut self, profile: &mut Writer<'_>) -> Result<(), Error> {
        let size = u32::try_from(self.bytes).unwrap_or(u32::MAX);
        let count = profile.left().min(HEADER_BYTES);
        for (index, &byte) in self.data.take(count)?.iter().enumerate() {
            let predicted = predict_header_byte(index, size, profile.done());
            profile.push(predicted.wrapping_add(byte))?;
        }
        Ok(())
    }

    /// The table of tags, if there is one.
    fn decode_tags(&mut self, profile: &mut Writer<'_>) -> Result<(), Error> {
        let Some(count) = self.commands.number()?.checked_sub(1) else {
            return Ok(());
        };
        let count = to_u32(count)?;
        profile.put(&count.to_be_bytes())?;
        let mut last = Place {
            start: HEADER_BYTES as u64 + 12 * u64::from(count),
            size: 0,
        };
        while let Some(command) = self.commands.next() {
            if command & 63 == 0 {
                break;
            }
            last = self.decode_tag(command, &last, profile)?;
        }
        Ok(())
    }

    /// Decodes one tag, or three for the channels red, green and blue. Returns the place of the
    /// data.
    fn decode_tag(
        &mut self,
        command: u8,
        last: &Place,
        profile: &mut Writer<'_>,
    ) -> Result<Place, Error> {
        let number = command & 63;
        let name = match number {
            1 => self.data.take_name()?,
            2 => b"rTRC",
            3 => b"rXYZ",
            number => named(&TAG_NAMES, number, 4)?,
        };
        let start = match command & 64 {
            0 => last.start + last.size,
            _ => self.commands.number()?,
        };
        let size = match command & 128 {
            0 if SHORT_TAGS.contains(&name) => 20,
            0 => last.size,
            _ => self.commands.number()?,
        };
        let place = Place {
            start: u64::from(to_u32(start)?),
            size: u64::from(to_u32(size)?),
        };
        profile.put_tag(name, &place)?;
        match number {
            2 => {
                profile.put_tag(b"gTRC", &place)?;
                profile.put_tag(b"bTRC", &place)?;
            }
            3 => {
                profile.put_tag(b"gXYZ", &place.after(1))?;
                profile.put_tag(b"bXYZ", &place.after(2))?;
            }
            _ => {}
        }
        Ok(place)
    }

    /// Decodes a part of the tags' data.
    fn decode_part(&mut self, command: u8, profile: &mut Writer<'_>) -> Result<(), Error> {
        match command {
            1 => profile.put(self.take_counted()?),
            2 | 3 => {
                let width = if command == 2 { 2 } else { 4 };
                let mut bytes = shuffled(self.take_counted()?, width);
                bytes.try_for_each(|byte| profile.push(byte))
            }
            4 => self.decode_predicted(profile),
            10 => {
                profile.put(b"XYZ \0\0\0\0")?;
                profile.put(self.data.take(12)?)
            }
            16.. => {
                profile.put(named(&TYPE_NAMES, command, 16)?)?;
                profile.put(&[0; 4])
            }
            _ => Err(unknown(command)),
        }
    }

    /// Decodes numbers that are predicted from those before them.
    fn decode_predicted(&mut self, profile: &mut Writer<'_>) -> Result<(), Error> {
        let flags = self.commands.next().ok_or_else(ended)?;
        let mut prediction = Prediction::new(flags)?;
        if flags & 16 != 0 {
            prediction.set_stride(self.commands.number()?)?;
        }
        prediction.check(profile.len)?;
        let bytes = self.take_counted()?;
        let start = profile.len;
        for (index, byte) in shuffled(bytes, prediction.width()).enumerate() {
            let predicted = prediction.byte(profile.done(), start, index);
            profile.push(predicted.wrapping_add(byte))?;
        }
        Ok(())
    }

    /// Takes as many bytes of data as the next command says.
    fn take_counted(&mut self) -> Result<&'a [u8], Error> {
        let count = usize::try_from(self.commands.number()?).map_err(|_| ended())?;
        self.data.take(count)
    }
}

/// The place of a tag's data in the profile.
struct Place {
    start: u64,
    size: u64,
}

impl Place {
    /// The place after `count` places of this size.
    fn after(&self, count: u64) -> Self {
        Self {
            start: self.start + count * self.size,
            size: self.size,
        }
    }
}

fn named<'n>(names: &[&'n [u8; 4]], number: u8, first: u8) -> Result<&'n [u8; 4], Error> {
    let place = number.checked_sub(first).map(usize::from);
    let name = place.and_then(|place| names.get(place));
    name.copied().ok_or_else(|| unknown(number))
}

fn unknown(command: u8) -> Error {
    Error::corrupt(format!("unknown ICC command {command}"))
}

fn ended() -> Error {
    Error::corrupt("ICC stream that ends early")
}

fn to_u32(value: u64) -> Result<u32, Error> {
    u32::try_from(value).map_err(|_| Error::corrupt("ICC offset above 32 bits"))
}

/// The bytes left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(ended)?;
        self.0 = rest;
        Ok(taken)
    }

    fn take_name(&mut self) -> Result<&'a [u8; 4], Error> {
        let (name, rest) = self.0.split_first_chunk().ok_or_else(ended)?;
        self.0 = rest;
        Ok(name)
    }

    /// Reads a number of 7 bits per byte, lowest first; the highest bit of a byte says that another
    /// follows.
    fn number(&mut self) -> Result<u64, Error> {
        let mut number = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.next().ok_or_else(ended)?;
            let bits = u64::from(byte & 0x7F);
            number |= bits << shift;
            if bits << shift >> shift != bits {
                break;
            }
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Error::corrupt("ICC number above 64 bits"))
    }
}

/// The profile, and the number of bytes decoded.
struct Writer<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Writer<'_> {
    fn done(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn left(&self) -> usize {
        self.bytes.len() - self.len
    }

    fn push(&mut self, byte: u8) -> Result<(), Error> {
        self.put(&[byte])
    }

    /// # Errors
    /// Bytes beyond the profile's size.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let place = self.bytes[self.len..].get_mut(..bytes.len());
        let place = place.ok_or_else(|| Error::corrupt("ICC profile longer than it says"))?;
        place.copy_from_slice(bytes);
        self.len += bytes.len();
        Ok(())
    }

    fn put_tag(&mut self, name: &[u8; 4], place: &Place) -> Result<(), Error> {
        self.put(name)?;
        self.put(&to_u32(place.start)?.to_be_bytes())?;
        self.put(&to_u32(place.size)?.to_be_bytes())
    }
}
