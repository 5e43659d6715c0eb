use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crate::memory::Shared;
use crate::store::Store;

/// A thread that applies an arena's retention from time to time; see
/// [`Arena::decay_every`](crate::Arena::decay_every). It ends when this handle is dropped.
#[derive(Debug)]
#[must_use = "the thread ends when this is dropped"]
pub struct DecayThread {
    /// Dropped to end the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl DecayThread {
    pub(crate) fn start(store: &Shared<Store>, period: Duration) -> std::io::Result<Self> {
        let store = store.watch();
        let (stop, stopped) = channel();
        let thread = Builder::new()
            .name("frame-arena decay".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
                    let Some(store) = store.owner() else { break };
                    store.decay_now();
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for DecayThread {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // The panic hook has reported a panic in it.
            let _ = thread.join();
        }
    }
}
