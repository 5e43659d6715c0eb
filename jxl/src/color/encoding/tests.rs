use jxl_bitstream::Bitstream;
use jxl_oxide_common::Bundle;

use super::*;
use crate::Error;
use crate::bits::Bits;

/// Packs fields, given as values and numbers of bits, lowest bit first.
fn pack(fields: &[(u32, u32)]) -> Vec<u8> {
    let bits = fields
        .iter()
        .flat_map(|&(value, count)| (0..count).map(move |place| (value >> place & 1) as u8));
    let bits: Vec<u8> = bits.collect();
    let byte = |bits: &[u8]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | bit);
    bits.chunks(8).map(byte).collect()
}

fn parse(fields: &[(u32, u32)]) -> Result<CodedColors, Error> {
    CodedColors::parse(&mut Bits::new(&pack(fields)))
}

/// An `Enum(..)` below 18.
fn number(value: u32) -> [(u32, u32); 2] {
    match value {
        0 | 1 => [(value, 2), (0, 0)],
        _ => [(2, 2), (value - 2, 4)],
    }
}

/// Not all default, without a profile.
const FRONT: [(u32, u32); 2] = [(0, 1), (0, 1)];

#[test]
fn default_is_srgb() {
    assert_eq!(
        parse(&[(1, 1)]).unwrap(),
        CodedColors::Encoding(ColorEncoding::SRGB)
    );
}

#[test]
fn profile_ends_the_bundle() {
    let fields = [&[(0, 1), (1, 1)][..], &number(1)].concat();
    let mut bits = [pack(&fields), vec![0xFF]].concat();
    bits.truncate(2);
    let mut bits = Bits::new(&bits);
    let colors = CodedColors::parse(&mut bits).unwrap();
    assert_eq!(colors, CodedColors::Icc(ColorSpace::Gray));
    assert!(colors.has_profile() && colors.is_gray());
    assert_eq!(bits.position(), 4);
}

#[test]
fn xyb_has_an_intent_only() {
    let fields = [&FRONT[..], &number(2), &number(0)].concat();
    let bytes = [pack(&fields), vec![0]].concat();
    let mut bits = Bits::new(&bytes);
    let CodedColors::Encoding(encoding) = CodedColors::parse(&mut bits).unwrap() else {
        panic!("a profile");
    };
    assert_eq!(encoding.color_space, ColorSpace::Xyb);
    assert_eq!(encoding.white_point, WhitePoint::D65);
    assert_eq!(encoding.rendering_intent, RenderingIntent::Perceptual);
    let exponent = encoding.transfer_function.exponent().unwrap();
    assert!((exponent - 1.0 / 3.0).abs() < 1e-7);
    assert_eq!(bits.position(), 10);
}

#[test]
fn gray_has_no_primaries() {
    let fields = [
        &FRONT[..],
        &number(1),
        &number(10),
        &[(0, 1)],
        &number(16),
        &number(1),
    ];
    let expected = ColorEncoding {
        white_point: WhitePoint::E,
        transfer_function: TransferFunction::Pq,
        ..ColorEncoding::GRAY_SRGB
    };
    assert_eq!(
        parse(&fields.concat()).unwrap(),
        CodedColors::Encoding(expected)
    );
}

#[test]
fn custom_chromaticities_are_signed() {
    let fields = [
        &FRONT[..],
        &number(0),
        &number(2),
        &[(1, 2), (199_998, 19)],
        &[(0, 2), (500_000, 19)],
        &number(2),
        &[(0, 2), (7, 19), (3, 2), (2_097_151, 21)],
        &[
            (0, 2),
            (0, 19),
            (0, 2),
            (1, 19),
            (1, 2),
            (0, 19),
            (2, 2),
            (0, 20),
        ],
        &[(1, 1), (4_545_455, 24)],
        &number(3),
    ];
    let expected = ColorEncoding {
        color_space: ColorSpace::Rgb,
        white_point: WhitePoint::Custom(Chromaticity {
            x: 362_143,
            y: 250_000,
        }),
        primaries: Primaries::Custom {
            red: Chromaticity {
                x: -4,
                y: -2_097_152,
            },
            green: Chromaticity { x: 0, y: -1 },
            blue: Chromaticity {
                x: 262_144,
                y: 524_288,
            },
        },
        transfer_function: TransferFunction::Gamma {
            exponent: 4_545_455,
        },
        rendering_intent: RenderingIntent::Absolute,
    };
    assert_eq!(
        parse(&fields.concat()).unwrap(),
        CodedColors::Encoding(expected)
    );
}

#[test]
fn what_has_no_meaning_is_corrupt() {
    let rgb_with = |rest: &[(u32, u32)]| {
        let front = [&FRONT[..], &number(0), &number(1), &number(1)].concat();
        parse(&[&front[..], rest, &number(1), &[(0, 8)]].concat())
    };
    for exponent in [0, 1_220, 10_000_001, 0xFF_FFFF] {
        let found = rgb_with(&[(1, 1), (exponent, 24)]);
        assert!(matches!(found, Err(Error::Corrupt(_))), "{exponent}");
    }
    for exponent in [1_221, 10_000_000] {
        assert!(rgb_with(&[(1, 1), (exponent, 24)]).is_ok(), "{exponent}");
    }
    for function in [0, 2, 3, 14] {
        let found = rgb_with(&[&[(0, 1)][..], &number(function)].concat());
        assert!(matches!(found, Err(Error::Corrupt(_))), "{function}");
    }
    let unknown_space = [&FRONT[..], &number(3), &number(1), &number(1)].concat();
    let unknown_space = [&unknown_space[..], &[(0, 1)], &number(13), &number(1)].concat();
    assert!(matches!(parse(&unknown_space), Err(Error::Corrupt(_))));
    for (x, y) in [(0, 0), (400_000, 1), (3, 400_000)] {
        let white = [&FRONT[..], &number(1), &number(2)].concat();
        let white = [&white[..], &[(0, 2), (x, 19), (0, 2), (y, 19)]].concat();
        let white = [&white[..], &[(0, 1)], &number(13), &number(1)].concat();
        assert!(matches!(parse(&white), Err(Error::Corrupt(_))), "{x}, {y}");
    }
    assert!(matches!(
        parse(&FRONT),
        Err(Error::Corrupt(_) | Error::Truncated)
    ));
    assert!(matches!(parse(&[]), Err(Error::Truncated)));
}

/// A multiplicative generator of bytes.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(0x2545_F491_4F6C_DD1D).rotate_left(23);
        (state >> 32) as u8
    };
    (0..40).map(|_| next()).collect()
}

#[test]
fn another_reader_finds_the_same() {
    let mut agreed = 0;
    for seed in 0..20_000 {
        let mut bytes = noise(seed);
        bytes[0] &= !1;
        let mut ours = Bits::new(&bytes);
        let mut theirs = Bitstream::new(&bytes);
        let found = CodedColors::parse(&mut ours);
        let expected = jxl_image::color::ColourEncoding::parse(&mut theirs, ());
        let is_xyb = |colors: &jxl_image::color::ColourEncoding| {
            !colors.want_icc() && colors.colour_space() == jxl_image::color::ColourSpace::Xyb
        };
        if expected.as_ref().is_ok_and(is_xyb) {
            // The other reader finds a transfer function there.
            continue;
        }
        let expected = match &expected {
            Ok(expected) => CodedColors::from_foreign(expected),
            Err(_) => Err(Error::Truncated),
        };
        match (found, expected) {
            (Ok(found), Ok(expected)) => {
                assert_eq!(found, expected, "seed {seed}");
                assert_eq!(ours.position(), theirs.num_read_bits(), "seed {seed}");
                agreed += 1;
            }
            (Err(_), Err(_)) => {}
            (Ok(CodedColors::Encoding(found)), _) if found.color_space == ColorSpace::Xyb => {}
            (found, expected) => panic!("seed {seed}: {found:?} instead of {expected:?}"),
        }
    }
    assert!(agreed > 1_000, "{agreed} agreed");
}
