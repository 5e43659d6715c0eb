//! The decode in vectors: made for each decode, or kept.

use std::cell::RefCell;

use anyhow::Result;
use frame_arena::{PlaneView, PlaneViewMut};

use super::{Component, Image, Memory, color, entropy, for_components, idct};

/// Decodes into slices of whole rows without gaps. `coefficients` must be filled with zeros.
pub(super) fn decode_into(
    image: &Image<'_>,
    coefficients: [&mut [i16]; 3],
    samples: &mut [&mut [u8]; 3],
) -> Result<()> {
    let mut planes = zip(&image.components, coefficients).map(|(component, coefficients)| {
        let (columns, rows) = component.coefficients();
        PlaneViewMut::from_slice(coefficients, columns, rows, columns)
    });
    entropy::decode(image, &mut planes)?;
    for ((component, coefficients), samples) in
        image.components.iter().zip(&planes).zip(samples.iter_mut())
    {
        let (columns, rows) = component.samples();
        let samples = PlaneViewMut::from_slice(samples, columns, rows, columns);
        idct::transform(coefficients.view(), samples);
    }
    Ok(())
}

/// Returns planes over slices of samples in whole rows without gaps.
pub(super) fn sample_planes<'s>(
    image: &Image<'_>,
    samples: [&'s [u8]; 3],
) -> [PlaneView<'s, u8>; 3] {
    zip(&image.components, samples).map(|(component, samples)| {
        let (columns, rows) = component.samples();
        PlaneView::from_slice(samples, columns, rows, columns)
    })
}

fn zip<T>(components: &[Component; 3], [a, b, c]: [T; 3]) -> [(&Component, T); 3] {
    let [luma, blue, red] = components;
    [(luma, a), (blue, b), (red, c)]
}

/// Returns the number of samples in a plane of these columns and rows.
pub(super) fn len((columns, rows): (usize, usize)) -> usize {
    columns * rows
}

/// Vectors made for each decode and task.
pub(super) struct Fresh;

impl Memory for Fresh {
    fn decode(&mut self, image: &Image<'_>, rgb: &mut [u8]) -> Result<()> {
        let mut samples = for_components(image, |c| Ok(vec![0; len(c.samples())]))?;
        {
            let mut coefficients = for_components(image, |c| Ok(vec![0; len(c.coefficients())]))?;
            decode_into(
                image,
                coefficients.each_mut().map(|plane| &mut plane[..]),
                &mut samples.each_mut().map(|plane| &mut plane[..]),
            )?;
        }
        let samples = sample_planes(image, samples.each_ref().map(|plane| &plane[..]));
        color::convert(image, &samples, rgb, |width, work| {
            work(&mut vec![0; width], &mut vec![0; width]);
            Ok(())
        })
    }
}

/// Vectors kept for the next decode. Rows of working memory are kept per thread.
#[derive(Default)]
pub(super) struct Kept {
    samples: [Vec<u8>; 3],
    coefficients: [Vec<i16>; 3],
}

thread_local! {
    static ROWS: RefCell<[Vec<u8>; 2]> = RefCell::default();
}

impl Memory for Kept {
    fn decode(&mut self, image: &Image<'_>, rgb: &mut [u8]) -> Result<()> {
        for (plane, component) in self.samples.iter_mut().zip(&image.components) {
            plane.resize(len(component.samples()), 0);
        }
        for (plane, component) in self.coefficients.iter_mut().zip(&image.components) {
            plane.clear();
            plane.resize(len(component.coefficients()), 0);
        }
        decode_into(
            image,
            self.coefficients.each_mut().map(|plane| &mut plane[..]),
            &mut self.samples.each_mut().map(|plane| &mut plane[..]),
        )?;
        let samples = sample_planes(image, self.samples.each_ref().map(|plane| &plane[..]));
        color::convert(image, &samples, rgb, |width, work| {
            ROWS.with_borrow_mut(|[first, second]| {
                first.resize(width, 0);
                second.resize(width, 0);
                work(first, second);
            });
            Ok(())
        })
    }
}
