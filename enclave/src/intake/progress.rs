//! How far an intake is, and what it could not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts that grow while batches are drawn; shared, so that they can be read from elsewhere.
#[derive(Debug, Default)]
pub struct Tally {
    bytes_total: u64,
    bytes: AtomicU64,
    rows: AtomicU64,
    rejected_cells: AtomicU64,
}

/// A snapshot of a [`Tally`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows handed out.
    pub rows: u64,
    /// Bytes of the file read so far; of Parquet, in proportion to its rows.
    pub bytes: u64,
    /// Bytes of the whole file.
    pub bytes_total: u64,
    /// Cells that should identify a unit and do not, such as an id with a wrong check digit; their rows count for no unit.
    pub rejected_cells: u64,
}

impl Tally {
    pub(super) fn new(bytes_total: u64) -> Self {
        Self {
            bytes_total,
            ..Self::default()
        }
    }

    /// The counts now.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            rows: self.rows.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            bytes_total: self.bytes_total,
            rejected_cells: self.rejected_cells.load(Ordering::Relaxed),
        }
    }

    pub(super) fn read_up_to(&self, bytes: u64) {
        self.bytes
            .store(bytes.min(self.bytes_total), Ordering::Relaxed);
    }

    /// The number of rows before these.
    pub(super) fn add_rows(&self, rows: usize) -> u64 {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed)
    }

    pub(super) fn add_rejected(&self, cells: u64) {
        self.rejected_cells.fetch_add(cells, Ordering::Relaxed);
    }
}

/// Calls `observe` after every item.
pub(super) fn observed<I: Iterator>(
    items: I,
    tally: Arc<Tally>,
    mut observe: impl FnMut(Progress),
) -> impl Iterator<Item = I::Item> {
    items.inspect(move |_| observe(tally.progress()))
}
