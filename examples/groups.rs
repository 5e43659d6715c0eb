//! Groups in parallel: in a stage, tasks write tiles of planes, each with its own scratch.

use frame_arena::{AllocError, Arena, PlaneAlloc, TileGrid};
use rayon::prelude::*;

fn decode(arena: &Arena, width: usize, height: usize) -> Result<f32, AllocError> {
    let frame = arena.frame();
    let mut xyb = frame.planes::<f32>(3, width, height)?;
    let coefficients = frame.stage("coefficients");
    let quant = coefficients.plane_from_fn::<i32>(width / 8, height / 8, |x, y| (x + y) as i32)?;
    xyb.tiles(TileGrid::new(256, 256))
        .into_par_iter()
        .try_for_each(|mut group| {
            let scratch = coefficients.scratch();
            let block = scratch.slice::<f32>(64)?;
            block.fill(quant.row(0)[0] as f32 + 0.5);
            for mut plane in group.planes_mut() {
                plane.fill(block[0]);
            }
            Ok(())
        })?;
    // The memory of the stage serves the next stage.
    drop(coefficients);
    Ok(xyb.plane(1).row(height - 1)[width - 1])
}

fn main() -> Result<(), AllocError> {
    let arena = Arena::new();
    for _ in 0..3 {
        println!("last sample: {}", decode(&arena, 1920, 1080)?);
    }
    let snapshot = arena.snapshot();
    println!(
        "{} runs and {} blocks made, {} and {} reused, {} bytes retained",
        snapshot.runs_made,
        snapshot.blocks_made,
        snapshot.runs_reused,
        snapshot.blocks_reused,
        snapshot.retained_bytes
    );
    Ok(())
}
