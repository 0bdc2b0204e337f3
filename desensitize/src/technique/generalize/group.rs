//! Values to the first member of their group in a supplied hierarchy.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef},
    compute::kernels::cast_utils::Parser,
    datatypes::{DataType, Date32Type, TimestampMicrosecondType},
};

use crate::{
    Fault, Number, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    hierarchy::Hierarchy,
    phrase::said,
    rewrite,
    technique::{Column, Kernel, Sentence, whole::Whole},
};

/// Bytes of labels that go into an output field's metadata; longer lists are named by the hierarchy's digest alone.
pub const LABELS_BYTES_MAX: usize = 1 << 16;
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new("a value of the hierarchy", "层次表中列出的值");

pub(super) fn learnable(hierarchy: &Hierarchy, level: usize) -> Sentence {
    let groups = hierarchy.groups(level).unwrap_or(0);
    Sentence::new(
        format!("which of the {groups} groups of level {level}"),
        format!("泛化：可知属于第 {level} 层 {groups} 个分组中的哪一个"),
    )
}

pub(super) fn compile(
    hierarchy: &Arc<Hierarchy>,
    level: usize,
    column: &Column<'_>,
) -> Result<Box<dyn Kernel>, Unsuitable> {
    match column.field.data_type() {
        DataType::Utf8 => {
            let firsts = members(hierarchy, level, column, |position, _| Ok(position))?;
            let groups = Groups::new(hierarchy, level, column, firsts)?;
            Ok(Box::new(TextKernel::new(hierarchy, &groups)))
        }
        data_type => match Whole::of(data_type) {
            Some(unit) => {
                let read = |_: u32, value: &str| whole(value, unit, column);
                let values = members(hierarchy, level, column, read)?;
                let groups = Groups::new(hierarchy, level, column, values)?;
                Ok(Box::new(WholeKernel::new(unit, &groups, column)?))
            }
            None => Err(column.wrong_type(
                Phrase::new(
                    "text, integers, decimals, dates and timestamps (to a hierarchy)",
                    "文本、整数、定点数、日期与时间戳列（按层次表）",
                ),
                Phrase::new("bucket, constant or redact", "bucket、constant 或 redact"),
            )),
        },
    }
}

/// For each representative its group's label, as lines `representative;label`; none where there are too many.
pub(super) fn labels(hierarchy: &Hierarchy, level: usize, column: &Column<'_>) -> Option<String> {
    let text = *column.field.data_type() == DataType::Utf8;
    let unit = Whole::of(column.field.data_type());
    let place = |position: u32, value: &str| match unit {
        Some(unit) if !text => whole(value, unit, column),
        _ => Ok(i128::from(position)),
    };
    let values = members(hierarchy, level, column, place).ok()?;
    let groups = Groups::new(hierarchy, level, column, values).ok()?;
    let listed: Vec<&str> = hierarchy.values().collect();
    let mut lines = String::new();
    for (group, first) in groups.first.iter().enumerate() {
        let Some(member) = first
            .as_ref()
            .and_then(|(position, _)| listed.get(*position))
        else {
            continue;
        };
        let label = hierarchy.label_of(u32::try_from(group).ok()?, level)?;
        for (cell, end) in [(*member, ';'), (label, '\n')] {
            push_cell(cell, &mut lines);
            lines.push(end);
        }
        if lines.len() > LABELS_BYTES_MAX {
            return None;
        }
    }
    Some(lines)
}

/// Appends a cell of a hierarchy's file, quoted where it has to be.
fn push_cell(cell: &str, out: &mut String) {
    if cell.contains([';', '"', '\n', '\r']) {
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(cell);
    }
}

/// Each listed value with its group, read in the column's type.
fn members<T>(
    hierarchy: &Hierarchy,
    level: usize,
    column: &Column<'_>,
    read: impl Fn(u32, &str) -> Result<T, Unsuitable>,
) -> Result<Vec<(T, u32)>, Unsuitable> {
    let groups = hierarchy.level(level).ok_or_else(|| {
        column.parameter(said!(
            "has no level {level}; the hierarchy's levels are 1 to {}",
            "没有第 {level} 层；层次表共有第 1 至第 {} 层",
            hierarchy.levels()
        ))
    })?;
    let listed = (0u32..).zip(hierarchy.values()).zip(groups);
    listed
        .map(|((position, value), group)| Ok((read(position, value)?, *group)))
        .collect()
}

/// A listed value in the smallest unit of a column.
fn whole(value: &str, unit: Whole, column: &Column<'_>) -> Result<i128, Unsuitable> {
    let read = match unit {
        Whole::Integer => value.parse::<i64>().ok().map(i128::from),
        Whole::Decimal { scale, .. } => value
            .parse::<Number>()
            .ok()
            .and_then(|number| number.at_scale(scale)),
        Whole::Day => Date32Type::parse(value).map(i128::from),
        Whole::Instant => TimestampMicrosecondType::parse(value).map(i128::from),
    };
    read.filter(|value| unit.holds(*value)).ok_or_else(|| {
        column.parameter(said!(
            "has a hierarchy with values that are not of the column's type {}; list its values as the column has them", "的层次表中有值不属于本列类型 {}；请按本列的写法列出",
            column.field.data_type()
        ))
    })
}

/// The groups of one level with their representatives.
struct Groups<T> {
    members: Vec<(T, u32)>,
    /// For each group its least member, with its position in the file; none for a group without listed members.
    first: Vec<Option<(usize, T)>>,
    /// The group of values that are not listed.
    unknown: Option<u32>,
}

impl<T: Copy + PartialOrd> Groups<T> {
    fn new(
        hierarchy: &Hierarchy,
        level: usize,
        column: &Column<'_>,
        members: Vec<(T, u32)>,
    ) -> Result<Self, Unsuitable> {
        let mut first: Vec<Option<(usize, T)>> = vec![None; hierarchy.groups(level).unwrap_or(0)];
        for (position, (value, group)) in members.iter().enumerate() {
            let Some(least) = usize::try_from(*group)
                .ok()
                .and_then(|group| first.get_mut(group))
            else {
                continue;
            };
            if least.as_ref().is_none_or(|(_, least)| value < least) {
                *least = Some((position, *value));
            }
        }
        let groups = Self {
            members,
            first,
            unknown: hierarchy.unknown(level),
        };
        match groups.unknown {
            Some(unknown) if groups.representative(unknown).is_none() => Err(column.parameter(said!(
                "has a rule for unlisted values whose group of level {level} has no listed member to stand for it; list one", "的层次表对未列出的值有规则，但其第 {level} 层分组没有可作代表的成员；请列出一个"
            ))),
            _ => Ok(groups),
        }
    }

    fn representative(&self, group: u32) -> Option<T> {
        let first = self.first.get(usize::try_from(group).ok()?)?;
        first.as_ref().map(|(_, value)| *value)
    }
}

/// Texts.
struct TextKernel {
    /// From each listed value to its group's representative.
    representatives: HashMap<Box<str>, Arc<str>>,
    unlisted: Option<Arc<str>>,
}

impl TextKernel {
    fn new(hierarchy: &Hierarchy, groups: &Groups<u32>) -> Self {
        let listed: Vec<Arc<str>> = hierarchy.values().map(Arc::from).collect();
        let text = |group: u32| {
            let position = usize::try_from(groups.representative(group)?).ok()?;
            listed.get(position).cloned()
        };
        let members = listed.iter().zip(&groups.members);
        Self {
            representatives: members
                .filter_map(|(value, (_, group))| Some((Box::from(&**value), text(*group)?)))
                .collect(),
            unlisted: groups.unknown.and_then(text),
        }
    }
}

impl Kernel for TextKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::text(column, broken, |value, out| {
            let representative = self.representatives.get(value).or(self.unlisted.as_ref());
            out.push_str(representative.ok_or(Malformed(EXPECTED))?);
            Ok(())
        })
    }
}

/// Integers, decimals, dates and timestamps.
struct WholeKernel {
    unit: Whole,
    representatives: HashMap<i128, i128>,
    unlisted: Option<i128>,
}

impl WholeKernel {
    fn new(unit: Whole, groups: &Groups<i128>, column: &Column<'_>) -> Result<Self, Unsuitable> {
        let mut representatives = HashMap::with_capacity(groups.members.len());
        for (value, group) in &groups.members {
            let Some(representative) = groups.representative(*group) else {
                continue;
            };
            if representatives.insert(*value, representative).is_some() {
                return Err(column.parameter(said!(
                    "has a hierarchy that lists one value in two spellings; list each value once",
                    "的层次表以两种写法列出了同一个值；每个值只能列出一次"
                )));
            }
        }
        Ok(Self {
            unit,
            representatives,
            unlisted: groups
                .unknown
                .and_then(|group| groups.representative(group)),
        })
    }
}

impl Kernel for WholeKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        self.unit.map(column, broken, EXPECTED, |value| {
            self.representatives.get(&value).copied().or(self.unlisted)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::{
        array::{AsArray, Date32Array, Int64Array, StringArray},
        datatypes::{Date32Type, Field, Int64Type},
    };

    fn column<'a>(field: &'a Field) -> Column<'a> {
        Column {
            field,
            technique: "generalize",
            domain: None,
            key: None,
        }
    }

    fn apply(text: &str, level: usize, values: &dyn Array) -> Result<ArrayRef, String> {
        let hierarchy = Arc::new(Hierarchy::parse(text).unwrap());
        let field = Field::new("c", values.data_type().clone(), true);
        let kernel = compile(&hierarchy, level, &column(&field)).map_err(|why| why.to_string())?;
        let mut broken = Broken::of_test();
        kernel
            .apply(values, None, &mut broken)
            .map_err(|why| why.to_string())
    }

    #[test]
    fn texts_become_the_first_listed_member() {
        let text = "nurse;health;*\nteacher;school;*\ndoctor;health;*\n";
        let values = StringArray::from(vec![Some("doctor"), Some("teacher"), None, Some("miner")]);
        let out = apply(text, 1, &values).unwrap();
        let expect = StringArray::from(vec![Some("nurse"), Some("teacher"), None, None]);
        assert_eq!(out.as_string::<i32>(), &expect);
        let with_rule = format!("{text}*;school;*\n");
        let out = apply(&with_rule, 1, &values).unwrap();
        assert_eq!(out.as_string::<i32>().value(3), "teacher");
        assert!(
            apply("a;x\n*;y\n", 1, &values)
                .unwrap_err()
                .contains("list one")
        );
        assert!(
            apply("a;x\n", 2, &values)
                .unwrap_err()
                .contains("levels are 1 to 1")
        );
    }

    #[test]
    fn numbers_and_dates_become_the_least_member() {
        let out = apply("7;a\n5;a\n-2;b\n", 1, &Int64Array::from(vec![7, 5, -2])).unwrap();
        assert_eq!(out.as_primitive::<Int64Type>().values(), &[5, 5, -2]);
        let dates = "1970-01-03;a\n1970-01-02;a\n";
        let out = apply(dates, 1, &Date32Array::from(vec![2])).unwrap();
        assert_eq!(out.as_primitive::<Date32Type>().values(), &[1]);
        let refused = apply("x;a\n", 1, &Int64Array::from(vec![1])).unwrap_err();
        assert!(
            refused.contains("not of the column's type Int64"),
            "{refused}"
        );
        let refused = apply("1;a\n01;b\n", 1, &Int64Array::from(vec![1])).unwrap_err();
        assert!(refused.contains("two spellings"), "{refused}");
    }

    #[test]
    fn labels_read_like_a_hierarchy() {
        let hierarchy = Hierarchy::parse("7;\"a;b\";*\n5;\"a;b\";*\n9;c;*\n").unwrap();
        let integers = Field::new("c", DataType::Int64, true);
        let text = Field::new("c", DataType::Utf8, true);
        assert_eq!(
            labels(&hierarchy, 1, &column(&integers)).as_deref(),
            Some("5;\"a;b\"\n9;c\n")
        );
        assert_eq!(
            labels(&hierarchy, 1, &column(&text)).as_deref(),
            Some("7;\"a;b\"\n9;c\n")
        );
        let back = Hierarchy::parse(&labels(&hierarchy, 1, &column(&text)).unwrap()).unwrap();
        assert_eq!(back.label("7", 1), Some("a;b"));
    }
}
