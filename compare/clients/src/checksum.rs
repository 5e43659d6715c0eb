//! Checksums of rows of bytes, on which all strategies must agree.

/// A checksum of rows in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum(u64);

impl Checksum {
    /// Adds a row. The checksum depends on the order of the rows and on the place of each word in
    /// its row.
    pub fn add_row(&mut self, row: &[u8]) {
        let (words, rest) = row.as_chunks::<8>();
        let (mut plain, mut weighted) = (0u64, 0u64);
        for word in words {
            plain = plain.wrapping_add(u64::from_le_bytes(*word));
            weighted = weighted.wrapping_add(plain);
        }
        for &byte in rest {
            plain = plain.wrapping_add(byte.into());
            weighted = weighted.wrapping_add(plain);
        }
        self.add(weighted);
    }

    /// Adds a number.
    pub fn add(&mut self, number: u64) {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(FACTOR);
    }

    /// Returns the checksum of what was added.
    pub fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&[u8]]) -> u64 {
        let mut sum = Checksum::default();
        rows.iter().for_each(|row| sum.add_row(row));
        sum.value()
    }

    #[test]
    fn order_and_place_count() {
        let (first, second) = ([1u8; 20], [2u8; 20]);
        assert_ne!(of(&[&first, &second]), of(&[&second, &first]));
        let mut moved = [0u8; 20];
        moved[3] = 1;
        let earlier = of(&[&moved]);
        moved.swap(3, 11);
        assert_ne!(of(&[&moved]), earlier);
        assert_eq!(of(&[&first]), of(&[&first]));
    }
}
