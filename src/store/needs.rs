//! The memory that the last frames needed at once.

/// Steps of the window for which a need is remembered.
const STEPS: usize = 16;

/// In addition to the need, this fraction of it and [`SLACK_BYTES`] are retained.
const NEED_OVER_SLACK: usize = 32;

/// Small arenas may retain memory of many sizes, because exchanging it costs more than it saves.
const SLACK_BYTES: usize = 4 << 20;

/// The most bytes in use at once in the last epochs.
pub(super) struct Needs {
    steps: [usize; STEPS],
    next: usize,
    /// Epochs that ended in this step.
    epochs: u32,
}

impl Needs {
    pub(super) const fn new() -> Self {
        Self {
            steps: [0; STEPS],
            next: 0,
            epochs: 0,
        }
    }

    /// Bytes that may be held at once: the need of the last epochs, and some slack.
    pub(super) fn bound_bytes(&self, need_bytes: usize) -> usize {
        let need = self
            .steps
            .iter()
            .fold(need_bytes, |most, &step| most.max(step));
        need.saturating_add(need / NEED_OVER_SLACK + SLACK_BYTES)
    }

    /// Ends an epoch that needed `bytes`; the last `epochs` are remembered.
    pub(super) fn end_epoch(&mut self, bytes: usize, epochs: u32) {
        let step = &mut self.steps[self.next];
        *step = bytes.max(*step);
        self.epochs += 1;
        if self.epochs >= epochs / STEPS as u32 {
            self.epochs = 0;
            self.next += 1;
            if self.next == STEPS || self.next >= epochs as usize {
                self.next = 0;
            }
            self.steps[self.next] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_remembered_for_so_many_epochs() {
        for epochs in [1, 2, 7, 16, 100, 1000] {
            let mut needs = Needs::new();
            needs.end_epoch(64 << 20, epochs);
            let mut remembered = 0;
            while needs.bound_bytes(0) > SLACK_BYTES {
                needs.end_epoch(0, epochs);
                remembered += 1;
            }
            let (least, most) = (epochs as usize - epochs as usize / 8 - 1, epochs as usize);
            assert!(
                (least..=most).contains(&remembered),
                "{epochs}: {remembered}"
            );
        }
    }
}
