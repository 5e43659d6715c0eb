//! The pictures of the long run.

use crate::jobs::Job;
use crate::random::Random;

/// Pixels of the smallest and the largest pictures outside the burst.
const PIXELS: [f64; 2] = [4e3, 2e6];

/// Pixels of the smallest and the largest pictures of the burst.
const BURST_PIXELS: [f64; 2] = [5e5, 12e6];

/// Returns picture `number` of `all`. Areas are spread evenly on a logarithmic scale. The burst,
/// from 40 to 45 % of all pictures, has larger ones.
pub(super) fn picture(number: usize, all: usize) -> Job {
    let in_burst = is_in_burst(number, all);
    let [least, most] = if in_burst { BURST_PIXELS } else { PIXELS };
    let mut random = Random::new(number as u64);
    let pixels = least * (most / least).powf(random.fraction());
    let aspect = 0.5 * 4f64.powf(random.fraction());
    let width = (pixels * aspect).sqrt().ceil();
    let height = (pixels / width).ceil();
    Job::new(number as u64, width as usize, height as usize)
}

fn is_in_burst(number: usize, all: usize) -> bool {
    (all * 40..all * 45).contains(&(number * 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_mixed_and_the_burst_is_short() {
        let pixels = |number| {
            let job = picture(number, 1000);
            (job.width * job.height) as f64
        };
        let most = (0..400).chain(450..1000).map(pixels).fold(0.0, f64::max);
        let least = (0..1000).map(pixels).fold(f64::MAX, f64::min);
        assert!(most < PIXELS[1] * 1.01 && most > PIXELS[1] / 2.0, "{most}");
        assert!(least < PIXELS[0] * 2.0, "{least}");
        let burst: Vec<usize> = (0..1000).filter(|&n| is_in_burst(n, 1000)).collect();
        assert_eq!((burst.len(), burst[0]), (50, 400));
        let largest = burst.into_iter().map(pixels).fold(0.0, f64::max);
        assert!(
            largest > 6e6 && largest < BURST_PIXELS[1] * 1.01,
            "{largest}"
        );
    }
}
