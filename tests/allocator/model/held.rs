//! The memory that a program holds: planes, sets and slices of any sample type behind one trait, as
//! rows of bytes.

use bytemuck::cast_slice;
use bytemuck::cast_slice_mut;
use frame_arena::{
    AllocError, DetachedPlane, DetachedPlaneSet, Plane, PlaneSet, PlaneView, PlaneViewMut, Sample,
    Scope, TileGrid,
};

/// Called with a plane's index, a row and its bytes.
pub(crate) type SeeRow<'f> = &'f mut dyn FnMut(usize, usize, &[u8]);
pub(crate) type WriteRow<'f> = &'f mut dyn FnMut(usize, usize, &mut [u8]);

pub(crate) type Outliving = Result<Box<dyn Rows>, AllocError>;

/// Rows of bytes.
pub(crate) trait Rows {
    fn see(&self, row: SeeRow<'_>);
    fn write(&mut self, row: WriteRow<'_>);
}

/// Memory that a scope or a scratch granted.
pub(crate) trait Held: Rows {
    /// Writes each row in parts, through the tiles of a grid.
    fn write_tiles(&mut self, grid: TileGrid, row: WriteRow<'_>);
    /// Bytes from one row start to the next.
    fn stride_bytes(&self) -> usize;
    /// Makes it outlive its scope, unless it is a slice.
    fn detach(self: Box<Self>, scope: &Scope) -> Option<Outliving>;
}

fn see_view<T: Sample>(index: usize, view: PlaneView<'_, T>, row: SeeRow<'_>) {
    for (y, samples) in view.rows().enumerate() {
        row(index, y, cast_slice(samples));
    }
}

fn write_view<T: Sample>(index: usize, view: PlaneViewMut<'_, T>, row: WriteRow<'_>) {
    for (y, samples) in view.into_rows().enumerate() {
        row(index, y, cast_slice_mut(samples));
    }
}

impl<T: Sample> Rows for Plane<'_, T> {
    fn see(&self, row: SeeRow<'_>) {
        see_view(0, self.view(), row);
    }

    fn write(&mut self, row: WriteRow<'_>) {
        write_view(0, self.view_mut(), row);
    }
}

impl<T: Sample> Held for Plane<'_, T> {
    fn write_tiles(&mut self, grid: TileGrid, row: WriteRow<'_>) {
        for tile in self.tiles(grid) {
            write_view(0, tile, row);
        }
    }

    fn stride_bytes(&self) -> usize {
        self.stride() * size_of::<T>()
    }

    fn detach(self: Box<Self>, scope: &Scope) -> Option<Outliving> {
        Some(
            scope
                .detach(*self)
                .map(|plane| Box::new(plane) as Box<dyn Rows>),
        )
    }
}

impl<T: Sample> Rows for PlaneSet<'_, T> {
    fn see(&self, row: SeeRow<'_>) {
        for (index, view) in self.planes().enumerate() {
            see_view(index, view, row);
        }
    }

    fn write(&mut self, row: WriteRow<'_>) {
        for (index, view) in self.planes_mut().enumerate() {
            write_view(index, view, row);
        }
    }
}

impl<T: Sample> Held for PlaneSet<'_, T> {
    fn write_tiles(&mut self, grid: TileGrid, row: WriteRow<'_>) {
        // Takes tiles from both ends in turn: the iterator returns each tile once.
        let mut tiles = self.tiles(grid);
        while let Some(mut first) = tiles.next() {
            for (index, view) in first.planes_mut().enumerate() {
                write_view(index, view, row);
            }
            for last in tiles.next_back().into_iter() {
                for (index, view) in last.into_planes().enumerate() {
                    write_view(index, view, row);
                }
            }
        }
    }

    fn stride_bytes(&self) -> usize {
        self.stride() * size_of::<T>()
    }

    fn detach(self: Box<Self>, scope: &Scope) -> Option<Outliving> {
        let outliving = scope.detach_planes(*self);
        Some(outliving.map(|planes| Box::new(planes) as Box<dyn Rows>))
    }
}

impl<T: Sample> Rows for &mut [T] {
    fn see(&self, row: SeeRow<'_>) {
        row(0, 0, cast_slice(self));
    }

    fn write(&mut self, row: WriteRow<'_>) {
        row(0, 0, cast_slice_mut(self));
    }
}

impl<T: Sample> Held for &mut [T] {
    fn write_tiles(&mut self, _: TileGrid, row: WriteRow<'_>) {
        self.write(row);
    }

    fn stride_bytes(&self) -> usize {
        size_of_val::<[T]>(&**self)
    }

    fn detach(self: Box<Self>, _: &Scope) -> Option<Outliving> {
        None
    }
}

impl<T: Sample> Rows for DetachedPlane<T> {
    fn see(&self, row: SeeRow<'_>) {
        see_view(0, self.view(), row);
    }

    fn write(&mut self, row: WriteRow<'_>) {
        write_view(0, self.view_mut(), row);
    }
}

impl<T: Sample> Rows for DetachedPlaneSet<T> {
    fn see(&self, row: SeeRow<'_>) {
        for index in 0..self.count() {
            see_view(index, self.plane(index), row);
        }
    }

    fn write(&mut self, row: WriteRow<'_>) {
        for (index, view) in self.view_mut().into_planes().enumerate() {
            write_view(index, view, row);
        }
    }
}
