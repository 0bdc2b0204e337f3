//! A policy's technique as `desensitize` does it.

use desensitize::resident_id::{Kept, Part};
use desensitize::{
    Bucket, BucketEdges, ColumnRecipe, Constant, Fpe, FpeDigits, FpeResidentId, Generalize, Mask,
    MaskKind, Mode, Number, OnBroken, Round, Technique, Token,
};
use policy::document;
use policy::schema::UnitForm;
use policy::{ColumnPolicy, DatasetSchema, Decimal, Literal, UnitPath};

/// The recipe of one column; the error names a parameter that `desensitize` cannot take.
pub(super) fn column_recipe(
    schema: &DatasetSchema,
    column: &ColumnPolicy,
    technique: &policy::Technique,
) -> Result<ColumnRecipe, String> {
    let (technique, on_broken) = match technique {
        policy::Technique::Keep => (Technique::Keep, None),
        policy::Technique::Redact => (Technique::Redact, None),
        policy::Technique::Null => (Technique::Null, None),
        policy::Technique::Mask(mask) => (Technique::Mask(mask_of(mask)), Some(mask.on_broken)),
        policy::Technique::Constant(literal) => (
            Technique::Constant(Constant {
                value: bare(literal),
            }),
            None,
        ),
        policy::Technique::Round(to) => (Technique::Round(Round { to: number(to)? }), None),
        policy::Technique::Generalize(to) => (generalize_of(to)?, None),
        policy::Technique::Token => (Technique::Token(token_of(schema, column)), None),
        policy::Technique::Fpe(fpe) => (Technique::Fpe(fpe_of(fpe, column)), Some(fpe.on_broken)),
    };
    Ok(ColumnRecipe {
        column: column.name.to_string(),
        technique,
        on_broken: on_broken.map(on_broken_of),
    })
}

fn mask_of(mask: &document::Mask) -> Mask {
    let base = match mask.kind {
        document::MaskKind::Name => Mask::name(),
        document::MaskKind::Mobile => Mask::mobile(),
        document::MaskKind::Text => Mask {
            kind: MaskKind::Text,
            ..Mask::name()
        },
    };
    let graphemes = |written: Option<u32>, default: usize| {
        written.map_or(default, |count| {
            usize::try_from(count).unwrap_or(usize::MAX)
        })
    };
    Mask {
        first: graphemes(mask.first, base.first),
        last: graphemes(mask.last, base.last),
        ..base
    }
}

fn generalize_of(to: &document::Generalize) -> Result<Technique, String> {
    Ok(match to {
        document::Generalize::Year => Technique::Generalize(Generalize::Year),
        document::Generalize::Month => Technique::Generalize(Generalize::Month),
        document::Generalize::Bucket { size, origin } => Technique::Bucket(Bucket {
            edges: BucketEdges::Width {
                width: number(size)?,
                origin: number(origin)?,
            },
        }),
    })
}

/// A column that names people by their resident id is folded to one form, so that both spellings are one person.
fn token_of(schema: &DatasetSchema, column: &ColumnPolicy) -> Token {
    let names_people = schema.units().iter().any(|unit| match &unit.path {
        UnitPath::Column { column: path, form } => {
            *path == column.name && *form == UnitForm::ResidentId
        }
        UnitPath::Row => false,
    });
    if names_people {
        Token::resident_id()
    } else {
        Token::text()
    }
}

fn fpe_of(fpe: &document::Fpe, column: &ColumnPolicy) -> Fpe {
    match &fpe.domain {
        document::FpeDomain::ResidentId { keep } => Fpe::ResidentId(FpeResidentId {
            mode: match fpe.mode {
                document::FpeMode::Marked => Mode::Marked,
                document::FpeMode::Valid => Mode::Valid,
            },
            ..FpeResidentId::marked(Kept::from_parts(keep.iter().map(|part| part_of(*part))))
        }),
        document::FpeDomain::Digits {
            keep_first,
            keep_last,
        } => Fpe::Digits(FpeDigits {
            keep_first: usize::try_from(*keep_first).unwrap_or(usize::MAX),
            keep_last: usize::try_from(*keep_last).unwrap_or(usize::MAX),
            // Columns of one name hold one kind of number, so they join across the scenario's tables.
            ..FpeDigits::new(format!("digits/{}", column.name))
        }),
    }
}

fn part_of(keep: document::Keep) -> Part {
    match keep {
        document::Keep::Province => Part::Province,
        document::Keep::Prefecture => Part::Prefecture,
        document::Keep::County => Part::County,
        document::Keep::Sex => Part::Sex,
        document::Keep::BirthYear => Part::BirthYear,
        document::Keep::BirthBand => Part::BirthBand,
    }
}

fn on_broken_of(on_broken: document::OnBroken) -> OnBroken {
    match on_broken {
        document::OnBroken::Error => OnBroken::Error,
        document::OnBroken::Null => OnBroken::Null,
        document::OnBroken::Redact => OnBroken::Redact,
        document::OnBroken::Token => OnBroken::Token,
    }
}

fn number(decimal: &Decimal) -> Result<Number, String> {
    let text = decimal.to_string();
    text.parse()
        .map_err(|_| format!("the number {text} has too many digits"))
}

/// A literal without the quotes and type words of the filter grammar.
fn bare(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => text.clone(),
        Literal::Number(number) => number.to_string(),
        Literal::Date(date) => date.to_string(),
        Literal::Timestamp(instant) => instant.to_string(),
        Literal::Boolean(flag) => flag.to_string(),
    }
}
