use std::fs;

use frame_arena::{AllocError, Arena};
use jxl_arena::{Decoder, Error, Event};
use rayon::ThreadPoolBuilder;

use super::{pushed, whole};
use crate::support::{corpus, sample_bytes, sample_names};

/// Received bytes that wait for the rest of the file count against the limit. Bytes beyond it are
/// refused with an error and can be fed again when there is memory.
#[test]
fn received_bytes_count_against_the_limit() {
    let file = sample_bytes("rgb8_e3_g0");
    let arena = Arena::new();
    let decoder = Decoder::new(arena.clone());
    let mut push = decoder.push();
    let mut bytes = &file[..file.len() / 2];
    while matches!(
        push.feed(&mut bytes).unwrap(),
        Event::Headers | Event::Frame
    ) {}
    assert!(arena.snapshot().in_use_bytes >= file.len() / 2);
    drop(push);
    assert_eq!(arena.snapshot().in_use_bytes, 0);

    let arena = Arena::builder().limit_bytes(48 << 10).build();
    let mut push = Decoder::new(arena.clone()).push();
    let mut bytes = &file[..];
    let refused = loop {
        match push.feed(&mut bytes) {
            Ok(Event::Headers | Event::Frame) => {}
            Ok(event) => panic!("{event:?}"),
            Err(error) => break error,
        }
    };
    let is_refusal = matches!(refused, Error::Memory(AllocError::LimitExceeded { .. }));
    assert!(is_refusal, "{refused}");
    assert!(!bytes.is_empty());
    assert!(arena.snapshot().peak_held_bytes <= 48 << 10);
    // The refused bytes can be fed again, and are refused again.
    assert!(matches!(push.feed(&mut bytes), Err(Error::Memory(_))));
}

/// A decode without flushes takes the memory of a decode of the whole file, plus the bytes of the
/// file.
#[test]
fn the_peak_is_that_of_the_whole_and_the_bytes() {
    for name in sample_names() {
        let file = sample_bytes(name);
        let peaks = |decode: &dyn Fn(&Decoder)| {
            // Under a limit, what a decode takes does not depend on what was retained before.
            let arena = Arena::builder().limit_bytes(1 << 30).build();
            let decoder = Decoder::new(arena);
            decode(&decoder);
            let snapshot = decoder.arena().snapshot();
            [snapshot.peak_bytes, snapshot.peak_held_bytes]
        };
        let one_thread = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let (whole, pushed) = one_thread.install(|| {
            let whole = peaks(&|decoder| drop(whole(decoder, &file).expect(name)));
            let pushed = peaks(&|decoder| {
                drop(pushed(decoder, &file, || 1000, |_, _| {}).expect(name));
            });
            (whole, pushed)
        });
        // `beyond` is for headers, ends of sections, and the blocks and pages that hold the bytes.
        for (index, beyond) in [8 << 10, 32 << 10].into_iter().enumerate() {
            let allowed = whole[index] + file.len() + beyond;
            let least = pushed[index];
            assert!(
                least <= allowed,
                "{name}: {whole:?}, {pushed:?}, {} bytes",
                file.len()
            );
        }
    }
}

/// Feeds files that are made to be costly, in pieces, under a limit of memory.
#[test]
fn bombs_are_refused_in_pieces() {
    let Some(corpus) = corpus() else { return };
    let limit_bytes = 64 << 20;
    let arena = Arena::builder().limit_bytes(limit_bytes).build();
    let decoder = Decoder::new(arena.clone());
    let mut files = 0;
    for entry in fs::read_dir(corpus.join("bombs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jxl") {
            continue;
        }
        let file = fs::read(&path).unwrap();
        let mut push = decoder.push();
        let result = file.chunks(1000).try_for_each(|mut bytes| {
            loop {
                match push.feed(&mut bytes)? {
                    Event::Headers | Event::Frame => {}
                    // The picture is as large as its header says, so it is not decoded here.
                    Event::Picture => return Err(Error::Stopped),
                    _ => return Ok(()),
                }
            }
        });
        drop((push, result));
        files += 1;
    }
    assert!(files > 0);
    assert!(arena.snapshot().peak_held_bytes <= limit_bytes);
    assert_eq!(arena.snapshot().live_bytes, 0);
}
