//! The one door to raw data: nothing is decrypted without a permit, and no column that was not granted.

use std::fs::File;
use std::io;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use policy::{Action, Permit, RowFilter};

use super::filter::{check, columns as filter_columns, filter_rows};
use super::{ColumnKeys, EncryptedTable, TableBatches, Vault, VaultError, VersionName};

/// The actions that raw data is opened for.
const OPENING_ACTIONS: [Action; 2] = [Action::SampleRequest, Action::JobSubmit];

impl Vault {
    /// Opens the granted columns of a version, in the order given, and only the rows for which the filter is true.
    ///
    /// Columns that only the filter needs are decrypted and dropped. An empty batch may come.
    ///
    /// # Errors
    /// [`VaultError::WrongPermit`] for a permit of another action or tenant, [`VaultError::VersionMissing`],
    /// [`VaultError::NoColumn`], and those of keys and file.
    pub fn open(
        &self,
        permit: &Permit,
        version: &VersionName,
        columns: &[&str],
        filter: Option<&RowFilter>,
        batch_rows: usize,
    ) -> Result<RawBatches, VaultError> {
        let mut needed = columns.to_vec();
        let more = filter.map(filter_columns).unwrap_or_default();
        needed.extend(more.into_iter().filter(|column| !columns.contains(column)));
        let (file, keys) = self.descriptor(permit, version, &needed)?;
        let table = EncryptedTable::read(file, &keys)?;
        if let Some(filter) = filter {
            check(&table.schema(), filter)?;
        }
        let batches = table.batches((0..table.row_groups()).collect(), &needed, batch_rows)?;
        let kept: Vec<usize> = (0..columns.len()).collect();
        let schema = Arc::new(
            batches
                .schema()
                .project(&kept)
                .map_err(|_| VaultError::Damaged)?,
        );
        Ok(RawBatches {
            batches,
            filter: filter.cloned(),
            kept,
            schema,
        })
    }

    /// The ciphertext of a version, opened for reading, and the keys of the granted columns: what a job is given.
    ///
    /// A data set that a row filter narrows goes through [`Vault::narrow`] instead.
    ///
    /// # Errors
    /// As for [`Vault::open`].
    pub fn descriptor(
        &self,
        permit: &Permit,
        version: &VersionName,
        columns: &[&str],
    ) -> Result<(File, ColumnKeys), VaultError> {
        check_permit(permit, version)?;
        let path = self.dir.join(version.file());
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => VaultError::VersionMissing {
                version: version.to_string(),
            },
            _ => VaultError::file("cannot open", &path, error),
        })?;
        let mut keys = ColumnKeys::new(&version.to_string(), self.keys.get(&version.footer_key())?);
        for column in columns {
            let key = self
                .keys
                .get(&version.column_key(column))
                .map_err(|error| match error {
                    crate::keys::KeyError::Missing { path }
                        if path == version.column_key(column).to_string() =>
                    {
                        VaultError::NoColumn {
                            column: (*column).to_owned(),
                        }
                    }
                    other => VaultError::Key(other),
                })?;
            keys.grant(column, key);
        }
        Ok((file, keys))
    }
}

fn check_permit(permit: &Permit, version: &VersionName) -> Result<(), VaultError> {
    let tenant = &permit.resource().tenant;
    if OPENING_ACTIONS.contains(&permit.action()) && *tenant == version.tenant {
        return Ok(());
    }
    let (action, tenant) = (permit.action().to_string(), tenant.to_string());
    Err(VaultError::WrongPermit {
        action,
        tenant,
        version: version.to_string(),
    })
}

/// Raw rows of granted columns: they go to `sampler` and `desensitize`, nowhere else.
pub struct RawBatches {
    batches: TableBatches,
    filter: Option<RowFilter>,
    /// The granted columns among those that are read.
    kept: Vec<usize>,
    schema: SchemaRef,
}

impl RawBatches {
    /// The granted columns in the order given.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn narrowed(&self, batch: &RecordBatch) -> Result<RecordBatch, VaultError> {
        let kept = match &self.filter {
            Some(filter) => &filter_rows(batch, filter)?,
            None => batch,
        };
        kept.project(&self.kept).map_err(|_| VaultError::Damaged)
    }
}

impl Iterator for RawBatches {
    type Item = Result<RecordBatch, VaultError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.batches.next()?.and_then(|batch| self.narrowed(&batch)))
    }
}
