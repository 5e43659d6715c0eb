//! Checks `max_alloc` of `image` against the bytes that the process's allocator and mappings count.

#[path = "../../tests/support/harness.rs"]
mod harness;
#[cfg(target_os = "linux")]
#[path = "../../jxl/tests/system/mappings.rs"]
mod mappings;
#[allow(dead_code)]
#[path = "../../jxl/tests/system/requests.rs"]
mod requests;

use std::io::Cursor;
use std::path::Path;
use std::process::ExitCode;

use image::{DynamicImage, ImageError, ImageReader, ImageResult, Limits};
use jxl_arena_image::JxlDecoder;

#[global_allocator]
static ALLOCATOR: requests::Counted = requests::Counted;

/// Bytes that `image` allocates in addition to the picture: buffers of readers and boxes.
const BESIDE_BYTES: usize = 32 << 10;

fn decode(file: &[u8], max_alloc: Option<u64>) -> ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = max_alloc;
    reader.limits(limits);
    reader.decode()
}

fn no_byte_more_than_the_limit_is_allocated() {
    jxl_arena_image::register();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../jxl/tests/samples");
    // Starts the threads, which allocate some memory once, before bytes are counted.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    let (mut decoded, mut refused) = (0, 0);
    for name in [
        "rgb8_e3_g0",
        "vardct_groups",
        "layers_lossless",
        "delta_palette",
        "icc",
    ] {
        let file = std::fs::read(samples.join(name).with_extension("jxl")).unwrap();
        let expected = pool.install(|| decode(&file, None)).unwrap();
        // Headers are read before the limit is known.
        let before = requests::restart_peak();
        JxlDecoder::new(Cursor::new(&file)).unwrap();
        let headers_bytes = requests::peak_bytes() - before;
        for shift in 10..26 {
            let limit_bytes = 1usize << shift;
            let before = requests::restart_peak();
            let result = pool.install(|| decode(&file, Some(limit_bytes as u64)));
            let taken = requests::peak_bytes() - before;
            assert!(
                taken <= limit_bytes.max(headers_bytes) + BESIDE_BYTES,
                "{name}: {taken} bytes within {limit_bytes}"
            );
            match result {
                Ok(picture) => {
                    assert!(picture == expected, "{name}");
                    decoded += 1;
                }
                Err(ImageError::Limits(_)) => refused += 1,
                Err(error) => panic!("{name}, {limit_bytes} bytes: {error}"),
            }
        }
    }
    assert!(
        decoded > 10 && refused > 10,
        "{decoded} decoded, {refused} refused"
    );
}

fn main() -> ExitCode {
    harness::run(&[(
        "no_byte_more_than_the_limit_is_allocated",
        no_byte_more_than_the_limit_is_allocated,
    )]);
    ExitCode::SUCCESS
}
