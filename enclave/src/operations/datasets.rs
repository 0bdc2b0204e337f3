//! Data sets: a provider's file becomes an encrypted version, and the log says so.

use lineage::event::{DatasetRegistered, DatasetVersion};
use lineage::{Actor, Digest, Leaf};
use policy::{
    Action, Context, DatasetId, DatasetSchema, Decision, Kind, Lang, Organisation, authorise,
};

use super::access::Admitted;
use super::call::principal;
use super::{Call, Enclave, Failure, Reason, locked};
use crate::intake::{Format, Intake, IntakeError, Source, Spool, Spooled};
use crate::registry::Dataset;
use crate::vault::{VaultError, VersionName};

/// A data set to be registered, or a further version of it.
pub struct RegisterDataset {
    /// `tenants/{t}`.
    pub parent: String,
    /// `owner/table`.
    pub dataset_id: String,
    /// The provider's schema file.
    pub schema: String,
    /// How the file is written.
    pub format: Format,
    /// The file, spooled.
    pub file: Spooled,
}

impl Enclave {
    /// An empty spool for an upload; nothing of it reaches the disk in clear.
    ///
    /// # Errors
    /// When the spool's file or key cannot be made.
    pub fn spool(&self) -> Result<Spool, Failure> {
        let salt = self.shared.keys.source_salt(&self.shared.tenant)?;
        Spool::create(&self.shared.tmp, &salt).map_err(|error| unreadable(&error))
    }

    /// Whether a person may register a data set, asked before anything is uploaded; only a denial is logged, since the
    /// registration itself is decided again.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`].
    pub fn may_register(
        &self,
        actor: &Actor,
        parent: &str,
        dataset_id: &str,
    ) -> Result<(), Failure> {
        let name = format!("{parent}/datasets/{dataset_id}");
        let resource = self
            .resource(Kind::Dataset, &name)?
            .with_owner(self.owner_of(&name));
        let context = Context {
            mutual_tls: true,
            within_term: true,
        };
        let action = Action::DatasetRegister;
        match authorise(&principal(actor)?, action, &resource, &context) {
            Decision::Permit(_) => Ok(()),
            Decision::Denied(_) => self
                .permit_reading(actor, action, &resource, true)
                .map(|_| ()),
        }
    }

    /// Takes in a file as the next version of a data set.
    ///
    /// # Errors
    /// [`Reason::DocumentInvalid`] for the schema, [`Reason::FileInvalid`] naming column and record for the file,
    /// [`Reason::AccessDenied`] for a name space of another organisation.
    pub fn register_dataset(&self, call: &Call, request: RegisterDataset) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let name = format!("{}/datasets/{}", request.parent, request.dataset_id);
        let version = {
            let admission = self.admission();
            let resource = self
                .resource(Kind::Dataset, &name)?
                .with_owner(self.owner_of(&name));
            match self.admit(&admission, call, Action::DatasetRegister, &resource, true)? {
                Admitted::Before(leaf) => return Ok(*leaf),
                Admitted::Now(_) => self.reserve(&name),
            }
        };
        let schema = parse_schema(&request)?;
        let version = VersionName::new(
            self.shared.tenant.clone(),
            schema.dataset().clone(),
            version,
        );
        let body = self.take_in(call, &name, &version, &schema, request)?;
        let admission = self.admission();
        let read = [DatasetVersion::whole(name, version.version)];
        self.keys_are_there(None, &read)?;
        self.answer(&admission, call, body)
    }

    fn take_in(
        &self,
        call: &Call,
        name: &str,
        version: &VersionName,
        schema: &DatasetSchema,
        request: RegisterDataset,
    ) -> Result<DatasetRegistered, Failure> {
        let units = self.shared.keys.units(&self.shared.tenant)?;
        let source_digest = request.file.digest();
        let without_encoding = match request.format {
            Format::Spreadsheet { .. } => "xlsx",
            Format::Csv { .. } | Format::Parquet => "parquet",
        };
        let intake = Intake::open(Source::spool(request.file), request.format, schema, &units);
        let intake = intake.map_err(|error| unreadable(&error))?;
        let encoding = intake
            .encoding()
            .map_or_else(|| without_encoding.to_owned(), |found| found.to_string());
        let separator = intake.separator().map(String::from);
        let (tally, arrow) = (intake.tally(), intake.schema());
        let stored =
            self.shared
                .vault
                .store(version, &arrow, intake)
                .map_err(|error| match error {
                    VaultError::Intake(error) => unreadable(&error),
                    error => error.into(),
                })?;
        Ok(DatasetRegistered {
            dataset: name.to_owned(),
            version: version.version,
            provider: call.principal.organisation().to_string(),
            document_digest: self.shared.blobs.put(schema.text().as_bytes())?,
            schema_digest: Digest::of(schema.canonical_json().as_bytes()),
            labels_digest: Digest::of(schema.labels_json().as_bytes()),
            rows: stored.rows,
            encoding,
            separator,
            source_digest,
            ciphertext_digest: stored.ciphertext_digest,
            rejected_cells: tally.progress().rejected_cells,
        })
    }

    /// The organisation that the name space `tenants/{t}/datasets/{owner}/` belongs to: who registered in it first.
    fn owner_of(&self, name: &str) -> Option<Organisation> {
        let space = name.rsplit_once('/').map_or(name, |(space, _)| space);
        self.read(|registry| {
            let inside = |dataset: &&Dataset| {
                dataset
                    .name
                    .rsplit_once('/')
                    .is_some_and(|(other, _)| other == space)
            };
            registry
                .datasets()
                .find(inside)
                .and_then(|dataset| dataset.provider.parse().ok())
        })
    }

    /// The next version number, which no other upload gets even if this one fails.
    fn reserve(&self, name: &str) -> u64 {
        let known = self.read(|registry| {
            registry
                .dataset(name)
                .and_then(|dataset| dataset.current())
                .map_or(0, |current| current.version)
        });
        let mut reserved = locked(&self.shared.reserved);
        let last = reserved.entry(name.to_owned()).or_insert(0);
        *last = known.max(*last) + 1;
        *last
    }
}

fn parse_schema(request: &RegisterDataset) -> Result<DatasetSchema, Failure> {
    let id: DatasetId = request
        .dataset_id
        .parse()
        .map_err(|error: policy::name::NameError| {
            Failure::new(
                Reason::FieldInvalid,
                error.to_string(),
                error.message(Lang::Zh),
            )
        })?;
    let schema = DatasetSchema::parse("schema.yaml", &request.schema).map_err(|faults| {
        Failure::new(
            Reason::DocumentInvalid,
            faults.message(Lang::En),
            faults.message(Lang::Zh),
        )
    })?;
    if *schema.dataset() == id {
        return Ok(schema);
    }
    Err(Failure::new(
        Reason::DocumentInvalid,
        format!(
            "the schema is for `{}`; register it under that id",
            schema.dataset()
        ),
        format!("该模式文件属于 `{}`，请以该编号登记", schema.dataset()),
    ))
}

/// Names column, record and line, never a value.
fn unreadable(error: &IntakeError) -> Failure {
    Failure::new(
        Reason::FileInvalid,
        error.to_string(),
        format!("上传文件无法读取：{error}"),
    )
}
