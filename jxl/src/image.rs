mod coded_frame;
mod preview;

use frame_arena::{Arena, Charge};
use jxl_bitstream::Bitstream;
use jxl_color::icc;
use jxl_image::{ExtraChannelInfo, ExtraChannelType, ImageHeader};
use jxl_oxide_common::Bundle;

use crate::{Error, origin};
pub(crate) use coded_frame::CodedFrame;
use preview::Preview;

/// Largest embedded ICC profile read, encoded or decoded. Profiles seen in pictures are below 4 MiB, while the stream's own
/// fields may claim 256 MiB in a file of a few bytes.
const MAX_ICC_BYTES: u64 = 16 << 20;
/// Widest or highest frame of level 10 (ISO/IEC 18181-1, annex M).
const MAX_DIMENSION: u64 = 1 << 30;
/// Most pixels of a frame at level 10.
const MAX_PIXELS: u64 = 1 << 40;

/// Everything in front of the sections of the frame that a still shows: headers read once, and where frames lie.
pub(crate) struct Headers {
    pub(crate) image: ImageHeader,
    pub(crate) icc: Option<Vec<u8>>,
    _icc_charge: Option<Charge>,
    /// Where the first frame starts in the codestream. Those up to the shown one are read anew by each decode.
    pub(crate) first_frame: usize,
    /// The first frame that is shown.
    pub(crate) shown: CodedFrame,
}

impl Headers {
    /// Reads the image header, the ICC profile, skips the preview, reads headers and tables of contents of the frames up to the
    /// first that is shown, and checks that all their bytes are there.
    ///
    /// # Errors
    /// Truncated or corrupt headers, memory for the profile.
    pub(crate) fn read(codestream: &[u8], arena: &Arena) -> Result<Self, Error> {
        let preview = Preview::find(codestream)?;
        let (mut image, header_bits) = read_image_header(codestream, preview.as_ref(), arena)?;
        check_dimensions(image.size.width, image.size.height)?;
        let mut bits = Bitstream::new(codestream);
        bits.skip_bits(header_bits)?;
        let profile = image
            .metadata
            .colour_encoding
            .want_icc()
            .then(|| read_icc(&mut bits, arena))
            .transpose()?;
        let (icc, icc_charge) = profile.unzip();
        bits.zero_pad_to_byte()?;
        let mut start = bits.num_read_bits() / 8;
        if let Some(preview) = preview {
            start = skip_preview(codestream, start, &mut image, &preview)?;
        }
        let first_frame = start;
        let shown = loop {
            let frame = CodedFrame::read(codestream, start, &image)?;
            if frame.header.is_keyframe() {
                break frame;
            }
            start = frame.bytes.end;
        };
        Ok(Self {
            image,
            icc,
            _icc_charge: icc_charge,
            first_frame,
            shown,
        })
    }

    /// Refuses by name an image of channels that cannot be handed out.
    pub(crate) fn check_channels(&self) -> Result<(), Error> {
        check_image(&self.image)
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

/// The profile, and the charge for it.
fn read_icc(bits: &mut Bitstream<'_>, arena: &Arena) -> Result<(Vec<u8>, Charge), Error> {
    let encoded_bytes = bits.clone().read_u64()?;
    check_icc_size(encoded_bytes)?;
    let frame = arena.frame();
    let _encoded_charge = frame.charge_for(origin::ICC, encoded_bytes as usize)?;
    let encoded = icc::read_icc(bits)?;
    let decoded_bytes = leading_varint(&encoded);
    check_icc_size(decoded_bytes)?;
    // The caller's info has a copy.
    let charge = frame.charge_for(origin::ICC, 2 * decoded_bytes as usize)?;
    Ok((icc::decode_icc(&encoded)?, charge))
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
    let preview_frame = CodedFrame::read(codestream, start, image);
    (image.size.width, image.size.height) = (width, height);
    preview_frame.map(|frame| frame.bytes.end)
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

fn check_image(image: &ImageHeader) -> Result<(), Error> {
    let metadata = &image.metadata;
    let is_black = |extra: &ExtraChannelInfo| matches!(extra.ty, ExtraChannelType::Black);
    if metadata.ec_info.iter().any(is_black) {
        return Err(Error::unsupported("CMYK"));
    }
    Ok(())
}
