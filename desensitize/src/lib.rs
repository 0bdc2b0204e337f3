//! What may be seen of each cell? Techniques over Arrow columns that return the column's own type and nullability.
//!
//! ```text
//!  ColumnRecipe ─┐
//!  Field ────────┼─ compile ─► Transform ─ apply(batch) ─► column of the same type, Counts
//!  ColumnKey ────┘                 └── one per column: TableRecipe ─ apply ─► Masked
//! ```
//!
//! No file, network, clock or entropy is touched: the same recipe, key and batch give the same bytes.
//! A recipe that does not fit its column is refused at compile time ([`Unsuitable`]); a value that its technique
//! cannot work on never passes through ([`OnBroken`]). Errors name column and row, never a value.
//!
//! To add a technique: a file in `technique/`, a variant of [`Technique`], and a row in `tests/main/contract.rs`.

mod broken;
mod calendar;
pub mod classify;
mod error;
pub mod ff1;
mod folding;
pub mod hierarchy;
pub mod identifier;
mod key;
pub mod mark;
pub mod name;
mod number;
mod phrase;
pub mod region;
pub mod resident_id;
mod rewrite;
mod share;
mod table;
mod technique;
mod transform;

pub use broken::OnBroken;
pub use error::{BATCH_ROWS_MAX, BATCH_TEXT_BYTES_MAX, Fault, NotReversible, Unsuitable};
pub use ff1::DOMAIN_MIN;
pub use identifier::{Identifier, NotIdentifier, ORGANISATION_DOMAIN, WrongChecks};
pub use key::{COLUMN_KEY_BYTES, ColumnKey};
pub use number::{NUMBER_DIGITS_MAX, NUMBER_SCALE_MAX, NotANumber, Number};
pub use phrase::Phrase;
pub use share::Share;
pub use table::{Masked, TableRecipe};
pub use technique::{
    Bound, Bucket, BucketEdges, Centre, Constant, DateShift, Distribution, Fpe, FpeDigits,
    FpeIdentifier, FpeResidentId, Generalize, Mask, MaskKind, Microaggregate, Mode, Noise, Period,
    PersonPart, RESIDENT_ID_DOMAIN, RegionLevel, Replacement, Round, SamePerson, Scrub,
    ScrubFormat, Sentence, Swap, TEXT_DOMAIN, Technique, Token, TokenForm, TopBottom, Truncate,
    TruncateTo,
    bucket::BUCKET_EDGES_MAX,
    constant::CONSTANT_BYTES_MAX,
    date_shift::DATE_SHIFT_DAYS_MAX,
    fpe::digits::{DIGITS_MAX, DIGITS_MIN},
    generalize::{AGE_BAND_YEARS_MAX, AGE_YEARS_MAX, GRID_DECIMALS_MAX, LABELS_BYTES_MAX},
    mask::{GRAPHEME_CHARACTERS_MAX, MASK_SYMBOL, MASK_WIDTH, MOBILE_KEPT_MAX},
    microaggregate::MICROAGGREGATE_K_MIN,
    redact::REDACTED,
    swap::SWAP_ROWS_MIN,
    token::{TOKEN_BYTES, TOKEN_PREFIX},
    truncate::GRAPHEMES_KEPT_MAX,
};
pub use transform::{
    ColumnRecipe, Counts, INTERVAL_METADATA, LABELS_METADATA, TECHNIQUE_METADATA, Transform,
};
