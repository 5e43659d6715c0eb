use bytemuck::{Pod, Zeroable};

use super::bounds::MAX_CLUSTERS;
use crate::Error;
use crate::bits::{Bits, Truncated};
use crate::memory::Memory;

/// Most bits of a symbol.
const MAX_BITS: usize = 15;
/// Most bits of the first look-up.
const ROOT_BITS: usize = 10;
/// Symbols of the code of lengths: lengths up to 15, and two kinds of repetition.
const LENGTH_SYMBOLS: usize = 18;
const REPEAT_LAST: u8 = 16;
const REPEAT_ZERO: u8 = 17;

/// Prefix codes, one for each cluster (ISO/IEC 18181-1, C.2.4; RFC 7932, 3).
#[derive(Clone, Copy)]
pub(super) struct PrefixCodes<'m> {
    roots: &'m [Root],
    entries: &'m [Entry],
}

/// The place of a code's table.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Root {
    start: u32,
    bits: u32,
}

/// The meaning of the next bits.
#[derive(Clone, Copy, Debug, Pod, Zeroable, PartialEq, Eq)]
#[repr(C)]
struct Entry {
    /// The symbol, or the start of the second table, counted from the end of the first.
    value: u16,
    /// Bits of the symbol, or bits of the second look-up.
    bits: u8,
    has_second: u8,
}

impl PrefixCodes<'_> {
    #[inline(always)]
    pub(super) fn read(&self, bits: &mut Bits<'_>, cluster: u8) -> Result<u32, Truncated> {
        let root = self.roots[usize::from(cluster)];
        let next = bits.peek(MAX_BITS as u32);
        let mut place = root.start + (next & ((1 << root.bits) - 1));
        let mut entry = self.entries[place as usize];
        if entry.has_second != 0 {
            let second = (next >> root.bits) & ((1 << entry.bits) - 1);
            place = root.start + (1 << root.bits) + u32::from(entry.value) + second;
            entry = self.entries[place as usize];
        }
        bits.consume(entry.bits.into())?;
        Ok(entry.value.into())
    }

    /// The only symbol of a cluster, if it takes no bits.
    pub(super) fn single(&self, cluster: u8) -> Option<u32> {
        let root = self.roots.get(usize::from(cluster))?;
        let entry = self.entries[root.start as usize];
        (root.bits == 0).then_some(entry.value.into())
    }
}

impl<'m> PrefixCodes<'m> {
    /// Reads the codes of `clusters` clusters.
    pub(super) fn parse(
        bits: &mut Bits<'_>,
        clusters: usize,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let mut sizes = [0; MAX_CLUSTERS];
        let sizes = &mut sizes[..clusters];
        for size in sizes.iter_mut() {
            *size = read_size(bits)?;
        }
        memory.for_now(|for_now| {
            let lengths = for_now.zeros(sizes.iter().sum())?;
            let mut rest = &mut lengths[..];
            for &size in sizes.iter() {
                let (lengths, after) = rest.split_at_mut(size);
                read_lengths(bits, lengths)?;
                rest = after;
            }
            Self::build(lengths, sizes, memory)
        })
    }

    /// `lengths` has the lengths of `sizes[0]` symbols, then those of `sizes[1]`, and so on.
    fn build(lengths: &[u8], sizes: &[usize], memory: Memory<'m>) -> Result<Self, Error> {
        let mut seconds = Seconds::new();
        let (roots, mut rest, mut start) = (memory.stale(sizes.len())?, lengths, 0);
        for (root, &size) in roots.iter_mut().zip(sizes) {
            let (lengths, after) = rest.split_at(size);
            let shape = Shape::new(lengths, &mut seconds)?;
            let bits = shape.root_bits as u32;
            *root = Root { start, bits };
            start += shape.entries() as u32;
            rest = after;
        }
        let entries = memory.zeros(start as usize)?;
        let (mut rest, mut left) = (lengths, &mut entries[..]);
        for &size in sizes {
            let (lengths, after) = rest.split_at(size);
            let shape = Shape::new(lengths, &mut seconds)?;
            let (entries, others) = left.split_at_mut(shape.entries());
            shape.fill(lengths, &seconds, entries);
            (rest, left) = (after, others);
        }
        Ok(Self { roots, entries })
    }
}

/// Reads the number of symbols of a code.
fn read_size(bits: &mut Bits<'_>) -> Result<usize, Error> {
    if !bits.read_bool()? {
        return Ok(1);
    }
    let log = bits.read(4)?;
    let size = 1 + (1 << log) + bits.read(log)? as usize;
    match size <= 1 << MAX_BITS {
        true => Ok(size),
        false => Err(Error::corrupt("prefix code with too many symbols")),
    }
}

/// Stands for the length of the only symbol of a code.
const ONLY: u8 = u8::MAX;

/// Reads the number of bits of each symbol; 0 if it does not occur.
fn read_lengths(bits: &mut Bits<'_>, lengths: &mut [u8]) -> Result<(), Error> {
    if lengths.len() == 1 {
        lengths[0] = ONLY;
        return Ok(());
    }
    match bits.read(2)? {
        1 => read_few(bits, lengths),
        skipped => read_many(bits, skipped as usize, lengths),
    }
}

/// Reads a code of up to four symbols.
fn read_few(bits: &mut Bits<'_>, lengths: &mut [u8]) -> Result<(), Error> {
    let width = usize::BITS - (lengths.len() - 1).leading_zeros();
    let count = 1 + bits.read(2)? as usize;
    let mut symbols = [0; 4];
    for symbol in &mut symbols[..count] {
        *symbol = bits.read(width)? as usize;
    }
    let of_count: &[u8] = match count {
        1 => &[ONLY],
        2 => &[1, 1],
        3 => &[1, 2, 2],
        _ if bits.read_bool()? => &[1, 2, 3, 3],
        _ => &[2, 2, 2, 2],
    };
    for (&symbol, &length) in symbols.iter().zip(of_count) {
        match lengths.get_mut(symbol) {
            Some(of_symbol @ 0) => *of_symbol = length,
            _ => return Err(incomplete()),
        }
    }
    Ok(())
}

/// Reads a code of any number of symbols, whose lengths are coded themselves.
fn read_many(bits: &mut Bits<'_>, skipped: usize, lengths: &mut [u8]) -> Result<(), Error> {
    let code = LengthCode::parse(bits, skipped)?;
    // What is left of all sequences of `MAX_BITS` bits.
    let mut space = 1 << MAX_BITS;
    let (mut last, mut repeated, mut repeats) = (8, 0, 0);
    let mut at = 0;
    while at < lengths.len() && space > 0 {
        let symbol = code.read(bits)?;
        if symbol < REPEAT_LAST {
            lengths[at] = symbol;
            at += 1;
            repeats = 0;
            if symbol > 0 {
                last = symbol;
                space -= 1 << (MAX_BITS - usize::from(symbol));
            }
            continue;
        }
        let (length, extra_bits) = match symbol {
            REPEAT_ZERO => (0, 3),
            _ => (last, 2),
        };
        if repeated != length {
            repeats = 0;
            repeated = length;
        }
        let before = repeats;
        if repeats > 0 {
            repeats = (repeats - 2) << extra_bits;
        }
        repeats += bits.read(extra_bits)? as usize + 3;
        let more = lengths[at..].get_mut(..repeats - before);
        let more = more.ok_or_else(incomplete)?;
        more.fill(length);
        at += more.len();
        if length > 0 {
            space -= (more.len() as i64) << (MAX_BITS - usize::from(length));
        }
    }
    match space {
        0 => Ok(()),
        _ => Err(incomplete()),
    }
}

/// The code of lengths.
struct LengthCode {
    /// The symbol coded by the next five bits, and its bits.
    table: [(u8, u8); 32],
}

impl LengthCode {
    /// Reads the code. The first `skipped` symbols of the order have no length.
    fn parse(bits: &mut Bits<'_>, skipped: usize) -> Result<Self, Error> {
        const ORDER: [usize; LENGTH_SYMBOLS] =
            [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let mut lengths = [0; LENGTH_SYMBOLS];
        let (mut space, mut only, mut count) = (32, 0, 0);
        for &symbol in &ORDER[skipped..] {
            let length = read_length_length(bits)?;
            lengths[symbol] = length;
            if length > 0 {
                (only, count) = (symbol, count + 1);
                space -= 32 >> length;
                if space <= 0 {
                    break;
                }
            }
        }
        if count == 1 {
            return Ok(Self {
                table: [(only as u8, 0); 32],
            });
        }
        match space {
            0 => Ok(Self::new(&lengths)),
            _ => Err(incomplete()),
        }
    }

    /// `lengths` are of a complete code.
    fn new(lengths: &[u8; LENGTH_SYMBOLS]) -> Self {
        let mut table = [(0, 0); 32];
        let mut codes = Codes::new(lengths);
        for (symbol, &length) in lengths.iter().enumerate() {
            if length > 0 {
                let code = codes.next(length);
                for entry in table[code..].iter_mut().step_by(1 << length) {
                    *entry = (symbol as u8, length);
                }
            }
        }
        Self { table }
    }

    fn read(&self, bits: &mut Bits<'_>) -> Result<u8, Truncated> {
        let (symbol, length) = self.table[bits.peek(5) as usize];
        bits.consume(length.into())?;
        Ok(symbol)
    }
}

/// Reads the length, up to 5, of a symbol of the code of lengths.
fn read_length_length(bits: &mut Bits<'_>) -> Result<u8, Truncated> {
    Ok(match bits.read(2)? {
        0 => 0,
        1 => 4,
        2 => 3,
        _ if !bits.read_bool()? => 2,
        _ if !bits.read_bool()? => 1,
        _ => 5,
    })
}

/// Assigns bits to symbols: shorter ones first, and those of equal length in the order of the
/// symbols.
struct Codes {
    next: [u32; MAX_BITS + 1],
}

impl Codes {
    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0; MAX_BITS + 1];
        for &length in lengths {
            counts[usize::from(length)] += 1;
        }
        let mut next = [0; MAX_BITS + 1];
        let mut code = 0;
        for length in 1..=MAX_BITS {
            next[length] = code;
            code = (code + counts[length]) << 1;
        }
        Self { next }
    }

    /// Bits of the next symbol of this length, reversed, as the lowest bit is read first.
    fn next(&mut self, length: u8) -> usize {
        let code = self.next[usize::from(length)];
        self.next[usize::from(length)] += 1;
        (code.reverse_bits() >> (32 - u32::from(length))) as usize
    }
}

/// Tables of a code: one for the first bits, and one for each start of longer symbols.
struct Shape {
    root_bits: usize,
    second_entries: usize,
    only: Option<usize>,
}

/// For each value of the first bits: the bits of the second look-up, and the start of its table.
struct Seconds([(u8, u16); 1 << ROOT_BITS]);

impl Seconds {
    fn new() -> Self {
        Self([(0, 0); 1 << ROOT_BITS])
    }

    /// Makes room for the symbols that are longer than the first look-up. Returns the number of
    /// entries of all second tables.
    fn set(&mut self, lengths: &[u8]) -> usize {
        self.0.fill((0, 0));
        let mut codes = Codes::new(lengths);
        for &length in lengths.iter().filter(|&&length| length > 0) {
            let code = codes.next(length);
            if usize::from(length) > ROOT_BITS {
                let (bits, _) = &mut self.0[code % (1 << ROOT_BITS)];
                *bits = (*bits).max(length - ROOT_BITS as u8);
            }
        }
        let mut entries = 0;
        for (bits, start) in self.0.iter_mut().filter(|(bits, _)| *bits > 0) {
            *start = entries as u16;
            entries += 1 << *bits;
        }
        entries
    }
}

impl Shape {
    /// # Errors
    /// Codes that are incomplete or ambiguous.
    fn new(lengths: &[u8], seconds: &mut Seconds) -> Result<Self, Error> {
        let only = lengths.iter().position(|&length| length == ONLY);
        if only.is_some() {
            return Ok(Self {
                root_bits: 0,
                second_entries: 0,
                only,
            });
        }
        let used = lengths.iter().filter(|&&length| length > 0);
        let spaces = used
            .clone()
            .map(|&length| 1 << (MAX_BITS - usize::from(length)));
        if spaces.sum::<u64>() != 1 << MAX_BITS {
            return Err(incomplete());
        }
        let longest = usize::from(used.max().copied().unwrap_or(0));
        Ok(Self {
            root_bits: longest.min(ROOT_BITS),
            second_entries: match longest > ROOT_BITS {
                true => seconds.set(lengths),
                false => 0,
            },
            only,
        })
    }

    fn entries(&self) -> usize {
        (1 << self.root_bits) + self.second_entries
    }

    /// Fills the tables, which follow each other in `entries`.
    fn fill(&self, lengths: &[u8], seconds: &Seconds, entries: &mut [Entry]) {
        let entry = |symbol: usize, bits: u8| Entry {
            value: symbol as u16,
            bits,
            has_second: 0,
        };
        if let Some(only) = self.only {
            entries[0] = entry(only, 0);
            return;
        }
        let (root, second) = entries.split_at_mut(1 << self.root_bits);
        let mut codes = Codes::new(lengths);
        for (symbol, &length) in lengths
            .iter()
            .enumerate()
            .filter(|&(_, &length)| length > 0)
        {
            let code = codes.next(length);
            let Some(beyond) = usize::from(length).checked_sub(self.root_bits + 1) else {
                let places = root[code..].iter_mut().step_by(1 << length);
                places.for_each(|place| *place = entry(symbol, length));
                continue;
            };
            let first = code % (1 << ROOT_BITS);
            let (bits, start) = seconds.0[first];
            root[first] = Entry {
                value: start,
                bits,
                has_second: 1,
            };
            let table = &mut second[start.into()..][..1 << bits];
            let places = table[code >> ROOT_BITS..].iter_mut().step_by(2 << beyond);
            places.for_each(|place| *place = entry(symbol, length));
        }
    }
}

fn incomplete() -> Error {
    Error::corrupt("incomplete prefix code")
}
