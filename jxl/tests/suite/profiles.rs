//! Embedded ICC profiles: the same bytes as another decoder finds, in the arena's memory.

use std::fs;

use frame_arena::Arena;
use jxl_arena::{ColorProfile, Decoder, Error, ImageInfo};
use jxl_bitstream::{Bitstream, ContainerParser, ParseEvent};
use jxl_image::ImageHeader;
use jxl_oxide_common::Bundle;

use super::support::{corpus, sample_bytes};

/// Returns the codestream of a file, in a container or not.
fn codestream(file: &[u8]) -> Vec<u8> {
    let mut parser = ContainerParser::new();
    let events = parser.feed_bytes(file).map(Result::unwrap);
    let data = events.filter_map(|event| match event {
        ParseEvent::Codestream(bytes) => Some(bytes),
        _ => None,
    });
    data.collect::<Vec<_>>().concat()
}

/// Returns the profile that another decoder finds, which does not read headers with previews.
fn of_other_crate(file: &[u8]) -> Option<Vec<u8>> {
    let codestream = codestream(file);
    let mut bits = Bitstream::new(&codestream);
    let image = ImageHeader::parse(&mut bits, ()).unwrap();
    let has_profile = image.metadata.colour_encoding.want_icc();
    let encoded = has_profile.then(|| jxl_color::icc::read_icc(&mut bits).unwrap());
    encoded.map(|encoded| jxl_color::icc::decode_icc(&encoded).unwrap())
}

fn profile(info: &ImageInfo) -> Option<&[u8]> {
    match (&info.profile, &info.original_icc) {
        (ColorProfile::Icc(icc), None) => Some(icc),
        (_, Some(icc)) => Some(icc),
        _ => None,
    }
}

#[test]
fn another_decoder_finds_the_same_profiles() {
    let Some(folder) = corpus() else { return };
    let mut found = 0;
    for part in ["conformance", "features", "photos"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let is_picture = path.extension().is_some_and(|extension| extension == "jxl");
            if !is_picture || path.ends_with("with_preview.jxl") {
                continue;
            }
            let file = fs::read(&path).unwrap();
            let picture = Decoder::default().read(&file).unwrap();
            let ours = profile(picture.info());
            assert_eq!(ours, of_other_crate(&file).as_deref(), "{}", path.display());
            found += usize::from(ours.is_some());
        }
    }
    assert!(found >= 10, "{found} profiles");
}

#[test]
fn profile_counts_until_its_last_owner_is_gone() {
    let file = sample_bytes("icc");
    let decoder = Decoder::default();
    let live_bytes = || decoder.arena().snapshot().live_bytes;
    let picture = decoder.read(&file).unwrap();
    let ColorProfile::Icc(icc) = picture.info().profile.clone() else {
        panic!("no profile");
    };
    assert!(live_bytes() >= icc.len());
    let bytes = icc.to_vec();
    drop(picture);
    assert!(live_bytes() >= icc.len());
    assert_eq!(*icc, *bytes);
    drop(icc);
    assert_eq!(live_bytes(), 0);
}

#[test]
fn profile_beyond_the_limit_is_refused() {
    let file = sample_bytes("icc");
    for limit_bytes in [1, 64, 512] {
        let arena = Arena::builder().limit_bytes(limit_bytes).build();
        let decoder = Decoder::new(arena);
        assert!(matches!(decoder.read(&file), Err(Error::Memory(_))));
        assert_eq!(decoder.arena().snapshot().live_bytes, 0);
    }
}

/// The file has 175 bytes that stand for 16 MiB of commands, each of which would append three tags.
#[test]
fn tags_beyond_the_profile_are_an_error() {
    let Some(folder) = corpus() else { return };
    let file = fs::read(folder.join("bombs/icc_tags_x36_16MiB.jxl")).unwrap();
    let decoder = Decoder::new(Arena::builder().limit_bytes(64 << 20).build());
    assert!(matches!(decoder.read(&file), Err(Error::Corrupt(_))));
    assert!(decoder.arena().snapshot().peak_held_bytes <= 64 << 20);
}
