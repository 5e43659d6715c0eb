use std::fmt;
use std::str::FromStr;

/// A number of bytes as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByteSize(pub(super) usize);

const UNITS: [(&str, usize); 7] = [
    ("B", 1),
    ("KB", 1000),
    ("MB", 1000 * 1000),
    ("GB", 1000 * 1000 * 1000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = text[digits.len()..].trim();
        let factor = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|&(_, factor)| factor)
            .or(unit.is_empty().then_some(1))
            .ok_or_else(|| format!("unknown unit {unit:?}; use KiB, MiB or GiB"))?;
        let number: usize = digits
            .trim()
            .parse()
            .map_err(|_| format!("{text:?} is not a size as 256MiB"))?;
        number
            .checked_mul(factor)
            .map(Self)
            .ok_or_else(|| format!("{text:?} exceeds the address space"))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, bytes) = match self.0 {
            bytes if bytes >= 10 << 20 => ("MiB", bytes as f64 / f64::from(1 << 20)),
            bytes if bytes >= 10 << 10 => ("KiB", bytes as f64 / f64::from(1 << 10)),
            bytes => return f.pad(&format!("{bytes} B")),
        };
        f.pad(&format!("{bytes:.1} {unit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        let parse = |text: &str| text.parse::<ByteSize>().map(|size| size.0);
        assert_eq!(parse("256MiB"), Ok(256 << 20));
        assert_eq!(parse("2 GB"), Ok(2_000_000_000));
        assert_eq!(parse("64kib"), Ok(64 << 10));
        assert_eq!(parse("1234"), Ok(1234));
        for wrong in ["", "MiB", "-1", "1.5GiB", "12XB", "99999999999GiB", "1 2"] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
