/// Samples per step of the generator.
pub(super) const BATCH: usize = 16;

/// Words of a generator's state.
pub(super) const STATE: usize = 16;

const LANES: usize = 8;

/// Eight interleaved xorshift128+ generators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Generator {
    low: [u64; LANES],
    high: [u64; LANES],
}

impl Generator {
    /// The generator of the group whose first sample is in column `x` of row `y`. `frames` counts
    /// the visible and invisible frames before.
    pub(super) fn new(frames: [u32; 2], x: u32, y: u32) -> Self {
        let seed = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let lanes = |seed: u64| {
            let mut word = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            [(); LANES].map(|()| {
                word = split_mix(word);
                word
            })
        };
        Self {
            low: lanes(seed(frames[0], frames[1])),
            high: lanes(seed(x, y)),
        }
    }

    pub(super) fn from_state(state: &[u64; STATE]) -> Self {
        let word = |half: usize| std::array::from_fn(|lane| state[half * LANES + lane]);
        Self {
            low: word(0),
            high: word(1),
        }
    }

    pub(super) fn store(&self, state: &mut [u64; STATE]) {
        state[..LANES].copy_from_slice(&self.low);
        state[LANES..].copy_from_slice(&self.high);
    }

    /// The next batch of samples from 1 to 2.
    #[inline(always)]
    pub(super) fn next(&mut self) -> [f32; BATCH] {
        let mut samples = [0.0; BATCH];
        let words = self.step();
        for (pair, word) in samples.chunks_exact_mut(2).zip(words) {
            // The low half comes first, each with its highest 23 bits as a mantissa.
            pair[0] = f32::from_bits((word as u32) >> 9 | 0x3f80_0000);
            pair[1] = f32::from_bits((word >> 41) as u32 | 0x3f80_0000);
        }
        samples
    }

    /// The next batch of random bits.
    #[inline(always)]
    pub(super) fn step(&mut self) -> [u64; LANES] {
        std::array::from_fn(|lane| {
            let (mut a, b) = (self.low[lane], self.high[lane]);
            let word = a.wrapping_add(b);
            a ^= a << 23;
            self.low[lane] = b;
            self.high[lane] = a ^ b ^ (a >> 18) ^ (b >> 5);
            word
        })
    }
}

fn split_mix(word: u64) -> u64 {
    let word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ word >> 31
}
