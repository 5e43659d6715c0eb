use frame_arena::ScopePlan;
use jxl_frame::filter::EdgePreservingFilter;

use super::{Described, PlannedFrame};
use crate::frame::vardct::{Margins, WindowShape, run_room, runs, seams_room};
use crate::modular::{describe_stream, describe_transforms};
use crate::vardct::{
    Geometry, HfGlobal, describe_hf_global, describe_lf_group, describe_lf_image, describe_maps,
    describe_smoothing, describe_workspace, lf_group_room,
};

impl PlannedFrame<'_> {
    pub(super) fn describe_vardct(&self, scope: &mut ScopePlan<'_>) -> Described {
        let header = self.context.header;
        let geometry = Geometry::new(header);
        if self.has_local_extra() {
            self.describe_palettes(scope)?;
            self.describe_global_channels(scope)?;
        }
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
        let has_local_extra = self.has_local_extra();
        let stage = if has_local_extra {
            "groups"
        } else {
            "extra channels"
        };
        scope.stage(stage, |stage| {
            if !has_local_extra {
                self.describe_channel_planes(stage)?;
                self.describe_global_channels(stage)?;
            }
            self.describe_lf_groups(&geometry, stage)?;
            if !(has_lf_frame || header.flags.skip_adaptive_lf_smoothing()) {
                describe_smoothing(&geometry, self.threads, stage)?;
            }
            self.describe_hf_global(&geometry, stage)?;
            if self.context.extra_channels > 0 && !has_local_extra {
                self.describe_groups(stage)?;
                self.describe_inverses(stage)?;
            }
            self.describe_painting(stage)?;
            stage.stage("group seams", |stage| self.describe_rows(&geometry, stage))
        })
    }

    /// True if extra channels are decoded with the coefficients of each group.
    fn has_local_extra(&self) -> bool {
        self.context.extra_channels > 0 && self.global.is_streamable(self.context)
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
        if context.extra_channels > 0 && !self.has_local_extra() {
            let dim = context.group_dim.min(context.width);
            let channels = context.extra_channels;
            let extra = stage.task(|task| describe_stream(task, dim, channels))?;
            tasks.push((groups, extra));
        }
        stage.tasks_of_kinds(self.threads, &tasks);
        Ok(())
    }

    fn describe_rows(&self, geometry: &Geometry, stage: &mut ScopePlan<'_>) -> Described {
        let context = self.context;
        let margins = Margins::new(context, geometry, self.rows.strip.border());
        let colour = |channel| WindowShape::of_colour(context, geometry, margins, channel);
        let extra = match self.has_local_extra() {
            true => context.extra_channels,
            false => 0,
        };
        let extra = vec![WindowShape::of_extra(context, margins); extra];
        let shapes = [colour(0), colour(1), colour(2)].into_iter().chain(extra);
        let shapes: Vec<_> = shapes.collect();
        let (runs, _) = runs(context.groups().0, self.threads);
        let (seams_bytes, run_bytes) = (seams_room(shapes.iter(), runs)?, run_room(shapes.iter())?);
        let seams = stage.task(|task| task.room(seams_bytes))?;
        let run = stage.task(|task| {
            task.room(run_bytes)?;
            task.scratch(describe_workspace)?;
            if self.has_local_extra() {
                let dim = context.group_dim;
                let size = (dim.min(context.width), dim.min(context.height));
                describe_stream(task, size.0, context.extra_channels)?;
                describe_transforms(task, size, context.extra_channels)?;
            }
            task.scratch(|task| self.describe_strip(task))
        })?;
        stage.scratch_around(&seams, |stage| {
            stage.tasks_of_kinds(self.at_once(runs), &[(runs, run)]);
            Ok(())
        })
    }
}
