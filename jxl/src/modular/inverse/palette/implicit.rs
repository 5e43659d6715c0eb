/// The implicit deltas of every palette, for red, green and blue of 8 bits (ISO/IEC 18181-1,
/// H.6.4). Each also stands for its negative.
#[rustfmt::skip]
const DELTAS: [[i16; 3]; 72] = [
    [0, 0, 0], [4, 4, 4], [11, 0, 0], [0, 0, -13], [0, -12, 0], [-10, -10, -10],
    [-18, -18, -18], [-27, -27, -27], [-18, -18, 0], [0, 0, -32], [-32, 0, 0], [-37, -37, -37],
    [0, -32, -32], [24, 24, 45], [50, 50, 50], [-45, -24, -24], [-24, -45, -45], [0, -24, -24],
    [-34, -34, 0], [-24, 0, -24], [-45, -45, -24], [64, 64, 64], [-32, 0, -32], [0, -32, 0],
    [-32, 0, 32], [-24, -45, -24], [45, 24, 45], [24, -24, -45], [-45, -24, 24], [80, 80, 80],
    [64, 0, 0], [0, 0, -64], [0, -64, -64], [-24, -24, 45], [96, 96, 96], [64, 64, 0],
    [45, -24, -24], [34, -34, 0], [112, 112, 112], [24, -45, -45], [45, 45, -24], [0, -32, 32],
    [24, -24, 45], [0, 96, 96], [45, -24, 24], [24, -45, -24], [-24, -45, 24], [0, -64, 0],
    [96, 0, 0], [128, 128, 128], [64, 0, 64], [144, 144, 144], [96, 96, 0], [-36, -36, 36],
    [45, -24, -45], [45, -45, -24], [0, 0, -96], [0, 128, 128], [0, 96, 0], [45, 24, -45],
    [-128, 0, 0], [24, -45, 24], [-45, 24, -45], [64, 0, -64], [64, -64, -64], [96, 0, 96],
    [45, -45, 24], [24, 45, -45], [64, 64, -64], [128, 128, 0], [0, 0, -128], [-24, 45, -45],
];

/// Bits that entries are scaled to at most, however deep the image is.
const MAX_BITS: u32 = 24;

/// The entry of an index outside the `colors` coded entries of a palette. Negative indices are
/// deltas. Others are colors of a 4 x 4 x 4 cube, then of a 5 x 5 x 5 cube. Channels after the
/// third get 0.
pub(super) fn implicit_entry(index: i32, colors: usize, channel: usize, bit_depth: u32) -> i32 {
    if channel >= 3 {
        return 0;
    }
    let bits = bit_depth.min(MAX_BITS);
    if index < 0 {
        return delta(!index as usize % (2 * DELTAS.len() - 1), channel, bits);
    }
    let color = (index as usize).saturating_sub(colors);
    let level = |level: usize| ((level as i64 * ((1 << bits) - 1)) / 4) as i32;
    match color.checked_sub(64) {
        None => level((color >> (2 * channel)) % 4) + (1 << bits.saturating_sub(3)),
        Some(color) => level(color / [1, 5, 25][channel] % 5),
    }
}

fn delta(number: usize, channel: usize, bits: u32) -> i32 {
    let delta = i32::from(DELTAS[number.div_ceil(2)][channel]) << bits.saturating_sub(8);
    if number.is_multiple_of(2) {
        -delta
    } else {
        delta
    }
}
