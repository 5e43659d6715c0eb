use jxl_simd::{F32SimdVec, I32SimdVec, SimdDescriptor};

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

    /// Writes the next batch of samples, which are from 1 to 2.
    #[inline(always)]
    pub(super) fn next<D: SimdDescriptor>(&mut self, d: D, samples: &mut [f32; BATCH]) {
        let mut words = self.step();
        if cfg!(target_endian = "big") {
            words
                .iter_mut()
                .for_each(|word| *word = word.rotate_left(32));
        }
        // The low half of a word comes first, each with its highest 23 bits as a mantissa.
        let halves: [i32; BATCH] = bytemuck::cast(words);
        let lanes = D::I32Vec::LEN;
        let mantissa = D::I32Vec::splat(d, (1 << 23) - 1);
        let one = D::I32Vec::splat(d, 0x3f80_0000);
        for (halves, samples) in halves
            .chunks_exact(lanes)
            .zip(samples.chunks_exact_mut(lanes))
        {
            let bits = D::I32Vec::load(d, halves).shr::<9, 9>();
            (bits & mantissa | one).bitcast_to_f32().store(samples);
        }
    }

    /// The next batch of random bits.
    #[inline(always)]
    pub(super) fn step(&mut self) -> [u64; LANES] {
        // A loop: functions that take closures are not always inlined.
        let mut words = [0; LANES];
        for (lane, word) in words.iter_mut().enumerate() {
            let (mut a, b) = (self.low[lane], self.high[lane]);
            *word = a.wrapping_add(b);
            a ^= a << 23;
            self.low[lane] = b;
            self.high[lane] = a ^ b ^ (a >> 18) ^ (b >> 5);
        }
        words
    }
}

fn split_mix(word: u64) -> u64 {
    let word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ word >> 31
}
