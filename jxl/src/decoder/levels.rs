//! Decodes at each level of vectors.

use std::fs;
use std::path::{Path, PathBuf};

use frame_arena::Arena;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Decoder;
use crate::simd::{allow_lanes, levels};
use crate::{Error, Layout, OutputSample, Reduction};

/// Pixels of the largest sample that is decoded.
const MOST_PIXELS: u32 = 30_000;

/// A thread whose vectors have at most `lanes` lanes.
fn thread_of(lanes: usize) -> ThreadPool {
    let pool = ThreadPoolBuilder::new().num_threads(1);
    let pool = pool.start_handler(move |_| allow_lanes(lanes));
    pool.build().expect("a thread")
}

/// The bytes of the first pictures, and why there are no more.
fn decode<T: OutputSample>(file: &[u8], reduction: Reduction) -> (Vec<Vec<u8>>, Option<String>) {
    let mut pictures = Vec::new();
    let mut decode_all = || -> Result<(), Error> {
        let decoder = Decoder::new(Arena::builder().limit_bytes(64 << 20).build());
        let mut frames = decoder.read(file)?.reduced(reduction).into_frames()?;
        let layout: Layout = frames.info().layout();
        while pictures.len() < 4
            && let Some((_, samples)) = frames.decode_next::<T>(layout)?
        {
            pictures.push(bytemuck::cast_slice(&samples).to_vec());
        }
        Ok(())
    };
    let error = decode_all().err();
    (pictures, error.map(|error| error.to_string()))
}

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let entries = fs::read_dir(folder).expect("samples");
    let paths = entries.map(|entry| entry.expect("a sample").path());
    let is_picture = |path: &PathBuf| path.extension().is_some_and(|end| end == "jxl");
    let mut samples: Vec<PathBuf> = paths.filter(is_picture).collect();
    samples.sort();
    samples
}

/// Where the first difference is, if there is any.
fn difference(a: &[Vec<u8>], b: &[Vec<u8>]) -> Option<String> {
    if a.len() != b.len() {
        return Some(format!("{} and {} pictures", a.len(), b.len()));
    }
    a.iter().zip(b).enumerate().find_map(|(picture, (a, b))| {
        let index = a.iter().zip(b).position(|(a, b)| a != b)?;
        Some(format!("picture {picture}, byte {index}"))
    })
}

#[test]
fn samples_are_equal_at_all_levels() {
    let samples = samples();
    assert!(samples.len() > 90, "{} samples", samples.len());
    let levels: Vec<_> = levels().map(|lanes| (lanes, thread_of(lanes))).collect();
    let cases = samples.iter().flat_map(|path| {
        let reductions = [Reduction::Full, Reduction::Half, Reduction::Quarter];
        reductions.map(|reduction| (path, reduction))
    });
    for (path, reduction) in cases {
        let file = fs::read(path).expect("a sample");
        let name = format!("{}, {reduction}", path.display());
        // Larger ones take long without vectors, and have nothing that others lack.
        let info = Decoder::default().read_info(&file).expect("a sample");
        if info.width * info.height > MOST_PIXELS {
            continue;
        }
        let mut first = None;
        for (lanes, thread) in &levels {
            let (floats, bytes) = thread.install(|| {
                (
                    decode::<f32>(&file, reduction),
                    decode::<u8>(&file, reduction),
                )
            });
            assert_eq!(floats.1, None, "{name}");
            let (expected_floats, expected_bytes) =
                first.get_or_insert_with(|| (floats.clone(), bytes.clone()));
            for (expected, found) in [(expected_floats, floats), (expected_bytes, bytes)] {
                assert_eq!(expected.1, found.1, "{name}");
                if let Some(difference) = difference(&expected.0, &found.0) {
                    panic!("{name} with {lanes} lanes: {difference}");
                }
            }
        }
    }
}
