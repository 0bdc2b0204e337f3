//! The tweaks of kept numerals, found by their characters.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::ff1::TweakState;

/// Kept characters of a row at most that are found this way: as many as a machine word of 128 bits holds.
pub(super) const KEPT_MAX: usize = 16;
/// Entries of the first table; a power of two.
const ENTRIES_FIRST: usize = 64;

/// A table of the tweaks met so far, probed one after the other, never more than half full.
pub(super) struct Tweaks {
    /// Kept characters, 0 where nothing stands: no character of an alphabet is 0.
    entries: Vec<(u128, TweakState)>,
    used: usize,
    /// An odd number drawn for each table, so that nobody can choose numerals that collide.
    factor: u64,
}

impl Tweaks {
    pub(super) fn new() -> Self {
        Self {
            entries: vec![(0, TweakState([0; 2])); ENTRIES_FIRST],
            used: 0,
            factor: RandomState::new().build_hasher().finish() | 1,
        }
    }

    #[inline(always)]
    pub(super) fn find(&self, kept: u128) -> Option<TweakState> {
        let (found, state) = self.entries.get(self.place(kept)?)?;
        (*found == kept && kept != 0).then_some(*state)
    }

    pub(super) fn insert(&mut self, kept: u128, state: TweakState) {
        if (self.used + 1) * 2 > self.entries.len() {
            self.grow();
        }
        self.used += 1;
        self.put(kept, state);
    }

    fn put(&mut self, kept: u128, state: TweakState) {
        if let Some(entry) = self
            .place(kept)
            .and_then(|place| self.entries.get_mut(place))
        {
            *entry = (kept, state);
        }
    }

    fn grow(&mut self) {
        let more = vec![(0, TweakState([0; 2])); 2 * self.entries.len()];
        for (kept, state) in std::mem::replace(&mut self.entries, more) {
            if kept != 0 {
                self.put(kept, state);
            }
        }
    }

    /// Where these characters stand or would stand.
    #[inline(always)]
    fn place(&self, kept: u128) -> Option<usize> {
        let last = self.entries.len() - 1;
        let mixed = (kept as u64)
            ^ ((kept >> 64) as u64)
                .rotate_left(32)
                .wrapping_mul(self.factor);
        // The upper bits of a product depend on all bits of its factors.
        let mixed = mixed.wrapping_mul(self.factor) >> 32;
        let first = usize::try_from(mixed).ok()? & last;
        (0..=last).map(|step| (first + step) & last).find(|place| {
            let entry = self.entries.get(*place);
            entry.is_none_or(|(found, _)| *found == kept || *found == 0)
        })
    }
}

/// The kept characters of a row in one number: `first` from the row's start and `last` before its end, at most
/// [`KEPT_MAX`] in all; as many bytes of anything follow the row.
#[inline(always)]
pub(super) fn kept_characters(
    text: &[u8],
    (start, end): (usize, usize),
    (first, last): (usize, usize),
) -> u128 {
    let word = |at: usize, bytes: usize| {
        let word = text.get(at..).and_then(|text| text.first_chunk());
        let word = word.map_or(0, |word| u128::from_le_bytes(*word));
        match bytes {
            0 => 0,
            _ => word << (u128::BITS as usize - 8 * bytes) >> (u128::BITS as usize - 8 * bytes),
        }
    };
    let begin = word(start, first);
    match last {
        0 => begin,
        _ => begin | (word(end - last, last) << (8 * first)),
    }
}

#[cfg(test)]
mod tests {
    //! The table against a plain map; the numbers of kept characters.

    use std::collections::HashMap;

    use super::*;

    #[test]
    fn finds_what_was_put_in_and_nothing_else() {
        let (mut table, mut plain) = (Tweaks::new(), HashMap::new());
        for step in 1..5_000u64 {
            let kept = u128::from(step * step % 4_999 + 1) << (step % 3 * 40);
            let state = TweakState([step, !step]);
            assert_eq!(table.find(kept).is_some(), plain.contains_key(&kept));
            plain.entry(kept).or_insert_with(|| {
                table.insert(kept, state);
                state
            });
        }
        for (kept, state) in &plain {
            assert!(table.find(*kept) == Some(*state));
            assert!(table.find(kept << 1 | 1 << 127).is_none());
        }
        assert!(table.find(0).is_none());
    }

    #[test]
    fn characters_of_both_ends() {
        let text = [&b"xxabcdefghijklmnopyy"[..], &[b'?'; KEPT_MAX]].concat();
        for (first, last, expect) in [
            (0, 0, &b""[..]),
            (2, 0, b"ab"),
            (0, 3, b"nop"),
            (3, 2, b"abcop"),
            (16, 0, b"abcdefghijklmnop"),
            (0, 16, b"abcdefghijklmnop"),
            (8, 8, b"abcdefghijklmnop"),
        ] {
            let mut bytes = [0; 16];
            bytes[..expect.len()].copy_from_slice(expect);
            let found = kept_characters(&text, (2, 18), (first, last));
            assert_eq!(found, u128::from_le_bytes(bytes), "{first} {last}");
        }
    }
}
