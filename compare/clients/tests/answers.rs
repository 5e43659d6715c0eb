//! Every strategy must give the same, correct results.

use std::io::Write;

use compare_clients::apart::agree;
use compare_clients::figures::Outcome;
use compare_clients::jpeg::{self, Image, picture};
use compare_clients::strategy::Strategy;
use compare_clients::{long_run, server, video};

/// A strategy for each kind of memory: in one process, all run on the same allocator.
const KINDS: [Strategy; 5] = [
    Strategy::FrameArena,
    Strategy::Vec,
    Strategy::KeptVec,
    Strategy::Bumpalo,
    Strategy::BumpScope,
];

/// Widths, heights, whether chroma is subsampled, and the restart interval of pictures to decode.
const PICTURES: [(usize, usize, bool, Option<u16>); 6] = [
    (64, 48, true, None),
    (333, 251, true, None),
    (333, 251, false, None),
    (1, 1, true, None),
    (500, 120, true, Some(7)),
    (90, 400, false, Some(1)),
];

fn files() -> Vec<Vec<u8>> {
    let file = |(width, height, subsampled, restart)| {
        let rgb = picture::draw(width, height);
        picture::encode(&rgb, width, height, subsampled, restart).unwrap()
    };
    PICTURES.into_iter().map(file).collect()
}

fn agreeing(measure: impl Fn(Strategy) -> Outcome) -> Vec<Option<u64>> {
    let outcomes = KINDS.map(|strategy| (strategy, measure(strategy)));
    agree(&outcomes).unwrap();
    let [(_, first), ..] = outcomes;
    first.answers
}

#[test]
fn jpeg_decoders_agree_whatever_was_decoded_before() {
    let files = files();
    let images: Vec<Image<'_>> = files
        .iter()
        .map(|file| Image::parse(file).unwrap())
        .collect();
    let mut sums = Vec::new();
    for strategy in KINDS {
        let mut memory = jpeg::memory(strategy);
        for index in (0..images.len()).chain((0..images.len()).rev()) {
            let image = &images[index];
            let mut rgb = vec![1; image.rgb_bytes()];
            memory.decode(image, &mut rgb).unwrap();
            sums.push((index, jpeg::checksum(image, &rgb)));
        }
    }
    for &(index, sum) in &sums {
        assert_eq!(sum, sums[index].1, "picture {index}");
    }
}

#[test]
fn jpeg_pictures_are_those_of_an_independent_decoder() {
    for (file, (.., subsampled, _)) in files().iter().zip(PICTURES) {
        let image = Image::parse(file).unwrap();
        let mut rgb = vec![1; image.rgb_bytes()];
        let mut memory = jpeg::memory(Strategy::FrameArena);
        memory.decode(&image, &mut rgb).unwrap();
        let expected = jpeg_decoder::Decoder::new(&file[..]).decode().unwrap();
        let differences = rgb
            .iter()
            .zip(&expected)
            .map(|(one, other)| one.abs_diff(*other));
        if subsampled {
            // That decoder smooths chroma where this one repeats it.
            let sum: u64 = differences.map(u64::from).sum();
            assert!(
                sum < 2 * rgb.len() as u64,
                "{sum} for {} samples",
                rgb.len()
            );
        } else {
            assert!(differences.max().unwrap() <= 3);
        }
    }
}

#[test]
fn corrupt_jpeg_files_are_refused_and_memory_stays_usable() {
    let file = &files()[1];
    let whole = Image::parse(file).unwrap();
    let header_len = file.len() - scan_len(file);
    for strategy in KINDS {
        let mut memory = jpeg::memory(strategy);
        let mut refused = 0;
        for seed in 0..20 {
            let mut corrupt = file.clone();
            for byte in corrupt[header_len + 10 * seed..].iter_mut().step_by(97) {
                *byte = byte.wrapping_mul(31).wrapping_add(seed as u8) & 0xfe;
            }
            let image = Image::parse(&corrupt).unwrap();
            let mut rgb = vec![1; image.rgb_bytes()];
            refused += usize::from(memory.decode(&image, &mut rgb).is_err());
        }
        assert!(refused > 0, "{strategy}");
        let mut rgb = vec![1; whole.rgb_bytes()];
        memory.decode(&whole, &mut rgb).unwrap();
    }
    for end in 0..header_len {
        assert!(Image::parse(&file[..end]).is_err());
    }
}

/// Returns how many bytes of entropy-coded data follow the header of the only scan.
fn scan_len(file: &[u8]) -> usize {
    let start = file
        .windows(2)
        .rposition(|pair| pair == [0xff, 0xda])
        .unwrap();
    let header = usize::from(u16::from_be_bytes([file[start + 2], file[start + 3]]));
    file.len() - start - 2 - header
}

#[test]
fn jpeg_measurements_agree() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&files()[1]).unwrap();
    let options = jpeg::Options {
        file: file.path().to_owned(),
        threads: 3,
        repeat: 2,
    };
    let answers = agreeing(|strategy| jpeg::measure(strategy, &options).unwrap());
    assert_eq!(answers.len(), 1);
}

#[test]
fn video_decoders_agree_on_every_picture() {
    let options = video::Options {
        resolutions: [(200, 150), (131, 77)],
        threads: 3,
        laps: 1,
    };
    let answers = agreeing(|strategy| video::measure(strategy, &options).unwrap());
    assert_eq!(answers.len() as u64, 4 * video::SEGMENT_PICTURES);
    let mut different = answers.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), answers.len());
}

#[test]
fn servers_agree_and_budgets_refuse_nothing() {
    let options = server::Options {
        workers: 8,
        jobs: 120,
        laps: 1,
        sides: [16, 300],
        limit_bytes: 4 << 20,
    };
    let outcome = |strategy| server::measure(strategy, &options).unwrap();
    let answers = agreeing(outcome);
    let count = |answer| answers.iter().filter(|&&a| a == Some(answer)).count();
    // Both other fates occur, and most jobs are decoded.
    assert!((1..40).contains(&count(1)) && (1..30).contains(&count(2)));
    for strategy in KINDS.into_iter().filter(|&s| s != Strategy::FrameArena) {
        assert!(
            outcome(strategy).answers.iter().all(Option::is_some),
            "{strategy}"
        );
    }
}

#[test]
fn a_job_that_does_not_fit_the_limit_is_no_measurement() {
    let options = server::Options {
        workers: 2,
        jobs: 10,
        laps: 1,
        sides: [500, 600],
        limit_bytes: 4 << 20,
    };
    assert!(server::measure(Strategy::FrameArena, &options).is_err());
}

#[test]
fn long_runs_agree_and_sample_the_curve() {
    let options = long_run::Options {
        threads: 8,
        pictures: 60,
        every: 20,
    };
    let runs = KINDS.map(|strategy| (strategy, long_run::measure(strategy, &options).unwrap()));
    agree(&runs.clone().map(|(strategy, run)| (strategy, run.outcome))).unwrap();
    for (strategy, run) in &runs {
        assert!(
            run.outcome.answers.iter().all(Option::is_some),
            "{strategy}"
        );
        let pictures: Vec<u64> = run.curve.samples.iter().map(|s| s.pictures).collect();
        let mut sorted = pictures.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [20, 40, 60], "{strategy}");
        assert!(run.curve.need_bytes() > 1 << 20, "{strategy}");
    }
    let table = long_run::table(&runs);
    assert_eq!(table.lines().count(), 2 + KINDS.len());
    let svg = long_run::draw(&runs, 8);
    assert_eq!(
        svg.matches("<polyline").count()
            - svg.matches("stroke=\"#e1e0d9\"").count()
            - svg.matches("stroke=\"#898781\"").count(),
        2 * KINDS.len()
    );
}
