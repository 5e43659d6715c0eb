mod cut;
#[cfg(test)]
mod tests;

use frame_arena::PlaneViewMut;

use crate::Error;
use crate::modular::header::{
    Header, PaletteParams, RctKind, SqueezeStep, Transform, WeightedParams,
};
use crate::modular::{ChannelShape, Predictor};
use cut::apply;

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

/// Where the coded channels of a stream lie, and how the picture is made from them.
///
/// Every channel of the picture has one plane, its *base*, and so has every palette. All
/// transforms work within these planes: squeeze cuts a plane in halves for average and residual,
/// a palette's index takes the place of the first of its channels. Nothing else is allocated for
/// an inverse transform but a few rows.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// Coded channels in the order of the stream.
    coded: Vec<(ChannelShape, Slot)>,
    /// How many of `coded`, from the first, are meta-channels.
    meta_count: usize,
    /// Bases that are channels of the picture; palettes follow them.
    picture_bases: usize,
    /// Colours (columns) and channels (rows) of each palette.
    palettes: Vec<(usize, usize)>,
    operations: Vec<Operation>,
    pub(super) steps: Vec<Step>,
}

/// A transform with its parameters resolved, as it changes the list of channels.
#[derive(Clone, Debug)]
enum Operation {
    Keep,
    Palette { begin: usize, count: usize },
    Squeeze(SqueezeStep),
}

/// A transform to undo, on known rectangles.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Rct {
        kind: RctKind,
        slots: [Slot; 3],
    },
    Palette(PaletteInverse),
    /// `slot` holds the averages in its first half (rounded up), the residuals after them.
    Squeeze {
        horizontal: bool,
        slot: Slot,
    },
}

#[derive(Clone, Debug)]
pub(super) struct PaletteInverse {
    /// Number of the palette in the order of the transforms.
    pub(super) palette: usize,
    pub(super) deltas: usize,
    pub(super) predictor: Predictor,
    pub(super) weighted: WeightedParams,
    /// The channels of the palette; the first holds the indices.
    pub(super) slots: Vec<Slot>,
}

impl Layout {
    /// Applies the transforms of `header` to the channels of a picture.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if a transform does not fit the channels.
    pub(crate) fn new(picture: &[ChannelShape], header: &Header) -> Result<Self, Error> {
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
        let mut layout = Self {
            coded: coded.collect(),
            meta_count: 0,
            picture_bases: picture.len(),
            palettes: Vec::new(),
            operations: Vec::new(),
            steps: Vec::new(),
        };
        for transform in &header.transforms {
            match transform {
                Transform::Rct { begin, kind } => layout.rct(*begin, *kind)?,
                Transform::Palette(params) => layout.palette(params, header.weighted)?,
                Transform::Squeeze(steps) if steps.is_empty() => {
                    for step in layout.default_squeeze()? {
                        layout.squeeze(step)?;
                    }
                }
                Transform::Squeeze(steps) => {
                    for &step in steps {
                        layout.squeeze(step)?;
                    }
                }
            }
            if layout.coded.len() > MAX_CHANNELS {
                return Err(Error::corrupt("too many Modular channels"));
            }
        }
        Ok(layout)
    }

    /// Squeeze steps in the order that they are undone: true if horizontal, columns, rows.
    pub(crate) fn squeezes(&self) -> impl Iterator<Item = (bool, usize, usize)> + '_ {
        self.steps.iter().rev().filter_map(|step| match step {
            Step::Squeeze { horizontal, slot } => Some((*horizontal, slot.width, slot.height)),
            _ => None,
        })
    }

    /// Shapes of the coded channels in the order of the stream.
    pub(crate) fn shapes(&self) -> impl ExactSizeIterator<Item = ChannelShape> + '_ {
        self.coded.iter().map(|(shape, _)| *shape)
    }

    /// How many of the coded channels, from the first, are meta-channels.
    pub(crate) fn meta_count(&self) -> usize {
        self.meta_count
    }

    /// Width and height of each palette's plane, in the order in which the bases want them.
    pub(crate) fn palettes(&self) -> &[(usize, usize)] {
        &self.palettes
    }

    /// True if each pixel of the picture follows from the same pixel of full-size coded channels
    /// and from palettes that are coded as they are: no squeeze, no neighbours, nothing applied
    /// to meta-channels.
    pub(crate) fn is_pointwise(&self) -> bool {
        self.steps.iter().all(|step| match step {
            Step::Rct { slots, .. } => slots.iter().all(|slot| slot.base < self.picture_bases),
            Step::Palette(inverse) => {
                inverse.predictor == Predictor::Zero
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
    /// If number or sizes of `bases` are not those of the layout.
    pub(crate) fn split<'p>(
        &self,
        bases: Vec<PlaneViewMut<'p, i32>>,
    ) -> Vec<PlaneViewMut<'p, i32>> {
        assert_eq!(bases.len(), self.picture_bases + self.palettes.len());
        let mut bases = bases.into_iter();
        let mut views: Vec<_> = bases.by_ref().take(self.picture_bases).collect();
        for operation in &self.operations {
            apply(operation, &mut views, || bases.next());
        }
        views
    }

    /// Views of the coded channels that are no meta-channels, of a layout that
    /// [is pointwise](Layout::is_pointwise). `bases` are the channels of the picture.
    pub(crate) fn split_pointwise<'v>(
        &self,
        bases: &'v mut [PlaneViewMut<'_, i32>],
    ) -> Vec<PlaneViewMut<'v, i32>> {
        let mut bases: Vec<_> = bases.iter_mut().map(|base| Some(base.reborrow())).collect();
        let coded = self.coded[self.meta_count..].iter();
        // No base is cut, so that no two coded channels share one.
        coded
            .filter_map(|(_, slot)| bases[slot.base].take())
            .collect()
    }

    fn range(&self, begin: usize, count: usize) -> Result<&[(ChannelShape, Slot)], Error> {
        self.coded
            .get(begin..begin + count)
            .ok_or_else(|| Error::corrupt("Modular transform of channels that are not there"))
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
        self.steps.push(Step::Rct { kind, slots });
        self.operations.push(Operation::Keep);
        Ok(())
    }

    fn palette(&mut self, params: &PaletteParams, weighted: WeightedParams) -> Result<(), Error> {
        let PaletteParams { begin, count, .. } = *params;
        let entries = params.colours + params.deltas;
        let slots = self.same_size_range(begin, count)?.iter().map(|c| c.1);
        let slots = slots.collect();
        if begin >= self.meta_count {
            self.meta_count += 1;
        } else if begin + count <= self.meta_count {
            self.meta_count = self.meta_count + 2 - count;
        } else {
            return Err(Error::corrupt("palette of meta-channels and others"));
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
        apply(&operation, &mut self.coded, || Some((shape, slot)));
        self.operations.push(operation);
        self.steps.push(Step::Palette(PaletteInverse {
            palette: self.palettes.len(),
            deltas: params.deltas,
            predictor: params.predictor,
            weighted,
            slots,
        }));
        self.palettes.push((entries, count));
        Ok(())
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
        let slots: Vec<_> = channels.iter().map(|c| c.1).collect();
        self.steps
            .extend(slots.into_iter().map(|slot| Step::Squeeze {
                horizontal: step.horizontal,
                slot,
            }));
        if step.begin < self.meta_count {
            if !step.in_place || end > self.meta_count {
                return Err(Error::corrupt("squeeze of meta-channels and others"));
            }
            self.meta_count += step.count;
        }
        let operation = Operation::Squeeze(step);
        apply(&operation, &mut self.coded, || None);
        self.operations.push(operation);
        if self.coded.len() > MAX_CHANNELS {
            return Err(Error::corrupt("too many Modular channels"));
        }
        Ok(())
    }

    /// The steps that a squeeze without steps stands for (ISO/IEC 18181-1, H.6.2).
    fn default_squeeze(&self) -> Result<Vec<SqueezeStep>, Error> {
        let first = self.meta_count;
        let size = |index: usize| self.coded.get(index).map(|c| (c.0.width, c.0.height));
        let (mut width, mut height) =
            size(first).ok_or_else(|| Error::corrupt("squeeze without channels"))?;
        let mut steps = Vec::new();
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
