//! Looking for many cells in many files in one pass.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::forms;

/// Bytes by which a form is looked up: its last ones, since prefixes (a region, a carrier) are shared.
const WINDOW: usize = 8;

/// Bits of the filter before the lookup; 2 MiB, so that few windows of other files pass.
const FILTER_BITS: u32 = 24;

/// Every form of every canary, by its last eight bytes.
pub(crate) struct Search {
    forms: HashMap<u64, Vec<Wanted>>,
    filter: Vec<u64>,
    cells: usize,
}

struct Wanted {
    form: &'static str,
    cell: usize,
    bytes: Box<[u8]>,
}

/// A canary where none may be. The cell is named by its number: a test's output is no place for it either.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Leak {
    /// The file, or its name where the name itself leaks.
    pub(crate) file: PathBuf,
    /// Bytes before it.
    pub(crate) offset: usize,
    /// How it is written.
    pub(crate) form: &'static str,
    /// Which canary.
    pub(crate) cell: usize,
}

impl Search {
    /// A search for these cells.
    pub(crate) fn new<'a>(cells: impl IntoIterator<Item = &'a str>) -> Self {
        let mut search = Self {
            forms: HashMap::new(),
            filter: vec![0; 1 << (FILTER_BITS - 6)],
            cells: 0,
        };
        for (cell, text) in cells.into_iter().enumerate() {
            for form in forms::of(text) {
                assert!(
                    form.bytes.len() >= WINDOW,
                    "canary {cell} is too short as {}",
                    form.name
                );
                let window = window(&form.bytes, form.bytes.len());
                let bit = hashed(window);
                search.filter[bit >> 6] |= 1 << (bit & 63);
                let wanted = Wanted {
                    form: form.name,
                    cell,
                    bytes: form.bytes.into(),
                };
                search.forms.entry(window).or_default().push(wanted);
            }
            search.cells = cell + 1;
        }
        search
    }

    /// How many canaries it looks for.
    pub(crate) fn cells(&self) -> usize {
        self.cells
    }

    /// Leaks in some bytes.
    pub(crate) fn bytes(&self, file: &Path, bytes: &[u8]) -> Vec<Leak> {
        let mut found = Vec::new();
        let mut last = 0_u64;
        for (at, byte) in bytes.iter().enumerate() {
            last = last << 8 | u64::from(*byte);
            let bit = hashed(last);
            if self.filter[bit >> 6] >> (bit & 63) & 1 == 0 || at + 1 < WINDOW {
                continue;
            }
            let seen = &bytes[..=at];
            for wanted in self.forms.get(&last).into_iter().flatten() {
                if seen.ends_with(&wanted.bytes) {
                    let offset = seen.len() - wanted.bytes.len();
                    found.push(Leak {
                        file: file.to_owned(),
                        offset,
                        form: wanted.form,
                        cell: wanted.cell,
                    });
                }
            }
        }
        found
    }

    /// Leaks in every file below a directory, and in their names.
    pub(crate) fn directory(&self, directory: &Path) -> Vec<Leak> {
        let mut found = Vec::new();
        for path in files(directory) {
            found.extend(self.bytes(&path, path.as_os_str().as_encoded_bytes()));
            found.extend(self.bytes(&path, &fs::read(&path).unwrap()));
        }
        found
    }
}

/// Every file below a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => open.push(entry.path()),
                kind if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}

fn window(bytes: &[u8], end: usize) -> u64 {
    u64::from_be_bytes(bytes[end - WINDOW..end].try_into().unwrap())
}

/// A place in the filter (Fibonacci hashing).
fn hashed(window: u64) -> usize {
    (window.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS)) as usize
}
