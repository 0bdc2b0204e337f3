//! A policy's technique as `desensitize` does it.

use std::sync::Arc;

use desensitize::ff1::Cipher;
use desensitize::hierarchy::Hierarchy;
use desensitize::resident_id::{BirthDates, Kept, Part};
use desensitize::{
    Bound, Bucket, BucketEdges, Centre, ColumnRecipe, Constant, DateShift, Distribution, Fpe,
    FpeDigits, FpeIdentifier, FpeResidentId, Generalize, Identifier, Mask, MaskKind,
    Microaggregate, Mode, Noise, Number, OnBroken, Period, PersonPart, RegionLevel, Replacement,
    Round, SamePerson, Scrub, ScrubFormat, Swap, Technique, Token, TopBottom, Truncate, TruncateTo,
};
use jiff::civil::{Date, DateTime};
use policy::document::{self, ColumnSample};
use policy::schema::UnitForm;
use policy::{
    CheckedDataset, Column, ColumnName, ColumnPolicy, ColumnType, Decimal, Literal, UnitPath,
};

/// The hierarchies of a document, each read once.
pub(super) type Hierarchies = [(String, Arc<Hierarchy>)];

/// A column as its policy writes it, and what stands around it.
pub(super) struct Written<'a> {
    pub(super) dataset: CheckedDataset<'a>,
    pub(super) column: &'a ColumnPolicy,
    pub(super) declared: &'a Column,
    pub(super) sample: &'a ColumnSample,
    /// The hidden column of the unit that is drawn.
    pub(super) unit_column: &'a str,
    pub(super) hierarchies: &'a Hierarchies,
}

impl Written<'_> {
    /// The recipe of the column; the error names a parameter that `desensitize` cannot take.
    pub(super) fn recipe(&self) -> Result<ColumnRecipe, String> {
        let can_break = self.sample.technique.can_break();
        Ok(ColumnRecipe {
            column: self.column.name.to_string(),
            technique: self.technique()?,
            on_broken: can_break.then(|| on_broken_of(self.sample.on_broken)),
        })
    }

    fn technique(&self) -> Result<Technique, String> {
        let written = &self.sample.technique;
        Ok(match written {
            policy::Technique::Keep => Technique::Keep,
            policy::Technique::Mask(mask) => Technique::Mask(mask_of(*mask)?),
            policy::Technique::Redact => Technique::Redact,
            policy::Technique::Null => Technique::Null,
            policy::Technique::Constant(constant) => Technique::Constant(Constant {
                value: bare(&constant.value),
            }),
            policy::Technique::Truncate(truncate) => Technique::Truncate(truncate_of(*truncate)?),
            policy::Technique::Round(round) => Technique::Round(Round {
                to: number(round.to)?,
            }),
            policy::Technique::Bucket(bucket) => Technique::Bucket(bucket_of(bucket)?),
            policy::Technique::TopBottom(bounds) => Technique::TopBottom(top_bottom_of(bounds)?),
            policy::Technique::DateShift(shift) => Technique::DateShift(self.date_shift(shift)),
            policy::Technique::Generalize(to) => Technique::Generalize(self.generalize(to)?),
            policy::Technique::Token(token) => Technique::Token(self.token(*token)?),
            policy::Technique::Fpe(fpe) => Technique::Fpe(self.fpe(fpe)?),
            policy::Technique::Scrub(scrub) => Technique::Scrub(scrub_of(*scrub)),
            policy::Technique::Noise(noise) => Technique::Noise(self.noise(noise)?),
            policy::Technique::Swap(swap) => Technique::Swap(Swap {
                rows: size(swap.rows),
                domain: format!("swap/{}", self.column.name),
            }),
            policy::Technique::Microaggregate(groups) => {
                Technique::Microaggregate(microaggregate_of(*groups))
            }
            policy::Technique::HashDrop => Technique::HashDrop,
            policy::Technique::SamePerson(same) => {
                Technique::Fpe(Fpe::SamePerson(self.same_person(same)?))
            }
        })
    }

    /// The column whose values share their shift or noise: the one written, else the unit's.
    fn entity(&self, by: Option<&ColumnName>) -> String {
        by.map_or_else(|| self.unit_column.to_owned(), ToString::to_string)
    }

    /// Dates of one unit move together in every table of the scenario.
    fn date_shift(&self, shift: &document::DateShift) -> DateShift {
        let entity = self.entity(shift.by.as_ref());
        DateShift {
            domain: format!("date-shift/{entity}"),
            entity,
            days: shift.days,
        }
    }

    /// Noise is drawn for each unit and value, so that two rows of one unit with one value average nothing out.
    fn noise(&self, noise: &document::Noise) -> Result<Noise, String> {
        let bounds = noise
            .bounds
            .map(|(low, high)| Ok::<_, String>((number(low)?, number(high)?)));
        Ok(Noise {
            distribution: match noise.distribution {
                document::Distribution::Laplace => Distribution::Laplace,
                document::Distribution::Gaussian => Distribution::Gaussian,
                document::Distribution::Uniform => Distribution::Uniform,
            },
            scale: number(noise.scale)?,
            bounds: bounds.transpose()?,
            domain: format!("noise/{}", self.column.name),
            entity: Some(self.entity(noise.by.as_ref())),
        })
    }

    /// The recipe is the id column's own, so that all columns of one person agree.
    fn same_person(&self, same: &document::SamePerson) -> Result<SamePerson, String> {
        let id = self.dataset.policy.column(same.id.as_str());
        let fpe = id.and_then(|id| match &id.sample.as_ref()?.technique {
            policy::Technique::Fpe(fpe) => Some(fpe),
            _ => None,
        });
        let Some(document::Fpe {
            domain: document::FpeDomain::ResidentId(id),
            cipher,
        }) = fpe
        else {
            return Err(format!("column `{}` encrypts no resident ids", same.id));
        };
        let dated = matches!(
            self.declared.column_type,
            ColumnType::Date | ColumnType::Timestamp
        );
        let (male, female) = same.sexes();
        let part = match same.part {
            Some(document::PersonPart::BirthDate) => PersonPart::BirthDate,
            None if dated => PersonPart::BirthDate,
            Some(document::PersonPart::Sex) | None => PersonPart::Sex {
                male: male.to_owned(),
                female: female.to_owned(),
            },
        };
        Ok(SamePerson {
            id: same.id.to_string(),
            part,
            recipe: resident_id_of(id, cipher_of(*cipher))?,
        })
    }

    fn generalize(&self, to: &document::Generalize) -> Result<Generalize, String> {
        Ok(match to {
            document::Generalize::To(group) => group_of(*group),
            document::Generalize::Age { years } => Generalize::Age { years: *years },
            document::Generalize::Grid { decimals } => Generalize::Grid {
                decimals: u8::try_from(*decimals).unwrap_or(u8::MAX),
            },
            document::Generalize::Hierarchy { name, level } => Generalize::Hierarchy {
                hierarchy: self
                    .hierarchies
                    .iter()
                    .find(|(known, _)| known == name.as_str())
                    .map(|(_, hierarchy)| Arc::clone(hierarchy))
                    .ok_or_else(|| format!("there is no hierarchy `{name}`"))?,
                level: size(*level),
            },
        })
    }

    /// A column that names people by their resident id is folded to one form, so that both spellings are one person.
    fn token(&self, token: document::Token) -> Result<Token, String> {
        let names_people = self
            .dataset
            .schema
            .units()
            .iter()
            .any(|unit| match &unit.path {
                UnitPath::Column { column: path, form } => {
                    *path == self.column.name && *form == UnitForm::ResidentId
                }
                UnitPath::Row => false,
            });
        match token.form {
            None if names_people => Ok(Token::resident_id()),
            None | Some(document::TokenForm::Text) => Ok(Token::text()),
            Some(document::TokenForm::Name) => Ok(Token::name()),
            Some(document::TokenForm::Identifier(document::Identifier::ResidentId)) => {
                Ok(Token::resident_id())
            }
            Some(document::TokenForm::Identifier(identifier)) => {
                Ok(Token::identifier(identifier_of(identifier)?))
            }
        }
    }

    fn fpe(&self, fpe: &document::Fpe) -> Result<Fpe, String> {
        let cipher = cipher_of(fpe.cipher);
        Ok(match &fpe.domain {
            document::FpeDomain::ResidentId(id) => Fpe::ResidentId(resident_id_of(id, cipher)?),
            document::FpeDomain::Digits {
                keep_first,
                keep_last,
            } => Fpe::Digits(FpeDigits {
                keep_first: size(*keep_first),
                keep_last: size(*keep_last),
                cipher,
                // Columns of one name hold one kind of number, so they join across the scenario's tables.
                ..FpeDigits::new(format!("digits/{}", self.column.name))
            }),
            document::FpeDomain::Identifier { identifier, mode } => {
                Fpe::Identifier(FpeIdentifier {
                    identifier: identifier_of(*identifier)?,
                    mode: mode_of(*mode),
                    cipher,
                })
            }
        })
    }
}

/// What the kernels of this version cannot do.
fn not_enforced(word: &str) -> String {
    format!("`{word}` is not enforced by this version")
}

fn mask_of(mask: document::Mask) -> Result<Mask, String> {
    let base = match mask.kind {
        document::MaskKind::Name => Mask::name(),
        document::MaskKind::Surname => Mask {
            kind: MaskKind::Surname,
            ..Mask::name()
        },
        document::MaskKind::Mobile => Mask::mobile(),
        document::MaskKind::Text => Mask {
            kind: MaskKind::Text,
            ..Mask::name()
        },
        document::MaskKind::Identifier(identifier) => Mask::identifier(identifier_of(identifier)?),
    };
    let graphemes = |written: Option<u32>, default: usize| written.map_or(default, size);
    Ok(Mask {
        first: graphemes(mask.first, base.first),
        last: graphemes(mask.last, base.last),
        ..base
    })
}

fn truncate_of(truncate: document::Truncate) -> Result<Truncate, String> {
    let to = match truncate {
        document::Truncate::Graphemes(count) => TruncateTo::Graphemes(size(count)),
        document::Truncate::Multiple(of) => TruncateTo::Multiple(number(of)?),
        document::Truncate::Unit(unit) => TruncateTo::Period(match unit {
            document::TimeUnit::Decade => Period::Decade,
            document::TimeUnit::Year => Period::Year,
            document::TimeUnit::Quarter => Period::Quarter,
            document::TimeUnit::Month => Period::Month,
            document::TimeUnit::Week => Period::Week,
            document::TimeUnit::Day => Period::Day,
            document::TimeUnit::Hour => Period::Hour,
        }),
    };
    Ok(Truncate { to })
}

fn bucket_of(bucket: &document::Bucket) -> Result<Bucket, String> {
    let edges = match bucket {
        document::Bucket::Size { size, origin } => BucketEdges::Width {
            width: number(*size)?,
            origin: number(*origin)?,
        },
        document::Bucket::Edges(edges) => {
            let edges = edges.iter().map(|edge| number(*edge));
            BucketEdges::Edges(edges.collect::<Result<_, _>>()?)
        }
    };
    Ok(Bucket { edges })
}

fn top_bottom_of(bounds: &document::TopBottom) -> Result<TopBottom, String> {
    let bound = |written: &Option<Literal>| written.as_ref().map(bound_of).transpose();
    Ok(TopBottom {
        bottom: bound(&bounds.bottom)?,
        top: bound(&bounds.top)?,
    })
}

fn bound_of(literal: &Literal) -> Result<Bound, String> {
    let outside = || format!("the bound {literal} is outside of what a column can hold");
    match literal {
        Literal::Number(found) => Ok(Bound::Number(number(*found)?)),
        Literal::Date(date) => days(*date).map(Bound::Date).ok_or_else(outside),
        Literal::Timestamp(at) => microseconds(*at).map(Bound::Timestamp).ok_or_else(outside),
        Literal::Text(_) | Literal::Boolean(_) => Err(outside()),
    }
}

/// Days since 1970-01-01.
fn days(date: Date) -> Option<i32> {
    let since = date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1)));
    Some(since.ok()?.get_days())
}

/// Microseconds since 1970-01-01 00:00:00 on the same clock.
fn microseconds(at: DateTime) -> Option<i64> {
    let instant = jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?;
    Some(instant.as_microsecond())
}

fn group_of(group: document::Group) -> Generalize {
    match group {
        document::Group::Decade => Generalize::Decade,
        document::Group::Year => Generalize::Year,
        document::Group::Quarter => Generalize::Quarter,
        document::Group::Month => Generalize::Month,
        document::Group::Week => Generalize::Week,
        document::Group::Day => Generalize::Day,
        document::Group::Hour => Generalize::Hour,
        document::Group::Province => Generalize::Region(RegionLevel::Province),
        document::Group::Prefecture => Generalize::Region(RegionLevel::Prefecture),
        document::Group::County => Generalize::Region(RegionLevel::County),
        document::Group::Township => Generalize::Region(RegionLevel::Township),
        document::Group::Village => Generalize::Region(RegionLevel::Village),
    }
}

/// The two lists are kept in step by a test.
fn identifier_of(identifier: document::Identifier) -> Result<Identifier, String> {
    Identifier::from_id(identifier.as_str()).ok_or_else(|| not_enforced(identifier.as_str()))
}

fn resident_id_of(id: &document::ResidentId, cipher: Cipher) -> Result<FpeResidentId, String> {
    let born = match id.born {
        Some(born) => {
            let (first, last) = days(born.from)
                .zip(days(born.until))
                .ok_or("`born` is no range")?;
            BirthDates::from_days(first, last).map_err(|range| range.to_string())?
        }
        None => BirthDates::WHOLE,
    };
    Ok(FpeResidentId {
        keep: Kept::from_parts(id.keep.iter().map(|part| part_of(*part))),
        mode: mode_of(id.mode),
        born,
        cipher,
    })
}

fn microaggregate_of(groups: document::Microaggregate) -> Microaggregate {
    Microaggregate {
        k: size(groups.k),
        method: match groups.method {
            document::Centre::Mean => Centre::Mean,
            document::Centre::Median => Centre::Median,
        },
        rows: size(groups.rows),
    }
}

fn scrub_of(scrub: document::Scrub) -> Scrub {
    Scrub {
        format: match scrub.format {
            document::ScrubFormat::Text => ScrubFormat::Text,
            document::ScrubFormat::Json => ScrubFormat::Json,
        },
        with: match scrub.with {
            document::ScrubWith::Mask => Replacement::Mask,
            document::ScrubWith::Token => Replacement::Token,
            document::ScrubWith::Redact => Replacement::Redact,
        },
    }
}

fn cipher_of(cipher: document::Cipher) -> Cipher {
    match cipher {
        document::Cipher::Aes256 => Cipher::Aes256,
        document::Cipher::Sm4 => Cipher::Sm4,
    }
}

fn mode_of(mode: document::FpeMode) -> Mode {
    match mode {
        document::FpeMode::Marked => Mode::Marked,
        document::FpeMode::Valid => Mode::Valid,
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

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn number(decimal: Decimal) -> Result<Number, String> {
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
