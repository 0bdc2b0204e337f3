//! Signed notes (C2SP signed-note): text, a blank line, and one line per signature.
//!
//! Keys are Ed25519 (signature type 0x01) in the text forms that Go's `sumdb/note` made common:
//! `NAME+ID+BASE64` to verify and `PRIVATE+KEY+NAME+ID+BASE64` to sign. The id is the first four
//! bytes of SHA-256 over name, newline, type and public key, in hex.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::digest::Digest;
use crate::encoding::{array_from_base64, from_base64, to_base64};
use crate::secret_file::{self, KeyError};

/// The signature type of plain Ed25519 in C2SP signed-note.
const ED25519_TYPE: u8 = 0x01;

/// What a signing key's text begins with.
const SECRET_PREFIX: &str = "PRIVATE+KEY+";

/// What each signature line begins with: an em dash and a space.
const SIGNATURE_PREFIX: &str = "— ";

/// The longest note that is read; a checkpoint is under 300 bytes and witnesses add a line each.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;

/// Signature lines that are looked at; more are refused.
const SIGNATURES_MAX: usize = 100;

/// Why a note does not count.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteError {
    /// Not a note.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// No signature line by the given key.
    #[error("the note carries no signature by `{0}`")]
    Unsigned(String),
    /// A signature line by the given key that does not fit the text.
    #[error("the signature by `{0}` does not fit the note")]
    Signature(String),
}

/// Key names are one word without `+`, so that all the text forms stay readable.
fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// The key id of C2SP signed-note.
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let digest = Digest::of_parts(&[name.as_bytes(), b"\n", &[ED25519_TYPE], public]);
    let [a, b, c, d, ..] = *digest.as_bytes();
    [a, b, c, d]
}

fn id_text(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

/// The public key of a log, `log.vkey`: all that anybody needs to check its notes.
#[derive(Clone, PartialEq, Eq)]
pub struct NoteVerifier {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl NoteVerifier {
    fn new(name: &str, key: VerifyingKey) -> Self {
        Self {
            name: name.to_owned(),
            id: key_id(name, key.as_bytes()),
            key,
        }
    }

    /// The key's name, which is also the origin of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of a note that carries this key's signature.
    ///
    /// Lines of unknown keys are skipped, as C2SP asks.
    ///
    /// # Errors
    /// [`NoteError`] when it is not a note, not signed by this key, or signed over other text.
    pub fn open<'n>(&self, note: &'n str) -> Result<&'n str, NoteError> {
        let (text, lines) = split(note)?;
        let mut signed = false;
        for line in lines {
            let (name, id, signature) = signature_line(line)?;
            if name == self.name && id == self.id {
                self.check(text, &signature)?;
                signed = true;
            }
        }
        match signed {
            true => Ok(text),
            false => Err(NoteError::Unsigned(self.name.clone())),
        }
    }

    fn check(&self, text: &str, signature: &[u8]) -> Result<(), NoteError> {
        let failed = || NoteError::Signature(self.name.clone());
        let signature = Signature::from_slice(signature).map_err(|_| failed())?;
        let checked = self.key.verify_strict(text.as_bytes(), &signature);
        checked.map_err(|_| failed())
    }
}

impl fmt::Display for NoteVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = to_base64(typed(self.key.as_bytes()).as_slice());
        write!(f, "{}+{}+{key}", self.name, id_text(self.id))
    }
}

impl fmt::Debug for NoteVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for NoteVerifier {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        const MALFORMED: KeyError = KeyError::Malformed("verifier key: expected NAME+ID+BASE64");
        let (name, id, public) = key_parts(text).ok_or(MALFORMED)?;
        let key = VerifyingKey::from_bytes(&public).map_err(|_| MALFORMED)?;
        let verifier = Self::new(name, key);
        match !key.is_weak() && id_text(verifier.id) == id {
            true => Ok(verifier),
            false => Err(MALFORMED),
        }
    }
}

/// The type byte before the key's 32 bytes.
fn typed(key: &[u8; 32]) -> Zeroizing<[u8; 33]> {
    let mut bytes = Zeroizing::new([ED25519_TYPE; 33]);
    for (to, from) in bytes.iter_mut().skip(1).zip(key) {
        *to = *from;
    }
    bytes
}

/// Name, id and key bytes of `NAME+ID+BASE64`.
fn key_parts(text: &str) -> Option<(&str, &str, Zeroizing<[u8; 32]>)> {
    let (name, rest) = text.trim_end_matches('\n').split_once('+')?;
    let (id, base64) = rest.split_once('+')?;
    let bytes = Zeroizing::new(array_from_base64::<33>(base64)?);
    let mut key = Zeroizing::new([0; 32]);
    let (kind, raw) = bytes.split_first()?;
    key.copy_from_slice(raw);
    (*kind == ED25519_TYPE && is_key_name(name)).then_some((name, id, key))
}

/// The private key of a log. It is wiped when dropped and never printed.
pub struct NoteSigner {
    name: String,
    key: SigningKey,
}

impl NoteSigner {
    /// A fresh key under this name, which becomes the log's origin, e.g. `karez.xj.gov.cn/log`.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] when the name is empty or has spaces or `+`;
    /// [`KeyError::Entropy`] when the system gives no random bytes.
    pub fn generate(name: &str) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Malformed("key name: one word without `+`"));
        }
        let key = SigningKey::from_bytes(&*secret_file::random_seed()?);
        let name = name.to_owned();
        Ok(Self { name, key })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half, to be given away as `log.vkey`.
    #[must_use]
    pub fn verifier(&self) -> NoteVerifier {
        NoteVerifier::new(&self.name, self.key.verifying_key())
    }

    /// Loads a key from a one-line file that only its owner can read.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot be read, is open to others, or is not a signing key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        secret_file::load(path)?.parse()
    }

    /// Saves the key as a new one-line file with mode 0600.
    ///
    /// # Errors
    /// [`KeyError::Io`] when the file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        let base64 = Zeroizing::new(to_base64(typed(self.key.as_bytes()).as_slice()));
        let id = id_text(self.verifier().id);
        let line = Zeroizing::new(format!("{SECRET_PREFIX}{}+{id}+{}\n", self.name, *base64));
        secret_file::save(path, &line)
    }

    /// The note of a text: the text, a blank line and this key's signature line.
    ///
    /// # Errors
    /// [`NoteError::Malformed`] when the text is empty, does not end in a newline, or has control
    /// characters.
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        check_text(text)?;
        let mut signature = self.verifier().id.to_vec();
        signature.extend(self.key.sign(text.as_bytes()).to_bytes());
        let signature = to_base64(&signature);
        Ok(format!(
            "{text}\n{SIGNATURE_PREFIX}{} {signature}\n",
            self.name
        ))
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({}, …)", self.name)
    }
}

impl FromStr for NoteSigner {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        const MALFORMED: KeyError =
            KeyError::Malformed("signing key: expected PRIVATE+KEY+NAME+ID+BASE64");
        let rest = text.strip_prefix(SECRET_PREFIX).ok_or(MALFORMED)?;
        let (name, id, seed) = key_parts(rest).ok_or(MALFORMED)?;
        let key = SigningKey::from_bytes(&seed);
        let name = name.to_owned();
        let signer = Self { name, key };
        match id_text(signer.verifier().id) == id {
            true => Ok(signer),
            false => Err(MALFORMED),
        }
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed("the text must end in a newline"));
    }
    match text.contains(|c: char| c.is_control() && c != '\n') {
        true => Err(NoteError::Malformed("the text has control characters")),
        false => Ok(()),
    }
}

/// Text and signature lines: the last blank line divides them.
fn split(note: &str) -> Result<(&str, Vec<&str>), NoteError> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(NoteError::Malformed("it is too long"));
    }
    let divider = note.rfind("\n\n");
    let at = divider.ok_or(NoteError::Malformed("no blank line before the signatures"))?;
    let (text, rest) = note.split_at(at + 1);
    check_text(text)?;
    let lines = rest
        .strip_prefix('\n')
        .and_then(|lines| lines.strip_suffix('\n'));
    let lines = lines.ok_or(NoteError::Malformed("it does not end in a newline"))?;
    let lines: Vec<&str> = lines.split('\n').collect();
    match lines.len() <= SIGNATURES_MAX {
        true => Ok((text, lines)),
        false => Err(NoteError::Malformed("too many signatures")),
    }
}

/// Name, key id and signature bytes of one line.
fn signature_line(line: &str) -> Result<(&str, [u8; 4], Vec<u8>), NoteError> {
    const MALFORMED: NoteError = NoteError::Malformed("a signature line is broken");
    let rest = line.strip_prefix(SIGNATURE_PREFIX).ok_or(MALFORMED)?;
    let (name, base64) = rest.split_once(' ').ok_or(MALFORMED)?;
    let bytes = from_base64(base64).ok_or(MALFORMED)?;
    let (id, signature) = bytes.split_first_chunk::<4>().ok_or(MALFORMED)?;
    match is_key_name(name) && !signature.is_empty() {
        true => Ok((name, *id, signature.to_vec())),
        false => Err(MALFORMED),
    }
}

#[cfg(test)]
mod tests {
    //! The known answer of Go's note package, and every byte of a note.
    use super::*;

    // The example of golang.org/x/mod/sumdb/note; Ed25519 is deterministic, so the line is fixed.
    const SKEY: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const LINE: &str = "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_known_answer() {
        let signer: NoteSigner = SKEY.parse().unwrap();
        assert_eq!(signer.verifier().to_string(), VKEY);
        let note = signer.sign(TEXT).unwrap();
        assert_eq!(note, format!("{TEXT}{LINE}"));
        let verifier: NoteVerifier = VKEY.parse().unwrap();
        assert_eq!(verifier.open(&note), Ok(TEXT));
    }

    #[test]
    fn every_flipped_byte_of_a_note_is_found() {
        let signer = NoteSigner::generate("example.com/log").unwrap();
        let note = signer.sign("text\n").unwrap();
        for at in 0..note.len() {
            for mask in [0x01, 0x04, 0x20, 0x80] {
                let mut bytes = note.clone().into_bytes();
                bytes[at] ^= mask;
                if let Ok(bad) = String::from_utf8(bytes) {
                    assert!(signer.verifier().open(&bad).is_err(), "{at} {mask}");
                }
            }
        }
    }

    #[test]
    fn other_signers_lines_are_skipped_and_a_false_own_line_is_not() {
        let (ours, theirs) = (
            NoteSigner::generate("a").unwrap(),
            NoteSigner::generate("b").unwrap(),
        );
        let note = ours.sign("text\n").unwrap();
        let other = theirs.sign("text\n").unwrap();
        let both = format!("{note}{}", other.split("\n\n").nth(1).unwrap());
        assert_eq!(ours.verifier().open(&both), Ok("text\n"));
        assert_eq!(theirs.verifier().open(&both), Ok("text\n"));
        let impostor = NoteSigner::generate("a").unwrap();
        let unsigned = Err(NoteError::Unsigned("a".into()));
        assert_eq!(impostor.verifier().open(&both), unsigned);
        let false_line = note.replace("text", "test");
        let false_signature = Err(NoteError::Signature("a".into()));
        assert_eq!(ours.verifier().open(&false_line), false_signature);
    }

    #[test]
    fn keys_with_another_id_name_or_type_are_refused() {
        for bad in [
            VKEY.replace("c74f20a3", "c74f20a4"),
            VKEY.replace("Peter", "Petra"),
            VKEY.replace("ARpc", "AhpC"),
            VKEY.replace('+', " "),
            String::new(),
        ] {
            assert!(bad.parse::<NoteVerifier>().is_err(), "{bad}");
        }
        assert!(SKEY.replace("a3", "a4").parse::<NoteSigner>().is_err());
        for bad in ["", "a b", "a+b", "a\n"] {
            assert!(NoteSigner::generate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_signer_survives_its_file_and_never_prints() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log.skey");
        let signer = NoteSigner::generate("example.com/log").unwrap();
        signer.save(&path).unwrap();
        let loaded = NoteSigner::load(&path).unwrap();
        assert_eq!(loaded.verifier(), signer.verifier());
        assert_eq!(format!("{loaded:?}"), "NoteSigner(example.com/log, …)");
    }
}
