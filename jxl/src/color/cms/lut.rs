//! Models of tables, matrices and curves (ICC.1:2022, 10.10 to 10.13).

use super::clut::{Clut, MOST_CHANNELS};
use super::curve::Curve;
use super::profile::Fields;
use super::step::{Direction, Step, Steps};

/// Signature of lutBToAType, letter by letter because spell checkers take it for a misspelled word.
pub(super) const B_TO_A: [u8; 4] = [b'm', b'B', b'A', b' '];

/// Reads the steps of a tag, and whether it encodes L*a*b* as lut16Type does. `None` for other
/// types, and for sizes that contradict each other.
pub(super) fn read(
    tag: Fields<'_>,
    direction: Direction,
    device_channels: usize,
) -> Option<(Steps<'_>, bool)> {
    let channels = (usize::from(tag.byte(8)?), usize::from(tag.byte(9)?));
    let expected = match direction {
        Direction::ToConnectionSpace => (device_channels, 3),
        Direction::FromConnectionSpace => (3, device_channels),
    };
    if channels != expected {
        return None;
    }
    match tag.0.get(..4)? {
        kind if kind == B_TO_A => Some((read_elements(tag, direction, channels)?, false)),
        b"mft1" => Some((read_tables::<1>(tag, channels)?, false)),
        b"mft2" => Some((read_tables::<2>(tag, channels)?, true)),
        b"mAB " => Some((read_elements(tag, direction, channels)?, false)),
        _ => None,
    }
}

/// ICC.1:2022, 10.10 and 10.11: lut16Type and lut8Type, whose values have `WIDTH` bytes.
fn read_tables<const WIDTH: usize>(
    tag: Fields<'_>,
    (inputs, outputs): (usize, usize),
) -> Option<Steps<'_>> {
    let has_words = WIDTH == 2;
    let (in_entries, out_entries, start) = match has_words {
        true => (usize::from(tag.u16(48)?), usize::from(tag.u16(50)?), 52),
        false => (256, 256, 48),
    };
    let in_bytes = in_entries * WIDTH;
    let in_curves = read_curves_of_tables::<WIDTH>(tag.from(start)?, in_bytes, inputs)?;
    let clut_start = start + in_bytes * inputs;
    let points = [tag.byte(10)?; MOST_CHANNELS];
    let clut = Clut::new(
        tag.from(clut_start)?,
        points.get(..inputs)?,
        outputs,
        has_words,
    )?;
    let out_start = clut_start + clut.bytes();
    let out_curves =
        read_curves_of_tables::<WIDTH>(tag.from(out_start)?, out_entries * WIDTH, outputs)?;
    let matrix = match inputs {
        3 => Some(Step::matrix(tag.fixed_matrix(12)?, [0.0; 3])),
        _ => None,
    };
    Some([
        matrix,
        Some(Step::Curves(in_curves)),
        Some(Step::Clut(clut)),
        Some(Step::Curves(out_curves)),
        None,
    ])
}

/// Tables of `table_bytes` one after the other.
fn read_curves_of_tables<const WIDTH: usize>(
    fields: Fields<'_>,
    table_bytes: usize,
    channels: usize,
) -> Option<[Curve<'_>; MOST_CHANNELS]> {
    let mut curves = [Curve::IDENTITY; MOST_CHANNELS];
    if table_bytes < 2 * WIDTH {
        return None;
    }
    for (channel, curve) in curves.iter_mut().enumerate().take(channels) {
        let table = fields.part(channel * table_bytes, table_bytes)?.0;
        *curve = match WIDTH {
            1 => Curve::Bytes(table),
            _ => Curve::Words(table),
        };
    }
    Some(curves)
}

/// ICC.1:2022, 10.12 and 10.13: lutAToBType and lutBToAType.
fn read_elements(
    tag: Fields<'_>,
    direction: Direction,
    (inputs, outputs): (usize, usize),
) -> Option<Steps<'_>> {
    let start = |field: usize| Some(tag.u32(field)? as usize).filter(|&start| start > 0);
    let device_channels = match direction {
        Direction::ToConnectionSpace => inputs,
        Direction::FromConnectionSpace => outputs,
    };
    let curves = |field, channels| match start(field) {
        Some(start) => read_curves(tag.from(start)?, channels).map(Some),
        None => Some(None),
    };
    let b_curves = curves(12, 3)?;
    let m_curves = curves(20, 3)?;
    let a_curves = curves(28, device_channels)?;
    let matrix = match start(16) {
        Some(start) => {
            let offset = tag.fixed_triple(start.checked_add(36)?)?;
            Some(Step::matrix(tag.fixed_matrix(start)?, offset))
        }
        None => None,
    };
    let clut = match start(24) {
        Some(start) => Some(read_clut(tag.from(start)?, inputs, outputs)?),
        // Without a table, channels stay as many as they are.
        None if inputs == outputs => None,
        None => return None,
    };
    Some(match direction {
        Direction::ToConnectionSpace => [a_curves, clut, m_curves, matrix, b_curves],
        Direction::FromConnectionSpace => [b_curves, matrix, m_curves, clut, a_curves],
    })
}

/// Curves one after the other, each from a multiple of 4 bytes on.
fn read_curves(fields: Fields<'_>, channels: usize) -> Option<Step<'_>> {
    let mut curves = [Curve::IDENTITY; MOST_CHANNELS];
    let mut start = 0usize;
    for curve in curves.iter_mut().take(channels) {
        let (read, bytes) = Curve::read(fields.from(start)?)?;
        *curve = read;
        start = start.checked_add(bytes)?.checked_next_multiple_of(4)?;
    }
    Some(Step::Curves(curves))
}

/// Points along up to 16 inputs, the bytes of a value, and the table.
fn read_clut(fields: Fields<'_>, inputs: usize, outputs: usize) -> Option<Step<'_>> {
    let points = fields.part(0, inputs)?.0;
    let has_words = match fields.byte(16)? {
        1 => false,
        2 => true,
        _ => return None,
    };
    Clut::new(fields.from(20)?, points, outputs, has_words).map(Step::Clut)
}
