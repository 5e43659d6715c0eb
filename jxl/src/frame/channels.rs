use frame_arena::{AllocError, Plane, PlaneSpec, PlaneView, Scope, ScopePlan, Spec};

use super::groups::GroupTasks;
use super::parsed::ParsedFrame;
use crate::Error;
use crate::bits::Bits;
use crate::memory::{List, Memory};
use crate::modular::Palettes;

/// Modular channels that are kept whole until all sections are decoded: those of the picture, then
/// the palettes.
pub(super) struct WholeChannels<'s> {
    frame: &'s ParsedFrame<'s>,
    stage: &'s Scope,
    memory: Memory<'s>,
    planes: List<'s, Plane<'s, i32>>,
}

fn specs<'s>(frame: &'s ParsedFrame<'_>) -> impl Iterator<Item = PlaneSpec<i32>> + 's {
    let context = &frame.context;
    let picture = context.picture(context.width, context.height);
    let picture = picture.map(|shape| PlaneSpec::zeros(shape.width, shape.height));
    picture.chain(frame.global.palettes())
}

impl<'s> WholeChannels<'s> {
    pub(super) fn new(
        frame: &'s ParsedFrame<'s>,
        stage: &'s Scope,
        memory: Memory<'s>,
    ) -> Result<Self, Error> {
        let planes = specs(frame).map(|spec| Ok(spec.open(stage)?));
        Ok(Self {
            frame,
            stage,
            memory,
            planes: memory.try_collect(planes)?,
        })
    }

    /// Plans [`new`](Self::new), and the channels that [`tasks`](Self::tasks) decodes.
    pub(super) fn plan(
        frame: &ParsedFrame<'_>,
        stage: &mut ScopePlan<'_>,
    ) -> Result<(), AllocError> {
        specs(frame).try_for_each(|spec| spec.plan(stage))?;
        frame.global.plan_channels(stage)
    }

    /// Decodes the channels in the LF global section, from `bits` on, and returns the tasks that
    /// decode the others.
    pub(super) fn tasks(&mut self, bits: &mut Bits<'_>) -> Result<GroupTasks<'_, '_>, Error> {
        let place = (self.stage, self.memory);
        let bases = self.planes.iter_mut().map(Plane::view_mut);
        GroupTasks::after_global(self.frame, bits, bases, place)
    }

    /// Undoes the transforms, which gives the channels of the picture.
    pub(super) fn invert(&mut self) -> Result<(), Error> {
        let bases = self.planes.iter_mut().map(Plane::view_mut);
        let mut bases = self.memory.collect(bases)?;
        let context = &self.frame.context;
        let layout = &self.frame.global.layout;
        layout.invert(
            &mut bases,
            Palettes::InBases,
            context.bit_depth,
            (self.stage, context.place.workers),
        )
    }

    /// The channels of the picture.
    pub(super) fn picture(&self) -> Result<List<'s, PlaneView<'_, i32>>, Error> {
        let context = &self.frame.context;
        let count = context.color_channels + context.extra_channels;
        self.memory
            .collect(self.planes[..count].iter().map(Plane::view))
    }
}
