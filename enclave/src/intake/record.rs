//! Records and fields of a CSV text (RFC 4180, any ASCII separator, any line end).
//!
//! ```text
//! field  = quoted | plain
//! quoted = '"' { any character, '""' for '"' } '"'      line ends inside belong to the field
//! plain  = { any character but separator and line end } a quotation mark inside is itself
//! ```
//!
//! An empty plain field is no value, `""` is an empty text. A blank line is skipped where records have several fields.

use super::IntakeError;
use super::encoding::Text;

/// The longest record in bytes of UTF-8; a missing quotation mark is noticed here at the latest.
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// The most columns of a file.
pub const FIELDS_MAX: usize = 4096;

/// One record: its fields, and where it stands.
#[derive(Debug, Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    /// For each field the end of its text, and whether it was quoted.
    fields: Vec<(usize, bool)>,
    /// The line that it begins on, counted from 1.
    pub(super) line: u64,
}

impl Record {
    fn clear(&mut self, line: u64) {
        self.bytes.clear();
        self.fields.clear();
        self.line = line;
    }

    fn end_field(&mut self, quoted: bool) {
        self.fields.push((self.bytes.len(), quoted));
    }

    /// How many fields it has.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Bytes of all its fields.
    pub(super) fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    /// The text of a field; nothing where it is empty and not quoted.
    pub(super) fn field(&self, index: usize) -> Option<&str> {
        let &(end, quoted) = self.fields.get(index)?;
        let start = index
            .checked_sub(1)
            .and_then(|before| self.fields.get(before))
            .map_or(0, |(end, _)| *end);
        let text = self.bytes.get(start..end)?;
        // Fields are cut at ASCII characters, so pieces of UTF-8 stay UTF-8.
        if text.is_empty() && !quoted {
            None
        } else {
            std::str::from_utf8(text).ok()
        }
    }

    /// Whether the line had nothing on it.
    fn is_blank(&self) -> bool {
        self.fields.as_slice() == [(0, false)]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first character of a field.
    FieldStart,
    Plain,
    Quoted,
    /// After a quotation mark inside a quoted field: its end, or half of an escaped one.
    QuoteSeen,
}

/// Cuts a text into records.
pub(super) struct Records {
    text: Text,
    separator: u8,
    piece: Vec<u8>,
    position: usize,
    /// Records handed out, the header included.
    count: u64,
    line: u64,
    /// The last character was a carriage return that ended a record: a line feed after it belongs to it.
    after_return: bool,
    /// Fields of the header, once it is read.
    expected: Option<usize>,
}

impl Records {
    pub(super) fn new(text: Text, separator: u8) -> Result<Self, IntakeError> {
        if !separator.is_ascii() || matches!(separator, b'"' | b'\r' | b'\n' | 0) {
            return Err(IntakeError::Separator);
        }
        Ok(Self {
            text,
            separator,
            piece: Vec::new(),
            position: 0,
            count: 0,
            line: 1,
            after_return: false,
            expected: None,
        })
    }

    /// Bytes of the file read so far.
    pub(super) fn position(&self) -> u64 {
        self.text.position()
    }

    /// The number of the last record: 0 is the header.
    pub(super) fn number(&self) -> u64 {
        self.count.saturating_sub(1)
    }

    /// Reads the next record; false at the end. The first one is the header and says how many fields all others have.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, IntakeError> {
        loop {
            record.clear(self.line);
            if !self.read_any(record)? {
                return Ok(false);
            }
            if record.is_blank() && self.expected != Some(1) {
                continue;
            }
            self.count += 1;
            match self.expected {
                None => self.expected = Some(record.len()),
                Some(expected) if expected != record.len() => {
                    let (record, line, found) = (self.number(), record.line, record.len());
                    return Err(IntakeError::FieldCount {
                        record,
                        line,
                        expected,
                        found,
                    });
                }
                Some(_) => {}
            }
            return Ok(true);
        }
    }

    fn read_any(&mut self, record: &mut Record) -> Result<bool, IntakeError> {
        let mut state = State::FieldStart;
        loop {
            let Some(byte) = self.next_byte()? else {
                return self.at_end(state, record);
            };
            if std::mem::take(&mut self.after_return)
                && byte == b'\n'
                && state == State::FieldStart
                && record.len() == 0
            {
                continue;
            }
            let quoted = matches!(state, State::QuoteSeen);
            match (state, byte) {
                (State::Quoted, b'"') => state = State::QuoteSeen,
                (State::Quoted, _) => {
                    self.line += u64::from(byte == b'\n');
                    record.bytes.push(byte);
                }
                (State::QuoteSeen, b'"') => {
                    record.bytes.push(byte);
                    state = State::Quoted;
                }
                (State::FieldStart, b'"') => state = State::Quoted,
                (_, b'\n' | b'\r') => {
                    self.after_return = byte == b'\r';
                    self.line += 1;
                    record.end_field(quoted);
                    return Ok(true);
                }
                (_, separator) if separator == self.separator => {
                    record.end_field(quoted);
                    state = State::FieldStart;
                }
                (State::QuoteSeen, _) => {
                    return Err(IntakeError::TextAfterQuote {
                        record: self.count,
                        line: record.line,
                    });
                }
                (State::FieldStart | State::Plain, _) => {
                    record.bytes.push(byte);
                    state = State::Plain;
                    self.take_plain(record);
                }
            }
            self.check_limits(record)?;
        }
    }

    /// Copies the plain characters that follow at once: the hot path of a file without quotation marks.
    fn take_plain(&mut self, record: &mut Record) {
        let rest = self.piece.get(self.position..).unwrap_or_default();
        let special = |byte: &u8| *byte == self.separator || *byte == b'\n' || *byte == b'\r';
        let plain = rest.iter().position(special).unwrap_or(rest.len());
        record
            .bytes
            .extend_from_slice(rest.get(..plain).unwrap_or_default());
        self.position += plain;
    }

    fn at_end(&self, state: State, record: &mut Record) -> Result<bool, IntakeError> {
        match state {
            State::Quoted => Err(IntakeError::OpenQuote {
                record: self.count,
                line: record.line,
            }),
            State::FieldStart if record.len() == 0 => Ok(false),
            _ => {
                record.end_field(state == State::QuoteSeen);
                Ok(true)
            }
        }
    }

    fn check_limits(&self, record: &Record) -> Result<(), IntakeError> {
        let (number, line) = (self.count, record.line);
        if record.bytes.len() > RECORD_BYTES_MAX {
            return Err(IntakeError::RecordTooLong {
                record: number,
                line,
            });
        }
        match self.expected {
            Some(expected) if record.len() > expected => Err(IntakeError::FieldCount {
                record: number,
                line,
                expected,
                found: record.len(),
            }),
            None if record.len() > FIELDS_MAX => Err(IntakeError::TooManyColumns),
            _ => Ok(()),
        }
    }

    fn next_byte(&mut self) -> Result<Option<u8>, IntakeError> {
        loop {
            if let Some(byte) = self.piece.get(self.position) {
                self.position += 1;
                return Ok(Some(*byte));
            }
            let Some(piece) = self.text.next()? else {
                return Ok(None);
            };
            self.piece.clear();
            self.piece.extend_from_slice(piece);
            self.position = 0;
        }
    }
}
