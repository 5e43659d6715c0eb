use std::fmt;

use super::place::PlanePlace;
use super::places::Places;
use super::view::{PictureView, debug};
use crate::plane::{PlaneView, PlaneViewMut};
use crate::sample::Sample;

/// The planes of a picture, to write.
#[must_use]
pub struct PictureViewMut<'p, T> {
    /// The samples of all planes, borders and padding.
    samples: &'p mut [T],
    places: Places<'p>,
}

impl<'p, T: Sample> PictureViewMut<'p, T> {
    pub(super) fn new((samples, places): (&'p mut [T], Places<'p>)) -> Self {
        Self { samples, places }
    }

    /// Returns the number of planes.
    pub fn count(&self) -> usize {
        self.places.count()
    }

    /// Returns the view, to read.
    pub fn view(&self) -> PictureView<'_, T> {
        PictureView::new((self.samples, self.places))
    }

    /// Returns the same view for a shorter time.
    pub fn reborrow(&mut self) -> PictureViewMut<'_, T> {
        PictureViewMut::new((self.samples, self.places))
    }

    /// Returns plane `index` without its border, to read.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane(&self, index: usize) -> PlaneView<'_, T> {
        self.view().plane(index)
    }

    /// Returns plane `index` without its border, to write.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane_mut(&mut self, index: usize) -> PlaneViewMut<'_, T> {
        self.reborrow().into_plane(index)
    }

    /// Returns plane `index` without its border, to write for as long as the picture may be.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn into_plane(self, index: usize) -> PlaneViewMut<'p, T> {
        let (place, samples) = self.into_part(index);
        inside(&place, samples)
    }

    /// Returns all planes without their borders, to write at once.
    pub fn planes_mut(&mut self) -> impl ExactSizeIterator<Item = PlaneViewMut<'_, T>> {
        self.reborrow().into_planes()
    }

    /// Returns all planes without their borders, to write for as long as the picture may be.
    pub fn into_planes(self) -> impl ExactSizeIterator<Item = PlaneViewMut<'p, T>> {
        self.into_parts()
            .map(|(place, samples)| inside(&place, samples))
    }

    /// Returns plane `index` with its border, to write; see
    /// [`PictureView::plane_with_border`] for what is where.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane_with_border_mut(&mut self, index: usize) -> PlaneViewMut<'_, T> {
        self.reborrow().into_plane_with_border(index)
    }

    /// Returns plane `index` with its border, to write for as long as the picture may be; see
    /// [`PictureView::plane_with_border`] for what is where.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn into_plane_with_border(self, index: usize) -> PlaneViewMut<'p, T> {
        let (place, samples) = self.into_part(index);
        with_border(&place, samples)
    }

    /// Returns all planes with their borders, to write at once; see
    /// [`PictureView::plane_with_border`] for what is where.
    pub fn planes_with_border_mut(&mut self) -> impl ExactSizeIterator<Item = PlaneViewMut<'_, T>> {
        self.reborrow().into_planes_with_border()
    }

    /// Returns all planes with their borders, to write for as long as the picture may be.
    pub fn into_planes_with_border(self) -> impl ExactSizeIterator<Item = PlaneViewMut<'p, T>> {
        self.into_parts()
            .map(|(place, samples)| with_border(&place, samples))
    }

    /// Returns pointers to column 0 of row 0 of each plane, to write. Rows are
    /// [`stride`](PlaneViewMut::stride) samples apart.
    ///
    /// Each may be offset to any part of the picture: the plane's border, its tail padding and the
    /// other planes. All of them are valid at the same time, until the picture is next borrowed or
    /// dropped.
    pub fn plane_ptrs_mut(&mut self) -> impl ExactSizeIterator<Item = *mut T> {
        let start = self.samples.as_mut_ptr();
        let places = self.places.planes();
        places.map(move |place| start.wrapping_add(place.start + place.inside()))
    }

    /// Copies the outermost samples of plane `index` into its border and into the columns and rows
    /// allocated beyond its size, so that a column or row outside the plane reads as the nearest
    /// one inside.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn extend_border(&mut self, index: usize) {
        let (place, samples) = self.reborrow().into_part(index);
        if samples.is_empty() {
            return;
        }
        let (first, end) = (place.border_y, place.border_y + place.height);
        let (left, right) = (place.border_x, place.border_x + place.width);
        for row in first..end {
            let row = &mut samples[row * place.stride..][..place.full_width];
            let (outermost_left, outermost_right) = (row[left], row[right - 1]);
            row[..left].fill(outermost_left);
            row[right..].fill(outermost_right);
        }
        let whole_row = |row: usize| row * place.stride..row * place.stride + place.full_width;
        for row in 0..first {
            samples.copy_within(whole_row(first), row * place.stride);
        }
        for row in end..place.full_height {
            samples.copy_within(whole_row(end - 1), row * place.stride);
        }
    }

    /// Does the same for all planes.
    pub fn extend_borders(&mut self) {
        for index in 0..self.count() {
            self.extend_border(index);
        }
    }

    /// Copies all planes of a picture with equal sizes of planes, without the borders.
    ///
    /// # Panics
    /// If the number of planes or their sizes differ.
    pub fn copy_from(&mut self, from: PictureView<'_, T>) {
        assert_eq!(self.count(), from.count(), "planes");
        for (mut plane, from) in self.planes_mut().zip(from.planes()) {
            plane.copy_from(from);
        }
    }

    /// The samples of plane `index`, from the first one of its border to the last.
    fn into_part(self, index: usize) -> (PlanePlace, &'p mut [T]) {
        let place = self.places.plane(index);
        (place, &mut self.samples[place.start..][..place.span()])
    }

    /// The same for all planes. They are disjoint, and follow one another.
    fn into_parts(self) -> impl ExactSizeIterator<Item = (PlanePlace, &'p mut [T])> {
        let mut rest = self.samples;
        let mut position = 0;
        self.places.planes().map(move |place| {
            let (_, from) = std::mem::take(&mut rest).split_at_mut(place.start - position);
            let (samples, behind) = from.split_at_mut(place.span());
            rest = behind;
            position = place.start + place.span();
            (place, samples)
        })
    }
}

fn inside<'p, T: Sample>(place: &PlanePlace, samples: &'p mut [T]) -> PlaneViewMut<'p, T> {
    let samples = &mut samples[place.inside()..];
    PlaneViewMut::from_slice(samples, place.width, place.height, place.stride)
}

fn with_border<'p, T: Sample>(place: &PlanePlace, samples: &'p mut [T]) -> PlaneViewMut<'p, T> {
    PlaneViewMut::from_slice(samples, place.full_width, place.full_height, place.stride)
}

impl<T> fmt::Debug for PictureViewMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "PictureViewMut", self.places)
    }
}
