use crate::Error;
use crate::bits::{Bits, U};
use crate::memory::Memory;
use crate::modular::{ChannelShape, Predictor};

/// Most transforms one sub-bitstream may have (level 10).
const MAX_TRANSFORMS: u32 = 512;

/// Header of a Modular sub-bitstream (ISO/IEC 18181-1, H.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header<'m> {
    /// True if samples are decoded with the tree of the frame instead of the stream's own.
    pub(crate) use_global_tree: bool,
    /// Parameters of the weighted predictor.
    pub(crate) weighted: WeightedParams,
    /// Transforms in the order in which they were applied; undone last to first.
    pub(crate) transforms: &'m [Transform<'m>],
}

impl<'m> Header<'m> {
    /// The header of a sub-bitstream without channels, which stores none.
    pub(crate) const EMPTY: Self = Self {
        use_global_tree: false,
        weighted: WeightedParams::DEFAULT,
        transforms: &[],
    };

    /// Reads a header.
    ///
    /// # Errors
    /// [`Error::Truncated`] at the end of the section, [`Error::Corrupt`] for values the standard
    /// or level 10 excludes; [`Error::Memory`].
    pub(crate) fn parse(bits: &mut Bits<'_>, memory: Memory<'m>) -> Result<Self, Error> {
        let use_global_tree = bits.read_bool()?;
        let weighted = WeightedParams::parse(bits)?;
        let count = bits.read_u32(0, 1, 2 + U(4), 18 + U(8))?;
        if count > MAX_TRANSFORMS {
            return Err(Error::corrupt("too many Modular transforms"));
        }
        let mut transforms: &[Transform<'_>] = &[];
        if count > 0 {
            let parsed = (0..count).map(|_| Transform::parse(bits, memory));
            transforms = memory.try_collect(parsed)?.leak();
        }
        Ok(Self {
            use_global_tree,
            weighted,
            transforms,
        })
    }

    /// The work of undoing the transforms of channels of `shapes`.
    pub(crate) fn transform_work(&self, shapes: impl Iterator<Item = ChannelShape>) -> u64 {
        let samples: u64 = shapes.map(|shape| shape.samples()).sum();
        samples.saturating_mul(self.transforms.len() as u64)
    }
}

/// Parameters of the weighted predictor (ISO/IEC 18181-1, H.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WeightedParams {
    pub(crate) p1: u32,
    pub(crate) p2: u32,
    /// p3a to p3e.
    pub(crate) p3: [u32; 5],
    /// Largest weight of each sub-predictor.
    pub(crate) weights: [u32; 4],
}

impl WeightedParams {
    pub(crate) const DEFAULT: Self = Self {
        p1: 16,
        p2: 10,
        p3: [7, 7, 7, 0, 0],
        weights: [13, 12, 12, 12],
    };

    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Ok(Self::DEFAULT);
        }
        let mut params = Self {
            p1: bits.read(5)?,
            p2: bits.read(5)?,
            p3: [0; 5],
            weights: [0; 4],
        };
        for p in &mut params.p3 {
            *p = bits.read(5)?;
        }
        for weight in &mut params.weights {
            *weight = bits.read(4)?;
        }
        Ok(params)
    }
}

/// A transform with its parameters from the header (ISO/IEC 18181-1, H.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transform<'m> {
    /// Reversible color transform of channels `begin..begin + 3`.
    Rct {
        begin: usize,
        kind: RctKind,
    },
    Palette(PaletteParams),
    /// Haar-like split in halves; an empty list stands for the default steps.
    Squeeze(&'m [SqueezeStep]),
}

/// One of 7 types, followed by one of 6 permutations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RctKind {
    /// 0 to 6.
    pub(crate) operation: u32,
    /// 0 to 5.
    pub(crate) permutation: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PaletteParams {
    pub(crate) begin: usize,
    /// Number of channels that an index replaces.
    pub(crate) count: usize,
    /// Number of coded entries that are colors; they follow the deltas.
    pub(crate) colors: usize,
    /// Number of coded entries that are added to a prediction; they come first.
    pub(crate) deltas: usize,
    pub(crate) predictor: Predictor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SqueezeStep {
    pub(crate) horizontal: bool,
    /// Whether residuals directly follow their averages, instead of going to the end of the list.
    pub(crate) in_place: bool,
    pub(crate) begin: usize,
    pub(crate) count: usize,
}

impl<'m> Transform<'m> {
    fn parse(bits: &mut Bits<'_>, memory: Memory<'m>) -> Result<Self, Error> {
        match bits.read(2)? {
            0 => {
                let begin = read_channel_index(bits)?;
                let kind = bits.read_u32(6, U(2), 2 + U(4), 10 + U(6))?;
                if kind >= 42 {
                    return Err(Error::corrupt("color transform type out of range"));
                }
                let kind = RctKind {
                    operation: kind % 7,
                    permutation: kind / 7,
                };
                Ok(Self::Rct { begin, kind })
            }
            1 => {
                let begin = read_channel_index(bits)?;
                let count = bits.read_u32(1, 3, 4, 1 + U(13))? as usize;
                let colors = bits.read_u32(U(8), 256 + U(10), 1280 + U(12), 5376 + U(16))?;
                let deltas = bits.read_u32(0, 1 + U(8), 257 + U(10), 1281 + U(16))?;
                let predictor = Predictor::from_code(bits.read(4)?)?;
                Ok(Self::Palette(PaletteParams {
                    begin,
                    count,
                    colors: colors as usize,
                    deltas: deltas as usize,
                    predictor,
                }))
            }
            2 => {
                let count = bits.read_u32(0, 1 + U(4), 9 + U(6), 41 + U(8))?;
                let steps = (0..count).map(|_| SqueezeStep::parse(bits));
                Ok(Self::Squeeze(memory.try_collect(steps)?.leak()))
            }
            _ => Err(Error::corrupt("unknown Modular transform")),
        }
    }
}

impl SqueezeStep {
    fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        Ok(Self {
            horizontal: bits.read_bool()?,
            in_place: bits.read_bool()?,
            begin: read_channel_index(bits)?,
            count: bits.read_u32(1, 2, 3, 4 + U(4))? as usize,
        })
    }
}

fn read_channel_index(bits: &mut Bits<'_>) -> Result<usize, Error> {
    Ok(bits.read_u32(U(3), 8 + U(6), 72 + U(10), 1096 + U(13))? as usize)
}
