use frame_arena::{PlanRequest, ScopePlan};

use super::pieces::Pieces;
use super::{Described, PlannedFrame};
use crate::frame::whole::{BAND_ROWS, FILTERED_ROWS};
use crate::modular::{
    describe_channels, describe_rows, describe_stream, describe_transforms, describe_unsqueeze,
    squeeze_tasks,
};

impl PlannedFrame<'_> {
    pub(super) fn describe_modular(&self, scope: &mut ScopePlan<'_>) -> Described {
        let is_plain = self.rows.is_plain();
        if is_plain && self.global.is_streamable(self.context) {
            self.describe_streamed(scope)
        } else {
            self.describe_whole(scope, is_plain)
        }
    }

    fn describe_streamed(&self, scope: &mut ScopePlan<'_>) -> Described {
        let context = self.context;
        self.describe_palettes(scope)?;
        self.describe_global_channels(scope)?;
        scope.stage("groups", |stage| {
            let dim = context.group_dim;
            let channels = context.colour_channels + context.extra_channels;
            let kinds = Pieces::cut((context.width, context.height), (dim, dim));
            let mut tasks = Vec::new();
            for piece in &kinds {
                let task = stage.task(|task| {
                    let size = (piece.width, piece.height);
                    task.planes::<i32>(channels, size.0, size.1)?;
                    describe_stream(task, size.0, channels)?;
                    describe_transforms(task, size, channels)?;
                    self.describe_integer_rows(task, size.0)
                })?;
                tasks.push((piece.count, task));
            }
            stage.tasks_of_kinds(self.threads, &tasks);
            Ok(())
        })
    }

    fn describe_whole(&self, scope: &mut ScopePlan<'_>, is_plain: bool) -> Described {
        let context = self.context;
        scope.stage("channels", |stage| {
            self.describe_channel_planes(stage)?;
            self.describe_global_channels(stage)?;
            self.describe_groups(stage)?;
            self.describe_inverses(stage)?;
            if is_plain {
                let bands = context.height.div_ceil(BAND_ROWS);
                stage.tasks(self.at_once(bands), |task| {
                    self.describe_integer_rows(task, context.width)
                })
            } else {
                self.describe_strips(stage, context.size().1.div_ceil(FILTERED_ROWS))
            }
        })
    }

    /// The channels that are Modular-coded, and the palettes of the frame.
    pub(super) fn describe_channel_planes(&self, stage: &mut ScopePlan<'_>) -> Described {
        for shape in self
            .context
            .picture(self.context.width, self.context.height)
        {
            stage.plane::<i32>(shape.width, shape.height)?;
        }
        self.describe_palettes(stage)
    }

    pub(super) fn describe_palettes(&self, scope: &mut ScopePlan<'_>) -> Described {
        for &(width, height) in self.global.layout.palettes() {
            scope.plane::<i32>(width, height)?;
        }
        Ok(())
    }

    /// Those of the LF global section.
    pub(super) fn describe_global_channels(&self, scope: &mut ScopePlan<'_>) -> Described {
        let count = self.global.global_channels;
        let shapes = self.global.layout.shapes().take(count);
        let width = shapes.map(|shape| shape.width).max();
        match width {
            None => Ok(()),
            Some(width) => scope.tasks(1, |task| Ok(describe_channels(task, width, count)?)),
        }
    }

    /// Those of the other sections.
    pub(super) fn describe_groups(&self, stage: &mut ScopePlan<'_>) -> Described {
        let context = self.context;
        let coded = self.global.layout.shapes().len() - self.global.global_channels;
        if coded == 0 {
            return Ok(());
        }
        // Of one shape are at most the two residuals of a squeeze, for each channel of the picture.
        let channels = coded.min(2 * (context.colour_channels + context.extra_channels));
        let (columns, rows) = context.groups();
        let (lf_columns, lf_rows) = context.lf_groups();
        let dim = context.group_dim;
        let size = (dim.min(context.width), dim.min(context.height));
        stage.tasks(
            self.at_once(columns * rows + lf_columns * lf_rows),
            |task| {
                describe_stream(task, size.0, channels)?;
                Ok(describe_transforms(task, size, channels)?)
            },
        )
    }

    /// What undoes the transforms of the frame.
    pub(super) fn describe_inverses(&self, stage: &mut ScopePlan<'_>) -> Described {
        let context = self.context;
        let channels = context.colour_channels + context.extra_channels;
        if self.global.header.transforms.is_empty() || channels == 0 {
            return Ok(());
        }
        for (horizontal, width, height) in self.global.layout.squeezes() {
            let tasks = squeeze_tasks(horizontal, width, height);
            stage.tasks(self.at_once(tasks), |task| {
                describe_unsqueeze(task, horizontal, width, height)
            })?;
        }
        stage.tasks(1, |task| Ok(describe_rows(task, context.width, channels)?))
    }
}
