//! A permutation of the ids that share their kept parts, over whole columns.

use arrow::array::{Array, StringArray};

use super::FpeResidentId;
use crate::{
    ColumnKey, DOMAIN_MIN,
    ff1::{Ff1Key, Outside, RankCipher, TweakState},
    resident_id::{Codec, Layout, Parts, Subdomain},
};

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
    rows: Vec<u32>,
    subdomains: Vec<Subdomain>,
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
        let mut batches: Vec<Batch> = Vec::new();
        batches.resize_with(self.ciphers.len(), Batch::default);
        if let [only] = batches.as_mut_slice() {
            only.reserve(texts.len());
        }
        let mut tweaks = vec![NO_TWEAK; self.layout.subdomains()];
        let codec = Codec::of_domain();
        for (row, text) in (0u32..).zip(texts.iter()) {
            if let Some(id) = text.and_then(|text| codec.parse(text)) {
                self.enter(row, id, &mut batches, &mut tweaks);
            }
        }
        let mut surrogates = vec![None; texts.len()];
        for (cipher, batch) in self.ciphers.iter().zip(&mut batches) {
            if let Some(cipher) = cipher {
                self.run(cipher, batch, &mut surrogates);
            }
        }
        surrogates
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
        batch.rows.push(row);
        batch.subdomains.push(of);
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
        let of = batch.rows.iter().zip(&batch.subdomains);
        for ((row, of), rank) in of.zip(&batch.ranks) {
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

impl Batch {
    fn reserve(&mut self, rows: usize) {
        self.rows.reserve(rows);
        self.subdomains.reserve(rows);
        self.which.reserve(rows);
        self.ranks.reserve(rows);
    }
}
