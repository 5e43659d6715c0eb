//! Statistics of an ended frame for the `metrics` facade.
//!
//! A key borrows its labels from tables that live as long as the process. So only the first frame
//! that shows a stage name allocates; a recorder may still do so itself.

use std::sync::{Mutex, OnceLock, PoisonError};

use metrics::{Key, Label, Level, Metadata, with_recorder};

use super::{FrameStats, KindTable};
use crate::sample::Kind;

static METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// Publishes a frame's stats: counters of frames and of requests by kind and outcome, and gauges of
/// the frame's peaks.
pub(crate) fn publish(frame: &FrameStats) {
    metrics::counter!("frame_arena_frames").increment(1);
    let (_, peak_bytes) = frame.live.read();
    metrics::gauge!("frame_arena_frame_peak_bytes").set(peak_bytes as f64);
    metrics::gauge!("frame_arena_frame_peak_taken_bytes").set(frame.taken.peak() as f64);
    let mut kinds = KindTable::new();
    frame.add_kinds_to(&mut kinds);
    for report in kinds.reports() {
        let labels = kind_labels(report.kind);
        count("frame_arena_hits", labels, report.hits);
        count("frame_arena_misses", labels, report.misses);
    }
    for (name, peak_bytes) in frame.stage_peaks() {
        if let Some(labels) = stage_labels(name) {
            let key = Key::from_static_labels("frame_arena_stage_peak_bytes", labels);
            with_recorder(|recorder| recorder.register_gauge(&key, &METADATA))
                .set(peak_bytes as f64);
        }
    }
}

fn count(name: &'static str, labels: &'static [Label], more: u64) {
    let key = Key::from_static_labels(name, labels);
    with_recorder(|recorder| recorder.register_counter(&key, &METADATA)).increment(more);
}

fn kind_labels(kind: Kind) -> &'static [Label] {
    static LABELS: OnceLock<[Label; Kind::COUNT]> = OnceLock::new();
    let labels = LABELS.get_or_init(|| {
        let mut kinds = Kind::all();
        std::array::from_fn(|_| {
            let kind = kinds.next().expect("as many kinds as are counted");
            Label::new("kind", kind.to_string())
        })
    });
    std::slice::from_ref(&labels[kind.index()])
}

/// Returns the labels of a stage name, which stay for the rest of the process, or `None` if there
/// is no memory for them.
fn stage_labels(name: &'static str) -> Option<&'static [Label]> {
    static LABELS: Mutex<Vec<(&'static str, &'static [Label])>> = Mutex::new(Vec::new());
    let mut known = LABELS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, labels)) = known.iter().find(|(known, _)| *known == name) {
        return Some(labels);
    }
    known.try_reserve(1).ok()?;
    let mut labels = Vec::new();
    labels.try_reserve_exact(1).ok()?;
    labels.push(Label::from_static_parts("stage", name));
    let labels: &'static [Label] = labels.leak();
    known.push((name, labels));
    Some(labels)
}
