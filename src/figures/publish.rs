//! Figures of an ended frame for the `metrics` facade.

use super::FrameReport;

/// Publishes a frame's report: a counter of frames and of requests by kind and outcome, gauges of the frame's peaks.
pub(crate) fn publish(report: &FrameReport) {
    metrics::counter!("frame_arena_frames").increment(1);
    metrics::gauge!("frame_arena_frame_peak_bytes").set(report.peak_bytes as f64);
    metrics::gauge!("frame_arena_frame_peak_taken_bytes").set(report.peak_taken_bytes as f64);
    for kind in &report.kinds {
        let name = kind.kind.to_string();
        metrics::counter!("frame_arena_hits", "kind" => name.clone()).increment(kind.hits);
        metrics::counter!("frame_arena_misses", "kind" => name).increment(kind.misses);
    }
    for stage in &report.stages {
        metrics::gauge!("frame_arena_stage_peak_bytes", "stage" => stage.name.clone())
            .set(stage.peak_bytes as f64);
    }
}
