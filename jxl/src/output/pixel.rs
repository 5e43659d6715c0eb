use crate::ByteOrder;

/// Pixels converted at once, in arrays on the stack.
pub(super) const CHUNK: usize = 128;
/// Most bytes of a pixel: four floats.
pub(super) const MAX_PIXEL_BYTES: usize = 16;

/// Output samples of up to [`CHUNK`] pixels, planar.
pub(super) type Samples = [[u32; CHUNK]; 4];

/// Interleaves the first `channels` planes of `samples` into `pixels`, whole pixels of `channels * sample_bytes` bytes. An
/// integer sample is its low bytes.
pub(super) fn interleave(
    samples: &Samples,
    channels: usize,
    sample_bytes: usize,
    order: ByteOrder,
    pixels: &mut [u8],
) {
    match (channels, sample_bytes) {
        (1, 1) => bytes::<1>(samples, pixels),
        (2, 1) => bytes::<2>(samples, pixels),
        (3, 1) => bytes::<3>(samples, pixels),
        (_, 1) => bytes::<4>(samples, pixels),
        (_, 2) => wide(samples, channels, order, pixels, |sample, order| {
            let sample = sample as u16;
            match order {
                ByteOrder::Big => sample.to_be_bytes(),
                ByteOrder::Little => sample.to_le_bytes(),
            }
        }),
        _ => wide(
            samples,
            channels,
            order,
            pixels,
            |sample, order| match order {
                ByteOrder::Big => sample.to_be_bytes(),
                ByteOrder::Little => sample.to_le_bytes(),
            },
        ),
    }
}

fn bytes<const N: usize>(samples: &Samples, pixels: &mut [u8]) {
    let (pixels, _) = pixels.as_chunks_mut::<N>();
    for (index, pixel) in pixels.iter_mut().enumerate().take(CHUNK) {
        *pixel = std::array::from_fn(|channel| samples[channel][index] as u8);
    }
}

#[inline]
fn wide<const B: usize>(
    samples: &Samples,
    channels: usize,
    order: ByteOrder,
    pixels: &mut [u8],
    to_bytes: impl Fn(u32, ByteOrder) -> [u8; B],
) {
    for (channel, plane) in samples.iter().take(channels).enumerate() {
        for (pixel, &sample) in pixels.chunks_exact_mut(channels * B).zip(plane) {
            pixel[channel * B..][..B].copy_from_slice(&to_bytes(sample, order));
        }
    }
}
