//! The decoded-picture buffer.

use std::sync::Arc;

use anyhow::{Context, Result};

/// Pictures that the buffer holds.
const CAPACITY: usize = 8;

/// Decoded pictures that others are predicted from, or that are not shown yet.
pub(super) struct DecodedPictureBuffer<P> {
    held: Vec<Held<P>>,
    /// Number of the picture that is shown next.
    next: u64,
}

struct Held<P> {
    number: u64,
    picture: Arc<P>,
}

impl<P> DecodedPictureBuffer<P> {
    pub(super) fn new() -> Self {
        Self {
            held: Vec::with_capacity(CAPACITY),
            next: 0,
        }
    }

    /// Returns the pictures that another one is predicted from.
    pub(super) fn references(&self, numbers: [u64; 2]) -> Result<[&P; 2]> {
        let [first, second] = numbers.map(|number| {
            let held = self.held.iter().find(|held| held.number == number);
            held.with_context(|| format!("reference {number} is not held"))
        });
        Ok([&first?.picture, &second?.picture])
    }

    /// Inserts a decoded picture, and shows the pictures whose turn it is. A full buffer first
    /// drops the oldest picture that was shown.
    pub(super) fn insert(
        &mut self,
        number: u64,
        picture: P,
        mut show: impl FnMut(u64, Arc<P>) -> Result<()>,
    ) -> Result<()> {
        if self.held.len() == CAPACITY {
            let shown = (0..CAPACITY).filter(|&index| self.held[index].number < self.next);
            let oldest = shown.min_by_key(|&index| self.held[index].number);
            let oldest = oldest.context("the buffer is full of pictures that are not shown yet")?;
            self.held.swap_remove(oldest);
        }
        let picture = Arc::new(picture);
        self.held.push(Held { number, picture });
        while let Some(held) = self.held.iter().find(|held| held.number == self.next) {
            show(held.number, Arc::clone(&held.picture))?;
            self.next += 1;
        }
        Ok(())
    }

    /// Removes the pictures that were shown. The next picture must refer to none of them.
    pub(super) fn remove_shown(&mut self) {
        self.held.retain(|held| held.number >= self.next);
    }
}

#[cfg(test)]
mod tests {
    use super::super::stream::{SEGMENT_PICTURES, stream};
    use super::*;

    #[test]
    fn pictures_are_shown_in_order_and_references_are_held() {
        let mut dpb = DecodedPictureBuffer::new();
        let mut order = Vec::new();
        for coded in stream([(64, 48); 2], 3) {
            if coded.is_intra() {
                dpb.remove_shown();
                assert!(dpb.held.is_empty());
            }
            if let Some(numbers) = coded.references {
                assert_eq!(
                    dpb.references(numbers).unwrap().map(|&number| number),
                    numbers
                );
            }
            let show = |number, picture: Arc<u64>| {
                assert_eq!(number, *picture);
                order.push(number);
                Ok(())
            };
            dpb.insert(coded.number, coded.number, show).unwrap();
        }
        assert_eq!(dpb.held.len(), CAPACITY);
        assert_eq!(order, (0..3 * SEGMENT_PICTURES).collect::<Vec<_>>());
    }
}
