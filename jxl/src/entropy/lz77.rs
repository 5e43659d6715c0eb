use super::integer::IntegerConfig;
use crate::Error;
use crate::bits::{Bits, U};
use crate::memory::{Growing, Memory};

/// Largest distance of a copy.
const WINDOW: usize = 1 << 20;

/// The LZ77 parameters of a code (ISO/IEC 18181-1, C.2.1 and C.3.3).
#[derive(Clone, Copy)]
pub(super) struct Lz77 {
    /// Symbols from this one on are lengths of copies.
    pub(super) min_symbol: u32,
    pub(super) min_length: u32,
    pub(super) length: IntegerConfig,
}

impl Lz77 {
    /// Reads the parameters; `None` if the code does not copy.
    pub(super) fn parse(bits: &mut Bits<'_>) -> Result<Option<Self>, Error> {
        if !bits.read_bool()? {
            return Ok(None);
        }
        let min_symbol = bits.read_u32(224, 512, 4096, 8 + U(15))?;
        let min_length = bits.read_u32(3, 4, 5 + U(2), 9 + U(8))?;
        let length = IntegerConfig::parse(bits, 8)?;
        Ok(Some(Self {
            min_symbol,
            min_length,
            length,
        }))
    }
}

/// The integers of a stream so far, and the current copy.
pub(super) struct Copies<'m> {
    pub(super) lz77: Lz77,
    /// The last integers: integer `i` is at `i` modulo [`WINDOW`].
    window: Growing<'m, u32>,
    /// Number of integers so far.
    count: usize,
    /// Index of the integer that is copied next.
    from: usize,
    left: u32,
    /// Width of the widest channel of a Modular stream, 0 in other streams.
    multiplier: u32,
}

impl<'m> Copies<'m> {
    /// `expected` is the number of integers, if known.
    pub(super) fn new(
        lz77: Lz77,
        memory: Memory<'m>,
        multiplier: u32,
        expected: usize,
    ) -> Result<Self, Error> {
        let mut window = Growing::new(memory);
        window.grow(expected.min(WINDOW))?;
        Ok(Self {
            lz77,
            window,
            count: 0,
            from: 0,
            left: 0,
            multiplier,
        })
    }

    /// The next integer, if it is a copy.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<u32>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        self.copy().map(Some)
    }

    fn copy(&mut self) -> Result<u32, Error> {
        let integer = self.window.items()[self.from % WINDOW];
        self.from += 1;
        self.push(integer)?;
        Ok(integer)
    }

    /// Starts a copy of the coded `length` and `distance`. Returns its first integer.
    pub(super) fn start(&mut self, length: u32, distance: u32) -> Result<u32, Error> {
        let distance = self.distance(distance).min(self.count).min(WINDOW);
        if distance == 0 {
            return Err(Error::corrupt("LZ77 copy before the first integer"));
        }
        self.from = self.count - distance;
        self.left = length.saturating_add(self.lz77.min_length) - 1;
        self.copy()
    }

    fn distance(&self, coded: u32) -> usize {
        if self.multiplier == 0 {
            return coded as usize + 1;
        }
        let Some(&(columns, rows)) = NEAR.get(coded as usize) else {
            return coded as usize - NEAR.len() + 1;
        };
        let distance = i64::from(columns) + i64::from(rows) * i64::from(self.multiplier);
        distance.max(1) as usize
    }

    /// Appends an integer of the stream.
    #[inline]
    pub(super) fn push(&mut self, integer: u32) -> Result<(), Error> {
        match self.count < WINDOW {
            true => self.window.push(integer)?,
            false => self.window.items_mut()[self.count % WINDOW] = integer,
        }
        self.count += 1;
        Ok(())
    }
}

/// The first distances of Modular streams, as columns to the left and rows above (ISO/IEC 18181-1,
/// C.3.3).
#[rustfmt::skip]
const NEAR: [(i8, i8); 120] = [
    (0, 1), (1, 0), (1, 1), (-1, 1), (0, 2), (2, 0), (1, 2), (-1, 2), (2, 1), (-2, 1),
    (2, 2), (-2, 2), (0, 3), (3, 0), (1, 3), (-1, 3), (3, 1), (-3, 1), (2, 3), (-2, 3),
    (3, 2), (-3, 2), (0, 4), (4, 0), (1, 4), (-1, 4), (4, 1), (-4, 1), (3, 3), (-3, 3),
    (2, 4), (-2, 4), (4, 2), (-4, 2), (0, 5), (3, 4), (-3, 4), (4, 3), (-4, 3), (5, 0),
    (1, 5), (-1, 5), (5, 1), (-5, 1), (2, 5), (-2, 5), (5, 2), (-5, 2), (4, 4), (-4, 4),
    (3, 5), (-3, 5), (5, 3), (-5, 3), (0, 6), (6, 0), (1, 6), (-1, 6), (6, 1), (-6, 1),
    (2, 6), (-2, 6), (6, 2), (-6, 2), (4, 5), (-4, 5), (5, 4), (-5, 4), (3, 6), (-3, 6),
    (6, 3), (-6, 3), (0, 7), (7, 0), (1, 7), (-1, 7), (5, 5), (-5, 5), (7, 1), (-7, 1),
    (4, 6), (-4, 6), (6, 4), (-6, 4), (2, 7), (-2, 7), (7, 2), (-7, 2), (3, 7), (-3, 7),
    (7, 3), (-7, 3), (5, 6), (-5, 6), (6, 5), (-6, 5), (8, 0), (4, 7), (-4, 7), (7, 4),
    (-7, 4), (8, 1), (8, 2), (6, 6), (-6, 6), (8, 3), (5, 7), (-5, 7), (7, 5), (-7, 5),
    (8, 4), (6, 7), (-6, 7), (7, 6), (-7, 6), (8, 5), (7, 7), (-7, 7), (8, 6), (8, 7),
];
