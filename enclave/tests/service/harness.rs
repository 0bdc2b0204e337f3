//! A real service on a loopback port, in a home of its own, and what callers say to it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use enclave::client::v1;
use enclave::client::{Client, ClientError, Failure};
use enclave::config::{Config, Overrides};
use enclave::home::{Home, IdentityFiles, development_identities, init};
use enclave::pki::{Authority, Validity};
use enclave::service::{ServeError, Stopped, serve};
use lineage::statement::{StatementDecision, StatementKind};
use lineage::{
    Actor, Duty, NoteVerifier, SignedStatement, Statement, StatementKey, TrustEntry, TrustList,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::Status;

pub(crate) const TENANT: &str = "tenants/xj";
pub(crate) const SCENARIO: &str = "tenants/xj/scenarios/medical-spending";

/// How long a service that was just stopped may hold its log.
const REOPEN_TRIES: u32 = 100;

pub(crate) struct Service {
    directory: tempfile::TempDir,
    pub(crate) home: Home,
    url: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<Stopped, ServeError>>,
}

/// The example that becomes a worker, built beside the tests.
fn worker() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let worker = profile.join("examples/worker");
    assert!(
        worker.is_file(),
        "{} is missing: run `cargo build -p enclave --examples`",
        worker.display()
    );
    worker
}

impl Service {
    pub(crate) async fn start(limits: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let home = init(&directory.path().join("home"), "xj", SystemTime::now())
            .unwrap()
            .home;
        let text = format!("tenant = 'xj'\nlisten = '127.0.0.1:0'\n[limits]\n{limits}");
        std::fs::write(home.config(), text).unwrap();
        Self::serve(directory, home).await
    }

    async fn serve(directory: tempfile::TempDir, home: Home) -> Self {
        let mut last = String::new();
        for _ in 0..REOPEN_TRIES {
            let config = Config::load(&home.config(), &Overrides::default()).unwrap();
            let (stop, stopped) = oneshot::channel::<()>();
            let (tell, told) = oneshot::channel();
            let served = home.clone();
            let task = tokio::spawn(async move {
                let ready = |address| assert!(tell.send(address).is_ok());
                let stop = async { stopped.await.unwrap_or(()) };
                serve(&served, config, true, worker(), ready, stop).await
            });
            match told.await {
                Ok(address) => {
                    let url = format!("https://{address}");
                    return Self {
                        directory,
                        home,
                        url,
                        stop,
                        task,
                    };
                }
                Err(_) => {
                    let error = task.await.unwrap().unwrap_err();
                    assert!(matches!(error, ServeError::Open(_)), "{error}");
                    last = error.to_string();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        panic!("the log was not given free: {last}");
    }

    /// Stops in order and starts again on the same home.
    pub(crate) async fn restart(self) -> Self {
        let (directory, home) = self.stop().await;
        Self::serve(directory, home).await
    }

    pub(crate) async fn stop(self) -> (tempfile::TempDir, Home) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
        (self.directory, self.home)
    }

    pub(crate) async fn client(&self, duty: Duty) -> Client {
        self.connect(&self.home.client(duty)).await
    }

    pub(crate) async fn connect(&self, identity: &IdentityFiles) -> Client {
        Client::connect(identity, &self.url).await.unwrap()
    }

    /// A further identity under the home's own CA.
    pub(crate) fn identity(&self, actor: &str) -> IdentityFiles {
        let authority = Authority::load(&self.home.ca_certificate(), &self.home.ca_key()).unwrap();
        let validity = Validity::days(SystemTime::now(), 1).unwrap();
        let issued = authority
            .issue_client(&actor.parse().unwrap(), validity)
            .unwrap();
        let root = self.directory.path().join(actor.replace('/', "-"));
        std::fs::create_dir_all(&root).unwrap();
        let files = IdentityFiles::at(&root);
        std::fs::write(files.certificate(), &issued.certificate_pem).unwrap();
        std::fs::write(files.key(), issued.key_pem.as_bytes()).unwrap();
        std::fs::copy(self.home.ca_certificate(), files.ca()).unwrap();
        files
    }
}

/// A further person with a signing key that is enrolled, and that the regulator has come to trust.
pub(crate) struct Colleague {
    pub(crate) client: Client,
    pub(crate) key: StatementKey,
    pub(crate) organisation: String,
}

impl Service {
    /// A second person of a duty's development organisation.
    pub(crate) async fn colleague(&self, duty: Duty) -> Colleague {
        let first = development_identities()
            .into_iter()
            .find(|one| one.duty == duty);
        let first = first.unwrap();
        let organisation = first.organisation;
        self.person(&format!("karez://xj/{organisation}/{duty}/second"))
            .await
    }

    /// Any person, enrolled and trusted.
    pub(crate) async fn person(&self, actor: &str) -> Colleague {
        let identity = self.identity(actor);
        let key = StatementKey::generate().unwrap();
        key.save(&identity.signing_key()).unwrap();
        let client = self.connect(&identity).await;
        enrol(&client, &identity, "enrol").await.unwrap();
        let Ok(Actor::Person {
            tenant,
            organisation,
            duty,
            person,
        }) = actor.parse::<Actor>()
        else {
            panic!("{actor} is a person");
        };
        let mut trusted = trust(&self.home);
        let entry = TrustEntry {
            tenant,
            organisation: organisation.clone(),
            duty,
            person,
            public_key: key.public_key(),
        };
        trusted.add(entry).unwrap();
        std::fs::remove_file(self.home.trust()).unwrap();
        trusted.save(&self.home.trust()).unwrap();
        Colleague {
            client,
            key,
            organisation,
        }
    }
}

impl Colleague {
    /// The signed answer to a destruction, over exactly what is shown.
    pub(crate) fn answer(
        &self,
        destruction: &v1::Destruction,
        decision: StatementDecision,
    ) -> SignedStatement {
        let digest = destruction.request_digest.parse().unwrap();
        assert_eq!(lineage::Digest::of(&destruction.request), digest);
        let kind = StatementKind::KeyDestruction;
        let name = &destruction.name;
        let statement = Statement::second_person(kind, name, digest, decision, &self.organisation);
        self.key.sign(statement.unwrap()).unwrap()
    }

    /// Confirms a destruction.
    pub(crate) async fn confirm(
        &self,
        destruction: &v1::Destruction,
        request_id: &str,
    ) -> Result<v1::Destruction, Status> {
        let signed = self.answer(destruction, StatementDecision::Approve);
        let request = v1::ConfirmDestructionRequest {
            name: destruction.name.clone(),
            statement: Some(on_the_wire(&signed)),
            request_id: request_id.into(),
        };
        let answer = self.client.keys().confirm_destruction(request).await?;
        Ok(answer.into_inner().destruction.unwrap())
    }
}

/// Asks for the end of a key.
pub(crate) async fn ask_destruction(
    client: &Client,
    key: &str,
    request_id: &str,
) -> Result<v1::Destruction, Status> {
    let request = v1::RequestDestructionRequest {
        key: key.into(),
        reason: v1::KeyDestructionReason::Withdrawn.into(),
        request_id: request_id.into(),
    };
    let answer = client.keys().request_destruction(request).await?;
    Ok(answer.into_inner().destruction.unwrap())
}

pub(crate) fn log_key(home: &Home) -> NoteVerifier {
    let text = std::fs::read_to_string(home.log_vkey()).unwrap();
    text.trim().parse().unwrap()
}

pub(crate) fn trust(home: &Home) -> TrustList {
    TrustList::load(&home.trust()).unwrap()
}

pub(crate) fn fixture(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// The reason of a refused call, with the whole failure.
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, reason: &str) -> Failure {
    let failure = Failure::from(answer.unwrap_err());
    assert_eq!(failure.reason.as_deref(), Some(reason), "{failure:?}");
    assert!(failure.localized_message.is_some(), "{failure:?}");
    failure
}

/// As [`refused`], of the client's own functions.
pub(crate) fn not_given<T: std::fmt::Debug>(
    answer: Result<T, ClientError>,
    reason: &str,
) -> Failure {
    match answer.unwrap_err() {
        ClientError::Failed(failure) => {
            assert_eq!(failure.reason.as_deref(), Some(reason), "{failure:?}");
            *failure
        }
        other => panic!("{other}"),
    }
}

pub(crate) async fn register(
    client: &Client,
    table: &str,
    request_id: &str,
) -> Result<v1::RegisterDatasetResponse, ClientError> {
    let header = v1::RegisterDatasetHeader {
        parent: TENANT.into(),
        dataset_id: format!("ybj/{table}"),
        schema: fixture(&format!("schemas/{table}.yaml")),
        format: v1::DatasetFormat::Csv.into(),
        encoding: v1::TextEncoding::Auto.into(),
        separator: String::new(),
        request_id: request_id.into(),
        sheet: String::new(),
    };
    let file = fixture(&format!("data/{table}.csv"));
    client.register_dataset(header, file.as_bytes()).await
}

pub(crate) fn publication(request_id: &str) -> v1::PublishScenarioRequest {
    v1::PublishScenarioRequest {
        parent: TENANT.into(),
        scenario_id: "medical-spending".into(),
        policy: fixture("policies/medical.yaml"),
        request_id: request_id.into(),
    }
}

pub(crate) fn sample_request(request_id: &str) -> v1::RequestSampleRequest {
    v1::RequestSampleRequest {
        parent: SCENARIO.into(),
        request_id: request_id.into(),
    }
}

pub(crate) fn submission(logic: &str, product: &str, request_id: &str) -> v1::SubmitProductRequest {
    v1::SubmitProductRequest {
        parent: SCENARIO.into(),
        product_id: product.into(),
        sql: fixture(&format!("logic/{logic}.sql")),
        datasets: Vec::new(),
        request_id: request_id.into(),
    }
}

pub(crate) fn job_request(product_version: &str, request_id: &str) -> v1::SubmitJobRequest {
    v1::SubmitJobRequest {
        parent: SCENARIO.into(),
        product_version: product_version.into(),
        request_id: request_id.into(),
    }
}

/// Enrols a person's own key, as the person would.
pub(crate) async fn enrol(
    client: &Client,
    identity: &IdentityFiles,
    request_id: &str,
) -> Result<v1::EnrolKeyResponse, Status> {
    let key = StatementKey::load(&identity.signing_key()).unwrap();
    let request = v1::EnrolKeyRequest {
        parent: TENANT.into(),
        public_key: key.public_key().as_bytes().to_vec().into(),
        request_id: request_id.into(),
    };
    Ok(client.keys().enrol_key(request).await?.into_inner())
}

/// An approval of a product version, signed with a person's own key.
pub(crate) fn approval(
    identity: &IdentityFiles,
    organisation: &str,
    product: &v1::Product,
    request_id: &str,
) -> v1::ApproveProductRequest {
    let key = StatementKey::load(&identity.signing_key()).unwrap();
    let (name, _) = product.name.split_once("/versions/").unwrap();
    let digest = product.binding_digest.parse().unwrap();
    let statement = Statement::approve_product(name, product.version, digest, organisation);
    let signed = key.sign(statement.unwrap()).unwrap();
    v1::ApproveProductRequest {
        name: product.name.clone(),
        statement: Some(on_the_wire(&signed)),
        request_id: request_id.into(),
    }
}

pub(crate) fn on_the_wire(signed: &SignedStatement) -> v1::SignedStatement {
    use base64::Engine as _;
    let signature = base64::engine::general_purpose::STANDARD.decode(&signed.signature);
    v1::SignedStatement {
        statement: signed.statement.signed_bytes().unwrap().into(),
        signature: signature.unwrap().into(),
        public_key: signed.public_key.as_bytes().to_vec().into(),
    }
}

pub(crate) async fn watch_sample(client: &Client, name: &str) -> v1::Sample {
    let request = v1::WatchSampleRequest { name: name.into() };
    let mut answers = client
        .samples()
        .watch_sample(request)
        .await
        .unwrap()
        .into_inner();
    let mut last = None;
    while let Some(answer) = answers.message().await.unwrap() {
        last = answer.sample;
    }
    last.unwrap()
}

pub(crate) async fn watch_job(client: &Client, name: &str) -> v1::Job {
    let request = v1::WatchJobRequest { name: name.into() };
    let mut answers = client.jobs().watch_job(request).await.unwrap().into_inner();
    let mut last = None;
    while let Some(answer) = answers.message().await.unwrap() {
        last = answer.job;
    }
    last.unwrap()
}

/// A released file, fetched whole: a result as it is listed, a sample as the caller's own copy.
pub(crate) async fn fetched(client: &Client, resource: &str, file: &v1::File) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = client
        .fetch(resource, &file.name, &mut bytes)
        .await
        .unwrap();
    let sent = header.file.as_ref().unwrap();
    match resource.contains("/samples/") {
        true => assert_eq!(sent.name, file.name),
        false => assert_eq!(sent, file),
    }
    assert!(header.log_entry.is_some());
    bytes
}
