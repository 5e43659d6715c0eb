use frame_arena::Arena;
use jxl_oxide_common::Bundle;
use jxl_threadpool::JxlThreadPool;
use jxl_vardct::{DequantMatrixSet, DequantMatrixSetParams, TransformType};

use super::*;

/// The first transform of each table, by the peer's names.
const PEER: [TransformType; TABLES] = [
    TransformType::Dct8,
    TransformType::Hornuss,
    TransformType::Dct2,
    TransformType::Dct4,
    TransformType::Dct16,
    TransformType::Dct32,
    TransformType::Dct8x16,
    TransformType::Dct8x32,
    TransformType::Dct16x32,
    TransformType::Dct4x8,
    TransformType::Afv0,
    TransformType::Dct64,
    TransformType::Dct32x64,
    TransformType::Dct128,
    TransformType::Dct64x128,
    TransformType::Dct256,
    TransformType::Dct128x256,
];

const ALL: u32 = (1 << TABLES) - 1;

/// Compares all tables with those of the peer.
fn assert_tables(bytes: &[u8], encoded: u32) {
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let place = (&*frame, Memory::new(&frame, &kept));
    let mut no_raw = |_: &mut Bits<'_>, _, _| panic!("no table is raw");
    let mut parse = |used| QuantTables::parse(&mut Bits::new(bytes), used, &mut no_raw, place);
    let unused = parse(0).unwrap();
    assert!(unused.factors.iter().all(|factors| factors.is_empty()));
    let tables = parse(ALL).unwrap();
    assert_eq!((tables.own.encoded, tables.own.raw), (encoded, 0));
    assert_eq!((unused.own.encoded, unused.own.raw), (encoded, 0));

    let pool = JxlThreadPool::none();
    let params = DequantMatrixSetParams::new(8, 1, None, None, &pool);
    let peer = DequantMatrixSet::parse(&mut jxl_bitstream::Bitstream::new(bytes), params).unwrap();
    for (table, (own, transform)) in tables.factors.into_iter().zip(PEER).enumerate() {
        for (channel, own) in own.chunks_exact(own.len() / 3).enumerate() {
            let peer = peer.get(channel, transform);
            assert_eq!(own.len(), peer.len());
            for (position, (own, peer)) in own.iter().zip(peer).enumerate() {
                // libjxl's quant_weights.cc multiplies the coded parameters of these two tables by
                // 64. jxl-vardct does not.
                let is_unscaled = encoded != 0 && matches!(table, 1 | 2) && position > 0;
                let peer = if is_unscaled { peer / 64.0 } else { *peer };
                let apart = (own - peer).abs() / peer;
                let place = (table, channel, position);
                assert!(apart < 1e-4, "{place:?}: {own} {peer}");
            }
        }
    }
}

#[test]
fn standard_tables_are_those_of_jxl_vardct() {
    assert_tables(&[1], 0);
}

/// Appends numbers of `count` bits each.
fn put(bits: &mut Vec<u8>, count: u32, numbers: impl IntoIterator<Item = u32>) {
    let numbers = numbers.into_iter();
    bits.extend(numbers.flat_map(|number| (0..count).map(move |bit| (number >> bit & 1) as u8)));
}

/// Appends half-precision numbers from 1 to 2.
fn put_floats(bits: &mut Vec<u8>, count: u32) {
    put(bits, 16, (0..count).map(|i| 0x3C00 + (317 * i + 11) % 1024));
}

/// Appends bands: the first number is from 1 to 2, the others are changes.
fn put_bands(bits: &mut Vec<u8>, count: u32) {
    const CHANGES: [u32; 3] = [0xB400, 0x2E66, 0xBC00];
    put(bits, 4, [count - 1]);
    for channel in 0..3 {
        put(bits, 16, [0x3C00 + 100 * channel]);
        put(
            bits,
            16,
            CHANGES.into_iter().cycle().take(count as usize - 1),
        );
    }
}

#[test]
fn encoded_tables_are_those_of_jxl_vardct() {
    let mut bits = vec![0];
    for (table, shape) in SHAPES.into_iter().enumerate() {
        // The encoding's number, the number of its parameters in all channels, and its numbers of
        // bands.
        let (mode, floats, bands): (_, _, &[u32]) = match table {
            1 => (1, 9, &[]),
            2 => (2, 18, &[]),
            3 => (3, 6, &[4]),
            9 => (4, 3, &[3]),
            10 => (5, 27, &[4, 2]),
            _ => (6, 0, &[5]),
        };
        assert!(mode == 6 || shape.area() == 1);
        put(&mut bits, 3, [mode]);
        put_floats(&mut bits, floats);
        bands.iter().for_each(|&count| put_bands(&mut bits, count));
    }
    let byte = |bits: &[u8]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit);
    let bytes: Vec<u8> = bits.chunks(8).map(byte).collect();
    assert_tables(&bytes, ALL);
}
