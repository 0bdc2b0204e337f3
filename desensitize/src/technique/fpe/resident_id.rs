//! 居民身份证 to 居民身份证: rank in its own domain, FF1, cycle-walk, unrank, check character.

use std::fmt;

use arrow::array::{Array, ArrayRef};

use super::FF1_PURPOSE;
use crate::{
    ColumnKey, DOMAIN_MIN, Fault, Share, Unsuitable,
    broken::{Broken, Malformed},
    ff1::single::{Ff1, Numerals, OutsideFf1},
    resident_id::{
        DOMAIN_DIGEST_BYTES, Domain, ID_BYTES, KEPT_BYTES, Kept, ResidentId, Subdomain, sizes,
    },
    rewrite,
    technique::{Column, Kernel, Sentence},
};

/// What a valid value would have been.
const EXPECTED: &str = "a valid resident id of the domain with a million like it";

/// Encrypts resident ids; what is kept stays readable, goes into the tweak and out of the domain.
///
/// An id with 15 digits and the same with 18 become one surrogate of 18 characters. Texts that are no valid id, and ids
/// outside [`Domain`], are broken input. Keeping so much that fewer than [`DOMAIN_MIN`] ids remain is refused.
/// What a reader learns: the kept parts, and which rows and tables hold the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FpeResidentId {
    /// The parts that stay.
    pub keep: Kept,
    /// Whether surrogates can be told from real ids.
    pub mode: Mode,
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

impl FpeResidentId {
    /// Marked surrogates that keep these parts.
    #[must_use]
    pub const fn marked(keep: Kept) -> Self {
        Self {
            keep,
            mode: Mode::Marked,
        }
    }

    pub(crate) fn learnable(self) -> Sentence {
        let (en_mode, zh_mode) = match self.mode {
            Mode::Marked => ("", ""),
            Mode::Valid => (
                "; a surrogate may be a real person's number by chance",
                "；替代号码可能恰为真实号码",
            ),
        };
        let keep = self.keep;
        Sentence::new(
            format!(
                "the kept parts {keep} and which rows, here and in other tables of the same scenario, hold the same person{en_mode}"
            ),
            format!("可知保留部分 {keep}，以及哪些行（含同一场景的其他表）为同一人{zh_mode}"),
        )
    }

    pub(crate) fn somebodys(self) -> Share {
        match self.mode {
            Mode::Marked => Share::none(Sentence::new(
                "every surrogate has a wrong check character, so none is an issued number",
                "所有替代号码的校验码均为错误值，不可能是已签发的号码",
            )),
            Mode::Valid => self.keep.somebodys(),
        }
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let smallest = self.keep.smallest_domain();
        if smallest < DOMAIN_MIN {
            let (nearest, size) = self.keep.nearest_admissible();
            return Err(Unsuitable::SmallDomain {
                column: column.name(),
                kept: self.keep.to_string(),
                size: smallest,
                nearest: format!("{nearest}, which leaves {size}"),
            });
        }
        let kernel = ResidentIdKernel::new(&column.key()?.subkey(FF1_PURPOSE), self)
            .map_err(|OutsideFf1| column.parameter("has a domain outside FF1"))?;
        Ok(Box::new(kernel))
    }
}

impl fmt::Display for FpeResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Marked => "marked",
            Mode::Valid => "valid",
        };
        write!(f, "resident-id {} kept, {mode}", self.keep)
    }
}

/// Permutes each subdomain of the kept parts.
pub(crate) struct ResidentIdKernel {
    recipe: FpeResidentId,
    /// FF1 by size of the subdomain; sizes below [`DOMAIN_MIN`] are absent, so that their ids are broken input.
    by_size: Vec<(u64, Ff1)>,
    digest: [u8; DOMAIN_DIGEST_BYTES],
}

impl ResidentIdKernel {
    fn new(key: &ColumnKey, recipe: FpeResidentId) -> Result<Self, OutsideFf1> {
        let sizes = sizes(recipe.keep)
            .into_iter()
            .filter(|size| *size >= DOMAIN_MIN);
        let by_size = sizes
            .map(|size| Ok((size, Ff1::new(key, fourth_root(size)?)?)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            recipe,
            by_size,
            digest: Domain::digest(),
        })
    }

    fn encrypt(&self, id: ResidentId) -> Option<ResidentId> {
        let subdomain = Subdomain::of(id, self.recipe.keep)?;
        let size = subdomain.size();
        let (_, ff1) = self.by_size.iter().find(|(of, _)| *of == size)?;
        let mut tweak = [0; DOMAIN_DIGEST_BYTES + KEPT_BYTES];
        let parts = self.digest.into_iter().chain(subdomain.tweak_bytes());
        tweak
            .iter_mut()
            .zip(parts)
            .for_each(|(to, from)| *to = from);
        let mut rank = subdomain.rank(id)?;
        // A cycle of the permutation that starts inside the subdomain comes back inside; one or two steps as a rule,
        // since the four numerals hold at most 1.14 times the subdomain.
        loop {
            rank = ff1
                .encrypt(&tweak, Numerals::from_rank(ff1.radix(), rank).ok()?)
                .ok()?
                .rank()?;
            if rank < size {
                return subdomain.unrank(rank);
            }
        }
    }
}

/// The least radix whose fourth power holds `size` values.
fn fourth_root(size: u64) -> Result<u32, OutsideFf1> {
    let root = size.isqrt().isqrt();
    let holds = |radix: u64| u128::from(radix).pow(4) >= u128::from(size);
    let radix = [root, root + 1, root + 2]
        .into_iter()
        .find(|radix| holds(*radix))
        .ok_or(OutsideFf1)?;
    u32::try_from(radix).map_err(|_| OutsideFf1)
}

impl Kernel for ResidentIdKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::text(column, broken, |value, out| {
            let id = ResidentId::parse(value).map_err(|_| Malformed(EXPECTED))?;
            let surrogate = self.encrypt(id).ok_or(Malformed(EXPECTED))?;
            let bytes: [u8; ID_BYTES] = match self.recipe.mode {
                Mode::Marked => surrogate.to_marked_bytes(),
                Mode::Valid => surrogate.to_bytes(),
            };
            out.extend(bytes.into_iter().map(char::from));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
