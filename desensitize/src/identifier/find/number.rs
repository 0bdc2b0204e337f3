//! Numbers of digits and capitals, in one piece or grouped by single blanks and hyphens.

use std::ops::Range;

use super::{Candidate, Page, is_word};
use crate::identifier::{Identifier, bank_card, province, spelling};

/// Characters of the longest number: a taxpayer number of 20.
const CHARACTERS_MAX: usize = 20;
/// First two digits of equipment identities: the bodies that number most devices (GSMA TS.06; 86 is China's TAF).
const EQUIPMENT_BODIES: [&str; 4] = ["01", "35", "86", "99"];

/// What stands between two boundaries: its place and its letters and digits.
struct Piece<'a> {
    page: &'a Page<'a>,
    glyphs: Range<usize>,
    compact: &'a str,
    digits: bool,
    hyphened: bool,
}

pub(super) fn scan(page: &Page<'_>, candidates: &mut Vec<Candidate>) {
    for start in 0..page.glyphs.len() {
        if begins(page, start) {
            scan_from(page, start, candidates);
        }
    }
}

/// A number begins behind anything but a letter or digit; a digit may stand behind a letter (`tel139…`).
fn begins(page: &Page<'_>, start: usize) -> bool {
    let (before, here) = (page.before(start), page.at(start));
    is_word(here)
        && (!is_word(before)
            || (before.is_some_and(|before| before.is_ascii_alphabetic())
                && here.is_some_and(|here| here.is_ascii_digit())))
}

/// Tries every piece that begins here, up to the longest.
fn scan_from(page: &Page<'_>, start: usize, candidates: &mut Vec<Candidate>) {
    let behind_letter = is_word(page.before(start));
    let mut compact = String::new();
    let (mut digits, mut hyphened) = (true, false);
    let mut position = start;
    while let Some(character) = page.at(position) {
        if character.is_ascii_alphanumeric() {
            if compact.len() == CHARACTERS_MAX {
                return;
            }
            digits &= character.is_ascii_digit();
            compact.push(character);
            // A last X is a check character; any other letter behind a number is none of it.
            let inner = is_word(page.at(position + 1))
                && !(digits
                    && page
                        .at(position + 1)
                        .is_some_and(|next| next.is_ascii_alphabetic()));
            if !inner && (digits || !behind_letter || compact.ends_with('X')) {
                let piece = Piece {
                    page,
                    glyphs: start..position + 1,
                    compact: &compact,
                    digits,
                    hyphened,
                };
                candidates.extend(piece.judge());
            }
        } else if groups(page, position, digits) {
            hyphened |= spelling::is_grouping(character) && !character.is_whitespace();
        } else {
            return;
        }
        position += 1;
    }
}

/// Whether a character only separates two groups of one number: one hyphen, one blank among digits, or the bracket
/// behind an area code.
fn groups(page: &Page<'_>, position: usize, digits: bool) -> bool {
    let between = is_word(page.before(position)) && is_word(page.at(position + 1));
    match page.at(position) {
        Some(' ' | '\u{3000}' | ')') => between && digits,
        Some(character) => {
            between && !character.is_whitespace() && spelling::is_grouping(character)
        }
        None => false,
    }
}

impl Piece<'_> {
    /// The identifier of this piece, the better proven first.
    fn judge(&self) -> Option<Candidate> {
        let identifier = self.kinds().iter().copied().find(|identifier| {
            identifier.validate(self.compact).is_ok() && self.proven(*identifier)
        });
        match identifier {
            Some(identifier) => Some(Candidate {
                identifier,
                glyphs: self.widened(identifier),
            }),
            None => self.with_extension(),
        }
    }

    /// The identifiers of as many characters.
    fn kinds(&self) -> &'static [Identifier] {
        use Identifier::*;
        match self.compact.len() {
            6 => &[Postcode],
            8 => &[Passport, TaiwanPermit],
            9 => &[OrganisationCode, Passport, HongKongMacaoPermit],
            10 => &[TaiwanPermit],
            11 => &[Mobile, Landline, HongKongMacaoPermit],
            12 => &[Landline, Mac],
            13 => &[Mobile, BankCard],
            15 => &[TaxNumber, Imei, BankCard, Mobile, ResidentId],
            17 => &[Vin, BankCard],
            18 => &[ResidentId, CreditCode, BankCard],
            14 | 16 | 19 => &[BankCard],
            20 => &[TaxNumber],
            _ => &[],
        }
    }

    /// Whether more than the shape speaks for an identifier.
    fn proven(&self, identifier: Identifier) -> bool {
        let named = |names: &[&str]| self.page.named(self.glyphs.start, names);
        let compact = self.compact;
        match identifier {
            Identifier::BankCard => bank_card::issuer(compact).is_some(),
            Identifier::Imei => {
                named(&["IMEI", "串号"])
                    || EQUIPMENT_BODIES
                        .iter()
                        .any(|body| compact.starts_with(body))
            }
            Identifier::ResidentId => province::leads(compact.as_bytes()) || compact.len() > 15,
            Identifier::TaxNumber => compact.len() > 15 || named(&["税号", "纳税人", "税务登记"]),
            Identifier::OrganisationCode => {
                named(&["机构代码"]) || (self.hyphened && self.written_as("########-#"))
            }
            Identifier::Passport => !self.digits || named(&["护照"]),
            Identifier::TaiwanPermit => named(&["台胞证", "台湾居民来往大陆通行证"]),
            Identifier::Postcode => named(&["邮编", "邮政编码", "POSTCODE", "ZIP"]),
            Identifier::Vin => !self.digits,
            Identifier::Mac => self.written_as("##-##-##-##-##-##") || named(&["MAC", "物理地址"]),
            _ => true,
        }
    }

    /// Whether the piece is grouped like this: `#` for a letter or digit, `-` for a hyphen.
    fn written_as(&self, pattern: &str) -> bool {
        let glyphs = self.page.glyphs.get(self.glyphs.clone()).unwrap_or(&[]);
        glyphs.len() == pattern.len()
            && glyphs
                .iter()
                .zip(pattern.bytes())
                .all(|(glyph, sign)| (sign == b'#') == glyph.character.is_ascii_alphanumeric())
    }

    /// The plus sign before a country code, and the bracket before an area code, belong to the number.
    fn widened(&self, identifier: Identifier) -> Range<usize> {
        let Range { start, end } = self.glyphs;
        let sign = match identifier {
            Identifier::Mobile if self.compact.starts_with("86") => '+',
            Identifier::Landline if (start..end).any(|at| self.page.at(at) == Some(')')) => '(',
            _ => return start..end,
        };
        start - usize::from(self.page.before(start) == Some(sign))..end
    }

    /// A landline number with its extension: the last group behind a hyphen.
    fn with_extension(&self) -> Option<Candidate> {
        let landline = self.digits
            && self.hyphened
            && self.compact.starts_with('0')
            && Identifier::Landline
                .validate(self.page.written(&self.glyphs))
                .is_ok();
        landline.then(|| Candidate {
            identifier: Identifier::Landline,
            glyphs: self.widened(Identifier::Landline),
        })
    }
}
