//! A permutation of the ids that share their kept parts, over whole columns.

use std::sync::OnceLock;

use arrow::array::{Array, StringArray};

use super::FpeResidentId;
use crate::{
    ColumnKey, DOMAIN_MIN,
    ff1::{Ff1Key, Outside, RankCipher, RankQueue, Tile, TweakState},
    resident_id::{Codec, Domain, Layout, Parts, Rows, Subdomain},
};

/// Rows that are read before any is ranked: few enough that their ids stay in the nearest cache.
const CHUNK_ROWS: usize = 512;

/// FF1 over the ranks of each subdomain of the kept parts.
pub(crate) struct Permutation {
    layout: Layout,
    /// By class of size; none below [`DOMAIN_MIN`], so that such ids are broken input.
    ciphers: Vec<Option<RankCipher>>,
    /// By number of subdomain; made when the first column comes.
    tweaks: OnceLock<Vec<TweakState>>,
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
        Ok(Self {
            layout,
            ciphers,
            tweaks: OnceLock::new(),
        })
    }

    /// The surrogate of each row; none where it is null, no id, outside the set, or one of too few.
    pub(crate) fn encrypt(&self, texts: &StringArray) -> Vec<Option<Parts>> {
        let mut surrogates = vec![None; texts.len()];
        self.encrypt_to(texts, |row, surrogate| {
            if let Some(place) = surrogates.get_mut(row) {
                *place = Some(surrogate);
            }
        });
        surrogates
    }

    /// Hands over the surrogate of each row that has one, in no order.
    pub(crate) fn encrypt_to(&self, texts: &StringArray, place: impl FnMut(usize, Parts)) {
        let mut column = ColumnOfIds::new(self, place);
        let codec = Codec::of_domain();
        let mut read = Rows::default();
        for first in (0..texts.len()).step_by(CHUNK_ROWS) {
            let rows = CHUNK_ROWS.min(texts.len() - first);
            codec.parse_rows(&texts.slice(first, rows), &mut read);
            column.enter(first, &read.ids);
        }
        column.finish();
    }

    /// The tweaks of all subdomains.
    fn tweaks(&self) -> &[TweakState] {
        self.tweaks.get_or_init(|| {
            let mut all = Vec::new();
            all.resize_with(self.layout.subdomains().count(), TweakState::default);
            for (class, cipher) in self.ciphers.iter().enumerate() {
                let Some(cipher) = cipher else { continue };
                let of_class = |of: &Subdomain| self.layout.class(*of) == Some(class);
                let of_class = || self.layout.subdomains().filter(of_class);
                let ends = of_class().filter_map(|of| self.layout.kept_bytes(of));
                // Longer than any tweak of the standard's it is not, so it is never refused.
                let tweaks = cipher.tweaks_of(&Domain::digest(), ends);
                for (of, tweak) in of_class().zip(tweaks.unwrap_or_default()) {
                    if let Some(place) = all.get_mut(self.layout.number(of)) {
                        *place = tweak;
                    }
                }
            }
            all
        })
    }

    /// The surrogate of one id, without batches or tables of tweaks.
    #[cfg(test)]
    pub(crate) fn encrypt_one(&self, id: Parts) -> Option<Parts> {
        let (of, rank) = self.layout.rank(id)?;
        let cipher = self.ciphers.get(self.layout.class(of)?)?.as_ref()?;
        let mut ranks = [rank];
        cipher.encrypt(&self.layout.tweak(of)?, &mut ranks).ok()?;
        self.layout.unrank(of, ranks.into_iter().next()?)
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

/// A column's way through a permutation: the ids of each size wait until they fill a tile.
struct ColumnOfIds<'a, P> {
    permutation: &'a Permutation,
    tweaks: &'a [TweakState],
    /// By class of size.
    queues: Vec<RankQueue<(u32, Subdomain)>>,
    tile: Tile,
    place: P,
}

impl<'a, P: FnMut(usize, Parts)> ColumnOfIds<'a, P> {
    fn new(permutation: &'a Permutation, place: P) -> Self {
        Self {
            permutation,
            tweaks: permutation.tweaks(),
            queues: vec![RankQueue::new(); permutation.ciphers.len()],
            tile: Tile::new(),
            place,
        }
    }

    /// Enters the ids of consecutive rows.
    fn enter(&mut self, first: usize, ids: &[Option<Parts>]) {
        let layout = &self.permutation.layout;
        for (row, id) in (0u32..).zip(ids) {
            let ranked = id.and_then(|id| layout.rank(id));
            let Some((of, rank)) = ranked else { continue };
            let Some(class) = layout.class(of) else {
                continue;
            };
            let Some(queue) = self.queues.get_mut(class) else {
                continue;
            };
            // A batch has few enough rows for 32 bits.
            if queue.push(rank, (first as u32 + row, of)) {
                self.step(class);
            }
        }
    }

    fn finish(mut self) {
        for class in 0..self.queues.len() {
            while self
                .queues
                .get(class)
                .is_some_and(|queue| !queue.is_empty())
            {
                self.step(class);
            }
        }
    }

    /// Encrypts what waits of a class; what has no cipher stays without a surrogate.
    #[inline(never)]
    fn step(&mut self, class: usize) {
        let (layout, tweaks) = (&self.permutation.layout, self.tweaks);
        let Some(queue) = self.queues.get_mut(class) else {
            return;
        };
        let Some(Some(cipher)) = self.permutation.ciphers.get(class) else {
            return queue.clear();
        };
        let tweak = |(_, of)| tweaks.get(layout.number(of)).copied().unwrap_or_default();
        queue.step(cipher, &mut self.tile, tweak, |(row, of), rank| {
            if let Some(surrogate) = layout.unrank(of, rank) {
                (self.place)(row as usize, surrogate);
            }
        });
    }
}
