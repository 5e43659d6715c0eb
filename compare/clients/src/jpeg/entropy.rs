//! The entropy-coded scan: coefficients of all blocks.

use anyhow::{Context, Result, ensure};
use frame_arena::PlaneViewMut;

use super::header::{Component, Image, ZIGZAG};
use super::huffman::{BitReader, HuffmanTable};

/// The tables of a component.
struct Tables<'i> {
    dc: &'i HuffmanTable,
    ac: &'i HuffmanTable,
    steps: &'i [u16; 64],
}

impl<'i> Tables<'i> {
    fn of(image: &'i Image<'_>, component: &Component) -> Result<Self> {
        let dc = image.dc_tables[component.dc_table].as_ref();
        let ac = image.ac_tables[component.ac_table].as_ref();
        Ok(Self {
            dc: dc.context("a Huffman table is missing")?,
            ac: ac.context("a Huffman table is missing")?,
            steps: &image.quantization[component.quantization],
        })
    }
}

/// Decodes the scan into planes of zeros, dequantized.
///
/// # Errors
/// If the scan is corrupt.
pub(super) fn decode(image: &Image<'_>, planes: &mut [PlaneViewMut<'_, i16>; 3]) -> Result<()> {
    let [luma, blue, red] = &image.components;
    let tables = [
        Tables::of(image, luma)?,
        Tables::of(image, blue)?,
        Tables::of(image, red)?,
    ];
    let mut bits = BitReader::new(image.scan);
    let mut predictions = [0; 3];
    let mut left = image.restart_interval;
    for unit_y in 0..image.units.1 {
        for unit_x in 0..image.units.0 {
            if image.restart_interval > 0 {
                if left == 0 {
                    bits.restart()?;
                    predictions = [0; 3];
                    left = image.restart_interval;
                }
                left -= 1;
            }
            for (index, component) in image.components.iter().enumerate() {
                for y in 0..component.vertical {
                    let row = planes[index].row_mut(unit_y * component.vertical + y);
                    let start = unit_x * component.horizontal * 64;
                    let (blocks, _) = row[start..][..component.horizontal * 64].as_chunks_mut();
                    for block in blocks {
                        decode_block(&mut bits, &tables[index], &mut predictions[index], block)?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn decode_block(
    bits: &mut BitReader<'_>,
    tables: &Tables<'_>,
    prediction: &mut i32,
    block: &mut [i16; 64],
) -> Result<()> {
    let size = bits.symbol(tables.dc)?;
    ensure!(size <= 11, "a DC difference of {size} bits, more than 11");
    *prediction = prediction.wrapping_add(bits.number(size.into()));
    block[0] = prediction.wrapping_mul(tables.steps[0].into()) as i16;
    let mut index = 1;
    while index < 64 {
        let symbol = bits.symbol(tables.ac)?;
        let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            if zeros != 15 {
                break;
            }
            index += 16;
            continue;
        }
        index += zeros;
        ensure!(index < 64, "a block has more than 64 coefficients");
        let value = bits.number(size) * i32::from(tables.steps[index]);
        block[usize::from(ZIGZAG[index])] = value as i16;
        index += 1;
    }
    Ok(())
}
