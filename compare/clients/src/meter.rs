//! Measures the work of one strategy in this process.

use std::time::Duration;

use anyhow::Result;

use crate::allocator;
use crate::figures::Figures;
use crate::process::{self, Usage};

/// A measurement of a strategy. It starts before the strategy requests memory, and consists of
/// laps, which repeat the same work.
#[derive(Debug)]
pub struct Meter {
    resident_bytes: u64,
    lap: Moment,
    figures: Figures,
}

#[derive(Clone, Copy, Debug)]
struct Moment {
    usage: Usage,
    calls: u64,
}

impl Moment {
    fn now() -> Result<Self> {
        Ok(Self {
            usage: process::usage()?,
            calls: allocator::calls(),
        })
    }
}

impl Meter {
    /// Notes the resident bytes before the strategy requests memory. Inputs, outputs and threads
    /// must exist by now.
    pub fn new() -> Result<Self> {
        process::restart_peak();
        Ok(Self {
            resident_bytes: process::resident_bytes()?,
            lap: Moment::now()?,
            figures: Figures::default(),
        })
    }

    /// Starts the first lap, after the warm-up.
    pub fn start(&mut self) -> Result<()> {
        self.lap = Moment::now()?;
        Ok(())
    }

    /// Ends a lap of `items` items, and starts the next one.
    pub fn lap(&mut self, items: u64) -> Result<()> {
        let (start, end) = (self.lap, Moment::now()?);
        let per_item = |time: Duration| time / u32::try_from(items).unwrap_or(u32::MAX).max(1);
        let system = end.usage.system.saturating_sub(start.usage.system);
        let user = end.usage.user.saturating_sub(start.usage.user);
        self.figures.add_lap(&Figures {
            items,
            cpu: per_item(user + system),
            system: per_item(system),
            faults: end.usage.faults - start.usage.faults,
            allocations: end.calls - start.calls,
            ..Figures::default()
        });
        self.lap = end;
        Ok(())
    }

    /// Returns the figures of all laps. The strategy must still have the memory that it retains.
    pub fn stop(self) -> Result<Figures> {
        let beyond = |bytes: u64| bytes.saturating_sub(self.resident_bytes);
        Ok(Figures {
            peak_bytes: beyond(process::peak_resident_bytes()?),
            after_bytes: beyond(process::resident_bytes()?),
            ..self.figures
        })
    }
}
