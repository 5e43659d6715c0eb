use std::borrow::Cow;
use std::io::{BufRead, Read, Seek, SeekFrom};

use frame_arena::{Arena, Retention};
use image::metadata::Orientation;
use image::{ColorType, ExtendedColorType, ImageDecoder, ImageResult, LimitSupport, Limits};
use jxl_arena::{
    AlphaMode, Decoder, FileBoxes, ImageInfo, Layout, PixelFormat, Reduction, SampleDepth,
    SampleFormat,
};

use crate::error::{image_error, no_memory};
use crate::feed::{feed, feed_picture};

/// Limit on the memory of headers before [`set_limits`](ImageDecoder::set_limits) is called. Only
/// an ICC profile can be large.
const HEADERS_LIMIT_BYTES: usize = 16 << 20;

/// Decodes JPEG XL for the crate `image`: still pictures as an [`ImageDecoder`], animations as an
/// [`AnimationDecoder`](image::AnimationDecoder).
///
/// Samples have the depth of the file: 8 bits, 16 bits, or floats. Alpha is straight, and the
/// orientation is applied. Colors are those of the [profile](ImageDecoder::icc_profile). Pictures
/// in XYB with an ICC profile and CMYK pictures are converted to sRGB.
///
/// ```no_run
/// use std::fs::File;
/// use std::io::BufReader;
///
/// use image::DynamicImage;
/// use jxl_arena_image::JxlDecoder;
///
/// let decoder = JxlDecoder::new(BufReader::new(File::open("picture.jxl")?))?;
/// let picture = DynamicImage::from_decoder(decoder)?;
/// # Ok::<(), image::ImageError>(())
/// ```
pub struct JxlDecoder<R> {
    pub(crate) reader: R,
    /// Position in the reader where the file starts.
    pub(crate) start: u64,
    pub(crate) info: ImageInfo,
    /// Width and height of the picture before it is reduced.
    full_size: (u32, u32),
    pub(crate) reduction: Reduction,
    /// Bytes that the headers still take after they were read: those of the profile.
    held_bytes: u64,
    /// Limit that `image` sets on allocations; `None` for no limit.
    max_alloc_bytes: Option<u64>,
}

impl<R: BufRead + Seek> JxlDecoder<R> {
    /// Reads the headers of the file that starts at the position of `reader`.
    ///
    /// # Errors
    /// If the file is not JPEG XL, its headers are truncated, corrupt or take more than 16 MiB, or
    /// the reader fails.
    pub fn new(mut reader: R) -> ImageResult<Self> {
        let start = reader.stream_position()?;
        // The profile stays in this arena. Other memory is released.
        let arena = Arena::builder()
            .limit_bytes(HEADERS_LIMIT_BYTES)
            .retention(Retention::UpTo { bytes: 0 });
        let arena = arena.build();
        let mut decoder = Decoder::new(arena.clone()).push();
        while decoder.info().is_none() {
            feed(&mut reader, &mut decoder)?;
        }
        let info = decoder.info().cloned();
        drop(decoder);
        let held = arena.snapshot();
        let info = info.expect("headers were read");
        Ok(Self {
            reader,
            start,
            full_size: (info.width, info.height),
            info,
            reduction: Reduction::Full,
            held_bytes: (held.in_use_bytes + held.retained_bytes) as u64,
            max_alloc_bytes: None,
        })
    }

    /// Decodes each picture smaller by `reduction`, as
    /// [`Picture::reduced`](jxl_arena::Picture::reduced) does: with less memory, and mostly in less
    /// time. The decoder has the reduced size from then on.
    ///
    /// ```no_run
    /// use std::fs::File;
    /// use std::io::BufReader;
    ///
    /// use image::{DynamicImage, ImageDecoder};
    /// use jxl_arena_image::{JxlDecoder, Reduction};
    ///
    /// let decoder = JxlDecoder::new(BufReader::new(File::open("picture.jxl")?))?;
    /// let reduction = Reduction::at_least(decoder.dimensions(), (500, 375));
    /// let picture = DynamicImage::from_decoder(decoder.reduced(reduction))?;
    /// let thumbnail = picture.thumbnail(500, 375);
    /// # Ok::<(), image::ImageError>(())
    /// ```
    pub fn reduced(mut self, reduction: Reduction) -> Self {
        let (width, height) = self.full_size;
        (self.info.width, self.info.height) = reduction.size(width, height);
        self.reduction = reduction;
        self
    }

    /// Makes a decoder for pixels. Its limit is reduced by `taken_bytes` and the profile.
    pub(crate) fn pixel_decoder(&self, taken_bytes: u64) -> ImageResult<Decoder> {
        let mut arena = Arena::builder();
        if let Some(limit_bytes) = self.max_alloc_bytes {
            let taken_bytes = taken_bytes + self.held_bytes;
            let left = limit_bytes.checked_sub(taken_bytes).ok_or_else(no_memory)?;
            arena = arena.limit_bytes(usize::try_from(left).unwrap_or(usize::MAX));
        }
        Ok(Decoder::new(arena.build()))
    }

    /// Returns the content of the first box of a kind, decompressed.
    fn metadata(&mut self, kind: [u8; 4]) -> ImageResult<Option<Vec<u8>>> {
        let file = self.read_file()?;
        let decoder = self.pixel_decoder(file.len() as u64)?;
        for found in FileBoxes::new(&file) {
            let found = found.map_err(image_error)?;
            if found.kind == kind {
                let content = found.read(&decoder).map_err(image_error)?;
                let mut bytes = with_capacity(content.len())?;
                bytes.extend_from_slice(&content);
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// Reads all bytes of the file, from its start.
    fn read_file(&mut self) -> ImageResult<Vec<u8>> {
        let end = self.reader.seek(SeekFrom::End(0))?;
        self.reader.seek(SeekFrom::Start(self.start))?;
        let len = end.saturating_sub(self.start);
        if self.max_alloc_bytes.is_some_and(|max| len > max) {
            return Err(no_memory());
        }
        let mut file = with_capacity(usize::try_from(len).map_err(|_| no_memory())?)?;
        (&mut self.reader).take(len).read_to_end(&mut file)?;
        Ok(file)
    }
}

/// Makes an empty vector with capacity for `bytes`.
pub(crate) fn with_capacity(bytes: usize) -> ImageResult<Vec<u8>> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(bytes).map_err(|_| no_memory())?;
    Ok(vec)
}

/// Returns the format of decoded pixels. In the formats of `image`, floats always have three
/// colors.
fn format_of(info: &ImageInfo) -> PixelFormat {
    let natural = info.natural_format();
    let layout = match (natural.layout, natural.sample) {
        (Layout::Gray, SampleFormat::F32) => Layout::Rgb,
        (Layout::GrayAlpha, SampleFormat::F32) => Layout::Rgba,
        (layout, _) => layout,
    };
    PixelFormat::new(layout, natural.sample).with_alpha(AlphaMode::Straight)
}

impl<R: BufRead + Seek> ImageDecoder for JxlDecoder<R> {
    fn dimensions(&self) -> (u32, u32) {
        (self.info.width, self.info.height)
    }

    fn color_type(&self) -> ColorType {
        let PixelFormat { layout, sample, .. } = format_of(&self.info);
        let is_gray = layout.color_channels() == 1;
        match (is_gray, layout.has_alpha(), sample) {
            (true, false, SampleFormat::U8 { .. }) => ColorType::L8,
            (true, true, SampleFormat::U8 { .. }) => ColorType::La8,
            (true, false, _) => ColorType::L16,
            (true, true, _) => ColorType::La16,
            (false, false, SampleFormat::U8 { .. }) => ColorType::Rgb8,
            (false, true, SampleFormat::U8 { .. }) => ColorType::Rgba8,
            (false, false, SampleFormat::U16 { .. }) => ColorType::Rgb16,
            (false, true, SampleFormat::U16 { .. }) => ColorType::Rgba16,
            (false, false, SampleFormat::F16 | SampleFormat::F32) => ColorType::Rgb32F,
            (false, true, SampleFormat::F16 | SampleFormat::F32) => ColorType::Rgba32F,
        }
    }

    fn original_color_type(&self) -> ExtendedColorType {
        match (self.info.depth, self.info.layout()) {
            (SampleDepth::Integer { bits: 1 }, Layout::Gray) => ExtendedColorType::L1,
            (SampleDepth::Integer { bits: 2 }, Layout::Gray) => ExtendedColorType::L2,
            (SampleDepth::Integer { bits: 4 }, Layout::Gray) => ExtendedColorType::L4,
            _ => self.color_type().into(),
        }
    }

    fn icc_profile(&mut self) -> ImageResult<Option<Vec<u8>>> {
        Ok(self.info.profile.to_icc().map(Cow::into_owned))
    }

    /// The Exif content without the offset that JPEG XL puts before it.
    fn exif_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        let Some(mut content) = self.metadata(*b"Exif")? else {
            return Ok(None);
        };
        let offset = content
            .first_chunk()
            .map_or(0, |bytes| u32::from_be_bytes(*bytes));
        let start = 4usize.saturating_add(offset as usize);
        if start > content.len() {
            return Ok(None);
        }
        content.drain(..start);
        Ok(Some(content))
    }

    fn xmp_metadata(&mut self) -> ImageResult<Option<Vec<u8>>> {
        self.metadata(*b"xml ")
    }

    /// No transforms, because the decoder applies the orientation.
    fn orientation(&mut self) -> ImageResult<Orientation> {
        Ok(Orientation::NoTransforms)
    }

    fn read_image(mut self, pixels: &mut [u8]) -> ImageResult<()> {
        assert_eq!(
            pixels.len() as u64,
            self.total_bytes(),
            "the buffer does not have the size of the picture"
        );
        let mut decoder = self.pixel_decoder(0)?.push().reduced(self.reduction);
        self.reader.seek(SeekFrom::Start(self.start))?;
        if !feed_picture(&mut self.reader, &mut decoder)? {
            return Err(image_error(jxl_arena::Error::Truncated));
        }
        let format = format_of(&self.info);
        let stride_bytes = self.info.width as usize * format.pixel_bytes();
        let decoded = decoder.decode_bytes_into(format, pixels, stride_bytes);
        decoded.map_err(image_error)?;
        Ok(())
    }

    /// Sets strict limits. `image` subtracts the bytes of the picture from `max_alloc` before this
    /// call.
    fn set_limits(&mut self, limits: Limits) -> ImageResult<()> {
        limits.check_support(&LimitSupport::default())?;
        limits.check_dimensions(self.info.width, self.info.height)?;
        self.max_alloc_bytes = limits.max_alloc;
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, pixels: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(pixels)
    }
}
