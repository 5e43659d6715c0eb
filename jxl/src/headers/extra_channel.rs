use bytemuck::{Pod, Zeroable};
use frame_arena::{Arena, DetachedPlane};

use super::CodedName;
use crate::bits::{Bits, U};
use crate::{Error, Limits, Name, SampleDepth};

/// Up to this number, extra channels need no memory of the arena.
const FEW: usize = 4;

/// An extra channel (ISO/IEC 18181-1, D.3.7: ExtraChannelInfo).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ExtraChannelInfo {
    pub(crate) ty: ExtraChannelType,
    pub(crate) bit_depth: SampleDepth,
    /// log2 of the subsampling against the picture, at most 3.
    pub(crate) dim_shift: u32,
    /// Place of the name in the codestream.
    pub(crate) name: CodedName,
}

/// The type of an extra channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ExtraChannelType {
    Alpha {
        /// Whether the colors are premultiplied.
        alpha_associated: bool,
    },
    Depth,
    SpotColor {
        /// Red, green, blue.
        color: [f32; 3],
        solidity: f32,
    },
    SelectionMask,
    Black,
    Cfa,
    Thermal,
    /// Something unknown that can be ignored.
    Optional,
}

/// The extra channels of a picture.
#[derive(Debug)]
pub(crate) struct ExtraChannels {
    records: Records,
    /// All names, concatenated.
    names: Name,
}

/// Records of the channels, in memory of the arena if they are many.
#[derive(Debug)]
enum Records {
    /// Records, and the number in use.
    Few([Record; FEW], usize),
    /// A row of records.
    Many(DetachedPlane<Record>),
}

/// An [`ExtraChannelInfo`] as plain numbers.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Record {
    name_position: u64,
    name_bytes: u32,
    /// The number that the standard gives the type.
    ty: u32,
    alpha_associated: u32,
    /// Color and solidity of a spot color.
    spot: [f32; 4],
    bits: u32,
    /// 0 for integers.
    exponent_bits: u32,
    dim_shift: u32,
}

impl ExtraChannels {
    /// Reads the number of extra channels, and each.
    ///
    /// # Errors
    /// More channels than the limit; those of [`ExtraChannelInfo::parse`]; memory.
    pub(super) fn parse(
        bits: &mut Bits<'_>,
        arena: &Arena,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let count = bits.read_u32(0, 1, 2 + U(4), 1 + U(12))?;
        let most = limits.extra_channels.into();
        Limits::check("extra channels", count.into(), most)?;
        let count = count as usize;
        let mut records = match count {
            ..=FEW => Records::Few([Record::zeroed(); FEW], count),
            // Stale: all records are written.
            _ => Records::Many(arena.stale_detached_plane(count, 1)?),
        };
        let start = bits.clone();
        for record in records.get_mut() {
            *record = ExtraChannelInfo::parse(bits)?.into();
        }
        let names = records.get().iter().map(Record::name);
        Ok(Self {
            names: Name::joined(names, &start, arena)?,
            records,
        })
    }

    /// No channels.
    pub(super) fn none() -> Self {
        Self {
            records: Records::Few([Record::zeroed(); FEW], 0),
            names: Name::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.records.get().len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<ExtraChannelInfo> {
        self.records.get().get(index).map(ExtraChannelInfo::from)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = ExtraChannelInfo> {
        self.records.get().iter().map(ExtraChannelInfo::from)
    }

    /// The names of all channels, many of them empty.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let mut rest: &str = &self.names;
        self.records.get().iter().map(move |record| {
            let (name, others) = rest.split_at(record.name().len());
            rest = others;
            name
        })
    }
}

impl Records {
    fn get(&self) -> &[Record] {
        match self {
            Self::Few(records, count) => &records[..*count],
            Self::Many(records) => records.row(0),
        }
    }

    fn get_mut(&mut self) -> &mut [Record] {
        match self {
            Self::Few(records, count) => &mut records[..*count],
            Self::Many(records) => records.row_mut(0),
        }
    }
}

impl ExtraChannelInfo {
    /// # Errors
    /// [`Error::Truncated`]; subsampling by more than 8; a name that is not UTF-8;
    /// [`Error::Unsupported`] for unknown types that a decoder must understand.
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Ok(Self {
                ty: ExtraChannelType::Alpha {
                    alpha_associated: false,
                },
                bit_depth: SampleDepth::DEFAULT,
                dim_shift: 0,
                name: CodedName::default(),
            });
        }
        let ty = bits.read_enum()?;
        let bit_depth = SampleDepth::parse(bits)?;
        let dim_shift = bits.read_u32(0, 3, 4, 1 + U(3))?;
        if dim_shift > 3 {
            return Err(Error::corrupt(format!(
                "extra channel subsampled by 2^{dim_shift}, above 2^3"
            )));
        }
        Ok(Self {
            bit_depth,
            dim_shift,
            name: CodedName::parse(bits)?,
            ty: ExtraChannelType::parse(ty, bits)?,
        })
    }
}

impl Record {
    fn name(&self) -> CodedName {
        CodedName {
            position: self.name_position as usize,
            bytes: self.name_bytes,
        }
    }
}

impl ExtraChannelType {
    /// True for alpha with premultiplied colors.
    pub(crate) fn is_premultiplied(self) -> bool {
        let premultiplied = Self::Alpha {
            alpha_associated: true,
        };
        self == premultiplied
    }

    /// Reads the fields of the type with this number (ISO/IEC 18181-1, D.3.7).
    fn parse(number: u32, bits: &mut Bits<'_>) -> Result<Self, Error> {
        Ok(match number {
            0 => Self::Alpha {
                alpha_associated: bits.read_bool()?,
            },
            2 => Self::SpotColor {
                color: [bits.read_f16()?, bits.read_f16()?, bits.read_f16()?],
                solidity: bits.read_f16()?,
            },
            5 => {
                let _cfa_channel = bits.read_u32(1, U(2), 3 + U(4), 19 + U(8))?;
                Self::Cfa
            }
            7..=15 => {
                return Err(Error::unsupported(format!(
                    "extra channels of type {number}, which must be understood"
                )));
            }
            _ => Self::of_number(number)
                .ok_or_else(|| Error::corrupt(format!("extra channel of type {number}")))?,
        })
    }

    /// The type with this number, if it has no fields.
    fn of_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Depth,
            3 => Self::SelectionMask,
            4 => Self::Black,
            5 => Self::Cfa,
            6 => Self::Thermal,
            16 => Self::Optional,
            _ => return None,
        })
    }

    fn number(self) -> u32 {
        match self {
            Self::Alpha { .. } => 0,
            Self::Depth => 1,
            Self::SpotColor { .. } => 2,
            Self::SelectionMask => 3,
            Self::Black => 4,
            Self::Cfa => 5,
            Self::Thermal => 6,
            Self::Optional => 16,
        }
    }
}

impl From<ExtraChannelInfo> for Record {
    fn from(info: ExtraChannelInfo) -> Self {
        let (bits, exponent_bits) = match info.bit_depth {
            SampleDepth::Integer { bits } => (bits, 0),
            SampleDepth::Float {
                bits,
                exponent_bits,
            } => (bits, exponent_bits),
        };
        let spot = match info.ty {
            ExtraChannelType::SpotColor {
                color: [red, green, blue],
                solidity,
            } => [red, green, blue, solidity],
            _ => [0.0; 4],
        };
        Self {
            name_position: info.name.position as u64,
            name_bytes: info.name.bytes,
            ty: info.ty.number(),
            alpha_associated: info.ty.is_premultiplied().into(),
            spot,
            bits,
            exponent_bits,
            dim_shift: info.dim_shift,
        }
    }
}

impl From<&Record> for ExtraChannelInfo {
    fn from(record: &Record) -> Self {
        let [red, green, blue, solidity] = record.spot;
        let ty = match record.ty {
            2 => ExtraChannelType::SpotColor {
                color: [red, green, blue],
                solidity,
            },
            number => ExtraChannelType::of_number(number).unwrap_or(ExtraChannelType::Alpha {
                alpha_associated: record.alpha_associated == 1,
            }),
        };
        let bit_depth = match record.exponent_bits {
            0 => SampleDepth::Integer { bits: record.bits },
            exponent_bits => SampleDepth::Float {
                bits: record.bits,
                exponent_bits,
            },
        };
        Self {
            ty,
            bit_depth,
            dim_shift: record.dim_shift,
            name: record.name(),
        }
    }
}
