//! The service without network, and its five development persons doing what they do.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use enclave::config::{Config, Overrides};
use enclave::home::{self, DEVELOPMENT_TENANT, Home, development_identities};
use enclave::intake::Format;
use enclave::operations::{Call, Enclave, Failure, RegisterDataset};
use enclave::registry::{Job, JobState};
use lineage::event::VersionPin;
use lineage::{Actor, Duty, EventBody, Leaf, Statement, StatementKey};

use crate::binary;

/// The tenant's resource name.
pub(crate) const TENANT: &str = "tenants/xj";
/// The scenario of `fixtures/policies/medical.yaml`.
pub(crate) const SCENARIO: &str = "tenants/xj/scenarios/medical-spending";
/// How long a job or sample of these tests may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A service on a home.
pub(crate) struct Desk {
    pub(crate) home: Home,
    pub(crate) enclave: Enclave,
}

/// A file of the fixtures.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(name)
}

/// A text of the fixtures.
pub(crate) fn fixture_text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap()
}

/// The development person of a duty.
pub(crate) fn actor(duty: Duty) -> Actor {
    let found = development_identities()
        .into_iter()
        .find(|identity| identity.duty == duty);
    found.unwrap().actor(DEVELOPMENT_TENANT)
}

impl Desk {
    /// Opens the service on a home, which is made if it is missing.
    pub(crate) fn open(root: &Path) -> Self {
        let home = Home::open(root).unwrap_or_else(|_| {
            home::init(root, DEVELOPMENT_TENANT, SystemTime::now())
                .unwrap()
                .home
        });
        let config = Config::load(&home.config(), &Overrides::default()).unwrap();
        let enclave = Enclave::open(&home, config, binary::karez()).unwrap();
        Self { home, enclave }
    }

    /// A call of a person.
    pub(crate) fn call(duty: Duty, request_id: &str, content: &str) -> Call {
        Call::new(&actor(duty), request_id, content.as_bytes()).unwrap()
    }

    /// Registers a table.
    pub(crate) fn register(
        &self,
        request_id: &str,
        dataset: &str,
        schema: &str,
        file: &[u8],
        format: Format,
    ) -> Result<Leaf, Failure> {
        let call = Self::call(Duty::Provider, request_id, &format!("{dataset} {schema}"));
        let mut spool = self.enclave.spool()?;
        spool.write_all(file).unwrap();
        let request = RegisterDataset {
            parent: TENANT.to_owned(),
            dataset_id: dataset.to_owned(),
            schema: schema.to_owned(),
            format,
            file: spool.finish().unwrap(),
        };
        self.enclave.register_dataset(&call, request)
    }

    /// Registers both tables of the medical scenario and publishes it.
    pub(crate) fn medical(&self, persons: &[u8], claims: &[u8]) {
        let schema = |table: &str| fixture_text(&format!("schemas/{table}.yaml"));
        for (table, file) in [("persons", persons), ("claims", claims)] {
            let id = format!("ybj/{table}");
            self.register(
                &format!("register-{table}"),
                &id,
                &schema(table),
                file,
                Format::default(),
            )
            .unwrap();
        }
        self.publish(
            "publish",
            "medical-spending",
            &fixture_text("policies/medical.yaml"),
        )
        .unwrap();
    }

    /// Publishes a scenario.
    pub(crate) fn publish(
        &self,
        request_id: &str,
        scenario: &str,
        document: &str,
    ) -> Result<Leaf, Failure> {
        let call = Self::call(Duty::Institution, request_id, document);
        self.enclave
            .publish_scenario(&call, TENANT, scenario, document)
    }

    /// Enrols the statement keys of both reviewers.
    pub(crate) fn enrol_reviewers(&self) {
        for duty in [Duty::Institution, Duty::Provider] {
            let key = self.signing_key(duty).public_key();
            let call = Self::call(duty, &format!("enrol-{duty}"), &key.to_string());
            self.enclave.enrol_key(&call, TENANT, key).unwrap();
        }
    }

    /// The statement key that `init` gave a person.
    pub(crate) fn signing_key(&self, duty: Duty) -> StatementKey {
        StatementKey::load(&self.home.client(duty).signing_key()).unwrap()
    }

    /// Submits a query as a product.
    pub(crate) fn submit(&self, product: &str, sql: &str) -> Result<Leaf, Failure> {
        let call = Self::call(Duty::Operator, &format!("submit-{product}"), sql);
        let pins: Vec<_> = ["persons", "claims"]
            .map(|table| {
                (
                    format!("{TENANT}/datasets/ybj/{table}"),
                    VersionPin::Current,
                )
            })
            .into();
        self.enclave
            .submit_product(&call, SCENARIO, product, sql, &pins)
    }

    /// Both reviewers look at version 1 of a product and sign it.
    pub(crate) fn approve(&self, product: &str) {
        let name = format!("{SCENARIO}/products/{product}");
        let digest = self
            .enclave
            .product_version(&name, 1)
            .unwrap()
            .binding_digest;
        for duty in [Duty::Institution, Duty::Provider] {
            let organisation = actor(duty).organisation().unwrap().to_owned();
            let statement = Statement::approve_product(&name, 1, digest, &organisation).unwrap();
            let signed = self.signing_key(duty).sign(statement).unwrap();
            let call = Self::call(
                duty,
                &format!("approve-{product}-{duty}"),
                &signed.statement.nonce,
            );
            self.enclave
                .approve_product(&call, &name, 1, signed)
                .unwrap();
        }
    }

    /// Submits a job of version 1 of a product; its name.
    pub(crate) fn submit_job(&self, request_id: &str, product: &str) -> String {
        let name = format!("{SCENARIO}/products/{product}");
        let call = Self::call(Duty::Operator, request_id, &name);
        let leaf = self.enclave.submit_job(&call, SCENARIO, &name, 1).unwrap();
        match leaf.body {
            EventBody::JobSubmitted(body) => body.job,
            other => panic!("{other:?} answers a job's submission"),
        }
    }

    /// Waits until a job has ended.
    pub(crate) fn job_ended(&self, job: &str) -> Job {
        let ended = |job: &Job| !matches!(job.state, JobState::Queued | JobState::Running);
        self.until(|| {
            self.enclave
                .read(|registry| registry.job(job).cloned())
                .filter(ended)
        })
    }

    /// Waits until there is something.
    pub(crate) fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < deadline, "nothing within {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The bytes of a delivered file.
    pub(crate) fn fetched(&self, resource: &str, file: &str) -> Vec<u8> {
        self.enclave
            .fetch(&actor(Duty::Operator), resource, file)
            .unwrap()
            .bytes
    }
}
