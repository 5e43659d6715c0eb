//! The squeeze steps of a channel, and the choice of steps to undo by bands.

use super::{BandStep, BandedChannel, LowStep};
use crate::Error;
use crate::memory::{List, Memory};
use crate::modular::header::RctKind;
use crate::modular::layout::Step;
use crate::modular::{ChannelShape, Layout, Slot};

/// A color transform and the channels that it applies to.
pub(super) type Rct = (RctKind, [usize; 3]);

/// A channel whose squeeze steps form a chain: each splits the averages of the step before.
pub(super) struct Chain<'m> {
    width: usize,
    /// The steps in coded order. The last is undone first.
    links: List<'m, Link>,
    innermost: usize,
}

struct Link {
    horizontal: bool,
    /// Size of the channel that the step splits.
    size: (usize, usize),
    /// The coded channel that holds the residuals.
    coded: usize,
    residuals: ChannelShape,
}

/// The color transforms, all of which must come before any squeeze. `None` if the layout has other
/// transforms.
pub(super) fn rcts<'m>(
    layout: &Layout<'_>,
    memory: Memory<'m>,
) -> Result<Option<&'m [Rct]>, Error> {
    let mut rcts = memory.list(0)?;
    let mut is_squeezed = false;
    for step in layout.steps {
        match step {
            Step::Rct { kind, slots } if !is_squeezed => {
                let bases = slots.map(|slot| slot.base);
                memory.add(&mut rcts, (*kind, bases))?;
            }
            Step::Squeeze { .. } => is_squeezed = true,
            _ => return Ok(None),
        }
    }
    Ok(Some(rcts.leak()))
}

impl<'m> Chain<'m> {
    /// Returns `None` if channel `base` of the picture is not a chain.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory).
    pub(super) fn new(
        layout: &Layout<'_>,
        base: usize,
        shape: &ChannelShape,
        memory: Memory<'m>,
    ) -> Result<Option<Self>, Error> {
        let mut averages = Slot {
            base,
            x: 0,
            y: 0,
            width: shape.width,
            height: shape.height,
        };
        let coded = |slot: Slot| layout.coded().position(|(_, coded)| *coded == slot);
        let mut links = memory.list(0)?;
        if shape.shift() != 0 {
            return Ok(None);
        }
        for step in layout.steps {
            let &Step::Squeeze { horizontal, slot } = step else {
                continue;
            };
            if slot.base != base {
                continue;
            }
            let (first, second) = slot.halves(horizontal);
            let Some(index) = coded(second).filter(|_| slot == averages) else {
                return Ok(None);
            };
            let residuals = layout.coded().nth(index);
            let Some(&(residuals, _)) = residuals else {
                return Ok(None);
            };
            averages = first;
            let link = Link {
                horizontal,
                size: (slot.width, slot.height),
                coded: index,
                residuals,
            };
            memory.add(&mut links, link)?;
        }
        let Some(innermost) = coded(averages) else {
            return Ok(None);
        };
        Ok(Some(Self {
            width: shape.width,
            links,
            innermost,
        }))
    }

    /// The steps split for decoding by bands. `None` unless groups contain the residuals of one or
    /// more outermost steps, and of no others.
    pub(super) fn banded(
        &self,
        dim: usize,
        is_in_group: &impl Fn(usize, &ChannelShape) -> bool,
        memory: Memory<'m>,
    ) -> Result<Option<BandedChannel<'m>>, Error> {
        let is_in_band = |link: &Link| is_in_group(link.coded, &link.residuals);
        let count = self
            .links
            .iter()
            .take_while(|link| is_in_band(link))
            .count();
        let (in_band, low) = self.links.split_at(count);
        let Some(last) = in_band.last() else {
            return Ok(None);
        };
        if low.iter().any(is_in_band) || low.is_empty() {
            return Ok(None);
        }
        let mut steps = memory.list(count)?;
        // Rows of a band in the input of each step: the picture's rows first, then half as many at
        // each vertical step.
        let mut rows = dim;
        for link in in_band {
            let residual_rows = if link.horizontal { rows } else { rows / 2 };
            if residual_rows == 0 || dim >> link.residuals.vshift != residual_rows {
                return Ok(None);
            }
            steps.push(BandStep {
                horizontal: link.horizontal,
                coded: link.coded,
                width: link.size.0,
                residuals: (link.residuals.width, link.residuals.height),
                residual_rows,
                // Set by the loop below.
                rows: 0,
                average_rows: 0,
                lag: 0,
            });
            rows = residual_rows;
        }
        let size = match last.horizontal {
            true => (last.size.0.div_ceil(2), last.size.1),
            false => (last.size.0, last.size.1.div_ceil(2)),
        };
        let lead = usize::from(!last.horizontal);
        let low_rows = rows;
        // If the innermost step is vertical, its band also reads the next average, so its last row
        // does not wait.
        let mut lag = 0;
        let mut takes_lead = lead == 1;
        let mut height = (low_rows + lead).min(size.1);
        for (step, link) in steps.iter_mut().zip(in_band).rev() {
            step.average_rows = height;
            step.lag = lag;
            if !step.horizontal {
                lag = match takes_lead {
                    true => 0,
                    false => 2 * (lag + 1),
                };
                takes_lead = false;
                height += step.most_residual_rows();
            }
            let whole = step.residual_rows << u32::from(!step.horizontal);
            height = height.max((whole + lag).min(link.size.1));
            step.rows = height;
        }
        let low_steps = low.iter().map(|link| LowStep {
            horizontal: link.horizontal,
            size: link.size,
            coded: link.coded,
        });
        let channel = BandedChannel {
            width: self.width,
            steps: steps.leak(),
            low_steps: memory.collect(low_steps)?.leak(),
            low: size,
            innermost: self.innermost,
            low_rows,
            lead,
            rows: height,
            lag,
        };
        Ok(Some(channel))
    }
}
