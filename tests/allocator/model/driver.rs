//! Runs a random program of operations on an arena. Compares the statistics and the samples with a
//! plain model.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use frame_arena::{
    Arena, ArenaBuilder, Charge, Frame, FrameReport, Retention, Scope, Scratch, Stage, TileGrid,
};

use super::collections::Lists;
use super::held::{Held, Rows};
use super::oracle;
use super::request::{self, pattern};
use super::stats::Stats;
use super::tape::Tape;

const DEEPEST: usize = 5;

/// A panic that is part of a program.
pub(crate) struct Planned;

/// The ways to end a scope.
#[derive(PartialEq)]
pub(crate) enum End {
    Drop,
    Forget,
}

/// Memory held from a scope, whose contents are computed from `tag`.
pub(crate) struct Item<'s> {
    pub(crate) held: Box<dyn Held + 's>,
    pub(crate) range: Range<usize>,
    pub(crate) tag: u32,
}

pub(crate) struct Outliver {
    pub(crate) rows: Box<dyn Rows>,
    pub(crate) range: Range<usize>,
    pub(crate) tag: u32,
}

pub(crate) struct World {
    pub(crate) arena: Arena,
    builder: ArenaBuilder,
    pub(crate) stats: Stats,
    pub(crate) large_request_bytes: usize,
    pub(crate) next_tag: u32,
    pub(crate) detached: Vec<Outliver>,
    /// Whether there are collections. Some programs have none, because misses cannot be predicted
    /// in memory that collections used.
    pub(crate) has_collections: bool,
    charges: Vec<Charge>,
    retention: Retention,
    may_forget: bool,
    forgot: bool,
}

/// Runs the program of `bytes`. Scopes are forgotten only if they `may_forget`: that leaks.
pub(crate) fn run(bytes: &[u8], may_forget: bool) {
    super::freed::clear();
    let mut tape = Tape::new(bytes);
    let mut world = World::new(&mut tape, may_forget);
    while !tape.is_at_end() {
        match tape.pick(8) {
            0 | 1 => world.arena_operation(&mut tape),
            2 => world.ask_oracle(&mut tape),
            _ => world.frame(&mut tape, 0),
        }
        world.check();
    }
    world.finish();
}

impl World {
    fn new(tape: &mut Tape<'_>, may_forget: bool) -> Self {
        let retention = match tape.pick(4) {
            0 => Retention::KeepAll,
            1 => Retention::UpTo {
                bytes: tape.below(65536) * 16,
            },
            frames => Retention::Decay {
                frames: frames as u32 - 2 + tape.pick(2) as u32,
            },
        };
        let limit_bytes = match tape.pick(3) {
            0 => usize::MAX,
            1 => 1 << 20,
            _ => tape.below(65536) * 8,
        };
        let block_bytes = [4096, 16384, 10_000, 65536][tape.pick(4)];
        let scratch_block_bytes = [4096, 8192, 5001, 65536][tape.pick(4)];
        let has_collections = tape.pick(3) == 0;
        let builder = Arena::builder()
            .retention(retention)
            .limit_bytes(limit_bytes)
            .block_bytes(block_bytes)
            .scratch_block_bytes(scratch_block_bytes)
            // This allocator records the memory that is released to it.
            .global_allocator();
        Self {
            arena: builder.build(),
            builder,
            has_collections,
            stats: Stats::default(),
            large_request_bytes: block_bytes / 2,
            next_tag: 1,
            detached: Vec::new(),
            charges: Vec::new(),
            retention,
            may_forget,
            forgot: false,
        }
    }

    /// Compares the statistics of the arena with the model.
    pub(crate) fn check(&self) {
        let is = self.arena.snapshot();
        let must = &self.stats;
        assert_eq!(is.live_bytes, must.live, "live");
        assert_eq!(is.peak_bytes, must.peak, "peak");
        assert_eq!(is.charged_bytes, must.charged, "charged");
        assert_eq!(is.open_frames, must.open_frames, "open frames");
        assert_eq!(is.frames, must.ended_frames, "ended frames");
        assert_eq!(is.wasted_bytes, is.in_use_bytes - is.live_bytes, "wasted");
        let held = is.in_use_bytes + is.retained_bytes + is.charged_bytes;
        assert!(held <= is.peak_held_bytes && is.peak_held_bytes <= is.limit_bytes);
        if let Retention::UpTo { bytes } = self.retention {
            assert!(is.retained_bytes <= bytes, "retained");
        }
        request::check_kinds(&is.kinds, &must.requests, &must.forgotten);
    }

    fn arena_operation(&mut self, tape: &mut Tape<'_>) {
        match tape.pick(6) {
            0 => {
                self.arena.trim();
                assert_eq!(self.arena.snapshot().retained_bytes, 0);
            }
            1 => self.detached_operation(tape),
            2 => request::detached_plane(self, tape),
            3 => {
                self.stats.charged -= self.charges.pop().map_or(0, |charge| charge.bytes());
            }
            _ => self.check(),
        }
    }

    fn detached_operation(&mut self, tape: &mut Tape<'_>) {
        if self.detached.is_empty() {
            return;
        }
        let mut plane = self.detached.swap_remove(tape.pick(self.detached.len()));
        plane
            .rows
            .see(&mut |index, y, row| pattern::see(plane.tag, index, y, row));
        if tape.pick(2) == 0 {
            plane.tag = self.tag();
            plane
                .rows
                .write(&mut |index, y, row| pattern::write(plane.tag, index, y, row));
            self.detached.push(plane);
        } else {
            drop(plane.rows);
            self.stats.drop_detached(&plane.range);
        }
    }

    pub(crate) fn tag(&mut self) -> u32 {
        self.next_tag += 1;
        self.next_tag
    }

    /// Opens a frame, works in it, and ends it, sometimes by a panic.
    fn frame(&mut self, tape: &mut Tape<'_>, depth: usize) {
        let frame = self.arena.frame();
        let index = self.stats.open_frame();
        let scope = self.stats.open_scope(index);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let end = self.scope(&frame, scope, tape, depth);
            (frame, end)
        }));
        match ended {
            Ok((frame, End::Drop)) => {
                self.stats.close_scope();
                self.finish_frame(frame, index, tape);
            }
            Ok((frame, End::Forget)) => {
                self.forgot = true;
                std::mem::forget(frame);
                self.stats.forget_scope();
            }
            Err(panic) => {
                self.unwind(panic, scope);
                self.stats.end_frame(index);
            }
        }
    }

    fn finish_frame(&mut self, frame: Frame, index: usize, tape: &mut Tape<'_>) {
        if tape.pick(3) > 0 {
            let report: FrameReport = frame.finish();
            let stats = &self.stats.frames[index];
            let peaks = stats.peak..=stats.most_peak;
            assert!(peaks.contains(&report.peak_bytes), "peak of the frame");
            if !self.forgot {
                assert_eq!(report.live_bytes, 0, "live after the frame");
            }
            request::check_kinds(&report.kinds, &stats.requests, &self.stats.forgotten);
            if !self.forgot {
                assert_eq!(report.requests, stats.requests.count);
                let bytes = stats.requests.bytes..=stats.requests.most_bytes();
                assert!(bytes.contains(&report.requested_bytes));
            }
        }
        self.stats.end_frame(index);
    }

    /// Notes that a panic dropped the scopes down to `scope`.
    fn unwind(&mut self, panic: Box<dyn Any + Send>, scope: usize) {
        if !panic.is::<Planned>() {
            resume_unwind(panic);
        }
        while self.stats.open_scopes() > scope {
            self.stats.close_scope();
        }
    }

    /// Works in a frame or stage.
    fn scope(&mut self, scope: &Scope, id: usize, tape: &mut Tape<'_>, depth: usize) -> End {
        let mut items: Vec<Item<'_>> = Vec::new();
        let mut lists = Lists::new();
        let end = loop {
            match tape.pick(18) {
                0..6 => request::of_scope(self, scope, id, tape, &mut items),
                6 => self.rewrite(tape, &mut items),
                7 if depth < DEEPEST => self.stage(scope, id, tape, depth + 1),
                8 | 9 if depth < DEEPEST => self.scratch(scope, id, tape, depth + 1),
                10 => self.detach(scope, Some(id), tape, &mut items),
                11 => self.charge(scope, tape),
                12 => self.arena_operation(tape),
                13 if depth < DEEPEST && tape.pick(2) == 0 => self.frame(tape, depth + 1),
                14 if tape.pick(8) == 0 && self.may_forget => break End::Forget,
                14 if tape.pick(8) == 0 => resume_unwind(Box::new(Planned)),
                15 => break End::Drop,
                16 | 17 => lists.operation(self, scope, id, tape),
                _ => {}
            }
            self.check();
            if tape.is_at_end() {
                break End::Drop;
            }
        };
        self.end(&items);
        lists.end(self, id, tape);
        end
    }

    fn stage(&mut self, parent: &Scope, id: usize, tape: &mut Tape<'_>, depth: usize) {
        const NAMES: [&str; 3] = ["coefficients", "filters", "upsampling"];
        let name = NAMES[tape.pick(NAMES.len())];
        let inner = self.stats.open_scope(self.stats.frame_of(id));
        let stage: Stage<'_> = parent.stage(name);
        let end = self.scope(&stage, inner, tape, depth);
        self.end_scope(stage, end);
    }

    /// Works in a scratch, with requests of its scope in between.
    fn scratch(&mut self, scope: &Scope, id: usize, tape: &mut Tape<'_>, depth: usize) {
        let inner = self.stats.open_scope(self.stats.frame_of(id));
        let scratch: Scratch<'_> = scope.scratch();
        let end = self.in_scratch(&scratch, inner, scope, tape, depth);
        self.end_scope(scratch, end);
    }

    fn in_scratch(
        &mut self,
        scratch: &Scratch<'_>,
        id: usize,
        scope: &Scope,
        tape: &mut Tape<'_>,
        depth: usize,
    ) -> End {
        let mut items: Vec<Item<'_>> = Vec::new();
        let mut lists = Lists::new();
        let end = loop {
            match tape.pick(14) {
                0..5 => request::of_scratch(self, scratch, id, tape, &mut items),
                5 => self.rewrite(tape, &mut items),
                7 if depth < DEEPEST => self.stage(scope, id, tape, depth + 1),
                8 if depth < DEEPEST => self.scratch(scope, id, tape, depth + 1),
                9 => self.detach(scope, None, tape, &mut items),
                10 if tape.pick(8) == 0 && self.may_forget => break End::Forget,
                11 => break End::Drop,
                12 | 13 => lists.operation(self, scratch, id, tape),
                _ => {}
            }
            self.check();
            if tape.is_at_end() {
                break End::Drop;
            }
        };
        self.end(&items);
        lists.end(self, id, tape);
        end
    }

    fn end_scope<S>(&mut self, scope: S, end: End) {
        if end == End::Forget {
            self.forgot = true;
            std::mem::forget(scope);
            self.stats.forget_scope();
        } else {
            drop(scope);
            self.stats.close_scope();
        }
    }

    /// Checks the contents of everything that a scope granted.
    fn end(&self, items: &[Item<'_>]) {
        for item in items {
            item.held
                .see(&mut |index, y, row| pattern::see(item.tag, index, y, row));
        }
    }

    fn rewrite(&mut self, tape: &mut Tape<'_>, items: &mut [Item<'_>]) {
        let count = items.len();
        let Some(item) = items.get_mut(tape.pick(count.max(1))) else {
            return;
        };
        item.held
            .see(&mut |index, y, row| pattern::see(item.tag, index, y, row));
        if tape.pick(2) == 0 {
            let grid = TileGrid::new(tape.pick(40), tape.pick(20));
            let grid = grid.first(tape.pick(50), tape.pick(30));
            item.held.write(&mut |_, _, row| row.fill(0));
            item.held
                .write_tiles(grid, &mut |_, _, row| row.iter_mut().for_each(|b| *b += 1));
            item.held.see(&mut |_, _, row| {
                assert!(row.iter().all(|&b| b == 1), "tiles cover a plane once");
            });
        }
        item.tag = self.tag();
        item.held
            .write(&mut |index, y, row| pattern::write(item.tag, index, y, row));
    }

    fn charge(&mut self, scope: &Scope, tape: &mut Tape<'_>) {
        let bytes = match tape.pick(8) {
            0 => usize::MAX,
            _ => tape.below(65536) * 3,
        };
        let before = self.arena.snapshot();
        match scope.charge(bytes) {
            Ok(charge) => {
                self.stats.charged += bytes;
                self.charges.push(charge);
            }
            Err(refused) => request::check_refusal(self, &before, refused, bytes),
        }
    }

    /// Detaches the newest item. `owner` is the scope, if it granted the item.
    fn detach(
        &mut self,
        scope: &Scope,
        owner: Option<usize>,
        tape: &mut Tape<'_>,
        items: &mut Vec<Item<'_>>,
    ) {
        if items.is_empty() {
            return;
        }
        let item = items.swap_remove(tape.pick(items.len()));
        let before = self.arena.snapshot();
        // For a plane of hardly more than a page, rounding may be most of its run.
        let large = item.range.len() > self.large_request_bytes.max(2 * 4096);
        let rows = match item.held.detach(scope) {
            None => return,
            Some(Err(refused)) => {
                assert!(owner.is_none() || !large, "a move needs no memory");
                return request::check_refusal(self, &before, refused, item.range.len());
            }
            Some(Ok(rows)) => rows,
        };
        let start = request::address(&*rows);
        let range = start..start + item.range.len();
        let moved = range == item.range && !range.is_empty();
        assert!(moved || owner.is_none() || !large, "a large plane is moved");
        if moved {
            let owner = owner.expect("only the scope that granted it moves a plane");
            self.stats.move_out(owner, &range);
        } else {
            self.stats.grant_detached(range.clone());
        }
        rows.see(&mut |index, y, row| pattern::see(item.tag, index, y, row));
        let tag = item.tag;
        self.detached.push(Outliver { rows, range, tag });
    }

    /// Drops items outside of all scopes.
    fn drop_outlivers(&mut self) {
        for plane in std::mem::take(&mut self.detached) {
            plane
                .rows
                .see(&mut |index, y, row| pattern::see(plane.tag, index, y, row));
            self.stats.drop_detached(&plane.range);
        }
        self.charges.clear();
        self.stats.charged = 0;
        self.check();
    }

    /// While nothing is open, compares the arena with a new one, whose outcomes must be the same.
    /// That holds with a limit; without one, retained memory is used differently.
    fn ask_oracle(&mut self, tape: &mut Tape<'_>) {
        if self.forgot || self.arena.snapshot().limit_bytes == usize::MAX {
            return;
        }
        self.drop_outlivers();
        oracle::compare(&self.arena, &self.builder.build(), tape);
        self.stats.follow(&self.arena.snapshot());
        self.check();
    }

    /// Drops everything, and checks that only forgotten memory remains.
    fn finish(mut self) {
        self.drop_outlivers();
        let is = self.arena.snapshot();
        if !self.forgot {
            assert_eq!((is.live_bytes, is.in_use_bytes), (0, 0));
        }
        if let Retention::Decay { frames } = self.retention {
            // The count waits for a forgotten frame while 256 others end, and before that perhaps
            // for another one.
            let waited = if self.forgot { 2 * 256 } else { 0 };
            (0..=frames + waited).for_each(|_| drop(self.arena.frame()));
            assert_eq!(self.arena.snapshot().retained_bytes, 0, "decayed");
        }
        self.arena.trim();
        assert_eq!(self.arena.snapshot().retained_bytes, 0, "trimmed");
        assert_eq!(self.arena.snapshot().in_use_bytes, is.in_use_bytes);
    }
}
