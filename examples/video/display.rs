//! A thread that shows pictures in order; here it only sums up their samples.

use std::sync::{Condvar, Mutex};

use frame_arena::SharedPicture;

use super::stream::checksum;

/// A queue of pictures to the thread that shows them. It holds at most two: the next picture and
/// the one being shown.
#[derive(Default)]
pub(crate) struct Display {
    next: Mutex<Next>,
    changed: Condvar,
}

#[derive(Default)]
struct Next {
    picture: Option<SharedPicture<u8>>,
    is_over: bool,
}

impl Display {
    /// Passes a picture on, and waits until the previous one is no longer shown.
    pub(crate) fn show(&self, picture: SharedPicture<u8>) {
        let mut next = self.next.lock().expect("no panic");
        next.picture = Some(picture);
        self.changed.notify_all();
        while next.picture.is_some() {
            next = self.changed.wait(next).expect("no panic");
        }
    }

    /// Ends [`run`](Self::run).
    pub(crate) fn end(&self) {
        self.next.lock().expect("no panic").is_over = true;
        self.changed.notify_all();
    }

    /// Shows pictures until the end, and returns their checksums. Up to `frames` pictures need no
    /// further allocation.
    pub(crate) fn run(&self, frames: usize) -> Vec<u64> {
        let mut checksums = Vec::with_capacity(frames);
        let mut shown = None;
        while let Some(picture) = self.take(&mut shown) {
            let planes = picture.planes();
            checksums.push(checksum(planes.flat_map(|plane| plane.rows())));
        }
        checksums
    }

    /// Waits for the next picture, and shows it instead of the previous one.
    fn take<'p>(&self, shown: &'p mut Option<SharedPicture<u8>>) -> Option<&'p SharedPicture<u8>> {
        let mut next = self.next.lock().expect("no panic");
        while next.picture.is_none() && !next.is_over {
            next = self.changed.wait(next).expect("no panic");
        }
        // This returns the previous picture, unless it is a reference, before its successor is
        // decoded.
        *shown = next.picture.take();
        self.changed.notify_all();
        shown.as_ref()
    }
}
