//! The LF image of a frame as a picture of an eighth of its width and height. HF coefficients are
//! not read, and filters, which look at samples around a place, are not applied.
//!
//! LF groups are decoded one by one, so that one of them is in memory. Smoothing looks at a sample
//! on every side, so the last row and column of a group are written with the next groups.
//!
//! Squeezed extra channels have averages of squares in the same LF groups. These are undone once
//! all of them are decoded, so the LF image is whole in memory then.

use std::ops::Range;

use frame_arena::{Plane, PlaneSpec, Scope, ScopePlan, Spec};

use super::frame::Frame;
use crate::Error;
use crate::bits::Bits;
use crate::frame::bands::low_tasks;
use crate::frame::target::Target;
use crate::grid::{GroupPos, Pos, Size};
use crate::memory::Memory;
use crate::modular::{BandsShape, Low, StreamShape};
use crate::output::{ColorRows, Cut, ExtraRows};
use crate::render::{Placed, VECTOR_STEP, ycbcr_to_rgb};
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
    let group = match frame.extra_averages() {
        Some(_) => blocks,
        None => blocks.min(Geometry::LF_GROUP),
    };
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
    pub(in crate::frame) fn plan_lf_picture(
        &self,
        threads: usize,
        scope: &mut ScopePlan<'_>,
    ) -> Result<(), Error> {
        scope.stage(STAGE, |stage| {
            let averages = self.extra_averages();
            if let Some(averages) = averages {
                averages.plan_low(stage)?;
                self.global.plan_channels(stage)?;
            }
            let spec = spec(self);
            let has_own_image = spec.0.is_some();
            let room_bytes = spec.room_bytes()?;
            let buffers = stage.task(|task| task.room(room_bytes))?;
            stage.scratch_around(&buffers, |stage| {
                if has_own_image {
                    let shape = LfGroupShape::new(&self.geometry, true);
                    stage.tasks(1, |task| shape.plan_in_place(task))?;
                }
                if let Some(averages) = averages {
                    let channels = 2 * self.context.extra_channels;
                    let stream = StreamShape::new(self.context.group_size().into(), channels);
                    stage.tasks(1, |task| stream.plan(task))?;
                    averages.plan_eighths(threads, stage)?;
                }
                Ok(())
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
            let writer = RowWriter {
                frame: self,
                rows,
                extra: &[],
            };
            let groups = LfGroups {
                frame: self,
                group,
                above,
                beside,
                writer,
            };
            match self.extra_averages() {
                Some(averages) => groups.decode_with_extra(averages, &mut bits, target, stage),
                None => groups.decode(&mut bits, target, stage),
            }
        })
    }

    /// The averages of extra channels that are decoded with the LF image.
    fn extra_averages(&self) -> Option<&BandsShape<'_>> {
        let has_extra = self.context.extra_channels > 0;
        self.parsed.averages().filter(|_| has_extra)
    }
}

/// The LF groups of a frame, decoded in raster order.
struct LfGroups<'s> {
    frame: &'s Frame<'s>,
    /// X, Y and B of the current group, or of all groups: floats as bits. `None` if an LF frame is
    /// the LF image.
    group: Option<[Plane<'s, i32>; 3]>,
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

impl<'s> LfGroups<'s> {
    fn decode(
        mut self,
        bits: &mut Bits<'_>,
        mut target: Target<'_>,
        stage: &Scope,
    ) -> Result<(), Error> {
        if self.group.is_none() {
            return self.writer.write_lf_frame(target);
        }
        let Size { width, height } = self.frame.geometry.blocks();
        let groups = self.frame.context.lf_groups();
        // Without the last row or column, unless there is no next group.
        let written = |cells: &Range<usize>, end: usize| match cells.end {
            last if last == end => end,
            next => next - 1,
        };
        for row in 0..groups.height {
            let rows = self.place(GroupPos { column: 0, row }).rows;
            let (mut band, below) = target.split(Cut::Row(written(&rows, height)));
            target = below;
            for column in 0..groups.width {
                let place = self.place(GroupPos { column, row });
                let (tile, right) = band.split(Cut::Column(written(&place.columns, width)));
                band = right;
                self.decode_group(bits, &place, Pos::default(), stage)?;
                self.write(&place, tile)?;
                self.keep(&place);
            }
        }
        Ok(())
    }

    /// Decodes all groups with the averages of the extra channels, and writes the picture then.
    fn decode_with_extra(
        mut self,
        averages: &BandsShape<'_>,
        bits: &mut Bits<'_>,
        target: Target<'_>,
        stage: &Scope,
    ) -> Result<(), Error> {
        let frame = self.frame;
        let (context, blocks) = (frame.context, frame.geometry.blocks());
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let mut low = Low::new(averages, stage, memory)?;
        memory.for_now(|memory| {
            let tasks = low_tasks(frame.parsed, averages, &mut low, bits, (stage, memory))?;
            for (index, channels) in tasks.lf_groups.iter_mut().enumerate() {
                let place = self.place(GroupPos::of_index(index, context.lf_groups().width));
                let at = Pos::new(place.columns.start, place.rows.start);
                // Squeezed channels have sections of their own.
                let section = match self.decode_group(bits, &place, at, stage)? {
                    None if self.group.is_none() => frame.sections.lf_group(index)?,
                    section => section,
                };
                let stream = frame.stream(context.lf_group_stream(index), stage);
                match section {
                    Some(mut bits) => channels.decode(&mut bits, stream)?,
                    None => channels.clear(),
                }
            }
            Ok::<_, Error>(())
        })?;
        memory.for_now(|memory| low.invert_to_eighths(stage, memory))?;
        let extra = memory.collect(low.eighths().map(Placed::whole))?;
        let mut all = LfGroups {
            frame,
            group: self.group,
            above: self.above,
            beside: self.beside,
            writer: RowWriter {
                frame,
                rows: self.writer.rows,
                extra: &extra,
            },
        };
        if all.group.is_none() {
            return all.writer.write_lf_frame(target);
        }
        let place = Place {
            pos: GroupPos { column: 0, row: 0 },
            columns: 0..blocks.width,
            rows: 0..blocks.height,
        };
        for tile in target.into_tiles(Geometry::LF_GROUP.width, Geometry::LF_GROUP.height) {
            all.write(&place, tile)?;
        }
        Ok(())
    }

    fn place(&self, pos: GroupPos) -> Place {
        let (blocks, dim) = (self.frame.geometry.blocks(), Geometry::LF_GROUP);
        let GroupPos { column, row } = pos;
        Place {
            pos,
            columns: column * dim.width..blocks.width.min((column + 1) * dim.width),
            rows: row * dim.height..blocks.height.min((row + 1) * dim.height),
        }
    }

    /// Decodes the samples of a group into those of the planes that start at `at`. They are 0 if
    /// its section is missing. Returns the section, read to the end of the samples, if it is not
    /// the frame's only one.
    fn decode_group<'b>(
        &mut self,
        bits: &mut Bits<'_>,
        place: &Place,
        at: Pos,
        stage: &Scope,
    ) -> Result<Option<Bits<'b>>, Error>
    where
        's: 'b,
    {
        let Some(group) = &mut self.group else {
            return Ok(None);
        };
        let frame = self.frame;
        let index = place.pos.index(frame.context.lf_groups().width);
        let (width, height) = (place.columns.len(), place.rows.len());
        let samples = group.each_mut();
        let mut samples = samples.map(|plane| {
            let view = plane.view_mut();
            view.into_rect(at.x, at.y, width, height)
        });
        let stream = frame.stream(frame.context.lf_coefficients_stream(index), stage);
        let (global, factors) = (frame.vardct, frame.global.dequantization);
        if frame.sections.is_single() {
            decode_lf_in_place(bits, stream, global, factors, samples)?;
            return Ok(None);
        }
        let mut section = frame.sections.lf_group(index)?;
        match &mut section {
            Some(bits) => decode_lf_in_place(bits, stream, global, factors, samples)?,
            None => samples.iter_mut().for_each(|samples| samples.fill(0)),
        }
        Ok(section)
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
        let Some(group) = &self.group else { return };
        for (channel, samples) in group.iter().enumerate() {
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
            let from = bytemuck::cast_slice::<i32, f32>(samples.row(row));
            let inside = columns.end - place.columns.start;
            to[left.len()..columns.len()]
                .copy_from_slice(&from[inside + left.len() - columns.len()..inside]);
        }
    }

    /// Keeps the last rows and columns of a group for later ones.
    fn keep(&mut self, place: &Place) {
        let (width, height) = (place.columns.len(), place.rows.len());
        let Some(group) = &self.group else { return };
        for (channel, samples) in group.iter().enumerate() {
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
    /// The extra channels of the picture.
    extra: &'s [Placed<'s, i32>],
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
        let extra = |channel: usize| self.extra[channel].row(y, columns.clone());
        tile.put_plain_row(y, ColorRows::Decoded(color), ExtraRows::Integers(&extra));
        Ok(())
    }

    /// Writes an LF frame.
    fn write_lf_frame(mut self, target: Target<'_>) -> Result<(), Error> {
        let context = self.frame.context;
        let image = context
            .place
            .kept
            .lf_image(context.header.lf_level as usize)?;
        let image = LfImage::kept(&self.frame.geometry, image)?;
        let views = image.views();
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
