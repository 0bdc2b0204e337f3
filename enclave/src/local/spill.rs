//! Fixed-size records sorted into partitions on disk, so that counting needs memory for one partition only.
//!
//! The files have no name: they are gone when the process ends, however it ends. The caller writes keyed hashes,
//! never cells.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// How many bytes of a partition are gathered before they are written.
const BUFFER_BYTES: usize = 32 * 1024;

/// Records in partitions, written once and then read partition by partition.
#[derive(Debug)]
pub(super) struct Spill {
    partitions: Vec<Partition>,
}

#[derive(Debug)]
struct Partition {
    file: File,
    pending: Vec<u8>,
}

impl Spill {
    /// Opens one nameless file per partition in `directory`.
    pub(super) fn create(directory: &Path, partitions: usize) -> io::Result<Self> {
        let open = |_| {
            Ok(Partition {
                file: tempfile::tempfile_in(directory)?,
                pending: Vec::new(),
            })
        };
        Ok(Self {
            partitions: (0..partitions).map(open).collect::<io::Result<_>>()?,
        })
    }

    /// Adds one record to a partition.
    pub(super) fn push(&mut self, partition: usize, record: &[u8]) -> io::Result<()> {
        let Some(partition) = self.partitions.get_mut(partition) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no such partition",
            ));
        };
        partition.pending.extend_from_slice(record);
        if partition.pending.len() >= BUFFER_BYTES {
            partition.flush()?;
        }
        Ok(())
    }

    /// Hands out the partitions one after the other, each as all of its bytes; its file is given back to the disk.
    pub(super) fn drain(self) -> impl Iterator<Item = io::Result<Vec<u8>>> {
        self.partitions.into_iter().map(Partition::take)
    }
}

impl Partition {
    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.pending)?;
        self.pending.clear();
        Ok(())
    }

    fn take(mut self) -> io::Result<Vec<u8>> {
        self.flush()?;
        self.pending = Vec::new();
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_gives_back_its_own_records_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let mut spill = Spill::create(directory.path(), 3).unwrap();
        let records: Vec<[u8; 4]> = (0..60_000_u32).map(u32::to_le_bytes).collect();
        for (index, record) in records.iter().enumerate() {
            spill.push(index % 3, record).unwrap();
        }
        assert_eq!(
            std::fs::read_dir(directory.path()).unwrap().count(),
            0,
            "the files have no name"
        );
        for (partition, bytes) in spill.drain().enumerate() {
            let expected: Vec<u8> = records
                .iter()
                .skip(partition)
                .step_by(3)
                .flatten()
                .copied()
                .collect();
            assert_eq!(bytes.unwrap(), expected);
        }
    }

    #[test]
    fn a_partition_that_does_not_exist_is_an_error() {
        let mut spill = Spill::create(&std::env::temp_dir(), 1).unwrap();
        assert!(spill.push(1, b"record").is_err());
    }
}
