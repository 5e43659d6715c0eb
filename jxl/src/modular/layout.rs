mod cut;
#[cfg(test)]
mod tests;

use frame_arena::PlaneViewMut;

use crate::Error;
use crate::memory::{List, Memory};
use crate::modular::header::{
    Header, PaletteParams, RctKind, SqueezeStep, Transform, WeightedParams,
};
use crate::modular::{ChannelShape, Predictor};
use cut::{Cut, apply};

/// Most channels a stream may have after its transforms (level 10).
const MAX_CHANNELS: usize = 1 << 16;

/// A rectangle of one of the base planes of a [`Layout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Index of the base plane.
    pub(crate) base: usize,
    /// First column.
    pub(crate) x: usize,
    /// First row.
    pub(crate) y: usize,
    /// Columns.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
}

impl Slot {
    /// The places of averages and residuals.
    pub(super) fn halves(self, horizontal: bool) -> (Self, Self) {
        self.cut(horizontal)
    }
}

/// Where the coded channels of a stream lie, and how the picture is made from them.
///
/// Every channel of the picture has one plane, its *base*, and so has every palette. All transforms
/// work within these planes: squeeze cuts a plane in halves for average and residual, a palette's
/// index takes the place of the first of its channels. An inverse transform allocates only a few
/// rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout<'m> {
    /// Coded channels in the order of the stream.
    coded: &'m [(ChannelShape, Slot)],
    /// Number of meta-channels, which come first in `coded`.
    meta_count: usize,
    /// Bases that are channels of the picture; palettes follow them.
    picture_bases: usize,
    /// Colors (columns) and channels (rows) of each palette.
    palettes: &'m [(usize, usize)],
    operations: &'m [Operation],
    pub(super) steps: &'m [Step<'m>],
}

/// A transform of the list of channels, with resolved parameters.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Keep,
    Palette { begin: usize, count: usize },
    Squeeze(SqueezeStep),
}

/// A transform to undo, on known rectangles.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'m> {
    Rct {
        kind: RctKind,
        slots: [Slot; 3],
    },
    Palette(PaletteInverse<'m>),
    /// `slot` holds the averages in its first half (rounded up), and the residuals after them.
    Squeeze {
        horizontal: bool,
        slot: Slot,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) struct PaletteInverse<'m> {
    /// Number of the palette in the order of the transforms.
    pub(super) palette: usize,
    pub(super) deltas: usize,
    pub(super) predictor: Predictor,
    pub(super) weighted: WeightedParams,
    /// The channels of the palette; the first holds the indices.
    pub(super) slots: &'m [Slot],
}

impl PaletteInverse<'_> {
    pub(super) fn is_weighted(&self) -> bool {
        self.predictor == Predictor::WEIGHTED
    }
}

impl<'m> Layout<'m> {
    /// Applies the transforms of `header` to the channels of a picture.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if a transform does not fit the channels; [`Error::Memory`].
    pub(crate) fn new(
        picture: &[ChannelShape],
        header: &Header<'_>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let mut layout = Growth::new(picture, memory)?;
        for transform in header.transforms {
            layout.apply(transform, header.weighted)?;
        }
        Ok(Self {
            coded: layout.coded.leak(),
            meta_count: layout.meta_count,
            picture_bases: layout.picture_bases,
            palettes: layout.palettes.leak(),
            operations: layout.operations.leak(),
            steps: layout.steps.leak(),
        })
    }

    /// Shapes of the coded channels in the order of the stream.
    pub(crate) fn shapes(&self) -> impl ExactSizeIterator<Item = ChannelShape> + '_ {
        self.coded.iter().map(|(shape, _)| *shape)
    }

    /// Coded channels in the order of the stream, with their places.
    pub(super) fn coded(&self) -> impl Iterator<Item = &'m (ChannelShape, Slot)> {
        self.coded.iter()
    }

    /// How many of the coded channels, from the first, are meta-channels.
    pub(crate) fn meta_count(&self) -> usize {
        self.meta_count
    }

    /// Width and height of each palette's plane, in the order of the bases.
    pub(crate) fn palettes(&self) -> &[(usize, usize)] {
        self.palettes
    }

    /// True if each pixel of the picture depends only on the same pixel of full-size coded channels
    /// and on untransformed palettes: there is no squeeze, no use of neighbors, and no transform of
    /// meta-channels.
    pub(crate) fn is_pointwise(&self) -> bool {
        self.steps.iter().all(|step| match step {
            Step::Rct { slots, .. } => slots.iter().all(|slot| slot.base < self.picture_bases),
            Step::Palette(inverse) => {
                inverse.predictor == Predictor::ZERO
                    && inverse
                        .slots
                        .iter()
                        .all(|slot| slot.base < self.picture_bases)
            }
            Step::Squeeze { .. } => false,
        })
    }

    /// Cuts the bases (the channels of the picture, then the palettes) into one view for each
    /// coded channel, in the order of the stream.
    ///
    /// # Panics
    /// If the number or sizes of `bases` differ from those of the layout.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn split<'l, 'p>(
        &self,
        bases: impl ExactSizeIterator<Item = PlaneViewMut<'p, i32>>,
        memory: Memory<'l>,
    ) -> Result<List<'l, PlaneViewMut<'p, i32>>, Error> {
        assert_eq!(bases.len(), self.picture_bases + self.palettes.len());
        let mut bases = bases;
        let mut views = memory.collect(bases.by_ref().take(self.picture_bases))?;
        for operation in self.operations {
            apply(operation, &mut views, || bases.next(), memory)?;
        }
        Ok(views)
    }

    /// Views of the coded channels except meta-channels, for a layout that [is
    /// pointwise](Layout::is_pointwise). `bases` are the channels of the picture.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn split_pointwise<'l, 'v>(
        &self,
        bases: &'v mut [PlaneViewMut<'_, i32>],
        memory: Memory<'l>,
    ) -> Result<List<'l, PlaneViewMut<'v, i32>>, Error> {
        let mut bases = memory.collect(bases.iter_mut().map(|base| Some(base.reborrow())))?;
        let coded = self.coded[self.meta_count..].iter();
        // No base is cut, so that no two coded channels share one.
        memory.collect(coded.filter_map(|(_, slot)| bases[slot.base].take()))
    }
}

/// A [`Layout`] to which transforms are applied.
struct Growth<'m> {
    coded: List<'m, (ChannelShape, Slot)>,
    meta_count: usize,
    picture_bases: usize,
    palettes: List<'m, (usize, usize)>,
    operations: List<'m, Operation>,
    steps: List<'m, Step<'m>>,
    memory: Memory<'m>,
}

impl<'m> Growth<'m> {
    fn new(picture: &[ChannelShape], memory: Memory<'m>) -> Result<Self, Error> {
        let coded = picture.iter().enumerate().map(|(base, &shape)| {
            let slot = Slot {
                base,
                x: 0,
                y: 0,
                width: shape.width,
                height: shape.height,
            };
            (shape, slot)
        });
        Ok(Self {
            coded: memory.collect(coded)?,
            meta_count: 0,
            picture_bases: picture.len(),
            palettes: memory.list(0)?,
            operations: memory.list(0)?,
            steps: memory.list(0)?,
            memory,
        })
    }

    fn apply(&mut self, transform: &Transform<'_>, weighted: WeightedParams) -> Result<(), Error> {
        match *transform {
            Transform::Rct { begin, kind } => self.rct(begin, kind)?,
            Transform::Palette(params) => self.palette(&params, weighted)?,
            Transform::Squeeze([]) => {
                for &step in self.default_squeeze()?.iter() {
                    self.squeeze(step)?;
                }
            }
            Transform::Squeeze(steps) => {
                for &step in steps {
                    self.squeeze(step)?;
                }
            }
        }
        match self.coded.len() > MAX_CHANNELS {
            true => Err(Error::corrupt("too many Modular channels")),
            false => Ok(()),
        }
    }

    fn change(
        &mut self,
        operation: Operation,
        palette: Option<(ChannelShape, Slot)>,
    ) -> Result<(), Error> {
        apply(&operation, &mut self.coded, || palette, self.memory)?;
        self.memory.add(&mut self.operations, operation)
    }

    fn range(&self, begin: usize, count: usize) -> Result<&[(ChannelShape, Slot)], Error> {
        self.coded
            .get(begin..begin + count)
            .ok_or_else(|| Error::corrupt("Modular transform of missing channels"))
    }

    fn same_size_range(
        &self,
        begin: usize,
        count: usize,
    ) -> Result<&[(ChannelShape, Slot)], Error> {
        let channels = self.range(begin, count)?;
        let size = |shape: &ChannelShape| (shape.width, shape.height);
        if channels.iter().any(|c| size(&c.0) != size(&channels[0].0)) {
            return Err(Error::corrupt(
                "Modular transform of channels that differ in size",
            ));
        }
        Ok(channels)
    }

    fn rct(&mut self, begin: usize, kind: RctKind) -> Result<(), Error> {
        let channels = self.same_size_range(begin, 3)?;
        let slots = [0, 1, 2].map(|i| channels[i].1);
        let step = Step::Rct { kind, slots };
        self.memory.add(&mut self.steps, step)?;
        self.change(Operation::Keep, None)
    }

    fn palette(&mut self, params: &PaletteParams, weighted: WeightedParams) -> Result<(), Error> {
        let PaletteParams { begin, count, .. } = *params;
        let entries = params.colors + params.deltas;
        let slots = self.same_size_range(begin, count)?.iter().map(|c| c.1);
        let slots = self.memory.collect(slots)?.leak();
        if begin >= self.meta_count {
            self.meta_count += 1;
        } else if begin + count <= self.meta_count {
            self.meta_count = self.meta_count + 2 - count;
        } else {
            return Err(Error::corrupt(
                "palette mixes meta-channels and image channels",
            ));
        }
        let operation = Operation::Palette { begin, count };
        let slot = Slot {
            base: self.picture_bases + self.palettes.len(),
            x: 0,
            y: 0,
            width: entries,
            height: count,
        };
        let shape = ChannelShape::meta(entries, count);
        self.change(operation, Some((shape, slot)))?;
        let step = Step::Palette(PaletteInverse {
            palette: self.palettes.len(),
            deltas: params.deltas,
            predictor: params.predictor,
            weighted,
            slots,
        });
        self.memory.add(&mut self.steps, step)?;
        self.memory.add(&mut self.palettes, (entries, count))
    }

    fn squeeze(&mut self, step: SqueezeStep) -> Result<(), Error> {
        let end = step.begin + step.count;
        let channels = self.range(step.begin, step.count)?;
        if channels.iter().any(|(shape, _)| shape.is_empty()) {
            return Err(Error::corrupt("squeeze of an empty channel"));
        }
        if channels.iter().any(|(c, _)| c.hshift > 30 || c.vshift > 30) {
            return Err(Error::corrupt("too many squeezes of one channel"));
        }
        self.memory.make_room(&mut self.steps, step.count)?;
        let slots = self.coded[step.begin..end].iter().map(|c| c.1);
        self.steps.extend(slots.map(|slot| Step::Squeeze {
            horizontal: step.horizontal,
            slot,
        }));
        if step.begin < self.meta_count {
            if !step.in_place || end > self.meta_count {
                return Err(Error::corrupt(
                    "squeeze mixes meta-channels and image channels",
                ));
            }
            self.meta_count += step.count;
        }
        self.change(Operation::Squeeze(step), None)?;
        if self.coded.len() > MAX_CHANNELS {
            return Err(Error::corrupt("too many Modular channels"));
        }
        Ok(())
    }

    /// The default steps of a squeeze without steps (ISO/IEC 18181-1, H.6.2).
    fn default_squeeze(&self) -> Result<List<'m, SqueezeStep>, Error> {
        let first = self.meta_count;
        let size = |index: usize| self.coded.get(index).map(|c| (c.0.width, c.0.height));
        let (mut width, mut height) =
            size(first).ok_or_else(|| Error::corrupt("squeeze without channels"))?;
        // Two for chroma, and two for each of the 31 halvings of 32 bits that there may be.
        let mut steps = self.memory.list(2 + 2 * 31)?;
        let count = self.coded.len() - first;
        let mut push = |horizontal, in_place, begin, count| {
            steps.push(SqueezeStep {
                horizontal,
                in_place,
                begin,
                count,
            });
        };
        if count > 2 && size(first + 1) == Some((width, height)) {
            push(true, false, first + 1, 2);
            push(false, false, first + 1, 2);
        }
        if height >= width && height > 8 {
            push(false, true, first, count);
            height = height.div_ceil(2);
        }
        while width > 8 || height > 8 {
            if width > 8 {
                push(true, true, first, count);
                width = width.div_ceil(2);
            }
            if height > 8 {
                push(false, true, first, count);
                height = height.div_ceil(2);
            }
        }
        Ok(steps)
    }
}
