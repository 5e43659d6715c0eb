//! Headers of a JPEG file (ITU-T T.81, annex B): frame, scan and tables.

use anyhow::{Context, Result, bail, ensure};

use super::huffman::HuffmanTable;

/// Place of each coefficient in a block, in the order in which they are coded.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// A component of the picture: Y, Cb or Cr.
#[derive(Clone, Copy, Debug, Default)]
pub struct Component {
    id: u8,
    /// Blocks per unit (minimum coded unit), in each direction.
    pub(super) horizontal: usize,
    pub(super) vertical: usize,
    /// Indexes of the tables.
    pub(super) quantization: usize,
    pub(super) dc_table: usize,
    pub(super) ac_table: usize,
    blocks_wide: usize,
    blocks_high: usize,
}

impl Component {
    /// Columns and rows of the plane of coefficients: a row holds a row of blocks, 64 coefficients
    /// each.
    pub fn coefficients(&self) -> (usize, usize) {
        (self.blocks_wide * 64, self.blocks_high)
    }

    /// Columns and rows of the plane of samples.
    pub fn samples(&self) -> (usize, usize) {
        (self.blocks_wide * 8, self.blocks_high * 8)
    }
}

/// A JPEG file whose headers were read.
pub struct Image<'d> {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Y, Cb and Cr.
    pub components: [Component; 3],
    /// Units per row, and rows of units.
    pub(super) units: (usize, usize),
    /// Blocks per unit of the component that has most, in each direction.
    pub(super) most_horizontal: usize,
    pub(super) most_vertical: usize,
    /// Quantization steps in the order of [`ZIGZAG`].
    pub(super) quantization: [[u16; 64]; 4],
    pub(super) dc_tables: [Option<HuffmanTable>; 4],
    pub(super) ac_tables: [Option<HuffmanTable>; 4],
    /// Units between two restart markers, or 0.
    pub(super) restart_interval: usize,
    /// Entropy-coded data.
    pub(super) scan: &'d [u8],
}

impl<'d> Image<'d> {
    /// Reads the headers of `file`.
    ///
    /// # Errors
    /// If it is not a baseline JPEG file of three components in one scan.
    pub fn parse(file: &'d [u8]) -> Result<Self> {
        let mut image = Self {
            width: 0,
            height: 0,
            components: Default::default(),
            units: (0, 0),
            most_horizontal: 1,
            most_vertical: 1,
            quantization: [[0; 64]; 4],
            dc_tables: Default::default(),
            ac_tables: Default::default(),
            restart_interval: 0,
            scan: &[],
        };
        let mut rest = file
            .strip_prefix(&[0xff, 0xd8])
            .context("not a JPEG file")?;
        loop {
            let (marker, segment, after) = next_segment(rest).context("the headers are cut off")?;
            rest = after;
            match marker {
                0xc0 => image.read_frame(segment)?,
                0xc4 => image.read_huffman_tables(segment)?,
                0xda => {
                    image.read_scan(segment)?;
                    image.scan = rest;
                    return Ok(image);
                }
                0xdb => image.read_quantization(segment)?,
                0xdd => image.restart_interval = usize::from(number(segment, 0)?),
                0xc1..=0xcf => bail!("frame type {marker:#x}: only baseline is decoded"),
                _ => {}
            }
        }
    }

    /// Bytes of the decoded picture.
    pub fn rgb_bytes(&self) -> usize {
        3 * self.width * self.height
    }

    /// Rows of pixels in a row of units.
    pub(super) fn rows_per_unit(&self) -> usize {
        8 * self.most_vertical
    }

    fn read_frame(&mut self, segment: &[u8]) -> Result<()> {
        self.height = number(segment, 1)?.into();
        self.width = number(segment, 3)?.into();
        ensure!(self.width > 0 && self.height > 0, "the picture is empty");
        let (described, rest) = segment
            .get(6..)
            .context("the frame header is cut off")?
            .as_chunks::<3>();
        ensure!(
            described.len() == 3 && rest.is_empty(),
            "only pictures of three components are decoded"
        );
        for (component, &[id, factors, quantization]) in self.components.iter_mut().zip(described) {
            *component = Component {
                id,
                horizontal: (factors >> 4).into(),
                vertical: (factors & 15).into(),
                quantization: (quantization & 3).into(),
                ..Component::default()
            };
        }
        let most = |factor: fn(&Component) -> usize| self.components.iter().map(factor).max();
        self.most_horizontal = most(|c| c.horizontal).unwrap_or(1);
        self.most_vertical = most(|c| c.vertical).unwrap_or(1);
        for component in &self.components {
            let divides = |most: usize, factor: usize| factor > 0 && most.is_multiple_of(factor);
            ensure!(
                divides(self.most_horizontal, component.horizontal)
                    && divides(self.most_vertical, component.vertical),
                "a sampling factor does not divide the largest one"
            );
        }
        self.units = (
            self.width.div_ceil(8 * self.most_horizontal),
            self.height.div_ceil(8 * self.most_vertical),
        );
        for component in &mut self.components {
            component.blocks_wide = self.units.0 * component.horizontal;
            component.blocks_high = self.units.1 * component.vertical;
        }
        Ok(())
    }

    fn read_quantization(&mut self, mut segment: &[u8]) -> Result<()> {
        while let Some((&first, rest)) = segment.split_first() {
            let step_bytes = if first >> 4 == 0 { 1 } else { 2 };
            let steps = rest.split_at_checked(64 * step_bytes);
            let (steps, after) = steps.context("a quantization table is cut off")?;
            let table = &mut self.quantization[usize::from(first & 3)];
            for (step, bytes) in table.iter_mut().zip(steps.chunks_exact(step_bytes)) {
                *step = bytes
                    .iter()
                    .fold(0, |step, &byte| step << 8 | u16::from(byte));
            }
            segment = after;
        }
        Ok(())
    }

    fn read_huffman_tables(&mut self, mut segment: &[u8]) -> Result<()> {
        while let Some((&first, rest)) = segment.split_first() {
            let (counts, rest) = rest
                .split_first_chunk::<16>()
                .context("a Huffman table is cut off")?;
            let symbols = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, after) = rest
                .split_at_checked(symbols)
                .context("a Huffman table is cut off")?;
            let table = HuffmanTable::new(counts, symbols)?;
            let tables = match first >> 4 {
                0 => &mut self.dc_tables,
                _ => &mut self.ac_tables,
            };
            tables[usize::from(first & 3)] = Some(table);
            segment = after;
        }
        Ok(())
    }

    fn read_scan(&mut self, segment: &[u8]) -> Result<()> {
        ensure!(self.width > 0, "a scan before the frame header");
        ensure!(
            segment.first() == Some(&3),
            "only scans of all components are decoded"
        );
        let (described, _) = segment[1..].as_chunks::<2>();
        for &[id, tables] in described.iter().take(3) {
            let component = self.components.iter_mut().find(|c| c.id == id);
            let component = component.context("a scan of an unknown component")?;
            component.dc_table = (tables >> 4 & 3).into();
            component.ac_table = (tables & 3).into();
        }
        Ok(())
    }
}

/// Splits off a marker and its segment, and returns both and the rest.
fn next_segment(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let marker = data.iter().position(|&byte| byte == 0xff)?;
    let code = marker + data[marker..].iter().position(|&byte| byte != 0xff)?;
    let body = &data[code + 1..];
    let length = number(body, 0).ok()?.into();
    let (segment, after) = body.split_at_checked(length)?;
    Some((data[code], segment.get(2..)?, after))
}

fn number(segment: &[u8], at: usize) -> Result<u16> {
    let bytes = segment.get(at..at + 2).context("a header is cut off")?;
    Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
}
