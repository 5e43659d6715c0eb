//! The ways to output pixels agree, and wrong buffers are refused.

use jxl_arena::{ByteOrder, Decoder, Error, Layout, PixelFormat, SampleFormat};

use super::support::{sample_bytes, sample_names};

#[test]
fn every_call_gives_the_same_pixels() {
    let decoder = Decoder::default();
    for name in sample_names() {
        let file = sample_bytes(name);
        let picture = decoder.read(&file).unwrap();
        let layout = picture.info().layout();
        let pixels: Vec<u16> = picture.decode(layout).expect(name);
        let mut again = vec![7u16; pixels.len()];
        picture.decode_into(layout, &mut again).expect(name);
        assert!(pixels == again, "{name}: decode_into differs");

        let format = PixelFormat::new(layout, SampleFormat::U16 { bits: 16 });
        let row_bytes = picture.info().width as usize * format.pixel_bytes();
        let (stride_bytes, height) = (row_bytes + 13, picture.info().height as usize);
        // Off by one byte, so that no sample is aligned.
        let mut bytes = vec![0xEE; 1 + stride_bytes * height];
        let big = format.with_order(ByteOrder::Big);
        picture
            .decode_bytes_into(big, &mut bytes[1..], stride_bytes)
            .expect(name);
        for (y, row) in bytes[1..].chunks(stride_bytes).take(height).enumerate() {
            let (samples, padding) = row.split_at(row_bytes);
            assert!(
                padding.iter().all(|&byte| byte == 0xEE),
                "{name}: padding of row {y}"
            );
            let (pairs, _) = samples.as_chunks::<2>();
            let row: Vec<u16> = pairs.iter().map(|&pair| u16::from_be_bytes(pair)).collect();
            let samples = row.len();
            assert!(row == pixels[y * samples..][..samples], "{name}: row {y}");
        }
    }
}

#[test]
fn wrong_buffers_are_refused() {
    let file = sample_bytes("rgb8_container");
    let picture = Decoder::default().read(&file).unwrap();
    let samples = picture.info().width as usize * picture.info().height as usize * 3;
    let mut short = vec![0u8; samples - 1];
    let refused = |result: Result<_, Error>| matches!(result, Err(Error::Output(_)));
    assert!(refused(picture.decode_into(Layout::Rgb, &mut short)));
    assert!(refused(picture.decode_into(Layout::Gray, &mut short)));
    let mut bytes = vec![0u8; samples];
    assert!(refused(picture.decode_bytes_into(
        PixelFormat::RGB8,
        &mut bytes,
        5
    )));
    assert!(refused(picture.decode_bytes_into(
        PixelFormat::RGB8,
        &mut bytes,
        usize::MAX
    )));
    let wrong = PixelFormat::new(Layout::Rgb, SampleFormat::U8 { bits: 9 });
    assert!(refused(picture.decode_bytes_into(wrong, &mut bytes, 1000)));
    assert!(picture.decode_into(Layout::Rgb, &mut bytes).is_ok());
}
