//! Whose copy is this? A mark per recipient in the surrogates of a finished sample, and the way back to the recipient.
//!
//! ```text
//!  released sample ── observe ─► Marks ── mark(recipient) ─► that recipient's copy
//!  values of a found file ── evidence ─► fit(recipient) ─► bits
//! ```
//!
//! A copy differs from the sample by choices among equally good surrogates, made by HMAC-SHA-256 under the recipient's key
//! for each value, so that a value looks the same wherever it stands in one copy: joins inside the copy hold, and two
//! recipients' copies differ in most marked cells. Three kinds of surrogates have such a choice:
//!
//! | surrogate | choice | agrees by chance |
//! |---|---|---|
//! | token | its last 4 hex digits; the 112 bits before them stay and stay unique | 1 in 65,536 |
//! | identifier with a wrong check character | which wrong character; it stays wrong | 1 in 9 to 30 |
//! | valid identifier, plain digits | the value, or its twin: one fixed other value of the same domain and kept parts that the sample does not use | 1 in 2 |
//!
//! A column has none if every value of it stands for itself (names, dates, numbers), or if another column is rewritten to
//! agree with it. What a reader of one copy learns: nothing new, since each choice looks random. Who compares two copies
//! sees where they differ; a file mixed from several copies still fits each of them better than chance, and all are told.
//!
//! Method: a forensic watermark by choice (the "equally valid alternatives" of Agrawal, Haas and Kiernan, VLDB Journal 12,
//! 2003), scored by likelihood ratio.

mod evidence;
mod twins;

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringBuilder};
use arrow::datatypes::DataType;

use crate::key::Prf;
use crate::{
    COLUMN_KEY_BYTES, ColumnKey, ColumnRecipe, Fault, Fpe, Identifier, Mode, TOKEN_BYTES,
    TOKEN_PREFIX, Technique,
};

pub use evidence::{EDITED_SHARE, Evidence, FALSE_ACCUSATION_MAX, Fit, bits_needed};
use twins::Twins;

/// Hex digits of a token that a recipient's choice replaces; the rest, 112 bits, still tells values apart.
const TOKEN_MARK_DIGITS: usize = 4;
/// How many choices those digits have.
const TOKEN_CHOICES: u32 = 1 << (4 * TOKEN_MARK_DIGITS);
/// Bytes of a token's part that stays.
const TOKEN_KEPT_BYTES: usize = TOKEN_BYTES - TOKEN_MARK_DIGITS;
/// A value and its twin.
const TWIN_CHOICES: u32 = 2;
/// Hex digits of a mark's public name.
const NAME_DIGITS: usize = 16;

/// The secret of one sample's marks; it opens no surrogate. Wiped on drop; `Debug` prints `…`.
pub struct MarkKey(ColumnKey);

impl From<[u8; COLUMN_KEY_BYTES]> for MarkKey {
    fn from(bytes: [u8; COLUMN_KEY_BYTES]) -> Self {
        Self(ColumnKey::from(bytes))
    }
}

impl fmt::Debug for MarkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MarkKey(…)")
    }
}

/// How the values of a column carry a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    /// Every text that looks like a token.
    Token,
    /// Identifiers with a wrong check character.
    WrongCheck(Identifier),
    /// Values with a twin, by the group of columns that share theirs.
    Twin(usize),
}

/// One place where a choice was or will be made: a value of the sample, whatever column it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sighting {
    /// The value without its choice, as a keyed number.
    slot: u64,
    /// What was chosen.
    choice: u32,
    /// Among how many.
    choices: u32,
}

/// The marks of one released sample, over all its tables.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
/// use desensitize::{ColumnRecipe, Technique, Token, mark::{MarkKey, Marks}};
///
/// let tokens: ArrayRef = Arc::new(StringArray::from(vec!["tk_00112233445566778899aabbccddeeff"]));
/// let sample = RecordBatch::try_from_iter([("card", tokens)])?;
/// let recipes = [ColumnRecipe::new("card", Technique::Token(Token::text()))];
/// let mut marks = Marks::new(&[&recipes], MarkKey::from([7; 32]));
/// marks.observe(0, &sample)?;
/// let copy = marks.mark("ann", 0, &sample)?;
/// let shown = copy.column(0).as_string::<i32>().value(0);
/// assert!(shown.starts_with("tk_00112233445566778899aabbccdd"));
/// let fit = marks.fit("ann", &marks.evidence([shown]));
/// assert_eq!((fit.marked, fit.agreeing), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Marks {
    key: MarkKey,
    slots: Prf,
    /// The carrier of each column that can carry a mark, by table.
    tables: Vec<Vec<(String, Carrier)>>,
    /// Table and column of those that were seen to.
    marked: BTreeSet<(usize, String)>,
    /// Slots of tokens and of identifiers with a wrong check character.
    seen: HashSet<u64>,
    twins: Vec<Twins>,
}

impl Marks {
    /// The marks of a sample that these recipes made, one list per table.
    #[must_use]
    pub fn new(tables: &[&[ColumnRecipe]], key: MarkKey) -> Self {
        let mut twins: Vec<Twins> = Vec::new();
        let mut carriers = Vec::new();
        for recipes in tables {
            let mut marked = Vec::new();
            for recipe in *recipes {
                if let Some(carrier) = carrier(recipe, recipes, tables, &key, &mut twins) {
                    marked.push((recipe.column.clone(), carrier));
                }
            }
            carriers.push(marked);
        }
        Self {
            slots: key.0.subkey("karez/mark/slot/v1").prf(),
            key,
            tables: carriers,
            marked: BTreeSet::new(),
            seen: HashSet::new(),
            twins,
        }
    }

    /// The columns of which some observed value carries a mark, as table and name.
    pub fn columns(&self) -> impl Iterator<Item = (usize, &str)> {
        let marked = self.marked.iter();
        marked.map(|(table, column)| (*table, column.as_str()))
    }

    /// Takes note of released rows. All rows of all tables are observed before the first copy is made or traced, since a
    /// value's twin is only free when no row uses it.
    ///
    /// # Errors
    /// [`Fault::ColumnType`] when a marked column is not text.
    pub fn observe(&mut self, table: usize, batch: &RecordBatch) -> Result<(), Fault> {
        for (name, column, carrier) in self.carriers(table, batch)? {
            let texts = column.as_string::<i32>();
            for value in texts.iter().flatten() {
                if let Some(sighting) = self.choice_in(value, carrier) {
                    self.seen.insert(sighting.slot);
                }
            }
            let paired = match carrier {
                Carrier::Twin(group) => match self.twins.get_mut(group) {
                    Some(twins) => twins.observe(&column, &self.slots)?,
                    None => false,
                },
                _ => false,
            };
            if paired || self.knows(texts, carrier) {
                self.marked.insert((table, name));
            }
        }
        Ok(())
    }

    /// Whether some of these values carry a choice of their own.
    fn knows(&self, texts: &arrow::array::StringArray, carrier: Carrier) -> bool {
        let mut values = texts.iter().flatten();
        values.any(|value| self.choice_in(value, carrier).is_some())
    }

    /// A recipient's copy of released rows: same types, same nulls, same joins.
    ///
    /// # Errors
    /// As [`observe`](Self::observe).
    pub fn mark(
        &self,
        recipient: &str,
        table: usize,
        batch: &RecordBatch,
    ) -> Result<RecordBatch, Fault> {
        let choices = self.choices(recipient);
        let mut columns = batch.columns().to_vec();
        for (name, carrier) in self.tables.get(table).map_or(&[][..], Vec::as_slice) {
            let Ok(position) = batch.schema().index_of(name) else {
                continue;
            };
            if let Some(column) = columns.get_mut(position) {
                *column = self.marked(column, name, *carrier, &choices)?;
            }
        }
        RecordBatch::try_new(batch.schema(), columns).map_err(|_| Fault::Contract {
            column: "*".to_owned(),
        })
    }

    /// The mark's public name for a recipient: it tells copies apart, and nobody can make it without the key.
    #[must_use]
    pub fn name(&self, recipient: &str) -> String {
        let tag = self.choices(recipient).compute(&[b"name"]);
        let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.chars().take(NAME_DIGITS).collect()
    }

    /// The released value of which `shown` is some copy's form, among these rows of one column.
    ///
    /// # Errors
    /// As [`observe`](Self::observe).
    pub fn released_form(
        &self,
        table: usize,
        column: &str,
        batch: &RecordBatch,
        shown: &str,
    ) -> Result<Option<String>, Fault> {
        let Ok(position) = batch.schema().index_of(column) else {
            return Ok(None);
        };
        let released = batch.column(position);
        let Some(texts) = released.as_string_opt::<i32>() else {
            return Ok(None);
        };
        let carrier = self.tables.get(table).and_then(|marked| {
            let found = marked.iter().find(|(name, _)| name == column);
            found.map(|(_, carrier)| *carrier)
        });
        let same = |released: &str| match carrier {
            Some(carrier) => self.same(released, shown, carrier),
            None => released == shown,
        };
        let plainly = texts.iter().flatten().find(|released| same(released));
        if let Some(found) = plainly {
            return Ok(Some(found.to_owned()));
        }
        match carrier {
            Some(Carrier::Twin(group)) => match self.twins.get(group) {
                Some(twins) => twins.released_form(released, shown),
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// Whether two texts are one value under two choices.
    fn same(&self, released: &str, shown: &str, carrier: Carrier) -> bool {
        let slot = |text| self.choice_in(text, carrier).map(|sighting| sighting.slot);
        released == shown || (slot(released).is_some() && slot(released) == slot(shown))
    }

    fn marked(
        &self,
        column: &ArrayRef,
        name: &str,
        carrier: Carrier,
        choices: &Prf,
    ) -> Result<ArrayRef, Fault> {
        let texts = text(column, name)?;
        let twins = match carrier {
            Carrier::Twin(group) => self.twins.get(group),
            _ => None,
        };
        let twin_column = twins.map(|twins| twins.of(column)).transpose()?;
        let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
        for (row, value) in texts.iter().enumerate() {
            let Some(value) = value else {
                out.append_null();
                continue;
            };
            let twin = twin_column.as_ref().and_then(|twin| {
                let twin = twin.as_string_opt::<i32>()?;
                twin.is_valid(row).then(|| twin.value(row))
            });
            match (self.rewritten(value, carrier, choices), twin) {
                (Some(rewritten), _) => out.append_value(rewritten),
                (None, Some(twin))
                    if twins.is_some_and(|twins| twins.chosen(value, choices, &self.slots)) =>
                {
                    out.append_value(twin);
                }
                (None, _) => out.append_value(value),
            }
        }
        Ok(Arc::new(out.finish()))
    }

    /// The value with this recipient's token digits or wrong check character; none where it has no such choice.
    fn rewritten(&self, value: &str, carrier: Carrier, choices: &Prf) -> Option<String> {
        let sighting = self.choice_in(value, carrier)?;
        let chosen = chosen(choices, sighting.slot, sighting.choices);
        if is_token(value) {
            let kept = value.get(..TOKEN_KEPT_BYTES)?;
            return Some(format!(
                "{kept}{chosen:0width$x}",
                width = TOKEN_MARK_DIGITS
            ));
        }
        let Carrier::WrongCheck(identifier) = carrier else {
            return None;
        };
        let checks = identifier.wrong_checks(value)?;
        let character = checks.characters().nth(usize::try_from(chosen).ok()?)?;
        let (before, after) = value.split_at_checked(checks.position())?;
        Some(format!("{before}{character}{}", after.get(1..)?))
    }

    /// The choice that a value shows by itself; none for values with a twin, which show it only beside the sample.
    fn choice_in(&self, value: &str, carrier: Carrier) -> Option<Sighting> {
        if is_token(value) {
            let (kept, mark) = value.split_at_checked(TOKEN_KEPT_BYTES)?;
            return Some(Sighting {
                slot: slot(&self.slots, b"token", &[kept]),
                choice: u32::from_str_radix(mark, 16).ok()?,
                choices: TOKEN_CHOICES,
            });
        }
        let Carrier::WrongCheck(identifier) = carrier else {
            return None;
        };
        let checks = identifier.wrong_checks(value)?;
        let (before, after) = value.split_at_checked(checks.position())?;
        let mut after = after.chars();
        let character = after.next()?;
        let place = checks.characters().position(|one| one == character)?;
        Some(Sighting {
            slot: slot(&self.slots, b"check", &[before, after.as_str()]),
            choice: u32::try_from(place).ok()?,
            choices: u32::try_from(checks.characters().count()).ok()?,
        })
    }

    /// What a text of a found file says, if it is a value of this sample in some copy.
    fn sight(&self, value: &str) -> Option<Sighting> {
        let mut carriers = BTreeSet::new();
        for (_, carrier) in self.tables.iter().flatten() {
            if let Carrier::WrongCheck(identifier) = carrier {
                carriers.insert(*identifier);
            }
        }
        let plain = std::iter::once(Carrier::Token);
        let mut carriers = plain.chain(carriers.into_iter().map(Carrier::WrongCheck));
        let shown = carriers.find_map(|carrier| self.choice_in(value, carrier));
        match shown {
            Some(sighting) => self.seen.contains(&sighting.slot).then_some(sighting),
            None => self
                .twins
                .iter()
                .find_map(|twins| twins.sight(value, &self.slots)),
        }
    }

    fn choices(&self, recipient: &str) -> Prf {
        let purpose = format!("karez/mark/recipient/v1/{recipient}");
        self.key.0.subkey(&purpose).prf()
    }

    /// The marked columns of a batch.
    fn carriers(
        &self,
        table: usize,
        batch: &RecordBatch,
    ) -> Result<Vec<(String, ArrayRef, Carrier)>, Fault> {
        let marked = self.tables.get(table).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for (name, carrier) in marked {
            if let Some(column) = batch.column_by_name(name) {
                text(column, name)?;
                found.push((name.clone(), Arc::clone(column), *carrier));
            }
        }
        Ok(found)
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Marks")
            .field("tables", &self.tables)
            .finish_non_exhaustive()
    }
}

/// How a column's surrogates carry a mark, if they can.
fn carrier(
    recipe: &ColumnRecipe,
    table: &[ColumnRecipe],
    tables: &[&[ColumnRecipe]],
    key: &MarkKey,
    twins: &mut Vec<Twins>,
) -> Option<Carrier> {
    match &recipe.technique {
        Technique::Token(_) => Some(Carrier::Token),
        Technique::Fpe(Fpe::ResidentId(id)) if id.mode == Mode::Marked => {
            Some(Carrier::WrongCheck(Identifier::ResidentId))
        }
        Technique::Fpe(Fpe::Identifier(of))
            if of.mode == Mode::Marked && of.identifier.has_wrong_checks() =>
        {
            Some(Carrier::WrongCheck(of.identifier))
        }
        technique @ Technique::Fpe(_) => {
            let domain = technique.domain()?;
            // Another column agrees with this one's values, or reads them under another technique: a twin would part them.
            let followed = table
                .iter()
                .any(|other| other.technique.companion() == Some(recipe.column.as_str()));
            let alone = tables
                .iter()
                .flat_map(|recipes| recipes.iter())
                .filter(|other| other.technique.domain() == Some(domain))
                .all(|other| other.technique == *technique);
            if followed || !alone || technique.companion().is_some() {
                return None;
            }
            let known = twins.iter().position(|one| one.is_of(technique));
            if let Some(group) = known {
                return Some(Carrier::Twin(group));
            }
            twins.push(Twins::new(technique, &key.0)?);
            Some(Carrier::Twin(twins.len() - 1))
        }
        _ => None,
    }
}

/// The number of a value without its choice.
fn slot(slots: &Prf, kind: &[u8], parts: &[&str]) -> u64 {
    // Nothing that identifies a value holds a zero byte.
    let mut message = kind.to_vec();
    for part in parts {
        message.push(0);
        message.extend_from_slice(part.as_bytes());
    }
    first_word(&slots.compute(&[&message]))
}

/// What a recipient's copy shows in a slot.
fn chosen(choices: &Prf, slot: u64, among: u32) -> u32 {
    // 64 bits over at most 65,536 choices: the bias is below 2^-48.
    let word = first_word(&choices.compute(&[b"slot", &slot.to_be_bytes()]));
    u32::try_from(word % u64::from(among.max(1))).unwrap_or(0)
}

fn first_word(tag: &[u8; 32]) -> u64 {
    tag.first_chunk::<8>()
        .map_or(0, |word| u64::from_be_bytes(*word))
}

/// `tk_` and 32 lower-case hex digits, whatever column it stands in.
fn is_token(value: &str) -> bool {
    value.len() == TOKEN_BYTES
        && value.strip_prefix(TOKEN_PREFIX).is_some_and(|digits| {
            digits
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        })
}

fn text<'a>(column: &'a ArrayRef, name: &str) -> Result<&'a arrow::array::StringArray, Fault> {
    column
        .as_string_opt::<i32>()
        .ok_or_else(|| Fault::ColumnType {
            column: name.to_owned(),
            compiled: DataType::Utf8,
            found: column.data_type().clone(),
        })
}

#[cfg(test)]
mod tests;
