use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use frame_arena::{Arena, Charge};
use jxl_arena::{Error, ImageInfo, Picture, PixelFormat, Region};
use rayon::ThreadPool;

use super::decoded::Decoded;
use super::failure::Failure;
use super::pictures::Pictures;

/// Repeated decodes of a file into one buffer, which counts against the arena's limit.
pub(super) struct Rounds<'p> {
    picture: &'p Picture<'p>,
    /// The rectangle to decode of each picture; `None` for the whole picture.
    region: Option<Region>,
    pool: &'p ThreadPool,
    format: PixelFormat,
    stride_bytes: usize,
    pixels: Vec<u8>,
    /// Digest of the pictures of the first round.
    digest: u64,
    _charge: Charge,
}

impl<'p> Rounds<'p> {
    /// Decodes whole pictures, or a region of each; `info` describes the decoded picture.
    pub(super) fn new(
        picture: &'p Picture<'p>,
        (region, info): (Option<Region>, &ImageInfo),
        format: PixelFormat,
        arena: &Arena,
        pool: &'p ThreadPool,
    ) -> Result<Self, Error> {
        let stride_bytes = (info.width as usize).checked_mul(format.pixel_bytes());
        let total_bytes = stride_bytes.and_then(|bytes| bytes.checked_mul(info.height as usize));
        let (Some(stride_bytes), Some(total_bytes)) = (stride_bytes, total_bytes) else {
            return Err(Error::Output(
                "the picture exceeds the address space".into(),
            ));
        };
        let charge = arena.frame().charge_for("picture", total_bytes)?;
        let pixels = bytemuck::allocation::try_zeroed_vec(total_bytes);
        let no_memory = || Error::Output(format!("no memory for {total_bytes} bytes").into());
        Ok(Self {
            picture,
            region,
            pool,
            format,
            stride_bytes,
            pixels: pixels.map_err(|()| no_memory())?,
            digest: 0,
            _charge: charge,
        })
    }

    /// Decodes `pictures` for the first time and passes each to `put`, which may change the pixels.
    /// Returns the last one.
    pub(super) fn first(
        &mut self,
        pictures: Pictures,
        file: &Path,
        mut put: impl FnMut(&Decoded, &mut [u8]) -> Result<(), Failure>,
    ) -> Result<Option<Decoded>, Failure> {
        let mut hasher = DefaultHasher::new();
        let decoded = self.decode(pictures, file, |decoded, pixels| {
            hasher.write(pixels);
            put(decoded, pixels)
        })?;
        self.digest = hasher.finish();
        Ok(decoded)
    }

    /// Decodes them again, as round `round` counted from 0, passes each to `see` and checks that
    /// all are the same. Returns the last one.
    pub(super) fn again(
        &mut self,
        round: usize,
        pictures: Pictures,
        file: &Path,
        mut see: impl FnMut(&Decoded) -> Result<(), Failure>,
    ) -> Result<Option<Decoded>, Failure> {
        let mut hasher = DefaultHasher::new();
        let decoded = self.decode(pictures, file, |decoded, pixels| {
            hasher.write(pixels);
            see(decoded)
        })?;
        match hasher.finish() == self.digest {
            true => Ok(decoded),
            false => {
                let message = format!("decode {} differs from the first", round + 1);
                Err(Failure::new(file, message))
            }
        }
    }

    fn decode(
        &mut self,
        pictures: Pictures,
        file: &Path,
        mut each: impl FnMut(&Decoded, &mut [u8]) -> Result<(), Failure>,
    ) -> Result<Option<Decoded>, Failure> {
        let (picture, region, pool) = (self.picture, self.region, self.pool);
        let (format, stride_bytes, pixels) = (self.format, self.stride_bytes, &mut self.pixels);
        let at_file = Failure::at(file);
        if pictures.is_first_only() {
            let decode = || match region {
                Some(region) => {
                    picture.decode_region_bytes_into(region, format, pixels, stride_bytes)
                }
                None => picture.decode_bytes_into(format, pixels, stride_bytes),
            };
            let report = pool.install(decode).map_err(&at_file)?;
            let decoded = Decoded {
                info: None,
                report,
                completeness: picture.completeness().map_err(&at_file)?,
            };
            each(&decoded, pixels)?;
            return Ok(Some(decoded));
        }
        let mut last = None;
        let mut frames = pool.install(|| picture.frames()).map_err(&at_file)?;
        loop {
            let decode = || match region {
                Some(region) => {
                    frames.decode_next_region_bytes_into(region, format, pixels, stride_bytes)
                }
                None => frames.decode_next_bytes_into(format, pixels, stride_bytes),
            };
            let Some(decoded) = pool.install(decode).map_err(&at_file)? else {
                return Ok(last);
            };
            let decoded = Decoded {
                info: Some(decoded.info),
                report: decoded.report,
                completeness: decoded.completeness,
            };
            each(&decoded, pixels)?;
            last = Some(decoded);
        }
    }
}
