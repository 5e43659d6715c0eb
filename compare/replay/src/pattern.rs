//! The pattern that fills a buffer: eight repeated bytes, different for every buffer.

/// Returns a unique word for request `number` of a decoder in a round (the mixer of splitmix64).
pub(crate) fn word(decoder: usize, round: usize, number: usize) -> u64 {
    let mut mixed = ((decoder as u64) << 56 | (round as u64) << 32 | number as u64)
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

pub(crate) fn write(bytes: &mut [u8], word: u64) {
    let word = word.to_ne_bytes();
    let mut words = bytes.chunks_exact_mut(8);
    for chunk in &mut words {
        chunk.copy_from_slice(&word);
    }
    let rest = words.into_remainder();
    rest.copy_from_slice(&word[..rest.len()]);
}

/// Asserts that [`is_written`] detects one wrong byte at any place.
pub(crate) fn assert_that_it_shows() {
    for length in [1, 7, 8, 20, 65] {
        let mut bytes = vec![0; length];
        let word = word(1, 2, length);
        write(&mut bytes, word);
        assert!(is_written(&bytes, word));
        for place in 0..length {
            bytes[place] ^= 4;
            assert!(!is_written(&bytes, word), "byte {place} of {length}");
            bytes[place] ^= 4;
        }
    }
}

pub(crate) fn is_written(bytes: &[u8], word: u64) -> bool {
    let words = bytes.chunks_exact(8);
    let rest = words.remainder();
    let expected = word.to_ne_bytes();
    let wrong = words
        .map(|chunk| u64::from_ne_bytes(chunk.try_into().expect("eight bytes")) ^ word)
        .fold(0, |wrong, difference| wrong | difference);
    wrong == 0 && *rest == expected[..rest.len()]
}
