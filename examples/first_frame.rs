//! A first frame: planes from a scope, all returned when it ends, and the same memory for the next.

use frame_arena::{AllocError, Arena, PlaneAlloc};

fn main() -> Result<(), AllocError> {
    let arena = Arena::new();
    for number in 1..=3 {
        let frame = arena.frame();
        let mut luma = frame.plane::<u8>(1920, 1080)?;
        luma.row_mut(0).fill(number);
        let chroma = frame.planes::<u8>(2, 960, 540)?;
        println!(
            "frame {number}: luma {}, {} chroma planes, {} rows each",
            luma.get(1919, 0),
            chroma.count(),
            chroma.plane(0).height()
        );
    }
    let snapshot = arena.snapshot();
    println!(
        "{} runs made, {} reused",
        snapshot.runs_made, snapshot.runs_reused
    );
    Ok(())
}
