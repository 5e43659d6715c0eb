//! Workers that share one limit in every possible way: shares, waiting for room, reserves,
//! collections, owned frames and shared pictures, with sleeps and panics in between.

use std::panic::resume_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use frame_arena::{
    AllocError, Arena, FramePlan, OwnedPlane, PictureLayout, PlanRequest, PlaneAlloc, RawBuffer,
    RawLayout, Scope, SharedPicture,
};

use super::random::Random;
use super::work::{Planned, ends_by_plan};

const MIB: usize = 1 << 20;

/// Longer than any turn of others, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Counts of events over all workers.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) done: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) panicked: AtomicU64,
    pub(crate) waited: AtomicU64,
    pub(crate) received: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Memory that one worker leaves for another, which drops it.
enum Parcel {
    Picture(SharedPicture<u16>, u16),
    Plane(OwnedPlane<u16>, u16),
    Raw(RawBuffer, u8),
    Allotted(Arena),
}

impl Parcel {
    fn check(&self) {
        match self {
            Self::Picture(picture, value) => {
                let rows = picture.plane_with_border(2).rows();
                assert!(rows.flatten().all(|sample| sample == value));
            }
            Self::Plane(plane, value) => {
                assert!(plane.rows().flatten().all(|sample| sample == value));
            }
            Self::Raw(buffer, value) => {
                assert!(buffer.as_slice().iter().all(|byte| byte == value));
            }
            Self::Allotted(own) => assert_eq!(own.snapshot().charged_bytes, 0),
        }
    }
}

/// Workers of one arena.
pub(crate) struct Yard {
    pub(crate) arena: Arena,
    parcels: Mutex<Vec<Parcel>>,
    pub(crate) counts: Counts,
}

impl Yard {
    pub(crate) fn new(arena: Arena) -> Self {
        Self {
            arena,
            parcels: Mutex::new(Vec::new()),
            counts: Counts::default(),
        }
    }

    /// Checks all parcels, and drops them. A worker does so before it waits for room: if all
    /// waited, parcels would keep that room for ever.
    fn fetch_all(&self) {
        let left = std::mem::take(&mut *self.parcels.lock().expect("no panic under it"));
        for parcel in left {
            parcel.check();
            count(&self.counts.received);
        }
    }

    /// Lets the worker do `rounds` pieces of work, each of which may panic or be refused. Returns
    /// the worker's share, of which another worker may still hold parcels.
    pub(crate) fn work(&self, worker: u64, rounds: u64) -> Arena {
        let share = self.arena.share(10 * MIB).expect("memory");
        for round in 0..rounds {
            let mut random = Random::new(worker << 32 | round << 8 | 1);
            let outcome = ends_by_plan(|| match (worker + round) % 6 {
                0 => self.in_a_scope(&share, &mut random),
                1 => self.by_turns(&mut random),
                2 => self.reserved(&mut random),
                3 => self.owned(&share, &mut random),
                4 => self.parcel(&self.arena, &mut random),
                _ => self.in_a_scope(&self.arena, &mut random),
            });
            count(match outcome {
                None => &self.counts.panicked,
                Some(Ok(())) => &self.counts.done,
                Some(Err(AllocError::LimitExceeded { .. })) => &self.counts.refused,
                Some(Err(refused)) => panic!("{refused}"),
            });
            self.fetch(&mut random);
        }
        self.fetch_all();
        assert!(share.snapshot().peak_held_bytes <= 10 * MIB);
        share
    }

    fn rest(&self, random: &mut Random) {
        if random.once_in(2) {
            sleep(Duration::from_micros(random.below(500) as u64));
        }
        if random.once_in(12) {
            resume_unwind(Box::new(Planned));
        }
    }

    fn send(&self, parcel: Parcel) {
        let mut parcels = self.parcels.lock().expect("no panic under it");
        parcels.push(parcel);
    }

    /// Checks a parcel of another worker, and drops it.
    fn fetch(&self, random: &mut Random) {
        let mut parcels = self.parcels.lock().expect("no panic under it");
        if parcels.len() < 4 {
            return;
        }
        let index = random.below(parcels.len());
        let parcel = parcels.swap_remove(index);
        drop(parcels);
        parcel.check();
        count(&self.counts.received);
    }

    fn in_a_scope(&self, arena: &Arena, random: &mut Random) -> Result<(), AllocError> {
        let frame = arena.frame();
        let value = random.next();
        let slice = frame.slice_from_fn::<u64>(1 + random.below(40_000), |_| value)?;
        let stage = frame.stage("lists");
        self.lists(&stage, random)?;
        let charge = stage.charge(random.below(MIB))?;
        self.rest(random);
        let scratch = stage.scratch();
        let part = scratch.copied_slice(slice)?;
        drop(charge);
        self.lists(&frame, random)?;
        assert!(part.iter().chain(slice.iter()).all(|&other| other == value));
        Ok(())
    }

    #[cfg(not(any(feature = "allocator-api2-02", feature = "allocator-api2-04")))]
    fn lists(&self, _: &Scope, _: &mut Random) -> Result<(), AllocError> {
        Ok(())
    }

    /// Vectors of a scope and a scratch that grow by turns, and are refused at times.
    #[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
    fn lists(&self, scope: &Scope, random: &mut Random) -> Result<(), AllocError> {
        #[cfg(feature = "allocator-api2-02")]
        use allocator_api2_02 as api;
        #[cfg(not(feature = "allocator-api2-02"))]
        use allocator_api2_04 as api;

        use api::vec::Vec;

        let scratch = scope.scratch();
        let salt = random.next();
        let mut pairs: Vec<(u8, u64), _> = Vec::new_in(scope);
        let mut bytes: Vec<u8, _> = Vec::new_in(&scratch);
        for index in 0..random.below(9000) as u64 {
            if pairs.try_reserve(1).is_err() || bytes.try_reserve(1).is_err() {
                count(&self.counts.refused);
                break;
            }
            pairs.push((index as u8, salt ^ index));
            bytes.push(index as u8);
            if index % 3000 == 1000 {
                self.rest(random);
            }
        }
        let mut expected = (0..).map(|index: u64| (index as u8, salt ^ index));
        assert!(pairs.iter().all(|&pair| Some(pair) == expected.next()));
        pairs.truncate(random.below(pairs.len() + 1));
        pairs.shrink_to_fit();
        let mut expected = (0..).map(|index: u64| (index as u8, salt ^ index));
        assert!(pairs.iter().all(|&pair| Some(pair) == expected.next()));
        assert!(
            bytes
                .iter()
                .enumerate()
                .all(|(index, &byte)| byte == index as u8)
        );
        Ok(())
    }

    /// Waits for most of the limit.
    fn by_turns(&self, random: &mut Random) -> Result<(), AllocError> {
        self.fetch_all();
        let bytes = (6 + random.below(6)) * MIB;
        let own = self.arena.allot_timeout(bytes, PATIENCE)?;
        count(&self.counts.waited);
        let frame = own.frame();
        let value = random.next();
        // Allotted memory is available, whatever others do.
        let slice = frame.slice::<u64>((bytes - MIB) / 8)?;
        slice.fill(value);
        self.rest(random);
        assert!(slice.iter().all(|&other| other == value));
        drop(frame);
        if random.once_in(4) {
            self.send(Parcel::Allotted(own.share(MIB)?));
        }
        Ok(())
    }

    fn reserved(&self, random: &mut Random) -> Result<(), AllocError> {
        let bytes = 1 + random.below(3 * MIB);
        let mut plan = FramePlan::new(&self.arena);
        plan.frame(|frame| {
            frame.bytes(bytes)?;
            frame.stage("stage", |stage| stage.bytes(bytes / 2))
        })?;
        self.fetch_all();
        let own = self.arena.reserve_timeout(&plan, PATIENCE)?;
        count(&self.counts.waited);
        for value in 0..2 {
            let frame = own.frame();
            let slice = frame.slice::<u8>(bytes)?;
            slice.fill(value);
            let stage = frame.stage("stage");
            self.rest(random);
            stage.slice::<u8>(bytes / 2)?.fill(!value);
            assert!(slice.iter().all(|&byte| byte == value));
        }
        Ok(())
    }

    fn owned(&self, arena: &Arena, random: &mut Random) -> Result<(), AllocError> {
        let frame = arena.owned_frame()?;
        let value = random.next() as u16;
        let stage = frame.owned_stage("stage")?;
        let mut plane = stage.owned_plane::<u16>(100 + random.below(400), 200)?;
        plane.view_mut().fill(value);
        self.rest(random);
        let other = frame.owned_slice::<u8>(1 + random.below(100_000))?;
        drop((stage, frame));
        assert!(other.iter().all(|&byte| byte == 0));
        // Keeps its stage and frame open until another worker drops it.
        self.send(Parcel::Plane(plane, value));
        Ok(())
    }

    fn parcel(&self, arena: &Arena, random: &mut Random) -> Result<(), AllocError> {
        let value = random.next() as u16;
        let width = 16 + random.below(300);
        let layout = PictureLayout::yuv420(width, 120).border(16);
        let mut picture = arena.stale_detached_picture::<u16>(&layout)?;
        picture.plane_with_border_mut(2).fill(value);
        self.rest(random);
        let picture = picture.into_shared();
        for _ in 0..random.below(4) {
            self.send(Parcel::Picture(picture.clone(), value));
        }
        let mut buffer = arena.raw_buffer(RawLayout::new(1 + random.below(200_000)))?;
        buffer.as_mut_slice().fill(value as u8);
        self.send(Parcel::Raw(buffer, value as u8));
        Ok(())
    }
}
