use frame_arena::{PlanRequest, ScopePlan};
use jxl_frame::filter::EdgePreservingFilter;

use super::pieces::Pieces;
use super::{Described, PlannedFrame};
use crate::frame::vardct::BandShape;
use crate::modular::{describe_stream, describe_transforms};
use crate::vardct::{
    Geometry, HfGlobal, describe_hf_global, describe_hf_metadata, describe_lf_coefficients,
    describe_lf_image, describe_maps, describe_varblocks, describe_workspace,
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
        self.describe_hf_global(scope)?;
        scope.stage("extra channels", |stage| {
            self.describe_channel_planes(stage)?;
            self.describe_global_channels(stage)?;
            if has_lf_frame || header.flags.skip_adaptive_lf_smoothing() {
                self.describe_lf_groups(&geometry, stage)?;
            } else {
                stage.stage("LF image", |stage| {
                    describe_lf_image(&geometry, stage)?;
                    self.describe_lf_groups(&geometry, stage)
                })?;
            }
            if self.context.extra_channels > 0 {
                self.describe_groups(stage)?;
                self.describe_inverses(stage)?;
            }
            stage.stage("XYB band", |stage| self.describe_bands(&geometry, stage))
        })
    }

    /// What the HF global section holds, which is read where it stands alone.
    fn describe_hf_global(&self, scope: &mut ScopePlan<'_>) -> Described {
        let (context, header) = (self.context, self.context.header);
        let vardct = match &self.global.vardct {
            Some(vardct) if !self.sections.is_single() => vardct,
            _ => {
                return Ok(describe_hf_global(
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
        let hf = HfGlobal::parse(&mut bits, vardct, counts, stream, context.scope)?;
        Ok(hf.describe(scope)?)
    }

    fn describe_lf_groups(&self, geometry: &Geometry, stage: &mut ScopePlan<'_>) -> Described {
        let size = (geometry.columns, geometry.rows);
        let kinds = Pieces::cut(size, Geometry::LF_GROUP);
        let mut tasks = Vec::new();
        for (kind, piece) in kinds.iter().enumerate() {
            let blocks = (piece.width, piece.height);
            let channels = self.context.extra_channels.max(3);
            let coefficients = stage.task(|task| {
                describe_lf_coefficients(geometry, blocks, task)?;
                describe_transforms(task, blocks, channels)
            })?;
            let metadata = stage.task(|task| {
                describe_hf_metadata(blocks, task)?;
                // Groups that are smaller than the first kind, or less cut up, need less.
                match kind {
                    0 => describe_varblocks(blocks, task),
                    _ => Ok(()),
                }
            })?;
            tasks.extend([(piece.count, coefficients), (piece.count, metadata)]);
            if self.context.extra_channels > 0 {
                let (dim, channels) = (self.context.group_dim, self.context.extra_channels);
                let extra = stage.task(|task| describe_stream(task, dim, channels))?;
                tasks.push((piece.count, extra));
            }
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
