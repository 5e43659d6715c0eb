use anyhow::{Error, Result, ensure};
use jxl_oxide::{FrameBufferSample, JxlImage, JxlThreadPool, Render};

use super::Decode;
use crate::image::{Layout, SampleFormat};

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
    fn decode(&mut self, file: &[u8], layout: &Layout, output: &mut [u8]) -> Result<()> {
        let image = JxlImage::builder()
            .pool(self.pool.clone())
            .read(file)
            .map_err(Error::from_boxed)?;
        ensure!(
            image.num_loaded_keyframes() == layout.frames,
            "{} frames instead of {}",
            image.num_loaded_keyframes(),
            layout.frames
        );
        for (index, frame) in output.chunks_exact_mut(layout.frame_bytes()).enumerate() {
            let render = image.render_frame(index).map_err(Error::from_boxed)?;
            match layout.format {
                SampleFormat::U8 { bits } => {
                    write_samples(&render, frame)?;
                    if bits < 8 {
                        frame.iter_mut().for_each(|s| *s = narrow(*s, 255, bits));
                    }
                }
                SampleFormat::U16 { bits } => {
                    let frame: &mut [u16] = bytemuck::cast_slice_mut(frame);
                    write_samples(&render, frame)?;
                    if bits < 16 {
                        frame.iter_mut().for_each(|s| *s = narrow(*s, 65535, bits));
                    }
                }
                SampleFormat::F32 => {
                    write_samples(&render, bytemuck::cast_slice_mut::<_, f32>(frame))?;
                }
            }
        }
        Ok(())
    }
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
