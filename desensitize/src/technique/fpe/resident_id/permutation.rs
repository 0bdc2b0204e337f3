//! A permutation of the ids that share their kept parts, over whole columns.

use arrow::array::{Array, StringArray};

use super::FpeResidentId;
use crate::{
    ColumnKey, DOMAIN_MIN,
    ff1::{Ff1Key, Outside, RankCipher, TweakState},
    resident_id::{Codec, Layout, Parts, Subdomain},
};

/// Rows that are worked on at once: all that is held for them stays in the nearer caches.
pub(crate) const CHUNK_ROWS: usize = 4_096;
/// No tweak was made for the subdomain yet.
const NO_TWEAK: u32 = u32::MAX;

/// FF1 over the ranks of each subdomain of the kept parts.
pub(crate) struct Permutation {
    layout: Layout,
    /// By class of size; none below [`DOMAIN_MIN`], so that such ids are broken input.
    ciphers: Vec<Option<RankCipher>>,
}

/// Ids on their way through one cipher: where each came from, its subdomain's tweak, and its rank.
#[derive(Default)]
struct Batch {
    rows: Vec<(u32, Subdomain)>,
    which: Vec<u32>,
    tweaks: Vec<TweakState>,
    ranks: Vec<u64>,
}

impl Permutation {
    pub(crate) fn new(key: &ColumnKey, recipe: &FpeResidentId) -> Result<Self, Outside> {
        let key = Ff1Key::of_column(recipe.cipher, key)?;
        let layout = Layout::new(recipe.keep, recipe.born);
        let cipher = |size: &u64| {
            let large = *size >= DOMAIN_MIN;
            large.then(|| RankCipher::new(&key, *size)).transpose()
        };
        let ciphers = layout
            .sizes()
            .iter()
            .map(cipher)
            .collect::<Result<_, _>>()?;
        Ok(Self { layout, ciphers })
    }

    /// The surrogate of each row; none where it is null, no id, outside the set, or one of too few.
    pub(crate) fn encrypt(&self, texts: &StringArray) -> Vec<Option<Parts>> {
        let mut surrogates = Vec::with_capacity(texts.len());
        let mut chunks = self.chunks();
        for first in (0..texts.len()).step_by(CHUNK_ROWS) {
            let rows = CHUNK_ROWS.min(texts.len() - first);
            surrogates.extend_from_slice(chunks.encrypt(&texts.slice(first, rows)));
        }
        surrogates
    }

    /// For encrypting a long column chunk by chunk.
    pub(crate) fn chunks(&self) -> Chunks<'_> {
        let mut batches: Vec<Batch> = Vec::new();
        batches.resize_with(self.ciphers.len(), Batch::default);
        Chunks {
            permutation: self,
            batches,
            tweaks: vec![NO_TWEAK; self.layout.subdomains()],
            surrogates: Vec::with_capacity(CHUNK_ROWS),
        }
    }

    /// Puts an id into the batch of its subdomain's size; one of too few is left out.
    #[inline]
    fn enter(&self, row: u32, id: Parts, batches: &mut [Batch], tweaks: &mut [u32]) -> Option<()> {
        let (of, rank) = self.layout.rank(id)?;
        let class = self.layout.class(of)?;
        let batch = batches.get_mut(class)?;
        let tweak = tweaks.get_mut(self.layout.number(of))?;
        if *tweak == NO_TWEAK {
            let cipher = self.ciphers.get(class)?.as_ref()?;
            let state = cipher.tweak(&self.layout.tweak(of)?).ok()?;
            *tweak = u32::try_from(batch.tweaks.len()).ok()?;
            batch.tweaks.push(state);
        }
        batch.rows.push((row, of));
        batch.which.push(*tweak);
        batch.ranks.push(rank);
        Some(())
    }

    /// Encrypts a batch and hands each surrogate to its row; on a refusal, which ranks below the size rule out, the rows
    /// stay without.
    fn run(&self, cipher: &RankCipher, batch: &mut Batch, surrogates: &mut [Option<Parts>]) {
        let encrypted = cipher.encrypt_each(&batch.tweaks, &batch.which, &mut batch.ranks);
        if encrypted.is_err() {
            return;
        }
        for ((row, of), rank) in batch.rows.iter().zip(&batch.ranks) {
            if let Some(surrogate) = surrogates.get_mut(*row as usize) {
                *surrogate = self.layout.unrank(*of, *rank);
            }
        }
    }

    /// The id whose surrogate this is.
    pub(crate) fn decrypt(&self, surrogate: Parts) -> Option<Parts> {
        let (of, rank) = self.layout.rank(surrogate)?;
        let cipher = self.ciphers.get(self.layout.class(of)?)?.as_ref()?;
        let mut ranks = [rank];
        cipher.decrypt(&self.layout.tweak(of)?, &mut ranks).ok()?;
        self.layout.unrank(of, ranks.into_iter().next()?)
    }
}

/// A column's way through a permutation: memory that is used again for each chunk, and the tweaks met so far.
pub(crate) struct Chunks<'a> {
    permutation: &'a Permutation,
    batches: Vec<Batch>,
    /// By subdomain, where its tweak stands in its batch.
    tweaks: Vec<u32>,
    surrogates: Vec<Option<Parts>>,
}

impl Chunks<'_> {
    /// The surrogates of some rows.
    pub(crate) fn encrypt(&mut self, texts: &StringArray) -> &[Option<Parts>] {
        for batch in &mut self.batches {
            batch.clear();
        }
        let codec = Codec::of_domain();
        for (row, text) in (0u32..).zip(texts.iter()) {
            if let Some(id) = text.and_then(|text| codec.parse(text)) {
                self.permutation
                    .enter(row, id, &mut self.batches, &mut self.tweaks);
            }
        }
        self.surrogates.clear();
        self.surrogates.resize(texts.len(), None);
        for (cipher, batch) in self.permutation.ciphers.iter().zip(&mut self.batches) {
            if let Some(cipher) = cipher.as_ref().filter(|_| !batch.rows.is_empty()) {
                self.permutation.run(cipher, batch, &mut self.surrogates);
            }
        }
        &self.surrogates
    }
}

impl Batch {
    /// Empties it of ids; the tweaks stay.
    fn clear(&mut self) {
        self.rows.clear();
        self.which.clear();
        self.ranks.clear();
    }
}
