//! Pictures in vectors: made for each picture, or kept.

use std::cell::RefCell;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use frame_arena::{PlaneView, PlaneViewMut};

use super::{Coded, Memory, Picture, Shape, motion, residual};

/// A picture in vectors, which return to `kept`, if it is set, when the picture is dropped.
pub(super) struct VectorPicture {
    luma: Shape,
    planes: [Vec<u8>; 3],
    kept: Option<Arc<KeptPictures>>,
}

/// Planes of dropped pictures, kept for later ones.
#[derive(Default)]
pub(super) struct KeptPictures(Mutex<Vec<[Vec<u8>; 3]>>);

impl KeptPictures {
    /// Returns a picture to decode `coded` in; a new one if none is kept.
    pub(super) fn take(self: &Arc<Self>, coded: &Coded) -> VectorPicture {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut planes = kept.unwrap_or_default();
        for (index, plane) in planes.iter_mut().enumerate() {
            plane.resize(coded.shape(index).full_len(), 0);
        }
        VectorPicture {
            luma: coded.shape(0),
            planes,
            kept: Some(Arc::clone(self)),
        }
    }
}

impl Drop for VectorPicture {
    fn drop(&mut self) {
        if let Some(kept) = &self.kept {
            let planes = mem::take(&mut self.planes);
            let mut kept = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(planes);
        }
    }
}

impl Picture for VectorPicture {
    fn plane(&self, index: usize) -> PlaneView<'_, u8> {
        let shape = self.luma.of_plane(index);
        let (width, height) = (shape.full_width(), shape.full_height());
        PlaneView::from_slice(&self.planes[index], width, height, width)
    }
}

impl VectorPicture {
    /// Reconstructs plane `index` from a residual without gaps between the rows.
    pub(super) fn reconstruct(
        &mut self,
        coded: &Coded,
        index: usize,
        values: &[i16],
        references: Option<[&VectorPicture; 2]>,
    ) {
        let shape = coded.shape(index);
        let values = PlaneView::from_slice(values, shape.width, shape.height, shape.width);
        let references = references.map(|both| both.map(|picture| picture.plane(index)));
        let (width, height) = (shape.full_width(), shape.full_height());
        let plane = PlaneViewMut::from_slice(&mut self.planes[index], width, height, width);
        motion::reconstruct(coded, index, values, references, plane);
    }
}

/// Returns the residual of plane `index` as a plane without gaps between the rows.
pub(super) fn residual_plane<'v>(
    coded: &Coded,
    index: usize,
    values: &'v mut [i16],
) -> PlaneViewMut<'v, i16> {
    let shape = coded.shape(index);
    PlaneViewMut::from_slice(values, shape.width, shape.height, shape.width)
}

/// Returns the number of samples in the residual of plane `index`.
pub(super) fn residual_len(coded: &Coded, index: usize) -> usize {
    let shape = coded.shape(index);
    shape.width * shape.height
}

/// Vectors made for each picture, plane and task.
pub(super) struct Fresh;

impl Memory for Fresh {
    type Picture = VectorPicture;

    fn decode(
        &mut self,
        coded: &Coded,
        references: Option<[&VectorPicture; 2]>,
    ) -> Result<VectorPicture> {
        let mut picture = VectorPicture {
            luma: coded.shape(0),
            planes: [0, 1, 2].map(|index| vec![0; coded.shape(index).full_len()]),
            kept: None,
        };
        for index in 0..3 {
            let mut values = vec![0; residual_len(coded, index)];
            let plane = residual_plane(coded, index, &mut values);
            residual::decode(coded, index, plane, |width, work| {
                work(&mut vec![0; width]);
                Ok(())
            })?;
            picture.reconstruct(coded, index, &values, references);
        }
        Ok(picture)
    }
}

/// Vectors that are kept: pictures by a pool, the residual by the decoder, rows per thread.
#[derive(Default)]
pub(super) struct Kept {
    pictures: Arc<KeptPictures>,
    values: Vec<i16>,
}

thread_local! {
    static ROW: RefCell<Vec<i16>> = RefCell::default();
}

impl Memory for Kept {
    type Picture = VectorPicture;

    fn decode(
        &mut self,
        coded: &Coded,
        references: Option<[&VectorPicture; 2]>,
    ) -> Result<VectorPicture> {
        let mut picture = self.pictures.take(coded);
        for index in 0..3 {
            self.values.resize(residual_len(coded, index), 0);
            let plane = residual_plane(coded, index, &mut self.values);
            residual::decode(coded, index, plane, |width, work| {
                ROW.with_borrow_mut(|row| {
                    row.resize(width, 0);
                    work(row);
                });
                Ok(())
            })?;
            picture.reconstruct(coded, index, &self.values, references);
        }
        Ok(picture)
    }
}
