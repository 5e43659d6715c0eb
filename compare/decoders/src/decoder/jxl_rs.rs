use anyhow::{Context, Result, bail, ensure};
use jxl::api::{
    Endianness, Event, JxlColorType, JxlDataFormat, JxlDecoder, JxlDecoderOptions, JxlOutputBuffer,
    JxlParallelRunner, JxlParallelRunnerFun, JxlPixelFormat, ProfileLevel,
};
use rayon::prelude::*;

use super::Decode;
use crate::image::{Layout, SampleFormat};
use crate::part::Part;

pub(super) struct JxlRsDecoder {
    decoder: JxlDecoder,
    runner: Option<Runner>,
}

impl JxlRsDecoder {
    pub(super) fn new(threads: usize) -> Result<Self> {
        let mut options = JxlDecoderOptions::default();
        options.max_profile_level = ProfileLevel::Main10;
        Ok(JxlRsDecoder {
            decoder: JxlDecoder::new(options),
            runner: (threads > 1).then(|| Runner::new(threads)).transpose()?,
        })
    }

    /// Runs one step of the decoder. `target` receives the frame that is being decoded.
    fn step(
        &mut self,
        rest: &mut &[u8],
        target: Option<&mut [u8]>,
        layout: &Layout,
    ) -> Result<Event> {
        let runner = self
            .runner
            .as_mut()
            .map(|r| r as &mut dyn JxlParallelRunner);
        let event = match target {
            Some(frame) => {
                let mut buffers = [JxlOutputBuffer::new(
                    frame,
                    layout.height,
                    layout.row_bytes(),
                )];
                self.decoder.process(rest, Some(&mut buffers), runner)
            }
            None => self.decoder.process(rest, None, runner),
        };
        Ok(event?)
    }
}

impl Decode for JxlRsDecoder {
    fn decode(
        &mut self,
        file: &[u8],
        part: Part,
        layout: &Layout,
        output: &mut [u8],
    ) -> Result<()> {
        self.decoder.reset();
        let mut rest = match part {
            Part::Whole => file,
            Part::Prefix { bytes } => &file[..bytes],
            Part::Eighth | Part::Region(_) => bail!("jxl-rs does not decode this part"),
        };
        let mut frames = output.chunks_exact_mut(layout.frame_bytes());
        let mut target = None;
        let mut done = 0;
        loop {
            match self.step(&mut rest, target.as_deref_mut(), layout)? {
                Event::NeedMoreInput { .. } => {
                    ensure!(part != Part::Whole, "the file ends early");
                    return self.flush(target.context("no frame header yet")?, layout);
                }
                Event::BasicInfo => {
                    let extra_channels = self.extra_channels(layout)?;
                    self.decoder
                        .set_pixel_format(pixel_format(layout, extra_channels))?;
                }
                Event::FrameHeader => {
                    target = Some(frames.next().context("more frames than expected")?);
                }
                Event::FrameComplete { has_more_frames } => {
                    done += 1;
                    target = None;
                    if !has_more_frames {
                        ensure!(
                            done == layout.frames,
                            "{done} frames instead of {}",
                            layout.frames
                        );
                        return Ok(());
                    }
                }
                Event::Complete => bail!("{done} frames instead of {}", layout.frames),
            }
        }
    }
}

impl JxlRsDecoder {
    /// Shows in `frame` what the bytes so far tell.
    fn flush(&mut self, frame: &mut [u8], layout: &Layout) -> Result<()> {
        let (height, row_bytes) = (layout.height, layout.row_bytes());
        let mut buffers = [JxlOutputBuffer::new(frame, height, row_bytes)];
        let runner = self
            .runner
            .as_mut()
            .map(|r| r as &mut dyn JxlParallelRunner);
        let is_drawn = self.decoder.flush_pixels(&mut buffers, runner)?;
        ensure!(is_drawn, "there is nothing to show");
        Ok(())
    }

    /// Checks the picture's size against `layout` and counts its extra channels.
    fn extra_channels(&self, layout: &Layout) -> Result<usize> {
        let info = self.decoder.basic_info().context("no basic info")?;
        ensure!(
            info.size == (layout.width, layout.height),
            "{:?} instead of {}x{}",
            info.size,
            layout.width,
            layout.height
        );
        Ok(info.extra_channels.len())
    }
}

fn pixel_format(layout: &Layout, extra_channels: usize) -> JxlPixelFormat {
    let endianness = Endianness::native();
    JxlPixelFormat {
        color_type: match layout.channels {
            1 => JxlColorType::Grayscale,
            2 => JxlColorType::GrayscaleAlpha,
            3 => JxlColorType::Rgb,
            _ => JxlColorType::Rgba,
        },
        color_data_format: Some(match layout.format {
            SampleFormat::U8 { bits } => JxlDataFormat::U8 { bit_depth: bits },
            SampleFormat::U16 { bits } => JxlDataFormat::U16 {
                endianness,
                bit_depth: bits,
            },
            SampleFormat::F32 => JxlDataFormat::F32 { endianness },
        }),
        extra_channel_format: vec![None; extra_channels],
    }
}

/// Runs jxl-rs, which starts no threads of its own, in a rayon pool.
struct Runner {
    pool: rayon::ThreadPool,
}

impl Runner {
    fn new(threads: usize) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()?;
        Ok(Runner { pool })
    }
}

impl JxlParallelRunner for Runner {
    fn run(&mut self, num: usize, fun: &JxlParallelRunnerFun<'_>) -> jxl::error::Result<()> {
        self.pool
            .install(|| (0..num).into_par_iter().try_for_each(fun))
    }

    fn num_threads(&self) -> usize {
        self.pool.current_num_threads()
    }
}
