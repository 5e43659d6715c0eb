//! The decode in bumps: one for the planes, and one per thread for rows of working memory.
//!
//! Safe code cannot get stale memory from a bump, so samples are filled with zeros, as coefficients
//! are.

use std::cell::RefCell;

use anyhow::Result;
use bump_scope::BumpBox;

use super::vectors::{decode_into, len, sample_planes};
use super::{Image, Memory, color, for_components};

thread_local! {
    static BUMP: RefCell<bumpalo::Bump> = RefCell::default();
    static SCOPED: RefCell<bump_scope::Bump> = RefCell::default();
}

impl Memory for bumpalo::Bump {
    fn decode(&mut self, image: &Image<'_>, rgb: &mut [u8]) -> Result<()> {
        self.reset();
        let bump = &*self;
        let mut samples = for_components(image, |component| {
            Ok(bump.alloc_slice_fill_copy(len(component.samples()), 0u8))
        })?;
        // A bump frees nothing before its reset, so the coefficients stay to the end.
        let coefficients = for_components(image, |component| {
            Ok(bump.alloc_slice_fill_copy(len(component.coefficients()), 0i16))
        })?;
        decode_into(image, coefficients, &mut samples)?;
        let samples = sample_planes(image, samples.map(|plane| &*plane));
        color::convert(image, &samples, rgb, |width, work| {
            BUMP.with_borrow_mut(|bump| {
                bump.reset();
                work(
                    bump.alloc_slice_fill_copy(width, 0),
                    bump.alloc_slice_fill_copy(width, 0),
                );
            });
            Ok(())
        })
    }
}

impl Memory for bump_scope::Bump {
    fn decode(&mut self, image: &Image<'_>, rgb: &mut [u8]) -> Result<()> {
        self.scoped(|scope| {
            let mut samples = for_components(image, |component| {
                let plane = scope.alloc_slice_fill(len(component.samples()), 0u8);
                Ok(BumpBox::into_mut(plane))
            })?;
            scope.scoped(|stage| {
                let coefficients = for_components(image, |component| {
                    let plane = stage.alloc_slice_fill(len(component.coefficients()), 0i16);
                    Ok(BumpBox::into_mut(plane))
                })?;
                decode_into(image, coefficients, &mut samples)
            })?;
            let samples = sample_planes(image, samples.map(|plane| &*plane));
            color::convert(image, &samples, rgb, |width, work| {
                SCOPED.with_borrow_mut(|bump| {
                    bump.scoped(|task| {
                        let row = || BumpBox::into_mut(task.alloc_slice_fill(width, 0));
                        work(row(), row());
                    });
                });
                Ok(())
            })
        })
    }
}
