//! ICC profiles that describe encodings.

mod curve;
mod numbers;
#[cfg(test)]
mod tests;
mod xyb;

use super::encoding::{ColorEncoding, ColorSpace, RenderingIntent};
use super::matrix::{Matrix, xyz};
use numbers::{fixed, put_u32};

/// XYZ of the profile connection space's white (libjxl, `jxl_cms_internal.h`: D50 of the
/// adaptation).
const D50: [f64; 3] = [0.96422, 1.0, 0.82521];
/// The same in fixed point, as in the header and the tag wtpt (ICC.1:2022, 7.2.16).
const D50_FIXED: [u32; 3] = [0xF6D6, 0x1_0000, 0xD32D];
const HEADER_BYTES: usize = 128;
const TAG_BYTES: usize = 12;

/// Makes an ICC profile of version 4.4 for the encoding (ICC.1:2022). Its fields equal those of
/// libjxl (`jxl_cms_internal.h`), except that PQ and HLG are tables of linear light without tone
/// mapping.
///
/// `None` for encodings that only a profile of the file describes, and for chromaticities without
/// an inverse.
pub(crate) fn make_profile(encoding: &ColorEncoding) -> Option<Vec<u8>> {
    let mut tags = Tags::default();
    tags.add(b"desc", text(&description(encoding)));
    tags.add(b"cprt", text("CC0"));
    let white = xyz(encoding.white_point.xy());
    let adaptation = Matrix::adaptation(white, D50)?;
    match encoding.color_space {
        ColorSpace::Gray => tags.add(b"wtpt", number_triple(fixed_triple(white)?)),
        _ => {
            tags.add(b"wtpt", number_triple(D50_FIXED));
            tags.add(b"chad", number_matrix(&adaptation)?);
        }
    }
    match encoding.color_space {
        ColorSpace::Rgb => add_rgb(&mut tags, encoding, adaptation)?,
        ColorSpace::Gray => tags.add(b"kTRC", curve::encode(encoding.transfer_function)?),
        ColorSpace::Xyb => {
            tags.add(b"A2B0", xyb::to_connection_space()?);
            tags.add(b"B2A0", xyb::from_connection_space()?);
        }
        ColorSpace::Unknown => return None,
    }
    tags.into_profile(encoding)
}

/// Adds the colors of the channels, and their transfer function.
fn add_rgb(tags: &mut Tags, encoding: &ColorEncoding, adaptation: Matrix) -> Option<()> {
    if let Some(code_points) = encoding.code_points() {
        tags.add(b"cicp", [b"cicp\0\0\0\0", &code_points[..]].concat());
    }
    let to_xyz = Matrix::rgb_to_xyz(encoding.primaries.xy(), encoding.white_point.xy())?;
    let to_connection_space = adaptation.times(to_xyz);
    for (column, name) in [b"rXYZ", b"gXYZ", b"bXYZ"].into_iter().enumerate() {
        let color = fixed_triple(to_connection_space.column(column))?;
        tags.add(name, number_triple(color));
    }
    tags.add(b"rTRC", curve::encode(encoding.transfer_function)?);
    tags.add_same(b"gTRC");
    tags.add_same(b"bTRC");
    Some(())
}

/// The tags of a profile, their data one after the other.
#[derive(Default)]
struct Tags {
    /// Names, and start and end of the data.
    table: Vec<([u8; 4], usize, usize)>,
    data: Vec<u8>,
}

impl Tags {
    fn add(&mut self, name: &[u8; 4], data: Vec<u8>) {
        let start = self.data.len();
        self.data.extend_from_slice(&data);
        self.table.push((*name, start, self.data.len()));
        self.data.resize(self.data.len().next_multiple_of(4), 0);
    }

    /// Adds a tag with the data of the last one.
    fn add_same(&mut self, name: &[u8; 4]) {
        if let Some(&(_, start, end)) = self.table.last() {
            self.table.push((*name, start, end));
        }
    }

    fn into_profile(self, encoding: &ColorEncoding) -> Option<Vec<u8>> {
        let front = HEADER_BYTES + 4 + TAG_BYTES * self.table.len();
        let mut profile = header(encoding, u32::try_from(front + self.data.len()).ok()?);
        put_u32(&mut profile, u32::try_from(self.table.len()).ok()?);
        for (name, start, end) in self.table {
            profile.extend_from_slice(&name);
            put_u32(&mut profile, u32::try_from(front + start).ok()?);
            put_u32(&mut profile, u32::try_from(end - start).ok()?);
        }
        profile.extend_from_slice(&self.data);
        Some(profile)
    }
}

/// ICC.1:2022, 7.2: profile header. It has no identifier, which is optional.
fn header(encoding: &ColorEncoding, profile_bytes: u32) -> Vec<u8> {
    let (class, channels) = match encoding.color_space {
        ColorSpace::Gray => (b"mntr", b"GRAY"),
        ColorSpace::Xyb => (b"scnr", b"RGB "),
        ColorSpace::Rgb | ColorSpace::Unknown => (b"mntr", b"RGB "),
    };
    let mut header = Vec::with_capacity(HEADER_BYTES);
    put_u32(&mut header, profile_bytes);
    header.extend_from_slice(b"jxl \x04\x40\0\0");
    header.extend_from_slice(class);
    header.extend_from_slice(channels);
    header.extend_from_slice(b"XYZ ");
    // A date: 2019-12-01, as libjxl has it.
    for number in [2019u16, 12, 1, 0, 0, 0] {
        header.extend_from_slice(&number.to_be_bytes());
    }
    header.extend_from_slice(b"acspAPPL");
    header.resize(64, 0);
    put_u32(&mut header, intent_number(encoding.rendering_intent));
    put_triple(&mut header, D50_FIXED);
    header.extend_from_slice(b"jxl ");
    header.resize(HEADER_BYTES, 0);
    header
}

fn intent_number(intent: RenderingIntent) -> u32 {
    match intent {
        RenderingIntent::Perceptual => 0,
        RenderingIntent::Relative => 1,
        RenderingIntent::Saturation => 2,
        RenderingIntent::Absolute => 3,
    }
}

/// The description of the profile, such as `Rgb D65 Srgb Srgb Relative`.
fn description(encoding: &ColorEncoding) -> String {
    let ColorEncoding {
        color_space,
        white_point,
        primaries,
        transfer_function,
        rendering_intent,
    } = encoding;
    match color_space {
        ColorSpace::Xyb => format!("{color_space:?} {rendering_intent:?}"),
        ColorSpace::Gray => {
            format!("{color_space:?} {white_point:?} {transfer_function:?} {rendering_intent:?}")
        }
        _ => format!(
            "{color_space:?} {white_point:?} {primaries:?} {transfer_function:?} {rendering_intent:?}"
        ),
    }
}

/// ICC.1:2022, 10.15: multiLocalizedUnicodeType, of one record.
fn text(text: &str) -> Vec<u8> {
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut data = b"mluc\0\0\0\0".to_vec();
    put_u32(&mut data, 1);
    put_u32(&mut data, 12);
    data.extend_from_slice(b"enUS");
    put_u32(&mut data, utf_16.len() as u32);
    put_u32(&mut data, 28);
    data.extend_from_slice(&utf_16);
    data
}

/// ICC.1:2022, 10.31: XYZType.
fn number_triple(triple: [u32; 3]) -> Vec<u8> {
    let mut data = b"XYZ \0\0\0\0".to_vec();
    put_triple(&mut data, triple);
    data
}

/// ICC.1:2022, 10.22: s15Fixed16ArrayType, rows first.
fn number_matrix(matrix: &Matrix) -> Option<Vec<u8>> {
    let mut data = b"sf32\0\0\0\0".to_vec();
    for row in 0..3 {
        put_triple(&mut data, fixed_triple(matrix.row(row))?);
    }
    Some(data)
}

fn fixed_triple([x, y, z]: [f64; 3]) -> Option<[u32; 3]> {
    Some([fixed(x)?, fixed(y)?, fixed(z)?])
}

fn put_triple(data: &mut Vec<u8>, triple: [u32; 3]) {
    triple.into_iter().for_each(|value| put_u32(data, value));
}
