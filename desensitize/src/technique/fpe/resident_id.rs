//! 居民身份证 to 居民身份证: rank in its own domain, FF1, cycle-walk, unrank, check character.

pub(crate) mod permutation;

use std::fmt;

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    datatypes::DataType,
};

use crate::{
    DOMAIN_MIN, Fault, Phrase, Share, Unsuitable,
    broken::{Broken, Malformed},
    ff1::Cipher,
    phrase::said,
    resident_id::{BirthDates, Check, Codec, ID_BYTES, Kept, RegionPart, ResidentId},
    rewrite::{self, Texts},
    technique::{Column, Kernel, Sentence},
};
use permutation::Permutation;

/// What a valid value would have been.
pub(crate) const EXPECTED: Phrase = Phrase::new(
    "a valid resident id of the domain with a million like it",
    "编码域内、且同类不少于一百万个的有效身份证号",
);

/// Encrypts resident ids; what is kept stays readable, goes into the tweak and out of the domain.
///
/// An id with 15 digits and the same with 18 become one surrogate of 18 characters. Texts that are no valid id, and ids
/// outside [`Domain`](crate::resident_id::Domain) or the declared birth dates, are broken input. Keeping so much that
/// fewer than [`DOMAIN_MIN`] ids remain in some region still in force is refused; ids of retired prefectures and
/// residence permits with fewer are broken input.
/// What a reader learns: the kept parts, and which rows and tables hold the same person.
///
/// ```
/// use desensitize::{FpeResidentId, Mode, resident_id::{BirthDates, Kept, Part}};
///
/// let recipe = FpeResidentId {
///     mode: Mode::Valid,
///     born: BirthDates::new((1910, 1, 1), (2025, 12, 31))?,
///     ..FpeResidentId::marked(Kept::from_parts([Part::Province, Part::Sex]))
/// };
/// assert_eq!(recipe.domain_sizes().smallest.to_string(), "613121799 in 120000 天津市");
/// # Ok::<(), desensitize::resident_id::NotBirthDates>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FpeResidentId {
    /// The parts that stay.
    pub keep: Kept,
    /// Whether surrogates can be told from real ids.
    pub mode: Mode,
    /// The birth dates that occur, as the provider declares them; used where neither year nor band is kept.
    pub born: BirthDates,
    /// The block cipher under FF1.
    pub cipher: Cipher,
}

/// Whether a surrogate can be told from a real identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The check character is deliberately wrong (see [`ResidentId::to_marked_bytes`]): never somebody's real id.
    #[default]
    Marked,
    /// The check character is right: a surrogate may be somebody's real id, the likelier the more is kept.
    Valid,
}

impl Mode {
    /// The word of the policy.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Valid => "valid",
        }
    }
}

impl FpeResidentId {
    /// Marked surrogates that keep these parts.
    #[must_use]
    pub const fn marked(keep: Kept) -> Self {
        Self {
            keep,
            mode: Mode::Marked,
            born: BirthDates::WHOLE,
            cipher: Cipher::Aes256,
        }
    }

    /// How many ids each surrogate hides among.
    #[must_use]
    pub fn domain_sizes(&self) -> crate::resident_id::DomainSizes {
        self.keep.domain_sizes(self.born)
    }

    pub(crate) fn learnable(self) -> Sentence {
        let (en_mode, zh_mode) = match self.mode {
            Mode::Marked => ("", ""),
            Mode::Valid => (
                "; a surrogate may be a real person's number by chance",
                "；替代号码可能恰为真实号码",
            ),
        };
        let kept = self.keep.words();
        let (en_kept, zh_kept) = kept.map_or_else(Default::default, |kept| {
            (format!("{}, and ", kept.en), format!("{}，以及", kept.zh))
        });
        Sentence::new(
            format!(
                "{en_kept}which rows, here and in other tables of the same scenario, hold the same person{en_mode}"
            ),
            format!("可知{zh_kept}哪些行（含同一场景的其他表）为同一人{zh_mode}"),
        )
    }

    pub(crate) fn somebodys(self) -> Share {
        match self.mode {
            Mode::Marked => Share::none(Sentence::new(
                "every surrogate has a wrong check character, so none is an issued number",
                "所有替代号码的校验码均为错误值，不可能是已签发的号码",
            )),
            Mode::Valid => self.keep.somebodys(self.born),
        }
    }

    /// Refuses to keep so much that too few ids remain, and makes the permutation.
    pub(crate) fn permutation(&self, column: &Column<'_>) -> Result<Permutation, Unsuitable> {
        let smallest = self.domain_sizes().smallest;
        if smallest.size < DOMAIN_MIN {
            let kept = match (self.keep.region, smallest.region) {
                // Every county is one region, so naming one says nothing.
                (RegionPart::Province | RegionPart::Prefecture, Some(region)) => {
                    said!("{} in {region}", " {}（{region}）", self.keep)
                }
                _ => said!("{}", " {} ", self.keep),
            };
            let nearest = self.keep.nearest_admissible(self.born);
            return Err(Unsuitable::SmallDomain {
                column: column.name(),
                kept: Box::new(kept),
                size: smallest.size,
                nearest: Box::new(nearest.map_or_else(
                    || {
                        Sentence::new(
                            "nothing and declare more birth dates",
                            "零部分，并声明更长的出生日期范围",
                        )
                    },
                    |(nearest, size)| {
                        said!(
                            "{nearest}, which leaves {size}",
                            " {nearest}，可剩 {size} 个"
                        )
                    },
                )),
            });
        }
        Permutation::new(column.key()?, self).map_err(|outside| column.outside(&outside))
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        Ok(Box::new(ResidentIdKernel {
            permutation: self.permutation(column)?,
            mode: self.mode,
        }))
    }
}

impl fmt::Display for FpeResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Marked => "marked",
            Mode::Valid => "valid",
        };
        write!(f, "resident-id {} kept, {mode}", self.keep)?;
        if self.cipher != Cipher::default() {
            write!(f, ", {}", self.cipher.id())?;
        }
        Ok(())
    }
}

/// Writes the surrogates of a column of ids.
struct ResidentIdKernel {
    permutation: Permutation,
    mode: Mode,
}

impl ResidentIdKernel {
    const fn check(&self) -> Check {
        match self.mode {
            Mode::Marked => Check::Marked,
            Mode::Valid => Check::Right,
        }
    }
}

impl Kernel for ResidentIdKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let texts = column
            .as_string_opt::<i32>()
            .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Utf8))?;
        let (codec, check) = (Codec::of_domain(), self.check());
        let mut written = vec![0; texts.len() * ID_BYTES];
        let places = written.as_chunks_mut::<ID_BYTES>().0;
        let mut count = 0;
        self.permutation.encrypt_to(texts, |row, surrogate| {
            if let (Some(place), Some(text)) = (places.get_mut(row), codec.write(surrogate, check))
            {
                *place = text;
                count += 1;
            }
        });
        if count == texts.len() {
            return Texts::of_one_width(written, ID_BYTES, broken.column);
        }
        with_the_others(texts, &written, broken)
    }

    fn reverse(&self, surrogate: &str) -> Option<String> {
        let id = match self.mode {
            Mode::Marked => ResidentId::parse_marked(surrogate),
            Mode::Valid => ResidentId::parse(surrogate),
        };
        let codec = Codec::of_domain();
        let original = self.permutation.decrypt(codec.parts(id.ok()?)?)?;
        String::from_utf8(codec.write(original, Check::Right)?.to_vec()).ok()
    }
}

/// The surrogates of a column, each in the place of its row, with an answer in the others' places, which hold zeros.
fn with_the_others(
    texts: &StringArray,
    written: &[u8],
    broken: &mut Broken<'_>,
) -> Result<ArrayRef, Fault> {
    let mut out = Texts::with_capacity(texts.len(), written.len());
    let written = std::str::from_utf8(written).unwrap_or_default();
    let mut row = 0;
    // Rows with a surrogate are appended as far as they stand side by side.
    let has = |row: usize| !matches!(written.as_bytes().get(row * ID_BYTES), None | Some(0));
    while row < texts.len() {
        let first = row;
        while has(row) {
            row += 1;
        }
        let surrogates = written.get(first * ID_BYTES..row * ID_BYTES);
        out.append_values(surrogates.unwrap_or_default(), ID_BYTES);
        for other in (row..texts.len()).take_while(|row| !has(*row)) {
            if texts.is_null(other) {
                out.append_null();
            } else {
                broken.text(other, texts.value(other), &Malformed(EXPECTED), &mut out)?;
            }
            row += 1;
        }
    }
    out.finish(broken.column)
}

#[cfg(test)]
mod tests;
