//! How a table's file is written: the options of every command that reads one.

use std::path::Path;

use clap::{Args, ValueEnum};
use enclave::client::v1::{DatasetFormat, TextEncoding};
use enclave::intake::{self, EncodingChoice, Format, Reading};

use crate::language::text;
use crate::problem::Problem;

/// Options of a table's file; its ending tells CSV, Parquet and .xlsx apart.
#[derive(Debug, Clone, Args)]
pub(crate) struct Written {
    /// Field separator of CSV input, one character, or `tab` (else found)
    #[arg(long, value_name = "CHAR", value_parser = separator)]
    separator: Option<char>,
    /// Encoding of CSV input; `auto` takes a byte order mark, else strict UTF-8, else strict GB18030
    #[arg(long, value_enum, value_name = "ENCODING", default_value_t = Encoding::Auto)]
    encoding: Encoding,
    /// Sheet of a spreadsheet (else its only visible one)
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
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

impl Written {
    /// The same for intake.
    pub(crate) fn reading(&self) -> Result<Reading, Problem> {
        Ok(Reading {
            encoding: self.encoding.choice(),
            separator: self.separator.map(ascii).transpose()?,
            sheet: self.sheet.clone(),
        })
    }

    /// The same on the wire: what is said of CSV is not said of other files.
    pub(crate) fn on_the_wire(&self, path: &Path) -> Result<OnTheWire, Problem> {
        Ok(match self.reading()?.format_of(path) {
            Format::Csv { separator, .. } => OnTheWire {
                format: DatasetFormat::Csv,
                encoding: match self.encoding {
                    Encoding::Auto => TextEncoding::Auto,
                    Encoding::Utf8 => TextEncoding::Utf8,
                    Encoding::Gb18030 => TextEncoding::Gb18030,
                },
                separator: separator
                    .map(char::from)
                    .map(String::from)
                    .unwrap_or_default(),
                sheet: String::new(),
            },
            Format::Parquet => OnTheWire {
                format: DatasetFormat::Parquet,
                ..OnTheWire::default()
            },
            Format::Spreadsheet { sheet } => OnTheWire {
                format: DatasetFormat::Xlsx,
                sheet: sheet.unwrap_or_default(),
                ..OnTheWire::default()
            },
        })
    }
}

/// What a request says of its file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OnTheWire {
    pub(crate) format: DatasetFormat,
    pub(crate) encoding: TextEncoding,
    pub(crate) separator: String,
    pub(crate) sheet: String,
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
    fn what_is_said_of_csv_is_not_said_of_other_files() {
        let written = Written {
            separator: Some(';'),
            encoding: Encoding::Gb18030,
            sheet: Some("2024".to_owned()),
        };
        let check = |path: &str, expect: (DatasetFormat, TextEncoding, &str, &str)| {
            let OnTheWire {
                format,
                encoding,
                separator,
                sheet,
            } = written.on_the_wire(Path::new(path)).unwrap();
            let found = (format, encoding, separator.as_str(), sheet.as_str());
            assert_eq!(found, expect, "{path}");
        };
        use TextEncoding::{Gb18030, Unspecified};
        check("a.csv", (DatasetFormat::Csv, Gb18030, ";", ""));
        check("a.txt", (DatasetFormat::Csv, Gb18030, ";", ""));
        check("a.PARQUET", (DatasetFormat::Parquet, Unspecified, "", ""));
        check("a.xlsx", (DatasetFormat::Xlsx, Unspecified, "", "2024"));
    }
}
