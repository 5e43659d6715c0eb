//! Time and bytes as coordinates and as text.

use crate::Event;

/// Width of the drawing between its margins, in units.
pub(super) const PLOT_WIDTH: f64 = 1080.0;

/// The positions of events: by their times, or by their order in a trace without times.
pub(super) struct TimeScale<'t> {
    events: &'t [Event],
    first: u64,
    last: u64,
    /// Whether the times of events are their indices.
    pub(super) by_order: bool,
    /// The width of the smallest detail.
    pub(super) finest: f64,
}

impl<'t> TimeScale<'t> {
    pub(super) fn new(events: &'t [Event], finest: f64) -> Self {
        let time = |event: Option<&Event>| event.map_or(0, |event| event.time_ns);
        let (first, last) = (time(events.first()), time(events.last()));
        if first < last {
            return Self {
                events,
                first,
                last,
                by_order: false,
                finest,
            };
        }
        let last = events.len().saturating_sub(1) as u64;
        Self {
            events,
            first: 0,
            last: last.max(1),
            by_order: true,
            finest,
        }
    }

    /// The time of an event since the first.
    pub(super) fn at(&self, event: usize) -> u64 {
        let time = match self.by_order {
            true => event as u64,
            false => (self.events.get(event)).map_or(self.last, |event| event.time_ns),
        };
        time.clamp(self.first, self.last) - self.first
    }

    /// The time of the end of something that may not have ended.
    pub(super) fn end(&self, event: Option<usize>) -> u64 {
        event.map_or(self.span(), |event| self.at(event))
    }

    /// From the first event to the last.
    pub(super) fn span(&self) -> u64 {
        self.last - self.first
    }

    pub(super) fn x(&self, time: u64) -> f64 {
        time as f64 / self.span() as f64 * PLOT_WIDTH
    }

    /// A time, or a number of events.
    pub(super) fn text(&self, time: u64) -> String {
        if self.by_order {
            format!("event {time}")
        } else {
            duration(time)
        }
    }

    /// Round times over the whole width.
    pub(super) fn ticks(&self) -> Vec<u64> {
        let step = round_step(self.span() as f64 / 10.0, 10.0).max(1.0) as u64;
        let count = (self.span() / step).min(40);
        (0..=count).map(|tick| tick * step).collect()
    }
}

/// About `count` round numbers of bytes up to `most`.
pub(super) fn byte_ticks(most: f64, count: f64) -> Vec<f64> {
    let unit = 1024f64.powf((most.max(1.0).log2() / 10.0).floor());
    let step = round_step(most / count / unit, 10.0).max(1.0 / 1024.0) * unit;
    (1..=20)
        .map(|tick| f64::from(tick) * step)
        .take_while(|&bytes| bytes <= most)
        .collect()
}

/// The least number of at least `least` that is 1, 2 or 5 times a power of `base`.
fn round_step(least: f64, base: f64) -> f64 {
    let power = base.powf(least.max(1e-9).log(base).floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|&step| step >= least * 0.999)
        .unwrap_or(power * base)
}

pub(super) fn bytes(count: usize) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    let value = if value >= 99.95 {
        format!("{value:.0}")
    } else {
        let text = format!("{value:.1}");
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    format!("{value} {}", units[unit])
}

pub(super) fn duration(ns: u64) -> String {
    let (value, unit) = match ns {
        0..1_000 => return format!("{ns} ns"),
        1_000..1_000_000 => (ns as f64 / 1e3, "us"),
        1_000_000..1_000_000_000 => (ns as f64 / 1e6, "ms"),
        _ => (ns as f64 / 1e9, "s"),
    };
    let decimals = if value < 9.995 {
        2
    } else if value < 99.95 {
        1
    } else {
        0
    };
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{text} {unit}")
}

/// A number with commas, and its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text} {}", if number == 1 { one } else { many })
}

/// Width of text of the usual size, in units; rather too large than too small.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().count() as f64 * 6.6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024), "1 KiB");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes((1 << 20) - 1), "1 MiB");
        assert_eq!(bytes(300 << 20), "300 MiB");
        assert_eq!(bytes(usize::MAX), "16 EiB");
        assert_eq!(duration(999), "999 ns");
        assert_eq!(duration(1_500_000), "1.5 ms");
        assert_eq!(duration(20_000_000_000), "20 s");
        assert_eq!(duration(300_000), "300 us");
        assert_eq!(count(1_234_567, "byte", "bytes"), "1,234,567 bytes");
        assert_eq!(count(1, "byte", "bytes"), "1 byte");
    }

    #[test]
    fn ticks_are_round_and_few() {
        let ticks = byte_ticks(25.3 * 1_048_576.0, 5.0);
        let mib: Vec<f64> = ticks.iter().map(|tick| tick / 1_048_576.0).collect();
        assert_eq!(mib, [10.0, 20.0]);
        assert_eq!(byte_ticks(5.0, 5.0), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!(byte_ticks(usize::MAX as f64, 5.0).len() <= 20);
    }
}
