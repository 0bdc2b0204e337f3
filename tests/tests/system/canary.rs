//! Cells that are nowhere else in the world, and the search for them.
//!
//! A canary found in a place that must hold none is a leak, whatever it is written in: see [`forms`].

#[cfg(test)]
mod everywhere;
mod forms;
#[cfg(test)]
mod keys;
mod search;
mod tables;

pub(crate) use search::{Search, files};
pub(crate) use tables::{Claims, Persons, csv};

use std::path::Path;

/// Plants every form of one canary in a place, finds each, and takes it away again: a search that cannot fail shows
/// nothing.
pub(crate) fn control(search: &Search, cell: &str, place: &Path) -> usize {
    let file = place.join("planted-canary");
    let planted = forms::of(cell);
    for form in &planted {
        let noise = b"\x00\xff a line of something else \n".repeat(37);
        std::fs::write(&file, [&noise[..], &form.bytes, &noise].concat()).unwrap();
        let found = search.directory(place);
        let hit = found
            .iter()
            .any(|leak| leak.file == file && leak.form == form.name);
        assert!(hit, "{} in {} is not found", form.name, place.display());
    }
    std::fs::remove_file(&file).unwrap();
    planted.len()
}
