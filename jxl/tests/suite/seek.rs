//! Pictures of an animation in any order, with an index of keyframes and without.

use std::sync::Arc;

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, Frames, Layout};

use super::sample_table::{ANIMATED, LAYERED};
use super::support::{StopCalls, corpus, pool, sample_bytes};

/// An animation of which each picture replaces all of the canvas.
const FULL: &str = "animation_full";

/// The picture of it that is in an index.
const KEYFRAME: usize = 2;

fn next(frames: &mut Frames<'_>) -> Result<Option<(usize, Vec<u16>)>, Error> {
    let decoded = frames.decode_next(Layout::Rgba)?;
    Ok(decoded.map(|(decoded, pixels)| (decoded.info.index, pixels)))
}

fn all_pictures(file: &[u8]) -> Vec<Vec<u16>> {
    let mut frames = Decoder::default()
        .read(file)
        .unwrap()
        .into_frames()
        .unwrap();
    let mut pictures = Vec::new();
    while let Some((index, pixels)) = next(&mut frames).unwrap() {
        assert_eq!(index, pictures.len());
        pictures.push(pixels);
    }
    pictures
}

/// Seeks to pictures in an order of jumps ahead, back and to the same one, and decodes one or two
/// there.
fn check_seeks(name: &str, decoder: &Decoder, file: &[u8], expected: &[Vec<u16>]) {
    let mut frames = decoder.read(file).unwrap().into_frames().unwrap();
    let count = expected.len();
    for step in 0..3 * count {
        let (index, pictures) = (step * 7 % (count + 2), 1 + step % 2);
        frames.seek(index).unwrap();
        for index in index..index + pictures {
            let found = next(&mut frames).unwrap();
            let expected = expected.get(index).map(|pixels| (index, pixels.clone()));
            assert!(found == expected, "{name}, picture {index}, step {step}");
        }
    }
    frames.seek(usize::MAX).unwrap();
    assert!(next(&mut frames).unwrap().is_none());
    frames.seek(0).unwrap();
    assert!(next(&mut frames).unwrap().is_some());
}

#[test]
fn sought_pictures_are_those_of_the_sequence() {
    for sample in ANIMATED.iter().chain(LAYERED) {
        let file = sample_bytes(sample.name);
        let expected = all_pictures(&file);
        let arena = Arena::new();
        let decoder = Decoder::new(arena.clone());
        check_seeks(sample.name, &decoder, &file, &expected);
        pool(1).install(|| {
            check_seeks(sample.name, &decoder.reserving(), &file, &expected);
        });
        assert_eq!(arena.snapshot().beyond_plan_bytes, 0, "{}", sample.name);
        assert_eq!(arena.snapshot().live_bytes, 0, "{}", sample.name);
    }
}

/// Calls during a seek to `index`.
fn calls_of_seek(count: &StopCalls, frames: &mut Frames<'_>, index: usize) -> usize {
    count.take();
    frames.seek(index).unwrap();
    count.take()
}

#[test]
fn frames_that_no_later_one_needs_are_not_decoded() {
    for sample in &ANIMATED[..2] {
        let file = sample_bytes(sample.name);
        let count = Arc::new(StopCalls::default());
        let decoder = Decoder::default().with_stop(count.clone());
        let mut frames = decoder.read(&file).unwrap().into_frames().unwrap();
        for index in [3, 2] {
            assert_eq!(calls_of_seek(&count, &mut frames, index), 0);
            next(&mut frames).unwrap();
        }
        // Picture 4 is blended with picture 3, the hidden layer of picture 1 with picture 0.
        for index in [4, 1] {
            let calls = calls_of_seek(&count, &mut frames, index);
            assert!(calls > 0, "{}, picture {index}", sample.name);
        }
    }
}

/// An animation whose pictures are blended with those before. An index that calls one of them a
/// keyframe is not used.
#[test]
fn frames_that_later_ones_need_are_decoded() {
    let Some(folder) = corpus() else { return };
    let file = std::fs::read(folder.join("conformance/animation_newtons_cradle.jxl")).unwrap();
    assert!(!file.starts_with(&[0]), "a container");
    let expected = all_pictures(&file);
    let wrong = with_index(&file, (5, end_of_picture(&file, 4)), expected.len());
    for file in [file, wrong] {
        let count = Arc::new(StopCalls::default());
        let decoder = Decoder::default().with_stop(count.clone());
        let mut frames = decoder.read(&file).unwrap().into_frames().unwrap();
        assert!(calls_of_seek(&count, &mut frames, 6) > 0);
        for (index, expected) in expected.iter().enumerate().skip(6).take(2) {
            let found = next(&mut frames).unwrap();
            assert!(found == Some((index, expected.clone())), "picture {index}");
        }
    }
}

/// The byte after a picture of the codestream `file`: the fewest bytes with all of the picture.
fn end_of_picture(file: &[u8], picture: usize) -> usize {
    let is_whole = |bytes: usize| {
        let decoder = Decoder::default().allowing_truncation();
        let Ok(read) = decoder.read(&file[..bytes]) else {
            return false;
        };
        let mut frames = read.into_frames().unwrap();
        let decoded = frames
            .seek(picture)
            .and_then(|()| frames.decode_next::<u8>(Layout::Rgba));
        let decoded = decoded.ok().flatten();
        decoded.is_some_and(|(decoded, _)| {
            decoded.info.index == picture && decoded.completeness.is_complete()
        })
    };
    let (mut fewer, mut enough) = (0, file.len());
    while enough - fewer > 1 {
        let middle = (fewer + enough) / 2;
        match is_whole(middle) {
            true => enough = middle,
            false => fewer = middle,
        }
    }
    enough
}

fn file_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let bytes = (content.len() as u32 + 8).to_be_bytes();
    [&bytes, &kind[..], content].concat()
}

fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7F {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A container with an index of the first picture, and of `picture` at byte `offset`, of a
/// codestream of `count` pictures.
fn with_index(codestream: &[u8], (picture, offset): (usize, usize), count: usize) -> Vec<u8> {
    let mut index = [varint(2), vec![0, 0, 0, 1, 0, 0, 0, 100]].concat();
    // The first picture, then the pictures from this one to the end.
    for number in [0, 30, picture, offset, 300, count - picture] {
        index.extend(varint(number));
    }
    [
        file_box(b"JXL ", b"\r\n\x87\n"),
        file_box(b"ftyp", b"jxl \0\0\0\0jxl "),
        file_box(b"jxli", &index),
        file_box(b"jxlc", codestream),
    ]
    .concat()
}

#[test]
fn an_index_leads_to_a_keyframe() {
    let codestream = sample_bytes(FULL);
    let expected = all_pictures(&codestream);
    let ends = [0, KEYFRAME - 1].map(|picture| end_of_picture(&codestream, picture));
    let [first_end, keyframe] = ends;
    assert!(first_end < keyframe);
    let file = with_index(&codestream, (KEYFRAME, keyframe), expected.len());
    let picture = Decoder::default().read(&file).unwrap();
    let found: Result<Vec<_>, _> = picture.frame_index().unwrap().collect();
    let found = found.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].picture, found[1].picture), (0, KEYFRAME as u64));
    assert_eq!(found[1].codestream_offset, keyframe as u64);
    check_seeks("with an index", &Decoder::default(), &file, &expected);
    // Frames between the first picture and the keyframe are not read at all.
    let mut damaged = codestream.clone();
    damaged[first_end..keyframe].fill(0xFF);
    let sought = |file: &[u8], index: usize| {
        let mut frames = Decoder::default().read(file)?.into_frames()?;
        frames.seek(index)?;
        next(&mut frames)
    };
    assert!(sought(&damaged, KEYFRAME).is_err());
    let damaged = with_index(&damaged, (KEYFRAME, keyframe), expected.len());
    for index in [KEYFRAME, KEYFRAME + 1] {
        let found = sought(&damaged, index).unwrap();
        assert!(
            found == Some((index, expected[index].clone())),
            "picture {index}"
        );
    }
}

/// An index by libjxl, of each picture.
#[test]
fn an_index_of_another_encoder_leads_to_keyframes() {
    let Some(folder) = corpus() else { return };
    let mut file = std::fs::read(folder.join("features/5_frames_numbered_jxli.jxl")).unwrap();
    let expected = all_pictures(&file);
    let read = Decoder::default().read(&file).unwrap();
    let pictures = read
        .frame_index()
        .unwrap()
        .map(|found| found.unwrap().picture);
    assert!(pictures.eq(0..5));
    check_seeks("by libjxl", &Decoder::default(), &file, &expected);
    // Pictures 1 to 3, which are in boxes of their own.
    for place in [3324..4720, 4732..7479, 7491..10659] {
        file[place].fill(0xFF);
    }
    let mut frames = Decoder::default()
        .read(&file)
        .unwrap()
        .into_frames()
        .unwrap();
    frames.seek(4).unwrap();
    assert!(next(&mut frames).unwrap() == Some((4, expected[4].clone())));
}

#[test]
fn an_index_with_errors_changes_no_picture() {
    let codestream = sample_bytes(FULL);
    let expected = all_pictures(&codestream);
    // A frame at the wrong number would be shown; the other places are no frames.
    let blended = end_of_picture(&codestream, KEYFRAME);
    let places = [
        (3, blended),
        (2, 7),
        (2, blended - 1),
        (2, codestream.len() + 9),
        (2, 1 << 40),
    ];
    for place in places {
        let file = with_index(&codestream, place, expected.len());
        check_seeks("with a wrong index", &Decoder::default(), &file, &expected);
    }
}

#[test]
fn sequences_go_on_after_an_error() {
    let mut file = sample_bytes(FULL);
    let expected = all_pictures(&file);
    let end = file.len();
    file[end - 40..].fill(0xFF);
    let mut frames = Decoder::default()
        .read(&file)
        .unwrap()
        .into_frames()
        .unwrap();
    frames.seek(3).unwrap();
    assert!(next(&mut frames).is_err());
    assert!(next(&mut frames).unwrap().is_none());
    frames.seek(1).unwrap();
    assert!(next(&mut frames).unwrap() == Some((1, expected[1].clone())));
}
