//! A data set that a row filter narrows, for one job: rows outside the filter are not there to be decrypted.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use policy::{Permit, RowFilter};
use rustix::fs::{Mode, OFlags};

use super::writer::write;
use super::{ColumnKeys, Vault, VaultError, VersionName};
use crate::intake::{BATCH_ROWS, unlinked_file};
use crate::keys::SecretKey;

impl Vault {
    /// The rows for which the filter is true, with the granted columns only, encrypted under keys of this call; the file has
    /// no name and is gone with its last descriptor.
    ///
    /// # Errors
    /// As for [`Vault::open`], and those of the file system.
    pub fn narrow(
        &self,
        permit: &Permit,
        version: &VersionName,
        columns: &[&str],
        filter: &RowFilter,
    ) -> Result<(File, ColumnKeys), VaultError> {
        let raw = self.open(permit, version, columns, Some(filter), BATCH_ROWS)?;
        narrow_batches(&self.unfinished(), &raw.schema(), raw)
    }
}

/// Encrypts batches into a file without a name, under fresh keys, for a job: of the vault's rows after a filter, or, in a
/// stand-alone run, of a person's own file.
///
/// # Errors
/// The batches' own error, and those of the file system.
pub fn narrow_batches<E>(
    dir: &Path,
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
) -> Result<(File, ColumnKeys), VaultError>
where
    VaultError: From<E>,
{
    let mut keys = ColumnKeys::new("job", SecretKey::random()?);
    for field in schema.fields() {
        keys.grant(field.name(), SecretKey::random()?);
    }
    let failed = |error| VaultError::file("cannot write a job's input in", dir, error);
    let file = unlinked_file(dir).map_err(failed)?;
    let reading = reopen_for_reading(&file).map_err(failed)?;
    let mut out = BufWriter::new(file);
    write(&mut out, schema, &keys, batches)?;
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)
        .map_err(failed)?;
    Ok((reading, keys))
}

/// A descriptor that cannot write: a job must not change what another reader of the same file sees.
fn reopen_for_reading(file: &File) -> io::Result<File> {
    use std::os::fd::AsRawFd;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(File::from(rustix::fs::open(
        path,
        OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )?))
}
