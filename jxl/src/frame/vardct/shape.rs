use frame_arena::{AllocError, PlaneSpec, Sample, ScratchRoom, Spec};

use super::channels::Channels;
use super::frame::Frame;
use super::schedule::most_boundaries;
use super::window::WindowShape;
use crate::Error;
use crate::frame::margins::Margins;
use crate::frame::render::Color;
use crate::grid::Rect;
use crate::memory::Memory;
use crate::render::{Band, Placed};

/// The buffers that exist while groups are decoded: a window per worker, and seams.
pub(super) struct GroupsShape<'m> {
    pub(super) margins: Margins,
    /// Groups that are decoded.
    pub(super) groups: Rect,
    /// Threads that decode groups.
    pub(super) workers: usize,
    /// Number of groups in a row of the frame, and of boundaries if all of them are decoded.
    whole_row: (usize, usize),
    /// The window of each channel.
    pub(super) window: Channels<'m, WindowShape, WindowShape>,
}

impl<'m> GroupsShape<'m> {
    pub(super) fn new(
        frame: &Frame<'_>,
        threads: usize,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let (context, geometry) = (frame.context, &frame.geometry);
        let border = frame.parsed.rows.pipeline.border();
        let margins = Margins::new(context, geometry, (border, frame.parsed.lag()));
        let extra = match frame.parsed.has_local_extra() {
            true => context.extra_channels,
            false => 0,
        };
        let columns = context.groups().width;
        let color = |channel| Ok(WindowShape::of_color(context, geometry, margins, channel));
        let extra = (0..extra).map(|_| Ok(WindowShape::of_extra(context, margins)));
        Ok(Self {
            margins,
            groups: frame.groups,
            workers: threads.min(frame.groups.size.area()),
            whole_row: (columns, most_boundaries(columns, threads)),
            window: Channels::try_new(color, extra, memory)?,
        })
    }

    /// Scratch bytes for the seams of all groups in a row of the frame. The request is therefore
    /// the same for any region.
    pub(super) fn seams_room(&self) -> Result<usize, AllocError> {
        let (columns, boundaries) = self.whole_row;
        let color = (self.window.color).map(|window| window.seams::<f32>(0..columns, boundaries));
        let extra = self.window.extra.iter();
        let extra = extra.map(|window| window.seams::<i32>(0..columns, boundaries));
        room_bytes(color, extra)
    }

    /// The planes of the seams of a channel.
    pub(super) fn seams<T: Sample>(&self, window: WindowShape) -> [PlaneSpec<T>; 2] {
        window.seams(self.groups.columns(), self.boundaries())
    }

    /// Boundaries that may be in use at once.
    pub(super) fn boundaries(&self) -> usize {
        most_boundaries(self.groups.size.width, self.workers)
    }

    /// Scratch bytes for the window of a worker.
    pub(super) fn window_room(&self) -> Result<usize, AllocError> {
        let color = self.window.color.map(|shape| shape.window::<f32>());
        let extra = self.window.extra.iter();
        room_bytes(color, extra.map(|shape| shape.window::<i32>()))
    }

    /// The colors from which a piece of the frame is finished.
    pub(super) fn band<'p>(&self, placed: impl Fn(usize) -> Placed<'p, f32>) -> Color<'p> {
        let plane = |channel: usize| self.window.color[channel].band_plane(placed(channel));
        Color::Floats(Band::new([plane(0), plane(1), plane(2)]))
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
