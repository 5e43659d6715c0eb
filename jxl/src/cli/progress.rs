use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jxl_arena::Decoder;

/// A progress bar on standard error; nothing if that is not a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    rounds: usize,
}

impl Progress {
    /// A bar for `rounds` decodes of `file`.
    pub(super) fn new(file: &Path, rounds: usize) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{msg} {bar:40} {percent}% {elapsed} {prefix}")
        {
            bar.set_style(style);
        }
        bar.set_message(file.display().to_string());
        Self { bar, rounds }
    }

    /// The decoder, which reports its progress to this bar.
    pub(super) fn watch(&self, decoder: Decoder) -> Decoder {
        if self.bar.is_hidden() {
            return decoder;
        }
        let bar = self.bar.clone();
        decoder.with_progress(move |finished, total| {
            bar.set_length(total);
            bar.set_position(finished);
        })
    }

    /// Begins decode number `round`, counted from 0.
    pub(super) fn start_round(&self, round: usize) {
        self.bar
            .set_prefix(format!("{} of {}", round + 1, self.rounds));
        self.bar.set_position(0);
    }

    /// Runs `work`, which writes to the terminal, without the bar.
    pub(super) fn pause<R>(&self, work: impl FnOnce() -> R) -> R {
        self.bar.suspend(work)
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
