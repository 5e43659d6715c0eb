//! Rectangles that share what was decoded for all of them.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use frame_arena::Arena;
use jxl_arena::{CallingThread, Decoder, Error, Region, Regions, Stop};

use super::{Whole, decode_shared};
use crate::sample_table::LARGE;
use crate::support::{StopCalls, sample_bytes};

const THREADS: usize = 8;

/// Rectangles of the large sample, in nine columns and three rows of groups.
fn tiles() -> impl Iterator<Item = Region> + Clone {
    (0..24).map(|index| Region::new(index * 80, index % 5 * 90, 200, 150))
}

/// A decoder whose threads are those that call it.
fn decoder(arena: Arena) -> Decoder {
    Decoder::new(arena).with_runner(Arc::new(CallingThread))
}

/// Decodes all tiles on each of eight threads at once.
fn on_threads<R: Send>(check: impl Fn(Region) -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let decode_all = |first: usize| tiles().cycle().skip(first).take(24).map(&check);
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || decode_all(3 * thread).collect::<Vec<R>>()))
            .collect();
        let results = threads.into_iter().map(|thread| thread.join().unwrap());
        results.flatten().collect()
    })
}

#[test]
fn threads_decode_at_once_and_after_a_refusal() {
    let file = sample_bytes(LARGE[0].name);
    let arena = Arena::builder().limit_bytes(32 << 20).build();
    let picture = decoder(arena.clone()).read(&file).unwrap();
    let whole = Whole::decode(&picture).unwrap();
    let regions = picture.regions().unwrap();
    let live_bytes = arena.snapshot().live_bytes;
    let are_equal =
        |region: Region| decode_shared(&regions, region).unwrap() == whole.cropped(region);
    assert!(on_threads(are_equal).into_iter().all(|is_equal| is_equal));
    // Nothing is left for a rectangle.
    let others = arena.frame();
    let charge = others.charge_for("others", (32 << 20) - live_bytes - (64 << 10));
    let errors = on_threads(|region| decode_shared(&regions, region).unwrap_err());
    let are_memory = errors.iter().all(|error| matches!(error, Error::Memory(_)));
    assert!(are_memory, "{errors:?}");
    drop(charge.unwrap());
    drop(others);
    assert_eq!(arena.snapshot().live_bytes, live_bytes);
    assert!(on_threads(are_equal).into_iter().all(|is_equal| is_equal));
    drop(regions);
    assert!(arena.snapshot().live_bytes < live_bytes);
}

/// Stops the decode that calls it for the given time.
struct StopAt(AtomicUsize);

impl Stop for StopAt {
    fn is_stopped(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) == 1
    }
}

#[test]
fn a_stopped_rectangle_stops_no_other() {
    let file = sample_bytes(LARGE[0].name);
    let whole = Whole::decode(&Decoder::default().read(&file).unwrap()).unwrap();
    let stop = Arc::new(StopAt(AtomicUsize::new(usize::MAX)));
    let decoder = decoder(Arena::new()).with_stop(stop.clone());
    let picture = decoder.read(&file).unwrap();
    let regions = picture.regions().unwrap();
    stop.0.store(500, Ordering::Relaxed);
    let stopped = on_threads(|region| match decode_shared(&regions, region) {
        Ok(pixels) => {
            assert!(pixels == whole.cropped(region));
            0
        }
        Err(Error::Stopped) => 1,
        Err(error) => panic!("{error}"),
    });
    assert_eq!(stopped.into_iter().sum::<usize>(), 1);
}

#[test]
fn lf_groups_are_decoded_once() {
    let file = sample_bytes(LARGE[0].name);
    let count = Arc::new(StopCalls::default());
    let decoder = decoder(Arena::new()).with_stop(count.clone());
    let picture = decoder.read(&file).unwrap();
    let (region, layout) = (Region::new(900, 100, 300, 300), picture.info().layout());
    let mut pixels = super::buffer(region, layout);
    let calls = || count.take();
    picture
        .decode_region_into(region, layout, &mut pixels)
        .unwrap();
    let anew = calls();
    let regions = picture.regions().unwrap();
    let lf = calls();
    regions.decode_into(region, layout, &mut pixels).unwrap();
    let first = calls();
    regions.decode_into(region, layout, &mut pixels).unwrap();
    assert_eq!(calls(), first);
    // The rectangle alone depends on one of the two LF groups.
    assert!(
        lf > 0 && first < anew && anew <= first + lf,
        "{anew}, {lf}, {first}"
    );
}

#[test]
fn rectangles_take_at_most_what_is_planned() {
    for name in [
        LARGE[0].name,
        "vardct_groups",
        "rgb8_e3_g0",
        "lf_frame",
        "layers_vardct",
    ] {
        let file = sample_bytes(name);
        let arena = Arena::new();
        let decoder = decoder(arena.clone()).reserving();
        let picture = decoder.read(&file).unwrap();
        let whole = Whole::decode(&picture).unwrap();
        let regions = picture.regions().unwrap();
        let live_bytes = arena.snapshot().live_bytes;
        for region in whole.regions().into_iter().step_by(5) {
            let plan = regions.plan(region, NonZeroUsize::MIN).unwrap();
            let of_picture = picture.plan_region(region, NonZeroUsize::MIN).unwrap();
            assert!(
                plan.held_bytes() <= of_picture.held_bytes(),
                "{name}, {region}"
            );
            let pixels = decode_shared(&regions, region).unwrap();
            assert!(pixels == whole.cropped(region), "{name}, {region}");
        }
        let snapshot = arena.snapshot();
        assert_eq!(snapshot.beyond_plan_bytes, 0, "{name}");
        assert_eq!(snapshot.live_bytes, live_bytes, "{name}");
    }
}

#[test]
fn regions_are_shared_by_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Regions<'_>>();
}

#[test]
fn rectangles_outside_of_the_picture_are_refused() {
    let file = sample_bytes(LARGE[0].name);
    let regions = Decoder::default().read(&file).unwrap().into_regions();
    let regions = regions.unwrap();
    let width = regions.info().width;
    for region in [Region::new(0, 0, 0, 5), Region::new(width, 0, 1, 1)] {
        let refused = decode_shared(&regions, region);
        assert!(matches!(refused, Err(Error::Output(_))), "{refused:?}");
    }
}
