//! The heading of the drawing: statistics in words.

use std::collections::BTreeMap;

use super::Scene;
use super::palette::DETACHED;
use super::scale::{bytes, count, text_width};
use crate::list::Fallible;
use crate::{Action, Level, ScopeRole};

pub(super) struct Heading {
    /// Lines of the picture's width.
    pub(super) lines: Vec<String>,
    /// Lines about scopes and planes that never ended.
    pub(super) leaks: Vec<String>,
    /// Event after which most bytes were live, and how many.
    pub(super) peak: (usize, usize),
}

/// Most stages that the peak's line names.
const NAMED: usize = 5;

impl Heading {
    pub(super) fn new(
        scene: &Scene<'_>,
        limit_bytes: Option<usize>,
        frames: usize,
    ) -> Fallible<Self> {
        let peak = peak_of(&scene.levels, |level| level.live_bytes);
        let lines = [
            overview(scene, frames),
            peak_line(scene, peak)?,
            totals(scene, limit_bytes),
        ];
        Ok(Self {
            lines: lines.iter().flat_map(|line| wrapped(line)).collect(),
            leaks: leaks(scene).iter().flat_map(|line| wrapped(line)).collect(),
            peak,
        })
    }
}

/// The first event after which a value is largest, and the value.
fn peak_of(levels: &[Level], figure: impl Fn(&Level) -> usize) -> (usize, usize) {
    let mut peak = (0, 0);
    for (event, level) in levels.iter().enumerate() {
        if figure(level) > peak.1 {
            peak = (event, figure(level));
        }
    }
    peak
}

fn overview(scene: &Scene<'_>, frames: usize) -> String {
    let threads = scene.trace.events().iter().map(|event| event.thread + 1);
    let threads = threads.max().unwrap_or(0);
    let made = (scene.trace.events().iter())
        .filter(|event| matches!(event.action, Action::Make { .. }))
        .count();
    let span = match scene.time.by_order {
        true => "events in order, without times".to_owned(),
        false => scene.time.text(scene.time.span()),
    };
    format!(
        "{}, {} on {}, {} taken from the system; {span}.",
        count(frames, "frame", "frames"),
        count(scene.allocations.len(), "request", "requests"),
        count(threads, "thread", "threads"),
        count(made, "block or run", "blocks and runs"),
    )
}

/// Live bytes at the peak, by stage.
fn peak_line(scene: &Scene<'_>, (event, live): (usize, usize)) -> Fallible<String> {
    let mut by_owner: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    let mut scratch_memory = std::collections::HashSet::new();
    for allocation in &scene.allocations {
        if allocation.begin > event || allocation.end.is_some_and(|end| end <= event) {
            continue;
        }
        let moved = allocation.detached.is_some_and(|moved| moved <= event);
        let scope = allocation.scope.filter(|_| !moved);
        let scope = scope.map(|scope| &scene.scopes[scope]);
        let is_scratch = scope.is_some_and(|scope| scope.role == ScopeRole::Scratch);
        let style = scope.map_or(DETACHED, |scope| scene.palette.of_scope(scope));
        scratch_memory.try_reserve(1)?;
        let bytes = match is_scratch {
            true if !scratch_memory.insert(allocation.memory) => 0,
            true => scene.memory[allocation.memory].bytes,
            false => allocation.bytes,
        };
        *by_owner.entry((style, is_scratch)).or_default() += bytes;
    }
    let mut owners: Vec<_> = by_owner.into_iter().collect();
    owners.sort_by_key(|&(owner, bytes)| (std::cmp::Reverse(bytes), owner));
    let others: usize = owners.iter().skip(NAMED).map(|&(_, bytes)| bytes).sum();
    let named = owners
        .iter()
        .take(NAMED)
        .map(|&((style, is_scratch), held)| {
            let name = &scene.palette.entries[style].name;
            let scratch = if is_scratch { "scratch of " } else { "" };
            format!("{scratch}{name} {}", bytes(held))
        });
    let mut named: Vec<String> = named.collect();
    if others > 0 {
        named.push(format!("others {}", bytes(others)));
    }
    let moment = scene.time.text(scene.time.at(event));
    let (live, named) = (bytes(live), named.join(", "));
    Ok(format!("Most live: {live} at {moment}: {named}."))
}

/// Most bytes in use and held, retained bytes, and the distance to the limit.
fn totals(scene: &Scene<'_>, limit_bytes: Option<usize>) -> String {
    let (_, in_use) = peak_of(&scene.levels, |level| level.in_use_bytes);
    let (_, held) = peak_of(&scene.levels, |level| {
        level.in_use_bytes + level.retained_bytes
    });
    let (_, charged) = peak_of(&scene.levels, |level| level.charged_bytes);
    let kept = scene.levels.last().map_or(0, |level| level.retained_bytes);
    let mut line = format!(
        "Most in use: {}; in use and retained: {}. Retained at the end: {}.",
        bytes(in_use),
        bytes(held),
        bytes(kept)
    );
    if charged > 0 {
        line += &format!(" Charged for others: up to {}.", bytes(charged));
    }
    if let Some(limit) = limit_bytes {
        let (_, all) = peak_of(&scene.levels, Level::held_bytes);
        line += &format!(
            " Limit {}, of which {} were held at most.",
            bytes(limit),
            bytes(all)
        );
    }
    line
}

/// Scopes that were never closed, by stage, and detached planes that never ended.
fn leaks(scene: &Scene<'_>) -> Vec<String> {
    let mut by_style: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for scope in scene.scopes.iter().filter(|scope| scope.end.is_none()) {
        by_style.entry(scene.palette.of_scope(scope)).or_default().0 += 1;
    }
    let mut detached = 0;
    for allocation in scene.allocations.iter().filter(|a| a.end.is_none()) {
        match allocation.scope.filter(|_| allocation.detached.is_none()) {
            Some(scope) if scene.scopes[scope].end.is_none() => {
                let style = scene.palette.of_scope(&scene.scopes[scope]);
                by_style.entry(style).or_default().1 += allocation.bytes;
            }
            _ => detached += allocation.bytes,
        }
    }
    let mut lines = Vec::new();
    if !by_style.is_empty() {
        let stages = by_style.iter().map(|(&style, &(scopes, held))| {
            let name = &scene.palette.entries[style].name;
            format!(
                "{} of {name} with {}",
                count(scopes, "scope", "scopes"),
                bytes(held)
            )
        });
        let stages: Vec<String> = stages.collect();
        lines.push(format!("Never closed: {}.", stages.join("; ")));
    }
    if detached > 0 {
        lines.push(format!(
            "Detached and still there at the end: {}.",
            bytes(detached)
        ));
    }
    lines
}

/// Lines of about the picture's width.
fn wrapped(text: &str) -> Vec<String> {
    const WIDTH: f64 = 1150.0;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if text_width(line) + text_width(word) < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
