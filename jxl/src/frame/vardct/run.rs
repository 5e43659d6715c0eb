use frame_arena::{AllocError, Scope, Scratch, ScratchPlan, ScratchRoom, Spec};

use super::frame::Frame;
use super::groups::{ExtraChannels, Groups};
use super::seams::{RunSeams, Seams};
use super::window::{Window, WindowShape};
use crate::Error;
use crate::frame::local::LocalChannels;
use crate::frame::margins::Margins;
use crate::frame::render::Color;
use crate::frame::target::Target;
use crate::memory::{List, Memory};
use crate::render::{Band, Placed};
use crate::vardct::GroupDecoder;

/// How many runs the groups of a row are decoded in, each by one task, and how many groups are in
/// each.
pub(super) fn runs(columns: usize, threads: usize) -> (usize, usize) {
    // Runs differ in the time that they take, so there are more than threads; what lies between two
    // of them costs extra.
    let length = match threads {
        1 => columns,
        _ => (columns / (2 * threads)).max(1),
    };
    (columns.div_ceil(length), length)
}

/// One for each channel of a frame: colors, and extra channels that are decoded with the groups.
pub(super) struct Channels<'m, C, E> {
    pub(super) color: [C; 3],
    pub(super) extra: &'m mut [E],
}

pub(super) type Shapes<'m> = Channels<'m, WindowShape, WindowShape>;

impl<'m> Shapes<'m> {
    pub(super) fn new(
        frame: &Frame<'_>,
        margins: Margins,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let (context, geometry) = (frame.context, &frame.geometry);
        let color = |channel| WindowShape::of_color(context, geometry, margins, channel);
        let extra = match frame.parsed.has_local_extra() {
            true => context.extra_channels,
            false => 0,
        };
        let extra = (0..extra).map(|_| WindowShape::of_extra(context, margins));
        Ok(Self {
            color: [0, 1, 2].map(color),
            extra: memory.collect(extra)?.leak(),
        })
    }

    /// Room of the scratch that has the seams between so many runs.
    pub(super) fn seams_room(&self, runs: usize) -> Result<usize, AllocError> {
        let color = self.color.map(|shape| shape.seams::<f32>(runs - 1));
        let extra = self.extra.iter();
        room_bytes(color, extra.map(|shape| shape.seams::<i32>(runs - 1)))
    }

    /// Room of the scratch that has the windows of a run.
    fn run_room(&self) -> Result<usize, AllocError> {
        let color = self.color.map(|shape| shape.window::<f32>());
        let extra = self.extra.iter();
        room_bytes(color, extra.map(|shape| shape.window::<i32>()))
    }
}

fn room_bytes(
    color: impl Spec,
    mut extra: impl Iterator<Item = impl Spec>,
) -> Result<usize, AllocError> {
    let mut room = ScratchRoom::new();
    color.plan(&mut room)?;
    extra.try_for_each(|spec| spec.plan(&mut room))?;
    Ok(room.room_bytes())
}

pub(super) type AllSeams<'s> = Channels<'s, Seams<'s, f32>, Seams<'s, i32>>;

impl<'s> AllSeams<'s> {
    pub(super) fn new(
        shapes: &Shapes<'_>,
        runs: (usize, usize),
        (scratch, memory): (&'s Scratch<'_>, Memory<'s>),
    ) -> Result<Self, Error> {
        let [x, y, b] = shapes.color;
        let extra = shapes.extra.iter();
        let extra = extra.map(|&shape| Ok(Seams::new(shape, runs, scratch)?));
        Ok(Self {
            color: [
                Seams::new(x, runs, scratch)?,
                Seams::new(y, runs, scratch)?,
                Seams::new(b, runs, scratch)?,
            ],
            extra: memory.try_collect(extra)?.leak(),
        })
    }

    /// The parts of so many runs.
    pub(super) fn runs<'p>(
        &'p mut self,
        count: usize,
        memory: Memory<'p>,
    ) -> Result<List<'p, AllRunSeams<'p>>, Error> {
        let [mut x, mut y, mut b] = self.color.each_mut().map(Seams::runs);
        let mut extra = memory.collect(self.extra.iter_mut().map(Seams::runs))?;
        memory.try_collect((0..count).map(|_| {
            let extra = extra.iter_mut().map(|seams| seams.next());
            Ok(Channels {
                color: [x.next(), y.next(), b.next()],
                extra: memory.collect(extra)?.leak(),
            })
        }))
    }
}

pub(super) type AllRunSeams<'p> = Channels<'p, RunSeams<'p, f32>, RunSeams<'p, i32>>;

/// The memory of a task for one group after the other.
type Windows<'s> = Channels<'s, Window<'s, f32>, Window<'s, i32>>;

impl<'s> Windows<'s> {
    fn new(
        shapes: &Shapes<'_>,
        (scratch, memory): (&'s Scratch<'_>, Memory<'s>),
    ) -> Result<Self, Error> {
        let [x, y, b] = shapes.color;
        let extra = shapes.extra.iter();
        let extra = extra.map(|&shape| Ok(Window::new(shape, scratch)?));
        Ok(Self {
            color: [
                Window::new(x, scratch)?,
                Window::new(y, scratch)?,
                Window::new(b, scratch)?,
            ],
            extra: memory.try_collect(extra)?.leak(),
        })
    }

    fn before(&mut self, seams: &AllRunSeams<'_>, index: usize, place: (usize, usize)) {
        for (window, seams) in self.color.iter_mut().zip(&seams.color) {
            seams.before(index, place, window);
        }
        for (window, seams) in self.extra.iter_mut().zip(&*seams.extra) {
            seams.before(index, place, window);
        }
    }

    fn after(&self, seams: &mut AllRunSeams<'_>, index: (usize, usize), place: (usize, usize)) {
        for (window, seams) in self.color.iter().zip(&mut seams.color) {
            seams.after(index, place, window);
        }
        for (window, seams) in self.extra.iter().zip(&mut *seams.extra) {
            seams.after(index, place, window);
        }
    }
}

/// Groups of a row that one task decodes.
pub(super) struct Run<'r, 't> {
    /// Column and row of the first one.
    pub(super) first: (usize, usize),
    /// What is finished with each of them; taken when it is.
    pub(super) pieces: &'r mut [Option<Target<'t>>],
    pub(super) seams: AllRunSeams<'r>,
}

impl Run<'_, '_> {
    /// Plans [`decode`](Self::decode).
    pub(super) fn plan(
        frame: &Frame<'_>,
        shapes: &Shapes<'_>,
        task: &mut ScratchPlan,
    ) -> Result<(), AllocError> {
        let context = frame.context;
        task.room(shapes.run_room()?)?;
        GroupDecoder::plan(task)?;
        if frame.parsed.has_local_extra() {
            LocalChannels::plan_group(context.group_size(), context.extra_channels, task)?;
        }
        task.scratch(|task| frame.parsed.rows.plan_tile(task))
    }

    /// Decodes the groups from the left, and finishes with each what depends on it and those before
    /// it.
    pub(super) fn decode(
        &mut self,
        groups: &Groups<'_>,
        extra: ExtraChannels<'_>,
        shapes: &Shapes<'_>,
        stage: &Scope,
    ) -> Result<(), Error> {
        let length = self.pieces.len();
        let room_bytes = shapes.run_room()?;
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let scratch = stage.scratch_with_room(room_bytes)?;
        let mut windows = Windows::new(shapes, (&scratch, memory))?;
        for (index, piece) in self.pieces.iter_mut().enumerate() {
            let Some(piece) = piece.take() else {
                continue;
            };
            let place = (self.first.0 + index, self.first.1);
            windows.before(&self.seams, index, place);
            decode_group(groups, extra, place, &mut windows, stage)?;
            windows.after(&mut self.seams, (index, length), place);
            let has_left = index > 0;
            let color = |channel: usize| windows.color[channel].placed(place, has_left);
            let windows = windows.extra.iter();
            let local = memory.collect(windows.map(|window| window.placed(place, has_left)))?;
            let color = band(shapes, color);
            finish(groups, &color, extra.or(&local), piece, stage)?;
        }
        Ok(())
    }
}

fn decode_group(
    groups: &Groups<'_>,
    extra: ExtraChannels<'_>,
    place: (usize, usize),
    windows: &mut Windows<'_>,
    stage: &Scope,
) -> Result<(), Error> {
    let kept = stage.scratch_beyond_plan();
    let memory = Memory::new(stage, &kept);
    let mut sections = groups.pass_sections(place, memory)?;
    let context = groups.frame.context;
    let samples = 3 * context.group_dim * context.group_dim * sections.len();
    context.place.budget.spend(samples as u64)?;
    let [x, y, b] = &mut windows.color;
    let samples = [x.group(place), y.group(place), b.group(place)];
    groups
        .decoder
        .decode(place, &mut sections, samples, stage)?;
    let ExtraChannels::Local(channels) = extra else {
        return Ok(());
    };
    let group = place.1 * groups.frame.context.groups().0 + place.0;
    let windows = windows.extra.iter_mut();
    let mut samples = memory.collect(windows.map(|window| window.group(place)))?;
    let bits = &mut sections[channels.pass];
    channels.decode(group, bits, &mut samples, stage)
}

/// Finishes a piece of the frame; `color` and `extra` have what it depends on.
pub(super) fn finish(
    groups: &Groups<'_>,
    color: &Color<'_>,
    extra: &[Placed<'_, i32>],
    piece: Target<'_>,
    scope: &Scope,
) -> Result<(), Error> {
    for mut tile in piece.into_strips() {
        groups.renderer.put_tile(color, extra, &mut tile, scope)?;
    }
    Ok(())
}

pub(super) fn band<'p>(
    shapes: &Shapes<'_>,
    placed: impl Fn(usize) -> Placed<'p, f32>,
) -> Color<'p> {
    let plane = |channel: usize| shapes.color[channel].band_plane(placed(channel));
    Color::Floats(Band::new([plane(0), plane(1), plane(2)]))
}
