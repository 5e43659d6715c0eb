//! Strategies side by side: each is verified, and its costs are printed as a line of a table.

#[path = "costs.rs"]
mod costs;
#[path = "verify.rs"]
mod verify;

use crate::strategies::{self, Fill, Named, Strategy, Wanted};

/// What is done with planes of each strategy.
pub(crate) struct SideBySide<'a> {
    /// What is taken, and the unit that costs are given per.
    pub(crate) title: &'a str,
    pub(crate) unit: &'a str,
    /// Planes that are verified: those of the work, or as many rows of them as time allows.
    pub(crate) verified: Wanted,
    /// Takes planes of a strategy, uses them and gives them back.
    pub(crate) work: fn(&mut dyn Strategy),
    /// How often the work is done for a line of costs.
    pub(crate) iterations: u32,
    /// Strategies beside those of [`strategies::without_arena`].
    pub(crate) arenas: &'a [Named],
}

impl SideBySide<'_> {
    /// Runs zeroed planes, then stale ones.
    pub(crate) fn run(&self) {
        for (fill, word) in [(Fill::Zero, "zeroed"), (Fill::Stale, "stale")] {
            let mut strategies = strategies::without_arena(fill);
            strategies.extend_from_slice(self.arenas);
            for (name, strategy) in &strategies {
                verify::verify(name, &mut *strategy(fill), self.verified, fill);
            }
            costs::print_head(&format!("{}, {word}; per {}:", self.title, self.unit));
            for (name, strategy) in &strategies {
                costs::print_line(name, self.iterations, || {
                    let mut strategy = strategy(fill);
                    move || (self.work)(&mut *strategy)
                });
            }
        }
    }
}
