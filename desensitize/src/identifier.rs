//! What kind of number is this text? The identifiers met in Chinese public data: their rules, masks and free-text search.
//!
//! One file per identifier, all of one shape: `RULES` says how a spelling is read, what makes it valid, and what its
//! default mask keeps. Reading folds full-width characters, blanks, hyphens and letter case to one spelling.
//!
//! To add an identifier: a file in `identifier/`, a variant of [`Identifier`], and rows in `identifier/tests.rs`.

pub mod bank_card;
mod characters;
mod credit_code;
mod email;

pub mod find;
mod gps;
mod hk_macao_permit;
mod imei;
mod ip;
mod landline;
mod luhn;
mod mac;
mod mobile;
mod organisation_code;
mod passport;
mod plate;
mod postcode;
mod province;
mod resident;
mod spelling;
mod taiwan_permit;
mod tax_number;
mod vin;
mod wrong_checks;

use crate::Phrase;
use std::fmt;

use thiserror::Error;

use crate::Sentence;

pub(crate) use characters::Characters;
pub(crate) use credit_code::{ALPHABET as CREDIT_ALPHABET, check as credit_check};
pub(crate) use landline::area_length;
pub(crate) use luhn::check as luhn_check;
pub(crate) use organisation_code::check as organisation_check;
pub(crate) use plate::{LETTERS as PLATE_LETTERS, NEW_ENERGY_FIRST, NEW_ENERGY_LAST};
pub(crate) use vin::{ALPHABET as VIN_ALPHABET, YEARS as VIN_YEARS, check as vin_check};
pub use wrong_checks::WrongChecks;

/// The column domain of organisations: credit code, organisation code and tax number of one body join in it.
pub const ORGANISATION_DOMAIN: &str = "organisation";

/// An identifier that is recognised, validated, masked and, where its domain is large enough, encrypted.
///
/// ```
/// use desensitize::Identifier;
///
/// let mut code = String::new();
/// Identifier::CreditCode.canonical("９１４４０３００ ma5h8reu3k", &mut code)?;
/// assert_eq!(code, "91440300MA5H8REU3K");
/// assert!(Identifier::BankCard.validate("6222 0212 3456 7890 123").is_err());
/// # Ok::<(), desensitize::NotIdentifier>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identifier {
    /// 居民身份证, GB 11643; see [`resident_id`](crate::resident_id).
    ResidentId,
    /// 统一社会信用代码, GB 32100-2015.
    CreditCode,
    /// 组织机构代码, GB 11714-1997.
    OrganisationCode,
    /// 纳税人识别号.
    TaxNumber,
    /// Bank card number, ISO/IEC 7812.
    BankCard,
    /// Mainland mobile number.
    Mobile,
    /// Mainland landline number with its area code.
    Landline,
    /// Licence plate of a motor vehicle, GA 36.
    Plate,
    /// Passport of the People's Republic of China.
    Passport,
    /// 港澳居民来往内地通行证.
    HongKongMacaoPermit,
    /// 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// Vehicle identification number, ISO 3779.
    Vin,
    /// International mobile equipment identity.
    Imei,
    /// Mainland postcode.
    Postcode,
    /// E-mail address.
    Email,
    /// IP address, version 4 or 6.
    Ip,
    /// MAC address of 48 bits.
    Mac,
    /// A pair of coordinates in decimal degrees.
    Gps,
}

/// Why a text is not an identifier of its kind; which text, it does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotIdentifier {
    /// Another length, or a character that the identifier has at no such place.
    #[error(
        "the length or a character is not that of `{0}`; correct the value or the column's kind"
    )]
    Shape(Identifier),
    /// The right shape, with a part that is never assigned: a region, a year, a prefix.
    #[error("a part of this `{0}` is never assigned; correct the value")]
    Unassigned(Identifier),
    /// The check character is another.
    #[error("the check character of this `{0}` is wrong; correct the value")]
    Check(Identifier),
}

/// How an identifier is read, judged and masked.
struct Rules {
    id: &'static str,
    en: &'static str,
    zh: &'static str,
    /// What a valid value would have been, for the errors of a run.
    expected: Phrase,
    /// Appends the one spelling of a text whose length and characters are right; says whether they are.
    read: fn(&str, &mut String) -> bool,
    /// Whether one spelling is assigned, and its check character right.
    judge: fn(&str) -> Result<(), Flaw>,
    /// Appends the default mask of a valid spelling.
    mask: fn(&str, &mut String),
    /// What the default mask keeps.
    kept: (&'static str, &'static str),
    /// Share of random texts of the shape that are valid.
    chance: f64,
    domain: Option<&'static str>,
}

/// What is wrong with a text of the right shape.
enum Flaw {
    Unassigned,
    Check,
}

/// Passes on the first flaw.
const fn judged(assigned: bool, checked: bool) -> Result<(), Flaw> {
    match (assigned, checked) {
        (false, _) => Err(Flaw::Unassigned),
        (true, false) => Err(Flaw::Check),
        (true, true) => Ok(()),
    }
}

impl Identifier {
    /// Every identifier, in the order of the design.
    pub const ALL: [Self; 18] = [
        Self::ResidentId,
        Self::CreditCode,
        Self::OrganisationCode,
        Self::TaxNumber,
        Self::BankCard,
        Self::Mobile,
        Self::Landline,
        Self::Plate,
        Self::Passport,
        Self::HongKongMacaoPermit,
        Self::TaiwanPermit,
        Self::Vin,
        Self::Imei,
        Self::Postcode,
        Self::Email,
        Self::Ip,
        Self::Mac,
        Self::Gps,
    ];

    const fn rules(self) -> &'static Rules {
        match self {
            Self::ResidentId => &resident::RULES,
            Self::CreditCode => &credit_code::RULES,
            Self::OrganisationCode => &organisation_code::RULES,
            Self::TaxNumber => &tax_number::RULES,
            Self::BankCard => &bank_card::RULES,
            Self::Mobile => &mobile::RULES,
            Self::Landline => &landline::RULES,
            Self::Plate => &plate::RULES,
            Self::Passport => &passport::RULES,
            Self::HongKongMacaoPermit => &hk_macao_permit::RULES,
            Self::TaiwanPermit => &taiwan_permit::RULES,
            Self::Vin => &vin::RULES,
            Self::Imei => &imei::RULES,
            Self::Postcode => &postcode::RULES,
            Self::Email => &email::RULES,
            Self::Ip => &ip::RULES,
            Self::Mac => &mac::RULES,
            Self::Gps => &gps::RULES,
        }
    }

    /// The word of policies and reports.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.rules().id
    }

    /// The identifier of a policy's word.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|identifier| identifier.id() == id)
    }

    /// What a person calls it.
    #[must_use]
    pub fn name(self) -> Sentence {
        Sentence::new(self.rules().en, self.rules().zh)
    }

    /// Appends the one spelling of a valid identifier: narrowed, upper case (e-mail lower case), without blanks and
    /// hyphens. Two spellings of one identifier become equal; `out` is left as it was where the text is not valid.
    ///
    /// # Errors
    /// [`NotIdentifier`]: the first rule that the text breaks.
    pub fn canonical(self, text: &str, out: &mut String) -> Result<(), NotIdentifier> {
        let before = out.len();
        let verdict = self.read_and_judge(text, out, before);
        if verdict.is_err() {
            out.truncate(before);
        }
        verdict
    }

    fn read_and_judge(
        self,
        text: &str,
        out: &mut String,
        from: usize,
    ) -> Result<(), NotIdentifier> {
        let rules = self.rules();
        if text.len() > TEXT_BYTES_MAX || !(rules.read)(text, out) {
            return Err(NotIdentifier::Shape(self));
        }
        (rules.judge)(out.get(from..).unwrap_or("")).map_err(|flaw| match flaw {
            Flaw::Unassigned => NotIdentifier::Unassigned(self),
            Flaw::Check => NotIdentifier::Check(self),
        })
    }

    /// Whether a text is a valid identifier in any accepted spelling.
    ///
    /// # Errors
    /// [`NotIdentifier`]: the first rule that the text breaks.
    pub fn validate(self, text: &str) -> Result<(), NotIdentifier> {
        self.canonical(
            text,
            &mut String::with_capacity(text.len().min(TEXT_BYTES_MAX)),
        )
    }

    /// Whether a text has the length and the characters of the identifier, its check character aside.
    #[must_use]
    pub fn shape(self, text: &str) -> bool {
        let mut spelling = String::with_capacity(text.len().min(TEXT_BYTES_MAX));
        text.len() <= TEXT_BYTES_MAX && (self.rules().read)(text, &mut spelling)
    }

    /// Appends the default mask of a valid identifier: what [`Identifier::kept_by_mask`] names, and `***`.
    ///
    /// What a reader learns: the part that is kept, never the length. Not reversible.
    ///
    /// # Errors
    /// [`NotIdentifier`]: the text is not valid; nothing is appended.
    ///
    /// ```
    /// use desensitize::Identifier;
    ///
    /// let mut masked = String::new();
    /// Identifier::Plate.mask("新A·12345", &mut masked)?;
    /// assert_eq!(masked, "新***");
    /// # Ok::<(), desensitize::NotIdentifier>(())
    /// ```
    pub fn mask(self, text: &str, out: &mut String) -> Result<(), NotIdentifier> {
        self.mask_by(text, &mut String::new(), out)
    }

    /// The same with a buffer for the one spelling, for many values.
    pub(crate) fn mask_by(
        self,
        text: &str,
        spelling: &mut String,
        out: &mut String,
    ) -> Result<(), NotIdentifier> {
        spelling.clear();
        self.canonical(text, spelling)?;
        (self.rules().mask)(spelling, out);
        Ok(())
    }

    /// What a reader of the default mask learns.
    #[must_use]
    pub fn kept_by_mask(self) -> Sentence {
        let (en, zh) = self.rules().kept;
        Sentence::new(en, zh)
    }

    /// Share of random texts of the same shape (right length and characters) that are valid, of the form where it is
    /// highest: what a column of anything else would reach by chance.
    #[must_use]
    pub const fn chance(self) -> f64 {
        self.rules().chance
    }

    /// The column domain under which columns of this identifier join, or none where it is neither tokenised nor
    /// encrypted as such.
    #[must_use]
    pub const fn domain(self) -> Option<&'static str> {
        self.rules().domain
    }

    /// Appends the part of a valid identifier that names its holder, so that every number of one holder is one text:
    /// the organisation code within a credit code or tax number, a permit without its count of renewals; for all
    /// others the one spelling itself. This is what joins in [`Identifier::domain`].
    ///
    /// # Errors
    /// [`NotIdentifier`]: the text is not valid; nothing is appended.
    pub fn holder(self, text: &str, out: &mut String) -> Result<(), NotIdentifier> {
        let mut spelling = String::with_capacity(text.len().min(TEXT_BYTES_MAX));
        self.canonical(text, &mut spelling)?;
        let range = match (self, spelling.len()) {
            (Self::CreditCode, _) | (Self::TaxNumber, credit_code::CHARACTERS) => {
                credit_code::ORGANISATION
            }
            (Self::TaxNumber, tax_number::LEGACY_CHARACTERS) => tax_number::ORGANISATION,
            (Self::TaxNumber, tax_number::PERSON_CHARACTERS) => tax_number::PERSON,
            (Self::HongKongMacaoPermit, _) => hk_macao_permit::HOLDER,
            (Self::TaiwanPermit, _) => taiwan_permit::HOLDER,
            (_, length) => 0..length,
        };
        out.push_str(spelling.get(range).unwrap_or(&spelling));
        Ok(())
    }

    /// What a valid value would have been, for the errors of a run.
    pub(crate) const fn expected(self) -> Phrase {
        self.rules().expected
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// Bytes of a text that is read at all: the longest identifier is an e-mail address of 254 characters, and each may
/// stand in full-width characters of three bytes.
const TEXT_BYTES_MAX: usize = 1024;

#[cfg(test)]
pub(crate) mod tests;
