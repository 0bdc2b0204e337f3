//! The characters that may stand in a marked surrogate's place of the check character: all but the right one.

use super::{Identifier, credit_code, luhn, vin};
use crate::resident_id::check_character;

/// Digits, and X behind them.
const DIGITS_AND_X: &[u8] = b"0123456789X";
/// Digits alone.
const DIGITS: &[u8] = b"0123456789";

/// Where a marked identifier has its wrong check character, and which others would be as wrong.
///
/// Any of [`WrongChecks::characters`] in [`WrongChecks::position`] leaves the identifier marked and its other characters
/// as they are: a recipient mark is a choice among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongChecks {
    position: usize,
    right: u8,
    alphabet: &'static [u8],
}

impl WrongChecks {
    /// The byte position of the check character; every character before it is ASCII.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// The wrong characters in counting order; 9 of them in digits, 10 beside X, 30 in a credit code.
    pub fn characters(&self) -> impl Iterator<Item = char> {
        let right = self.right;
        self.alphabet
            .iter()
            .filter(move |of| **of != right)
            .map(|of| char::from(*of))
    }
}

impl Identifier {
    /// Whether marked surrogates of this kind may have another wrong check character; [`Identifier::wrong_checks`] says
    /// which.
    pub(crate) const fn has_wrong_checks(self) -> bool {
        matches!(
            self,
            Self::ResidentId
                | Self::CreditCode
                | Self::TaxNumber
                | Self::BankCard
                | Self::Imei
                | Self::Vin
        )
    }

    /// The wrong check characters of a marked identifier in its one spelling; none where the check character is right,
    /// or where the identifier has none.
    ///
    /// An organisation code and a tax number of 15 characters give none: their check character stands in the credit
    /// code of the same body too, and a choice here would keep the two from joining.
    ///
    /// ```
    /// use desensitize::Identifier;
    ///
    /// let checks = Identifier::ResidentId.wrong_checks("110105194912310020").unwrap();
    /// assert_eq!((checks.position(), checks.characters().collect::<String>()), (17, "0123456789".to_owned()));
    /// assert!(Identifier::ResidentId.wrong_checks("11010519491231002X").is_none());
    /// ```
    #[must_use]
    pub fn wrong_checks(self, marked: &str) -> Option<WrongChecks> {
        let mut spelling = String::new();
        if marked.len() > super::TEXT_BYTES_MAX
            || !(self.rules().read)(marked, &mut spelling)
            || spelling != marked
        {
            return None;
        }
        let (last, payload) = marked.as_bytes().split_last()?;
        let (position, right, alphabet) = match (self, marked.len()) {
            (Self::ResidentId, 18) => (
                payload.len(),
                check_character(payload.try_into().ok()?),
                DIGITS_AND_X,
            ),
            (Self::CreditCode, _) | (Self::TaxNumber, credit_code::CHARACTERS) => (
                payload.len(),
                credit_code::check(payload)?,
                credit_code::ALPHABET.all(),
            ),
            (Self::BankCard | Self::Imei, _) => (payload.len(), luhn::check(payload), DIGITS),
            (Self::Vin, _) => (vin::CHECK, vin::check(marked.as_bytes()), DIGITS_AND_X),
            _ => return None,
        };
        let written = if position == payload.len() {
            last
        } else {
            marked.as_bytes().get(position)?
        };
        (*written != right).then_some(WrongChecks {
            position,
            right,
            alphabet,
        })
    }
}
