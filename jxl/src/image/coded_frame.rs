use std::ops::Range;

use jxl_bitstream::Bitstream;
use jxl_frame::FrameHeader;
use jxl_frame::data::Toc;
use jxl_image::ImageHeader;
use jxl_oxide_common::Bundle;

use super::check_dimensions;
use crate::Error;

/// Most sections that a table of contents may list.
const MAX_SECTIONS: u64 = 65536;

/// A frame whose header and table of contents are read.
pub(crate) struct CodedFrame {
    pub(crate) header: FrameHeader,
    pub(crate) toc: Toc,
    /// The frame in the codestream; the offsets of `toc` count from its start.
    pub(crate) bytes: Range<usize>,
}

impl CodedFrame {
    /// Reads the front of the frame that starts at `start`.
    ///
    /// # Errors
    /// Truncated, also where the end of its sections is missing; corrupt headers.
    pub(crate) fn read(
        codestream: &[u8],
        start: usize,
        image: &ImageHeader,
    ) -> Result<Self, Error> {
        let bytes = codestream.get(start..).ok_or(Error::Truncated)?;
        let mut bits = Bitstream::new(bytes);
        let header = FrameHeader::parse(&mut bits, image)?;
        check_dimensions(header.width, header.height)?;
        check_section_count(&header)?;
        let toc = Toc::parse(&mut bits, &header)?;
        let sections_start = bits.num_read_bits() / 8;
        let frame_size = sections_start.checked_add(toc.total_byte_size());
        match frame_size {
            Some(size) if size <= bytes.len() => Ok(Self {
                header,
                toc,
                bytes: start..start + size,
            }),
            _ => Err(Error::Truncated),
        }
    }
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
