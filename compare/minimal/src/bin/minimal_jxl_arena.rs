//! Decodes with jxl-arena, each time in the same arena.

use anyhow::Result;
use jxl_arena::{Decoder, Layout};
use rayon::ThreadPoolBuilder;

fn main() -> Result<()> {
    // The calling thread is the pool.
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build()?;
    let decoder = Decoder::default();
    pool.install(|| {
        compare_minimal::run(|file, pixels| {
            let picture = decoder.read(file)?;
            let info = picture.info();
            pixels.resize(info.width as usize * info.height as usize * 4, 0);
            picture.decode_into(Layout::Rgba, pixels)?;
            Ok(())
        })
    })
}
