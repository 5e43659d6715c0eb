use std::cell::OnceCell;

use anyhow::{Result, ensure};
use frame_arena::Arena;
use jxl_arena::{
    Decoder, Error, Layout as Channels, Picture, PixelFormat, SampleFormat as Samples,
};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Decode;
use crate::image::{Layout, SampleFormat};

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
    fn decode(&mut self, file: &[u8], layout: &Layout, output: &mut [u8]) -> Result<()> {
        let picture = self.decoder.read(file)?;
        let size = (
            picture.info().width as usize,
            picture.info().height as usize,
        );
        ensure!(
            size == (layout.width, layout.height),
            "{size:?} instead of {}x{}",
            layout.width,
            layout.height
        );
        let mut decode = || decode_frames(&picture, layout, output);
        match &self.pool {
            Some(pool) => pool.install(decode),
            None => decode(),
        }
    }
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
