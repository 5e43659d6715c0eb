mod preview;

use std::ops::Range;

use frame_arena::Arena;
use jxl_bitstream::Bitstream;
use jxl_color::icc;
use jxl_frame::FrameHeader;
use jxl_frame::data::Toc;
use jxl_frame::header::FrameType;
use jxl_image::{ExtraChannelType, ImageHeader};
use jxl_oxide_common::Bundle;

use crate::Error;
use preview::Preview;

/// Largest embedded ICC profile read, encoded or decoded. Profiles seen in pictures are below 4 MiB, while the stream's own
/// fields may claim 256 MiB in a file of a few bytes.
const MAX_ICC_BYTES: u64 = 16 << 20;
/// Most sections that a table of contents may list.
const MAX_SECTIONS: u64 = 65536;
/// Widest or highest frame of level 10 (ISO/IEC 18181-1, annex M).
const MAX_DIMENSION: u64 = 1 << 30;
/// Most pixels of a frame at level 10.
const MAX_PIXELS: u64 = 1 << 40;

/// Everything in front of a still's sections: headers read once, and where the frame's bytes lie.
pub(crate) struct Headers {
    pub(crate) image: ImageHeader,
    pub(crate) icc: Option<Vec<u8>>,
    pub(crate) frame: FrameHeader,
    pub(crate) toc: Toc,
    /// The frame in the codestream; the offsets of `toc` count from its start.
    pub(crate) frame_bytes: Range<usize>,
}

impl Headers {
    /// Reads the image header, the ICC profile, skips the preview, reads header and table of contents of the first frame, and
    /// checks that all its bytes are there.
    ///
    /// # Errors
    /// Truncated or corrupt headers, memory for the profile.
    pub(crate) fn read(codestream: &[u8], arena: &Arena) -> Result<Self, Error> {
        let preview = Preview::find(codestream)?;
        let (mut image, header_bits) = read_image_header(codestream, preview.as_ref(), arena)?;
        check_dimensions(image.size.width, image.size.height)?;
        let mut bits = Bitstream::new(codestream);
        bits.skip_bits(header_bits)?;
        let icc = image
            .metadata
            .colour_encoding
            .want_icc()
            .then(|| read_icc(&mut bits, arena))
            .transpose()?;
        bits.zero_pad_to_byte()?;
        let mut start = bits.num_read_bits() / 8;
        if let Some(preview) = preview {
            start = skip_preview(codestream, start, &mut image, &preview)?;
        }
        let (frame, toc, end) = read_frame(codestream, start, &image)?;
        Ok(Self {
            image,
            icc,
            frame,
            toc,
            frame_bytes: start..end,
        })
    }

    /// Refuses by name what headers tell is not one still frame over the whole image, of channels that can be handed out.
    pub(crate) fn check_still(&self) -> Result<(), Error> {
        check_image(&self.image)?;
        check_frame(&self.image, &self.frame)
    }
}

/// The image header and its length in bits.
fn read_image_header(
    codestream: &[u8],
    preview: Option<&Preview>,
    arena: &Arena,
) -> Result<(ImageHeader, usize), Error> {
    let Some(preview) = preview else {
        let mut bits = Bitstream::new(codestream);
        let image = ImageHeader::parse(&mut bits, ())?;
        return Ok((image, bits.num_read_bits()));
    };
    let without_preview = preview.cut_out(codestream, arena)?;
    let mut bits = Bitstream::new(without_preview.view().row(0));
    let image = ImageHeader::parse(&mut bits, ())?;
    Ok((image, bits.num_read_bits() + preview.removed_bits()))
}

fn read_icc(bits: &mut Bitstream<'_>, arena: &Arena) -> Result<Vec<u8>, Error> {
    let encoded_bytes = bits.clone().read_u64()?;
    check_icc_size(encoded_bytes)?;
    let frame = arena.frame();
    let _encoded_charge = frame.charge(encoded_bytes as usize)?;
    let encoded = icc::read_icc(bits)?;
    let decoded_bytes = leading_varint(&encoded);
    check_icc_size(decoded_bytes)?;
    let _decoded_charge = frame.charge(decoded_bytes as usize)?;
    Ok(icc::decode_icc(&encoded)?)
}

fn check_icc_size(bytes: u64) -> Result<(), Error> {
    if bytes > MAX_ICC_BYTES {
        return Err(Error::unsupported("ICC profiles above 16 MiB"));
    }
    Ok(())
}

/// The little-endian base-128 number that an ICC stream starts with: the size of the profile.
fn leading_varint(stream: &[u8]) -> u64 {
    let mut value = 0;
    for (index, &byte) in stream.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

/// Offset of the first frame after the preview frame, whose header has the preview's size for the image's.
fn skip_preview(
    codestream: &[u8],
    start: usize,
    image: &mut ImageHeader,
    preview: &Preview,
) -> Result<usize, Error> {
    let (width, height) = (image.size.width, image.size.height);
    (image.size.width, image.size.height) = (preview.width, preview.height);
    let preview_frame = read_frame(codestream, start, image);
    (image.size.width, image.size.height) = (width, height);
    preview_frame.map(|(_, _, end)| end)
}

/// Frame header and table of contents of the frame that starts at `start`, and where the frame ends.
fn read_frame(
    codestream: &[u8],
    start: usize,
    image: &ImageHeader,
) -> Result<(FrameHeader, Toc, usize), Error> {
    let bytes = codestream.get(start..).ok_or(Error::Truncated)?;
    let mut bits = Bitstream::new(bytes);
    let header = FrameHeader::parse(&mut bits, image)?;
    check_dimensions(header.width, header.height)?;
    check_section_count(&header)?;
    let toc = Toc::parse(&mut bits, &header)?;
    let sections_start = bits.num_read_bits() / 8;
    let frame_size = sections_start.checked_add(toc.total_byte_size());
    match frame_size {
        Some(size) if size <= bytes.len() => Ok((header, toc, start + size)),
        _ => Err(Error::Truncated),
    }
}

fn check_dimensions(width: u32, height: u32) -> Result<(), Error> {
    let (width, height) = (u64::from(width), u64::from(height));
    if width == 0 || height == 0 {
        return Err(Error::corrupt("picture without pixels"));
    }
    if width > MAX_DIMENSION || height > MAX_DIMENSION || width * height > MAX_PIXELS {
        return Err(Error::corrupt(format!(
            "{width} x {height} pixels exceed every level of the standard"
        )));
    }
    Ok(())
}

/// The table of contents multiplies these counts in 32 bits, so they are bounded before it is read.
fn check_section_count(header: &FrameHeader) -> Result<(), Error> {
    let group_dim = u64::from(header.group_dim());
    let count = |dim: u64| {
        let across = u64::from(header.color_sample_width()).div_ceil(dim);
        let down = u64::from(header.color_sample_height()).div_ceil(dim);
        across * down
    };
    let passes = u64::from(header.passes.num_passes);
    if count(group_dim) * passes + count(group_dim * 8) + 2 > MAX_SECTIONS {
        return Err(Error::corrupt("table of contents with too many sections"));
    }
    Ok(())
}

fn check_image(image: &ImageHeader) -> Result<(), Error> {
    let metadata = &image.metadata;
    if metadata.animation.is_some() {
        return Err(Error::unsupported("animation"));
    }
    for extra in &metadata.ec_info {
        match extra.ty {
            ExtraChannelType::Black => return Err(Error::unsupported("CMYK")),
            ExtraChannelType::SpotColour { .. } => return Err(Error::unsupported("spot colours")),
            _ => {}
        }
    }
    Ok(())
}

fn check_frame(image: &ImageHeader, frame: &FrameHeader) -> Result<(), Error> {
    match frame.frame_type {
        FrameType::RegularFrame => {}
        FrameType::LfFrame => return Err(Error::unsupported("LF frames")),
        FrameType::ReferenceOnly => return Err(Error::unsupported("reference frames")),
        FrameType::SkipProgressive => return Err(Error::unsupported("skip-progressive frames")),
    }
    if !frame.is_last {
        return Err(Error::unsupported("several frames"));
    }
    let covers = (frame.x0, frame.y0) == (0, 0)
        && (frame.width, frame.height) == (image.size.width, image.size.height);
    if !covers {
        return Err(Error::unsupported("frames of another size than the image"));
    }
    Ok(())
}
