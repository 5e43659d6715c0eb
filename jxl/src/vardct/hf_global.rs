use frame_arena::{AllocError, Charge, PlaneAlloc, Scope, ScopePlan, Scratch};
use jxl_bitstream::Bitstream;
use jxl_coding::Decoder;

use super::geometry::Geometry;
use super::lf_global::VarDctGlobal;
use super::order::{
    self, ORDERS, PERMUTATION_CONTEXTS, Place, natural_order, read_order, read_own, skip_order,
};
use super::quant_table::{self, TableSources};
use crate::entropy::Code;
use crate::modular::{ChannelShape, StreamContext, decode_stream};
use crate::{Error, origin};

/// What the HF global section says (ISO/IEC 18181-1, G.3).
pub(crate) struct HfGlobal<'f> {
    pub(super) tables: TableSources<'f>,
    /// How many sets of statistics a pass has for groups to choose from.
    pub(super) presets: u32,
    pub(super) passes: Vec<Pass<'f>>,
}

/// How the coefficients of a pass are coded.
pub(super) struct Pass<'f> {
    /// Of Y, X, B for each order in use.
    orders: [[&'f [Place]; 3]; ORDERS],
    /// Those that are the pass's own, a bit for each.
    own_orders: u32,
    pub(super) code: Code,
    _charges: [Charge; 2],
}

impl<'f> HfGlobal<'f> {
    /// Reads the section. `table_stream` is the context of the stream of the first quantisation
    /// table; what is kept comes from `scope`. Orders and tables are kept of the transforms in `used` only, a bit for each.
    ///
    /// # Errors
    /// Truncated and corrupt sections, memory.
    pub(crate) fn parse(
        bits: &mut Bitstream<'_>,
        global: &VarDctGlobal,
        (groups, passes): (u32, u32),
        table_stream: StreamContext<'_>,
        used: u32,
        scope: &'f Scope,
    ) -> Result<Self, Error> {
        let used_tables = quant_table::used_tables(used);
        let mut read_raw = |bits: &mut Bitstream<'_>, table: usize, width, height| {
            let stream_index = table_stream.stream_index + table as u32;
            let stream = StreamContext {
                stream_index,
                ..table_stream
            };
            match used_tables >> table & 1 == 1 {
                true => {
                    // Stale: all factors are set.
                    let factors = scope.stale_slice(3 * width * height)?;
                    scope.with_scratch(|scratch| {
                        read_raw_table(bits, stream, (width, height), factors, scratch)
                    })?;
                    Ok(factors)
                }
                false => {
                    let scratch = scope.scratch_beyond_plan();
                    read_raw_table(bits, stream, (width, height), &mut [], &scratch)?;
                    Ok(Default::default())
                }
            }
        };
        let tables = TableSources::parse(bits, &mut read_raw)?;
        let preset_bits = groups.next_power_of_two().trailing_zeros();
        let presets = bits.read_bits(preset_bits as usize)? + 1;
        let contexts = presets as usize * global.contexts.coefficient_contexts();
        let used_orders = order::used_orders(used);
        let passes = (0..passes).map(|_| Pass::parse(bits, contexts, used_orders, scope));
        Ok(Self {
            tables,
            presets,
            passes: passes.collect::<Result<_, Error>>()?,
        })
    }
}

impl HfGlobal<'_> {
    /// The requests of what this section has of its own.
    pub(crate) fn describe(
        &self,
        geometry: &Geometry,
        scope: &mut ScopePlan<'_>,
    ) -> Result<(), AllocError> {
        let fitting = geometry.fitting_transforms();
        self.tables.describe(fitting, scope)?;
        let fitting = order::used_orders(fitting);
        let mut passes = self.passes.iter();
        passes.try_for_each(|pass| order::describe(pass.own_orders & fitting, scope))
    }
}

impl<'f> Pass<'f> {
    fn parse(
        bits: &mut Bitstream<'_>,
        contexts: usize,
        used_orders: u32,
        scope: &'f Scope,
    ) -> Result<Self, Error> {
        let own_orders = read_own(bits)?;
        let is_used = |order: usize| used_orders >> order & 1 == 1;
        let mut orders: [[&[Place]; 3]; ORDERS] = [[&[]; 3]; ORDERS];
        for (order, channels) in orders.iter_mut().enumerate() {
            if is_used(order) {
                *channels = [natural_order(order); 3];
            }
        }
        if own_orders != 0 {
            let mut code = Decoder::parse(bits, PERMUTATION_CONTEXTS)?;
            code.begin(bits)?;
            for (order, channels) in orders.iter_mut().enumerate() {
                if own_orders >> order & 1 == 1 {
                    for channel in channels {
                        match is_used(order) {
                            true => *channel = read_order(bits, &mut code, order, scope)?,
                            false => skip_order(bits, &mut code, order)?,
                        }
                    }
                }
            }
            code.finalize()?;
        }
        // A map of all contexts, and the lists that it is made from.
        let charge = scope.charge_for(origin::ENTROPY_CODES, contexts.saturating_mul(2))?;
        let code = Code::parse(bits, contexts as u32)?;
        let code_charge = scope.charge_for(origin::ENTROPY_CODES, code.heap_bytes())?;
        Ok(Self {
            orders,
            own_orders,
            code,
            _charges: [charge, code_charge],
        })
    }

    /// Where the coefficients of a varblock are, in the order that they come in.
    pub(super) fn order(&self, order: usize, channel: usize) -> &'f [Place] {
        self.orders[order][channel]
    }
}

/// Decodes a quantisation table that is coded as three channels into `factors`, if there are any.
fn read_raw_table(
    bits: &mut Bitstream<'_>,
    stream: StreamContext<'_>,
    (width, height): (usize, usize),
    factors: &mut [f32],
    scratch: &Scratch<'_>,
) -> Result<(), Error> {
    // Stale: all samples are decoded.
    let mut channels = scratch.stale_planes(3, width, height)?;
    let mut targets: Vec<_> = channels.planes_mut().collect();
    let shapes = [ChannelShape::full(width, height); 3];
    decode_stream(bits, stream, &shapes, &mut targets)?;
    drop(targets);
    let rows = channels.planes().flat_map(|channel| channel.rows());
    let mut factors = factors.chunks_exact_mut(width);
    for row in rows {
        if row.iter().any(|&sample| sample <= 0) {
            return Err(Error::corrupt("quantisation factor not positive"));
        }
        for (factor, &sample) in factors.next().into_iter().flatten().zip(row) {
            *factor = sample as f32;
        }
    }
    Ok(())
}
