//! Data sets and their versions.

use lineage::digest::Digest;
use lineage::event::DatasetRegistered;

/// A registered data set.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// `tenants/{t}/datasets/{owner}/{table}`.
    pub name: String,
    /// The organisation that registered it first and clears every product over it.
    pub provider: String,
    /// Its versions, oldest first; never empty once folded.
    pub revisions: Vec<DatasetRevision>,
}

/// One version of a data set.
#[derive(Debug, Clone)]
pub struct DatasetRevision {
    /// The log entry that registered it.
    pub seq: u64,
    /// The version, counted by the log from 1.
    pub version: u64,
    /// The digest of the schema file, under which its text stands in the blob store.
    pub document_digest: Digest,
    /// The digest of the schema with its types.
    pub schema_digest: Digest,
    /// The digest of the labels.
    pub labels_digest: Digest,
    /// How many rows it holds.
    pub rows: u64,
    /// The encoding that was found or given.
    pub encoding: String,
    /// The field separator, for separated text.
    pub separator: Option<String>,
    /// How many cells were refused at intake.
    pub rejected_cells: u64,
}

impl Dataset {
    pub(super) fn new(body: &DatasetRegistered) -> Self {
        Self {
            name: body.dataset.clone(),
            provider: body.provider.clone(),
            revisions: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, seq: u64, body: &DatasetRegistered) {
        self.revisions.push(DatasetRevision {
            seq,
            version: body.version,
            document_digest: body.document_digest,
            schema_digest: body.schema_digest,
            labels_digest: body.labels_digest,
            encoding: body.encoding.clone(),
            separator: body.separator.clone(),
            rejected_cells: body.rejected_cells,
            rows: body.rows,
        });
    }

    /// The newest version.
    #[must_use]
    pub fn current(&self) -> Option<&DatasetRevision> {
        self.revisions.last()
    }

    /// A version by its number.
    #[must_use]
    pub fn revision(&self, version: u64) -> Option<&DatasetRevision> {
        self.revisions
            .iter()
            .find(|revision| revision.version == version)
    }
}
