use std::io::{BufRead, Seek, SeekFrom};
use std::num::NonZeroU32;
use std::time::Duration;

use image::metadata::LoopCount;
use image::{AnimationDecoder, Delay, Frame, Frames, ImageResult, RgbaImage};
use jxl_arena::{AlphaMode, Animation, ImageInfo, PixelFormat, PushDecoder};

use crate::JxlDecoder;
use crate::decoder::with_capacity;
use crate::error::{image_error, no_memory};
use crate::feed::feed_picture;

/// Iterates over the pictures of a file.
struct Pictures<R> {
    reader: R,
    decoder: PushDecoder,
    info: ImageInfo,
}

impl<R: BufRead> Pictures<R> {
    fn next_picture(&mut self) -> ImageResult<Option<Frame>> {
        if !feed_picture(&mut self.reader, &mut self.decoder)? {
            return Ok(None);
        }
        let (width, height) = (self.info.width, self.info.height);
        let bytes = picture_bytes(&self.info).ok_or_else(no_memory)?;
        let mut pixels = with_capacity(bytes)?;
        pixels.resize(bytes, 0);
        let stride_bytes = bytes / height as usize;
        let format = PixelFormat::RGBA8.with_alpha(AlphaMode::Straight);
        let decoded = self
            .decoder
            .decode_bytes_into(format, &mut pixels, stride_bytes);
        let Some(decoded) = decoded.map_err(image_error)? else {
            return Ok(None);
        };
        let picture = RgbaImage::from_raw(width, height, pixels).ok_or_else(no_memory)?;
        let duration = |animation: Animation| animation.duration(decoded.info.duration_ticks);
        let duration = self.info.animation.map_or(Duration::ZERO, duration);
        let delay = Delay::from_saturating_duration(duration);
        Ok(Some(Frame::from_parts(picture, 0, 0, delay)))
    }
}

/// Bytes of a picture in 8-bit RGBA.
fn picture_bytes(info: &ImageInfo) -> Option<usize> {
    let pixels = (info.width as usize).checked_mul(info.height as usize)?;
    pixels.checked_mul(4)
}

/// Pictures are complete canvases of 8 bits, blended as the file defines. A still picture is one
/// frame.
impl<'a, R: BufRead + Seek + 'a> AnimationDecoder<'a> for JxlDecoder<R> {
    /// The limit covers the decoder's memory and one picture.
    fn into_frames(mut self) -> Frames<'a> {
        let start = self.start;
        let begun = picture_bytes(&self.info).ok_or_else(no_memory);
        let begun = begun.and_then(|bytes| {
            let decoder = self.pixel_decoder(bytes as u64)?.push();
            let decoder = decoder.reduced(self.reduction);
            self.reader.seek(SeekFrom::Start(start))?;
            Ok(decoder)
        });
        let mut pictures = match begun {
            Ok(decoder) => Pictures {
                reader: self.reader,
                decoder,
                info: self.info,
            },
            Err(error) => return Frames::new(Box::new(std::iter::once(Err(error)))),
        };
        let mut has_ended = false;
        Frames::new(Box::new(std::iter::from_fn(move || {
            if has_ended {
                return None;
            }
            let next = pictures.next_picture().transpose();
            has_ended = !matches!(next, Some(Ok(_)));
            next
        })))
    }

    fn loop_count(&self) -> LoopCount {
        let plays = self
            .info
            .animation
            .map_or(Some(1), |animation| animation.plays);
        plays
            .and_then(NonZeroU32::new)
            .map_or(LoopCount::Infinite, LoopCount::Finite)
    }
}
