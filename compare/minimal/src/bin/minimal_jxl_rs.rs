//! Decodes with jxl-rs, each time with the same decoder object.

use anyhow::{Context, Result, bail};
use jxl::api::{
    Event, JxlColorType, JxlDataFormat, JxlDecoder, JxlDecoderOptions, JxlOutputBuffer,
    JxlPixelFormat,
};

fn main() -> Result<()> {
    let mut decoder = JxlDecoder::new(JxlDecoderOptions::default());
    compare_minimal::run(|file, pixels| decode(&mut decoder, file, pixels))
}

fn decode(decoder: &mut JxlDecoder, mut file: &[u8], pixels: &mut Vec<u8>) -> Result<()> {
    decoder.reset();
    let (mut row_bytes, mut height) = (0, 0);
    loop {
        let mut buffers = [];
        let mut buffer;
        let target = match row_bytes {
            0 => &mut buffers[..],
            _ => {
                buffer = [JxlOutputBuffer::new(pixels, height, row_bytes)];
                &mut buffer[..]
            }
        };
        let target = (!target.is_empty()).then_some(target);
        match decoder.process(&mut file, target, None)? {
            Event::BasicInfo => {
                let info = decoder.basic_info().context("no basic info")?;
                (row_bytes, height) = (info.size.0 * 4, info.size.1);
                let extra_channels = info.extra_channels.len();
                pixels.resize(row_bytes * height, 0);
                decoder.set_pixel_format(JxlPixelFormat {
                    color_type: JxlColorType::Rgba,
                    color_data_format: Some(JxlDataFormat::U8 { bit_depth: 8 }),
                    extra_channel_format: vec![None; extra_channels],
                })?;
            }
            Event::FrameComplete { .. } | Event::Complete => return Ok(()),
            Event::FrameHeader => {}
            Event::NeedMoreInput { .. } => bail!("the file ends early"),
        }
    }
}
