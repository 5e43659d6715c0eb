use super::*;

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
        let tables = Tables {
            buckets: &buckets,
            configs: &[IntegerConfig::default(); MAX_CLUSTERS],
            log_alphabet,
        };
        let mut seen = vec![vec![false; TOTAL as usize]; MAX_SYMBOLS];
        for state in 0..TOTAL {
            let found = tables.find(0, state);
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
