use std::ops::Range;

use super::channel::ChannelConversion;
use super::decoded_rows::ExtraRows;
use super::pixel::{CHUNK, pack};
use super::sample::Sample;
use crate::SampleFormat;
use crate::headers::{ExtraChannelType, ImageMetadata};

/// An extra channel that is written or used.
#[derive(Clone, Copy)]
pub(super) struct Extra {
    /// Its place among the extra channels.
    index: usize,
    conversion: ChannelConversion,
    /// Full scale of the samples that are made of it.
    full_scale: f32,
}

impl Extra {
    /// The first extra channel that is `wanted`, to samples of `format`.
    pub(super) fn first(
        metadata: &ImageMetadata,
        format: SampleFormat,
        wanted: impl Fn(ExtraChannelType) -> bool,
    ) -> Option<Self> {
        let mut channels = metadata.ec_info.iter();
        let index = channels.position(|channel| wanted(channel.ty))?;
        Self::at(index, metadata, format)
    }

    /// The extra channel `index`, to samples of `format`.
    pub(super) fn at(index: usize, metadata: &ImageMetadata, format: SampleFormat) -> Option<Self> {
        let channel = metadata.ec_info.get(index)?;
        Some(Self {
            index,
            conversion: ChannelConversion::new(channel.bit_depth, format),
            full_scale: format.full_scale(),
        })
    }

    /// Output samples of a range of columns.
    pub(super) fn pack<T: Sample>(
        self,
        rows: ExtraRows<'_>,
        range: Range<usize>,
        plane: &mut [T; CHUNK],
    ) {
        match rows {
            ExtraRows::Integers(rows) => {
                let stored = &rows(self.index)[range];
                self.conversion.run_into(stored, plane, T::from_bits);
            }
            ExtraRows::Floats(rows) => {
                let row = &rows.row(self.index)[range];
                pack(row, self.full_scale, plane);
            }
        }
    }

    /// Samples of full scale 1.0, if that is what it is converted to.
    pub(super) fn read(self, rows: ExtraRows<'_>, range: Range<usize>, to: &mut [f32]) {
        match rows {
            ExtraRows::Integers(rows) => {
                let from = &rows(self.index)[range];
                self.conversion.run_into(from, to, f32::from_bits);
            }
            ExtraRows::Floats(rows) => to.copy_from_slice(&rows.row(self.index)[range]),
        }
    }
}
