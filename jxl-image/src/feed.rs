use std::io::BufRead;

use image::ImageResult;
use jxl_arena::{Event, PushDecoder};

use crate::error::image_error;

/// Feeds bytes of a file until an event happens.
pub(crate) fn feed(reader: &mut impl BufRead, decoder: &mut PushDecoder) -> ImageResult<Event> {
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            return decoder.finish().map_err(image_error);
        }
        let mut rest = available;
        let event = decoder.feed(&mut rest);
        let taken = available.len() - rest.len();
        reader.consume(taken);
        match event.map_err(image_error)? {
            Event::NeedsBytes | Event::Progress => {}
            event => return Ok(event),
        }
    }
}

/// Feeds bytes until the next picture is complete. Returns `false` if there is none.
pub(crate) fn feed_picture(
    reader: &mut impl BufRead,
    decoder: &mut PushDecoder,
) -> ImageResult<bool> {
    loop {
        match feed(reader, decoder)? {
            Event::Picture => return Ok(true),
            Event::End => return Ok(false),
            _ => {}
        }
    }
}
