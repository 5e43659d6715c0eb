//! Numbers that look random, the same in each run.

/// Returns a generator: Marsaglia's xorshift of 64 bits with the shifts 13, 7 and 17. `seed` is not
/// zero.
pub(crate) fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}
