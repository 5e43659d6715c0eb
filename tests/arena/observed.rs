//! Optional features that observe frames: serialized reports, metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use frame_arena::{Arena, ArenaSnapshot, FrameReport, PlaneAlloc};

const PLANE_BYTES: u64 = 200 * 256 * 4;

fn frame(arena: &Arena) -> FrameReport {
    let frame = arena.frame();
    frame
        .with_stage("coefficients", |stage| {
            stage.plane::<i32>(250, 200).map(|_| ())
        })
        .unwrap();
    frame.finish()
}

#[test]
fn reports_survive_serialization() {
    let arena = Arena::new();
    let report = frame(&arena);
    assert_eq!(report.requested_bytes, PLANE_BYTES);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<FrameReport>(&text).unwrap(), report);
    let snapshot = arena.snapshot();
    let text = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(
        serde_json::from_str::<ArenaSnapshot>(&text).unwrap(),
        snapshot
    );
}

/// Keeps the sum of every counter and the last value of every gauge, by name and labels.
#[derive(Default)]
struct Recorder(Mutex<Vec<(String, Arc<AtomicU64>)>>);

impl Recorder {
    fn cell(&self, key: &metrics::Key) -> Arc<AtomicU64> {
        let labels: Vec<_> = key.labels().map(metrics::Label::value).collect();
        let name = format!("{} {}", key.name(), labels.join(" "));
        let mut cells = self.0.lock().unwrap();
        if let Some((_, cell)) = cells.iter().find(|(known, _)| *known == name) {
            return Arc::clone(cell);
        }
        let cell = Arc::new(AtomicU64::new(0));
        cells.push((name, Arc::clone(&cell)));
        cell
    }

    fn value(&self, name: &str) -> u64 {
        let cells = self.0.lock().unwrap();
        let (_, cell) = cells.iter().find(|(known, _)| known == name).unwrap();
        cell.load(Ordering::Relaxed)
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(
        &self,
        _: metrics::KeyName,
        _: Option<metrics::Unit>,
        _: metrics::SharedString,
    ) {
    }
    fn describe_gauge(
        &self,
        _: metrics::KeyName,
        _: Option<metrics::Unit>,
        _: metrics::SharedString,
    ) {
    }
    fn describe_histogram(
        &self,
        _: metrics::KeyName,
        _: Option<metrics::Unit>,
        _: metrics::SharedString,
    ) {
    }
    fn register_counter(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Counter {
        metrics::Counter::from_arc(self.cell(key))
    }
    fn register_gauge(&self, key: &metrics::Key, _: &metrics::Metadata<'_>) -> metrics::Gauge {
        metrics::Gauge::from_arc(self.cell(key))
    }
    fn register_histogram(
        &self,
        _: &metrics::Key,
        _: &metrics::Metadata<'_>,
    ) -> metrics::Histogram {
        metrics::Histogram::noop()
    }
}

#[test]
fn metrics_count_frames_misses_and_hits() {
    let recorder = Recorder::default();
    let arena = Arena::new();
    metrics::with_local_recorder(&recorder, || {
        for _ in 0..3 {
            frame(&arena);
        }
    });
    assert_eq!(recorder.value("frame_arena_frames "), 3);
    assert_eq!(recorder.value("frame_arena_misses i32 2-D"), 1);
    assert_eq!(recorder.value("frame_arena_hits i32 2-D"), 2);
    let peak = f64::from_bits(recorder.value("frame_arena_stage_peak_bytes coefficients"));
    assert_eq!(peak, PLANE_BYTES as f64);
}
