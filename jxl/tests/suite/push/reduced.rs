//! Reduced pictures of files that arrive in pieces.

use jxl_arena::{Decoder, Event, Layout, Reduction};

use super::feed;
use crate::support::sample_bytes;

const NAMES: [&str; 6] = [
    "vardct_groups",
    "lf_frame",
    "vardct_seams_alpha",
    "jpeg_420",
    "layers_vardct",
    "rgb8_e3_g0",
];

/// Size and samples of the picture of a whole file.
fn of_whole(decoder: &Decoder, file: &[u8], reduction: Reduction) -> ((u32, u32), Vec<u8>) {
    let picture = decoder.read(file).unwrap().reduced(reduction);
    let size = (picture.info().width, picture.info().height);
    (size, picture.decode(Layout::Rgba).unwrap())
}

#[test]
fn pieces_make_the_reduced_pictures_of_the_whole() {
    let decoder = Decoder::default();
    for name in NAMES {
        let file = sample_bytes(name);
        for reduction in Reduction::ALL {
            let (size, expected) = of_whole(&decoder, &file, reduction);
            let mut push = decoder.push().reduced(reduction);
            let mut pictures = Vec::new();
            for piece in file.chunks(1000) {
                feed(&mut push, piece, &mut pictures, &mut |_, _| {}).unwrap();
            }
            assert!(push.finish().unwrap() == Event::End, "{name}");
            let info = push.info().unwrap();
            assert_eq!((info.width, info.height), size);
            assert_eq!(pictures.len(), 1, "{name}");
            assert!(pictures[0].1 == expected, "{name}, {reduction}");
        }
    }
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

/// The last flush, of all bytes, shows the picture.
#[test]
fn flushes_are_reduced() {
    let decoder = Decoder::default();
    for name in NAMES {
        let file = sample_bytes(name);
        for reduction in Reduction::ALL {
            let (_, expected) = of_whole(&decoder, &file, reduction);
            let mut push = decoder.push();
            let (mut flushed, mut count) = (vec![0; expected.len()], 0);
            'pieces: for mut piece in file.chunks(1000) {
                loop {
                    match push.feed(&mut piece).unwrap() {
                        // The size changes when the headers are there already.
                        Event::Headers => push = push.reduced(reduction),
                        Event::Frame => {}
                        event => {
                            let shown = push.flush_into(Layout::Rgba, &mut flushed).unwrap();
                            count += usize::from(shown.is_some());
                            match event {
                                Event::Picture => break 'pieces,
                                _ => break,
                            }
                        }
                    }
                }
            }
            assert!(count > 0, "{name}, {reduction}");
            assert!(flushed == expected, "{name}, {reduction}");
        }
    }
}
