//! Rows of one length that are nothing but numerals.

use super::{
    queue::Shared,
    spelling::{Spelling, Work, rows},
    tweaks::{KEPT_MAX, KeptCharacters, Tweaks},
};
use crate::ff1::{
    Outside, TILE_ROWS, TweakState,
    alphabet::Symbol,
    kernel::Tile,
    plan::{Chain, Plan},
    strings::Starts,
};

/// How rows of one length are encrypted, a tile at a time.
pub(super) struct Plain {
    plan: Plan,
    spelling: Spelling,
    /// The one tweak where nothing is kept.
    state: Option<TweakState>,
    tweaks: Tweaks,
    /// Of the tweak met last.
    chain: Chain,
    kept: KeptCharacters,
}

impl Plain {
    pub(super) fn new(shared: &Shared<'_>, plan: Plan) -> Result<Self, Outside> {
        let (cipher, mut state) = (shared.cipher, None);
        if shared.kept() == 0 {
            let numerals = plan.high.numerals + plan.low.numerals;
            state = Some(plan.state(&cipher.key, &shared.tweak(numerals, &[]))?);
        }
        Ok(Self {
            spelling: Spelling::new(&cipher.key, &cipher.alphabet, &plan),
            plan,
            state,
            tweaks: Tweaks::new(&cipher.alphabet, shared.kept()),
            chain: Chain::default(),
            kept: KeptCharacters::new(cipher.first, cipher.last),
        })
    }

    /// Whether rows that keep so many characters are taken.
    pub(super) const fn takes(kept: usize) -> bool {
        kept <= KEPT_MAX
    }

    /// Encrypts or decrypts up to [`TILE_ROWS`] rows of this length that begin at `starts`, where they stand; those with
    /// a character outside the alphabet are left as they are and have their bits set.
    pub(super) fn run(
        &mut self,
        shared: &Shared<'_>,
        work: &mut Work,
        text: &mut [u8],
        starts: Starts<'_>,
    ) -> Result<u64, Outside> {
        let (cipher, mut foreign) = (shared.cipher, 0);
        match self.state {
            Some(state) => work.set_state(state),
            None => foreign = self.set_states(shared, work.states(), (text, starts.each))?,
        }
        let count = starts.each.len();
        let mut each = [0; TILE_ROWS];
        let encrypted = match u32::try_from(cipher.first) {
            Ok(0) | Err(_) => starts,
            Ok(first) => {
                for (to, from) in each.iter_mut().zip(starts.each) {
                    *to = from + first;
                }
                Starts {
                    each: each.get(..count).unwrap_or(&[]),
                    ..starts
                }
            }
        };
        let spelled = (&cipher.alphabet, &self.plan);
        work.tile.rows = count;
        foreign |= self.spelling.read(spelled, (&*text, encrypted), work);
        if foreign == rows(count) {
            return Ok(foreign);
        }
        work.tile.run(&cipher.key, &self.plan, shared.direction);
        self.spelling
            .write(spelled, (text, encrypted), work, foreign);
        if cipher.alphabet.folds() && shared.kept() > 0 {
            self.fold_kept(shared, text, starts.each, foreign);
        }
        Ok(foreign)
    }

    const fn numerals(&self) -> usize {
        self.plan.high.numerals + self.plan.low.numerals
    }

    /// Gives each row the tweak of its kept numerals; rows that keep other characters have their bits set.
    fn set_states(
        &mut self,
        shared: &Shared<'_>,
        tile: &mut Tile,
        (text, starts): (&[u8], &[u32]),
    ) -> Result<u64, Outside> {
        let (bytes, mut foreign) = (self.numerals() + shared.kept(), 0);
        for (row, start) in starts.iter().enumerate() {
            let start = *start as usize;
            let kept = self.kept.of(text, start, start + bytes);
            let state = match self.tweaks.find(kept) {
                Some(state) => Some(state),
                None => self.meet(shared, kept)?,
            };
            let Some(TweakState([first, second])) = state else {
                foreign |= 1 << row;
                continue;
            };
            if let (Some(state0), Some(state1)) =
                (tile.state0.get_mut(row), tile.state1.get_mut(row))
            {
                (*state0, *state1) = (first, second);
            }
        }
        Ok(foreign)
    }

    /// The tweak of kept characters that are met for the first time; none where one is no numeral.
    #[cold]
    fn meet(&mut self, shared: &Shared<'_>, kept: u128) -> Result<Option<TweakState>, Outside> {
        let bytes = kept.to_le_bytes();
        let characters = bytes.get(..shared.kept()).unwrap_or(&[]);
        let mut numerals = [0; KEPT_MAX];
        for (numeral, character) in numerals.iter_mut().zip(characters) {
            match shared.cipher.alphabet.symbol(*character) {
                Symbol::Numeral(known) => *numeral = known,
                _ => return Ok(None),
            }
        }
        let numerals = numerals.get(..characters.len()).unwrap_or(&[]);
        let tweak = shared.tweak(self.numerals(), numerals);
        let key = &shared.cipher.key;
        let state = self.plan.next_state(key, &tweak, &mut self.chain)?;
        self.tweaks.insert(kept, state);
        Ok(Some(state))
    }

    /// Writes kept numerals in their one spelling.
    fn fold_kept(&self, shared: &Shared<'_>, text: &mut [u8], starts: &[u32], skip: u64) {
        let (alphabet, first) = (&shared.cipher.alphabet, shared.cipher.first);
        let numerals = self.numerals();
        for (row, start) in starts.iter().enumerate() {
            let start = *start as usize;
            let place = text.get_mut(start..start + numerals + shared.kept());
            if skip >> row & 1 == 1 {
                continue;
            }
            let (begin, rest) = place.unwrap_or_default().split_at_mut(first);
            let end = rest.get_mut(numerals..).unwrap_or_default();
            for character in begin.iter_mut().chain(end) {
                if let Symbol::Numeral(numeral) = alphabet.symbol(*character) {
                    *character = alphabet.character(numeral);
                }
            }
        }
    }
}
