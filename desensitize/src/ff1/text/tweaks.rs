//! The tweaks of kept numerals, found by their characters.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::ff1::{Alphabet, TweakState, alphabet::Symbol};

/// Kept characters of a row at most that are found this way: as many as a machine word of 128 bits holds.
pub(super) const KEPT_MAX: usize = 16;
/// Entries of the first table; a power of two.
const ENTRIES_FIRST: usize = 256;
/// Entries for each tweak at least: with as many, nearly every tweak stands where it is looked for first.
const ENTRIES_EACH: usize = 8;
/// Entries of a table that may become fuller, up to its half, before it grows.
const ENTRIES_LARGE: usize = 1 << 15;

/// Values of the kept numerals at most that have a place each.
const PLACES_MAX: usize = 1 << 12;
/// Characters at most whose values have a place each: as many as a machine word holds.
const PLACED_MAX: usize = 8;
/// What a character counts that is no numeral: more than all places.
const NO_PLACE: u32 = 1 << 16;

/// The tweaks met so far.
pub(super) enum Tweaks {
    /// Of few values, each in its own place.
    Placed(Placed),
    /// Of many, looked for.
    Probed(Probed),
}

impl Tweaks {
    /// For so many kept characters of an alphabet.
    pub(super) fn new(alphabet: &Alphabet, kept: usize) -> Self {
        match Placed::new(alphabet, kept) {
            Some(placed) => Self::Placed(placed),
            None => Self::Probed(Probed::new()),
        }
    }

    #[inline(always)]
    pub(super) fn find(&self, kept: u128) -> Option<TweakState> {
        match self {
            Self::Placed(table) => table.find(kept),
            Self::Probed(table) => table.find(kept),
        }
    }

    pub(super) fn insert(&mut self, kept: u128, state: TweakState) {
        match self {
            Self::Placed(table) => table.insert(kept, state),
            Self::Probed(table) => table.insert(kept, state),
        }
    }
}

/// A table with one place for each value of the kept numerals.
pub(super) struct Placed {
    /// What each character counts, for each kept one.
    counts: Vec<[u32; 256]>,
    /// All zeros where none was met. A tweak of zeros, if there is one, is only worked out anew each time.
    states: Vec<TweakState>,
}

impl Placed {
    /// None where the values are too many.
    fn new(alphabet: &Alphabet, kept: usize) -> Option<Self> {
        let radix = alphabet.radix();
        let places = radix.checked_pow(u32::try_from(kept).ok()?)?;
        let places = usize::try_from(places).ok()?;
        if !(1..=PLACED_MAX).contains(&kept) || places > PLACES_MAX {
            return None;
        }
        let counts = |at: usize| {
            let weight = (at + 1..kept).fold(1, |weight, _| weight * radix);
            std::array::from_fn(|byte| match alphabet.symbol(byte as u8) {
                Symbol::Numeral(numeral) => u32::from(numeral) * weight,
                Symbol::Separator | Symbol::Foreign => NO_PLACE,
            })
        };
        Some(Self {
            counts: (0..kept).map(counts).collect(),
            states: vec![TweakState::default(); places],
        })
    }

    #[inline(always)]
    fn find(&self, kept: u128) -> Option<TweakState> {
        let state = *self.states.get(self.place(kept))?;
        (state != TweakState::default()).then_some(state)
    }

    fn insert(&mut self, kept: u128, state: TweakState) {
        let place = self.place(kept);
        if let Some(entry) = self.states.get_mut(place) {
            *entry = state;
        }
    }

    /// Where these characters stand; behind all places where one is no numeral.
    #[inline(always)]
    fn place(&self, kept: u128) -> usize {
        let mut characters = kept as u64;
        let mut place = 0;
        for counts in &self.counts {
            let count = counts.get(usize::from(characters as u8));
            place += count.copied().unwrap_or(NO_PLACE);
            characters >>= 8;
        }
        place as usize
    }
}

/// A table of the tweaks met so far, probed one after the other.
pub(super) struct Probed {
    /// Kept characters, 0 where nothing stands: no character of an alphabet is 0.
    entries: Vec<(u128, TweakState)>,
    used: usize,
    /// An odd number drawn for each table, so that nobody can choose numerals that collide.
    factor: u64,
}

impl Probed {
    fn new() -> Self {
        Self {
            entries: vec![(0, TweakState([0; 2])); ENTRIES_FIRST],
            used: 0,
            factor: RandomState::new().build_hasher().finish() | 1,
        }
    }

    #[inline(always)]
    fn find(&self, kept: u128) -> Option<TweakState> {
        let (found, state) = self.entries.get(self.first_place(kept))?;
        if *found == kept && kept != 0 {
            return Some(*state);
        }
        self.find_further(kept)
    }

    #[cold]
    fn find_further(&self, kept: u128) -> Option<TweakState> {
        let (found, state) = self.entries.get(self.place(kept)?)?;
        (*found == kept && kept != 0).then_some(*state)
    }

    fn insert(&mut self, kept: u128, state: TweakState) {
        let all = self.entries.len();
        let each = if all < ENTRIES_LARGE { ENTRIES_EACH } else { 2 };
        if (self.used + 1) * each > all {
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
        let more = vec![(0, TweakState([0; 2])); 4 * self.entries.len()];
        for (kept, state) in std::mem::replace(&mut self.entries, more) {
            if kept != 0 {
                self.put(kept, state);
            }
        }
    }

    /// Where these characters stand or would stand.
    fn place(&self, kept: u128) -> Option<usize> {
        let (first, last) = (self.first_place(kept), self.entries.len() - 1);
        (0..=last).map(|step| (first + step) & last).find(|place| {
            let entry = self.entries.get(*place);
            entry.is_none_or(|(found, _)| *found == kept || *found == 0)
        })
    }

    /// Where these characters are looked for first.
    #[inline(always)]
    fn first_place(&self, kept: u128) -> usize {
        let upper = ((kept >> 64) as u64).rotate_left(32);
        let mixed = (kept as u64) ^ upper.wrapping_mul(self.factor);
        // The upper bits of a product depend on all bits of its factors; a table has fewer than 2^32 entries.
        (mixed.wrapping_mul(self.factor) >> 32) as usize & (self.entries.len() - 1)
    }
}

/// How the kept characters of a row become one number: those from the row's start and those before its end, at most
/// [`KEPT_MAX`] in all; as many bytes of anything follow the row.
#[derive(Clone, Copy)]
pub(super) struct KeptCharacters {
    /// The bits of those from the start.
    first: u128,
    /// The bits of those before the end, as they are read.
    last: u128,
    last_bytes: usize,
    /// Bits of those from the start, which the others come behind.
    shift: usize,
}

impl KeptCharacters {
    pub(super) fn new(first: usize, last: usize) -> Self {
        let bits = |bytes: usize| match KEPT_MAX.checked_sub(bytes) {
            Some(KEPT_MAX) | None => 0,
            Some(others) => u128::MAX >> (8 * others),
        };
        Self {
            first: bits(first),
            last: bits(last),
            last_bytes: last,
            shift: 8 * first.min(KEPT_MAX - 1),
        }
    }

    /// The characters kept of the row that begins and ends there.
    #[inline(always)]
    pub(super) fn of(&self, text: &[u8], start: usize, end: usize) -> u128 {
        let first = sixteen(text, start) & self.first;
        if self.last_bytes == 0 {
            return first;
        }
        let last = sixteen(text, end.saturating_sub(self.last_bytes)) & self.last;
        first | (last << self.shift)
    }
}

#[inline(always)]
fn sixteen(text: &[u8], at: usize) -> u128 {
    let word = text.get(at..).and_then(|text| text.first_chunk());
    word.map_or(0, |word| u128::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    //! The table against a plain map; the numbers of kept characters.

    use std::collections::HashMap;

    use super::*;

    #[test]
    fn finds_what_was_put_in_and_nothing_else() {
        let (mut table, mut plain) = (Probed::new(), HashMap::new());
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
    fn few_values_have_a_place_each() {
        let alphabet = Alphabet::digits().unwrap().with_separators("-").unwrap();
        let mut table = Tweaks::new(&alphabet, 3);
        assert!(matches!(table, Tweaks::Placed(_)));
        assert!(matches!(Tweaks::new(&alphabet, 4), Tweaks::Probed(_)));
        assert!(matches!(Tweaks::new(&alphabet, 0), Tweaks::Probed(_)));
        let kept = |text: &str| {
            text.bytes()
                .rev()
                .fold(0, |all, byte| all << 8 | u128::from(byte))
        };
        let all = || (0..1_000u64).map(|value| (value, kept(&format!("{value:03}"))));
        for (value, kept) in all() {
            assert!(table.find(kept).is_none());
            table.insert(kept, TweakState([value + 1, 7]));
        }
        for (value, kept) in all() {
            assert!(table.find(kept) == Some(TweakState([value + 1, 7])));
        }
        for foreign in ["-11", "1-1", "11-", "x00", "99\u{7f}", "---"] {
            assert!(table.find(kept(foreign)).is_none(), "{foreign}");
        }
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
            let found = KeptCharacters::new(first, last).of(&text, 2, 18);
            assert_eq!(found, u128::from_le_bytes(bytes), "{first} {last}");
        }
    }
}
