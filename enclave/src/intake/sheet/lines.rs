//! Which row of the sheet is a record from? Blank rows are left out of the CSV, so records and rows part ways.

/// The rows of a sheet's records, kept as runs: one entry per gap.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    records: u64,
    /// First record of each run, and its row; both counted from 1.
    runs: Vec<(u64, u64)>,
    next: u64,
}

impl Lines {
    /// The header's row.
    pub(super) fn header(&mut self, row: u64) {
        self.next = row + 1;
        self.runs.push((1, row + 1));
    }

    /// The row of the next record.
    pub(super) fn record(&mut self, row: u64) {
        self.records += 1;
        if row != self.next {
            self.runs.push((self.records, row));
        }
        self.next = row + 1;
    }

    /// The row of a record.
    pub(super) fn row(&self, record: u64) -> u64 {
        let run = self.runs.iter().rev().find(|(first, _)| *first <= record);
        run.map_or(record, |(first, row)| row + (record - first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_records() {
        let rows = [4, 5, 8, 9, 20];
        let mut lines = Lines::default();
        lines.header(2);
        rows.iter().for_each(|row| lines.record(*row));
        let found: Vec<u64> = (1..=5).map(|record| lines.row(record)).collect();
        assert_eq!(found, rows);
    }
}
