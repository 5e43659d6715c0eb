//! A digest of decoded samples.

/// Sums up samples, so that two decodes can be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// Adds a row of samples.
    pub fn add(&mut self, row: &[u8]) {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut sum = self.0 ^ row.len() as u64;
        let (words, rest) = row.as_chunks::<8>();
        for word in words {
            sum = (sum.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        }
        for &byte in rest {
            sum = (sum.rotate_left(23) ^ u64::from(byte)).wrapping_mul(FACTOR);
        }
        self.0 = sum;
    }

    /// Returns the digest as a number.
    pub fn value(self) -> u64 {
        self.0
    }
}
