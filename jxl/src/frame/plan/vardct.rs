use frame_arena::{PlanRequest, ScopePlan};
use jxl_frame::filter::EdgePreservingFilter;

use super::{Described, PlannedFrame};
use crate::frame::vardct::BandShape;
use crate::modular::{describe_stream, describe_transforms};
use crate::vardct::{
    Geometry, HfGlobal, describe_hf_global, describe_lf_group, describe_lf_image, describe_maps,
    describe_smoothing, describe_workspace, lf_group_room,
};

impl PlannedFrame<'_> {
    pub(super) fn describe_vardct(&self, scope: &mut ScopePlan<'_>) -> Described {
        let header = self.context.header;
        let geometry = Geometry::new(header);
        let has_lf_contexts = self.global.vardct.as_ref();
        let has_lf_contexts = has_lf_contexts.is_some_and(|vardct| vardct.has_lf_contexts());
        let has_sigma = matches!(
            header.restoration_filter.epf,
            EdgePreservingFilter::Enabled(_)
        );
        describe_maps(&geometry, has_lf_contexts, has_sigma, scope)?;
        let has_lf_frame = header.flags.use_lf_frame();
        if !has_lf_frame {
            describe_lf_image(&geometry, scope)?;
        }
        scope.stage("extra channels", |stage| {
            self.describe_channel_planes(stage)?;
            self.describe_global_channels(stage)?;
            self.describe_lf_groups(&geometry, stage)?;
            if !(has_lf_frame || header.flags.skip_adaptive_lf_smoothing()) {
                describe_smoothing(&geometry, self.threads, stage)?;
            }
            self.describe_hf_global(&geometry, stage)?;
            if self.context.extra_channels > 0 {
                self.describe_groups(stage)?;
                self.describe_inverses(stage)?;
            }
            self.describe_painting(stage)?;
            stage.stage("XYB band", |stage| self.describe_bands(&geometry, stage))
        })
    }

    /// What the HF global section holds, which is read where it stands alone.
    fn describe_hf_global(&self, geometry: &Geometry, scope: &mut ScopePlan<'_>) -> Described {
        let (context, header) = (self.context, self.context.header);
        let vardct = match &self.global.vardct {
            Some(vardct) if !self.sections.is_single() => vardct,
            _ => {
                return Ok(describe_hf_global(
                    geometry,
                    header.passes.num_passes as usize,
                    scope,
                )?);
            }
        };
        let counts = (header.num_groups(), header.passes.num_passes);
        let mut bits = self.sections.hf_global()?;
        let stream = self
            .global
            .stream(context, context.scope, context.table_stream());
        let hf = HfGlobal::parse(&mut bits, vardct, counts, stream, 0, context.scope)?;
        Ok(hf.describe(geometry, scope)?)
    }

    fn describe_lf_groups(&self, geometry: &Geometry, stage: &mut ScopePlan<'_>) -> Described {
        let context = self.context;
        let room_bytes = lf_group_room(geometry, !context.header.flags.use_lf_frame())?;
        let groups = context.lf_group_count();
        let first = context.hf_metadata_stream(0);
        let streams = first..first + groups as u32;
        let tree = self.global.tree.as_ref();
        let is_weighted = tree.is_none_or(|tree| tree.may_need_weighted(streams));
        let blocks = (geometry.columns, geometry.rows);
        let blocks = (
            blocks.0.min(Geometry::LF_GROUP.0),
            blocks.1.min(Geometry::LF_GROUP.1),
        );
        let task = stage.task(|task| {
            describe_lf_group(geometry, room_bytes, is_weighted, task)?;
            describe_transforms(task, blocks, context.extra_channels.max(3))
        })?;
        let mut tasks = vec![(groups, task)];
        if context.extra_channels > 0 {
            let dim = context.group_dim.min(context.width);
            let channels = context.extra_channels;
            let extra = stage.task(|task| describe_stream(task, dim, channels))?;
            tasks.push((groups, extra));
        }
        stage.tasks_of_kinds(self.threads, &tasks);
        Ok(())
    }

    fn describe_bands(&self, geometry: &Geometry, stage: &mut ScopePlan<'_>) -> Described {
        let shape = BandShape::new(self.context, geometry, self.rows.strip.border());
        for (width, height) in shape.sizes {
            stage.plane::<f32>(width, height)?;
        }
        let (columns, _) = self.context.groups();
        stage.tasks(self.at_once(columns), describe_workspace)?;
        self.describe_strips(stage, 1)
    }
}
