use anyhow::{Error, Result, bail, ensure};
use jxl_oxide::{CropInfo, FrameBufferSample, InitializeResult, JxlImage, JxlThreadPool, Render};

use super::Decode;
use crate::image::{Layout, SampleFormat};
use crate::part::Part;

pub(super) struct OxideDecoder {
    pool: JxlThreadPool,
}

impl OxideDecoder {
    pub(super) fn new(threads: usize) -> Self {
        let pool = if threads == 1 {
            JxlThreadPool::none()
        } else {
            JxlThreadPool::rayon(Some(threads))
        };
        OxideDecoder { pool }
    }
}

impl Decode for OxideDecoder {
    fn decode(
        &mut self,
        file: &[u8],
        part: Part,
        layout: &Layout,
        output: &mut [u8],
    ) -> Result<()> {
        let builder = JxlImage::builder().pool(self.pool.clone());
        let mut image = match part {
            Part::Whole | Part::Region(_) => builder.read(file).map_err(Error::from_boxed)?,
            Part::Prefix { bytes } => {
                let mut image = builder.build_uninit();
                image
                    .feed_bytes(&file[..bytes])
                    .map_err(Error::from_boxed)?;
                match image.try_init().map_err(Error::from_boxed)? {
                    InitializeResult::Initialized(image) => image,
                    InitializeResult::NeedMoreData(_) => bail!("no headers yet"),
                }
            }
            Part::Eighth => bail!("jxl-oxide does not decode reduced pictures"),
        };
        if let Part::Region(rectangle) = part {
            let number = u32::try_from;
            image.set_image_region(CropInfo {
                width: number(rectangle.width)?,
                height: number(rectangle.height)?,
                left: number(rectangle.left)?,
                top: number(rectangle.top)?,
            });
        }
        if matches!(part, Part::Prefix { .. }) && image.num_loaded_keyframes() < layout.frames {
            let render = image.render_loading_frame().map_err(Error::from_boxed)?;
            return write_frame(&render, layout, output);
        }
        ensure!(
            image.num_loaded_keyframes() == layout.frames,
            "{} frames instead of {}",
            image.num_loaded_keyframes(),
            layout.frames
        );
        for (index, frame) in output.chunks_exact_mut(layout.frame_bytes()).enumerate() {
            let render = image.render_frame(index).map_err(Error::from_boxed)?;
            write_frame(&render, layout, frame)?;
        }
        Ok(())
    }
}

fn write_frame(render: &Render, layout: &Layout, frame: &mut [u8]) -> Result<()> {
    match layout.format {
        SampleFormat::U8 { bits } => {
            write_samples(render, frame)?;
            if bits < 8 {
                frame.iter_mut().for_each(|s| *s = narrow(*s, 255, bits));
            }
        }
        SampleFormat::U16 { bits } => {
            let frame: &mut [u16] = bytemuck::cast_slice_mut(frame);
            write_samples(render, frame)?;
            if bits < 16 {
                frame.iter_mut().for_each(|s| *s = narrow(*s, 65535, bits));
            }
        }
        SampleFormat::F32 => {
            write_samples(render, bytemuck::cast_slice_mut::<_, f32>(frame))?;
        }
    }
    Ok(())
}

fn write_samples<T: FrameBufferSample>(render: &Render, samples: &mut [T]) -> Result<()> {
    let mut stream = render.stream();
    let expected = stream.width() as usize * stream.height() as usize * stream.channels() as usize;
    ensure!(
        expected == samples.len(),
        "{expected} samples instead of {}",
        samples.len()
    );
    stream.write_to_buffer(samples);
    Ok(())
}

/// Undoes the scaling of jxl-oxide, which stretches integers to the full range of their type. The
/// result is exact, because the range shrinks.
fn narrow<T: Into<u32> + TryFrom<u32> + Default>(sample: T, full_scale: u32, bits: u8) -> T {
    let value = (sample.into() * ((1 << bits) - 1) + full_scale / 2) / full_scale;
    T::try_from(value).unwrap_or_default()
}
