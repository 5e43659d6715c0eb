//! The arithmetic of sizes, strides and offsets, compared with the same arithmetic in 128 bits,
//! where nothing overflows.
#![no_main]

#[path = "../../src/layout.rs"]
mod layout;

use frame_arena::AllocError;
use layout::{MAX_REQUEST_BYTES, PAGE_BYTES, ROW_ALIGN_BYTES};
use libfuzzer_sys::fuzz_target;

/// Four numbers, the bits by which each is shifted to get any magnitude, and the bytes of a sample.
type Input = ([u64; 4], [u8; 4], u8);

fuzz_target!(|input: Input| {
    let (numbers, magnitudes, sample_bytes) = input;
    let mut shifted = numbers
        .iter()
        .zip(magnitudes)
        .map(|(n, bits)| (n >> (bits % 64)) as usize);
    let [a, b, c, d] = std::array::from_fn(|_| shifted.next().unwrap_or(0));
    check_planes(a, b, c, sample_bytes.into());
    check_planes(a, b, c, d);
    check_slice(a, sample_bytes.into());
    check_sizes(a);
    check_rounding(a, b);
    check_tiles(a, b, c, d);
    check_tiles(a, 0, b, c);
    check_tiles(a, b, 0, c);
    check_tiles(a, 0, 0, b);
});

fn check_planes(count: usize, width: usize, height: usize, sample_bytes: usize) {
    let made = layout::planes(count, width, height, sample_bytes);
    let [n, w, h, s] = [count, width, height, sample_bytes].map(|n| n as u128);
    // Most unused bytes of a row. If whole samples fill a unit of 64 bytes, less than a unit of
    // padding and a unit against aliasing; if not, only the latter, rounded up to whole samples.
    let waste = match s {
        1 | 2 | 4 | 8 | 16 | 32 | 64 => 64 - s + 64,
        _ => 64 + s - 1,
    };
    let is_empty = n == 0 || w == 0 || h == 0 || s == 0;
    let Ok(made) = made else {
        assert_eq!(
            made,
            Err(AllocError::SizeOverflow {
                count,
                width,
                height,
                sample_bytes,
            })
        );
        // The refusal is right: the samples and unused bytes exceed the largest request.
        let padded = (w * s)
            .saturating_add(waste)
            .saturating_mul(h)
            .saturating_mul(n);
        return assert!(!is_empty && padded > MAX_REQUEST_BYTES as u128);
    };
    if is_empty {
        return assert_eq!((made.bytes, made.plane_stride), (0, 0));
    }
    let stride = made.stride as u128 * s;
    assert!(stride >= w * s && stride <= w * s + waste);
    if 64 % s == 0 {
        assert!(stride.is_multiple_of(ROW_ALIGN_BYTES as u128));
    } else if h == 1 || w * s % 2048 != 0 {
        assert_eq!(stride, w * s);
    }
    assert!(h == 1 || !stride.is_multiple_of(2048) || s.is_multiple_of(2048));
    assert_eq!(made.plane_stride as u128, made.stride as u128 * h);
    assert_eq!(made.bytes as u128, stride * h * n);
    assert!(made.bytes <= MAX_REQUEST_BYTES);
}

fn check_slice(len: usize, sample_bytes: usize) {
    let exact = len as u128 * sample_bytes as u128;
    match layout::slice(len, sample_bytes) {
        Ok(bytes) => assert_eq!(bytes as u128, exact),
        Err(_) => assert!(exact > MAX_REQUEST_BYTES as u128),
    }
}

/// Checks that blocks and runs hold the requested bytes, and little more.
fn check_sizes(bytes: usize) {
    let largest = isize::MAX as u128;
    match layout::run_bytes(bytes) {
        Some(total) => {
            assert!(total.is_multiple_of(PAGE_BYTES));
            let overhead = layout::RUN_OVERHEAD_BYTES + layout::ROW_ALIGN_BYTES;
            assert!(total as u128 >= bytes as u128 + overhead as u128);
            assert!(total as u128 <= bytes as u128 / 16 * 17 + 2 * PAGE_BYTES as u128);
            assert!(layout::run_room_bytes(total) >= bytes);
            assert_eq!(layout::run_bytes_below(total), total);
            let below = layout::run_bytes_below(total - 1);
            assert!(below < total || total == PAGE_BYTES);
        }
        None => assert!(bytes as u128 / 16 * 17 + 2 * PAGE_BYTES as u128 > largest),
    }
    match layout::block_bytes(bytes) {
        Some(total) => {
            assert!(total.is_multiple_of(PAGE_BYTES));
            let overhead = layout::BLOCK_OVERHEAD_BYTES + layout::ROW_ALIGN_BYTES;
            assert!(total - bytes >= overhead);
            assert!(total - bytes < overhead + PAGE_BYTES);
            let room = layout::block_room_bytes(total);
            assert!(room >= bytes && room.is_multiple_of(layout::ROW_ALIGN_BYTES));
        }
        None => {
            let overhead = layout::BLOCK_OVERHEAD_BYTES + layout::ROW_ALIGN_BYTES + PAGE_BYTES;
            assert!(bytes as u128 + overhead as u128 > largest);
        }
    }
    if bytes <= MAX_REQUEST_BYTES {
        assert!(
            layout::run_bytes(bytes + 64).is_some(),
            "a request of an allowed size has no run"
        );
    }
}

fn check_rounding(value: usize, unit: usize) {
    match layout::round_up(value, unit) {
        Some(rounded) => assert!(rounded.is_multiple_of(unit) && rounded - value < unit),
        None => assert!(
            unit == 0 || (value as u128).next_multiple_of(unit as u128) > usize::MAX as u128
        ),
    }
    let skipped = layout::align_offset(value);
    assert!(skipped < ROW_ALIGN_BYTES);
    assert!((value as u128 + skipped as u128).is_multiple_of(ROW_ALIGN_BYTES as u128));
}

/// Checks that tiles cover an axis from end to end, each next to the one before.
fn check_tiles(length: usize, first: usize, step: usize, index: usize) {
    let count = layout::tile_count(length, first, step);
    if count == 0 {
        return assert_eq!(length, 0);
    }
    let span = |index| layout::tile_span(length, first, step, index);
    assert_eq!(span(0).0, 0);
    let (start, extent) = span(count - 1);
    assert_eq!(start + extent, length);
    let index = index % count;
    let (start, extent) = span(index);
    let nominal = match index {
        0 if first > 0 => first,
        _ if step > 0 => step,
        _ => length,
    };
    assert!(extent > 0 && extent <= nominal);
    if index + 1 < count {
        assert_eq!(span(index + 1).0, start + extent);
    }
}
