//! Upsampling and color conversion: planes of samples become pixels.

use anyhow::Result;
use frame_arena::PlaneView;
use rayon::prelude::*;

use super::header::Image;

/// Fraction bits of a factor.
const FRACTION_BITS: u32 = 16;

const fn fixed(factor: f64) -> i32 {
    (factor * (1 << FRACTION_BITS) as f64 + 0.5) as i32
}

/// Converts the samples into `rgb` on all threads. `with_rows(width, work)` calls `work` with two
/// rows of working memory of `width` bytes; their contents do not matter.
pub(super) fn convert<W>(
    image: &Image<'_>,
    samples: &[PlaneView<'_, u8>; 3],
    rgb: &mut [u8],
    with_rows: W,
) -> Result<()>
where
    W: Fn(usize, &mut dyn FnMut(&mut [u8], &mut [u8])) -> Result<()> + Sync,
{
    let rows = image.rows_per_unit();
    let bands = rgb.par_chunks_mut(3 * image.width * rows).enumerate();
    bands.try_for_each(|(band, rgb)| {
        with_rows(image.width, &mut |blue, red| {
            for (row, rgb) in rgb.chunks_exact_mut(3 * image.width).enumerate() {
                convert_row(
                    image,
                    samples,
                    band * rows + row,
                    [&mut *blue, &mut *red],
                    rgb,
                );
            }
        })
    })
}

fn convert_row(
    image: &Image<'_>,
    samples: &[PlaneView<'_, u8>; 3],
    y: usize,
    [blue, red]: [&mut [u8]; 2],
    rgb: &mut [u8],
) {
    let row = |index: usize| {
        let vertical = image.components[index].vertical;
        samples[index].row(y * vertical / image.most_vertical)
    };
    let repeats = |index: usize| image.most_horizontal / image.components[index].horizontal;
    upsample(row(1), repeats(1), blue);
    upsample(row(2), repeats(2), red);
    let (pixels, _) = rgb.as_chunks_mut();
    for (((pixel, &y), &blue), &red) in pixels.iter_mut().zip(row(0)).zip(&*blue).zip(&*red) {
        *pixel = to_rgb(y, blue, red);
    }
}

/// Repeats each sample.
fn upsample(samples: &[u8], repeats: usize, row: &mut [u8]) {
    if repeats == 1 {
        row.copy_from_slice(&samples[..row.len()]);
    } else {
        for (repeated, &sample) in row.chunks_mut(repeats).zip(samples) {
            repeated.fill(sample);
        }
    }
}

fn to_rgb(y: u8, blue: u8, red: u8) -> [u8; 3] {
    let y = (i32::from(y) << FRACTION_BITS) + (1 << (FRACTION_BITS - 1));
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let rgb = [
        y + fixed(1.402) * red,
        y - fixed(0.344136286) * blue - fixed(0.714136286) * red,
        y + fixed(1.772) * blue,
    ];
    rgb.map(|value| (value >> FRACTION_BITS).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_of_known_samples() {
        assert_eq!(to_rgb(128, 128, 128), [128; 3]);
        assert_eq!(to_rgb(76, 85, 255), [254, 0, 0]);
        assert_eq!(to_rgb(150, 44, 21), [0, 255, 1]);
        let mut row = [0; 5];
        upsample(&[1, 2, 3], 2, &mut row);
        assert_eq!(row, [1, 1, 2, 2, 3]);
    }
}
