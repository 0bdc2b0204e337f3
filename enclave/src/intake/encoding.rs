//! Which encoding is it, and what does it say? Strict decoding: the first bad byte ends the intake.

use std::fmt;
use std::io::Read;
use std::str::FromStr;

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8};

use super::{IntakeError, Source, SourceReader};

/// Bytes read and decoded at a time.
const READ_BYTES: usize = 64 * 1024;
/// A GB18030 byte pair may become three bytes of UTF-8; one more round fits what is left over.
const DECODED_BYTES: usize = 3 * READ_BYTES;

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const GB18030_MARK: &[u8] = &[0x84, 0x31, 0x95, 0x33];
/// UTF-16 and UTF-32, little- and big-endian.
const WIDE_MARKS: [&[u8]; 3] = [&[0xff, 0xfe], &[0xfe, 0xff], &[0x00, 0x00, 0xfe, 0xff]];

/// An encoding that files are read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// GB 18030-2022, of which GBK and GB 2312 are parts.
    Gb18030,
}

/// What the caller says about the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncodingChoice {
    /// A byte-order mark decides, else strict UTF-8 over the whole file, else strict GB18030.
    Auto,
    /// This one and no other.
    Fixed(Encoding),
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
        })
    }
}

/// A word that names no encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown encoding; use auto, utf-8 or gb18030 (which reads GBK and GB 2312 too)")]
pub struct UnknownEncoding;

impl FromStr for EncodingChoice {
    type Err = UnknownEncoding;

    fn from_str(text: &str) -> Result<Self, UnknownEncoding> {
        match text.to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "utf-8" | "utf8" => Ok(Self::Fixed(Encoding::Utf8)),
            "gb18030" | "gbk" | "gb2312" => Ok(Self::Fixed(Encoding::Gb18030)),
            _ => Err(UnknownEncoding),
        }
    }
}

/// Finds the encoding; with [`EncodingChoice::Auto`] and no mark this reads the whole file, once or twice.
pub(super) fn choose(source: &Source, choice: EncodingChoice) -> Result<Encoding, IntakeError> {
    let mut start = Vec::new();
    source.reader().take(4).read_to_end(&mut start)?;
    if WIDE_MARKS.iter().any(|mark| start.starts_with(mark)) {
        return Err(IntakeError::Wide);
    }
    match choice {
        EncodingChoice::Fixed(encoding) => Ok(encoding),
        EncodingChoice::Auto if start.starts_with(UTF8_MARK) => Ok(Encoding::Utf8),
        EncodingChoice::Auto if start.starts_with(GB18030_MARK) => Ok(Encoding::Gb18030),
        EncodingChoice::Auto => try_both(source),
    }
}

fn try_both(source: &Source) -> Result<Encoding, IntakeError> {
    let Some(utf8) = first_bad_byte(source, Encoding::Utf8)? else {
        return Ok(Encoding::Utf8);
    };
    match first_bad_byte(source, Encoding::Gb18030)? {
        None => Ok(Encoding::Gb18030),
        Some(gb18030) => Err(IntakeError::NoEncoding { utf8, gb18030 }),
    }
}

fn first_bad_byte(source: &Source, encoding: Encoding) -> Result<Option<u64>, IntakeError> {
    let mut text = Text::new(source, encoding)?;
    loop {
        match text.next() {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(None),
            Err(IntakeError::Undecodable { offset, .. }) => return Ok(Some(offset)),
            Err(other) => return Err(other),
        }
    }
}

/// The file as pieces of UTF-8, its mark left out.
pub(super) struct Text {
    reader: SourceReader,
    encoding: Encoding,
    decoder: Decoder,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    /// Bytes of the file that the decoder has taken.
    taken: u64,
    ended: bool,
}

impl Text {
    pub(super) fn new(source: &Source, encoding: Encoding) -> Result<Self, IntakeError> {
        let (mark, decoder) = match encoding {
            Encoding::Utf8 => (UTF8_MARK, UTF_8.new_decoder_without_bom_handling()),
            Encoding::Gb18030 => (GB18030_MARK, GB18030.new_decoder_without_bom_handling()),
        };
        let mut start = Vec::new();
        source
            .reader()
            .take(mark.len() as u64)
            .read_to_end(&mut start)?;
        let mut reader = source.reader();
        let skipped = if start == mark { mark.len() as u64 } else { 0 };
        std::io::Seek::seek(&mut reader, std::io::SeekFrom::Start(skipped))?;
        let raw = Vec::with_capacity(READ_BYTES);
        Ok(Self {
            reader,
            encoding,
            decoder,
            raw,
            decoded: vec![0; DECODED_BYTES],
            taken: skipped,
            ended: false,
        })
    }

    /// Bytes of the file behind the text so far.
    pub(super) fn position(&self) -> u64 {
        self.taken
    }

    /// The next piece of text; nothing at the end. A piece may be empty.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, IntakeError> {
        if self.ended {
            return Ok(None);
        }
        self.raw.clear();
        let read = self
            .reader
            .by_ref()
            .take(READ_BYTES as u64)
            .read_to_end(&mut self.raw)?;
        self.ended = read == 0;
        if let Some(nul) = self.raw.iter().position(|byte| *byte == 0) {
            return Err(IntakeError::Nul {
                offset: self.taken + nul as u64,
            });
        }
        let (result, taken, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.raw,
            &mut self.decoded,
            self.ended,
        );
        self.taken += taken as u64;
        match result {
            DecoderResult::InputEmpty => Ok(self.decoded.get(..written)),
            // The output has room for whatever the input can become.
            DecoderResult::OutputFull => Err(IntakeError::Read(std::io::Error::other(
                "the decoder's buffer is too small",
            ))),
            DecoderResult::Malformed(bad, after) => {
                let back = u64::from(bad) + u64::from(after);
                Err(IntakeError::Undecodable {
                    encoding: self.encoding,
                    offset: self.taken.saturating_sub(back),
                })
            }
        }
    }
}
