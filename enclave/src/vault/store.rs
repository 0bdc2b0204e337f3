//! Storing a version: whole and durable, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use lineage::Digest;

use super::writer::{Written, write};
use super::{ColumnKeys, Vault, VaultError, VersionName};
use crate::intake::IntakeError;
use crate::keys::{create_dir, sync_dir};

/// A version that is stored; its event in the log carries these.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its rows.
    pub rows: u64,
    /// Bytes of the encrypted file.
    pub bytes: u64,
    /// SHA-256 of the encrypted file.
    pub ciphertext_digest: Digest,
    /// The encrypted file.
    pub path: PathBuf,
}

impl Vault {
    /// Encrypts and stores a version under fresh keys, one per column, hidden ones included.
    ///
    /// What an earlier attempt at the same number left behind is replaced; a finished version never is.
    ///
    /// # Errors
    /// The intake's own error, [`VaultError::VersionExists`], and those of keys and file system. Nothing is stored then.
    pub fn store(
        &self,
        version: &VersionName,
        schema: &SchemaRef,
        batches: impl IntoIterator<Item = Result<RecordBatch, IntakeError>>,
    ) -> Result<Stored, VaultError> {
        if self.holds(version) {
            return Err(VaultError::VersionExists {
                version: version.to_string(),
            });
        }
        let path = self.dir.join(version.file());
        let keys = self.fresh_keys(version, schema)?;
        let unfinished = Unfinished::new(
            self.unfinished()
                .join(version.to_string().replace('/', "+")),
        )?;
        let written = self.write_whole(&unfinished, schema, &keys, batches)?;
        let placed = path
            .parent()
            .map_or(Ok(()), create_dir)
            .and_then(|()| fs::rename(&unfinished.path, &path));
        let placed = placed.and_then(|()| path.parent().map_or(Ok(()), sync_dir));
        placed.map_err(|error| VaultError::file("cannot place", &path, error))?;
        Ok(Stored {
            rows: written.rows,
            bytes: written.bytes,
            ciphertext_digest: written.digest,
            path,
        })
    }

    fn write_whole(
        &self,
        unfinished: &Unfinished,
        schema: &SchemaRef,
        keys: &ColumnKeys,
        batches: impl IntoIterator<Item = Result<RecordBatch, IntakeError>>,
    ) -> Result<Written, VaultError> {
        let mut out = BufWriter::new(&unfinished.file);
        let written = write(&mut out, schema, keys, batches)?;
        let flushed = out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(File::sync_all);
        flushed.map_err(|error| VaultError::file("cannot write", &unfinished.path, error))?;
        Ok(written)
    }

    /// Keys that never encrypted anything: those of an attempt that did not finish are destroyed first.
    fn fresh_keys(
        &self,
        version: &VersionName,
        schema: &SchemaRef,
    ) -> Result<ColumnKeys, VaultError> {
        let columns = schema
            .fields()
            .iter()
            .map(|field| version.column_key(field.name()));
        for path in columns.chain([version.footer_key(), version.key()]) {
            self.keys.destroy(&path)?;
        }
        let mut keys = ColumnKeys::new(
            &version.to_string(),
            self.keys.get_or_create(&version.footer_key())?,
        );
        for field in schema.fields() {
            keys.grant(
                field.name(),
                self.keys.create(&version.column_key(field.name()))?,
            );
        }
        Ok(keys)
    }
}

/// A file that removes itself unless it was renamed away.
struct Unfinished {
    path: PathBuf,
    file: File,
}

impl Unfinished {
    fn new(path: PathBuf) -> Result<Self, VaultError> {
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path);
        let file = opened.map_err(|error| VaultError::file("cannot make", &path, error))?;
        Ok(Self { path, file })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already when the version was placed; anything else is cleaned when the vault is opened again.
        fs::remove_file(&self.path).ok();
    }
}
