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
/// The slot of a subdomain that was not met yet.
const UNMET: u64 = 0;
/// The slot of a subdomain of too few ids.
const REFUSED: u64 = u64::MAX;

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
            slots: vec![UNMET; self.layout.subdomains()],
            ids: Vec::with_capacity(CHUNK_ROWS),
            surrogates: Vec::with_capacity(CHUNK_ROWS),
        }
    }

    /// The batch of a subdomain's size and its tweak there, made when first met; none where too few ids are in it.
    #[cold]
    fn meet(&self, of: Subdomain, batches: &mut [Batch]) -> Option<u64> {
        let class = self.layout.class(of)?;
        let cipher = self.ciphers.get(class)?.as_ref()?;
        let tweaks = &mut batches.get_mut(class)?.tweaks;
        let slot = slot(class, tweaks.len());
        tweaks.push(cipher.tweak(&self.layout.tweak(of)?).ok()?);
        Some(slot)
    }

    /// Encrypts a batch and hands each surrogate to its row; on a refusal, which ranks below the size rule out, the rows
    /// stay without.
    fn run(&self, cipher: &RankCipher, batch: &mut Batch, surrogates: &mut [Option<Parts>]) {
        let encrypted = match batch.tweaks.as_slice() {
            [only] => cipher.encrypt_under(*only, &mut batch.ranks),
            tweaks => cipher.encrypt_each(tweaks, &batch.which, &mut batch.ranks),
        };
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
    /// By subdomain, its batch and where its tweak stands there.
    slots: Vec<u64>,
    ids: Vec<(u32, Parts)>,
    surrogates: Vec<Option<Parts>>,
}

impl Chunks<'_> {
    /// The surrogates of some rows.
    pub(crate) fn encrypt(&mut self, texts: &StringArray) -> &[Option<Parts>] {
        for batch in &mut self.batches {
            batch.clear();
        }
        // In passes, each with few enough tables and counters for the processor's registers.
        let codec = Codec::of_domain();
        let rows = (0u32..).zip(texts.iter());
        self.ids.clear();
        self.ids
            .extend(rows.filter_map(|(row, text)| Some((row, codec.parse(text?)?))));
        self.enter();
        self.surrogates.clear();
        self.surrogates.resize(texts.len(), None);
        for (cipher, batch) in self.permutation.ciphers.iter().zip(&mut self.batches) {
            if let Some(cipher) = cipher.as_ref().filter(|_| !batch.rows.is_empty()) {
                self.permutation.run(cipher, batch, &mut self.surrogates);
            }
        }
        &self.surrogates
    }

    /// Puts each id into the batch of its subdomain's size.
    fn enter(&mut self) {
        let permutation = self.permutation;
        for (row, id) in &self.ids {
            let Some((of, rank)) = permutation.layout.rank(*id) else {
                continue;
            };
            let Some(slot) = self.slots.get_mut(permutation.layout.number(of)) else {
                continue;
            };
            if *slot == UNMET {
                *slot = permutation.meet(of, &mut self.batches).unwrap_or(REFUSED);
            }
            // A refused slot names no batch.
            let (class, tweak) = of_slot(*slot);
            if let Some(batch) = self.batches.get_mut(class) {
                batch.rows.push((*row, of));
                batch.which.push(tweak);
                batch.ranks.push(rank);
            }
        }
    }
}

/// A batch, and one more than the tweak in it, so that no slot is [`UNMET`].
const fn slot(class: usize, tweak: usize) -> u64 {
    ((class as u64) << 32) | (tweak as u64 + 1)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a slot")]
const fn of_slot(slot: u64) -> (usize, u32) {
    ((slot >> 32) as usize, (slot as u32).wrapping_sub(1))
}

impl Batch {
    /// Empties it of ids; the tweaks stay.
    fn clear(&mut self) {
        self.rows.clear();
        self.which.clear();
        self.ranks.clear();
    }
}
