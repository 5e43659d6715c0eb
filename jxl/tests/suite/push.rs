//! Files that arrive in pieces: the pictures of a whole decode, whatever the pieces.

mod memory;
mod reduced;

use std::fs;

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, Event, FrameInfo, Layout, PushDecoder};

use super::random::random;
use super::sample_table::ANIMATED;
use super::support::{corpus, sample_bytes, sample_names};
use super::tier::is_slow_wanted;

type Pictures = Vec<(FrameInfo, Vec<u8>)>;

/// All pictures of a whole file.
fn whole(decoder: &Decoder, file: &[u8]) -> Result<Pictures, Error> {
    let mut frames = decoder.read(file)?.into_frames()?;
    let mut pictures = Vec::new();
    while let Some((decoded, pixels)) = frames.decode_next(Layout::Rgba)? {
        pictures.push((decoded.info, pixels));
    }
    Ok(pictures)
}

fn buffer(decoder: &PushDecoder) -> Vec<u8> {
    let info = decoder.info().expect("headers");
    vec![0; info.width as usize * info.height as usize * 4]
}

/// Takes what there is to be done with `bytes`, and hands each event to `see`.
fn feed(
    decoder: &mut PushDecoder,
    mut bytes: &[u8],
    pictures: &mut Pictures,
    see: &mut impl FnMut(Event, &mut PushDecoder),
) -> Result<Event, Error> {
    loop {
        let event = decoder.feed(&mut bytes)?;
        see(event, decoder);
        match event {
            Event::Picture => {
                let mut pixels = buffer(decoder);
                let decoded = decoder.decode_into(Layout::Rgba, &mut pixels)?;
                let decoded = decoded.expect("a picture that is complete");
                assert!(decoded.completeness.is_complete());
                pictures.push((decoded.info, pixels));
            }
            Event::Headers | Event::Frame => {}
            event => {
                assert!(bytes.is_empty());
                return Ok(event);
            }
        }
    }
}

/// All pictures of a file that arrives in pieces of these lengths.
fn pushed(
    decoder: &Decoder,
    file: &[u8],
    mut lengths: impl FnMut() -> usize,
    mut see: impl FnMut(Event, &mut PushDecoder),
) -> Result<Pictures, Error> {
    let mut push = decoder.push();
    let (mut rest, mut pictures) = (file, Vec::new());
    while !rest.is_empty() {
        let (piece, others) = rest.split_at(lengths().clamp(1, rest.len()));
        rest = others;
        feed(&mut push, piece, &mut pictures, &mut see)?;
    }
    while push.finish()? != Event::End {
        feed(&mut push, &[], &mut pictures, &mut see)?;
    }
    Ok(pictures)
}

#[test]
fn pieces_of_any_size_make_the_pictures_of_the_whole() {
    let decoder = Decoder::default();
    let (lengths, seeds) = match is_slow_wanted("most sizes of pieces") {
        true => (&[1, 7, 4096, usize::MAX][..], 1..4),
        false => (&[7, usize::MAX][..], 1..2),
    };
    for name in sample_names() {
        let file = sample_bytes(name);
        let expected = whole(&decoder, &file).expect(name);
        for &length in lengths {
            let pictures = pushed(&decoder, &file, || length, |_, _| {}).expect(name);
            assert!(pictures == expected, "{name} in pieces of {length}");
        }
        for seed in seeds.clone() {
            let mut random = random(seed * 0x9E37_79B9);
            let lengths = || 1 << (random() % 14);
            let pictures = pushed(&decoder, &file, lengths, |_, _| {}).expect(name);
            assert!(pictures == expected, "{name} in random pieces");
        }
    }
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

/// What the decoder says it wants is enough for the next event, and is fed as the next piece.
#[test]
fn wanted_bytes_lead_to_the_picture() {
    for name in [
        "vardct_groups",
        "rgb8_container",
        "animation_vardct",
        "one_pixel",
    ] {
        let file = sample_bytes(name);
        let decoder = Decoder::default();
        let mut push = decoder.push();
        let (mut rest, mut pictures, mut calls) = (&file[..], Vec::new(), 0);
        while !rest.is_empty() {
            let wanted = push.wanted_bytes();
            assert!(wanted > 0);
            let (piece, others) = rest.split_at(wanted.min(rest.len()));
            rest = others;
            feed(&mut push, piece, &mut pictures, &mut |_, _| {}).expect(name);
            calls += 1;
        }
        assert!(pictures == whole(&decoder, &file).expect(name), "{name}");
        assert!(calls < 100, "{name}: {calls} calls");
    }
}

#[test]
fn events_come_in_order() {
    for name in [
        "vardct_groups",
        "animation_lossless",
        "lf_frame",
        "rgb8_container",
    ] {
        let file = sample_bytes(name);
        let mut events = Vec::new();
        let see = |event, decoder: &mut PushDecoder| {
            if event == Event::Frame || event == Event::Picture {
                let index = events.iter().filter(|&&event| event == Event::Picture);
                let info = decoder.frame_info().expect("a frame");
                assert_eq!(info.index, index.count(), "{name}");
            }
            if event != Event::NeedsBytes {
                events.push(event);
            }
        };
        let pictures = pushed(&Decoder::default(), &file, || 64, see).expect(name);
        assert_eq!(events[0], Event::Headers, "{name}");
        let count = |event| events.iter().filter(|&&seen| seen == event).count();
        assert_eq!(count(Event::Headers), 1, "{name}");
        assert_eq!(count(Event::Frame), pictures.len(), "{name}");
        assert_eq!(count(Event::Picture), pictures.len(), "{name}");
        let places = |event| events.iter().position(|&seen| seen == event);
        assert!(places(Event::Frame) < places(Event::Picture), "{name}");
        if name == "vardct_groups" {
            assert!(count(Event::Progress) >= 3, "{events:?}");
        }
    }
}

fn boxed(kind: &[u8; 4], content: &[u8], is_long: bool) -> Vec<u8> {
    match is_long {
        true => {
            let size = 16 + content.len() as u64;
            [&[0, 0, 0, 1], &kind[..], &size.to_be_bytes(), content].concat()
        }
        false => {
            let size = 8 + content.len() as u32;
            [&size.to_be_bytes(), &kind[..], content].concat()
        }
    }
}

/// The codestream in boxes of random sizes, with others between them.
fn container(codestream: &[u8], random: &mut impl FnMut() -> u64) -> Vec<u8> {
    let mut file = b"\0\0\0\x0CJXL \r\n\x87\n".to_vec();
    file.extend(boxed(b"ftyp", b"jxl \0\0\0\0jxl ", false));
    let (mut rest, mut index) = (codestream, 0u32);
    loop {
        if random().is_multiple_of(3) {
            let kinds = [b"Exif", b"xml ", b"brob", b"jxll", b"free"];
            let kind = kinds[random() as usize % kinds.len()];
            let content = vec![b'x'; 4 + random() as usize % 300];
            file.extend(boxed(kind, &content, random().is_multiple_of(2)));
        }
        let length = match random() % 4 {
            0 => 0,
            1 => 1,
            _ => 1 + random() as usize % (1 + codestream.len() / 3),
        };
        let (piece, others) = rest.split_at(length.min(rest.len()));
        rest = others;
        let is_last = rest.is_empty();
        let number = index | u32::from(is_last) << 31;
        let content = [&number.to_be_bytes(), piece].concat();
        let mut found = boxed(b"jxlp", &content, random().is_multiple_of(2));
        if is_last && random().is_multiple_of(2) {
            found = [&[0, 0, 0, 0], &b"jxlp"[..], &content].concat();
        }
        file.extend(found);
        index += 1;
        if is_last {
            return file;
        }
    }
}

#[test]
fn boxes_of_any_kind_and_size_are_read() {
    let decoder = Decoder::default();
    let mut random = random(7);
    for name in [
        "rgb8_e3_g0",
        "vardct_passes",
        "animation_vardct",
        "one_pixel",
    ] {
        let codestream = sample_bytes(name);
        let expected = whole(&decoder, &codestream).expect(name);
        for _ in 0..8 {
            let file = container(&codestream, &mut random);
            assert!(whole(&decoder, &file).expect(name) == expected, "{name}");
            for most in [1, 40, 3000] {
                let lengths = || 1 + random() as usize % most;
                let pictures = pushed(&decoder, &file, lengths, |_, _| {}).expect(name);
                assert!(pictures == expected, "{name} in pieces of up to {most}");
            }
        }
        let long = [
            &b"\0\0\0\x0CJXL \r\n\x87\n"[..],
            &boxed(b"jxlc", &codestream, true),
        ]
        .concat();
        assert!(pushed(&decoder, &long, || 5, |_, _| {}).expect(name) == expected);
    }
}

/// What is shown of the bytes so far is what the file that ends there decodes to.
#[test]
fn flushes_show_what_is_there() {
    let decoder = Decoder::default();
    let tolerant = Decoder::default().allowing_truncation();
    let steps = if is_slow_wanted("most flushes") {
        12
    } else {
        3
    };
    for name in sample_names() {
        let file = sample_bytes(name);
        if file.starts_with(&[0]) || ANIMATED.iter().any(|sample| sample.name == name) {
            continue;
        }
        let step = (file.len() / steps).max(1);
        let mut push = decoder.push();
        for (index, piece) in file.chunks(step).enumerate() {
            let mut bytes = piece;
            while matches!(
                push.feed(&mut bytes).expect(name),
                Event::Headers | Event::Frame
            ) {}
            let part = &file[..index * step + piece.len()];
            let expected = tolerant
                .read(part)
                .and_then(|read| read.decode(Layout::Rgba));
            if push.info().is_none() {
                assert!(expected.is_err(), "{name}");
                continue;
            }
            for _ in 0..2 {
                let mut pixels = buffer(&push);
                let shown = push.flush_into(Layout::Rgba, &mut pixels).expect(name);
                assert_eq!(
                    shown.is_some(),
                    expected.is_ok(),
                    "{name} at {}",
                    part.len()
                );
                if let (Some(shown), Ok(expected)) = (shown, &expected) {
                    assert!(pixels == *expected, "{name} at {}", part.len());
                    // An LF frame is shown before the picture's own frame begins.
                    if shown.completeness.sections > 0 {
                        let found = push.completeness().unwrap();
                        assert_eq!(Some(shown.completeness), found, "{name}");
                    }
                }
            }
        }
        let mut pixels = buffer(&push);
        push.decode_into(Layout::Rgba, &mut pixels)
            .expect(name)
            .expect(name);
        assert_eq!(push.finish().expect(name), Event::End);
        assert!(pixels == whole(&decoder, &file).expect(name)[0].1, "{name}");
    }
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

/// A picture of an animation is shown over those before, and flushes change none of them.
#[test]
fn flushes_of_animations_change_nothing() {
    for sample in ANIMATED {
        let name = sample.name;
        let file = sample_bytes(name);
        let mut flushes = 0;
        let see = |event, decoder: &mut PushDecoder| {
            if matches!(event, Event::Progress | Event::Picture) {
                let mut pixels = buffer(decoder);
                let shown = decoder.flush_into(Layout::Rgba, &mut pixels).expect(name);
                flushes += usize::from(shown.is_some());
            }
        };
        let pictures = pushed(&Decoder::default(), &file, || 50, see).expect(name);
        assert!(
            pictures == whole(&Decoder::default(), &file).expect(name),
            "{name}"
        );
        assert!(flushes >= pictures.len(), "{name}: {flushes}");
    }
}

#[test]
fn truncated_files_end_in_an_error() {
    let decoder = Decoder::default();
    for name in [
        "vardct_groups",
        "rgb8_container",
        "animation_vardct",
        "one_pixel",
        "icc",
    ] {
        let file = sample_bytes(name);
        let step = (file.len() / 40).max(1);
        for length in (0..file.len().min(30)).chain((30..file.len()).step_by(step)) {
            let pushed = pushed(&decoder, &file[..length], || 100, |_, _| {});
            let expected = whole(&decoder, &file[..length]);
            match (pushed, expected) {
                (Err(Error::NotJpegXl), Err(Error::NotJpegXl)) => {}
                (Err(Error::Truncated), Err(Error::Truncated)) => {}
                (pushed, _) => panic!("{name} cut to {length} bytes: {:?}", pushed.err()),
            }
        }
    }
}

/// What follows the last picture is not looked at.
#[test]
fn bytes_behind_the_pictures_are_taken() {
    let file = [sample_bytes("vardct_groups"), vec![0xAB; 5000]].concat();
    let expected = whole(&Decoder::default(), &file).unwrap();
    for length in [1, 999, usize::MAX] {
        let pictures = pushed(&Decoder::default(), &file, || length, |_, _| {}).unwrap();
        assert!(pictures == expected);
    }
}

/// Damaged files are errors where the whole file is, and the same pictures where it is none.
#[test]
fn damage_is_noticed_as_in_whole_files() {
    let arena = Arena::builder().limit_bytes(64 << 20).build();
    let decoder = Decoder::new(arena);
    let mut random = random(99);
    let mut failures = 0;
    let rounds = if is_slow_wanted("more damage") { 40 } else { 8 };
    for name in sample_names() {
        let file = sample_bytes(name);
        for round in 0..rounds {
            let mut damaged = file.clone();
            let range = if round % 2 == 0 {
                file.len().min(64)
            } else {
                file.len()
            };
            for _ in 0..1 + random() % 3 {
                damaged[random() as usize % range] = random() as u8;
            }
            let is_small = |pictures: &Pictures| pictures.len() < 20;
            let expected = whole(&decoder, &damaged);
            let lengths = || 1 + random() as usize % 500;
            let pushed = pushed(&decoder, &damaged, lengths, |_, _| {});
            match (expected, pushed) {
                (Ok(expected), Ok(pushed)) => assert!(expected == pushed, "{name}, {round}"),
                (Ok(expected), Err(error)) if is_small(&expected) => {
                    panic!("{name}, {round}: {error}");
                }
                (Err(error), Ok(_)) => panic!("{name}, {round}: whole: {error}"),
                _ => failures += 1,
            }
        }
    }
    assert!(failures > 10, "{failures} failures");
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

/// A picture that resembles the whole one is there early in a progressive file.
#[test]
fn progressive_files_are_shown_early() {
    let Some(corpus) = corpus() else { return };
    // Sections are shown when they are whole: the LF group of the first file is 17 % of it, the
    // LF frames of the second, a section each, 20 %.
    for (name, most) in [("flower_d1_e4_prog", 0.18), ("flower_d1_e4_pdc2", 0.21)] {
        let file = fs::read(corpus.join("photos").join(name).with_extension("jxl")).unwrap();
        let expected = whole(&Decoder::default(), &file).expect(name).remove(0).1;
        let difference = |pixels: &[u8]| {
            let pixels = pixels.iter().zip(&expected);
            let differences = pixels.map(|(a, b)| u64::from(a.abs_diff(*b)));
            differences.sum::<u64>() as f64 / expected.len() as f64
        };
        let black = difference(&vec![0; expected.len()]);
        let mut push = Decoder::default().push();
        let steps = 200;
        let pieces = file.chunks(file.len().div_ceil(steps)).enumerate();
        let first = pieces.into_iter().find_map(|(index, mut bytes)| {
            while matches!(
                push.feed(&mut bytes).expect(name),
                Event::Headers | Event::Frame
            ) {}
            push.info()?;
            let mut pixels = buffer(&push);
            push.flush_into(Layout::Rgba, &mut pixels).expect(name)?;
            let share = (index + 1) as f64 / steps as f64;
            let mean = difference(&pixels);
            println!("{name}: {share} of the bytes, a mean difference of {mean}");
            (mean < black / 4.0).then_some(share)
        });
        println!("{name}: {first:?}, {black} of black");
        assert!(first.is_some_and(|share| share <= most), "{name}");
    }
}
