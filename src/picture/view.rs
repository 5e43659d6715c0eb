use std::fmt;

use super::place::PlanePlace;
use super::places::Places;
use crate::plane::PlaneView;
use crate::sample::Sample;

/// The planes of a picture, to read.
#[must_use]
pub struct PictureView<'p, T> {
    /// The samples of all planes, borders and padding.
    samples: &'p [T],
    places: Places<'p>,
}

impl<T> Clone for PictureView<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PictureView<'_, T> {}

impl<'p, T: Sample> PictureView<'p, T> {
    pub(super) fn new((samples, places): (&'p [T], Places<'p>)) -> Self {
        Self { samples, places }
    }

    /// Returns the number of planes.
    pub fn count(&self) -> usize {
        self.places.count()
    }

    /// Returns the columns of the border on the left and right of plane `index`, and the rows above
    /// and below it.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn border(&self, index: usize) -> (usize, usize) {
        let place = self.places.plane(index);
        (place.border_x, place.border_y)
    }

    /// Returns plane `index` without its border.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane(&self, index: usize) -> PlaneView<'p, T> {
        self.inside(&self.places.plane(index))
    }

    /// Returns all planes without their borders.
    pub fn planes(&self) -> impl ExactSizeIterator<Item = PlaneView<'p, T>> + use<'p, T> {
        let view = *self;
        let places = view.places.planes();
        places.map(move |place| view.inside(&place))
    }

    /// Returns plane `index` with its border, and with the columns and rows allocated beyond its
    /// size.
    ///
    /// The sample in column `x` of row `y` of the plane is in column `border.0 + x` of row
    /// `border.1 + y`, where `border` is that of [`border`](Self::border).
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane_with_border(&self, index: usize) -> PlaneView<'p, T> {
        let place = self.places.plane(index);
        let samples = &self.samples[place.start..];
        PlaneView::from_slice(samples, place.full_width, place.full_height, place.stride)
    }

    /// Returns a pointer to column 0 of row 0 of plane `index`, to read.
    ///
    /// It may be offset to any part of the picture: the plane's border, its tail padding and the
    /// other planes. Rows are [`stride`](PlaneView::stride) samples apart.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane_ptr(&self, index: usize) -> *const T {
        let place = self.places.plane(index);
        self.samples
            .as_ptr()
            .wrapping_add(place.start + place.inside())
    }

    fn inside(&self, place: &PlanePlace) -> PlaneView<'p, T> {
        let samples = &self.samples[place.start + place.inside()..];
        PlaneView::from_slice(samples, place.width, place.height, place.stride)
    }
}

impl<T> fmt::Debug for PictureView<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, "PictureView", self.places)
    }
}

/// The sizes of a picture's planes, without their samples.
pub(super) fn debug(f: &mut fmt::Formatter<'_>, name: &str, places: Places<'_>) -> fmt::Result {
    f.debug_struct(name)
        .field("planes", &places)
        .finish_non_exhaustive()
}
