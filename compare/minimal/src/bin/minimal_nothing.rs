//! Decodes nothing: the other programs without their decoder.

use anyhow::Result;

fn main() -> Result<()> {
    compare_minimal::run(|file, pixels| {
        pixels.clear();
        pixels.extend_from_slice(file);
        Ok(())
    })
}
