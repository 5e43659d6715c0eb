use std::cell::OnceCell;

use anyhow::{Context, Result, ensure};
use frame_arena::Arena;
use jxl_arena::{
    Decoder, Error, Event, ImageInfo, Layout as Channels, Picture, PixelFormat, Reduction, Region,
    SampleFormat as Samples,
};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Decode;
use crate::image::{Layout, SampleFormat};
use crate::part::Part;

pub(super) struct ArenaDecoder {
    decoder: Decoder,
    /// `None` if the calling thread is itself a pool of one.
    pool: Option<ThreadPool>,
}

thread_local! {
    /// Pool of one, whose only thread is the calling thread. jxl-arena runs in the rayon pool of
    /// its caller, so decodes stay on this thread. A thread can become such a pool only once.
    static ALONE: OnceCell<ThreadPool> = const { OnceCell::new() };
}

impl ArenaDecoder {
    pub(super) fn new(arena: Arena, threads: usize) -> Result<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(threads);
        let pool = if threads == 1 {
            ALONE.with(|alone| -> Result<()> {
                if alone.get().is_none() {
                    let pool = pool.use_current_thread().build()?;
                    alone.get_or_init(|| pool);
                }
                Ok(())
            })?;
            ensure!(
                rayon::current_num_threads() == 1,
                "the pool has other threads"
            );
            None
        } else {
            Some(pool.build()?)
        };
        Ok(ArenaDecoder {
            decoder: Decoder::new(arena),
            pool,
        })
    }
}

impl Decode for ArenaDecoder {
    fn decode(
        &mut self,
        file: &[u8],
        part: Part,
        layout: &Layout,
        output: &mut [u8],
    ) -> Result<()> {
        let decoder = &self.decoder;
        let mut decode = || decode_part(decoder, file, part, layout, output);
        match &self.pool {
            Some(pool) => pool.install(decode),
            None => decode(),
        }
    }
}

fn decode_part(
    decoder: &Decoder,
    file: &[u8],
    part: Part,
    layout: &Layout,
    output: &mut [u8],
) -> Result<()> {
    let (format, row_bytes) = (pixel_format(layout), layout.row_bytes());
    let picture = match part {
        Part::Prefix { bytes } => return show_prefix(decoder, &file[..bytes], layout, output),
        Part::Eighth => decoder.read(file)?.reduced(Reduction::Eighth),
        Part::Whole | Part::Region(_) => decoder.read(file)?,
    };
    if let Part::Region(rectangle) = part {
        let number = u32::try_from;
        let region = Region {
            x: number(rectangle.left)?,
            y: number(rectangle.top)?,
            width: number(rectangle.width)?,
            height: number(rectangle.height)?,
        };
        picture.decode_region_bytes_into(region, format, output, row_bytes)?;
        return Ok(());
    }
    ensure_size(picture.info(), layout)?;
    decode_frames(&picture, layout, output)
}

/// Feeds `bytes` in one piece, and shows what they tell.
fn show_prefix(
    decoder: &Decoder,
    mut bytes: &[u8],
    layout: &Layout,
    output: &mut [u8],
) -> Result<()> {
    let (format, row_bytes) = (pixel_format(layout), layout.row_bytes());
    let mut decoder = decoder.push();
    loop {
        match decoder.feed(&mut bytes)? {
            Event::Headers => ensure_size(decoder.info().context("no headers")?, layout)?,
            Event::Picture => {
                decoder.decode_bytes_into(format, output, row_bytes)?;
                return Ok(());
            }
            Event::NeedsBytes | Event::Progress => {
                let shown = decoder.flush_bytes_into(format, output, row_bytes)?;
                shown.context("there is nothing to show")?;
                return Ok(());
            }
            _ => {}
        }
    }
}

fn ensure_size(info: &ImageInfo, layout: &Layout) -> Result<()> {
    let size = (info.width as usize, info.height as usize);
    ensure!(
        size == (layout.width, layout.height),
        "{size:?} instead of {}x{}",
        layout.width,
        layout.height
    );
    Ok(())
}

fn decode_frames(picture: &Picture<'_>, layout: &Layout, output: &mut [u8]) -> Result<()> {
    let (format, row_bytes) = (pixel_format(layout), layout.row_bytes());
    if layout.frames == 1 && picture.info().animation.is_none() {
        picture.decode_bytes_into(format, output, row_bytes)?;
        return Ok(());
    }
    let mut frames = picture.frames()?;
    for frame in output.chunks_exact_mut(layout.frame_bytes()) {
        let decoded = frames.decode_next_bytes_into(format, frame, row_bytes)?;
        ensure!(decoded.is_some(), "fewer than {} frames", layout.frames);
    }
    let further = frames.decode_next_bytes_into(format, output, row_bytes)?;
    ensure!(further.is_none(), "more than {} frames", layout.frames);
    Ok(())
}

fn pixel_format(layout: &Layout) -> PixelFormat {
    let channels = match layout.channels {
        1 => Channels::Gray,
        2 => Channels::GrayAlpha,
        3 => Channels::Rgb,
        _ => Channels::Rgba,
    };
    let samples = match layout.format {
        SampleFormat::U8 { bits } => Samples::U8 { bits },
        SampleFormat::U16 { bits } => Samples::U16 { bits },
        SampleFormat::F32 => Samples::F32,
    };
    PixelFormat::new(channels, samples)
}

/// Returns the feature of JPEG XL that jxl-arena does not support, if `error` names one.
pub fn refusal(error: &anyhow::Error) -> Option<String> {
    match error.downcast_ref::<Error>() {
        Some(Error::Unsupported { feature }) => Some(feature.to_string()),
        _ => None,
    }
}
