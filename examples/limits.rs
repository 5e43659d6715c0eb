//! Limits and errors: a frame that does not fit is refused, and the arena stays usable.

use frame_arena::{AllocError, Arena, PlaneAlloc};

fn decode(arena: &Arena, side: usize) -> Result<usize, AllocError> {
    let frame = arena.frame();
    let planes = frame.planes::<f32>(3, side, side)?;
    Ok(planes.count())
}

fn main() {
    let arena = Arena::builder().limit_bytes(16 << 20).build();
    for side in [1000, 4000, 1000] {
        match decode(&arena, side) {
            Ok(planes) => println!("{side} x {side}: {planes} planes"),
            Err(AllocError::LimitExceeded {
                requested_bytes,
                limit_bytes,
                ..
            }) => {
                println!(
                    "{side} x {side}: {requested_bytes} bytes exceed the limit of {limit_bytes}"
                )
            }
            Err(error) => println!("{side} x {side}: {error}"),
        }
    }
    assert_eq!(arena.snapshot().live_bytes, 0);
}
