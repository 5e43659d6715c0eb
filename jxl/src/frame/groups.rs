use frame_arena::{PlaneViewMut, Scope, ScopePlan, TileGrid};

use super::context::{FrameContext, LF_SHIFT};
use super::parsed::ParsedFrame;
use crate::Error;
use crate::bits::Bits;
use crate::grid::GroupPos;
use crate::memory::{List, Memory};
use crate::modular::{ChannelShape, StreamContext, StreamShape, decode_channels, decode_stream};

/// The sections of a frame except the LF global one, with the tiles of the channels that each of
/// them codes. All can be decoded in parallel.
pub(super) struct GroupTasks<'m, 'p> {
    pub(super) lf_groups: &'m mut [SectionChannels<'m, 'p>],
    /// All passes of the first group, then those of the next.
    pub(super) groups: &'m mut [SectionChannels<'m, 'p>],
    passes: usize,
}

/// Channels of one section.
#[derive(Default)]
pub(super) struct SectionChannels<'m, 'p> {
    /// A place for each channel; the first ones are filled.
    places: &'m mut [Option<Channel<'p>>],
    count: usize,
}

struct Channel<'p> {
    shape: ChannelShape,
    target: PlaneViewMut<'p, i32>,
}

impl<'m, 'p> SectionChannels<'m, 'p> {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn push(&mut self, channel: Channel<'p>) {
        if let Some(place) = self.places.get_mut(self.count) {
            *place = Some(channel);
            self.count += 1;
        }
    }

    /// Zeros, where the section is missing.
    pub(super) fn clear(&mut self) {
        for channel in self.places.iter_mut().flatten() {
            channel.target.fill(0);
        }
    }

    /// Decodes the channels, if there are any.
    pub(super) fn decode(
        &mut self,
        bits: &mut Bits<'_>,
        stream: StreamContext<'_>,
    ) -> Result<(), Error> {
        let kept = stream.scope.scratch_beyond_plan();
        let memory = Memory::new(stream.scope, &kept);
        let (mut shapes, mut targets) = (memory.list(self.count)?, memory.list(self.count)?);
        for channel in self.places.iter_mut().flatten() {
            shapes.push(channel.shape);
            targets.push(channel.target.reborrow());
        }
        decode_stream(bits, stream, &shapes, &mut targets)
    }
}

/// The distribution of a channel's tiles to sections.
struct Cut {
    is_lf: bool,
    /// Width and height of a tile.
    width: usize,
    height: usize,
    /// Tiles across and down.
    columns: usize,
    rows: usize,
    /// Sections per row.
    cells: usize,
    pass: usize,
}

impl Cut {
    /// # Errors
    /// Channels that do not fit into groups.
    fn new(context: &FrameContext<'_>, shape: &ChannelShape) -> Result<Self, Error> {
        let is_lf = shape.shift() >= LF_SHIFT;
        let (dim, cells) = match is_lf {
            true => (context.group_dim * 8, context.lf_groups()),
            false => (context.group_dim, context.groups()),
        };
        let (width, height) = (dim >> shape.hshift, dim >> shape.vshift);
        if width == 0 || height == 0 {
            return Err(Error::corrupt(
                "channel squeezed to less than a sample per group",
            ));
        }
        let (columns, rows) = (shape.width.div_ceil(width), shape.height.div_ceil(height));
        if columns > cells.width || rows > cells.height {
            return Err(Error::corrupt("channel larger than its groups"));
        }
        Ok(Self {
            is_lf,
            width,
            height,
            columns,
            rows,
            cells: cells.width,
            pass: context.pass_of_shift(shape.shift()),
        })
    }

    /// The section of a tile, counted from row `row` of them on, and whether it is one of the LF
    /// groups.
    fn section(&self, row: usize, tile: usize, passes: usize) -> (bool, usize) {
        let cell = (row + tile / self.columns) * self.cells + tile % self.columns;
        match self.is_lf {
            true => (true, cell),
            false => (false, cell * passes + self.pass),
        }
    }
}

impl<'m, 'p> GroupTasks<'m, 'p> {
    /// Sections without channels.
    pub(super) fn new(context: &FrameContext<'_>, memory: Memory<'m>) -> Result<Self, Error> {
        Self::with_room(context, 0, std::iter::empty(), memory)
    }

    /// Sections with room for channels of these shapes, which start in row `row` of groups.
    fn with_room(
        context: &FrameContext<'_>,
        row: usize,
        shapes: impl Iterator<Item = ChannelShape>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let passes = context.header.passes.num_passes as usize;
        let counts = [
            memory.zeros::<u32>(context.lf_group_count())?,
            memory.zeros::<u32>(context.group_count() * passes)?,
        ];
        for shape in shapes.filter(|shape| !shape.is_empty()) {
            let cut = Cut::new(context, &shape)?;
            for tile in 0..cut.columns * cut.rows {
                let (is_lf, section) = cut.section(row, tile, passes);
                counts[usize::from(!is_lf)][section] += 1;
            }
        }
        let [lf_groups, groups] = counts;
        Ok(Self {
            lf_groups: sections(lf_groups, memory)?,
            groups: sections(groups, memory)?,
            passes,
        })
    }

    /// Decodes the channels in the LF global section, from `bits` on, into `bases`, and cuts the
    /// others into tiles.
    pub(super) fn after_global(
        frame: &ParsedFrame<'_>,
        bits: &mut Bits<'_>,
        bases: impl ExactSizeIterator<Item = PlaneViewMut<'p, i32>>,
        (stage, memory): (&Scope, Memory<'m>),
    ) -> Result<Self, Error> {
        let channels = frame.global.layout.split(bases, memory)?;
        let shapes = memory.collect(frame.global.layout.shapes())?;
        Self::of_channels(frame, bits, &shapes, channels, (stage, memory))
    }

    /// As [`after_global`](Self::after_global), of coded channels of `shapes`.
    pub(super) fn of_channels(
        frame: &ParsedFrame<'_>,
        bits: &mut Bits<'_>,
        shapes: &[ChannelShape],
        mut channels: List<'_, PlaneViewMut<'p, i32>>,
        (stage, memory): (&Scope, Memory<'m>),
    ) -> Result<Self, Error> {
        let ParsedFrame {
            context, global, ..
        } = frame;
        let (in_global, in_groups) = shapes.split_at(global.global_channels);
        let stream = global.stream(context, stage, 0);
        let (header, targets) = (&global.header, &mut channels[..in_global.len()]);
        decode_channels(bits, stream, header, in_global, targets)?;
        let mut tasks = Self::with_room(context, 0, in_groups.iter().copied(), memory)?;
        for (shape, channel) in in_groups.iter().zip(channels.drain(in_global.len()..)) {
            tasks.add(context, shape, 0, channel)?;
        }
        Ok(tasks)
    }

    /// The groups of row `row`, with the tiles of `channels`, which have the rows of these groups
    /// and come with the shapes of the whole channels. Other groups have no channels.
    pub(super) fn of_row(
        context: &FrameContext<'_>,
        row: usize,
        channels: List<'_, (ChannelShape, PlaneViewMut<'p, i32>)>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let shapes = channels.iter().map(|(shape, channel)| ChannelShape {
            height: channel.height(),
            ..*shape
        });
        let mut tasks = Self::with_room(context, row, shapes, memory)?;
        for (shape, channel) in channels {
            tasks.add(context, &shape, row, channel)?;
        }
        Ok(tasks)
    }

    /// Cuts a channel into its tiles, the first of which is in row `row` of them.
    fn add(
        &mut self,
        context: &FrameContext<'_>,
        shape: &ChannelShape,
        row: usize,
        channel: PlaneViewMut<'p, i32>,
    ) -> Result<(), Error> {
        if shape.is_empty() {
            return Ok(());
        }
        let cut = Cut::new(context, shape)?;
        let tiles = channel.into_tiles(TileGrid::new(cut.width, cut.height));
        for (index, target) in tiles.enumerate() {
            let section = match cut.section(row, index, self.passes) {
                (true, section) => &mut self.lf_groups[section],
                (false, section) => &mut self.groups[section],
            };
            let shape = ChannelShape {
                width: target.width(),
                height: target.height(),
                ..*shape
            };
            section.push(Channel { shape, target });
        }
        Ok(())
    }

    /// Plans [`run`](Self::run).
    pub(super) fn plan(
        frame: &ParsedFrame<'_>,
        threads: usize,
        stage: &mut ScopePlan<'_>,
    ) -> Result<(), Error> {
        let ParsedFrame {
            context, global, ..
        } = frame;
        let coded = global.layout.shapes().len() - global.global_channels;
        if coded == 0 {
            return Ok(());
        }
        // Of one shape are at most the two residuals of a squeeze, for each channel of the picture.
        let picture = context.color_channels + context.extra_channels;
        let stream = StreamShape::new(context.group_size().into(), coded.min(2 * picture));
        let sections = context.group_count() + context.lf_group_count();
        Ok(stage.tasks(threads.min(sections), |task| stream.plan(task))?)
    }

    /// Decodes all sections that are wanted. Channels stay zero where they are not, or are missing.
    pub(super) fn run(self, frame: &ParsedFrame<'_>, stage: &Scope) -> Result<(), Error> {
        let ParsedFrame {
            context,
            sections,
            global,
            ..
        } = frame;
        let passes = self.passes;
        let wanted = frame.wanted_groups();
        let columns = context.groups().width;
        let lf_groups = self.lf_groups.iter_mut().enumerate();
        let lf_groups = lf_groups.map(|(index, channels)| (None, index, channels));
        let groups = self.groups.iter_mut().enumerate();
        let groups =
            groups.map(|(index, channels)| (Some(index % passes), index / passes, channels));
        let tasks = lf_groups.chain(groups);
        context
            .place
            .workers
            .for_each(tasks, |(pass, index, channels)| {
                if channels.is_empty() {
                    return Ok(());
                }
                let (bits, stream_index) = match pass {
                    None => (sections.lf_group(index)?, context.lf_group_stream(index)),
                    Some(_) if !wanted.contains(GroupPos::of_index(index, columns).into()) => {
                        return Ok(());
                    }
                    Some(pass) => {
                        let stream_index = context.group_stream(pass, index);
                        (sections.group(pass, index)?, stream_index)
                    }
                };
                let stream = global.stream(context, stage, stream_index);
                bits.map_or(Ok(()), |mut bits| channels.decode(&mut bits, stream))
            })
    }
}

/// Empty sections. Section `i` has room for `counts[i]` channels.
fn sections<'m, 'p>(
    counts: &[u32],
    memory: Memory<'m>,
) -> Result<&'m mut [SectionChannels<'m, 'p>], Error> {
    let total = counts.iter().map(|&count| count as usize).sum::<usize>();
    let mut rest = memory.collect((0..total).map(|_| None))?.leak();
    let sections = counts.iter().map(|&count| {
        let (places, others) = std::mem::take(&mut rest).split_at_mut(count as usize);
        rest = others;
        SectionChannels { places, count: 0 }
    });
    Ok(memory.collect(sections)?.leak())
}
