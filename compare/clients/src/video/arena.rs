//! Pictures in memory of frame-arena: detached planes, as they outlive the frame that decodes them.

use anyhow::Result;
use frame_arena::{Arena, DetachedPlane, PlaneAlloc, PlaneView};

use super::{Coded, Memory, Picture, motion, residual};

/// A picture whose planes return to the arena when it is dropped.
pub struct ArenaPicture([DetachedPlane<u8>; 3]);

impl Picture for ArenaPicture {
    fn plane(&self, index: usize) -> PlaneView<'_, u8> {
        self.0[index].view()
    }
}

impl Memory for Arena {
    type Picture = ArenaPicture;

    fn decode(
        &mut self,
        coded: &Coded,
        references: Option<[&ArenaPicture; 2]>,
    ) -> Result<ArenaPicture> {
        let frame = self.frame();
        let decode_plane = |index: usize| -> Result<DetachedPlane<u8>> {
            let shape = coded.shape(index);
            let stage = frame.stage("residual");
            let mut values = stage.stale_plane(shape.width, shape.height)?;
            residual::decode(coded, index, values.view_mut(), |width, work| {
                let scratch = stage.scratch();
                work(scratch.stale_slice(width)?);
                Ok(())
            })?;
            let mut plane = self.stale_detached_plane(shape.full_width(), shape.full_height())?;
            let references = references.map(|both| both.map(|picture| picture.plane(index)));
            motion::reconstruct(coded, index, values.view(), references, plane.view_mut());
            Ok(plane)
        };
        Ok(ArenaPicture([
            decode_plane(0)?,
            decode_plane(1)?,
            decode_plane(2)?,
        ]))
    }
}
