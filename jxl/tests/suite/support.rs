//! Files, reference pictures, and decodes as plain vectors.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use jxl_arena::{ByteOrder, Error, Layout, Picture, PixelFormat, SampleFormat, Stop};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::pictures::{Picture as Drawn, Samples};
use super::sample_table::{ANIMATED, DEEP_ALPHA, JPEG, LAYERED, LOSSLESS, LOSSY, VARDCT};

pub(crate) fn samples_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

/// Reads the bytes of `NAME.jxl`.
pub(crate) fn sample_bytes(name: &str) -> Vec<u8> {
    let path = samples_folder().join(name).with_extension("jxl");
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Names of the sample files of all tables but [`DEEP_ALPHA`].
pub(crate) fn sample_names() -> impl Iterator<Item = &'static str> {
    LOSSLESS
        .iter()
        .map(|sample| sample.name)
        .chain(lossy_names())
}

/// Names of the sample files that have a reference picture.
pub(crate) fn lossy_names() -> impl Iterator<Item = &'static str> {
    let layered = LAYERED.iter().chain(ANIMATED).map(|sample| sample.name);
    let lossy = LOSSY.iter().map(|sample| sample.name);
    lossy.chain(vardct_names()).chain(layered)
}

/// Names of the sample files that are VarDCT-coded.
pub(crate) fn vardct_names() -> impl Iterator<Item = &'static str> {
    let jpeg = JPEG.iter().map(|sample| sample.name);
    VARDCT.iter().map(|sample| sample.name).chain(jpeg)
}

/// Draws the picture that the sample `name` was encoded from.
pub(crate) fn drawn(name: &str) -> Drawn {
    let sample = LOSSLESS
        .iter()
        .chain(LOSSY)
        .chain(DEEP_ALPHA)
        .find(|sample| sample.name == name);
    (sample.expect("a sample of the table").draw)()
}

pub(crate) fn pool(threads: usize) -> ThreadPool {
    let builder = ThreadPoolBuilder::new().num_threads(threads);
    builder.build().unwrap()
}

/// Returns the folder of larger files. Prints that it skips them if the folder is absent.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

/// Decodes to integer samples of full scale `2^bits - 1`.
pub(crate) fn decode_bits(
    picture: &Picture<'_>,
    layout: Layout,
    bits: u8,
) -> Result<Vec<u16>, Error> {
    let sample = match bits {
        ..=8 => SampleFormat::U8 { bits },
        _ => SampleFormat::U16 { bits },
    };
    let format = PixelFormat::new(layout, sample).with_order(ByteOrder::Little);
    let info = picture.info();
    let stride_bytes = info.width as usize * format.pixel_bytes();
    let mut bytes = vec![0xEE; stride_bytes * info.height as usize];
    picture.decode_bytes_into(format, &mut bytes, stride_bytes)?;
    Ok(match bits {
        ..=8 => bytes.into_iter().map(u16::from).collect(),
        _ => {
            let (pairs, _) = bytes.as_chunks::<2>();
            pairs.iter().map(|&pair| u16::from_le_bytes(pair)).collect()
        }
    })
}

/// Returns the bits per sample of a drawn picture whose integers go up to `max`.
pub(crate) fn bits_of(max: u16) -> u8 {
    (16 - max.leading_zeros()) as u8
}

pub(crate) fn layout_of(channels: usize) -> Layout {
    match channels {
        1 => Layout::Gray,
        2 => Layout::GrayAlpha,
        3 => Layout::Rgb,
        _ => Layout::Rgba,
    }
}

/// Returns the integers of a drawn picture and their full scale.
pub(crate) fn integers(drawn: &Drawn) -> (&[u16], u16) {
    match &drawn.samples {
        Samples::Integers { max, values } => (values, *max),
        Samples::Floats(_) => panic!("a float picture"),
    }
}

/// Fails with the place of the first difference.
pub(crate) fn assert_same<T: PartialEq + std::fmt::Debug>(
    name: &str,
    (width, channels): (usize, usize),
    decoded: &[T],
    expected: &[T],
) {
    assert_eq!(decoded.len(), expected.len(), "{name}: number of samples");
    let different = decoded.iter().zip(expected).position(|(a, b)| a != b);
    if let Some(index) = different {
        let pixel = index / channels;
        panic!(
            "{name}: channel {} at {}, {} is {:?}, expected {:?}",
            index % channels,
            pixel % width,
            pixel / width,
            decoded[index],
            expected[index]
        );
    }
}

/// A reference picture.
pub(crate) struct Reference {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: usize,
    /// Bits per sample, 8 or 16.
    pub(crate) bits: u8,
    pub(crate) values: Vec<u16>,
}

/// Reads a PNG file of 8 or 16 bits, or the first picture of an animated one.
pub(crate) fn read_png(path: &Path) -> Reference {
    let mut pictures = read_pngs(path);
    pictures.swap_remove(0)
}

/// Reads the pictures of an animated PNG file whose frames replace the whole picture.
pub(crate) fn read_pngs(path: &Path) -> Vec<Reference> {
    let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut decoder = png::Decoder::new(std::io::BufReader::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("a PNG header");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size in memory")];
    let count = reader
        .info()
        .animation_control
        .map_or(1, |control| control.num_frames);
    let pictures = (0..count).map(|_| {
        let frame = reader.next_frame(&mut bytes).expect("a PNG picture");
        let samples = &bytes[..frame.buffer_size()];
        let (bits, values) = match frame.bit_depth {
            png::BitDepth::Sixteen => {
                let (pairs, _) = samples.as_chunks::<2>();
                let values = pairs.iter().map(|&pair| u16::from_be_bytes(pair));
                (16, values.collect())
            }
            _ => (8, samples.iter().copied().map(u16::from).collect()),
        };
        Reference {
            width: frame.width as usize,
            height: frame.height as usize,
            channels: frame.color_type.samples(),
            bits,
            values,
        }
    });
    pictures.collect()
}

/// Counts its calls, which are made for each row of samples.
#[derive(Default)]
pub(crate) struct StopCalls(AtomicUsize);

impl StopCalls {
    /// Returns the number of calls since the last time.
    pub(crate) fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl Stop for StopCalls {
    fn is_stopped(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        false
    }
}
