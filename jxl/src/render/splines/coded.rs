use bytemuck::{Pod, Zeroable};

use crate::Error;
use crate::bits::{Bits, unpack_signed};
use crate::entropy::{Code, Reader};
use crate::memory::{Growing, Memory};

/// Most splines of a frame; each takes 560 bytes of memory and 128 symbols of the stream.
const MAX_SPLINES: u64 = 1 << 16;
/// Most control points of all splines of a frame.
const MAX_POINTS: u64 = 1 << 20;
/// Largest coordinate of a control point.
const MAX_PLACE: i64 = 1 << 23;

/// The coded splines of a frame (ISO/IEC 18181-1, F.4 and K.4.2).
pub(crate) struct CodedSplines<'m> {
    /// Eighths by which coefficients are coded finer, or coarser if negative.
    pub(super) adjustment: i32,
    pub(super) splines: &'m [CodedSpline],
    /// The control points of all splines, one spline after the other.
    points: &'m [ControlPoint],
}

/// Column and row.
pub(super) type ControlPoint = [i64; 2];

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct CodedSpline {
    /// Start and end of its points.
    points: [usize; 2],
    /// Coefficients of X, Y, B and sigma.
    pub(super) coefficients: [[i32; 32]; 4],
}

/// Contexts of the entropy code.
mod context {
    pub(super) const ADJUSTMENT: usize = 0;
    pub(super) const START: usize = 1;
    pub(super) const COUNT: usize = 2;
    pub(super) const POINT_COUNT: usize = 3;
    pub(super) const POINT: usize = 4;
    pub(super) const COEFFICIENT: usize = 5;
    pub(super) const ALL: usize = 6;
}

impl<'m> CodedSplines<'m> {
    /// Reads the splines of a frame of `pixels`.
    ///
    /// # Errors
    /// Truncated or corrupt data, more splines or points than the picture may have, memory.
    pub(crate) fn parse(
        bits: &mut Bits<'_>,
        pixels: u64,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        memory.for_now(|for_now| {
            let code = Code::parse(bits, context::ALL, for_now)?;
            let symbols = Reader::begin(&code, bits, for_now)?;
            let mut reader = SplineReader { symbols };
            let splines = reader.splines(pixels, for_now, memory)?;
            reader.symbols.finish(bits)?;
            Ok(splines)
        })
    }

    pub(super) fn points(&self, spline: &CodedSpline) -> &'m [ControlPoint] {
        &self.points[spline.points[0]..spline.points[1]]
    }
}

#[cfg(test)]
impl<'m> CodedSplines<'m> {
    /// One spline through `points`, with constant X, Y, B and sigma in units of their weights.
    pub(crate) fn constant(memory: Memory<'m>, points: &[ControlPoint], values: [i32; 4]) -> Self {
        let spline = CodedSpline {
            points: [0, points.len()],
            coefficients: values.map(|value| {
                let mut coefficients = [0; 32];
                coefficients[0] = value;
                coefficients
            }),
        };
        Self {
            adjustment: 0,
            splines: memory.copy(&[spline]).unwrap(),
            points: memory.copy(points).unwrap(),
        }
    }
}

struct SplineReader<'r, 'd> {
    symbols: Reader<'r, 'd>,
}

impl SplineReader<'_, '_> {
    fn splines<'m>(
        &mut self,
        pixels: u64,
        for_now: Memory<'_>,
        memory: Memory<'m>,
    ) -> Result<CodedSplines<'m>, Error> {
        let count = u64::from(self.unsigned(context::COUNT)?) + 1;
        if count > MAX_SPLINES.min(pixels / 4) {
            return Err(Error::corrupt("too many splines"));
        }
        let starts = for_now.stale(count as usize)?;
        self.read_starts(starts)?;
        let adjustment = self.signed(context::ADJUSTMENT)?;
        let splines = memory.zeros::<CodedSpline>(starts.len())?;
        let mut points = Growing::new(memory);
        let mut left = MAX_POINTS.min(pixels / 2);
        for (spline, &start) in splines.iter_mut().zip(&*starts) {
            spline.points[0] = points.items().len();
            self.read_points(start, &mut left, &mut points)?;
            spline.points[1] = points.items().len();
            for coefficient in spline.coefficients.as_flattened_mut() {
                *coefficient = self.signed(context::COEFFICIENT)?;
            }
        }
        Ok(CodedSplines {
            adjustment,
            splines,
            points: points.into_items(),
        })
    }

    fn unsigned(&mut self, context: usize) -> Result<u32, Error> {
        self.symbols.read(context)
    }

    fn signed(&mut self, context: usize) -> Result<i32, Error> {
        self.unsigned(context).map(unpack_signed)
    }

    /// Reads differences of column and row, and returns the resulting place.
    fn moved(&mut self, context: usize, [x, y]: ControlPoint) -> Result<ControlPoint, Error> {
        let (dx, dy) = (self.signed(context)?, self.signed(context)?);
        checked([x + i64::from(dx), y + i64::from(dy)])
    }

    fn read_starts(&mut self, starts: &mut [ControlPoint]) -> Result<(), Error> {
        let mut before: Option<ControlPoint> = None;
        for start in starts {
            *start = match before {
                Some(before) => self.moved(context::START, before)?,
                None => {
                    let (x, y) = (
                        self.unsigned(context::START)?,
                        self.unsigned(context::START)?,
                    );
                    checked([x.into(), y.into()])?
                }
            };
            before = Some(*start);
        }
        Ok(())
    }

    /// Reads the control points of one spline, at most `left` after the start.
    fn read_points(
        &mut self,
        start: ControlPoint,
        left: &mut u64,
        points: &mut Growing<'_, ControlPoint>,
    ) -> Result<(), Error> {
        let count = u64::from(self.unsigned(context::POINT_COUNT)?);
        *left = left
            .checked_sub(count)
            .ok_or_else(|| Error::corrupt("too many points of splines"))?;
        points.push(start)?;
        let (mut place, mut step) = (start, [0, 0]);
        for _ in 0..count {
            // Differences of differences.
            step = self.moved(context::POINT, step)?;
            if step == [0, 0] {
                return Err(Error::corrupt("duplicate spline control points"));
            }
            place = checked([place[0] + step[0], place[1] + step[1]])?;
            points.push(place)?;
        }
        Ok(())
    }
}

fn checked([x, y]: ControlPoint) -> Result<ControlPoint, Error> {
    if x.abs().max(y.abs()) >= MAX_PLACE {
        return Err(Error::corrupt("spline out of range"));
    }
    Ok([x, y])
}
