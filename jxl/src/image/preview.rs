use frame_arena::{Arena, DetachedPlane};
use jxl_bitstream::{Bitstream, BitstreamResult, U};
use jxl_image::SizeHeader;
use jxl_oxide_common::Bundle;

use crate::Error;

/// Most bytes of an image header: 256 extra channels with the longest names, and room for the rest.
const MAX_HEADER_BYTES: usize = 512 << 10;

/// The preview that an image header announces.
///
/// `jxl-image` 0.13 reads a preview's width where the bitstream has none, namely beside an aspect ratio. So the preview is
/// read here, and cut out of the header that `jxl-image` sees.
pub(super) struct Preview {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bit of the header that says whether there is a preview.
    flag_position: usize,
    /// First bit after the preview's size.
    end_position: usize,
}

impl Preview {
    /// Reads the front of an image header (ISO/IEC 18181-1, annex D) up to the preview; `None` where there is none.
    pub(super) fn find(codestream: &[u8]) -> Result<Option<Self>, Error> {
        let mut bits = Bitstream::new(codestream);
        bits.skip_bits(16)?;
        SizeHeader::parse(&mut bits, ())?;
        let all_default = bits.read_bool()?;
        if all_default || !bits.read_bool()? {
            return Ok(None);
        }
        let _orientation = bits.read_bits(3)?;
        if bits.read_bool()? {
            let _intrinsic_size = SizeHeader::parse(&mut bits, ())?;
        }
        let flag_position = bits.num_read_bits();
        if !bits.read_bool()? {
            return Ok(None);
        }
        let (width, height) = read_size(&mut bits)?;
        Ok(Some(Self {
            width,
            height,
            flag_position,
            end_position: bits.num_read_bits(),
        }))
    }

    /// Bits that [`cut_out`](Self::cut_out) leaves out.
    pub(super) fn removed_bits(&self) -> usize {
        self.end_position - self.flag_position - 1
    }

    /// A copy of the image header, perhaps with bytes after it, that announces no preview.
    pub(super) fn cut_out(
        &self,
        codestream: &[u8],
        arena: &Arena,
    ) -> Result<DetachedPlane<u8>, Error> {
        let rest = codestream.len() - self.end_position.div_ceil(8);
        let front = self.flag_position / 8;
        let length = (front + 1 + rest).min(MAX_HEADER_BYTES);
        let mut copy = arena.detached_plane::<u8>(length, 1)?;
        let mut view = copy.view_mut();
        let bytes = view.row_mut(0);
        bytes[..front].copy_from_slice(&codestream[..front]);
        let mut bits = Bitstream::new(codestream);
        bits.skip_bits(self.end_position)?;
        let kept_bits = self.flag_position % 8;
        let kept = u32::from(codestream[front]) & ((1 << kept_bits) - 1);
        bytes[front] = (kept | bits.read_bits(7 - kept_bits)? << (kept_bits + 1)) as u8;
        for byte in &mut bytes[front + 1..] {
            // The copy may be a byte longer than the bits that are left.
            *byte = bits.read_bits(8).unwrap_or(0) as u8;
        }
        Ok(copy)
    }
}

/// Width and height of a preview.
fn read_size(bits: &mut Bitstream<'_>) -> BitstreamResult<(u32, u32)> {
    let in_blocks = bits.read_bool()?;
    let read_side = |bits: &mut Bitstream<'_>| {
        if in_blocks {
            Ok(8 * bits.read_u32(16, 32, 1 + U(5), 33 + U(9))?)
        } else {
            bits.read_u32(1 + U(6), 65 + U(8), 321 + U(10), 1345 + U(12))
        }
    };
    let height = read_side(bits)?;
    let width = match bits.read_bits(3)? {
        0 => read_side(bits)?,
        1 => height,
        2 => height * 12 / 10,
        3 => height * 4 / 3,
        4 => height * 3 / 2,
        5 => height * 16 / 9,
        6 => height * 5 / 4,
        _ => height * 2,
    };
    Ok((width, height))
}
