use super::profile::Fields;

/// A function of one channel, whose range is 0 to 1.
#[derive(Clone, Copy)]
pub(super) enum Curve<'a> {
    Parametric(Parametric),
    /// Equally spaced values of a byte each.
    Bytes(&'a [u8]),
    /// Equally spaced values of two bytes each.
    Words(&'a [u8]),
}

/// `(a x + b)^g + e` from `d` on, below it `c x + f` (ICC.1:2022, 10.18: function 4).
#[derive(Clone, Copy)]
pub(super) struct Parametric {
    g: f32,
    a: f32,
    b: f32,
    c: f32,
    d: f32,
    e: f32,
    f: f32,
}

impl<'a> Curve<'a> {
    pub(super) const IDENTITY: Self = Self::Parametric(Parametric::power(1.0));

    /// Reads a curve of type curv or para (ICC.1:2022, 10.6 and 10.18). Returns its bytes too.
    pub(super) fn read(fields: Fields<'a>) -> Option<(Self, usize)> {
        match fields.0.get(..4)? {
            b"curv" => Self::read_table(fields),
            b"para" => Parametric::read(fields),
            _ => None,
        }
    }

    fn read_table(fields: Fields<'a>) -> Option<(Self, usize)> {
        let count = fields.u32(8)? as usize;
        let table_bytes = count.checked_mul(2)?;
        let curve = match count {
            0 => Self::IDENTITY,
            1 => Self::Parametric(Parametric::power(f32::from(fields.u16(12)?) / 256.0)),
            _ => Self::Words(fields.part(12, table_bytes)?.0),
        };
        Some((curve, table_bytes.checked_add(12)?))
    }

    /// The value at `x`. Tables cover 0 to 1.
    #[inline]
    pub(super) fn eval(&self, x: f32) -> f32 {
        match self {
            Self::Parametric(function) => function.eval(x),
            Self::Bytes(values) => {
                interpolate(values, x, |[byte]: [u8; 1]| f32::from(byte) / 255.0)
            }
            Self::Words(values) => interpolate(values, x, of_word),
        }
    }

    /// The place where the value is `y`, for curves that rise or fall; the largest of several, as
    /// in lcms2.
    pub(super) fn eval_inverse(&self, y: f32) -> f32 {
        match self {
            Self::Parametric(function) => function.eval_inverse(y),
            Self::Bytes(_) | Self::Words(_) => self.search(y),
        }
    }

    /// Number of entries of a table, at least 2.
    fn len(&self) -> usize {
        match self {
            Self::Parametric(_) => 2,
            Self::Bytes(values) => values.len(),
            Self::Words(values) => values.len() / 2,
        }
    }

    fn entry(&self, index: usize) -> f32 {
        match self {
            Self::Parametric(function) => function.eval(index as f32),
            Self::Bytes(values) => f32::from(values[index]) / 255.0,
            Self::Words(values) => of_word([values[2 * index], values[2 * index + 1]]),
        }
    }

    fn search(&self, y: f32) -> f32 {
        let last = self.len() - 1;
        let (first, end) = (self.entry(0), self.entry(last));
        let rises = first <= end;
        // Not-a-number becomes the smaller one.
        let y = y.max(first.min(end)).min(first.max(end));
        let is_below = |index: usize| match rises {
            true => self.entry(index) <= y,
            false => self.entry(index) > y,
        };
        let (mut low, mut high) = (0, last);
        while high - low > 1 {
            let middle = low.midpoint(high);
            match is_below(middle) {
                true => low = middle,
                false => high = middle,
            }
        }
        let (start, end) = (self.entry(low), self.entry(high));
        let part = match (y - start) / (end - start) {
            // Both are the value.
            part if part.is_nan() => 1.0,
            part => part.clamp(0.0, 1.0),
        };
        (low as f32 + part) / last as f32
    }
}

/// The value of two bytes.
#[inline]
pub(super) fn of_word(word: [u8; 2]) -> f32 {
    f32::from(u16::from_be_bytes(word)) * (1.0 / 65_535.0)
}

/// The value at `x` of a table of at least two entries of `WIDTH` bytes.
#[inline]
fn interpolate<const WIDTH: usize>(
    values: &[u8],
    x: f32,
    value: impl Fn([u8; WIDTH]) -> f32,
) -> f32 {
    let (entries, _) = values.as_chunks::<WIDTH>();
    let last = entries.len() - 1;
    let place = x.clamp(0.0, 1.0) * last as f32;
    let index = (place as usize).min(last - 1);
    let (low, high) = (value(entries[index]), value(entries[index + 1]));
    low + (high - low) * (place - index as f32)
}

impl Parametric {
    const fn power(g: f32) -> Self {
        Self {
            g,
            a: 1.0,
            b: 0.0,
            c: 0.0,
            d: 0.0,
            e: 0.0,
            f: 0.0,
        }
    }

    fn read<'a>(fields: Fields<'a>) -> Option<(Curve<'a>, usize)> {
        let number = |index: usize| fields.fixed(12 + 4 * index).map(|number| number as f32);
        let power = Self::power(number(0)?);
        let (function, count) = match fields.u16(8)? {
            0 => (power, 1),
            kind @ (1 | 2) => {
                let (a, b) = (number(1)?, number(2)?);
                // Below -b / a the function is constant.
                let e = if kind == 2 { number(3)? } else { 0.0 };
                let d = -b / a;
                let function = Self {
                    a,
                    b,
                    d,
                    e,
                    f: e,
                    ..power
                };
                (function, 2 + usize::from(kind))
            }
            kind @ (3 | 4) => {
                let (e, f) = match kind {
                    3 => (0.0, 0.0),
                    _ => (number(5)?, number(6)?),
                };
                let (a, b, c, d) = (number(1)?, number(2)?, number(3)?, number(4)?);
                let function = Self {
                    a,
                    b,
                    c,
                    d,
                    e,
                    f,
                    ..power
                };
                (function, if kind == 3 { 5 } else { 7 })
            }
            _ => return None,
        };
        Some((Curve::Parametric(function), 12 + 4 * count))
    }

    #[inline]
    fn eval(&self, x: f32) -> f32 {
        if self.g == 1.0 && self.a == 1.0 && self.d == 0.0 && self.b == 0.0 {
            return x + self.e;
        }
        match x >= self.d {
            true => (self.a * x + self.b).max(0.0).powf(self.g) + self.e,
            false => self.c * x + self.f,
        }
    }

    /// Values without a place are mapped to where the function starts to rise.
    fn eval_inverse(&self, y: f32) -> f32 {
        if self.g == 1.0 && self.a == 1.0 && self.d == 0.0 && self.b == 0.0 {
            return y - self.e;
        }
        let border = (self.a * self.d + self.b).max(0.0).powf(self.g) + self.e;
        let place = match (y >= border, self.c == 0.0) {
            (true, _) => ((y - self.e).max(0.0).powf(1.0 / self.g) - self.b) / self.a,
            (false, false) => (y - self.f) / self.c,
            (false, true) => self.d,
        };
        if place.is_finite() { place } else { 0.0 }
    }
}
