//! Bytes over time as paths.

use std::fmt;

use super::scale::{PLOT_WIDTH, TimeScale};
use super::svg::At;
use crate::Level;

pub(super) const CURVES_HEIGHT: f64 = 170.0;

/// The curve of a value as a path from the left edge to the right edge.
///
/// Within each column of the least width, it passes through the first, largest, smallest and last
/// values, so no peak is lost.
pub(super) struct Curve<'a, F> {
    pub(super) time: &'a TimeScale<'a>,
    pub(super) levels: &'a [Level],
    /// Bytes at the top.
    pub(super) most: f64,
    pub(super) height: f64,
    pub(super) figure: F,
}

impl<F: Fn(&Level) -> f64> fmt::Display for Curve<'_, F> {
    fn fmt(&self, path: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (time, height) = (self.time, self.height);
        let y = |bytes: f64| At(height - (bytes / self.most * height).clamp(-1.0, height));
        write!(path, "M0 {}", y(0.0))?;
        let width = 2.0 * time.finest;
        let mut column = Column::default();
        for (event, level) in self.levels.iter().enumerate() {
            let x = (time.x(time.at(event)) / width).floor() * width;
            if x > column.x {
                column.write(path, &y)?;
                column = Column { x, ..column.next() };
            }
            column.add((self.figure)(level));
        }
        column.write(path, &y)?;
        write!(path, "H{PLOT_WIDTH}")
    }
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

    fn write(&self, path: &mut fmt::Formatter<'_>, y: &impl Fn(f64) -> At) -> fmt::Result {
        write!(path, "H{}", At(self.x))?;
        let mut before = None;
        for value in [self.most, self.least, self.last] {
            if before != Some(value) {
                write!(path, "V{}", y(value))?;
            }
            before = Some(value);
        }
        Ok(())
    }
}
