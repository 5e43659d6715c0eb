use super::*;

/// Bits of `bytes` one by one, lowest first.
fn one_by_one(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let bits = |byte: u8| (0..8).map(move |place| u32::from(byte >> place & 1));
    bytes.iter().flat_map(move |&byte| bits(byte))
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 151 + i / 7 + 29) as u8).collect()
}

#[test]
fn any_steps_find_the_same_bits() {
    for len in 0..24 {
        let bytes = bytes(len);
        let all: Vec<u32> = one_by_one(&bytes).collect();
        for first in 0..=33 {
            let mut bits = Bits::new(&bytes);
            let mut at = 0;
            for step in (first..).map(|step| step * 7 % 33) {
                let expected = all[at..].iter().take(step).enumerate();
                let expected = expected.map(|(place, &bit)| u64::from(bit) << place);
                assert_eq!(u64::from(bits.peek(step as u32)), expected.sum::<u64>());
                if at + step > all.len() {
                    assert_eq!(bits.read(step as u32), Err(Truncated));
                    assert_eq!((bits.position(), bits.left()), (at, all.len() - at));
                    break;
                }
                match step % 2 {
                    0 => drop(bits.read(step as u32).unwrap()),
                    _ => bits.skip(step).unwrap(),
                }
                at += step;
                assert_eq!((bits.position(), bits.left()), (at, all.len() - at));
            }
        }
    }
}

#[test]
fn any_length_is_skipped() {
    let bytes = bytes(40);
    let all: Vec<u32> = one_by_one(&bytes).collect();
    for before in [0, 1, 9, 33] {
        for count in 0..=all.len() - before {
            let mut bits = Bits::new(&bytes);
            bits.skip(before).unwrap();
            bits.peek(1);
            bits.skip(count).unwrap();
            let next = all.get(before + count).copied().unwrap_or(0);
            assert_eq!(bits.peek(1), next);
            assert!(bits.skip(all.len() + 1 - before - count).is_err());
        }
    }
}

#[test]
fn what_is_left_comes_with_its_length() {
    let bytes = [0xFF; 5];
    let mut bits = Bits::new(&bytes);
    bits.read(3).unwrap();
    assert_eq!(bits.take_ahead(), (u32::MAX, 32));
    assert_eq!(bits.take_ahead(), (0b1_1111, 5));
    assert_eq!(bits.take_ahead(), (0, 0));
    assert_eq!(bits.position(), 40);
}

/// Examples follow from the definitions (ISO/IEC 18181-1, B.2).
#[test]
fn numbers_follow_their_definitions() {
    let read = |bytes: &[u8]| {
        Bits::new(bytes)
            .read_u32(1, U(2), 3 + U(4), 19 + U(8))
            .unwrap()
    };
    assert_eq!(read(&[0b00]), 1);
    assert_eq!(read(&[0b1101]), 3);
    assert_eq!(read(&[0b110010]), 15);
    assert_eq!(read(&[0b11, 0b11]), 19 + 0b1100_0000);

    assert_eq!(Bits::new(&[0b00]).read_u64().unwrap(), 0);
    assert_eq!(Bits::new(&[0b111101]).read_u64().unwrap(), 16);
    assert_eq!(
        Bits::new(&[0b10, 0b10]).read_u64().unwrap(),
        17 + 0b1000_0000
    );
    assert_eq!(Bits::new(&[0xFF; 10]).read_u64().unwrap(), u64::MAX);

    let half = |bits: u16| Bits::new(&bits.to_le_bytes()).read_f16();
    assert_eq!(half(0x3C00).unwrap(), 1.0);
    assert_eq!(half(0xC100).unwrap(), -2.5);
    assert_eq!(half(0x0001).unwrap(), 2f32.powi(-24));
    assert_eq!(half(0x8000).unwrap().to_bits(), (-0f32).to_bits());
    assert_eq!(half(0x7BFF).unwrap(), 65504.0);
    assert!(half(0x7C00).is_err() && half(0xFE00).is_err());

    let signed = [0, 1, 2, 3, u32::MAX - 1, u32::MAX].map(unpack_signed);
    assert_eq!(signed, [0, -1, 1, -2, i32::MAX, i32::MIN]);
}

#[test]
fn padding_is_zero() {
    let mut bits = Bits::new(&[0b0000_0101, 0b1000_0001]);
    bits.read(3).unwrap();
    bits.align().unwrap();
    assert_eq!(bits.position(), 8);
    bits.align().unwrap();
    assert_eq!(bits.position(), 8);
    bits.read(1).unwrap();
    assert!(bits.align().is_err());
}
