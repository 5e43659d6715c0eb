use frame_arena::{AllocError, Plane, Scope, ScopePlan, Scratch, Spec};

use super::geometry::Geometry;
use super::lf_global::VarDctGlobal;
use super::order::{self, ORDERS, Place, natural_orders, read_order, read_own, skip_order};
use super::quant_table::{self, OwnTables, QuantTables, TABLES};
use crate::Error;
use crate::bits::Bits;
use crate::entropy::{Code, PERMUTATION_CONTEXTS, Reader};
use crate::grid::Size;
use crate::memory::Memory;
use crate::modular::{ChannelShape, StreamContext, StreamShape, decode_stream};

/// The contents of the HF global section (ISO/IEC 18181-1, G.3).
pub(crate) struct HfGlobal<'f> {
    pub(super) tables: QuantTables<'f>,
    /// The number of presets, sets of statistics that each group chooses from.
    pub(super) presets: u32,
    pub(super) passes: &'f [Pass<'f>],
}

/// How the coefficients of a pass are coded.
pub(super) struct Pass<'f> {
    /// Coefficient orders of Y, X and B, for each order in use.
    orders: [[&'f [Place]; 3]; ORDERS],
    /// The orders that the pass codes itself, one bit each.
    own_orders: u32,
    pub(super) code: Code<'f>,
}

/// The number of sections that hold a frame's coefficients.
pub(crate) struct SectionCounts {
    pub(crate) groups: u32,
    /// Passes of each group.
    pub(crate) passes: u32,
}

impl<'f> HfGlobal<'f> {
    /// Reads the section. `table_stream` is the stream context of the first quantization table.
    /// Only the orders and tables of the transforms in `used`, one bit each, are kept. Those that
    /// the frame codes itself come from `scope`. Codes, and the standard's large tables and orders,
    /// come from `memory`.
    ///
    /// # Errors
    /// Truncated and corrupt sections, memory.
    pub(crate) fn parse(
        bits: &mut Bits<'_>,
        global: &VarDctGlobal<'_>,
        counts: SectionCounts,
        table_stream: StreamContext<'_>,
        used: u32,
        (scope, memory): (&'f Scope, Memory<'f>),
    ) -> Result<Self, Error> {
        let used_tables = quant_table::used_tables(used);
        let mut read_raw = |bits: &mut Bits<'_>, table: usize, size| {
            let stream_index = table_stream.stream_index + table as u32;
            let stream = StreamContext {
                stream_index,
                ..table_stream
            };
            match used_tables >> table & 1 == 1 {
                true => {
                    let factors = quant_table::factors_of(table).open(scope)?;
                    scope.with_scratch(|scratch| {
                        read_raw_table(bits, stream, size, factors, scratch)
                    })?;
                    Ok(factors)
                }
                false => {
                    let scratch = scope.scratch_beyond_plan();
                    read_raw_table(bits, stream, size, &mut [], &scratch)?;
                    Ok(Default::default())
                }
            }
        };
        let tables = QuantTables::parse(bits, used_tables, &mut read_raw, (scope, memory))?;
        let preset_bits = counts.groups.next_power_of_two().trailing_zeros();
        let presets = bits.read(preset_bits)? + 1;
        let contexts = presets as usize * global.contexts.coefficient_contexts();
        let natural = natural_orders(used, memory)?;
        let passes =
            (0..counts.passes).map(|_| Pass::parse(bits, contexts, &natural, (scope, memory)));
        Ok(Self {
            tables,
            presets,
            passes: memory.try_collect(passes)?.leak(),
        })
    }
}

impl HfGlobal<'_> {
    /// The value for a missing section. No group can be decoded with it.
    pub(crate) const MISSING: Self = Self {
        tables: QuantTables::NONE,
        presets: 1,
        passes: &[],
    };

    /// The number of passes that can be decoded.
    pub(crate) fn pass_count(&self) -> usize {
        self.passes.len()
    }

    /// Plans the section's own orders and tables, as if the frame used all transforms that fit.
    pub(crate) fn plan(
        &self,
        geometry: &Geometry,
        scope: &mut ScopePlan<'_>,
    ) -> Result<(), AllocError> {
        let orders = self.passes.iter().map(|pass| pass.own_orders);
        plan_own(geometry, self.tables.own, orders, scope)
    }

    /// Plans a section that cannot be read yet, at its largest: it may code all orders and tables
    /// itself.
    pub(crate) fn plan_largest(
        geometry: &Geometry,
        passes: usize,
        scope: &mut ScopePlan<'_>,
    ) -> Result<(), AllocError> {
        let tables = OwnTables {
            encoded: 0,
            raw: u32::MAX,
        };
        let orders = std::iter::repeat_n(u32::MAX, passes);
        plan_own(geometry, tables, orders, scope)
    }
}

/// Plans the fitting tables and orders that a frame codes itself: first tables, then the orders of
/// each pass, one bit each.
fn plan_own(
    geometry: &Geometry,
    tables: OwnTables,
    mut orders: impl Iterator<Item = u32>,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    let fitting = geometry.fitting_transforms();
    let fitting_tables = quant_table::used_tables(fitting);
    let is_in = |tables: u32, table: usize| (tables & fitting_tables) >> table & 1 == 1;
    for table in 0..TABLES {
        if is_in(tables.encoded | tables.raw, table) {
            quant_table::factors_of(table).plan(scope)?;
        }
        if is_in(tables.raw, table) {
            scope.tasks(1, |task| {
                let size = quant_table::raw_size(table);
                let channels = raw_channels(size);
                channels.map(ChannelShape::plane).plan(task)?;
                StreamShape::new(size.into(), channels.len()).plan(task)
            })?;
        }
    }
    let fitting_orders = order::used_orders(fitting);
    orders.try_for_each(|own| order::plan(own & fitting_orders, scope))
}

impl<'f> Pass<'f> {
    fn parse(
        bits: &mut Bits<'_>,
        contexts: usize,
        natural: &[&'f [Place]; ORDERS],
        (scope, memory): (&'f Scope, Memory<'f>),
    ) -> Result<Self, Error> {
        let own_orders = read_own(bits)?;
        let mut orders = natural.map(|order| [order; 3]);
        if own_orders != 0 {
            memory.for_now(|memory| {
                let code = Code::parse(bits, PERMUTATION_CONTEXTS, memory)?;
                let mut reader = Reader::begin(&code, bits, memory)?;
                for (order, channels) in orders.iter_mut().enumerate() {
                    if own_orders >> order & 1 == 1 {
                        for channel in channels {
                            match natural[order] {
                                [] => skip_order(&mut reader, order)?,
                                natural => *channel = read_order(&mut reader, natural, scope)?,
                            }
                        }
                    }
                }
                reader.finish(bits)
            })?;
        }
        let code = Code::parse(bits, contexts, memory)?;
        Ok(Self {
            orders,
            own_orders,
            code,
        })
    }

    /// The places of a varblock's coefficients, in coded order.
    pub(super) fn order(&self, order: usize, channel: usize) -> &'f [Place] {
        self.orders[order][channel]
    }
}

/// The channels of a quantization table that is coded sample by sample.
fn raw_channels(size: Size) -> [ChannelShape; 3] {
    [ChannelShape::full(size.width, size.height); 3]
}

/// Decodes a quantization table, coded as three channels, into `factors`. Factors are absent if
/// there are none to keep.
fn read_raw_table(
    bits: &mut Bits<'_>,
    stream: StreamContext<'_>,
    size: Size,
    factors: &mut [f32],
    scratch: &Scratch<'_>,
) -> Result<(), Error> {
    let shapes = raw_channels(size);
    let mut channels = shapes.map(ChannelShape::plane).open(scratch)?;
    let mut targets = channels.each_mut().map(Plane::view_mut);
    decode_stream(bits, stream, &shapes, &mut targets)?;
    let rows = channels.iter().flat_map(|channel| channel.rows());
    let mut factors = factors.chunks_exact_mut(size.width);
    for row in rows {
        if row.iter().any(|&sample| sample <= 0) {
            return Err(Error::corrupt("quantization factor not positive"));
        }
        for (factor, &sample) in factors.next().into_iter().flatten().zip(row) {
            *factor = sample as f32;
        }
    }
    Ok(())
}
