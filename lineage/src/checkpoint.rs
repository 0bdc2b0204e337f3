//! Checkpoints (C2SP tlog-checkpoint): origin, size and root of the tree, as a signed note.

use thiserror::Error;

use crate::digest::Digest;
use crate::encoding::{array_from_base64, to_base64};
use crate::jcs::INTEGER_LIMIT;
use crate::note::{NoteError, NoteSigner, NoteVerifier};

/// What a checkpoint says: at this size the tree of this log has this root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many leaves are covered.
    pub size: u64,
    /// The root of the tree over them (RFC 6962 section 2.1).
    pub root: Digest,
}

/// Why a checkpoint does not count.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// It is not a note signed by the log's key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The signed text is not a checkpoint.
    #[error("not a checkpoint: {0}")]
    Malformed(&'static str),
    /// It is another log's.
    #[error("the checkpoint is of `{found}`, not of `{expected}`")]
    Origin {
        /// The origin in the checkpoint.
        found: String,
        /// The name of the key.
        expected: String,
    },
}

impl Checkpoint {
    /// The text that is signed: three lines.
    #[must_use]
    pub fn to_text(&self) -> String {
        let root = to_base64(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Reads the text strictly; extension lines, which C2SP allows, are skipped.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`] naming the line.
    pub fn from_text(text: &str) -> Result<Self, CheckpointError> {
        const SIZE: CheckpointError = CheckpointError::Malformed("the second line is not a size");
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty());
        let origin = origin.ok_or(CheckpointError::Malformed("the first line is empty"))?;
        let size_text = lines.next().ok_or(SIZE)?;
        let size: u64 = size_text.parse().map_err(|_| SIZE)?;
        if size.to_string() != size_text || size >= INTEGER_LIMIT {
            return Err(SIZE);
        }
        let root = lines.next().and_then(array_from_base64::<32>);
        let root = root.ok_or(CheckpointError::Malformed("the third line is not a root"))?;
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root: Digest::from_bytes(root),
        })
    }

    /// The signed note.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] when the signer's name is not the origin.
    pub fn sign(&self, signer: &NoteSigner) -> Result<String, CheckpointError> {
        self.check_origin(signer.name())?;
        Ok(signer.sign(&self.to_text())?)
    }

    /// The checkpoint in a note, once key and origin are checked.
    ///
    /// # Errors
    /// [`CheckpointError`] naming what does not fit.
    pub fn open(note: &str, verifier: &NoteVerifier) -> Result<Self, CheckpointError> {
        let checkpoint = Self::from_text(verifier.open(note)?)?;
        checkpoint.check_origin(verifier.name())?;
        Ok(checkpoint)
    }

    fn check_origin(&self, expected: &str) -> Result<(), CheckpointError> {
        match self.origin == expected {
            true => Ok(()),
            false => Err(CheckpointError::Origin {
                found: self.origin.clone(),
                expected: expected.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    //! The example of the specification, strictness, and the link between key and origin.
    use super::*;

    // The example of C2SP tlog-checkpoint.
    const EXAMPLE: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    #[test]
    fn the_specifications_example_reads_and_writes() {
        let checkpoint = Checkpoint::from_text(EXAMPLE).unwrap();
        assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
        assert_eq!(checkpoint.size, 20_852_163);
        assert_eq!(checkpoint.to_text(), EXAMPLE);
        let extended = format!("{EXAMPLE}an extension\n");
        assert_eq!(Checkpoint::from_text(&extended), Ok(checkpoint));
    }

    #[test]
    fn loose_spellings_are_refused() {
        for bad in [
            EXAMPLE.replace("20852163", "020852163"),
            EXAMPLE.replace("20852163", "+20852163"),
            EXAMPLE.replace("20852163", ""),
            EXAMPLE.replace("20852163", "9007199254740992"),
            EXAMPLE.replace("2I=", "2J="),
            EXAMPLE.replace("CsUY", ""),
            EXAMPLE.replace("example.com/behind-the-sofa", ""),
            String::new(),
        ] {
            assert!(Checkpoint::from_text(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn key_name_and_origin_are_one() {
        let signer = NoteSigner::generate("example.com/log").unwrap();
        let checkpoint = Checkpoint {
            origin: "example.com/log".into(),
            size: 1,
            root: Digest::of(b""),
        };
        let note = checkpoint.sign(&signer).unwrap();
        assert!(note.len() < 300, "air-gapped exchange stays short");
        let opened = Checkpoint::open(&note, &signer.verifier());
        assert_eq!(opened.as_ref(), Ok(&checkpoint));
        let other = Checkpoint {
            origin: "example.com/other".into(),
            ..checkpoint
        };
        let refused = other.sign(&signer);
        assert!(matches!(refused, Err(CheckpointError::Origin { .. })));
        let forged = signer.sign(&other.to_text()).unwrap();
        let refused = Checkpoint::open(&forged, &signer.verifier());
        assert!(matches!(refused, Err(CheckpointError::Origin { .. })));
    }
}
