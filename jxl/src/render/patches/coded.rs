use bytemuck::{Pod, Zeroable};

use crate::Error;
use crate::bits::{Bits, unpack_signed};
use crate::entropy::{Code, Reader};
use crate::memory::{Growing, Memory};
use crate::render::blend::{ExtraKind, Mode, Rule, StoredRule};

/// Limit on rectangles and places that holds for every frame; larger frames may have more.
const MIN_COUNT: u64 = 1 << 10;

/// The coded patches of a frame (ISO/IEC 18181-1, F.3).
pub(crate) struct CodedPatches<'m> {
    pub(super) sources: &'m [SourceRect],
    pub(super) places: &'m [Place],
    /// For each place the rule of the colors, then that of each extra channel.
    pub(super) rules: &'m [StoredRule],
}

/// A rectangle of a reference.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct SourceRect {
    pub(super) slot: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) x: u32,
    pub(super) y: u32,
}

/// A place of a rectangle in the frame.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Place {
    pub(super) source: usize,
    pub(super) x: u32,
    pub(super) y: u32,
}

/// Contexts of the entropy code.
mod context {
    pub(super) const SOURCE_COUNT: usize = 0;
    pub(super) const SLOT: usize = 1;
    pub(super) const SIZE: usize = 2;
    pub(super) const SOURCE: usize = 3;
    pub(super) const FIRST_PLACE: usize = 4;
    pub(super) const MODE: usize = 5;
    pub(super) const OFFSET: usize = 6;
    pub(super) const COUNT: usize = 7;
    pub(super) const ALPHA: usize = 8;
    pub(super) const CLAMP: usize = 9;
    pub(super) const ALL: usize = 10;
}

struct PatchReader<'r, 'd> {
    symbols: Reader<'r, 'd>,
    extra_channels: u32,
    /// The first extra channel that is alpha, or 0.
    first_alpha: u32,
    /// Whether there are further alpha channels.
    has_choice: bool,
}

impl<'m> CodedPatches<'m> {
    /// Reads the patches of a frame of `pixels` with extra channels of these `kinds`.
    ///
    /// # Errors
    /// Truncated or corrupt data, more patches than the frame may have, memory.
    pub(crate) fn parse(
        bits: &mut Bits<'_>,
        pixels: u64,
        kinds: &[ExtraKind],
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        memory.for_now(|for_now| {
            let code = Code::parse(bits, context::ALL, for_now)?;
            let mut reader = PatchReader::new(Reader::begin(&code, bits, for_now)?, kinds);
            let patches = reader.patches(pixels, memory)?;
            reader.symbols.finish(bits)?;
            Ok(patches)
        })
    }
}

impl<'r, 'd> PatchReader<'r, 'd> {
    fn new(symbols: Reader<'r, 'd>, kinds: &[ExtraKind]) -> Self {
        let mut alphas = (0..kinds.len()).filter(|&index| kinds[index] != ExtraKind::Other);
        Self {
            symbols,
            extra_channels: kinds.len() as u32,
            first_alpha: alphas.next().unwrap_or(0) as u32,
            has_choice: alphas.next().is_some(),
        }
    }

    fn patches<'m>(&mut self, pixels: u64, memory: Memory<'m>) -> Result<CodedPatches<'m>, Error> {
        let source_count = self.unsigned(context::SOURCE_COUNT)?;
        let max_sources = MIN_COUNT + pixels / 4;
        if u64::from(source_count) > max_sources {
            return Err(too_many());
        }
        let rules_of_place = u64::from(self.extra_channels) + 1;
        let mut places_left = 4 * max_sources;
        let mut rules_left = 4 * places_left;
        let mut sources = Growing::new(memory);
        let mut places = Growing::new(memory);
        let mut rules = Growing::new(memory);
        for source in 0..source_count as usize {
            sources.push(self.source()?)?;
            let count = u64::from(self.unsigned(context::COUNT)?) + 1;
            places_left = places_left.checked_sub(count).ok_or_else(too_many)?;
            let rules_here = count * rules_of_place;
            rules_left = rules_left.checked_sub(rules_here).ok_or_else(too_many)?;
            let mut before = None;
            for _ in 0..count {
                let (x, y) = self.place(before)?;
                before = Some((x, y));
                places.push(Place { source, x, y })?;
                for _ in 0..rules_of_place {
                    rules.push(StoredRule::from(self.rule()?))?;
                }
            }
        }
        Ok(CodedPatches {
            sources: sources.into_items(),
            places: places.into_items(),
            rules: rules.into_items(),
        })
    }

    fn unsigned(&mut self, context: usize) -> Result<u32, Error> {
        self.symbols.read(context)
    }

    fn source(&mut self) -> Result<SourceRect, Error> {
        Ok(SourceRect {
            slot: self.unsigned(context::SLOT)?.into(),
            x: self.unsigned(context::SOURCE)?,
            y: self.unsigned(context::SOURCE)?,
            width: u64::from(self.unsigned(context::SIZE)?) + 1,
            height: u64::from(self.unsigned(context::SIZE)?) + 1,
        })
    }

    /// Reads column and row of a place, relative to the place before.
    fn place(&mut self, before: Option<(u32, u32)>) -> Result<(u32, u32), Error> {
        let Some((x, y)) = before else {
            let x = self.unsigned(context::FIRST_PLACE)?;
            return Ok((x, self.unsigned(context::FIRST_PLACE)?));
        };
        let mut moved = |from: u32| {
            let offset = unpack_signed(self.unsigned(context::OFFSET)?);
            from.checked_add_signed(offset)
                .ok_or_else(|| Error::corrupt("patch outside of its frame"))
        };
        Ok((moved(x)?, moved(y)?))
    }

    fn rule(&mut self) -> Result<Rule, Error> {
        let (mode, is_below) = match self.unsigned(context::MODE)? {
            0 => (Mode::Keep, false),
            1 => (Mode::Replace, false),
            2 => (Mode::Add, false),
            3 => (Mode::Mul, false),
            4 => (Mode::Blend, false),
            5 => (Mode::Blend, true),
            6 => (Mode::MulAdd, false),
            7 => (Mode::MulAdd, true),
            _ => return Err(Error::corrupt("unknown blend mode of a patch")),
        };
        let uses_alpha = matches!(mode, Mode::Blend | Mode::MulAdd);
        let alpha = if uses_alpha && self.has_choice {
            self.unsigned(context::ALPHA)?
        } else {
            self.first_alpha
        };
        if uses_alpha && alpha >= self.extra_channels.max(1) {
            return Err(Error::corrupt("patch with a missing alpha channel"));
        }
        let clamps = (uses_alpha || mode == Mode::Mul) && self.unsigned(context::CLAMP)? != 0;
        Ok(Rule {
            mode,
            is_below,
            clamps,
            alpha: alpha as u16,
        })
    }
}

fn too_many() -> Error {
    Error::corrupt("too many patches")
}

#[cfg(test)]
impl<'m> CodedPatches<'m> {
    /// Patches of a frame without extra channels.
    pub(super) fn new(
        memory: Memory<'m>,
        sources: &[SourceRect],
        places: &[Place],
        rule: Rule,
    ) -> Self {
        let rules = vec![StoredRule::from(rule); places.len()];
        Self {
            sources: memory.copy(sources).unwrap(),
            places: memory.copy(places).unwrap(),
            rules: memory.copy(&rules).unwrap(),
        }
    }
}
