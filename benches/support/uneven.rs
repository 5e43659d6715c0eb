//! Frames of about the same total whose groups differ in size from group to group and frame to
//! frame, and ways to spread them over threads. The bytes that a memory strategy retains after them
//! show how it copes with uneven shares.

use std::alloc::Layout;
use std::sync::{Barrier, Mutex};

use bumpalo::Bump;
use frame_arena::{Arena, Frame, PlaneAlloc};
use rayon::prelude::*;

pub(crate) const MIB: usize = 1 << 20;
const KIB: usize = 1 << 10;

/// Sizes in bytes of the buffers of one group, all kept to the end of the frame.
pub(crate) type Group = Vec<usize>;

/// Memory that frames are decoded in.
pub(crate) trait Memory: Sync {
    type Frame<'m>: Sync
    where
        Self: 'm;

    fn begin(&self) -> Self::Frame<'_>;
    /// Requests a buffer until the end of the frame. Its contents do not matter here.
    fn buffer(frame: &Self::Frame<'_>, bytes: usize);
    fn end(frame: Self::Frame<'_>);
    /// Bytes kept between frames.
    fn retained_bytes(&self) -> usize;
    /// Most bytes ever taken from the system.
    fn peak_held_bytes(&self) -> usize;
}

impl Memory for Arena {
    type Frame<'m> = Frame;

    fn begin(&self) -> Frame {
        self.frame()
    }

    fn buffer(frame: &Frame, bytes: usize) {
        frame.stale_slice::<u8>(bytes).unwrap()[bytes - 1] = 1;
    }

    fn end(frame: Frame) {
        drop(frame);
    }

    fn retained_bytes(&self) -> usize {
        self.snapshot().retained_bytes
    }

    fn peak_held_bytes(&self) -> usize {
        self.snapshot().peak_held_bytes
    }
}

/// A `bumpalo::Bump` for each thread of a pool, reset at the end of a frame. A thread of the pool
/// resets its own bump; any other thread resets all of them.
pub(crate) struct BumpPerThread {
    bumps: Vec<Mutex<Bump>>,
    peak_held: Mutex<usize>,
}

impl BumpPerThread {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            bumps: (0..threads).map(|_| Mutex::new(Bump::new())).collect(),
            peak_held: Mutex::new(0),
        }
    }
}

impl Memory for BumpPerThread {
    type Frame<'m> = &'m BumpPerThread;

    fn begin(&self) -> &BumpPerThread {
        self
    }

    fn buffer(frame: &&BumpPerThread, bytes: usize) {
        let thread = rayon::current_thread_index().expect("a thread of the pool");
        let bump = frame.bumps[thread].lock().unwrap();
        bump.alloc_layout(Layout::from_size_align(bytes, 64).unwrap());
    }

    fn end(frame: &BumpPerThread) {
        let mut peak = frame.peak_held.lock().unwrap();
        *peak = frame.retained_bytes().max(*peak);
        match rayon::current_thread_index() {
            Some(thread) => frame.bumps[thread].lock().unwrap().reset(),
            None => frame
                .bumps
                .iter()
                .for_each(|bump| bump.lock().unwrap().reset()),
        }
    }

    fn retained_bytes(&self) -> usize {
        let allocated = |bump: &Mutex<Bump>| bump.lock().unwrap().allocated_bytes();
        self.bumps.iter().map(allocated).sum()
    }

    fn peak_held_bytes(&self) -> usize {
        *self.peak_held.lock().unwrap()
    }
}

/// A sequence of numbers that depends on its seed only (splitmix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

/// The groups of a frame of `total_bytes`: one to four buffers of 64 to 800 KiB each, and eight of
/// 64 bytes to 8 KiB.
pub(crate) fn frame_groups(numbers: &mut Numbers, total_bytes: usize) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut left = total_bytes;
    while left > 0 {
        let mut group = Group::new();
        for _ in 0..=numbers.below(4) {
            group.push(64 * KIB + numbers.below(736 * KIB));
        }
        for _ in 0..8 {
            group.push(64 + numbers.below(8 * KIB));
        }
        for buffer in &mut group {
            *buffer = (*buffer).min(left);
            left -= *buffer;
        }
        group.retain(|&bytes| bytes > 0);
        groups.push(group);
    }
    groups
}

/// Decodes `frames` frames whose groups the threads of `pool` steal from each other.
pub(crate) fn decode_stolen<M: Memory>(
    memory: &M,
    pool: &rayon::ThreadPool,
    frames: usize,
    total_bytes: usize,
    numbers: &mut Numbers,
) {
    for _ in 0..frames {
        let groups = frame_groups(numbers, total_bytes);
        let frame = memory.begin();
        pool.install(|| {
            groups
                .par_iter()
                .for_each(|group| decode::<M>(&frame, group))
        });
        M::end(frame);
    }
}

/// Decodes `frames` frames. In each, another thread of `pool` gets half of the groups and the
/// others random shares, which reproduces the worst case of stealing.
pub(crate) fn decode_skewed<M: Memory>(
    memory: &M,
    pool: &rayon::ThreadPool,
    frames: usize,
    total_bytes: usize,
    numbers: &mut Numbers,
) {
    let threads = pool.current_num_threads();
    for index in 0..frames {
        let groups = frame_groups(numbers, total_bytes);
        let mut shares = vec![Vec::new(); threads];
        for group in groups {
            let thread = match numbers.below(2) {
                0 => index % threads,
                _ => numbers.below(threads),
            };
            shares[thread].push(group);
        }
        let frame = memory.begin();
        pool.broadcast(|thread| {
            for group in &shares[thread.index()] {
                decode::<M>(&frame, group);
            }
        });
        M::end(frame);
    }
}

/// Decodes rounds of whole frames with one thread each, and other threads of `pool` in each round.
/// Each of `shares` gives a frame its part of `total_bytes`. All frames of a round are open before
/// the first ends.
pub(crate) fn decode_frame_parallel<M: Memory>(
    memory: &M,
    pool: &rayon::ThreadPool,
    rounds: usize,
    total_bytes: usize,
    shares: &[usize],
    numbers: &mut Numbers,
) {
    let threads = pool.current_num_threads();
    let unit_bytes = total_bytes / shares.iter().sum::<usize>();
    for round in 0..rounds {
        let frames: Vec<Vec<Group>> = shares
            .iter()
            .map(|share| frame_groups(numbers, unit_bytes * share))
            .collect();
        let all_filled = Barrier::new(frames.len());
        pool.broadcast(|thread| {
            let turn = (thread.index() + round * 3) % threads;
            let Some(groups) = frames.get(turn) else {
                return;
            };
            let frame = memory.begin();
            for group in groups {
                decode::<M>(&frame, group);
            }
            all_filled.wait();
            M::end(frame);
        });
    }
}

fn decode<M: Memory>(frame: &M::Frame<'_>, group: &Group) {
    for &bytes in group {
        M::buffer(frame, bytes);
    }
}

/// A new pool for each run, so that threads of earlier runs do not take part.
pub(crate) fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}
