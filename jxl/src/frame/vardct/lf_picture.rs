//! The LF image of a frame as a picture of an eighth of its width and height. HF coefficients are
//! not read, and filters, which look at samples around a place, are not applied.
//!
//! LF groups are decoded one by one, so that one of them is in memory. Smoothing looks at a sample
//! on every side, so the last row and column of a group are written with the next groups.

use std::ops::Range;

use frame_arena::{Plane, PlaneSpec, Scope, ScopePlan, Spec};

use super::frame::Frame;
use crate::Error;
use crate::bits::Bits;
use crate::frame::target::Target;
use crate::grid::{GroupPos, Size};
use crate::output::{ColorRows, Cut, ExtraRows};
use crate::render::{VECTOR_STEP, ycbcr_to_rgb};
use crate::vardct::{Geometry, LfGroupShape, LfImage, decode_lf_in_place, smooth_row};

const STAGE: &str = "LF image";

/// Rows and columns that a group keeps for later ones: the last one, which is not written, and the
/// one before, which it depends on.
const KEPT: usize = 2;

/// Columns of a row that is written, with one more on both sides.
fn row_width(frame: &Frame<'_>) -> usize {
    let width = frame.geometry.columns.min(Geometry::LF_GROUP.width);
    (width + KEPT + 1).next_multiple_of(VECTOR_STEP)
}

/// The samples of a group; rows and columns kept of groups before; rows around the current one.
type BuffersSpec = (Option<[PlaneSpec<i32>; 3]>, [PlaneSpec<f32>; 3]);

fn spec(frame: &Frame<'_>) -> BuffersSpec {
    let blocks = frame.geometry.blocks();
    let group = blocks.min(Geometry::LF_GROUP);
    let has_own_image = !frame.context.header.flags.use_lf_frame();
    // Stale: samples are written before they are read.
    (
        has_own_image.then(|| [PlaneSpec::stale(group.width, group.height); 3]),
        [
            PlaneSpec::stale(blocks.width, 2 * KEPT * 3),
            PlaneSpec::stale(group.height, KEPT * 3),
            PlaneSpec::stale(row_width(frame), 4 * 3),
        ],
    )
}

impl<'a> Frame<'a> {
    /// Plans [`decode_lf_picture`](Self::decode_lf_picture).
    pub(in crate::frame) fn plan_lf_picture(&self, scope: &mut ScopePlan<'_>) -> Result<(), Error> {
        scope.stage(STAGE, |stage| {
            let spec = spec(self);
            let has_own_image = spec.0.is_some();
            let room_bytes = spec.room_bytes()?;
            let buffers = stage.task(|task| task.room(room_bytes))?;
            stage.scratch_around(&buffers, |stage| match has_own_image {
                true => {
                    let shape = LfGroupShape::new(&self.geometry, true);
                    Ok(stage.tasks(1, |task| shape.plan_in_place(task))?)
                }
                false => Ok(()),
            })
        })
    }

    /// Decodes the LF image and writes it to `target`, which has its size. `bits` stands in the LF
    /// global section.
    pub(in crate::frame) fn decode_lf_picture(
        &self,
        mut bits: Bits<'a>,
        target: Target<'_>,
    ) -> Result<(), Error> {
        self.check_smoothing()?;
        self.context.scope.with_stage(STAGE, |stage| {
            // All buffers in a block of their size: runs would be larger.
            let scratch = stage.scratch_with_room(spec(self).room_bytes()?)?;
            let (group, [above, beside, rows]) = spec(self).open(&scratch)?;
            let writer = RowWriter { frame: self, rows };
            match group {
                None => writer.write_lf_frame(target),
                Some(group) => {
                    let groups = LfGroups {
                        frame: self,
                        group,
                        above,
                        beside,
                        writer,
                    };
                    groups.decode(&mut bits, target, stage)
                }
            }
        })
    }
}

/// The LF groups of a frame, decoded in raster order.
struct LfGroups<'s> {
    frame: &'s Frame<'s>,
    /// X, Y and B of the current group: floats as bits.
    group: [Plane<'s, i32>; 3],
    /// The last rows of the groups above, and the same of the current row of groups. Which is which
    /// changes with each row of groups.
    above: Plane<'s, f32>,
    /// The last columns of the group to the left, each as a row.
    beside: Plane<'s, f32>,
    writer: RowWriter<'s>,
}

/// The place of a group in the LF image.
struct Place {
    pos: GroupPos,
    /// Its columns and rows.
    columns: Range<usize>,
    rows: Range<usize>,
}

impl LfGroups<'_> {
    fn decode(
        mut self,
        bits: &mut Bits<'_>,
        mut target: Target<'_>,
        stage: &Scope,
    ) -> Result<(), Error> {
        let Size { width, height } = self.frame.geometry.blocks();
        let groups = self.frame.context.lf_groups();
        let dim = Geometry::LF_GROUP;
        // Without the last row or column, unless there is no next group.
        let written = |cells: &Range<usize>, end: usize| match cells.end {
            last if last == end => end,
            next => next - 1,
        };
        for row in 0..groups.height {
            let rows = row * dim.height..height.min((row + 1) * dim.height);
            let (mut band, below) = target.split(Cut::Row(written(&rows, height)));
            target = below;
            for column in 0..groups.width {
                let columns = column * dim.width..width.min((column + 1) * dim.width);
                let (tile, right) = band.split(Cut::Column(written(&columns, width)));
                band = right;
                let place = Place {
                    pos: GroupPos { column, row },
                    columns,
                    rows: rows.clone(),
                };
                self.decode_group(bits, &place, stage)?;
                self.write(&place, tile)?;
                self.keep(&place);
            }
        }
        Ok(())
    }

    /// Decodes the samples of a group. They are 0 if its section is missing.
    fn decode_group(
        &mut self,
        bits: &mut Bits<'_>,
        place: &Place,
        stage: &Scope,
    ) -> Result<(), Error> {
        let frame = self.frame;
        let index = place.pos.index(frame.context.lf_groups().width);
        let (width, height) = (place.columns.len(), place.rows.len());
        let samples = self.group.each_mut();
        let mut samples = samples.map(|plane| plane.view_mut().into_rect(0, 0, width, height));
        let stream = frame.stream(frame.context.lf_coefficients_stream(index), stage);
        let (global, factors) = (frame.vardct, frame.global.dequantization);
        if frame.sections.is_single() {
            return decode_lf_in_place(bits, stream, global, factors, samples);
        }
        match frame.sections.lf_group(index)? {
            Some(mut bits) => decode_lf_in_place(&mut bits, stream, global, factors, samples),
            None => {
                samples.iter_mut().for_each(|samples| samples.fill(0));
                Ok(())
            }
        }
    }

    /// Writes the samples that a tile of the picture has.
    fn write(&mut self, place: &Place, mut tile: Target<'_>) -> Result<(), Error> {
        if tile.is_empty() {
            return Ok(());
        }
        let frame = self.frame;
        let steps = frame.vardct.lf_steps(frame.global.dequantization);
        let Size { width, height } = frame.geometry.blocks();
        // One more column and row on every side, where there are such.
        let (columns, rows) = (tile.columns(), tile.rows());
        let around = columns.start.saturating_sub(1)..width.min(columns.end + 1);
        for y in rows.start.saturating_sub(1)..rows.start + 1 {
            self.fill_row(y, place, around.clone());
        }
        for y in rows {
            if y + 1 < height {
                self.fill_row(y + 1, place, around.clone());
            }
            let is_inside = frame.smooths_lf() && y > 0 && y + 1 < height;
            let steps = is_inside.then_some(steps);
            self.writer.write(y, steps, around.clone(), &mut tile)?;
        }
        tile.finish();
        Ok(())
    }

    /// Copies row `y` of the LF image to the rows around the current one.
    fn fill_row(&mut self, y: usize, place: &Place, columns: Range<usize>) {
        let kept_columns = place.columns.start.saturating_sub(KEPT)..place.columns.start;
        for channel in 0..3 {
            let to = self.writer.row_mut(channel, y);
            if y < place.rows.start {
                let from = self.above.row(above_row(place.pos.row, y, channel));
                to[..columns.len()].copy_from_slice(&from[columns.clone()]);
                continue;
            }
            let row = y - place.rows.start;
            let left = columns.start.min(kept_columns.end)..kept_columns.end;
            for (to, column) in to.iter_mut().zip(left.clone()) {
                let index = channel * KEPT + (column - kept_columns.start);
                *to = self.beside.row(index)[row];
            }
            let from = bytemuck::cast_slice::<i32, f32>(self.group[channel].row(row));
            let inside = columns.end - place.columns.start;
            to[left.len()..columns.len()]
                .copy_from_slice(&from[inside + left.len() - columns.len()..inside]);
        }
    }

    /// Keeps the last rows and columns of a group for later ones.
    fn keep(&mut self, place: &Place) {
        let (width, height) = (place.columns.len(), place.rows.len());
        for channel in 0..3 {
            let samples = &self.group[channel];
            for row in height.saturating_sub(KEPT)..height {
                let from = bytemuck::cast_slice::<i32, f32>(samples.row(row));
                let y = place.rows.start + row;
                let to = self.above.row_mut(above_row(place.pos.row + 1, y, channel));
                to[place.columns.clone()].copy_from_slice(&from[..width]);
            }
            for (index, column) in (width.saturating_sub(KEPT)..width).enumerate() {
                let to = self.beside.row_mut(channel * KEPT + index);
                for (row, to) in to[..height].iter_mut().enumerate() {
                    *to = f32::from_bits(samples.row(row)[column] as u32);
                }
            }
        }
    }
}

/// Where row `y` is kept for row `group_row` of groups.
fn above_row(group_row: usize, y: usize, channel: usize) -> usize {
    (group_row % 2 * KEPT + y % KEPT) * 3 + channel
}

/// Rows of the LF image on their way to the target.
struct RowWriter<'s> {
    frame: &'s Frame<'s>,
    /// The rows above, at and below the current one, at their number modulo 3; then the row that is
    /// written. Each has three channels.
    rows: Plane<'s, f32>,
}

impl RowWriter<'_> {
    fn row_mut(&mut self, channel: usize, y: usize) -> &mut [f32] {
        self.rows.row_mut(y % 3 * 3 + channel)
    }

    /// Writes row `y`, smoothed if there are `steps`. The rows have the columns `around`, which
    /// contain those of the tile.
    fn write(
        &mut self,
        y: usize,
        steps: Option<[f32; 3]>,
        around: Range<usize>,
        tile: &mut Target<'_>,
    ) -> Result<(), Error> {
        let frame = self.frame;
        frame.context.place.budget.spend(3 * around.len() as u64)?;
        let (around_rows, mut written) = self.rows.view_mut().split_at_row(9);
        let around_rows = around_rows.into_view();
        let row = |y: usize, channel: usize| around_rows.row(y % 3 * 3 + channel);
        let mut channels = written.rows_mut();
        let mut channels = [(); 3].map(|()| channels.next().unwrap_or_default());
        for (channel, to) in channels.iter_mut().enumerate() {
            to.copy_from_slice(row(y, channel));
        }
        if let Some(steps) = steps {
            let rows = [0, 1, 2]
                .map(|channel| [y - 1, y, y + 1].map(|y| &row(y, channel)[..around.len()]));
            let to = channels.each_mut().map(|row| &mut row[..around.len()]);
            smooth_row(rows, to, steps);
        }
        if frame.parsed.rows.pipeline.is_ycbcr {
            ycbcr_to_rgb(&mut channels);
        }
        let columns = tile.columns();
        let inside = columns.start - around.start..columns.end - around.start;
        let color = channels.each_ref().map(|row| &row[inside.clone()]);
        let none = |_| &[][..];
        tile.put_plain_row(y, ColorRows::Decoded(color), ExtraRows::Integers(&none));
        Ok(())
    }

    /// Writes an LF frame.
    fn write_lf_frame(mut self, target: Target<'_>) -> Result<(), Error> {
        let context = self.frame.context;
        let image = context
            .place
            .kept
            .lf_image(context.header.lf_level as usize)?;
        let views = LfImage::kept(&self.frame.geometry, image)?;
        for mut tile in target.into_tiles(Geometry::LF_GROUP.width, Geometry::LF_GROUP.height) {
            let columns = tile.columns();
            for y in tile.rows() {
                for (channel, view) in views.iter().enumerate() {
                    let to = &mut self.row_mut(channel, y)[..columns.len()];
                    to.copy_from_slice(&view.row(y)[columns.clone()]);
                }
                self.write(y, None, columns.clone(), &mut tile)?;
            }
            tile.finish();
        }
        Ok(())
    }
}
