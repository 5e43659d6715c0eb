//! Frames and stages as spans. This program has no other tests: if a thread without a subscriber
//! reaches a span first, `tracing` may switch the span off for every thread.

use std::sync::{Arc, Mutex};

use frame_arena::{Arena, PlaneAlloc};

const PLANE_BYTES: u64 = 200 * 256 * 4;

/// Names of spans in the order in which they were made, and their recorded values.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Spans {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        let mut lines = self.0.lock().unwrap();
        let parent = span.parent().map_or(0, tracing::span::Id::into_u64);
        lines.push(format!("{} in {parent}", span.metadata().name()));
        tracing::span::Id::from_u64(lines.len() as u64)
    }
    fn record(&self, span: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        let mut lines = self.0.lock().unwrap();
        values.record(
            &mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                lines.push(format!("{}: {} {value:?}", span.into_u64(), field.name()));
            },
        );
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn a_stage_is_a_span_in_its_frame_with_the_bytes_it_granted() {
    let spans = Spans::default();
    tracing::subscriber::with_default(spans.clone(), || {
        let arena = Arena::new();
        let frame = arena.frame();
        let stage = frame.stage("coefficients");
        let _ = stage.plane::<i32>(250, 200).unwrap();
    });
    let lines = spans.0.lock().unwrap();
    assert_eq!(lines[..2], ["frame in 0", "stage in 1"]);
    assert_eq!(lines[2], format!("2: requested_bytes {PLANE_BYTES}"));
    assert!(lines.contains(&"1: requested_bytes 0".to_owned()));
}
