//! All eight orientations, by rewriting the header of sample files.

use jxl_arena::Decoder;

use super::headers::with_orientation;
use super::support::{assert_same, bits_of, decode_bits, drawn, integers, layout_of, sample_bytes};

/// Returns `pixels` turned by an orientation of Exif, straight from the table of CIPA DC-008.
fn turned(
    pixels: &[u16],
    (width, height, channels): (usize, usize, usize),
    orientation: u32,
) -> Vec<u16> {
    let (shown_width, shown_height) = match orientation {
        1..=4 => (width, height),
        _ => (height, width),
    };
    let mut shown = Vec::with_capacity(pixels.len());
    for y in 0..shown_height {
        for x in 0..shown_width {
            let (right, bottom) = (shown_width - 1 - x, shown_height - 1 - y);
            let (stored_x, stored_y) = match orientation {
                1 => (x, y),
                2 => (right, y),
                3 => (right, bottom),
                4 => (x, bottom),
                5 => (y, x),
                6 => (y, right),
                7 => (bottom, right),
                _ => (bottom, x),
            };
            let pixel = (stored_y * width + stored_x) * channels;
            shown.extend_from_slice(&pixels[pixel..pixel + channels]);
        }
    }
    shown
}

#[test]
fn pictures_are_turned_as_the_header_says() {
    let decoder = Decoder::default();
    for name in [
        "rgb8_e3_g0",
        "rgba8_g0",
        "one_column",
        "squeeze_g0",
        "rgb12_g0",
    ] {
        let expected = drawn(name);
        let size = (expected.width, expected.height, expected.channels);
        let (values, max) = integers(&expected);
        let bits = bits_of(max);
        let bare = sample_bytes(name);
        for orientation in 1..=8 {
            let file = with_orientation(&bare, orientation);
            let picture = decoder.read(&file).unwrap();
            let info = picture.info();
            assert_eq!(info.orientation, orientation);
            let decoded = decode_bits(&picture, layout_of(size.2), bits).unwrap();
            let shown = turned(values, size, orientation);
            let label = format!("{name}, orientation {orientation}");
            assert_same(&label, (info.width as usize, size.2), &decoded, &shown);
        }
    }
}
