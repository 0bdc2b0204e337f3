//! Supplied hierarchies: which values belong together at each level, as a reusable file says it.
//!
//! A file is UTF-8 text with a line `value;level 1;level 2;…` for every value: the form that ARX and other
//! anonymisation tools write. A cell that contains `;`, `"` or a line break stands in double quotes, a quote in it
//! twice. Levels count from 1 and become coarser; there is no line of titles. One line may begin with the value
//! [`UNKNOWN_VALUE`]: it says which groups a value belongs to that the file does not list. Without it such a value is
//! broken input.
//!
//! A hierarchy is checked when it is read: every line has as many levels, no value occurs twice, and a coarser level
//! never splits a finer group. It is part of the policy and holds no personal data.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::Arc,
};

use sha2::{Digest, Sha256};
use thiserror::Error;

/// Levels of a hierarchy at most, beside the values themselves.
pub const HIERARCHY_LEVELS_MAX: usize = 16;
/// Values of a hierarchy at most: five times the villages of the country.
pub const HIERARCHY_VALUES_MAX: usize = 4_000_000;
/// Bytes of a hierarchy's file at most.
pub const HIERARCHY_BYTES_MAX: usize = 1 << 28;
/// The value whose line is the rule for values that the file does not list.
pub const UNKNOWN_VALUE: &str = "*";

/// The groups of values at each level; compiled from a file, shared by every column that uses it.
///
/// ```
/// use desensitize::hierarchy::Hierarchy;
///
/// let jobs = Hierarchy::parse("nurse;health;*\ndoctor;health;*\nteacher;school;*\n")?;
/// assert_eq!((jobs.levels(), jobs.label("doctor", 1)), (2, Some("health")));
/// let split = Hierarchy::parse("nurse;health;a\ndoctor;health;b\n").unwrap_err();
/// assert_eq!(split.to_string(), "line 2: level 2 splits a group of level 1; give equal labels of level 1 equal labels of level 2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Hierarchy {
    values: Vec<Arc<str>>,
    /// For each level the group of each value, by the value's position.
    groups: Vec<Vec<u32>>,
    /// For each level the label of each group, by the group's number; groups are numbered as they first occur.
    labels: Vec<Vec<Box<str>>>,
    /// For each level the group of values that are not listed.
    unknown: Option<Vec<u32>>,
    positions: HashMap<Arc<str>, u32>,
    digest: [u8; 32],
}

/// Why a file is no hierarchy; names the line, counted from 1, never a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAHierarchy {
    /// There is no line, or no level.
    #[error("the hierarchy is empty; write a line `value;level 1;…` for every value")]
    Empty,
    /// The file is larger than a hierarchy may be.
    #[error(
        "a hierarchy has at most {HIERARCHY_VALUES_MAX} values, {HIERARCHY_LEVELS_MAX} levels and {HIERARCHY_BYTES_MAX} bytes; leave out what the column does not hold"
    )]
    TooLarge,
    /// A line has another number of levels than the first.
    #[error(
        "line {line}: {found} levels where the first line has {expected}; give every line as many"
    )]
    Levels {
        /// The line.
        line: usize,
        /// Its levels.
        found: usize,
        /// The first line's.
        expected: usize,
    },
    /// A value stands in two lines.
    #[error("line {line}: the value stands in an earlier line already; keep one of them")]
    Twice {
        /// The later line.
        line: usize,
    },
    /// Two values share a finer group and not the coarser one.
    #[error(
        "line {line}: level {coarser} splits a group of level {finer}; give equal labels of level {finer} equal labels of level {coarser}",
        finer = coarser - 1
    )]
    Split {
        /// The line.
        line: usize,
        /// The level that splits.
        coarser: usize,
    },
    /// A quoted cell does not end, or goes on after its closing quote.
    #[error(
        "line {line}: a quoted cell is not closed before the next `;`; double the quotes inside it"
    )]
    Quote {
        /// The line on which the cell begins.
        line: usize,
    },
}

impl fmt::Debug for Hierarchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hierarchy")
            .field("values", &self.values.len())
            .field("levels", &self.levels())
            .field("digest", &self.digest())
            .finish_non_exhaustive()
    }
}

impl Hierarchy {
    /// Reads and checks a hierarchy.
    ///
    /// # Errors
    /// [`NotAHierarchy`] for the first line that breaks a rule of the [module](self).
    pub fn parse(text: &str) -> Result<Self, NotAHierarchy> {
        if text.len() > HIERARCHY_BYTES_MAX {
            return Err(NotAHierarchy::TooLarge);
        }
        let mut building = Building::default();
        let mut lines = Lines {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            line: 0,
        };
        let mut cells = Vec::new();
        while let Some(line) = lines.next(&mut cells)? {
            building.add(line, &cells)?;
        }
        if building.values.is_empty() {
            return Err(NotAHierarchy::Empty);
        }
        Ok(Self {
            values: building.values,
            groups: building.groups,
            labels: building.labels,
            unknown: building.unknown,
            positions: building.positions,
            digest: Sha256::digest(text.as_bytes()).into(),
        })
    }

    /// The number of levels, the values themselves not counted.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.groups.len()
    }

    /// The listed values, in the order of the file.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &str> {
        self.values.iter().map(AsRef::as_ref)
    }

    /// The number of groups of a level, counted from 1; none where there is no such level.
    #[must_use]
    pub fn groups(&self, level: usize) -> Option<usize> {
        Some(self.labels.get(level.checked_sub(1)?)?.len())
    }

    /// The label of a value's group at a level, counted from 1; none for a value that the file neither lists nor rules.
    #[must_use]
    pub fn label(&self, value: &str, level: usize) -> Option<&str> {
        let index = level.checked_sub(1)?;
        let group = match self.positions.get(value) {
            Some(position) => self
                .groups
                .get(index)?
                .get(usize::try_from(*position).ok()?)?,
            None => self.unknown.as_ref()?.get(index)?,
        };
        self.label_of(*group, level)
    }

    /// SHA-256 of the file, in 64 hexadecimal digits: names the hierarchy in reports and metadata.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Every listed value's group at a level, in the order of the file.
    pub(crate) fn level(&self, level: usize) -> Option<&[u32]> {
        self.groups.get(level.checked_sub(1)?).map(Vec::as_slice)
    }

    /// The group at a level of values that are not listed.
    pub(crate) fn unknown(&self, level: usize) -> Option<u32> {
        self.unknown.as_ref()?.get(level.checked_sub(1)?).copied()
    }

    pub(crate) fn label_of(&self, group: u32, level: usize) -> Option<&str> {
        let labels = self.labels.get(level.checked_sub(1)?)?;
        labels.get(usize::try_from(group).ok()?).map(AsRef::as_ref)
    }
}

/// A hierarchy while its lines are read.
#[derive(Default)]
struct Building {
    values: Vec<Arc<str>>,
    groups: Vec<Vec<u32>>,
    labels: Vec<Vec<Box<str>>>,
    unknown: Option<Vec<u32>>,
    positions: HashMap<Arc<str>, u32>,
    /// For each level the number of each label.
    numbers: Vec<HashMap<Box<str>, u32>>,
    /// For each level but the last the group of the next level that each group lies in.
    parents: Vec<Vec<u32>>,
}

impl Building {
    fn add(&mut self, line: usize, cells: &[String]) -> Result<(), NotAHierarchy> {
        let (value, labels) = cells.split_first().ok_or(NotAHierarchy::Empty)?;
        self.expect_levels(line, labels.len())?;
        let groups = self.number(labels)?;
        self.check_monotone(line, &groups)?;
        if value == UNKNOWN_VALUE {
            return match self.unknown.replace(groups) {
                None => Ok(()),
                Some(_) => Err(NotAHierarchy::Twice { line }),
            };
        }
        let position = number_of(self.values.len())?;
        if self.values.len() == HIERARCHY_VALUES_MAX {
            return Err(NotAHierarchy::TooLarge);
        }
        let value: Arc<str> = Arc::from(value.as_str());
        match self.positions.entry(Arc::clone(&value)) {
            Entry::Occupied(_) => return Err(NotAHierarchy::Twice { line }),
            Entry::Vacant(free) => free.insert(position),
        };
        self.values.push(value);
        for (level, group) in self.groups.iter_mut().zip(groups) {
            level.push(group);
        }
        Ok(())
    }

    fn expect_levels(&mut self, line: usize, found: usize) -> Result<(), NotAHierarchy> {
        if self.labels.is_empty() {
            match found {
                0 => return Err(NotAHierarchy::Empty),
                1..=HIERARCHY_LEVELS_MAX => {}
                _ => return Err(NotAHierarchy::TooLarge),
            }
            self.groups.resize(found, Vec::new());
            self.labels.resize(found, Vec::new());
            self.numbers.resize(found, HashMap::new());
            self.parents.resize(found, Vec::new());
        }
        let expected = self.labels.len();
        if found == expected {
            Ok(())
        } else {
            Err(NotAHierarchy::Levels {
                line,
                found,
                expected,
            })
        }
    }

    /// The group of each label, numbered as they first occur.
    fn number(&mut self, cells: &[String]) -> Result<Vec<u32>, NotAHierarchy> {
        let levels = self.labels.iter_mut().zip(&mut self.numbers).zip(cells);
        levels
            .map(|((labels, numbers), label)| {
                if let Some(number) = numbers.get(label.as_str()) {
                    return Ok(*number);
                }
                let number = number_of(labels.len())?;
                labels.push(label.as_str().into());
                numbers.insert(label.as_str().into(), number);
                Ok(number)
            })
            .collect()
    }

    /// Refuses a line whose coarser group is another than its finer group lay in before.
    fn check_monotone(&mut self, line: usize, groups: &[u32]) -> Result<(), NotAHierarchy> {
        let steps = groups.iter().zip(groups.iter().skip(1));
        for (index, (finer, coarser)) in steps.enumerate() {
            let Some(parents) = self.parents.get_mut(index) else {
                continue;
            };
            let finer = usize::try_from(*finer).map_err(|_| NotAHierarchy::TooLarge)?;
            match parents.get(finer) {
                // Groups are numbered as they first occur, so a new one is the next.
                None => parents.push(*coarser),
                Some(parent) if parent == coarser => {}
                Some(_) => {
                    return Err(NotAHierarchy::Split {
                        line,
                        coarser: index + 2,
                    });
                }
            }
        }
        Ok(())
    }
}

fn number_of(position: usize) -> Result<u32, NotAHierarchy> {
    u32::try_from(position).map_err(|_| NotAHierarchy::TooLarge)
}

/// The lines of a file that have cells.
struct Lines<'a> {
    rest: &'a str,
    /// Lines read so far.
    line: usize,
}

impl Lines<'_> {
    /// Reads the cells of the next line that is not empty, and its number; none at the end of the file.
    fn next(&mut self, cells: &mut Vec<String>) -> Result<Option<usize>, NotAHierarchy> {
        loop {
            if self.rest.is_empty() {
                return Ok(None);
            }
            cells.clear();
            self.line += 1;
            let line = self.line;
            while self.cell(cells)? {}
            if !matches!(cells.as_slice(), [only] if only.is_empty()) {
                return Ok(Some(line));
            }
        }
    }

    /// Reads one cell with the separator after it; answers whether another follows on the line.
    fn cell(&mut self, cells: &mut Vec<String>) -> Result<bool, NotAHierarchy> {
        let cell = match self.rest.strip_prefix('"') {
            Some(quoted) => self.quoted(quoted)?,
            None => {
                let end = self.rest.find([';', '\n']).unwrap_or(self.rest.len());
                let (cell, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
                self.rest = rest;
                cell.strip_suffix('\r')
                    .filter(|_| !rest.starts_with(';'))
                    .unwrap_or(cell)
                    .to_owned()
            }
        };
        cells.push(cell);
        if cells.len() > HIERARCHY_LEVELS_MAX + 1 {
            return Err(NotAHierarchy::TooLarge);
        }
        let more = self.rest.starts_with(';');
        self.rest = self.rest.strip_prefix([';', '\n']).unwrap_or(self.rest);
        Ok(more)
    }

    fn quoted(&mut self, mut quoted: &str) -> Result<String, NotAHierarchy> {
        let begun = self.line;
        let mut cell = String::new();
        loop {
            let (piece, after) = quoted
                .split_once('"')
                .ok_or(NotAHierarchy::Quote { line: begun })?;
            cell.push_str(piece);
            self.line += piece.matches('\n').count();
            match after.strip_prefix('"') {
                Some(more) => {
                    cell.push('"');
                    quoted = more;
                }
                None => {
                    let consumed = self.rest.len() - after.len();
                    self.rest = self.rest.get(consumed..).unwrap_or("");
                    self.rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
                    let ends = self.rest.is_empty() || self.rest.starts_with([';', '\n']);
                    return if ends {
                        Ok(cell)
                    } else {
                        Err(NotAHierarchy::Quote { line: begun })
                    };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
