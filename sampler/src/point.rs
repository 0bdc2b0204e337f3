//! Points: a keyed, evenly spread 64-bit number for each unit or row.

use std::fmt;

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

/// Blocks handed to AES at once: the widest backend of crate `aes` works in groups of 64.
pub(crate) const BATCH_BLOCKS: usize = 64;

/// One AES block.
type Block = aes::Block;

/// The secret that decides which units and rows are drawn.
///
/// Who knows it knows for any unit number whether it can be in a sample. Derive one per scenario
/// (or a fresh one per one-way release); it is wiped when dropped and never printed.
#[derive(Clone)]
pub struct SamplingKey {
    // Boxed, so that moving the key leaves no copy of it behind.
    cipher: Box<Aes256>,
}

/// What a point is drawn for; the same number has unrelated points in different domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointDomain {
    /// Protected units, the same in every table of the scenario.
    Unit,
    /// Row numbers of one table, so that two tables do not draw the same row numbers.
    Row {
        /// Position of the table in the scenario.
        table: u16,
    },
}

impl PointDomain {
    /// The first eight bytes of every block: method, then table number.
    fn tag(self) -> u64 {
        match self {
            Self::Unit => u64::from_be_bytes(*b"unit\0\0\0\0"),
            Self::Row { table } => u64::from_be_bytes(*b"rows\0\0\0\0") | u64::from(table),
        }
    }
}

impl SamplingKey {
    /// Expands 32 secret bytes into a key; the caller wipes its own copy.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self {
            cipher: Box::new(Aes256::new(&Array(*bytes))),
        }
    }

    /// The point of one number: the first 8 bytes of AES-256(key, domain ‖ number), big-endian.
    ///
    /// A block cipher under a secret key is a pseudorandom permutation (FIPS 197), so points are
    /// evenly spread over 0..2^64 and say nothing about the number to whoever lacks the key.
    #[must_use]
    pub fn point(&self, domain: PointDomain, number: u64) -> u64 {
        let mut block = block(domain.tag(), number);
        self.cipher.encrypt_block(&mut block);
        first_eight(&block)
    }

    /// Calls `visit(number, point)` for each number in order, encrypting in batches.
    pub fn points(
        &self,
        domain: PointDomain,
        numbers: impl IntoIterator<Item = u64>,
        mut visit: impl FnMut(u64, u64),
    ) {
        let tag = domain.tag();
        let mut numbers = numbers.into_iter();
        let mut pending = Vec::with_capacity(BATCH_BLOCKS);
        let mut blocks = Vec::with_capacity(BATCH_BLOCKS);
        loop {
            pending.clear();
            pending.extend(numbers.by_ref().take(BATCH_BLOCKS));
            if pending.is_empty() {
                return;
            }
            blocks.clear();
            blocks.extend(pending.iter().map(|&number| block(tag, number)));
            self.cipher.encrypt_blocks(&mut blocks);
            for (&number, block) in pending.iter().zip(&blocks) {
                visit(number, first_eight(block));
            }
        }
    }
}

impl fmt::Debug for SamplingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SamplingKey(…)")
    }
}

fn block(tag: u64, number: u64) -> Block {
    Array((u128::from(tag) << 64 | u128::from(number)).to_be_bytes())
}

fn first_eight(block: &Block) -> u64 {
    (u128::from_be_bytes(block.0) >> 64) as u64
}

#[cfg(test)]
mod tests {
    //! Known answers, batches against single calls, and what Debug prints.

    use super::*;

    /// FIPS 197, appendix C.3: the AES-256 example, whose plaintext we reach through the domain tag.
    #[test]
    fn agrees_with_fips_197() {
        let key: [u8; 32] = std::array::from_fn(|i| i as u8);
        let mut block = block(0x0011_2233_4455_6677, 0x8899_aabb_ccdd_eeff);
        SamplingKey::new(&key).cipher.encrypt_block(&mut block);
        assert_eq!(first_eight(&block), 0x8ea2_b7ca_5167_45bf);
    }

    #[test]
    fn batches_equal_single_calls() {
        let key = SamplingKey::new(&[3; 32]);
        for count in [0_u64, 1, 63, 64, 65, 1000] {
            let mut seen = Vec::new();
            key.points(PointDomain::Unit, 0..count, |n, p| seen.push((n, p)));
            let single: Vec<_> = (0..count)
                .map(|n| (n, key.point(PointDomain::Unit, n)))
                .collect();
            assert_eq!(seen, single);
        }
    }

    #[test]
    fn domains_and_keys_are_unrelated() {
        let key = SamplingKey::new(&[3; 32]);
        let rows = |table| key.point(PointDomain::Row { table }, 5);
        assert_ne!(key.point(PointDomain::Unit, 5), rows(0));
        assert_ne!(rows(0), rows(1));
        assert_ne!(
            rows(0),
            SamplingKey::new(&[4; 32]).point(PointDomain::Row { table: 0 }, 5)
        );
    }

    #[test]
    fn debug_keeps_the_secret() {
        assert_eq!(
            format!("{:?}", SamplingKey::new(&[0xab; 32])),
            "SamplingKey(…)"
        );
    }
}
