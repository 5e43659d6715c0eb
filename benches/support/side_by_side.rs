//! Strategies side by side: each is verified, timed, and its costs printed as a line of a table.

#[path = "costs.rs"]
mod costs;
#[path = "verify.rs"]
mod verify;

use criterion::Criterion;

use crate::strategies::{self, Fill, Named, Strategy, Wanted};

/// The work to do with the planes of each strategy.
pub(crate) struct SideBySide<'a> {
    /// The planes, and the unit of the costs.
    pub(crate) title: &'a str,
    pub(crate) unit: &'a str,
    /// Planes to verify: those of the work, or as many rows of them as time allows.
    pub(crate) verified: Wanted,
    /// Requests planes of a strategy, uses them and returns them.
    pub(crate) work: fn(&mut dyn Strategy),
    /// Number of repetitions for a line of costs.
    pub(crate) iterations: u32,
    /// Strategies in addition to those of [`strategies::without_arena`].
    pub(crate) arenas: &'a [Named],
}

impl SideBySide<'_> {
    /// Runs zeroed planes, then stale ones.
    pub(crate) fn run(&self, criterion: &mut Criterion) {
        for (fill, word) in [(Fill::Zero, "zeroed"), (Fill::Stale, "stale")] {
            let mut strategies = strategies::without_arena(fill);
            strategies.extend_from_slice(self.arenas);
            let mut group = criterion.benchmark_group(format!("{}, {word}", self.title));
            for (name, strategy) in &strategies {
                let mut strategy = strategy(fill);
                verify::verify(name, &mut *strategy, self.verified, fill);
                group.bench_function(*name, |bencher| {
                    bencher.iter(|| (self.work)(&mut *strategy))
                });
            }
            group.finish();
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
