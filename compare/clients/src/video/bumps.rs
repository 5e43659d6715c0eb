//! Residuals and rows in bumps. Pictures are kept vectors: a bump cannot free single pictures, and
//! two threads cannot share its memory.

use std::cell::RefCell;
use std::sync::Arc;

use anyhow::Result;
use bump_scope::BumpBox;

use super::vectors::{KeptPictures, VectorPicture, residual_len, residual_plane};
use super::{Coded, Memory, residual};

/// A bump of bumpalo, reset for each plane.
#[derive(Default)]
pub(super) struct Bumpalo {
    pictures: Arc<KeptPictures>,
    bump: bumpalo::Bump,
}

/// A bump of bump-scope, with a scope for each plane.
#[derive(Default)]
pub(super) struct BumpScope {
    pictures: Arc<KeptPictures>,
    bump: bump_scope::Bump,
}

thread_local! {
    static BUMP: RefCell<bumpalo::Bump> = RefCell::default();
    static SCOPED: RefCell<bump_scope::Bump> = RefCell::default();
}

impl Memory for Bumpalo {
    type Picture = VectorPicture;

    fn decode(
        &mut self,
        coded: &Coded,
        references: Option<[&VectorPicture; 2]>,
    ) -> Result<VectorPicture> {
        let mut picture = self.pictures.take(coded);
        for index in 0..3 {
            self.bump.reset();
            let values = self
                .bump
                .alloc_slice_fill_copy(residual_len(coded, index), 0);
            let plane = residual_plane(coded, index, values);
            residual::decode(coded, index, plane, |width, work| {
                BUMP.with_borrow_mut(|bump| {
                    bump.reset();
                    work(bump.alloc_slice_fill_copy(width, 0));
                });
                Ok(())
            })?;
            picture.reconstruct(coded, index, values, references);
        }
        Ok(picture)
    }
}

impl Memory for BumpScope {
    type Picture = VectorPicture;

    fn decode(
        &mut self,
        coded: &Coded,
        references: Option<[&VectorPicture; 2]>,
    ) -> Result<VectorPicture> {
        let mut picture = self.pictures.take(coded);
        for index in 0..3 {
            self.bump.scoped(|scope| {
                let values = scope.alloc_slice_fill(residual_len(coded, index), 0);
                let values = BumpBox::into_mut(values);
                let plane = residual_plane(coded, index, values);
                residual::decode(coded, index, plane, |width, work| {
                    SCOPED.with_borrow_mut(|bump| {
                        bump.scoped(|task| {
                            work(BumpBox::into_mut(task.alloc_slice_fill(width, 0)));
                        });
                    });
                    Ok(())
                })?;
                picture.reconstruct(coded, index, values, references);
                anyhow::Ok(())
            })?;
        }
        Ok(picture)
    }
}
