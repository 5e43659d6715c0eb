use super::curve::of_word;
use super::profile::Fields;

/// Most channels in and out of a table.
pub(super) const MOST_CHANNELS: usize = 4;

/// A table of colors at the points of a grid (ICC.1:2022, 10.10 to 10.13), read in place.
#[derive(Clone, Copy)]
pub(super) struct Clut<'a> {
    /// Points along each input; 1 for unused inputs, which come first.
    points: [u8; MOST_CHANNELS],
    /// Values from one point to the next along each input.
    strides: [usize; MOST_CHANNELS],
    inputs: usize,
    outputs: usize,
    values: &'a [u8],
    has_words: bool,
}

/// The interpolation of colors between points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interpolation {
    /// Between the four corners of a tetrahedron of the last three inputs. It keeps the gray axis,
    /// so it is used for channels of a device.
    Tetrahedral,
    /// Between the eight corners of a cell, for L*a*b*, as in lcms2.
    Trilinear,
}

type Color = [f32; MOST_CHANNELS];

impl<'a> Clut<'a> {
    /// A table with `points` along each input, and values of one or two bytes. `None` if the
    /// profile is too short.
    pub(super) fn new(
        fields: Fields<'a>,
        points: &[u8],
        outputs: usize,
        has_words: bool,
    ) -> Option<Self> {
        let inputs = points.len();
        let is_possible = |count| (1..=MOST_CHANNELS).contains(&count);
        if !is_possible(inputs) || !is_possible(outputs) || points.contains(&0) {
            return None;
        }
        let mut padded = [1; MOST_CHANNELS];
        padded[MOST_CHANNELS - inputs..].copy_from_slice(points);
        let mut strides = [0; MOST_CHANNELS];
        let mut values = outputs;
        for (stride, &points) in strides.iter_mut().zip(&padded).rev() {
            *stride = values;
            values = values.checked_mul(usize::from(points))?;
        }
        let bytes = values.checked_mul(1 + usize::from(has_words))?;
        Some(Self {
            points: padded,
            strides,
            inputs,
            outputs,
            values: fields.part(0, bytes)?.0,
            has_words,
        })
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.len()
    }

    /// The color at `place`, each of whose inputs is clamped to 0 to 1.
    pub(super) fn eval(&self, place: Color, interpolation: Interpolation) -> Color {
        let mut index = 0;
        let mut parts = [0.0; MOST_CHANNELS];
        let mut steps = [0; MOST_CHANNELS];
        let inputs = (MOST_CHANNELS - self.inputs..MOST_CHANNELS).zip(place);
        for (input, value) in inputs {
            let last = usize::from(self.points[input]) - 1;
            let value = value.clamp(0.0, 1.0) * last as f32;
            let point = (value as usize).min(last.saturating_sub(1));
            index += point * self.strides[input];
            parts[input] = value - point as f32;
            steps[input] = if last > 0 { self.strides[input] } else { 0 };
        }
        let inner = |index| match interpolation {
            Interpolation::Tetrahedral => self.tetrahedral(index, &parts, &steps),
            Interpolation::Trilinear => self.trilinear(index, &parts, &steps),
        };
        let color = inner(index);
        match parts[0] > 0.0 {
            true => mix(color, inner(index + steps[0]), parts[0]),
            false => color,
        }
    }

    /// Walks from the lowest corner to the highest along the inputs, the farthest first.
    fn tetrahedral(&self, start: usize, parts: &Color, steps: &[usize; MOST_CHANNELS]) -> Color {
        let mut way = [1, 2, 3].map(|input| (parts[input], steps[input]));
        for (a, b) in [(0, 1), (1, 2), (0, 1)] {
            if way[a].0 < way[b].0 {
                way.swap(a, b);
            }
        }
        let mut index = start;
        let mut corner = self.point(index);
        let mut color = corner;
        for (part, step) in way {
            index += step;
            let next = self.point(index);
            for (value, (from, to)) in color.iter_mut().zip(corner.iter().zip(next)) {
                *value += part * (to - from);
            }
            corner = next;
        }
        color
    }

    fn trilinear(&self, start: usize, parts: &Color, steps: &[usize; MOST_CHANNELS]) -> Color {
        let edge = |index| mix(self.point(index), self.point(index + steps[3]), parts[3]);
        let side = |index| mix(edge(index), edge(index + steps[2]), parts[2]);
        mix(side(start), side(start + steps[1]), parts[1])
    }

    #[inline]
    fn point(&self, index: usize) -> Color {
        let mut color = [0.0; MOST_CHANNELS];
        let samples = color.iter_mut();
        match self.has_words {
            true => {
                let (words, _) = self.values.as_chunks();
                let words = &words[index..][..self.outputs];
                samples
                    .zip(words)
                    .for_each(|(sample, &word)| *sample = of_word(word));
            }
            false => {
                let bytes = &self.values[index..][..self.outputs];
                let value = |&byte: &u8| f32::from(byte) / 255.0;
                samples
                    .zip(bytes)
                    .for_each(|(sample, byte)| *sample = value(byte));
            }
        }
        color
    }
}

fn mix(from: Color, to: Color, part: f32) -> Color {
    std::array::from_fn(|k| from[k] + part * (to[k] - from[k]))
}
