//! Headers made bit by bit.

use std::collections::VecDeque;

use super::*;

/// A number, and its number of bits.
type Field = (u32, u32);

/// The front of a regular Modular frame without flags and upsampling.
const FRAME: [Field; 5] = [(0, 1), (0, 2), (1, 1), (0, 2), (0, 2)];
/// The end of the header of the last frame: no name, the default filters.
const LAST: [Field; 4] = [(1, 1), (0, 2), (1, 1), (0, 2)];

/// Packs fields, lowest bit first.
fn packed(fields: &[Field]) -> Vec<u8> {
    let bits = fields
        .iter()
        .flat_map(|&(value, count)| (0..count).map(move |bit| value >> bit & 1));
    let bits: Vec<u32> = bits.collect();
    let byte = |bits: &[u32]| {
        (0..8)
            .map(|bit| bits.get(bit).map_or(0, |v| v << bit))
            .sum::<u32>()
    };
    bits.chunks(8).map(|bits| byte(bits) as u8).collect()
}

/// A header of a picture of 8 x 8 pixels with 1 to 4096 alpha channels.
fn with_alphas(count: u32) -> Vec<u8> {
    let size = [(1, 1), (0, 5), (1, 3)];
    let fields = [(0, 1), (0, 1), (0, 3), (1, 1), (3, 2), (count - 1, 12)];
    let channels = (0..count).map(|_| (1, 1));
    let end = [(1, 1), (1, 1), (0, 2), (1, 1)];
    let fields = [(0x0AFF, 16)].into_iter().chain(size).chain(fields);
    packed(&fields.chain(channels).chain(end).collect::<Vec<_>>())
}

#[test]
fn extra_channels_are_bounded() {
    let arena = Arena::new();
    for count in [1, 4, 5, 256] {
        let header = ImageHeader::parse(
            &mut Bits::new(&with_alphas(count)),
            &arena,
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(header.metadata.ec_info.len(), count as usize);
        let mut channels = header.metadata.ec_info.iter();
        assert!(channels.all(|info| info.bit_depth == SampleDepth::Integer { bits: 8 }));
        let frame = packed(&[(1, 1)]);
        with_memory(&arena, |memory| {
            let (size, metadata) = (header.size, &header.metadata);
            let frame = FrameHeader::parse(&mut Bits::new(&frame), size, metadata, memory).unwrap();
            assert!(frame.ec_upsampling().eq((0..count).map(|_| 1)));
            assert_eq!(frame.ec_blending_info().len(), count as usize);
        });
    }
    let error = ImageHeader::parse(
        &mut Bits::new(&with_alphas(257)),
        &arena,
        &Limits::default(),
    );
    assert!(matches!(
        error,
        Err(Error::LimitExceeded { limit: 256, .. })
    ));
}

#[test]
fn lists_are_refused_where_memory_is() {
    let arena = Arena::builder().limit_bytes(10_000).build();
    let error = ImageHeader::parse(
        &mut Bits::new(&with_alphas(256)),
        &arena,
        &Limits::default(),
    )
    .unwrap_err();
    assert!(matches!(error, Error::Memory(_)), "{error}");
    assert_eq!(arena.snapshot().live_bytes, 0);
}

/// `Replace` of the colors has no source in a frame that covers the image; `Add` of an extra
/// channel has one, whatever the mode of the colors.
#[test]
fn an_extra_channels_source_follows_from_its_own_mode() {
    let arena = Arena::new();
    let image =
        ImageHeader::parse(&mut Bits::new(&with_alphas(1)), &arena, &Limits::default()).unwrap();
    let blend = |colors: &[Field], alpha: &[Field]| {
        // Alpha that is not upsampled, groups of 256 x 256 samples, one pass, no crop.
        let front = [(0, 2), (1, 2), (0, 2), (0, 1)];
        let bytes = packed(&[&FRAME, &front[..], colors, alpha, &LAST].concat());
        with_memory(&arena, |memory| {
            let mut bits = Bits::new(&bytes);
            let (size, metadata) = (image.size, &image.metadata);
            let header = FrameHeader::parse(&mut bits, size, metadata, memory).unwrap();
            assert!(header.is_last && bits.left() < 8);
            let alpha = header.ec_blending_info().next().unwrap();
            (header.blending_info, alpha)
        })
    };
    let info = |mode, source| BlendingInfo {
        mode,
        source,
        ..BlendingInfo::default()
    };
    let (replace, add) = ([(0, 2)], [(1, 2), (2, 2)]);
    let expected = (info(BlendMode::Replace, 0), info(BlendMode::Add, 2));
    assert_eq!(blend(&replace, &add), expected);
    assert_eq!(blend(&add, &replace), (expected.1, expected.0));
}

/// Sections of a frame of 250 x 250 groups, 32 x 32 LF groups.
const SECTIONS: usize = 250 * 250 + 32 * 32 + 2;
/// Number of coded ranks of the permutation.
const RANKS: usize = 32_767;

/// The header of a frame of groups of 128 x 128 samples, and its table of contents: section `i` of
/// the file has `i % 1000` bytes; the permutation is by `ranks` of 0 or 1.
fn with_permutation(ranks: &[u32]) -> Vec<u8> {
    // Groups of 128 x 128 samples, one pass, no crop, no blending.
    let header = [(0, 2), (0, 2), (0, 1), (0, 2)];
    // One prefix code for all contexts, of integers below 2^15, which are 0, 1 and 32,767.
    let code = [
        (1, 1),
        (0, 1),
        (1, 1),
        (0, 2),
        (1, 1),
        (15, 4),
        (1, 1),
        (14, 4),
        (16_383, 14),
    ];
    let symbols = [(1, 2), (2, 2), (0, 15), (1, 15), (32_767, 15)];
    let first_rank = (3, 2);
    let ranks = ranks.iter().map(|&rank| (rank, 1 + rank));
    let header = FRAME.into_iter().chain(header).chain(LAST);
    let front = header.chain(code).chain(symbols);
    let mut fields: Vec<Field> = front.chain([first_rank]).chain(ranks).collect();
    let bits: u32 = fields.iter().map(|&(_, count)| count).sum();
    fields.push((0, bits.wrapping_neg() % 8));
    let sizes = (0..SECTIONS as u32).flat_map(|section| [(0, 2), (section % 1000, 10)]);
    fields.extend(sizes);
    packed(&fields)
}

#[test]
fn many_sections_are_permuted() {
    let ranks: Vec<u32> = (0..RANKS as u32)
        .map(|i| i.wrapping_mul(0x9E37_79B9) >> 31)
        .collect();
    let arena = Arena::new();
    let image = packed(&[
        (0x0AFF, 16),
        (0, 1),
        (2, 2),
        (31_999, 18),
        (1, 3),
        (1, 1),
        (1, 1),
    ]);
    let image = ImageHeader::parse(&mut Bits::new(&image), &arena, &Limits::default()).unwrap();
    let frame = with_permutation(&ranks);
    let mut left: VecDeque<usize> = (0..SECTIONS).collect();
    let coded = ranks
        .iter()
        .map(|&rank| left.remove(rank as usize).unwrap());
    let mut places: Vec<usize> = coded.collect();
    places.extend(left);
    let starts: Vec<usize> = (0..SECTIONS)
        .scan(0, |end, section| {
            let start = *end;
            *end += section % 1000;
            Some(start)
        })
        .collect();
    let small = Arena::builder().limit_bytes(1 << 20).build();
    let refused = with_memory(&small, |memory| {
        let mut bits = Bits::new(&frame);
        let header = FrameHeader::parse(&mut bits, image.size, &image.metadata, memory).unwrap();
        let total_bytes = Toc::skim(&mut bits.clone(), &header, memory).unwrap();
        assert_eq!(
            total_bytes,
            (0..SECTIONS as u64).map(|section| section % 1000).sum()
        );
        Toc::parse(&mut bits, &header, memory).map(|toc| toc.total_bytes())
    });
    assert!(matches!(refused, Err(Error::Memory(_))));
    with_memory(&arena, |memory| {
        let mut bits = Bits::new(&frame);
        let (size, metadata) = (image.size, &image.metadata);
        let header = FrameHeader::parse(&mut bits, size, metadata, memory).unwrap();
        let toc = Toc::parse(&mut bits, &header, memory).unwrap();
        assert!(bits.left() < 8);
        let range = |section: usize| {
            let place = places[section];
            Some(starts[place]..starts[place] + place % 1000)
        };
        assert_eq!(toc.lf_global(), range(0));
        assert!((0..1024).all(|group| toc.lf_group(group) == range(1 + group)));
        assert_eq!(toc.hf_global(), range(1025));
        assert!((0..62_500).all(|group| toc.group(0, group) == range(1026 + group)));
        assert_eq!((toc.lf_group(1024), toc.group(0, 62_500)), (None, None));
    });
}
