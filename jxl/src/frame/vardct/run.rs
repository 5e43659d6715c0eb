use frame_arena::{AllocError, PlanRequest, PlaneViewMut, Scope, Scratch, ScratchRoom};

use super::groups::{ExtraChannels, Groups};
use super::seams::{RunSeams, Seams};
use super::window::{Margins, Window, WindowShape};
use crate::Error;
use crate::frame::target::Target;
use crate::render::{Band, Placed};
use crate::vardct::Geometry;

/// How many runs the groups of a row are decoded in, each by one task, and how many groups are in each.
pub(in crate::frame) fn runs(columns: usize, threads: usize) -> (usize, usize) {
    // Runs differ in the time that they take, so there are more than threads; what lies between two of them costs extra.
    let length = match threads {
        1 => columns,
        _ => (columns / (2 * threads)).max(1),
    };
    (columns.div_ceil(length), length)
}

/// One for each channel of a frame: colours, and extra channels that are decoded with the groups.
pub(super) struct Channels<C, E> {
    pub(super) colour: [C; 3],
    pub(super) extra: Vec<E>,
}

pub(super) type Shapes = Channels<WindowShape, WindowShape>;

impl Shapes {
    pub(super) fn iter(&self) -> impl Iterator<Item = &WindowShape> {
        self.colour.iter().chain(&self.extra)
    }

    pub(super) fn new(groups: &Groups<'_>, margins: Margins, extra: ExtraChannels<'_>) -> Self {
        let context = groups.frame.context;
        let geometry: &Geometry = &groups.frame.geometry;
        let colour = |channel| WindowShape::of_colour(context, geometry, margins, channel);
        let extra = match extra {
            ExtraChannels::Whole(_) => 0,
            ExtraChannels::Local(_) => context.extra_channels,
        };
        Self {
            colour: [colour(0), colour(1), colour(2)],
            extra: vec![WindowShape::of_extra(context, margins); extra],
        }
    }
}

/// Room of the scratch that has the seams of channels of these shapes, between so many runs.
pub(in crate::frame) fn seams_room<'s>(
    shapes: impl Iterator<Item = &'s WindowShape>,
    runs: usize,
) -> Result<usize, AllocError> {
    room(shapes.flat_map(|shape| [shape.above(), shape.beside(runs - 1)]))
}

/// Room of the scratch of a run of groups.
pub(in crate::frame) fn run_room<'s>(
    shapes: impl Iterator<Item = &'s WindowShape>,
) -> Result<usize, AllocError> {
    room(shapes.map(WindowShape::window))
}

fn room(sizes: impl Iterator<Item = (usize, usize)>) -> Result<usize, AllocError> {
    let mut room = ScratchRoom::new();
    for (width, height) in sizes {
        // Samples of all channels have four bytes.
        room.plane::<f32>(width, height)?;
    }
    Ok(room.room_bytes())
}

pub(super) type AllSeams<'s> = Channels<Seams<'s, f32>, Seams<'s, i32>>;

impl<'s> AllSeams<'s> {
    pub(super) fn new(
        shapes: &Shapes,
        runs: (usize, usize),
        scratch: &'s Scratch<'_>,
    ) -> Result<Self, Error> {
        let [x, y, b] = shapes.colour;
        let extra = shapes.extra.iter();
        let extra = extra.map(|&shape| Seams::new(shape, runs, scratch));
        Ok(Self {
            colour: [
                Seams::new(x, runs, scratch)?,
                Seams::new(y, runs, scratch)?,
                Seams::new(b, runs, scratch)?,
            ],
            extra: extra.collect::<Result<_, _>>()?,
        })
    }

    /// The parts of so many runs.
    pub(super) fn runs(&mut self, count: usize) -> Vec<AllRunSeams<'_>> {
        let [mut x, mut y, mut b] = self.colour.each_mut().map(Seams::runs);
        let mut extra: Vec<_> = self.extra.iter_mut().map(Seams::runs).collect();
        let run = |_| Channels {
            colour: [x.next(), y.next(), b.next()],
            extra: extra.iter_mut().map(|seams| seams.next()).collect(),
        };
        (0..count).map(run).collect()
    }
}

pub(super) type AllRunSeams<'p> = Channels<RunSeams<'p, f32>, RunSeams<'p, i32>>;

/// The memory of a task for one group after the other.
type Windows<'s> = Channels<Window<'s, f32>, Window<'s, i32>>;

impl<'s> Windows<'s> {
    fn new(shapes: &Shapes, scratch: &'s Scratch<'_>) -> Result<Self, Error> {
        let [x, y, b] = shapes.colour;
        let extra = shapes.extra.iter();
        let extra = extra.map(|&shape| Window::new(shape, scratch));
        Ok(Self {
            colour: [
                Window::new(x, scratch)?,
                Window::new(y, scratch)?,
                Window::new(b, scratch)?,
            ],
            extra: extra.collect::<Result<_, _>>()?,
        })
    }

    fn before(&mut self, seams: &AllRunSeams<'_>, index: usize, place: (usize, usize)) {
        for (window, seams) in self.colour.iter_mut().zip(&seams.colour) {
            seams.before(index, place, window);
        }
        for (window, seams) in self.extra.iter_mut().zip(&seams.extra) {
            seams.before(index, place, window);
        }
    }

    fn after(&self, seams: &mut AllRunSeams<'_>, index: (usize, usize), place: (usize, usize)) {
        for (window, seams) in self.colour.iter().zip(&mut seams.colour) {
            seams.after(index, place, window);
        }
        for (window, seams) in self.extra.iter().zip(&mut seams.extra) {
            seams.after(index, place, window);
        }
    }
}

/// Groups of a row that one task decodes.
pub(super) struct Run<'t> {
    /// Column and row of the first one.
    pub(super) first: (usize, usize),
    /// What is finished with each of them.
    pub(super) pieces: Vec<Target<'t>>,
    pub(super) seams: AllRunSeams<'t>,
}

impl Run<'_> {
    /// Decodes the groups from the left, and finishes with each what depends on it and those before it.
    pub(super) fn decode(
        self,
        groups: &Groups<'_>,
        extra: ExtraChannels<'_>,
        shapes: &Shapes,
        stage: &Scope,
    ) -> Result<(), Error> {
        let (mut seams, length) = (self.seams, self.pieces.len());
        let room_bytes = run_room(shapes.iter())?;
        let scratch = stage.scratch_with_room(room_bytes)?;
        let mut windows = Windows::new(shapes, &scratch)?;
        for (index, piece) in self.pieces.into_iter().enumerate() {
            let place = (self.first.0 + index, self.first.1);
            windows.before(&seams, index, place);
            decode_group(groups, extra, place, &mut windows, stage)?;
            windows.after(&mut seams, (index, length), place);
            let has_left = index > 0;
            let colour = |channel: usize| windows.colour[channel].placed(place, has_left);
            let windows = windows.extra.iter();
            let local: Vec<_> = windows
                .map(|window| window.placed(place, has_left))
                .collect();
            let colour = band(shapes, colour);
            finish(groups, &colour, extra.or(&local), piece, stage)?;
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
    let mut sections = groups.pass_sections(place)?;
    let [x, y, b] = &mut windows.colour;
    let samples = [x.group(place), y.group(place), b.group(place)];
    groups
        .decoder
        .decode(place, &mut sections, samples, stage)?;
    let ExtraChannels::Local(channels) = extra else {
        return Ok(());
    };
    let group = place.1 * groups.frame.context.groups().0 + place.0;
    let windows = windows.extra.iter_mut();
    let mut samples: Vec<PlaneViewMut<'_, i32>> =
        windows.map(|window| window.group(place)).collect();
    let bits = &mut sections[channels.pass];
    channels.decode(group, bits, &mut samples, stage)
}

/// Finishes a piece of the frame; `colour` and `extra` have what it depends on.
pub(super) fn finish(
    groups: &Groups<'_>,
    colour: &Band<'_>,
    extra: &[Placed<'_, i32>],
    piece: Target<'_>,
    scope: &Scope,
) -> Result<(), Error> {
    for mut tile in piece.into_strips() {
        groups.renderer.put_tile(colour, extra, &mut tile, scope)?;
    }
    Ok(())
}

pub(super) fn band<'p>(shapes: &Shapes, placed: impl Fn(usize) -> Placed<'p, f32>) -> Band<'p> {
    let plane = |channel: usize| shapes.colour[channel].band_plane(placed(channel));
    Band::new([plane(0), plane(1), plane(2)])
}
