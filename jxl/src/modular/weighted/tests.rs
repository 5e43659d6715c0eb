use frame_arena::Arena;
use jxl_simd::{ScalarDescriptor, SimdDescriptor};

use super::{DefaultParameters, Parameters, WeightedRows};
use crate::modular::WeightedParams;
use crate::modular::predictor::Neighbors;
use crate::modular::testing::{Rng, Rows, pieces, rows};
use crate::simd::{self, dispatch_quads};

/// The predictor as written in the standard (H.5): keeps the errors of the whole channel and looks
/// each up at its place.
struct Naive {
    params: WeightedParams,
    width: usize,
    sub_errors: Vec<Vec<[u32; 4]>>,
    true_errors: Vec<Vec<i64>>,
}

impl Naive {
    fn new(params: WeightedParams, width: usize, height: usize) -> Self {
        Self {
            params,
            width,
            sub_errors: vec![vec![[0; 4]; width]; height],
            true_errors: vec![vec![0; width]; height],
        }
    }

    /// Position of a neighbor: none beyond the left edge; above left and above right are replaced
    /// by above.
    fn place(&self, x: usize, y: usize, dx: isize, dy: isize) -> Option<(usize, usize)> {
        let y = y.checked_add_signed(dy)?;
        match x.checked_add_signed(dx).filter(|&x| x < self.width) {
            Some(x) => Some((x, y)),
            None if dy == 0 => None,
            None => Some((x, y)),
        }
    }

    fn error(&self, x: usize, y: usize, dx: isize, dy: isize) -> [u32; 4] {
        let place = self.place(x, y, dx, dy);
        place.map_or([0; 4], |(x, y)| self.sub_errors[y][x])
    }

    fn true_error(&self, x: usize, y: usize, dx: isize, dy: isize) -> i64 {
        let place = self.place(x, y, dx, dy);
        place.map_or(0, |(x, y)| self.true_errors[y][x])
    }

    /// Sum of the errors around. The replacement of a neighbor includes the errors added to it.
    fn error_sum(&self, x: usize, y: usize, i: usize) -> u32 {
        let at = |dx, dy| self.error(x, y, dx, dy)[i];
        let north_and_west = at(0, -1).wrapping_add(at(-1, 0));
        let north_west = if x == 0 { at(0, -1) } else { at(-1, -1) };
        let north_east = if x + 1 == self.width {
            north_and_west
        } else {
            at(1, -1)
        };
        north_and_west
            .wrapping_add(north_west)
            .wrapping_add(at(-2, 0))
            .wrapping_add(north_east)
    }

    fn weight(&self, x: usize, y: usize, i: usize) -> u32 {
        let sum = u64::from(self.error_sum(x, y, i));
        let shift = (sum + 1).ilog2().saturating_sub(5);
        let divisor = (sum >> shift) + 1;
        let weight = u64::from(self.params.weights[i]) * ((1 << 24) / divisor);
        4 + (weight >> shift) as u32
    }

    fn guesses(&self, x: usize, y: usize, at: &Neighbors) -> [i64; 4] {
        let [n, w, nw, ne, nn] = [at.n, at.w, at.nw, at.ne, at.nn].map(|s| i64::from(s) << 3);
        let te = |dx, dy| self.true_error(x, y, dx, dy);
        let (te_w, te_n, te_nw, te_ne) = (te(-1, 0), te(0, -1), te(-1, -1), te(1, -1));
        let p3 = self.params.p3.map(i64::from);
        let last = te_nw * p3[0] + te_n * p3[1] + te_ne * p3[2];
        let last = last + (nn - n) * p3[3] + (nw - w) * p3[4];
        [
            w + ne - n,
            n - (((te_w + te_n + te_ne) * i64::from(self.params.p1)) >> 5),
            w - (((te_w + te_n + te_nw) * i64::from(self.params.p2)) >> 5),
            n - (last >> 5),
        ]
    }

    /// Prediction in eighths, and the largest error.
    fn predict(&self, x: usize, y: usize, at: &Neighbors) -> (i64, i64) {
        let mut weights = [0, 1, 2, 3].map(|i| self.weight(x, y, i));
        let log = weights.iter().map(|&w| u64::from(w)).sum::<u64>().ilog2();
        weights = weights.map(|weight| weight >> (log - 4));
        let total: u32 = weights.iter().sum();
        let mut sum = i128::from(total / 2) - 1;
        for (guess, weight) in self.guesses(x, y, at).into_iter().zip(weights) {
            sum += i128::from(guess) * i128::from(weight);
        }
        let mut prediction = ((sum * i128::from((1 << 24) / total)) >> 24) as i64;
        let te = |dx, dy| self.true_error(x, y, dx, dy);
        let (te_w, te_n, te_nw, te_ne) = (te(-1, 0), te(0, -1), te(-1, -1), te(1, -1));
        if ((te_n ^ te_w) | (te_n ^ te_nw)) <= 0 {
            let around = [at.w, at.n, at.ne].map(|s| i64::from(s) << 3);
            let low = around.into_iter().min().unwrap();
            let high = around.into_iter().max().unwrap();
            prediction = prediction.clamp(low, high);
        }
        let mut largest = te_w;
        for error in [te_n, te_nw, te_ne] {
            if error.abs() > largest.abs() {
                largest = error;
            }
        }
        (prediction, largest)
    }

    fn update(&mut self, x: usize, y: usize, at: &Neighbors, sample: i32) {
        let truth = i64::from(sample) << 3;
        self.sub_errors[y][x] = self
            .guesses(x, y, at)
            .map(|guess| (((guess - truth).abs() + 3) >> 3) as u32);
        self.true_errors[y][x] = self.predict(x, y, at).0 - truth;
    }
}

fn neighbors(channel: &Rows, x: usize, y: usize) -> Neighbors {
    let above = y.checked_sub(1).map(|y| &channel[y]);
    let w = match (x, above) {
        (0, None) => 0,
        (0, Some(above)) => above[0],
        (x, _) => channel[y][x - 1],
    };
    let n = above.map_or(w, |above| above[x]);
    Neighbors {
        n,
        w,
        nw: above.filter(|_| x > 0).map_or(w, |above| above[x - 1]),
        ne: above
            .and_then(|above| above.get(x + 1))
            .copied()
            .unwrap_or(n),
        nn: y.checked_sub(2).map_or(n, |y| channel[y][x]),
        ..Neighbors::default()
    }
}

fn above(channel: &Rows, y: usize) -> Option<&[i32]> {
    y.checked_sub(1).map(|y| &*channel[y])
}

/// Compares both on one channel, without vectors and with those of the processor.
fn compare<P: Parameters>(params: P, channel: &Rows) {
    compare_with(ScalarDescriptor, params, channel);
    dispatch_quads(Compare { params, channel });
}

struct Compare<'a, P> {
    params: P,
    channel: &'a Rows,
}

impl<P: Parameters> simd::Kernel for Compare<'_, P> {
    type Output = ();

    fn run<D: SimdDescriptor>(self, d: D) {
        compare_with(d, self.params, self.channel);
    }
}

fn compare_with<P: Parameters>(d: impl SimdDescriptor, params: P, channel: &Rows) {
    let arena = Arena::new();
    let frame = arena.frame();
    let scratch = frame.scratch();
    let width = channel[0].len();
    let mut naive = Naive::new(params.get(), width, channel.len());
    let mut memory = WeightedRows::new(&scratch, width + 5).expect("memory for rows");
    let mut weighted = memory.start(params, width);
    for y in 0..channel.len() {
        let mut row = weighted.row_with(d);
        for columns in pieces(width) {
            row.begin(&columns, above(channel, y));
            for x in columns.clone() {
                let at = neighbors(channel, x, y);
                let guess = row.predict(x, &at);
                let (prediction, max_error) = naive.predict(x, y, &at);
                let expected = (((prediction + 3) >> 3) as i32, max_error as i32);
                assert_eq!((guess.prediction, guess.max_error), expected, "{x}, {y}");
                row.update(x, channel[y][x]);
                naive.update(x, y, &at, channel[y][x]);
            }
            row.end(&columns);
        }
    }
}

#[test]
fn predictions_are_those_of_the_standard() {
    let mut rng = Rng(3);
    for width in [1, 2, 3, 4, 9, 32, 33, 34, 40, 65, 66] {
        for limit in [2, 255, 65535] {
            compare(DefaultParameters, &rows(width, 12, || rng.within(limit)));
            let mut level = 0;
            let smooth = rows(width, 12, || {
                level += rng.within(3);
                level
            });
            compare(WeightedParams::DEFAULT, &smooth);
        }
    }
}

#[test]
fn samples_may_become_large_anywhere() {
    let mut rng = Rng(6);
    for limit in [super::LARGEST_SAMPLE - 1, super::LARGEST_SAMPLE, 1 << 24] {
        for place in [0, 1, 8, 9, 30, 44] {
            let mut channel = rows(9, 12, || rng.within(255));
            channel[place / 9][place % 9] = [limit, -limit - 1][rng.below(2)];
            compare(DefaultParameters, &channel);
        }
        compare(DefaultParameters, &rows(9, 12, || rng.within(limit)));
        compare(
            DefaultParameters,
            &rows(9, 12, || [limit, -limit][rng.below(2)]),
        );
    }
}

#[test]
fn errors_that_grow_from_row_to_row_stay_right() {
    for sign in [1, -1] {
        let (mut step, mut up) = (0, false);
        let channel = rows(40, 40, || {
            step += 1;
            up ^= step % 40 != 0;
            if up {
                sign * ((1 << 18) - 1)
            } else {
                -sign << 18
            }
        });
        compare(DefaultParameters, &channel);
    }
}

#[test]
fn other_parameters_are_used() {
    let mut rng = Rng(4);
    for _ in 0..40 {
        let mut number = |limit| rng.below(limit) as u32;
        let params = WeightedParams {
            p1: number(32),
            p2: number(32),
            p3: [0; 5].map(|_: u32| number(32)),
            weights: [0; 4].map(|_: u32| number(16)),
        };
        compare(params, &rows(11, 11, || rng.within(1023)));
    }
}

#[test]
fn samples_of_the_whole_range_do_not_overflow() {
    let arena = Arena::new();
    let frame = arena.frame();
    let scratch = frame.scratch();
    let mut rng = Rng(5);
    let mut memory = WeightedRows::new(&scratch, 16).expect("memory for rows");
    let params = WeightedParams {
        p1: 31,
        p2: 31,
        p3: [31; 5],
        weights: [15; 4],
    };
    let mut weighted = memory.start(params, 16);
    let channel = rows(16, 64, || [i32::MIN, i32::MAX, rng.sample()][rng.below(3)]);
    for y in 0..channel.len() {
        let mut row = weighted.row();
        for columns in pieces(16) {
            row.begin(&columns, above(&channel, y));
            for x in columns.clone() {
                row.predict(x, &neighbors(&channel, x, y));
                row.update(x, channel[y][x]);
            }
            row.end(&columns);
        }
    }
}

#[test]
fn ranked_weights_are_those_of_their_errors() {
    let tables = [13, 12].map(|most| (most, super::ranked_weights(most)));
    let small = 0..1 << 12;
    let large = (12..23).flat_map(|bits| {
        let edges = (1..64).map(move |i| (1 << bits) + (i << bits) / 64);
        edges.flat_map(|edge| [edge - 1, edge, edge + 1])
    });
    for error in small.chain(large).chain([super::RANKED_ERRORS - 1]) {
        for (most, table) in &tables {
            let expected = super::weight(error, *most);
            assert_eq!(table[super::rank(error)], expected, "error {error}");
        }
        let errors = [error, 0, error / 2, 1];
        let numbers = errors.map(|error| error as i32);
        let quad = super::Quad::load(ScalarDescriptor, &numbers);
        let ranks = quad.ranks(ScalarDescriptor).expect("small errors");
        let ranks = ranks.map(|rank| rank as usize % super::RANKS);
        assert_eq!(ranks, errors.map(super::rank));
    }
    let large = super::Quad::load(ScalarDescriptor, &[0, 1 << 23, 0, 0]);
    assert!(large.ranks(ScalarDescriptor).is_none());
    let negative = super::Quad::load(ScalarDescriptor, &[0, 0, 0, -1]);
    assert!(negative.ranks(ScalarDescriptor).is_none());
}
