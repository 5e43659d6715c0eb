//! The colors of stages.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::list::{Fallible, add};
use crate::{Allocation, ScopeSpan};

/// Colors that people of any color vision tell apart (Okabe and Ito 2008), then darker ones of
/// the same hues.
const COLORS: [&str; 14] = [
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#003f63",
    "#8a5f00", "#00573f", "#7d3f63", "#2b7ba8", "#7a3600", "#8f8720",
];
const FRAME_COLOR: &str = "#9b9b9b";
const DETACHED_COLOR: &str = "#4d4d4d";
const OTHERS_COLOR: &str = "#d9d2c5";

/// Index of a color in the palette.
pub(super) type Style = usize;

/// Requests of a frame outside of its stages.
pub(super) const FRAME: Style = 0;
/// Memory outside of frames.
pub(super) const DETACHED: Style = 1;
/// Stages without a color of their own, and several stages in one place.
pub(super) const OTHERS: Style = 2;

pub(super) struct Palette {
    pub(super) entries: Vec<Entry>,
    by_name: HashMap<String, Style>,
}

pub(super) struct Entry {
    pub(super) name: String,
    pub(super) color: &'static str,
    /// Whether text on it is white.
    pub(super) is_dark: bool,
}

impl Palette {
    /// Colors for the stages with the most requested bytes, in the order of first opening.
    pub(super) fn new(scopes: &[ScopeSpan], allocations: &[Allocation]) -> Fallible<Self> {
        let mut entries = vec![
            entry("(frame)", FRAME_COLOR, false),
            entry("detached", DETACHED_COLOR, true),
            entry("other stages", OTHERS_COLOR, false),
        ];
        let first = entries.len();
        let names = names_of_stages(scopes)?;
        let kept = largest(&names, scopes, allocations)?;
        let mut by_name = HashMap::new();
        for name in names.iter().filter(|name| kept.contains(*name)) {
            by_name.insert((*name).to_owned(), entries.len());
            let number = entries.len() - first;
            let is_dark = !matches!(number, 1 | 4 | 6);
            entries.push(entry(name, COLORS[number % COLORS.len()], is_dark));
        }
        Ok(Self { entries, by_name })
    }

    pub(super) fn of_scope(&self, scope: &ScopeSpan) -> Style {
        match &*scope.stage {
            "(frame)" => FRAME,
            name => self.by_name.get(name).copied().unwrap_or(OTHERS),
        }
    }
}

fn entry(name: &str, color: &'static str, is_dark: bool) -> Entry {
    Entry {
        name: name.to_owned(),
        color,
        is_dark,
    }
}

/// The names of stages without duplicates, in the order of first opening.
fn names_of_stages(scopes: &[ScopeSpan]) -> Fallible<Vec<&str>> {
    let (mut names, mut known) = (Vec::new(), HashSet::new());
    for name in scopes.iter().map(|scope| &*scope.stage) {
        known.try_reserve(1)?;
        if name != "(frame)" && known.insert(name) {
            add(&mut names, name)?;
        }
    }
    Ok(names)
}

/// The names that get a color.
fn largest<'s>(
    names: &[&'s str],
    scopes: &[ScopeSpan],
    allocations: &[Allocation],
) -> Fallible<HashSet<&'s str>> {
    let mut requested: HashMap<&str, u128> = HashMap::new();
    for allocation in allocations {
        if let Some(scope) = allocation.scope.and_then(|scope| scopes.get(scope)) {
            requested.try_reserve(1)?;
            *requested.entry(&scope.stage).or_default() += allocation.bytes as u128;
        }
    }
    let mut ranked = Vec::new();
    for (order, name) in names.iter().enumerate() {
        let bytes = requested.get(name).copied().unwrap_or(0);
        add(&mut ranked, (Reverse(bytes), order, *name))?;
    }
    ranked.sort_unstable();
    let largest = ranked.into_iter().take(COLORS.len());
    Ok(largest.map(|(_, _, name)| name).collect())
}
