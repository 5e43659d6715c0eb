//! Huffman codes of a scan, and the reader of its bits.

use anyhow::{Result, bail, ensure};

/// Bits that are looked up at once.
const LOOKUP_BITS: u32 = 9;

/// Bits of the longest codes.
const LONGEST: usize = 16;

/// The codes of a Huffman table.
pub(super) struct HuffmanTable {
    /// Length and symbol by the next bits of the scan; length 0 where the code is longer.
    short: [(u8, u8); 1 << LOOKUP_BITS],
    /// By length: one more than the largest code.
    end: [u32; LONGEST + 1],
    /// By length: index of the first symbol, and its code.
    first: [(usize, u32); LONGEST + 1],
    symbols: Vec<u8>,
}

impl HuffmanTable {
    /// Makes the table from the number of codes of each length, from 1, and the symbols in the
    /// order of their codes.
    pub(super) fn new(counts: &[u8; LONGEST], symbols: &[u8]) -> Result<Self> {
        let mut table = Self {
            short: [(0, 0); 1 << LOOKUP_BITS],
            end: [0; LONGEST + 1],
            first: [(0, 0); LONGEST + 1],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut index) = (0u32, 0);
        for (length, &count) in (1u32..).zip(counts) {
            table.first[length as usize] = (index, code);
            let of_length = &symbols[index..index + usize::from(count)];
            for &symbol in of_length {
                ensure!(code < 1 << length, "a Huffman table has too many codes");
                if let Some(free_bits) = LOOKUP_BITS.checked_sub(length) {
                    let start = (code << free_bits) as usize;
                    table.short[start..start + (1 << free_bits)].fill((length as u8, symbol));
                }
                code += 1;
            }
            table.end[length as usize] = code;
            index += of_length.len();
            code <<= 1;
        }
        Ok(table)
    }
}

/// The bits of a scan. After its end, or at a marker, zeros follow.
pub(super) struct BitReader<'d> {
    data: &'d [u8],
    next: usize,
    /// The next bits, from the most significant one.
    bits: u64,
    count: u32,
}

impl<'d> BitReader<'d> {
    pub(super) fn new(data: &'d [u8]) -> Self {
        Self {
            data,
            next: 0,
            bits: 0,
            count: 0,
        }
    }

    /// Makes sure that `bits` has at least 48 bits.
    #[inline]
    fn refill(&mut self) {
        while self.count <= 48 {
            let byte = match self.data.get(self.next) {
                Some(0xff) if self.data.get(self.next + 1) == Some(&0) => {
                    self.next += 2;
                    0xff
                }
                Some(0xff) | None => 0,
                Some(&byte) => {
                    self.next += 1;
                    byte
                }
            };
            self.bits |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Takes up to 16 bits, which must be in `bits` already.
    #[inline]
    fn take(&mut self, count: u32) -> u32 {
        let value = (self.bits >> 32 >> (32 - count)) as u32;
        self.bits <<= count;
        self.count -= count;
        value
    }

    /// Decodes a symbol. Afterwards, `bits` still has enough for one number of up to 16 bits.
    #[inline]
    pub(super) fn symbol(&mut self, table: &HuffmanTable) -> Result<u8> {
        self.refill();
        let (length, symbol) = table.short[(self.bits >> (64 - LOOKUP_BITS)) as usize];
        if length > 0 {
            self.take(length.into());
            return Ok(symbol);
        }
        self.long_symbol(table)
    }

    #[cold]
    fn long_symbol(&mut self, table: &HuffmanTable) -> Result<u8> {
        for length in LOOKUP_BITS as usize + 1..=LONGEST {
            let code = (self.bits >> (64 - length)) as u32;
            if code < table.end[length] {
                let (index, first) = table.first[length];
                self.take(length as u32);
                return Ok(table.symbols[index + (code - first) as usize]);
            }
        }
        bail!("a code is not in its Huffman table");
    }

    /// Reads the number that a symbol announced by its size: up to 16 bits, of which the first
    /// tells the sign.
    #[inline]
    pub(super) fn number(&mut self, size: u32) -> i32 {
        if size == 0 {
            return 0;
        }
        let value = self.take(size) as i32;
        match value >> (size - 1) {
            0 => value + 1 - (1 << size),
            _ => value,
        }
    }

    /// Continues after the next restart marker.
    pub(super) fn restart(&mut self) -> Result<()> {
        (self.bits, self.count) = (0, 0);
        match self.data.get(self.next..self.next + 2) {
            Some([0xff, 0xd0..=0xd7]) => {
                self.next += 2;
                Ok(())
            }
            _ => bail!("a restart marker is missing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_codes_are_decoded() {
        // One code of each length: 0, 10, 110, and so on.
        let symbols: Vec<u8> = (1..=16).collect();
        let table = HuffmanTable::new(&[1; 16], &symbols).unwrap();
        // The codes of 2 and of 12 bits, then a number of 3 bits. A zero is stuffed after 0xff.
        let bits = format!("{}{}{}", "10", "111111111110", "011");
        let mut data = Vec::new();
        for byte in format!("{bits:0<24}").as_bytes().chunks(8) {
            let byte = u8::from_str_radix(str::from_utf8(byte).unwrap(), 2).unwrap();
            data.push(byte);
            if byte == 0xff {
                data.push(0);
            }
        }
        let mut reader = BitReader::new(&data);
        assert_eq!(reader.symbol(&table).unwrap(), 2);
        assert_eq!(reader.symbol(&table).unwrap(), 12);
        assert_eq!(reader.number(3), -4);
    }

    #[test]
    fn wrong_tables_and_codes_are_refused() {
        assert!(HuffmanTable::new(&[3; 16], &[0; 48]).is_err());
        let mut counts = [0; 16];
        counts[15] = 1;
        let table = HuffmanTable::new(&counts, &[7]).unwrap();
        let mut reader = BitReader::new(&[0x80, 0, 0]);
        assert!(reader.symbol(&table).is_err());
        assert!(reader.restart().is_err());
    }
}
