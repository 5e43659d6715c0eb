use frame_arena::{Charge, Scope};
use jxl_bitstream::{Bitstream, unpack_signed};
use jxl_coding::Decoder;

use crate::{Error, origin};

/// Most splines of a frame that are read; each takes 560 bytes of memory and 128 symbols of the stream.
const MAX_SPLINES: u64 = 1 << 16;
/// Most control points of all splines of a frame.
const MAX_POINTS: u64 = 1 << 20;
/// Farthest place of a control point.
const MAX_PLACE: i64 = 1 << 23;

/// The splines of a frame as they are coded (ISO/IEC 18181-1, F.4 and K.4.2).
pub(crate) struct CodedSplines {
    /// Eighths by which coefficients are coded finer, or coarser where negative.
    pub(super) adjustment: i32,
    pub(super) splines: Vec<CodedSpline>,
    _charge: Charge,
}

pub(super) struct CodedSpline {
    /// Columns and rows.
    pub(super) points: Vec<(i64, i64)>,
    /// Of X, Y, B and sigma.
    pub(super) coefficients: [[i32; 32]; 4],
}

/// Contexts of the entropy code.
mod context {
    pub(super) const ADJUSTMENT: u32 = 0;
    pub(super) const START: u32 = 1;
    pub(super) const COUNT: u32 = 2;
    pub(super) const POINT_COUNT: u32 = 3;
    pub(super) const POINT: u32 = 4;
    pub(super) const COEFFICIENT: u32 = 5;
    pub(super) const ALL: u32 = 6;
}

struct Reader<'r, 'b> {
    bits: &'r mut Bitstream<'b>,
    code: Decoder,
}

impl Reader<'_, '_> {
    fn unsigned(&mut self, context: u32) -> Result<u32, Error> {
        Ok(self.code.read_varint(self.bits, context)?)
    }

    fn signed(&mut self, context: u32) -> Result<i32, Error> {
        self.unsigned(context).map(unpack_signed)
    }

    /// A difference of columns and one of rows.
    fn difference(&mut self, context: u32) -> Result<(i64, i64), Error> {
        let (x, y) = (self.signed(context)?, self.signed(context)?);
        Ok((i64::from(x), i64::from(y)))
    }
}

impl CodedSplines {
    /// Reads the splines of a frame of `pixels`. `scope` is charged for them.
    ///
    /// # Errors
    /// Truncated or corrupt data, more splines or points than the picture may have, memory.
    pub(crate) fn parse(
        bits: &mut Bitstream<'_>,
        pixels: u64,
        scope: &Scope,
    ) -> Result<Self, Error> {
        let code = Decoder::parse(bits, context::ALL)?;
        let mut reader = Reader { bits, code };
        reader.code.begin(reader.bits)?;
        let count = u64::from(reader.unsigned(context::COUNT)?) + 1;
        if count > MAX_SPLINES.min(pixels / 4) {
            return Err(Error::corrupt("too many splines"));
        }
        let max_points = MAX_POINTS.min(pixels / 2);
        let charged = count * (size_of::<CodedSpline>() + 16) as u64 + 32 * max_points;
        let charge = scope.charge_for(origin::SPLINES, charged as usize)?;
        let starts = read_starts(&mut reader, count)?;
        let adjustment = reader.signed(context::ADJUSTMENT)?;
        let mut splines = Vec::with_capacity(starts.len());
        let mut left = max_points;
        for start in starts {
            let points = read_points(&mut reader, start, &mut left)?;
            let mut coefficients = [[0; 32]; 4];
            for coefficient in coefficients.as_flattened_mut() {
                *coefficient = reader.signed(context::COEFFICIENT)?;
            }
            splines.push(CodedSpline {
                points,
                coefficients,
            });
        }
        reader.code.finalize()?;
        Ok(Self {
            adjustment,
            splines,
            _charge: charge,
        })
    }
}

#[cfg(test)]
impl CodedSplines {
    /// One spline through `points`, of constant X, Y, B and sigma in units of their weights.
    pub(crate) fn constant(scope: &Scope, points: &[(i64, i64)], values: [i32; 4]) -> Self {
        let coefficients = values.map(|value| {
            let mut coefficients = [0; 32];
            coefficients[0] = value;
            coefficients
        });
        Self {
            adjustment: 0,
            splines: vec![CodedSpline {
                points: points.to_vec(),
                coefficients,
            }],
            _charge: scope.charge(0).unwrap(),
        }
    }
}

fn read_starts(reader: &mut Reader<'_, '_>, count: u64) -> Result<Vec<(i64, i64)>, Error> {
    let (x, y) = (
        reader.unsigned(context::START)?,
        reader.unsigned(context::START)?,
    );
    let mut start = checked((i64::from(x), i64::from(y)))?;
    let mut starts = vec![start];
    for _ in 1..count {
        let (dx, dy) = reader.difference(context::START)?;
        start = checked((start.0 + dx, start.1 + dy))?;
        starts.push(start);
    }
    Ok(starts)
}

/// The control points of one spline, of which no more than `left` follow the start.
fn read_points(
    reader: &mut Reader<'_, '_>,
    start: (i64, i64),
    left: &mut u64,
) -> Result<Vec<(i64, i64)>, Error> {
    let count = u64::from(reader.unsigned(context::POINT_COUNT)?);
    *left = left
        .checked_sub(count)
        .ok_or_else(|| Error::corrupt("too many points of splines"))?;
    let mut points = Vec::with_capacity(1 + count as usize);
    points.push(start);
    let (mut place, mut step) = (start, (0i64, 0i64));
    for _ in 0..count {
        // Differences of differences.
        let (dx, dy) = reader.difference(context::POINT)?;
        step = checked((step.0 + dx, step.1 + dy))?;
        if step == (0, 0) {
            return Err(Error::corrupt("two points of a spline in one place"));
        }
        place = checked((place.0 + step.0, place.1 + step.1))?;
        points.push(place);
    }
    Ok(points)
}

fn checked((x, y): (i64, i64)) -> Result<(i64, i64), Error> {
    if x.abs().max(y.abs()) >= MAX_PLACE {
        return Err(Error::corrupt("spline out of range"));
    }
    Ok((x, y))
}
