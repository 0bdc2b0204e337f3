//! How a CSV file is written: the options of every command that reads one.

use std::path::Path;

use clap::{Args, ValueEnum};
use enclave::client::v1::{DatasetFormat, TextEncoding};
use enclave::intake::{self, EncodingChoice, Format};

use crate::language::text;
use crate::problem::Problem;

/// Options of CSV input.
#[derive(Debug, Clone, Args)]
pub(crate) struct Csv {
    /// Field separator of CSV input, one character, or `tab`
    #[arg(long, value_name = "CHAR", default_value = ",", value_parser = separator)]
    separator: char,
    /// Encoding of CSV input; `auto` takes a byte order mark, else strict UTF-8, else strict GB18030
    #[arg(long, value_enum, value_name = "ENCODING", default_value_t = Encoding::Auto)]
    encoding: Encoding,
}

/// Options of CSV input whose separator is found where none is given.
#[derive(Debug, Clone, Args)]
pub(crate) struct FoundCsv {
    /// Field separator of CSV input, one character, or `tab` (else found)
    #[arg(long, value_name = "CHAR", value_parser = separator)]
    separator: Option<char>,
    /// Encoding of CSV input; `auto` takes a byte order mark, else strict UTF-8, else strict GB18030
    #[arg(long, value_enum, value_name = "ENCODING", default_value_t = Encoding::Auto)]
    encoding: Encoding,
}

impl FoundCsv {
    /// The encoding, and the separator if one is given.
    pub(crate) fn choices(&self) -> Result<(EncodingChoice, Option<u8>), Problem> {
        Ok((
            self.encoding.choice(),
            self.separator.map(ascii).transpose()?,
        ))
    }
}

/// Encodings that intake knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// Find out, over the whole file.
    Auto,
    /// Strict UTF-8.
    #[value(name = "utf-8")]
    Utf8,
    /// Strict GB 18030.
    Gb18030,
}

impl Encoding {
    /// The same for intake.
    const fn choice(self) -> EncodingChoice {
        match self {
            Self::Auto => EncodingChoice::Auto,
            Self::Utf8 => EncodingChoice::Fixed(intake::Encoding::Utf8),
            Self::Gb18030 => EncodingChoice::Fixed(intake::Encoding::Gb18030),
        }
    }
}

impl Csv {
    /// Parquet by its ending, else CSV.
    pub(crate) fn format_of(&self, path: &Path) -> DatasetFormat {
        match is_parquet(path) {
            true => DatasetFormat::Parquet,
            false => DatasetFormat::Csv,
        }
    }

    /// How CSV is read here, without a server.
    pub(crate) fn format(&self) -> Result<Format, Problem> {
        let separator = ascii(self.separator)?;
        let encoding = self.encoding.choice();
        Ok(Format::Csv {
            encoding,
            separator,
        })
    }

    /// The encoding on the wire; Parquet has none.
    pub(crate) fn encoding_of(&self, path: &Path) -> TextEncoding {
        match self.encoding {
            _ if is_parquet(path) => TextEncoding::Unspecified,
            Encoding::Auto => TextEncoding::Auto,
            Encoding::Utf8 => TextEncoding::Utf8,
            Encoding::Gb18030 => TextEncoding::Gb18030,
        }
    }

    /// The separator on the wire; Parquet has none.
    pub(crate) fn separator_of(&self, path: &Path) -> String {
        if is_parquet(path) {
            String::new()
        } else {
            self.separator.to_string()
        }
    }
}

/// A separator as intake has it.
fn ascii(separator: char) -> Result<u8, Problem> {
    let ascii = u8::try_from(separator).ok().filter(u8::is_ascii);
    ascii.ok_or_else(|| {
        Problem::usage(text!(
            "--separator {separator}: expected one ASCII character, such as `,` or `;`",
            "--separator {separator}：应为一个 ASCII 字符，例如 `,` 或 `;`"
        ))
    })
}

/// One character; a tab by name, since it is hard to type.
fn separator(text: &str) -> Result<char, String> {
    let mut given = text.chars();
    match (text, given.next(), given.next()) {
        ("tab" | "\\t", _, _) => Ok('\t'),
        (_, Some(one), None) => Ok(one),
        _ => Err("expected one character, such as `,` or `;`, or `tab`".to_owned()),
    }
}

fn is_parquet(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators() {
        let check = |text: &str, expect: Option<char>| {
            assert_eq!(separator(text).ok(), expect, "{text}");
        };
        check(",", Some(','));
        check("tab", Some('\t'));
        check("\\t", Some('\t'));
        check("", None);
        check(",;", None);
    }

    #[test]
    fn parquet_has_neither_encoding_nor_separator() {
        let csv = Csv {
            separator: ';',
            encoding: Encoding::Gb18030,
        };
        let (table, parquet) = (Path::new("a.csv"), Path::new("a.PARQUET"));
        assert_eq!(csv.format_of(table), DatasetFormat::Csv);
        assert_eq!(csv.encoding_of(table), TextEncoding::Gb18030);
        assert_eq!(csv.separator_of(table), ";");
        assert_eq!(csv.format_of(parquet), DatasetFormat::Parquet);
        assert_eq!(csv.encoding_of(parquet), TextEncoding::Unspecified);
        assert_eq!(csv.separator_of(parquet), "");
    }
}
