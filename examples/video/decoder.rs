//! A decoder that keeps its last pictures to predict the next ones from.

use frame_arena::{
    AllocError, Arena, PictureLayout, Plane, PlaneAlloc, PlaneView, PlaneViewMut, Scope,
    SharedPicture,
};

use super::display::Display;
use super::stream::{BLOCK, Coded, Motion, Segment, interpolated, reconstructed};

/// Samples around a luma plane that predictions reach.
const BORDER: usize = 32;

/// Number of pictures kept as references, or until they are shown.
const KEPT: usize = 8;

pub(crate) struct Decoder<'a> {
    arena: &'a Arena,
    display: &'a Display,
    kept: [Option<Kept>; KEPT],
    /// Place of the picture that is shown next.
    next_shown: usize,
}

struct Kept {
    picture: SharedPicture<u8>,
    order: usize,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(arena: &'a Arena, display: &'a Display) -> Self {
        Self {
            arena,
            display,
            kept: Default::default(),
            next_shown: 0,
        }
    }

    /// Decodes picture `index` of a segment, and shows the pictures whose turn it is. A new segment
    /// begins with index 0.
    pub(crate) fn decode(&mut self, segment: &Segment, index: usize) -> Result<(), AllocError> {
        if index == 0 {
            self.kept = Default::default();
            self.next_shown = 0;
        }
        let coded = segment.coded(index);
        let picture = self.reconstruct(&coded)?;
        let free = self.kept.iter_mut().find(|kept| kept.is_none());
        *free.expect("a stream for 8 pictures") = Some(Kept {
            picture,
            order: coded.order,
        });
        while let Some(next) = self.picture(self.next_shown) {
            self.display.show(next.clone());
            self.next_shown += 1;
        }
        for kept in &mut self.kept {
            let is_done = |kept: &Kept| {
                kept.order < self.next_shown && !segment.is_needed_after(index, kept.order)
            };
            if kept.as_ref().is_some_and(is_done) {
                *kept = None;
            }
        }
        Ok(())
    }

    fn picture(&self, order: usize) -> Option<&SharedPicture<u8>> {
        let mut kept = self.kept.iter().flatten();
        let found = kept.find(|kept| kept.order == order)?;
        Some(&found.picture)
    }

    fn reconstruct(&self, coded: &Coded) -> Result<SharedPicture<u8>, AllocError> {
        let frame = self.arena.frame();
        let layout = PictureLayout::yuv420(coded.width, coded.height).border(BORDER);
        let mut picture = self.arena.stale_detached_picture::<u8>(&layout)?;
        let references = coded.references.map(|references| {
            references.map(|order| self.picture(order).expect("a stream that keeps it"))
        });
        for (index, mut plane) in picture.planes_mut().enumerate() {
            let stage = frame.stage("plane");
            let residual = residual(&stage, coded, index, plane.width(), plane.height())?;
            let scratch = stage.scratch();
            let Some(references) = references else {
                for (row, residual) in plane.rows_mut().zip(residual.rows()) {
                    for (sample, &residual) in row.iter_mut().zip(residual) {
                        *sample = reconstructed([128; 2], residual);
                    }
                }
                continue;
            };
            let predicted = Predicted {
                references: references.map(|picture| picture.plane_with_border(index)),
                border: references[0].border(index),
                is_chroma: index > 0,
            };
            let mut predictions = [
                scratch.stale_plane::<u16>(BLOCK, BLOCK)?,
                scratch.stale_plane::<u16>(BLOCK, BLOCK)?,
            ];
            predicted.reconstruct(coded, &residual, &mut predictions, &mut plane);
        }
        picture.extend_borders();
        Ok(picture.into_shared())
    }
}

/// The residual of a plane, as an entropy decoder leaves it.
fn residual<'s>(
    stage: &'s Scope,
    coded: &Coded,
    index: usize,
    width: usize,
    height: usize,
) -> Result<Plane<'s, i16>, AllocError> {
    let mut residual = stage.stale_plane::<i16>(width, height)?;
    for (y, row) in residual.rows_mut().enumerate() {
        let sample = coded.residual(index, y);
        for (x, value) in row.iter_mut().enumerate() {
            *value = sample(x);
        }
    }
    Ok(residual)
}

/// The references of a plane.
struct Predicted<'p> {
    /// The plane in both references, with its border.
    references: [PlaneView<'p, u8>; 2],
    border: (usize, usize),
    is_chroma: bool,
}

impl Predicted<'_> {
    fn reconstruct(
        &self,
        coded: &Coded,
        residual: &Plane<'_, i16>,
        predictions: &mut [Plane<'_, u16>; 2],
        plane: &mut PlaneViewMut<'_, u8>,
    ) {
        let block = if self.is_chroma { BLOCK / 2 } else { BLOCK };
        for top in (0..plane.height()).step_by(block) {
            let rows = block.min(plane.height() - top);
            for left in (0..plane.width()).step_by(block) {
                let columns = block.min(plane.width() - left);
                for (number, prediction) in predictions.iter_mut().enumerate() {
                    let motion = coded.motion(number, left / block, top / block);
                    let prediction = prediction.view_mut().into_rect(0, 0, columns, rows);
                    self.predict(number, motion, (left, top), prediction);
                }
                for y in 0..rows {
                    let row = &mut plane.row_mut(top + y)[left..][..columns];
                    let residual = &residual.row(top + y)[left..];
                    let [first, second] = [0, 1].map(|number: usize| predictions[number].row(y));
                    for (x, sample) in row.iter_mut().enumerate() {
                        *sample = reconstructed([first[x], second[x]], residual[x]);
                    }
                }
            }
        }
    }

    /// Predicts a block from one of the references: a part of its plane, which may begin in the
    /// border. No coordinate is clamped.
    fn predict(
        &self,
        number: usize,
        motion: Motion,
        (left, top): (usize, usize),
        mut to: PlaneViewMut<'_, u16>,
    ) {
        let motion = if self.is_chroma {
            motion.chroma()
        } else {
            motion
        };
        let place =
            |at: usize, border: usize, half: isize| (at + border).wrapping_add_signed(half >> 1);
        let x = place(left, self.border.0, motion.x);
        let y = place(top, self.border.1, motion.y);
        let (half_x, half_y) = (motion.x as usize & 1, motion.y as usize & 1);
        let (columns, rows) = (to.width(), to.height());
        let from = self.references[number].rect(x, y, columns + half_x, rows + half_y);
        for (y, row) in to.rows_mut().enumerate() {
            let (upper, lower) = (from.row(y), from.row(y + half_y));
            for (x, sample) in row.iter_mut().enumerate() {
                let right = x + half_x;
                *sample = interpolated([upper[x], upper[right], lower[x], lower[right]]);
            }
        }
    }
}
