//! Warm decodes take nothing from the global allocator: all their memory comes from the arena.

use std::fs;
use std::sync::Arc;

use frame_arena::{Arena, Retention};
use jxl_arena::{Decoder, Event, Layout, ParallelRunner, Reduction};
use rayon::ThreadPoolBuilder;

use super::pictures::{corpus, is_small, pictures_in, samples};
use super::requests::{count, counted};
use super::tier::is_slow_wanted;

/// Each piece of a progressive file is followed by a flush, which decodes what is there.
const MOST_PIECES: usize = 12;

/// Makes all calls on the calling thread, so that the memory of a task is the same in each decode.
struct CallsInTurn;

impl ParallelRunner for CallsInTurn {
    fn threads(&self) -> usize {
        3
    }

    fn run(&self, calls: usize, task: &(dyn Fn() + Sync)) {
        (0..calls).for_each(|_| task());
    }
}

/// Calls during `work`.
fn during<R>(work: impl FnOnce() -> R) -> (usize, R) {
    count();
    let result = work();
    (counted(), result)
}

/// Calls of a file that arrives in pieces, with a flush of what is there of each picture, the last
/// of some times.
fn push_calls(decoder: &Decoder, file: &[u8], times: usize) -> usize {
    let mut pixels: Vec<u16> = Vec::new();
    let mut last = 0;
    for _ in 0..times {
        let (calls, ()) = during(|| {
            let mut push = decoder.push();
            for mut bytes in file.chunks(file.len().div_ceil(MOST_PIECES).max(4096)) {
                loop {
                    match push.feed(&mut bytes).unwrap() {
                        Event::Headers => {
                            let info = push.info().unwrap();
                            pixels.resize(info.width as usize * info.height as usize * 4, 0);
                        }
                        Event::Frame | Event::Progress => {
                            push.flush_into(Layout::Rgba, &mut pixels).unwrap();
                        }
                        Event::Picture => {
                            drop(push.decode_into(Layout::Rgba, &mut pixels).unwrap());
                        }
                        _ => break,
                    }
                }
            }
            assert_eq!(push.finish().unwrap(), Event::End);
        });
        last = calls;
    }
    last
}

/// Calls of `read` and all that is told of headers, of `decode_into`, of all pictures by `frames`,
/// and of the first picture reduced: each of three times.
fn calls(decoder: &Decoder, file: &[u8]) -> [[usize; 4]; 3] {
    let mut pixels: Vec<u16> = Vec::new();
    [(); 3].map(|()| {
        let (read, picture) = during(|| {
            let picture = decoder.read(file).unwrap();
            assert!(picture.frame_infos().all(|info| info.is_ok()));
            assert_eq!(
                picture.extra_channels().count(),
                picture.info().extra_channels
            );
            picture
        });
        let info = picture.info();
        pixels.resize(info.width as usize * info.height as usize * 4, 0);
        let (decode, _) = during(|| picture.decode_into(Layout::Rgba, &mut pixels).unwrap());
        let (all, _) = during(|| {
            let mut frames = picture.frames().unwrap();
            while let Some(decoded) = frames.decode_next_into(Layout::Rgba, &mut pixels).unwrap() {
                drop(decoded);
            }
        });
        let (reduced, ()) = during(|| {
            let mut picture = picture;
            for reduction in [Reduction::Quarter, Reduction::Eighth] {
                picture = picture.reduced(reduction);
                picture.decode_into(Layout::Rgba, &mut pixels).unwrap();
            }
        });
        [read, decode, all, reduced]
    })
}

/// Calls of a seek to each picture, from the last to the first, and its decode: the last of some
/// times.
fn seek_calls(decoder: &Decoder, file: &[u8], times: usize) -> usize {
    let picture = decoder.read(file).unwrap();
    let info = picture.info();
    let mut pixels = vec![0_u16; info.width as usize * info.height as usize * 4];
    let count = picture.frame_infos().count();
    let mut last = 0;
    for _ in 0..times {
        let (calls, ()) = during(|| {
            let mut frames = picture.frames().unwrap();
            for index in (0..count).rev() {
                frames.seek(index).unwrap();
                let decoded = frames.decode_next_into(Layout::Rgba, &mut pixels).unwrap();
                assert_eq!(decoded.unwrap().info.index, index);
            }
        });
        last = calls;
    }
    last
}

pub(crate) fn warm_decodes_make_none() {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let folders = [samples(), corpus().join("features")];
    let is_slow = is_slow_wanted("calls of the corpus's larger files");
    for path in folders.iter().flat_map(|folder| pictures_in(folder)) {
        if !is_slow && !is_small(&path) {
            continue;
        }
        let file = fs::read(&path).unwrap();
        let decoder = Decoder::default();
        let [first, _, last] = pool.install(|| calls(&decoder, &file));
        // The first decode takes memory, so calls are counted.
        assert!(first.iter().sum::<usize>() > 0, "{}", path.display());
        assert_eq!(last, [0; 4], "{}", path.display());
        let decoder = Decoder::default().with_runner(Arc::new(CallsInTurn));
        let [.., last] = calls(&decoder, &file);
        assert_eq!(last, [0; 4], "{} by calls in turn", path.display());
        // By default, what 16 frames in a row did not use is released, as the room for the bytes of
        // a large frame among small ones may be, and lists of headers that a seek makes.
        let arena = Arena::builder().retention(Retention::KeepAll).build();
        let decoder = Decoder::new(arena);
        let pushed = pool.install(|| push_calls(&decoder, &file, 3));
        assert_eq!(pushed, 0, "{} in pieces", path.display());
        let sought = pool.install(|| seek_calls(&decoder, &file, 3));
        assert_eq!(sought, 0, "{} by seeks", path.display());
    }
}
