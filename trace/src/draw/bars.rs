//! Frames and stages as bars, in rows without overlaps.

use super::Scene;
use super::palette::{FRAME, OTHERS, Style};
use super::scale::count;
use crate::list::{Fallible, add, filled, listed};
use crate::{ScopeRole, ScopeSpan};

pub(super) const ROW_HEIGHT: f64 = 17.0;
/// Most rows for scopes of one depth; further scopes that are open at the same time are drawn over
/// others.
const MOST_ROWS: usize = 8;
const MOST_DEPTH: usize = 3;
/// Bars narrower than this many least widths are joined with neighbors of the same stage.
const THIN: f64 = 8.0;
/// Beyond this many bars, the thinnest are joined whatever their stages are.
const MANY: usize = 500;
const THINNEST: f64 = 3.0;

pub(super) struct Bar {
    pub(super) row: usize,
    pub(super) style: Style,
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) is_leak: bool,
    scopes: usize,
    name: String,
}

pub(super) struct Bars {
    pub(super) bars: Vec<Bar>,
    pub(super) rows: usize,
    pub(super) frames: usize,
}

impl Bar {
    /// The text on the bar.
    pub(super) fn label(&self) -> String {
        match self.scopes {
            1 if self.is_leak => format!("{}, never closed", self.name),
            1 => self.name.clone(),
            many => format!("{many} x {}", self.name),
        }
    }
}

impl Bars {
    pub(super) fn new(scene: &Scene<'_>) -> Fallible<Self> {
        let bars = Self::joined(scene, false)?;
        if bars.bars.len() <= MANY {
            return Ok(bars);
        }
        Self::joined(scene, true)
    }

    fn joined(scene: &Scene<'_>, across_stages: bool) -> Fallible<Self> {
        let shown = shown(&scene.scopes, scene)?;
        let mut bars = Vec::new();
        let (mut rows, mut frames) = (0, 0);
        for depth in 0..=MOST_DEPTH {
            let of_depth = shown.iter().filter(|&&(_, d)| d.min(MOST_DEPTH) == depth);
            let mut row_ends: Vec<f64> = Vec::new();
            let mut last: Vec<Option<usize>> = Vec::new();
            for &(number, _) in of_depth {
                let scope = &scene.scopes[number];
                frames += usize::from(scope.role == ScopeRole::Frame);
                let mut bar = bar(scene, scope, frames);
                let (left, right) = (scene.time.x(bar.from), scene.time.x(bar.to));
                let free = row_ends.iter().position(|&end| end <= left + 0.5);
                let row = free.unwrap_or(row_ends.len()).min(MOST_ROWS - 1);
                if row == row_ends.len() {
                    row_ends.push(0.0);
                    last.push(None);
                }
                row_ends[row] = row_ends[row].max(right);
                bar.row = rows + row;
                let before = last[row].map(|index| &mut bars[index]);
                if before.is_some_and(|before| join(before, &bar, scene, across_stages)) {
                    continue;
                }
                last[row] = Some(bars.len());
                add(&mut bars, bar)?;
            }
            rows += row_ends.len();
        }
        Ok(Self { bars, rows, frames })
    }
}

/// Frames with a request or a stage, and all stages, with their depths.
fn shown(scopes: &[ScopeSpan], scene: &Scene<'_>) -> Fallible<Vec<(usize, usize)>> {
    let mut depths = filled(scopes.len(), 0)?;
    let mut is_used = filled(scopes.len(), false)?;
    for (number, scope) in scopes.iter().enumerate() {
        if let Some(parent) = scope.parent {
            depths[number] = depths[parent] + 1;
            is_used[scope.frame] = true;
        }
    }
    for allocation in &scene.allocations {
        if let Some(scope) = allocation.scope {
            is_used[scope] = true;
        }
    }
    let numbers = (0..scopes.len()).filter(|&number| match scopes[number].role {
        ScopeRole::Frame => is_used[number] || scopes[number].end.is_none(),
        ScopeRole::Stage => true,
        ScopeRole::Scratch => false,
    });
    listed(numbers.map(|number| (number, depths[number])))
}

fn bar(scene: &Scene<'_>, scope: &ScopeSpan, frames: usize) -> Bar {
    Bar {
        row: 0,
        style: scene.palette.of_scope(scope),
        from: scene.time.at(scope.begin),
        to: scene.time.end(scope.end),
        is_leak: scope.end.is_none(),
        scopes: 1,
        name: match scope.role {
            ScopeRole::Frame => format!("frame {frames}"),
            _ => scope.stage.clone(),
        },
    }
}

/// Joins a bar to the one before it in its row, if both are too thin to be told apart.
fn join(before: &mut Bar, bar: &Bar, scene: &Scene<'_>, across_stages: bool) -> bool {
    let width = |bar: &Bar| scene.time.x(bar.to) - scene.time.x(bar.from);
    let gap = scene.time.x(bar.from) - scene.time.x(before.to);
    let mean = width(before) / before.scopes as f64;
    let same = before.style == bar.style;
    let thin = if same { THIN } else { THINNEST } * scene.time.finest;
    let joins = (same || across_stages)
        && before.is_leak == bar.is_leak
        && mean < thin
        && width(bar) < thin
        && gap < thin;
    if joins {
        before.to = before.to.max(bar.to);
        before.scopes += bar.scopes;
        if before.style == FRAME {
            before.name = "frame".to_owned();
        }
        if !same {
            before.style = OTHERS;
            before.name = "stage".to_owned();
        }
    }
    joins
}

/// The text of a bar's explanation.
pub(super) fn explanation(bar: &Bar, scene: &Scene<'_>) -> String {
    let scopes = match bar.scopes {
        1 => String::new(),
        many => format!(", {}", count(many, "scope", "scopes")),
    };
    let time = &scene.time;
    let end = if bar.is_leak {
        "never closed".to_owned()
    } else {
        time.text(bar.to)
    };
    format!(
        "{}{scopes}\n{} to {end}, {}",
        bar.name,
        time.text(bar.from),
        time.text(bar.to - bar.from)
    )
}
