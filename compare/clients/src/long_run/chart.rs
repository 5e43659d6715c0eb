//! The curves of all strategies as an SVG picture.

use super::svg::{Anchor, Point, Svg};
use super::{LongRun, Sample};
use crate::strategy::Strategy;

const SIZE: (u32, u32) = (1000, 560);
const LEFT: f64 = 70.0;
const RIGHT: f64 = 820.0;
const TOP: f64 = 70.0;
const BOTTOM: f64 = 500.0;

const GRID: &str = "#e1e0d9";
const AXIS: &str = "#898781";
const NEED: &str = "#e8e6df";

/// Pixels between the names of two curves.
const NAME_STEP: f64 = 20.0;

/// Left edge of the names of the curves.
const NAMES: f64 = RIGHT + 40.0;

/// The scales of both axes.
struct Scales {
    pictures: f64,
    mebibytes: f64,
}

impl Scales {
    fn of(runs: &[(Strategy, LongRun)]) -> Self {
        let samples = || runs.iter().flat_map(|(_, run)| &run.curve.samples);
        let most = |value: fn(&Sample) -> u64| samples().map(value).max().unwrap_or(1).max(1);
        let most_bytes = most(|s| s.resident_bytes.max(s.live_bytes));
        Self {
            pictures: most(|s| s.pictures) as f64,
            mebibytes: mebibytes(most_bytes) * 1.05,
        }
    }

    fn point(&self, pictures: u64, bytes: u64) -> Point {
        (
            LEFT + (RIGHT - LEFT) * pictures as f64 / self.pictures,
            self.height(mebibytes(bytes)),
        )
    }

    fn height(&self, mebibytes: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * mebibytes / self.mebibytes
    }
}

/// Draws resident memory over pictures: a line for each strategy, in front of an area for the bytes
/// that the pictures needed.
pub fn draw(runs: &[(Strategy, LongRun)], threads: usize) -> String {
    let scales = Scales::of(runs);
    let mut svg = Svg::new(SIZE.0, SIZE.1);
    svg.text(
        (LEFT, 30.0),
        Anchor::Start,
        18,
        &format!("Resident memory while {threads} threads decode pictures of mixed sizes"),
    );
    draw_need(&mut svg, runs, &scales);
    draw_axes(&mut svg, &scales);
    for (strategy, run) in runs {
        let samples = run.curve.samples.iter();
        let mut points = vec![scales.point(0, 0)];
        points.extend(samples.map(|s| scales.point(s.pictures, s.resident_bytes)));
        let (color, width) = style(*strategy);
        svg.line(&points, color, width);
    }
    draw_names(&mut svg, runs, &scales);
    svg.finish()
}

fn style(strategy: Strategy) -> (&'static str, f64) {
    match strategy {
        Strategy::FrameArena => ("#2a78d6", 3.0),
        Strategy::VecJemalloc => ("#1baf7a", 1.5),
        Strategy::VecMimalloc2 => ("#eda100", 1.5),
        Strategy::VecMimalloc => ("#e34948", 1.5),
        _ => ("#52514e", 1.5),
    }
}

/// Draws and names the area for the need: the most bytes live between two samples, as the first
/// strategy had them.
fn draw_need(svg: &mut Svg, runs: &[(Strategy, LongRun)], scales: &Scales) {
    let Some((_, run)) = runs.first() else {
        return;
    };
    let mut points = vec![scales.point(0, 0)];
    let mut last = 0;
    for sample in &run.curve.samples {
        points.push(scales.point(last, sample.live_bytes));
        points.push(scales.point(sample.pictures, sample.live_bytes));
        last = sample.pictures;
    }
    points.push(scales.point(last, 0));
    svg.area(&points, NEED);
    let (left, right) = (RIGHT - 214.0, RIGHT - 200.0);
    let (upper, lower) = (TOP - 26.0, TOP - 12.0);
    let swatch = [(left, upper), (right, upper), (right, lower), (left, lower)];
    svg.area(&swatch, NEED);
    let name = "bytes of planes live at once";
    svg.text((right + 8.0, TOP - 14.0), Anchor::Start, 13, name);
}

fn draw_axes(svg: &mut Svg, scales: &Scales) {
    for mebibytes in ticks(scales.mebibytes) {
        let y = scales.height(mebibytes);
        if mebibytes > 0.0 {
            svg.line(&[(LEFT, y), (RIGHT, y)], GRID, 1.0);
        }
        svg.text(
            (LEFT - 8.0, y + 4.0),
            Anchor::End,
            13,
            &mebibytes.to_string(),
        );
    }
    for pictures in ticks(scales.pictures) {
        let (x, _) = scales.point(pictures as u64, 0);
        svg.line(&[(x, BOTTOM), (x, BOTTOM + 5.0)], AXIS, 1.0);
        svg.text(
            (x, BOTTOM + 20.0),
            Anchor::Middle,
            13,
            &pictures.to_string(),
        );
    }
    svg.line(&[(LEFT, BOTTOM), (RIGHT, BOTTOM)], AXIS, 1.0);
    svg.text(
        (LEFT - 40.0, TOP - 14.0),
        Anchor::Start,
        13,
        "MiB resident, beyond those at the start",
    );
    let middle = (LEFT + RIGHT) / 2.0;
    svg.text(
        (middle, BOTTOM + 44.0),
        Anchor::Middle,
        13,
        "pictures decoded",
    );
}

/// Round numbers from 0 to `end`, four to nine of them.
fn ticks(end: f64) -> impl Iterator<Item = f64> {
    let magnitude = 10f64.powf((end / 4.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * magnitude);
    let step = steps.into_iter().find(|step| end / step < 9.0);
    let step = step.unwrap_or(end);
    (0..=(end / step) as u32).map(move |count| f64::from(count) * step)
}

/// Writes the name of each curve at its end, moved where two names would overlap.
fn draw_names(svg: &mut Svg, runs: &[(Strategy, LongRun)], scales: &Scales) {
    let mut names: Vec<(f64, &Strategy)> = runs
        .iter()
        .filter_map(|(strategy, run)| {
            let last = run.curve.samples.last()?;
            Some((scales.point(0, last.resident_bytes).1, strategy))
        })
        .collect();
    names.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let mut lowest = BOTTOM;
    for (end, strategy) in names {
        let y = end.min(lowest);
        lowest = y - NAME_STEP;
        let (color, width) = style(*strategy);
        svg.line(
            &[(RIGHT + 2.0, end), (NAMES - 20.0, y), (NAMES - 6.0, y)],
            color,
            width,
        );
        svg.text((NAMES, y + 4.0), Anchor::Start, 13, &strategy.to_string());
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            ticks(10_000.0).map(|tick| tick as u32).collect::<Vec<_>>(),
            [0, 2000, 4000, 6000, 8000, 10_000]
        );
        assert_eq!(ticks(830.0).count(), 9);
        assert_eq!(ticks(2300.0).last(), Some(2000.0));
        assert_eq!(ticks(7.0).count(), 8);
    }
}
