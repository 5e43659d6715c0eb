use std::fs;
use std::path::Path;

use jxl_arena::Decoder;

use super::super::target::Target;
use super::*;

/// Headers of a sample file, and made-up pixels of its size.
fn drawn(name: &str) -> (ImageInfo, PixelFormat, Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let file = fs::read(folder.join(name).with_extension("jxl")).unwrap();
    let decoder = Decoder::default();
    let info = decoder.read(&file).unwrap().info().clone();
    let format = Target::Png.format(&info, None).unwrap();
    let row_bytes = info.width as usize * format.pixel_bytes();
    let mut state = 1_u32;
    let pixels = (0..row_bytes * info.height as usize).map(|index| {
        let (x, y) = (index % row_bytes, index / row_bytes);
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // For each filter, rows for which it is the best; and noise.
        match y % 6 {
            0 => 7,
            1 => (x / 3) as u8,
            2 => (x ^ y) as u8,
            3 => (x + y) as u8,
            4 => (state >> 24) as u8,
            _ => (state >> 30) as u8,
        }
    });
    let pixels = pixels.collect();
    (info, format, pixels)
}

fn written(info: &ImageInfo, format: PixelFormat, pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut png = PngFile::start(&mut file, info, format).unwrap();
    png.put(pixels).unwrap();
    png.finish().unwrap();
    file
}

#[test]
fn another_decoder_reads_what_was_written() {
    for name in [
        "one_pixel",
        "one_row",
        "one_column",
        "gray8",
        "gray16",
        "gray_alpha8",
        "rgb8_e3_g0",
        "rgb16",
        "rgba8_g0",
        "rgba16",
        "icc",
    ] {
        let (info, format, pixels) = drawn(name);
        let file = written(&info, format, &pixels);
        let mut reader = png::Decoder::new(io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut read = vec![0; pixels.len()];
        let frame = reader.next_frame(&mut read).unwrap();
        assert_eq!((frame.width, frame.height), (info.width, info.height));
        assert!(read == pixels, "{name}");
        reader.finish().unwrap();
    }
}

#[test]
fn another_decoder_reads_animations() {
    let (info, format, pixels) = drawn("animation_lossless");
    let animation = info.animation.unwrap();
    let mut shifted = pixels.clone();
    shifted.rotate_left(5);
    let pictures = [&pixels, &shifted, &pixels];
    let decoder = Decoder::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let source = fs::read(folder.join("animation_lossless.jxl")).unwrap();
    let frame = decoder.read(&source).unwrap().frame_infos().next();
    let frame = frame.unwrap().unwrap();
    let mut file = Vec::new();
    let mut png = AnimatedPng::start(&mut file, &info, format, animation, 3).unwrap();
    for pixels in pictures {
        png.put(&frame, pixels).unwrap();
    }
    png.finish().unwrap();
    let mut reader = png::Decoder::new(io::Cursor::new(file))
        .read_info()
        .unwrap();
    let control = reader.info().animation_control.unwrap();
    assert_eq!(control.num_frames, 3);
    let mut read = vec![0; pixels.len()];
    for pixels in pictures {
        reader.next_frame(&mut read).unwrap();
        assert!(read == *pixels);
        let control = reader.info().frame_control.unwrap();
        let expected = delay(animation, frame.duration_ticks);
        assert_eq!((control.delay_num, control.delay_den), expected);
    }
    reader.finish().unwrap();
}

/// Fails when it has no room left.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_wherever_it_is_noticed() {
    let (info, format, pixels) = drawn("icc");
    let bytes = written(&info, format, &pixels).len();
    let steps = (0..bytes).step_by(101).chain(bytes - 40..bytes);
    for room in steps {
        let put = || {
            let mut png = PngFile::start(Full(room), &info, format)?;
            png.put(&pixels)?;
            png.finish()
        };
        let error = put().expect_err("no room");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{room}");
    }
}

#[test]
fn delays_are_exact_where_16_bits_hold_them() {
    let delay = |numerator, denominator, ticks| {
        let animation = Animation {
            ticks_numerator: numerator,
            ticks_denominator: denominator,
            plays: None,
            has_timecodes: false,
        };
        delay(animation, ticks)
    };
    assert_eq!(delay(100, 1, 5), (1, 20));
    assert_eq!(delay(24_000, 1_001, 1), (1_001, 24_000));
    assert_eq!(delay(100, 1, 0), (0, 1));
    assert_eq!(delay(1, 1, 40_000), (40_000, 1));
    assert_eq!(delay(1 << 30, 1, 1 << 20), (1, 1_024));
    assert_eq!(delay(1_000_003, 1, 20_000_061), (20_000, 1_000));
    assert_eq!(delay(1, 1_024, u32::MAX), (u16::MAX, 1));
}
