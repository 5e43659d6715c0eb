//! Decodes with jxl-oxide, which starts anew each time.

use anyhow::{Error, Result};
use jxl_oxide::{JxlImage, JxlThreadPool};

fn main() -> Result<()> {
    compare_minimal::run(|file, pixels| {
        let image = JxlImage::builder()
            .pool(JxlThreadPool::none())
            .read(file)
            .map_err(Error::from_boxed)?;
        let render = image.render_frame(0).map_err(Error::from_boxed)?;
        let mut stream = render.stream();
        let samples = stream.width() * stream.height() * stream.channels();
        pixels.resize(samples as usize, 0);
        stream.write_to_buffer(pixels);
        Ok(())
    })
}
