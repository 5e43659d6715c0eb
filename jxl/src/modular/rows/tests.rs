use frame_arena::{Arena, PlaneAlloc};
use jxl_simd::{ScalarDescriptor, SimdDescriptor};

use super::{Kernel, RowKernel, decode_row};
use crate::Error;
use crate::modular::predictor::Neighbors;
use crate::modular::testing::{Rng, rows};

/// Neighbors as the standard gives them (H.3), from the whole channel.
fn naive(channel: &[Vec<i32>], x: usize, y: usize) -> Neighbors {
    let at = |dx: isize, dy: isize| {
        let row = channel.get(y.checked_add_signed(dy)?)?;
        row.get(x.checked_add_signed(dx)?).copied()
    };
    let w = at(-1, 0).or(at(0, -1)).unwrap_or(0);
    let n = at(0, -1).unwrap_or(w);
    let ne = at(1, -1).unwrap_or(n);
    Neighbors {
        w,
        n,
        nw: at(-1, -1).unwrap_or(w),
        ne,
        nn: at(0, -2).unwrap_or(n),
        ww: at(-2, 0).unwrap_or(w),
        nee: at(2, -1).unwrap_or(ne),
    }
}

/// Yields the samples of a channel and compares what it is given.
struct Checker<'a> {
    channel: &'a [Vec<i32>],
    y: usize,
}

impl Kernel for Checker<'_> {
    type Row<'k, D: SimdDescriptor>
        = &'k mut Self
    where
        Self: 'k;

    fn row<D: SimdDescriptor>(&mut self, _: D, y: usize) -> &mut Self {
        self.y = y;
        self
    }
}

impl RowKernel for &mut Checker<'_> {
    fn sample(&mut self, x: usize, at: &Neighbors) -> Result<i32, Error> {
        let expected = naive(self.channel, x, self.y);
        assert_eq!(*at, expected, "sample {x}, {}", self.y);
        Ok(self.channel[self.y][x])
    }
}

#[test]
fn neighbors_are_those_of_the_standard() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut rng = Rng(1);
    for width in 1..7 {
        for height in 1..6 {
            let channel = rows(width, height, || rng.sample());
            let mut decoded = frame.plane::<i32>(width, height).expect("memory");
            let mut checker = Checker {
                channel: &channel,
                y: 0,
            };
            for (y, row) in channel.iter().enumerate() {
                let done = decode_row(ScalarDescriptor, &mut checker, &mut decoded.view_mut(), y);
                done.expect("the checker does not fail");
                assert_eq!(decoded.row(y), row);
            }
        }
    }
}
