use std::ops::{Add, Mul, Sub};

use super::coded::ControlPoint;
use crate::Error;

/// A place in the picture; pixel centers are at integers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            x: self.x + other.x,
            y: self.y + other.y,
        }
    }
}

impl Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            x: self.x - other.x,
            y: self.y - other.y,
        }
    }
}

impl Mul<f32> for Point {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self {
            x: self.x * factor,
            y: self.y * factor,
        }
    }
}

impl Point {
    fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    /// The place at `t` on the line from this one at `from` to `other` at `to`.
    fn towards(self, other: Self, (from, to): (f32, f32), t: f32) -> Self {
        self + (other - self) * ((t - from) / (to - from))
    }
}

/// Number of parts of a curve between two control points.
const PARTS: usize = 16;

/// Called with a place on a curve, and the length of the way from the previous place.
pub(super) type OnStep<'a> = dyn FnMut(Point, f32) -> Result<(), Error> + 'a;

/// Walks along the curve through `points` in steps of length 1; the last step may be shorter. The
/// first place is the start, which counts as a step of length 1.
pub(super) fn walk(points: &[ControlPoint], on_step: &mut OnStep<'_>) -> Result<(), Error> {
    let Some(&first) = points.first() else {
        return Ok(());
    };
    let mut walker = Walker {
        place: point(first),
        walked: 0.0,
    };
    on_step(walker.place, 1.0)?;
    let mut to = |place| walker.walk_to(place, on_step);
    for index in 1..points.len() {
        let (from, next) = (point(points[index - 1]), point(points[index]));
        let before = index
            .checked_sub(2)
            .map_or(from + from - next, |i| point(points[i]));
        let after = points
            .get(index + 1)
            .map_or(next + next - from, |&after| point(after));
        let segment = [before, from, next, after];
        to(from)?;
        for part in 1..PARTS {
            to(between(segment, part as f32 / PARTS as f32))?;
        }
        to(next)?;
    }
    on_step(walker.place, walker.walked)
}

fn point([x, y]: ControlPoint) -> Point {
    Point {
        x: x as f32,
        y: y as f32,
    }
}

struct Walker {
    place: Point,
    /// Length walked since the last step.
    walked: f32,
}

impl Walker {
    fn walk_to(&mut self, end: Point, on_step: &mut OnStep<'_>) -> Result<(), Error> {
        loop {
            let left = (end - self.place).length();
            if !left.is_finite() {
                return Err(Error::corrupt("spline out of range"));
            }
            if self.walked + left < 1.0 {
                self.walked += left;
                self.place = end;
                return Ok(());
            }
            let place = self.place + (end - self.place) * ((1.0 - self.walked) / left);
            if place == self.place && self.walked == 0.0 {
                return Err(Error::corrupt("spline out of range"));
            }
            self.place = place;
            self.walked = 0.0;
            on_step(self.place, 1.0)?;
        }
    }
}

/// The place at `part` of the way from the second to the third of four points, on a centripetal
/// Catmull-Rom curve.
fn between(points: [Point; 4], part: f32) -> Point {
    let mut knots = [0.0; 4];
    for i in 1..4 {
        knots[i] = knots[i - 1] + (points[i] - points[i - 1]).length().sqrt();
    }
    let t = knots[1] + part * (knots[2] - knots[1]);
    let mut places = points;
    for distance in 1..=2 {
        for i in 0..4 - distance {
            let range = (knots[i], knots[i + distance]);
            places[i] = places[i].towards(places[i + 1], range, t);
        }
    }
    places[0].towards(places[1], (knots[1], knots[2]), t)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(points: &[ControlPoint]) -> Vec<(Point, f32)> {
        let mut steps = Vec::new();
        let mut add = |place, length| {
            steps.push((place, length));
            Ok(())
        };
        walk(points, &mut add).unwrap();
        steps
    }

    #[test]
    fn a_straight_way_is_walked_in_equal_steps() {
        let steps = steps(&[[2, 1], [2, 5], [2, 6]]);
        assert_eq!(steps.len(), 7);
        for (i, &(place, length)) in steps.iter().take(5).enumerate() {
            assert!((place.y - (1 + i) as f32).abs() < 1e-4 && place.x == 2.0);
            assert_eq!(length, 1.0);
        }
        let walked: f32 = steps[1..].iter().map(|&(_, length)| length).sum();
        assert!((walked - 5.0).abs() < 1e-4, "{walked}");
    }

    #[test]
    fn a_curve_passes_its_points_and_steps_are_short() {
        let points = [[0, 0], [10, 3], [12, 20], [40, 22], [41, 60]];
        let steps = steps(&points);
        for pair in steps.windows(2) {
            assert!((pair[1].0 - pair[0].0).length() < 1.001);
        }
        for &place in &points {
            let nearest = steps
                .iter()
                .map(|&(step, _)| (step - point(place)).length());
            let nearest = nearest.fold(f32::MAX, f32::min);
            assert!(nearest <= 0.51, "{place:?} is {nearest} away");
        }
    }

    #[test]
    fn no_points_and_one_point_end_at_once() {
        assert!(steps(&[]).is_empty());
        assert_eq!(steps(&[[7, 8]]).len(), 2);
    }
}
