use super::Reader;
use crate::Error;

/// Contexts of the code of permutations.
pub(crate) const PERMUTATION_CONTEXTS: usize = 8;

/// Reads a permutation of as many numbers as `counts` has items, and calls `put` with each place
/// and its number. The file has a Lehmer code: the rank of each number among those left, up to the
/// last rank that is not 0 (ISO/IEC 18181-1, F.3.2). Takes `n log n` steps.
///
/// `size` determines the context of the first integer.
///
/// # Errors
/// Corrupt or truncated permutations.
pub(crate) fn read_permutation(
    reader: &mut Reader<'_, '_>,
    size: usize,
    counts: &mut [u32],
    put: &mut impl FnMut(usize, usize),
) -> Result<(), Error> {
    let count = counts.len();
    let mut unused = Unused::new(counts);
    let coded = read_coded(reader, size, count)?;
    let mut rank = 0;
    for place in 0..coded {
        rank = reader.read(context(rank))?;
        put(place, unused.take(rank)?);
    }
    for place in coded..count {
        put(place, unused.take(0)?);
    }
    Ok(())
}

/// Skips a permutation of `count` numbers; see [`read_permutation`].
///
/// # Errors
/// As [`read_permutation`].
pub(crate) fn skip_permutation(
    reader: &mut Reader<'_, '_>,
    size: usize,
    count: usize,
) -> Result<(), Error> {
    let coded = read_coded(reader, size, count)?;
    let mut rank = 0;
    for place in 0..coded {
        rank = reader.read(context(rank))?;
        if rank as usize >= count - place {
            return Err(out_of_range());
        }
    }
    Ok(())
}

/// Reads the number of ranks that follow.
fn read_coded(reader: &mut Reader<'_, '_>, size: usize, count: usize) -> Result<usize, Error> {
    let coded = reader.read(context(size as u32))? as usize;
    if coded > count {
        return Err(Error::corrupt(format!(
            "permutation with {coded} ranks of {count} numbers"
        )));
    }
    Ok(coded)
}

/// Number of bits of a value, at most 7.
fn context(value: u32) -> usize {
    let bits = (u32::BITS - value.leading_zeros()) as usize;
    bits.min(PERMUTATION_CONTEXTS - 1)
}

fn out_of_range() -> Error {
    Error::corrupt("permutation out of range")
}

/// Numbers from 0, of which each can be taken by its rank among those left, in logarithmic time.
struct Unused<'a> {
    /// A Fenwick tree: the count of numbers left in `i + 1 - lowbit(i + 1)..=i`.
    counts: &'a mut [u32],
    left: usize,
}

impl<'a> Unused<'a> {
    /// All numbers below the length of `counts`.
    fn new(counts: &'a mut [u32]) -> Self {
        for (index, count) in counts.iter_mut().enumerate() {
            *count = 1 << (index + 1).trailing_zeros();
        }
        let left = counts.len();
        Self { counts, left }
    }

    /// Takes the number with `rank` smaller numbers left.
    fn take(&mut self, rank: u32) -> Result<usize, Error> {
        if rank as usize >= self.left {
            return Err(out_of_range());
        }
        self.left -= 1;
        let (mut number, mut rank) = (0, rank);
        let mut step = self.counts.len().next_power_of_two();
        while step > 0 {
            if let Some(count) = self.counts.get_mut(number + step - 1) {
                if *count <= rank {
                    rank -= *count;
                    number += step;
                } else {
                    *count -= 1;
                }
            }
            step /= 2;
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_take_what_a_list_would_remove() {
        for len in [1, 2, 63, 64, 100] {
            let mut counts = vec![0; len];
            let mut unused = Unused::new(&mut counts);
            let mut list: Vec<usize> = (0..len).collect();
            let mut random = 1_u32;
            while !list.is_empty() {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let rank = (random >> 8) % list.len() as u32;
                assert_eq!(unused.take(rank).unwrap(), list.remove(rank as usize));
            }
            assert!(unused.take(0).is_err());
        }
    }
}
