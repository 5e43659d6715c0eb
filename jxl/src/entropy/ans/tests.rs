use jxl_bitstream::Bitstream;
use jxl_coding::Decoder;

use super::*;
use crate::entropy::AnsReader;

/// Bytes that follow from a seed.
fn random_bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// Reads codes and streams of them from random bytes, the same as `jxl-coding` does. Returns how many integers were the same.
fn compare(seed: u64, len: usize) -> usize {
    let mut bytes = random_bytes(seed, len);
    // Without LZ77; three bits further a simple map of contexts.
    bytes[0] &= !1;
    let contexts = 1 + (seed % 5) as u32;
    let mut expected_bits = Bitstream::new(&bytes);
    let expected = Decoder::parse(&mut expected_bits, contexts);
    let mut bits = Bitstream::new(&bytes);
    let code = AnsCode::parse(&mut bits, contexts);
    let (mut expected, code) = match (expected, code) {
        (Ok(expected), Ok(Some(code))) => (expected, code),
        (Err(_), Ok(Some(_))) => panic!("seed {seed}: read what is corrupt"),
        (Ok(_), Err(error)) => panic!("seed {seed}: {error}"),
        _ => return 0,
    };
    assert_eq!(bits.num_read_bits(), expected_bits.num_read_bits());
    assert_eq!(code.clusters(), expected.cluster_map());
    let most = *code.clusters().iter().max().unwrap();
    for cluster in 0..=most {
        assert_eq!(code.constant(cluster), expected.single_token(cluster));
    }
    if expected.begin(&mut expected_bits).is_err() {
        assert!(AnsReader::begin(&code, &bits).is_err());
        return 0;
    }
    let mut reader = AnsReader::begin(&code, &bits).unwrap();
    for i in 0..10_000 {
        let cluster = code.clusters()[i % contexts as usize];
        let expected =
            expected.read_varint_with_multiplier_clustered(&mut expected_bits, cluster, 0);
        let found = reader.read(cluster);
        match (expected, found) {
            (Ok(expected), Ok(found)) => assert_eq!(found, expected, "seed {seed}, integer {i}"),
            (Err(_), Err(_)) => return i,
            // `jxl-coding` forgives raw bits that are missing.
            (Ok(_), Err(_)) => {
                assert!(expected_bits.num_read_bits() + 32 > 8 * len);
                return i;
            }
            (Err(error), Ok(_)) => panic!("seed {seed}: read on after {error}"),
        }
    }
    10_000
}

#[test]
fn integers_are_those_of_another_decoder() {
    let mut compared = 0;
    let mut streams = 0;
    for seed in 0..60_000 {
        let count = compare(seed, 200 + seed as usize % 300);
        compared += count;
        streams += usize::from(count > 20);
    }
    assert!(streams > 1000 && compared > 100_000, "{streams} {compared}");
}

#[test]
fn every_state_is_one_of_its_symbol() {
    // Frequencies that fall off, some of them zero.
    let mut frequencies = [0; MAX_SYMBOLS];
    let mut rest = TOTAL as u16;
    for (symbol, frequency) in frequencies.iter_mut().enumerate().take(32) {
        if symbol % 5 != 3 {
            *frequency = (rest / 4).max(1).min(rest);
            rest -= *frequency;
        }
    }
    frequencies[0] += rest;
    for log_alphabet in 5..=8 {
        let mut buckets = vec![Bucket::default(); 1 << log_alphabet];
        fill_buckets(&frequencies, &mut buckets);
        let code = AnsCode {
            clusters: vec![0],
            buckets,
            configs: Box::new([IntegerConfig::default(); MAX_CLUSTERS]),
            log_alphabet,
        };
        let mut seen = vec![vec![false; TOTAL as usize]; MAX_SYMBOLS];
        for state in 0..TOTAL {
            let found = code.tables().find(0, state);
            let symbol = found.symbol as usize;
            assert_eq!(found.frequency, u32::from(frequencies[symbol]));
            assert!(found.rank < found.frequency);
            assert!(!std::mem::replace(
                &mut seen[symbol][found.rank as usize],
                true
            ));
        }
    }
}
