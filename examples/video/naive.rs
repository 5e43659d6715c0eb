//! The same decode with vectors, and coordinates clamped for each sample instead of borders.

use super::stream::{BLOCK, Coded, Motion, Segment, checksum, interpolated, reconstructed};

struct Plane {
    width: usize,
    height: usize,
    samples: Vec<u8>,
}

/// The checksums of all pictures in the order of display.
pub(crate) fn checksums(segments: &[Segment]) -> Vec<u64> {
    segments.iter().flat_map(segment_checksums).collect()
}

fn segment_checksums(segment: &Segment) -> Vec<u64> {
    let mut pictures: Vec<Option<[Plane; 3]>> = (0..segment.frames()).map(|_| None).collect();
    for index in 0..segment.frames() {
        let coded = segment.coded(index);
        let picture = [0, 1, 2].map(|plane| decode(&coded, plane, &pictures));
        pictures[coded.order] = Some(picture);
    }
    let shown = pictures.into_iter().flatten();
    shown
        .map(|planes| checksum(planes.iter().flat_map(|p| p.samples.chunks(p.width))))
        .collect()
}

fn decode(coded: &Coded, index: usize, pictures: &[Option<[Plane; 3]>]) -> Plane {
    let shift = usize::from(index > 0);
    let (width, height) = (
        coded.width.div_ceil(1 << shift),
        coded.height.div_ceil(1 << shift),
    );
    let mut samples = Vec::new();
    for y in 0..height {
        let residual = coded.residual(index, y);
        for x in 0..width {
            let prediction = |number: usize| -> u16 {
                let Some(references) = coded.references else {
                    return 128;
                };
                let block = BLOCK >> shift;
                let motion = coded.motion(number, x / block, y / block);
                let motion = if shift == 0 { motion } else { motion.chroma() };
                let planes = pictures[references[number]]
                    .as_ref()
                    .expect("decoded before");
                planes[index].at(x, y, motion)
            };
            samples.push(reconstructed([0, 1].map(prediction), residual(x)));
        }
    }
    Plane {
        width,
        height,
        samples,
    }
}

impl Plane {
    /// The sample that `motion` moves to column `x` of row `y`.
    fn at(&self, x: usize, y: usize, motion: Motion) -> u16 {
        let sample = |half_x: isize, half_y: isize| {
            let x = (x as isize + half_x.div_euclid(2)).clamp(0, self.width as isize - 1);
            let y = (y as isize + half_y.div_euclid(2)).clamp(0, self.height as isize - 1);
            self.samples[y as usize * self.width + x as usize]
        };
        let Motion { x: dx, y: dy } = motion;
        interpolated([
            sample(dx, dy),
            sample(dx + 1, dy),
            sample(dx, dy + 1),
            sample(dx + 1, dy + 1),
        ])
    }
}
