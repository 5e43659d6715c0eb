use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{Inner, Store};
use crate::AllocError;
use crate::allocator_calls::calling_allocator;
use crate::sync::{MutexGuard, wait, wait_timeout};

/// Threads that wait for room under the limit, first come, first served.
pub(super) struct Waiters {
    queue: VecDeque<u64>,
    next_ticket: u64,
}

impl Waiters {
    pub(super) const fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            next_ticket: 0,
        }
    }

    fn join(&mut self) -> Result<u64, AllocError> {
        let reserved = calling_allocator(|| self.queue.try_reserve(1));
        reserved.map_err(|_| AllocError::System {
            requested_bytes: (self.queue.len() + 1) * size_of::<u64>(),
        })?;
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.queue.push_back(ticket);
        Ok(ticket)
    }

    fn leave(&mut self, ticket: u64) {
        self.queue.retain(|&other| other != ticket);
    }
}

/// How long to wait for room.
#[derive(Clone, Copy)]
pub(crate) enum Patience {
    None,
    Until(Instant),
}

impl Patience {
    /// Waits for `timeout` from now, or without end if the clock cannot represent that.
    pub(crate) fn of(timeout: Duration) -> Self {
        const LONG: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
        let now = Instant::now();
        Self::Until(now.checked_add(timeout.min(LONG)).unwrap_or(now))
    }
}

impl Store {
    /// Promises `bytes` of this store's limit, and waits if there is no room.
    pub(super) fn promise_here(&self, bytes: usize, patience: Patience) -> Result<(), AllocError> {
        let mut inner = self.lock();
        let is_first = inner.waiters.queue.is_empty();
        let refused = match inner.account.check(bytes) {
            Ok(()) if is_first => return inner.account.promise(bytes),
            Ok(()) => None,
            Err(refused) => Some(refused),
        };
        match (patience, refused) {
            (Patience::None, None) => inner.account.promise(bytes),
            (Patience::None, Some(refused)) => Err(refused),
            (_, Some(refused)) if bytes > inner.account.limit_bytes() => Err(refused),
            (Patience::Until(deadline), _) => self.wait_for_promise(inner, bytes, deadline),
        }
    }

    fn wait_for_promise(
        &self,
        mut inner: MutexGuard<'_, Inner>,
        bytes: usize,
        deadline: Instant,
    ) -> Result<(), AllocError> {
        let ticket = inner.waiters.join()?;
        let outcome = loop {
            let is_first = inner.waiters.queue.front() == Some(&ticket);
            let outcome = match is_first {
                true => inner.account.promise(bytes),
                false => inner.account.check(bytes),
            };
            if is_first && outcome.is_ok() {
                break outcome;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // Threads that came first have a right to the room.
                break outcome.and(Err(inner.account.refusal(bytes)));
            }
            inner.sleepers += 1;
            inner = wait_timeout(&self.room, inner, left);
            inner.sleepers -= 1;
        };
        inner.waiters.leave(ticket);
        self.wake(&inner);
        outcome
    }

    /// Waits until another thread has released memory.
    pub(super) fn wait_for_release<'s>(
        &'s self,
        mut inner: MutexGuard<'s, Inner>,
    ) -> MutexGuard<'s, Inner> {
        debug_assert!(inner.account.is_releasing());
        inner.sleepers += 1;
        inner = wait(&self.room, inner);
        inner.sleepers -= 1;
        inner
    }

    /// Wakes threads that wait for room, or for a release.
    pub(super) fn wake(&self, inner: &Inner) {
        if inner.sleepers > 0 {
            self.room.notify_all();
        }
    }
}
