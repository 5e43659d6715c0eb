//! Pictures, animations, metadata and errors through the crate `image`.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Once;

use image::codecs::png::PngDecoder;
use image::metadata::{LoopCount, Orientation};
use image::{
    AnimationDecoder, ColorType, DynamicImage, Frame, ImageDecoder, ImageError, ImageReader,
    ImageResult, Limits,
};
use jxl_arena::{Decoder, Layout};
use jxl_arena_image::{JxlDecoder, Reduction};

fn register() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| assert!(jxl_arena_image::register()));
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../jxl/tests/samples")
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(samples().join(name)).unwrap()
}

fn open(file: &[u8]) -> ImageResult<DynamicImage> {
    DynamicImage::from_decoder(JxlDecoder::new(Cursor::new(file))?)
}

#[test]
fn files_are_opened_by_extension_and_by_content() {
    register();
    assert!(!jxl_arena_image::register());
    let path = samples().join("rgb8_e3_g0.jxl");
    let by_extension = image::open(&path).unwrap();
    let file = std::fs::read(path).unwrap();
    let container = container(&[(*b"jxlc", &file)]);
    for file in [&file, &container] {
        let reader = ImageReader::new(Cursor::new(file));
        let by_content = reader.with_guessed_format().unwrap().decode().unwrap();
        assert_eq!(by_content, by_extension);
    }
    assert_eq!(by_extension.color(), ColorType::Rgb8);
}

/// The references are PNG files by djxl.
#[test]
fn lossless_files_are_equal_to_their_references() {
    for name in ["layers_lossless", "delta_palette", "animation_lossless"] {
        let decoded = open(&sample(&format!("{name}.jxl"))).unwrap();
        let reference = image::open(samples().join(format!("{name}.ref.png"))).unwrap();
        assert_eq!(decoded.to_rgba8(), reference.to_rgba8(), "{name}");
    }
}

#[test]
fn reduced_pictures_are_those_of_the_decoder() {
    for name in ["vardct_groups.jxl", "rgb8_e3_g0.jxl"] {
        let file = sample(name);
        for reduction in Reduction::ALL {
            let picture = Decoder::default().read(&file).unwrap().reduced(reduction);
            let expected = picture.decode::<u8>(Layout::Rgb).unwrap();
            let decoder = JxlDecoder::new(Cursor::new(&file)).unwrap();
            // The last call counts.
            let decoder = decoder.reduced(Reduction::Eighth).reduced(reduction);
            let (width, height) = (picture.info().width, picture.info().height);
            assert_eq!(decoder.dimensions(), (width, height), "{name}");
            let opened = DynamicImage::from_decoder(decoder).unwrap();
            assert!(
                opened.to_rgb8().into_raw() == expected,
                "{name}, {reduction}"
            );
        }
    }
}

#[test]
fn all_samples_are_those_of_the_decoder() {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(samples()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jxl") {
            continue;
        }
        let file = std::fs::read(&path).unwrap();
        let picture = Decoder::default().read(&file).unwrap();
        let info = picture.info();
        let opened = open(&file).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!((opened.width(), opened.height()), (info.width, info.height));
        // Pictures are compared as RGB or RGBA, in which gray is spread over three channels.
        let layout = match info.layout() {
            Layout::Gray => Layout::Rgb,
            Layout::GrayAlpha => Layout::Rgba,
            layout => layout,
        };
        if info.alpha.is_some_and(|alpha| alpha.premultiplied) {
            continue;
        }
        let same = match opened.color() {
            ColorType::L8 | ColorType::Rgb8 | ColorType::La8 | ColorType::Rgba8 => {
                let expected = picture.decode::<u8>(layout).unwrap();
                match layout.has_alpha() {
                    true => opened.to_rgba8().into_raw() == expected,
                    false => opened.to_rgb8().into_raw() == expected,
                }
            }
            ColorType::Rgb32F | ColorType::Rgba32F => {
                let expected = picture.decode::<f32>(layout).unwrap();
                match layout.has_alpha() {
                    true => opened.to_rgba32f().into_raw() == expected,
                    false => opened.to_rgb32f().into_raw() == expected,
                }
            }
            _ => {
                let expected = picture.decode::<u16>(layout).unwrap();
                match layout.has_alpha() {
                    true => opened.to_rgba16().into_raw() == expected,
                    false => opened.to_rgb16().into_raw() == expected,
                }
            }
        };
        assert!(same, "{}", path.display());
        seen.push(opened.color());
    }
    for color in [
        ColorType::L8,
        ColorType::L16,
        ColorType::Rgba16,
        ColorType::Rgb32F,
    ] {
        assert!(seen.contains(&color), "no sample has {color:?}");
    }
}

/// The reference is an animated PNG file by djxl.
#[test]
fn animations_are_equal_to_their_reference() {
    let decoder = JxlDecoder::new(Cursor::new(sample("animation_lossless.jxl"))).unwrap();
    let loops = decoder.loop_count();
    let decoded = decoder.into_frames().collect_frames().unwrap();
    let reference = Cursor::new(sample("animation_lossless.ref.png"));
    let reference = PngDecoder::new(reference).unwrap().apng().unwrap();
    let reference = reference.into_frames().collect_frames().unwrap();
    assert!(decoded.len() > 1);
    assert_eq!(decoded.len(), reference.len());
    for (decoded, reference) in decoded.iter().zip(&reference) {
        assert_eq!(decoded.buffer(), reference.buffer());
    }
    let file = sample("animation_lossless.jxl");
    let picture = Decoder::default().read(&file).unwrap();
    let animation = picture.info().animation.unwrap();
    let plays = match loops {
        LoopCount::Infinite => None,
        LoopCount::Finite(count) => Some(count.get()),
    };
    assert_eq!(plays, animation.plays);
    let durations = picture
        .frame_infos()
        .map(|frame| frame.unwrap().duration_ticks);
    let durations: Vec<_> = durations.map(|ticks| animation.duration(ticks)).collect();
    let delays: Vec<_> = decoded.iter().map(|frame| frame.delay().into()).collect();
    assert_eq!(durations, delays);
}

#[test]
fn a_still_picture_is_one_frame() {
    let decoder = JxlDecoder::new(Cursor::new(sample("rgb8_e3_g0.jxl"))).unwrap();
    let frames: Vec<Frame> = decoder.into_frames().collect_frames().unwrap();
    assert_eq!(frames.len(), 1);
    let opened = open(&sample("rgb8_e3_g0.jxl")).unwrap();
    assert_eq!(*frames[0].buffer(), opened.to_rgba8());
}

/// Makes a container of boxes.
fn container(boxes: &[([u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = b"\0\0\0\x0CJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ".to_vec();
    for (kind, content) in boxes {
        file.extend_from_slice(&(8 + content.len() as u32).to_be_bytes());
        file.extend_from_slice(kind);
        file.extend_from_slice(content);
    }
    file
}

#[test]
fn metadata_is_that_of_the_boxes() {
    let codestream = sample("rgb8_e3_g0.jxl");
    // The offset of Exif says that two more bytes come before it.
    let file = container(&[
        (*b"Exif", b"\0\0\0\x02..II*\0exif"),
        (*b"jxlc", &codestream),
        (*b"xml ", b"<x:xmpmeta/>"),
    ]);
    let mut decoder = JxlDecoder::new(Cursor::new(&file)).unwrap();
    assert_eq!(decoder.exif_metadata().unwrap().unwrap(), b"II*\0exif");
    assert_eq!(decoder.xmp_metadata().unwrap().unwrap(), b"<x:xmpmeta/>");
    assert_eq!(decoder.orientation().unwrap(), Orientation::NoTransforms);
    let pixels = DynamicImage::from_decoder(decoder).unwrap();
    assert_eq!(pixels, open(&codestream).unwrap());
    let mut plain = JxlDecoder::new(Cursor::new(&codestream)).unwrap();
    assert_eq!(plain.exif_metadata().unwrap(), None);
    assert_eq!(plain.xmp_metadata().unwrap(), None);
}

#[test]
fn the_profile_is_that_of_the_samples() {
    let file = sample("icc.jxl");
    let picture = Decoder::default().read(&file).unwrap();
    let expected = picture.info().profile.to_icc().unwrap();
    let mut decoder = JxlDecoder::new(Cursor::new(&file)).unwrap();
    assert_eq!(decoder.icc_profile().unwrap().unwrap(), *expected);
}

#[test]
fn what_is_no_picture_is_an_error() {
    let file = sample("rgb8_e3_g0.jxl");
    for cut in [0, 1, 2, 10, file.len() / 2, file.len() - 1] {
        let error = open(&file[..cut]).unwrap_err();
        assert!(matches!(error, ImageError::Decoding(_)), "{cut}: {error}");
    }
    let error = open(b"not a picture").unwrap_err();
    assert!(matches!(error, ImageError::Decoding(_)), "{error}");
    let animation = sample("animation_lossless.jxl");
    let cut = &animation[..animation.len() - 10];
    let mut frames = JxlDecoder::new(Cursor::new(cut)).unwrap().into_frames();
    assert!(frames.next().unwrap().is_ok());
    assert!(frames.by_ref().any(|frame| frame.is_err()));
    assert!(frames.next().is_none());
}

#[test]
fn limits_of_size_are_strict() {
    let file = sample("rgb8_e3_g0.jxl");
    let decoder = || JxlDecoder::new(Cursor::new(&file)).unwrap();
    let (width, height) = decoder().dimensions();
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(width);
    limits.max_image_height = Some(height);
    decoder().set_limits(limits.clone()).unwrap();
    limits.max_image_height = Some(height - 1);
    let error = decoder().set_limits(limits).unwrap_err();
    assert!(matches!(error, ImageError::Limits(_)), "{error}");
}
