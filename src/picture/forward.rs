//! The methods that all owners of a picture have, each through its view.

/// Methods of [`PictureView`](super::PictureView), of a type that has a `view`.
macro_rules! forward_reads {
    () => {
        /// Returns the number of planes.
        pub fn count(&self) -> usize {
            self.view().count()
        }

        /// Returns the columns of the border on the left and right of plane `index`, and the rows
        /// above and below it.
        ///
        /// # Panics
        /// If there is no such plane.
        pub fn border(&self, index: usize) -> (usize, usize) {
            self.view().border(index)
        }

        /// Returns plane `index` without its border.
        ///
        /// # Panics
        /// If there is no such plane.
        pub fn plane(&self, index: usize) -> PlaneView<'_, T> {
            self.view().plane(index)
        }

        /// Returns all planes without their borders.
        pub fn planes(&self) -> impl ExactSizeIterator<Item = PlaneView<'_, T>> {
            self.view().planes()
        }

        /// Returns plane `index` with its border; see [`PictureView::plane_with_border`] for what
        /// is where.
        ///
        /// # Panics
        /// If there is no such plane.
        pub fn plane_with_border(&self, index: usize) -> PlaneView<'_, T> {
            self.view().plane_with_border(index)
        }
    };
}

/// Methods of [`PictureViewMut`](super::PictureViewMut), of a type that has a `view_mut`.
macro_rules! forward_writes {
    () => {
        /// Returns plane `index` without its border, to write.
        ///
        /// # Panics
        /// If there is no such plane.
        pub fn plane_mut(&mut self, index: usize) -> PlaneViewMut<'_, T> {
            self.view_mut().into_plane(index)
        }

        /// Returns all planes without their borders, to write at once.
        pub fn planes_mut(&mut self) -> impl ExactSizeIterator<Item = PlaneViewMut<'_, T>> {
            self.view_mut().into_planes()
        }

        /// Returns plane `index` with its border, to write; see
        /// [`PictureView::plane_with_border`] for what is where.
        ///
        /// # Panics
        /// If there is no such plane.
        pub fn plane_with_border_mut(&mut self, index: usize) -> PlaneViewMut<'_, T> {
            self.view_mut().into_plane_with_border(index)
        }

        /// Extends plane `index` into its border; see [`PictureViewMut::extend_border`].
        ///
        /// # Panics
        /// If there is no such plane.
        pub fn extend_border(&mut self, index: usize) {
            self.view_mut().extend_border(index);
        }

        /// Extends all planes into their borders; see [`PictureViewMut::extend_border`].
        pub fn extend_borders(&mut self) {
            self.view_mut().extend_borders();
        }
    };
}

pub(super) use {forward_reads, forward_writes};
