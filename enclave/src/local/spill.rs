//! Fixed-size records sorted into partitions on disk, so that counting needs memory for one partition only.
//!
//! All partitions of a spill share one file, as chains of blocks: many small partitions keep memory flat, and a file
//! for each would use up the process's descriptors.
//!
//! ```text
//! file   │ block of 7 │ block of 2 │ block of 7 │ …      written in the order in which they fill
//! blocks   7 → [0, 2]   2 → [1]                           per partition, in memory
//! ```
//!
//! The file has no name: it is gone when the process ends, however it ends. The caller writes keyed hashes, never cells.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// How many bytes of a partition are gathered before they are written: a page, which is what a disk takes at once.
const BLOCK_BYTES: usize = 4096;

/// Records in partitions, written once and then read partition by partition.
#[derive(Debug)]
pub(super) struct Spill {
    file: File,
    blocks: u32,
    partitions: Vec<Partition>,
}

#[derive(Debug, Default)]
struct Partition {
    /// Full blocks in the file, in order.
    blocks: Vec<u32>,
    /// What has not filled a block yet.
    pending: Vec<u8>,
}

impl Spill {
    /// Opens a nameless file in `directory`.
    pub(super) fn create(directory: &Path, partitions: usize) -> io::Result<Self> {
        let partitions = (0..partitions).map(|_| Partition::default()).collect();
        Ok(Self {
            file: tempfile::tempfile_in(directory)?,
            blocks: 0,
            partitions,
        })
    }

    /// Adds one record to a partition.
    pub(super) fn push(&mut self, partition: usize, mut record: &[u8]) -> io::Result<()> {
        let Some(partition) = self.partitions.get_mut(partition) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no such partition",
            ));
        };
        while !record.is_empty() {
            // No more than a block, however the allocator would round.
            partition
                .pending
                .reserve_exact(BLOCK_BYTES.saturating_sub(partition.pending.len()));
            let room = BLOCK_BYTES.saturating_sub(partition.pending.len());
            let (now, later) = record.split_at(room.min(record.len()));
            partition.pending.extend_from_slice(now);
            record = later;
            if partition.pending.len() == BLOCK_BYTES {
                self.file
                    .write_all_at(&partition.pending, offset(self.blocks))?;
                partition.blocks.push(self.blocks);
                partition.pending.clear();
                self.blocks = self
                    .blocks
                    .checked_add(1)
                    .ok_or(io::ErrorKind::FileTooLarge)?;
            }
        }
        Ok(())
    }

    /// Hands out the partitions one after the other, each as all of its bytes.
    pub(super) fn drain(self) -> impl Iterator<Item = io::Result<Vec<u8>>> {
        let Self {
            file, partitions, ..
        } = self;
        partitions
            .into_iter()
            .map(move |partition| partition.take(&file))
    }
}

impl Partition {
    fn take(self, file: &File) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.blocks.len() * BLOCK_BYTES];
        let (blocks, _) = bytes.as_chunks_mut::<BLOCK_BYTES>();
        for (to, block) in blocks.iter_mut().zip(self.blocks) {
            file.read_exact_at(to, offset(block))?;
        }
        bytes.extend_from_slice(&self.pending);
        Ok(bytes)
    }
}

/// Where a block begins.
fn offset(block: u32) -> u64 {
    u64::from(block) * BLOCK_BYTES as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_gives_back_its_own_records_in_order() {
        let directory = tempfile::tempdir().unwrap();
        let mut spill = Spill::create(directory.path(), 3).unwrap();
        // Seven bytes: records lie across the ends of blocks.
        let record = |number: u32| [&number.to_le_bytes()[..], b"abc"].concat();
        let records: Vec<Vec<u8>> = (0..60_000_u32).map(record).collect();
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
