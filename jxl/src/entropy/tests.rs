use frame_arena::Arena;
use jxl_bitstream::Bitstream;
use jxl_coding::Decoder;

use super::*;

/// Random bytes computed from a seed.
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

/// Counts of comparisons.
#[derive(Clone, Copy, Default, Debug)]
struct Compared {
    integers: usize,
    /// With more than twenty integers.
    streams: usize,
}

impl Compared {
    fn add(&mut self, integers: usize) {
        self.integers += integers;
        self.streams += usize::from(integers > 20);
    }
}

/// Reads a code and a stream, and compares with `jxl-coding`. Returns the number of equal integers.
fn compare(bytes: &[u8], contexts: usize, multiplier: u32, memory: Memory<'_>) -> usize {
    let mut expected_bits = Bitstream::new(bytes);
    let expected = Decoder::parse(&mut expected_bits, contexts as u32);
    let mut bits = Bits::new(bytes);
    let code = Code::parse(&mut bits, contexts, memory);
    let (mut expected, code) = match (expected, code) {
        (Ok(expected), Ok(code)) => (expected, code),
        // Of two repetitions in a row `jxl-coding` takes the second one for a frequency; libjxl's
        // `ReadHistogram` does not.
        (Err(jxl_coding::Error::InvalidAnsHistogram), Ok(_)) => return 0,
        (Err(error), Ok(_)) => panic!("read what is corrupt: {error}"),
        (Ok(_), Err(error)) => panic!("{error}"),
        (Err(_), Err(_)) => return 0,
    };
    assert_eq!(bits.position(), expected_bits.num_read_bits());
    assert_eq!(code.clusters(), expected.cluster_map());
    let most = *code.clusters().iter().max().unwrap();
    for cluster in 0..=most {
        assert_eq!(code.constant(cluster), expected.single_token(cluster));
    }
    if expected.begin(&mut expected_bits).is_err() {
        assert!(Reader::begin(&code, &bits, memory).is_err());
        return 0;
    }
    let mut symbols = match &code {
        Code::Ans(code) => Symbols::Ans(AnsReader::begin(code, &bits).unwrap()),
        Code::Other(code) => {
            Symbols::Other(OtherReader::begin(code, &bits, (multiplier, 100), memory).unwrap())
        }
    };
    for i in 0..10_000 {
        let cluster = code.clusters()[i % contexts];
        let expected =
            expected.read_varint_with_multiplier_clustered(&mut expected_bits, cluster, multiplier);
        let found = match &mut symbols {
            Symbols::Ans(reader) if i % 3 == 0 => reader.read(cluster).map_err(Error::from),
            Symbols::Ans(reader) => {
                let integer = reader.with_sparse(|reader| reader.read(cluster));
                integer.map(Option::unwrap_or_default).map_err(Error::from)
            }
            Symbols::Other(reader) => reader.read(cluster),
        };
        match (expected, found) {
            (Ok(expected), Ok(found)) => assert_eq!(found, expected, "integer {i}"),
            (Err(_), Err(_)) => return i,
            // `jxl-coding` forgives raw bits that are missing.
            (Ok(_), Err(_)) => {
                assert!(expected_bits.num_read_bits() + 32 > 8 * bytes.len());
                return i;
            }
            (Err(error), Ok(_)) => panic!("read on after {error}"),
        }
    }
    10_000
}

/// Compares codes in random bytes after `prepare` sets some bits.
fn compare_many(seeds: u64, prepare: impl Fn(&mut [u8], u64)) -> Compared {
    let arena = Arena::new();
    let mut compared = Compared::default();
    for seed in 0..seeds {
        let mut bytes = random_bytes(seed, 200 + seed as usize % 300);
        prepare(&mut bytes, seed);
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let contexts = 1 + (seed % 5) as usize;
        let multiplier = [0, 1, 7, 40][seed as usize / 5 % 4];
        let memory = Memory::new(&frame, &kept);
        compared.add(compare(&bytes, contexts, multiplier, memory));
    }
    compared
}

#[test]
fn integers_without_copies_are_those_of_another_decoder() {
    let compared = compare_many(15_000, |bytes, _| bytes[0] &= !1);
    assert!(compared.streams > 250, "{compared:?}");
    assert!(compared.integers > 25_000, "{compared:?}");
}

#[test]
fn copied_integers_are_those_of_another_decoder() {
    let compared = compare_many(50_000, |bytes, _| {
        bytes[0] |= 1;
    });
    assert!(compared.streams > 75, "{compared:?}");
}

/// Bits, lowest first.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    count: usize,
}

impl Written {
    fn bits(&mut self, count: u32, bits: u32) {
        for place in 0..count {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            self.bytes[self.count / 8] |= ((bits >> place & 1) as u8) << (self.count % 8);
            self.count += 1;
        }
    }
}

/// A prefix code of `size` symbols whose lengths are written one by one, and random bits in it.
fn coded_lengths(lengths: &[u8], seed: u64) -> Vec<u8> {
    let mut written = Written::default();
    // No copies; one context has no map; prefix codes; integers up to 2^15 are symbols.
    written.bits(1, 0);
    written.bits(1, 1);
    written.bits(4, 15);
    let size = lengths.len() as u32;
    let log = (size - 2).ilog2();
    written.bits(1, 1);
    written.bits(4, log);
    written.bits(log, size - 2 - (1 << log) + 1);
    // All sixteen lengths have four bits.
    written.bits(2, 0);
    for symbol in [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15] {
        match symbol {
            16 | 17 => written.bits(2, 0),
            _ => written.bits(2, 1),
        }
    }
    let mut left = 1 << 15;
    for &length in lengths {
        if left == 0 {
            break;
        }
        written.bits(4, u32::from(length).reverse_bits() >> 28);
        if length > 0 {
            left -= 1 << (15 - length);
        }
    }
    let mut bytes = written.bytes;
    bytes.extend(random_bytes(seed, 300));
    bytes
}

/// Lengths of a complete code, in random order, of which some are 0.
fn random_lengths(seed: u64) -> Vec<u8> {
    let random = random_bytes(seed, 4000);
    let mut random = random.into_iter().map(usize::from).cycle();
    let mut next = || random.next().unwrap_or(0) << 8 | random.next().unwrap_or(0);
    let mut lengths = vec![1_u8, 1];
    for _ in 0..next() % 600 {
        let at = next() % lengths.len();
        if lengths[at] < 15 {
            lengths[at] += 1;
            let length = lengths[at];
            lengths.insert(next() % lengths.len(), length);
        }
    }
    for _ in 0..next() % 100 {
        lengths.insert(next() % lengths.len(), 0);
    }
    lengths
}

#[test]
fn prefix_codes_are_those_of_another_decoder() {
    let arena = Arena::new();
    let (mut compared, mut long) = (Compared::default(), 0);
    for seed in 0..2000 {
        let lengths = random_lengths(seed);
        long += usize::from(lengths.iter().any(|&length| length > 10));
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let bytes = coded_lengths(&lengths, seed);
        compared.add(compare(&bytes, 1, 0, Memory::new(&frame, &kept)));
    }
    assert!(
        compared.streams > 1900 && long > 1000,
        "{compared:?} {long}"
    );
}

#[test]
fn codes_are_refused_where_memory_is() {
    let lengths = random_lengths(4);
    let bytes = coded_lengths(&lengths, 1);
    let arena = Arena::builder().limit_bytes(100_000).build();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let code = Code::parse(&mut Bits::new(&bytes), 1, Memory::new(&frame, &kept));
    assert!(matches!(code, Err(Error::Memory(_))));
}
