//! Reference pictures: planes that outlive the frame in which they were decoded.

use frame_arena::{AllocError, Arena, PlaneAlloc, SharedPlane};

/// Decodes a picture that is one step brighter than its reference.
fn decode(
    arena: &Arena,
    reference: Option<&SharedPlane<u8>>,
) -> Result<SharedPlane<u8>, AllocError> {
    let frame = arena.frame();
    let mut picture = frame.plane::<u8>(640, 360)?;
    for y in 0..picture.height() {
        match reference {
            None => picture.row_mut(y).fill(16),
            Some(reference) => {
                let above = reference.view().row(y);
                let row = picture.row_mut(y);
                row.iter_mut()
                    .zip(above)
                    .for_each(|(new, old)| *new = old + 1);
            }
        }
    }
    Ok(frame.detach(picture)?.into_shared())
}

fn main() -> Result<(), AllocError> {
    let arena = Arena::new();
    let mut reference = None;
    for number in 0..5 {
        let picture = decode(&arena, reference.as_ref())?;
        println!("picture {number}: {}", picture.view().get(639, 359));
        // A display thread may hold a clone. The memory returns when the last owner is dropped.
        reference = Some(picture);
    }
    Ok(())
}
