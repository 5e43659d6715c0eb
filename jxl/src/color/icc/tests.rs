use super::commands::Profile;
use crate::Error;

/// A number of 7 bits a byte.
fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7F {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A stream of a profile of `bytes`.
fn stream(bytes: u64, commands: &[u8], data: &[u8]) -> Vec<u8> {
    let sizes = [number(bytes), number(commands.len() as u64)].concat();
    [&sizes, commands, data].concat()
}

fn decode(stream: &[u8]) -> Result<Vec<u8>, Error> {
    let profile = Profile::parse(stream)?;
    let mut bytes = vec![0xEE; usize::try_from(profile.bytes()).unwrap().min(1 << 16)];
    profile.decode_into(&mut bytes)?;
    Ok(bytes)
}

fn is_corrupt(stream: &[u8]) -> bool {
    matches!(decode(stream), Err(Error::Corrupt(_)))
}

/// A header that equals its prediction.
const ZEROS: [u8; 128] = [0; 128];

#[test]
fn header_is_that_of_a_display() {
    let mut data = ZEROS;
    data[4..8].copy_from_slice(b"jxl ");
    data[40] = b'A';
    let header = decode(&stream(128, &[], &data)).unwrap();
    assert_eq!(header[..12], *b"\0\0\0\x80jxl \x04\0\0\0");
    assert_eq!(header[12..24], *b"mntrRGB XYZ ");
    assert_eq!(header[36..44], *b"acspAPPL");
    assert_eq!(header[68..84], *b"\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2Djxl ");
    assert!(header[84..].iter().all(|&byte| byte == 0));
    for (first, second, platform) in [
        (b'M', 0, b"MSFT"),
        (b'S', b'G', b"SGI "),
        (b'S', b'U', b"SUNW"),
        (b'S', b'A', b"SA\0\0"),
        (b'X', 0, b"X\0\0\0"),
    ] {
        data[40..42].copy_from_slice(&[first, second]);
        let header = decode(&stream(128, &[], &data)).unwrap();
        assert_eq!(header[40..44], *platform);
    }
    let header = decode(&stream(10, &[], &data[..10])).unwrap();
    assert_eq!(header, b"\0\0\0\x0Ajxl \x04\0");
}

/// Tags by number and by name, with and without places, then a part of each kind.
#[test]
fn tags_and_parts_follow() {
    let table = [
        number(1 + 9),
        vec![16 | 128],
        number(90),
        vec![5],
        vec![3],
        vec![2 | 64 | 128],
        number(400),
        number(32),
        vec![1],
        vec![0],
    ];
    let parts = [
        vec![1],
        number(3),
        vec![10],
        vec![2],
        number(5),
        vec![3],
        number(8),
        vec![21],
    ];
    let data = [
        &ZEROS[..],
        b"abcd",
        &[1, 2, 3],
        &[9; 12],
        b"acebd",
        b"aebfcgdh",
    ];
    let size = 132 + 9 * 12 + 3 + 20 + 5 + 8 + 8;
    let commands = [table.concat(), parts.concat()].concat();
    let profile = decode(&stream(size, &commands, &data.concat())).unwrap();
    let start = 128 + 12 * 9;
    let tag = |name: &[u8; 4], start: u32, size: u32| {
        [&name[..], &start.to_be_bytes(), &size.to_be_bytes()].concat()
    };
    let expected = [
        9u32.to_be_bytes().to_vec(),
        tag(b"desc", start, 90),
        tag(b"wtpt", start + 90, 20),
        tag(b"rXYZ", start + 110, 20),
        tag(b"gXYZ", start + 130, 20),
        tag(b"bXYZ", start + 150, 20),
        tag(b"rTRC", 400, 32),
        tag(b"gTRC", 400, 32),
        tag(b"bTRC", 400, 32),
        tag(b"abcd", 432, 32),
        vec![1, 2, 3],
        b"XYZ \0\0\0\0".to_vec(),
        vec![9; 12],
        b"abcde".to_vec(),
        b"abcdefgh".to_vec(),
        b"curv\0\0\0\0".to_vec(),
    ];
    assert_eq!(profile[128..], expected.concat());
}

#[test]
fn predicted_numbers_continue_a_line() {
    // Four bytes of a line of 16-bit numbers after the header, then ten that have nothing added.
    let line: Vec<u8> = (0..7u16)
        .flat_map(|k| (k * 300 + 5).to_be_bytes())
        .collect();
    let rest = line.len() as u64 - 4;
    let commands = [
        number(0),
        vec![1],
        number(4),
        vec![4, 1 | 1 << 2],
        number(rest),
    ]
    .concat();
    let data = [&ZEROS[..], &line[..4], &[0; 10]].concat();
    let profile = decode(&stream(128 + line.len() as u64, &commands, &data)).unwrap();
    assert_eq!(profile[128..], line);
}

#[test]
fn what_does_not_fit_is_corrupt() {
    let good = [number(0), vec![1], number(2)].concat();
    let data = [&ZEROS[..], &[7, 8]].concat();
    assert!(decode(&stream(130, &good, &data)).is_ok());
    // Another size, data or commands that are left or missing.
    assert!(is_corrupt(&stream(129, &good, &data)));
    assert!(is_corrupt(&stream(131, &good, &data)));
    assert!(is_corrupt(&stream(130, &good, &data[..129])));
    assert!(is_corrupt(&stream(130, &good, &[&data[..], &[1]].concat())));
    assert!(is_corrupt(&stream(130, &good[..2], &data)));
    assert!(is_corrupt(&stream(128, &good, &ZEROS)));
    assert!(is_corrupt(&stream(130, &[], &data)));
    // Commands without a meaning, and numbers that have no end.
    for command in [5, 9, 11, 15, 24, 255] {
        let commands = [number(0), vec![command], number(2)].concat();
        assert!(is_corrupt(&stream(130, &commands, &data)), "{command}");
    }
    assert!(is_corrupt(&stream(130, &[0x80; 12], &data)));
    assert!(is_corrupt(&[0xFF; 9]));
    assert!(is_corrupt(&[]));
    // Predictions of other widths and orders, and from before the start.
    for (flags, stride) in [(2, None), (12, None), (17, Some(1)), (16, Some(33))] {
        let stride = stride.map_or(Vec::new(), number);
        let commands = [number(0), vec![4, flags], stride, number(2)].concat();
        assert!(is_corrupt(&stream_of_two(&commands)), "{flags}");
    }
    let near = [number(0), vec![4, 16], number(31), number(2)].concat();
    assert!(decode(&stream_of_two(&near)).is_ok());
    // More commands than their stream has, a stream that is much longer than the profile.
    let long = [number(130), number(500), vec![0; 200]].concat();
    assert!(is_corrupt(&long));
    assert!(is_corrupt(&stream(130, &good, &vec![0; 1 << 17])));
    // Tags of which the table says that there are many, and places beyond 32 bits.
    for table in [
        [number(1 << 33), vec![0]].concat(),
        [number(2), vec![5 | 64], number(1 << 32)].concat(),
        [
            number(2),
            vec![3 | 64 | 128],
            number(1 << 31),
            number(1 << 31),
        ]
        .concat(),
    ] {
        assert!(is_corrupt(&stream(1000, &table, &ZEROS)));
    }
}

fn stream_of_two(commands: &[u8]) -> Vec<u8> {
    stream(130, commands, &[&ZEROS[..], &[7, 8]].concat())
}

/// No command exceeds the size of the profile.
#[test]
fn tags_end_with_the_profile() {
    let commands = [number(2), vec![3; 1 << 16]].concat();
    assert!(is_corrupt(&stream(1 << 16, &commands, &ZEROS)));
}

/// Bytes that look like commands more often than chance.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(0x2545_F491_4F6C_DD1D).rotate_left(23);
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// Streams of random commands that stay in bounds. The other crate shuffles incomplete numbers of
/// four bytes differently.
fn random_stream(seed: u64) -> Vec<u8> {
    let choices = noise(seed, 60);
    let mut commands = match choices[0] % 3 {
        0 => number(0),
        _ => [
            number(1 + u64::from(choices[1] % 4)),
            vec![2, 3, 16 | 128, 9, 0],
        ]
        .concat(),
    };
    let (mut data, mut bytes) = (noise(seed + 1, 128), 128);
    if commands.len() > 1 {
        bytes += 4 + 7 * 12;
    }
    for &choice in &choices[2..] {
        let count = u64::from(choice >> 3) * 4;
        let (command, made, read) = match choice % 6 {
            0 => ([vec![1], number(count + 1)].concat(), count + 1, count + 1),
            1 => ([vec![2], number(count + 3)].concat(), count + 3, count + 3),
            2 => ([vec![3], number(count)].concat(), count, count),
            3 => (vec![10], 20, 12),
            4 => (vec![16 + choice % 8], 8, 0),
            _ => {
                let flags = [0, 1, 3, 4, 5, 7, 8, 9, 11, 16, 17, 19, 27][usize::from(choice) % 13];
                let stride = if flags & 16 != 0 {
                    number(5)
                } else {
                    Vec::new()
                };
                let command = [vec![4, flags], stride, number(count)].concat();
                (command, count, count)
            }
        };
        commands.extend(command);
        bytes += made;
        data.extend(noise(seed + 2, read as usize));
    }
    stream(bytes, &commands, &data)
}

#[test]
fn another_decoder_finds_the_same() {
    for seed in 0..3000 {
        let stream = random_stream(seed);
        let found = decode(&stream).unwrap();
        let expected = jxl_color::icc::decode_icc(&stream).unwrap();
        assert_eq!(found, expected, "seed {seed}");
    }
}

#[test]
fn no_damage_is_more_than_an_error() {
    for seed in 0..3000 {
        let mut stream = random_stream(seed);
        let damage = noise(seed + 7, 8);
        for pair in damage.chunks(2) {
            let place = usize::from(pair[0]) * 3 % stream.len();
            stream[place] = pair[1];
        }
        let _ = decode(&stream);
        let cut = usize::from(damage[0]) * 2 % stream.len();
        assert!(decode(&stream[..cut]).is_err());
    }
}
