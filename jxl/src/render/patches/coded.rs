use frame_arena::{Charge, Scope};
use jxl_bitstream::{Bitstream, unpack_signed};
use jxl_coding::Decoder;

use crate::render::blend::{ExtraKind, Mode, Rule};
use crate::{Error, origin};

/// Rectangles of references and places for them that any frame may have; larger frames may have more.
const MIN_COUNT: u64 = 1 << 10;

/// The patches of a frame as they are coded (ISO/IEC 18181-1, F.3).
pub(crate) struct CodedPatches {
    pub(super) sources: Vec<SourceRect>,
    pub(super) places: Vec<Place>,
    /// For each place the rule of the colours, then that of each extra channel.
    pub(super) rules: Vec<Rule>,
    _charges: [Charge; 3],
}

/// A rectangle of a reference.
#[derive(Clone, Copy)]
pub(super) struct SourceRect {
    pub(super) slot: u32,
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u64,
    pub(super) height: u64,
}

/// Where a rectangle goes.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) source: usize,
    pub(super) x: u32,
    pub(super) y: u32,
}

/// Contexts of the entropy code.
mod context {
    pub(super) const SOURCE_COUNT: u32 = 0;
    pub(super) const SLOT: u32 = 1;
    pub(super) const SIZE: u32 = 2;
    pub(super) const SOURCE: u32 = 3;
    pub(super) const FIRST_PLACE: u32 = 4;
    pub(super) const MODE: u32 = 5;
    pub(super) const OFFSET: u32 = 6;
    pub(super) const COUNT: u32 = 7;
    pub(super) const ALPHA: u32 = 8;
    pub(super) const CLAMP: u32 = 9;
    pub(super) const ALL: u32 = 10;
}

/// A vector whose memory counts against the arena's limit.
struct Charged<'s, T> {
    items: Vec<T>,
    scope: &'s Scope,
    charge: Charge,
}

impl<'s, T> Charged<'s, T> {
    fn new(scope: &'s Scope) -> Result<Self, Error> {
        Ok(Self {
            items: Vec::new(),
            scope,
            charge: scope.charge_for(origin::PATCHES, 0)?,
        })
    }

    fn push(&mut self, item: T) -> Result<(), Error> {
        if self.items.len() == self.items.capacity() {
            let more = self.items.len().max(16);
            let bytes = (self.items.len() + more) * size_of::<T>();
            self.charge = self.scope.charge_for(origin::PATCHES, bytes)?;
            self.items.reserve_exact(more);
        }
        self.items.push(item);
        Ok(())
    }
}

struct Reader<'r, 'b> {
    bits: &'r mut Bitstream<'b>,
    code: Decoder,
    extra_channels: u32,
    /// The first extra channel that is alpha, or 0.
    first_alpha: u32,
    /// There are other channels of alpha.
    has_choice: bool,
}

impl CodedPatches {
    /// Reads the patches of a frame of `pixels` with extra channels of these `kinds`. `scope` is charged for them.
    ///
    /// # Errors
    /// Truncated or corrupt data, more patches than the frame may have, memory.
    pub(crate) fn parse(
        bits: &mut Bitstream<'_>,
        pixels: u64,
        kinds: &[ExtraKind],
        scope: &Scope,
    ) -> Result<Self, Error> {
        let code = Decoder::parse(bits, context::ALL)?;
        let mut alphas = (0..kinds.len()).filter(|&index| kinds[index] != ExtraKind::Other);
        let mut reader = Reader {
            bits,
            code,
            extra_channels: kinds.len() as u32,
            first_alpha: alphas.next().unwrap_or(0) as u32,
            has_choice: alphas.next().is_some(),
        };
        reader.code.begin(reader.bits)?;
        let source_count = reader.unsigned(context::SOURCE_COUNT)?;
        let max_sources = MIN_COUNT + pixels / 4;
        if u64::from(source_count) > max_sources {
            return Err(too_many());
        }
        let mut places_left = 4 * max_sources;
        let mut rules_left = 4 * places_left;
        let mut sources = Charged::new(scope)?;
        let mut places = Charged::new(scope)?;
        let mut rules = Charged::new(scope)?;
        for source in 0..source_count as usize {
            sources.push(reader.source()?)?;
            let count = u64::from(reader.unsigned(context::COUNT)?) + 1;
            places_left = places_left.checked_sub(count).ok_or_else(too_many)?;
            let rules_here = count * (kinds.len() as u64 + 1);
            rules_left = rules_left.checked_sub(rules_here).ok_or_else(too_many)?;
            let mut before = None;
            for _ in 0..count {
                let (x, y) = reader.place(before)?;
                before = Some((x, y));
                places.push(Place { source, x, y })?;
                for _ in 0..=kinds.len() {
                    rules.push(reader.rule()?)?;
                }
            }
        }
        reader.code.finalize()?;
        Ok(Self {
            sources: sources.items,
            places: places.items,
            rules: rules.items,
            _charges: [sources.charge, places.charge, rules.charge],
        })
    }
}

impl Reader<'_, '_> {
    fn unsigned(&mut self, context: u32) -> Result<u32, Error> {
        Ok(self.code.read_varint(self.bits, context)?)
    }

    fn source(&mut self) -> Result<SourceRect, Error> {
        Ok(SourceRect {
            slot: self.unsigned(context::SLOT)?,
            x: self.unsigned(context::SOURCE)?,
            y: self.unsigned(context::SOURCE)?,
            width: u64::from(self.unsigned(context::SIZE)?) + 1,
            height: u64::from(self.unsigned(context::SIZE)?) + 1,
        })
    }

    /// Column and row of a place, told from the place before.
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
            return Err(Error::corrupt(
                "patch with alpha of a channel that is not there",
            ));
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
impl CodedPatches {
    /// Patches of a frame without extra channels.
    pub(super) fn new(
        scope: &Scope,
        sources: Vec<SourceRect>,
        places: Vec<Place>,
        rule: Rule,
    ) -> Self {
        Self {
            rules: vec![rule; places.len()],
            sources,
            places,
            _charges: [(); 3].map(|()| scope.charge(0).unwrap()),
        }
    }
}
