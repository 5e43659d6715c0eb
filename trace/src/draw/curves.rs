//! Bytes over time as paths.

use std::fmt::Write;

use super::scale::{PLOT_WIDTH, TimeScale};
use super::svg::At;
use crate::Level;

pub(super) const CURVES_HEIGHT: f64 = 170.0;

/// The curve of a figure as a path from the left edge to the right one, `most` bytes at the top.
///
/// Within the least width that is drawn, it passes through the first, the largest, the smallest and
/// the last value, so no peak is lost.
pub(super) fn curve(
    time: &TimeScale,
    levels: &[Level],
    most: f64,
    height: f64,
    figure: impl Fn(&Level) -> f64,
) -> String {
    let y = |bytes: f64| At(height - (bytes / most * height).clamp(-1.0, height));
    let mut path = format!("M0 {}", y(0.0));
    let width = 2.0 * time.finest;
    let mut column = Column::default();
    for (event, level) in levels.iter().enumerate() {
        let x = (time.x(time.at(event)) / width).floor() * width;
        if x > column.x {
            column.write(&mut path, &y);
            column = Column { x, ..column.next() };
        }
        column.add(figure(level));
    }
    column.write(&mut path, &y);
    write!(path, "H{PLOT_WIDTH}").expect("a string takes any text");
    path
}

/// Values within the least width.
#[derive(Clone, Copy, Default)]
struct Column {
    x: f64,
    least: f64,
    most: f64,
    last: f64,
}

impl Column {
    fn add(&mut self, value: f64) {
        self.least = self.least.min(value);
        self.most = self.most.max(value);
        self.last = value;
    }

    /// A column that begins with the last value of this one.
    fn next(self) -> Self {
        Self {
            x: 0.0,
            least: self.last,
            most: self.last,
            last: self.last,
        }
    }

    fn write(&self, path: &mut String, y: &impl Fn(f64) -> At) {
        write!(path, "H{}", At(self.x)).expect("a string takes any text");
        let mut before = None;
        for value in [self.most, self.least, self.last] {
            if before != Some(value) {
                write!(path, "V{}", y(value)).expect("a string takes any text");
            }
            before = Some(value);
        }
    }
}
