use super::ChargeReport;
use crate::AllocError;
use crate::allocator_calls::calling_allocator;

/// The origin of charges that name none.
pub(crate) const OTHER_ORIGIN: &str = "other";

/// Bytes that others allocate, by origin.
pub(crate) struct ChargeTable {
    rows: Vec<Row>,
}

struct Row {
    origin: &'static str,
    live_bytes: usize,
    peak_bytes: usize,
    charges: u64,
}

impl ChargeTable {
    pub(crate) const fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Makes room for the row of `origin`, if it has none, so that [`add`](Self::add) does not
    /// allocate.
    ///
    /// # Errors
    /// [`AllocError::System`].
    pub(crate) fn make_room(&mut self, origin: &'static str) -> Result<(), AllocError> {
        if self.rows.iter().any(|row| row.origin == origin) {
            return Ok(());
        }
        let reserved = calling_allocator(|| self.rows.try_reserve(1));
        reserved.map_err(|_| AllocError::System {
            requested_bytes: (self.rows.len() + 1) * size_of::<Row>(),
        })
    }

    pub(crate) fn add(&mut self, origin: &'static str, bytes: usize) {
        let index = self.rows.iter().position(|row| row.origin == origin);
        let index = index.unwrap_or_else(|| {
            self.rows.push(Row {
                origin,
                live_bytes: 0,
                peak_bytes: 0,
                charges: 0,
            });
            self.rows.len() - 1
        });
        let row = &mut self.rows[index];
        row.live_bytes += bytes;
        row.peak_bytes = row.peak_bytes.max(row.live_bytes);
        row.charges += 1;
    }

    pub(crate) fn sub(&mut self, origin: &'static str, bytes: usize) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.origin == origin) {
            row.live_bytes -= bytes;
        }
    }

    pub(crate) fn report(&self) -> Vec<ChargeReport> {
        let rows = self.rows.iter().map(|row| ChargeReport {
            origin: row.origin.to_owned(),
            live_bytes: row.live_bytes,
            peak_bytes: row.peak_bytes,
            charges: row.charges,
        });
        rows.collect()
    }
}
