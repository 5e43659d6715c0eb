use crate::bits::Bits;

use crate::Error;

/// Sum of the frequencies of a distribution.
pub(super) const TOTAL: u32 = 1 << LOG_TOTAL;
pub(super) const LOG_TOTAL: u32 = 12;
/// Most symbols of a distribution.
pub(super) const MAX_SYMBOLS: usize = 256;

/// The frequency of each symbol; they sum to [`TOTAL`].
pub(super) type Frequencies = [u16; MAX_SYMBOLS];

/// Stands for a repetition among the logarithms of frequencies.
const REPEAT: u8 = 13;
/// Fewest repeated symbols.
const MIN_REPEAT: usize = 4;

/// Reads a distribution over up to 2^`log_alphabet` symbols (ISO/IEC 18181-1, C.2.5).
///
/// # Errors
/// Truncated and corrupt distributions.
pub(super) fn read_frequencies(
    bits: &mut Bits<'_>,
    log_alphabet: u32,
) -> Result<Frequencies, Error> {
    let mut frequencies = [0; MAX_SYMBOLS];
    let allowed = &mut frequencies[..1 << log_alphabet];
    if bits.read_bool()? {
        read_one_or_two(bits, allowed)?;
    } else if bits.read_bool()? {
        let count = read_count(bits)? + 1;
        let used = allowed.get_mut(..count).ok_or_else(too_many_symbols)?;
        let (share, rest) = (TOTAL as usize / count, TOTAL as usize % count);
        for (symbol, frequency) in used.iter_mut().enumerate() {
            *frequency = (share + usize::from(symbol < rest)) as u16;
        }
    } else {
        read_any(bits, allowed)?;
    }
    Ok(frequencies)
}

fn read_one_or_two(bits: &mut Bits<'_>, frequencies: &mut [u16]) -> Result<(), Error> {
    let has_two = bits.read_bool()?;
    let first = read_count(bits)?;
    let second = if has_two { read_count(bits)? } else { first };
    if first.max(second) >= frequencies.len() || (has_two && first == second) {
        return Err(too_many_symbols());
    }
    frequencies[first] = TOTAL as u16;
    if has_two {
        let frequency = bits.read(LOG_TOTAL)? as u16;
        frequencies[first] = frequency;
        frequencies[second] = TOTAL as u16 - frequency;
    }
    Ok(())
}

/// Reads the logarithms of all frequencies, then their lower bits. The largest frequency is the
/// rest of the total.
fn read_any(bits: &mut Bits<'_>, frequencies: &mut [u16]) -> Result<(), Error> {
    let mut log = 0;
    while log < 3 && bits.read_bool()? {
        log += 1;
    }
    let precision = bits.read(log)? + (1 << log) - 1;
    if precision > 13 {
        return Err(Error::corrupt("distribution precision out of range"));
    }
    let count = read_count(bits)? + 3;
    let frequencies = frequencies.get_mut(..count).ok_or_else(too_many_symbols)?;
    let mut logs = [0; MAX_SYMBOLS];
    let largest = read_logs(bits, &mut logs[..count])?;
    let (mut sum, mut previous) = (0, 0);
    for (symbol, &log) in logs[..count].iter().enumerate() {
        if log != REPEAT {
            previous = match log {
                0 => 0,
                _ if symbol == largest => 0,
                _ => read_frequency(bits, u32::from(log) - 1, precision)?,
            };
        }
        frequencies[symbol] = previous;
        sum += u32::from(previous);
        if sum > TOTAL {
            return Err(Error::corrupt("probabilities sum to more than one"));
        }
    }
    frequencies[largest] = (TOTAL - sum) as u16;
    Ok(())
}

/// Reads a number for each symbol: 0 if it does not occur, 1 + the logarithm of its frequency, or
/// [`REPEAT`] for the frequency of the symbol before. Returns the first symbol with the largest
/// number.
fn read_logs(bits: &mut Bits<'_>, logs: &mut [u8]) -> Result<usize, Error> {
    let mut largest: Option<usize> = None;
    let mut symbol = 0;
    while symbol < logs.len() {
        let (log, length) = LOG_CODES[bits.peek(7) as usize];
        bits.consume(length.into())?;
        if log == REPEAT {
            let end = symbol + read_count(bits)? + MIN_REPEAT;
            let repeated = logs.get_mut(symbol..end).ok_or_else(too_many_symbols)?;
            repeated.fill(REPEAT);
            symbol = end;
            continue;
        }
        logs[symbol] = log;
        if largest.is_none_or(|largest| log > logs[largest]) {
            largest = Some(symbol);
        }
        symbol += 1;
    }
    let largest = largest.ok_or_else(|| Error::corrupt("distribution without symbols"))?;
    if logs.get(largest + 1) == Some(&REPEAT) {
        return Err(Error::corrupt(
            "distribution repeats the omitted probability",
        ));
    }
    Ok(largest)
}

/// Reads a frequency with this logarithm. Only the highest of its lower bits are coded.
fn read_frequency(bits: &mut Bits<'_>, log: u32, precision: u32) -> Result<u16, Error> {
    let coded = precision.saturating_sub((LOG_TOTAL - log) >> 1).min(log);
    let lower = bits.read(coded)? << (log - coded);
    Ok((1 << log | lower) as u16)
}

/// A number from 0 to 255.
fn read_count(bits: &mut Bits<'_>) -> Result<usize, Error> {
    if !bits.read_bool()? {
        return Ok(0);
    }
    let log = bits.read(3)?;
    Ok((1 << log) + bits.read(log)? as usize)
}

fn too_many_symbols() -> Error {
    Error::corrupt("distribution with too many symbols")
}

/// The number coded by the next seven bits in the code of logarithms, and its bits.
const LOG_CODES: [(u8, u8); 128] = {
    // Bits with the first one lowest, how many they are, what they stand for.
    let codes = [
        (0b000, 3, 10),
        (0b010, 3, 7),
        (0b100, 3, 6),
        (0b101, 3, 8),
        (0b110, 3, 9),
        (0b0011, 4, 3),
        (0b1011, 4, 1),
        (0b0111, 4, 5),
        (0b1111, 4, 2),
        (0b1001, 4, 4),
        (0b10001, 5, 0),
        (0b100001, 6, 11),
        (0b1000001, 7, REPEAT),
        (0b0000001, 7, 12),
    ];
    let mut table = [(0, 0); 128];
    let mut i = 0;
    while i < codes.len() {
        let (code, length, number) = codes[i];
        let mut rest = 0;
        while rest < 128 >> length {
            table[code | rest << length] = (number, length as u8);
            rest += 1;
        }
        i += 1;
    }
    table
};
