//! Requests as rectangles, joined until they are few enough to be drawn.

use super::Scene;
use super::lanes::Lanes;
use super::palette::{DETACHED, Style};
use crate::ScopeRole;
use crate::list::{Fallible, add};

/// Most rectangles of a drawing, approximately.
const MOST_SHAPES: usize = 3000;
/// The finest rounding of positions in a lane, in units.
const FINEST: f64 = 0.5;
/// Rectangles of at most this many roundings in width or height are joined with their neighbors.
const THIN: u32 = 4;

/// One request, or neighbors that were requested from scopes of one stage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) look: Look,
    pub(super) lane: usize,
    /// Edges, in multiples of the rounding.
    left: u32,
    right: u32,
    top: u32,
    bottom: u32,
    pub(super) requests: usize,
    pub(super) bytes: u128,
    pub(super) from: u64,
    pub(super) to: u64,
    /// Its first request.
    pub(super) allocation: usize,
}

/// The style of a shape. Only shapes of one look are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    pub(super) style: Style,
    pub(super) is_scratch: bool,
    /// Whether its scope was never closed.
    pub(super) is_leak: bool,
}

/// The rectangles of all requests.
pub(super) struct Shapes {
    pub(super) shapes: Vec<Shape>,
    /// Edges are multiples of this, in units.
    pub(super) rounding: f64,
}

impl Shape {
    /// Left and right edges, and top and bottom edges from the top of the lane, in units.
    pub(super) fn edges(&self, rounding: f64) -> [f64; 4] {
        let [left, right] = [self.left, self.right].map(|edge| f64::from(edge) * rounding);
        let [top, bottom] = [self.top, self.bottom].map(|edge| f64::from(edge) * FINEST);
        [left, right, top, bottom]
    }

    fn is_thin(&self) -> bool {
        self.right - self.left < THIN || self.bottom - self.top < THIN
    }

    fn take(&mut self, other: &Self) {
        self.left = self.left.min(other.left);
        self.right = self.right.max(other.right);
        self.top = self.top.min(other.top);
        self.bottom = self.bottom.max(other.bottom);
        self.requests += other.requests;
        self.bytes += other.bytes;
        self.from = self.from.min(other.from);
        self.to = self.to.max(other.to);
    }
}

impl Shapes {
    /// The shapes of all requests with a lane. Time is rounded more and more coarsely until they
    /// are few.
    pub(super) fn new(scene: &Scene<'_>, lanes: &Lanes) -> Fallible<Self> {
        let mut rounding = scene.time.finest;
        loop {
            let shapes = joined(all(scene, lanes, rounding)?);
            if shapes.len() <= MOST_SHAPES || rounding > 50.0 {
                return Ok(Self { shapes, rounding });
            }
            rounding *= 2.0;
        }
    }
}

/// One shape for each request; two for one that was detached.
fn all(scene: &Scene<'_>, lanes: &Lanes, rounding: f64) -> Fallible<Vec<Shape>> {
    let mut shapes = Vec::new();
    for (index, allocation) in scene.allocations.iter().enumerate() {
        let Some(lane) = lanes.of_memory[allocation.memory] else {
            continue;
        };
        let height = lanes.lanes[lane].height;
        let memory_bytes = scene.memory[allocation.memory].bytes as f64;
        let y = |offset: usize| offset as f64 / memory_bytes * height / FINEST;
        let top = y(allocation.offset).floor();
        let bottom = y(allocation.offset.saturating_add(allocation.bytes)).ceil();
        let (from, to) = (
            scene.time.at(allocation.begin),
            scene.time.end(allocation.end),
        );
        let shape = |look, from: u64, to: u64| {
            let left = (scene.time.x(from) / rounding).floor();
            Shape {
                look,
                lane,
                left: left as u32,
                right: (scene.time.x(to) / rounding).ceil().max(left + 1.0) as u32,
                top: top as u32,
                bottom: bottom.max(top + 1.0) as u32,
                requests: 1,
                bytes: allocation.bytes as u128,
                from,
                to,
                allocation: index,
            }
        };
        let detached = Look {
            style: DETACHED,
            is_scratch: false,
            is_leak: false,
        };
        let Some(scope) = allocation.scope.map(|scope| &scene.scopes[scope]) else {
            add(&mut shapes, shape(detached, from, to))?;
            continue;
        };
        let look = Look {
            style: scene.palette.of_scope(scope),
            is_scratch: scope.role == ScopeRole::Scratch,
            is_leak: scope.end.is_none() && allocation.detached.is_none(),
        };
        match allocation.detached.map(|event| scene.time.at(event)) {
            Some(moved) => {
                add(&mut shapes, shape(look, from, moved))?;
                add(&mut shapes, shape(detached, moved, to))?;
            }
            None => add(&mut shapes, shape(look, from, to))?,
        }
    }
    Ok(shapes)
}

/// Joins thin shapes with those that touch them: first those above each other that begin and end
/// together, then those beside each other. No two shapes have the same key, and sorting takes no
/// memory.
fn joined(mut shapes: Vec<Shape>) -> Vec<Shape> {
    let is_above = |upper: &Shape, lower: &Shape| {
        (upper.left, upper.right) == (lower.left, lower.right) && lower.top <= upper.bottom
    };
    shapes.sort_unstable_by_key(|s| {
        (
            s.lane,
            s.look,
            s.left,
            s.right,
            s.top,
            s.bottom,
            s.allocation,
        )
    });
    join_neighbors(&mut shapes, is_above);
    let is_beside = |left: &Shape, right: &Shape| {
        (left.top, left.bottom) == (right.top, right.bottom) && right.left <= left.right
    };
    shapes.sort_unstable_by_key(|s| {
        (
            s.lane,
            s.look,
            s.top,
            s.bottom,
            s.left,
            s.right,
            s.allocation,
        )
    });
    join_neighbors(&mut shapes, is_beside);
    // Shapes that touch are drawn in the order of the requests, so that the drawing does not depend
    // on the sorting.
    shapes.sort_unstable_by_key(|s| (s.lane, s.allocation, s.left, s.look));
    shapes
}

fn join_neighbors(shapes: &mut Vec<Shape>, touch: impl Fn(&Shape, &Shape) -> bool) {
    shapes.dedup_by(|next, kept| {
        let same = (kept.lane, kept.look) == (next.lane, next.look);
        let joins = same && (kept.is_thin() || next.is_thin()) && touch(kept, next);
        if joins {
            kept.take(next);
        }
        joins
    });
}
