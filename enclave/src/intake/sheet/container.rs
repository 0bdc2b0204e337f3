//! Is the container what it says? Every part is unpacked once and counted before anything believes its sizes.

use std::io::{self, BufReader, Read, copy, sink};

use zip::ZipArchive;

use crate::intake::{IntakeError, Source};

/// The most bytes that all parts of a spreadsheet may unpack to.
pub const UNPACKED_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// The most shared texts that a spreadsheet may announce; the reader makes room for them at once.
pub const SHARED_TEXTS_MAX: u64 = 16 * 1024 * 1024;
/// The most parts.
const PARTS_MAX: usize = 4096;
/// Within so many bytes the part of shared texts tells their number.
const START_BYTES: u64 = 64 * 1024;
/// How every file of this kind begins, and how those of before 2007 and encrypted ones do.
const ZIP_MARK: &[u8] = b"PK\x03\x04";
const COMPOUND_MARK: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];

/// Refuses what is no container, or one that unpacks to more than is ever read.
pub(super) fn check(source: &Source) -> Result<(), IntakeError> {
    within(source, UNPACKED_BYTES_MAX)
}

/// The same with another limit.
pub(super) fn within(source: &Source, most: u64) -> Result<(), IntakeError> {
    let mut start = Vec::new();
    source.reader().take(4).read_to_end(&mut start)?;
    if start == COMPOUND_MARK {
        return Err(IntakeError::OldSpreadsheet);
    }
    if start != ZIP_MARK {
        return Err(IntakeError::NotSpreadsheet);
    }
    let reader = BufReader::new(source.reader());
    let mut archive = ZipArchive::new(reader).map_err(|_| IntakeError::NotSpreadsheet)?;
    if archive.len() > PARTS_MAX {
        return Err(IntakeError::SpreadsheetTooLarge);
    }
    let mut left = most;
    for index in 0..archive.len() {
        let mut part = archive
            .by_index(index)
            .map_err(|_| IntakeError::NotSpreadsheet)?;
        let name = part.name().map_err(|_| IntakeError::NotSpreadsheet)?;
        let shared = name.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let mut beginning = Vec::new();
        let read = part
            .by_ref()
            .take(START_BYTES.min(left + 1))
            .read_to_end(&mut beginning);
        let mut unpacked = read.map_err(damaged)? as u64;
        if shared && announced(&beginning).is_none_or(|texts| texts > SHARED_TEXTS_MAX) {
            return Err(IntakeError::SpreadsheetTooLarge);
        }
        let most = (left + 1).saturating_sub(unpacked);
        unpacked += copy(&mut part.take(most), &mut sink()).map_err(damaged)?;
        left = left
            .checked_sub(unpacked)
            .ok_or(IntakeError::SpreadsheetTooLarge)?;
    }
    Ok(())
}

fn damaged(error: io::Error) -> IntakeError {
    match error.kind() {
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Other => IntakeError::NotSpreadsheet,
        _ => IntakeError::Read(error),
    }
}

/// How many shared texts a part announces; nothing where it does not begin with the element that says so.
fn announced(beginning: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let declared = text
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    // Nothing may stand before the element: a comment could hide it from this look and not from the reader.
    let element = declared
        .map_or(text, |(_, rest)| rest)
        .trim_start()
        .strip_prefix('<')?;
    let (element, _) = element.split_once('>')?;
    let (name, attributes) = element
        .split_once(char::is_whitespace)
        .unwrap_or((element, ""));
    if name.rsplit(':').next() != Some("sst") {
        return None;
    }
    let numbers = attributes.split("uniqueCount").skip(1).map(number);
    Some(numbers.max().unwrap_or(0))
}

/// The number behind an attribute's name; one that does not fit is more than is ever read.
fn number(value: &str) -> u64 {
    let digits = value.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'']);
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits
        .get(..end)
        .map_or(0, |digits| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announced_texts() {
        let check = |text: &str, expect| assert_eq!(announced(text.as_bytes()), expect, "{text}");
        check(
            "<?xml?><sst xmlns=\"x\" count=\"9\" uniqueCount=\"7\"><si/>",
            Some(7),
        );
        check("<sst>", Some(0));
        check("<sst/>", None);
        check(
            "<x:sst uniqueCount = '99999999999999999999999'>",
            Some(u64::MAX),
        );
        check("<sst uniqueCount=\"7\"", None);
        check(
            "<!-- <sst uniqueCount='1'> --><sst uniqueCount='99999999999999999999999'>",
            None,
        );
        check("<other>", None);
    }
}
