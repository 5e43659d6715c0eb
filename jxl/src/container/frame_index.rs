use super::CONTAINER_SIGNATURE;
use super::boxes::Boxes;
use crate::Error;

/// The index of a file's keyframes: pictures that can be decoded without the frames before them
/// (ISO/IEC 18181-2: frame index box `jxli`). It iterates over the keyframes in order.
///
/// ```no_run
/// use jxl_arena::Decoder;
///
/// let file = std::fs::read("animation.jxl")?;
/// let picture = Decoder::default().read(&file)?;
/// for keyframe in picture.frame_index().into_iter().flatten() {
///     println!("picture {}", keyframe?.picture);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FrameIndex<'d> {
    rest: &'d [u8],
    /// Keyframes that are left; `None` before their number is read.
    left: Option<u64>,
    next: Keyframe,
}

/// A picture that can be decoded without the frames before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keyframe {
    /// Number of the picture, from 0. Hidden frames do not count.
    pub picture: u64,
    /// Byte of the codestream where its frame starts, or the first hidden frame that belongs to it.
    pub codestream_offset: u64,
}

impl<'d> FrameIndex<'d> {
    /// The index in a file, if it has one. Errors in its boxes were found with the codestream, or
    /// lie after that and do not matter.
    pub(crate) fn of_file(file: &'d [u8]) -> Option<Self> {
        let boxes = file.strip_prefix(&CONTAINER_SIGNATURE)?;
        let mut boxes = Boxes::new(boxes).map_while(Result::ok);
        let found = boxes.find(|found| found.kind == *b"jxli");
        found.map(|found| Self::new(found.content))
    }

    /// The index in the content of a `jxli` box.
    fn new(content: &'d [u8]) -> Self {
        Self {
            rest: content,
            left: None,
            next: Keyframe::default(),
        }
    }

    /// The last keyframe that is not after picture `picture`; `None` if the index has errors before
    /// that.
    pub(crate) fn last_before(self, picture: u64) -> Option<Keyframe> {
        let mut last = None;
        for keyframe in self {
            match keyframe {
                Ok(keyframe) if keyframe.picture <= picture => last = Some(keyframe),
                Ok(_) => break,
                Err(_) => return None,
            }
        }
        last
    }

    /// Reads the numbers before the list, then one keyframe.
    fn read(&mut self) -> Result<Option<Keyframe>, Error> {
        let left = match self.left {
            Some(left) => left,
            None => {
                let count = self.varint()?;
                // The length of a tick, as two numbers of 32 bits.
                self.rest = self.rest.get(8..).ok_or(Error::Truncated)?;
                count
            }
        };
        self.left = Some(left.saturating_sub(1));
        if left == 0 {
            return Ok(None);
        }
        let overflow = || Error::corrupt("frame index of more than 64 bits");
        // Durations are skipped: files of libjxl have other ones than the standard says.
        let [offset, _, pictures] = [self.varint()?, self.varint()?, self.varint()?];
        let Keyframe {
            picture,
            codestream_offset,
        } = self.next;
        let found = Keyframe {
            picture,
            codestream_offset: codestream_offset.checked_add(offset).ok_or_else(overflow)?,
        };
        self.next = Keyframe {
            picture: picture.checked_add(pictures).ok_or_else(overflow)?,
            ..found
        };
        Ok(Some(found))
    }

    /// Seven bits in each byte, the lowest first; the highest bit tells that another byte follows.
    fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(Error::Truncated)?;
            self.rest = rest;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Error::corrupt("number of more than 63 bits"))
    }
}

impl Iterator for FrameIndex<'_> {
    /// The iterator ends after an error: numbers that are truncated or too large.
    type Item = Result<Keyframe, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.read();
        if found.is_err() {
            self.left = Some(0);
        }
        found.transpose()
    }
}

impl std::iter::FusedIterator for FrameIndex<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_are_sums_of_their_differences() {
        // Two keyframes: at 5, for 300 ticks and 4 pictures; 130 bytes later.
        let content = [
            2, 0, 0, 0, 1, 0, 0, 0, 100, 5, 0xAC, 0x02, 4, 0x82, 0x01, 7, 1,
        ];
        let keyframe = |picture, codestream_offset| Keyframe {
            picture,
            codestream_offset,
        };
        let index = || FrameIndex::new(&content);
        let (first, second) = (keyframe(0, 5), keyframe(4, 135));
        let found: Result<Vec<_>, _> = index().collect();
        assert_eq!(found.unwrap(), [first, second]);
        let last_before = [0, 3, 4, 9].map(|picture| index().last_before(picture).unwrap());
        assert_eq!(last_before, [first, first, second, second]);
        for bytes in 1..content.len() {
            let mut cut = FrameIndex::new(&content[..bytes]);
            assert!(cut.any(|keyframe| matches!(keyframe, Err(Error::Truncated))));
            assert!(cut.next().is_none());
            assert_eq!(FrameIndex::new(&content[..bytes]).last_before(9), None);
        }
    }

    #[test]
    fn numbers_that_are_too_large_are_refused() {
        let largest = [0xFF; 9];
        let mut index = FrameIndex::new(&largest);
        assert!(matches!(index.next(), Some(Err(Error::Corrupt(_)))));
        assert!(index.next().is_none());
    }
}
