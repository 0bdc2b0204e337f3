//! A real server on a loopback port, real certificates, real calls.

use super::*;
use crate::client::{Client, ClientError, Failure};
use crate::config::{Config, Overrides};
use crate::home::{Home, IdentityFiles, init};
use crate::pki::{Authority, Issued, Validity};
use karez_proto::v1::key_service_server::{KeyService, KeyServiceServer};
use karez_proto::v1::{self, EnrolKeyRequest, EnrolKeyResponse};
use lineage::Duty;
use rcgen::{ExtendedKeyUsagePurpose, SanType};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1 as reflection;

/// A family that tells who called; with a slow key it waits until it is let go.
#[derive(Clone, Default)]
struct WhoCalls {
    entered: Arc<Notify>,
    go: Arc<Notify>,
}

/// The key that makes [`WhoCalls`] wait.
const SLOW: &[u8] = b"slow";

#[tonic::async_trait]
impl KeyService for WhoCalls {
    async fn enrol_key(
        &self,
        request: Request<EnrolKeyRequest>,
    ) -> Result<Response<EnrolKeyResponse>, Status> {
        let actor = principal(&request)?.actor().to_string();
        if request.get_ref().public_key.as_ref() == SLOW {
            self.entered.notify_one();
            self.go.notified().await;
        }
        Ok(Response::new(EnrolKeyResponse {
            actor,
            log_entry: None,
        }))
    }

    async fn request_destruction(
        &self,
        _: Request<v1::RequestDestructionRequest>,
    ) -> Result<Response<v1::RequestDestructionResponse>, Status> {
        Err(nobody_asks())
    }

    async fn get_destruction(
        &self,
        _: Request<v1::GetDestructionRequest>,
    ) -> Result<Response<v1::GetDestructionResponse>, Status> {
        Err(nobody_asks())
    }

    async fn confirm_destruction(
        &self,
        _: Request<v1::ConfirmDestructionRequest>,
    ) -> Result<Response<v1::ConfirmDestructionResponse>, Status> {
        Err(nobody_asks())
    }

    async fn reject_destruction(
        &self,
        _: Request<v1::RejectDestructionRequest>,
    ) -> Result<Response<v1::RejectDestructionResponse>, Status> {
        Err(nobody_asks())
    }
}

fn nobody_asks() -> Status {
    Status::unimplemented("nobody asks the stand-in for it")
}

struct Running {
    directory: tempfile::TempDir,
    home: Home,
    address: SocketAddr,
    who: WhoCalls,
    health: Health,
    finished: Arc<AtomicBool>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<Stopped, StartError>>,
}

impl Running {
    async fn start() -> Self {
        Self::start_with("").await
    }

    async fn start_with(limits: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("home");
        let home = init(&root, "xj", SystemTime::now()).unwrap().home;
        let config = config(&home, "127.0.0.1:0", limits);
        let server = Server::bind(&home, &config, true).await.unwrap();
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, health) = oneshot::channel();
        let who = WhoCalls::default();
        let families = Families::default().with(KeyServiceServer::new(who.clone()));
        let finished = Arc::new(AtomicBool::new(false));
        let finish = Arc::clone(&finished);
        let task = tokio::spawn(server.run(
            families,
            |health| assert!(tell.send(health).is_ok()),
            async { stopped.await.unwrap_or(()) },
            async move { finish.store(true, Ordering::SeqCst) },
        ));
        let health = health.await.unwrap();
        Self {
            directory,
            home,
            address,
            who,
            health,
            finished,
            stop,
            task,
        }
    }

    fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    async fn connect(&self, duty: Duty) -> Client {
        let identity = self.home.client(duty);
        Client::connect(&identity, &self.url()).await.unwrap()
    }

    /// A raw channel, without the client's own checks.
    async fn channel(&self) -> Channel {
        let files = self.home.client(Duty::Operator);
        let read = |path| fs::read_to_string(path).unwrap();
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(read(files.ca())))
            .identity(Identity::from_pem(
                read(files.certificate()),
                read(files.key()),
            ));
        let endpoint = Endpoint::from_shared(self.url()).unwrap();
        endpoint.tls_config(tls).unwrap().connect().await.unwrap()
    }

    fn authority(&self) -> Authority {
        Authority::load(&self.home.ca_certificate(), &self.home.ca_key()).unwrap()
    }

    /// An identity with this certificate, trusting this server.
    fn identity(&self, issued: &Issued) -> IdentityFiles {
        let root = self.directory.path().join("identity");
        fs::create_dir_all(&root).unwrap();
        let files = IdentityFiles::at(&root);
        fs::write(files.certificate(), &issued.certificate_pem).unwrap();
        fs::write(files.key(), issued.key_pem.as_bytes()).unwrap();
        fs::copy(self.home.ca_certificate(), files.ca()).unwrap();
        files
    }
}

fn config(home: &Home, listen: &str, limits: &str) -> Config {
    let path = home.root().join("test.toml");
    fs::write(
        &path,
        format!("tenant = 'xj'\nlisten = '{listen}'\n[limits]\n{limits}"),
    )
    .unwrap();
    Config::load(&path, &Overrides::default()).unwrap()
}

fn enrol(key: &'static [u8]) -> EnrolKeyRequest {
    EnrolKeyRequest {
        parent: "tenants/xj".into(),
        public_key: key.into(),
        request_id: "r1".into(),
    }
}

fn developer() -> lineage::Actor {
    "karez://xj/devco/developer/devco-02".parse().unwrap()
}

async fn status_of(channel: Channel, service: &str) -> ServingStatus {
    let service = service.to_owned();
    let answer = HealthClient::new(channel)
        .check(HealthCheckRequest { service })
        .await;
    answer.unwrap().into_inner().status()
}

#[tokio::test]
async fn the_caller_is_who_the_certificate_says() {
    let running = Running::start().await;
    for identity in crate::home::development_identities() {
        let client = running.connect(identity.duty).await;
        let answer = client.keys().enrol_key(enrol(b"k")).await.unwrap();
        assert_eq!(answer.into_inner().actor, identity.actor("xj").to_string());
    }
}

#[tokio::test]
async fn a_family_that_is_not_built_is_unimplemented() {
    let running = Running::start().await;
    let client = running.connect(Duty::Operator).await;
    let status = client.jobs().get_job(v1::GetJobRequest::default()).await;
    assert_eq!(status.unwrap_err().code(), Code::Unimplemented);
}

#[tokio::test]
async fn an_own_call_needs_a_deadline() {
    let running = Running::start().await;
    let mut keys = v1::key_service_client::KeyServiceClient::new(running.channel().await);
    let failure = Failure::from(keys.enrol_key(enrol(b"k")).await.unwrap_err());
    assert_eq!(failure.reason.as_deref(), Some("DEADLINE_REQUIRED"));
    let mut request = Request::new(enrol(b"k"));
    request.set_timeout(Duration::from_secs(5));
    keys.enrol_key(request).await.unwrap();
}

#[tokio::test]
async fn a_call_ends_with_the_longest_admitted_time() {
    let running = Running::start_with("call_seconds_max = 1").await;
    let client = running.connect(Duty::Operator).await;
    let status = client.keys().enrol_key(enrol(SLOW)).await.unwrap_err();
    assert_eq!(
        Failure::from(status).reason.as_deref(),
        Some("DEADLINE_EXCEEDED")
    );
}

#[tokio::test]
async fn a_stream_ends_with_the_longest_admitted_time() {
    let running = Running::start_with("call_seconds_max = 1").await;
    let mut health = HealthClient::new(running.channel().await);
    let stream = health.watch(HealthCheckRequest::default()).await.unwrap();
    let mut stream = stream.into_inner();
    assert!(stream.message().await.unwrap().is_some());
    let status = stream.message().await.unwrap_err();
    assert_eq!(
        Failure::from(status).reason.as_deref(),
        Some("DEADLINE_EXCEEDED")
    );
}

#[tokio::test]
async fn more_calls_than_places_are_told_to_come_back() {
    let running = Running::start_with("calls_max = 1").await;
    let client = running.connect(Duty::Operator).await;
    let slow = client.clone();
    let first = tokio::spawn(async move { slow.keys().enrol_key(enrol(SLOW)).await });
    running.who.entered.notified().await;
    let status = client.keys().enrol_key(enrol(b"k")).await.unwrap_err();
    let failure = Failure::from(status);
    assert_eq!(failure.reason.as_deref(), Some("TOO_MANY_CALLS"));
    assert!(failure.retry_after.is_some());
    assert_eq!(failure.violations, ["calls: limits.calls_max is 1"]);
    running.who.go.notify_one();
    first.await.unwrap().unwrap();
    client.keys().enrol_key(enrol(b"k")).await.unwrap();
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused() {
    let running = Running::start().await;
    let client = running.connect(Duty::Operator).await;
    let mut big = enrol(b"k");
    big.parent = "x".repeat(5 * 1024 * 1024);
    let status = client.keys().enrol_key(big).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
}

#[tokio::test]
async fn health_is_told_per_family() {
    let running = Running::start().await;
    let channel = running.channel().await;
    for name in ["", "karez.v1.KeyService"] {
        assert_eq!(
            status_of(channel.clone(), name).await,
            ServingStatus::Serving
        );
    }
    running.health.set_all(false).await;
    for name in ["", "karez.v1.KeyService"] {
        assert_eq!(
            status_of(channel.clone(), name).await,
            ServingStatus::NotServing
        );
    }
}

#[tokio::test]
async fn reflection_tells_the_package() {
    use reflection::server_reflection_request::MessageRequest;
    use reflection::server_reflection_response::MessageResponse;
    let running = Running::start().await;
    let mut client =
        reflection::server_reflection_client::ServerReflectionClient::new(running.channel().await);
    let ask = reflection::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let answers = client
        .server_reflection_info(tokio_stream::once(ask))
        .await
        .unwrap();
    let first = answers.into_inner().message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = first.message_response else {
        panic!("no list of services");
    };
    let names: Vec<_> = list.service.into_iter().map(|one| one.name).collect();
    assert!(
        names.contains(&"karez.v1.DatasetService".to_owned()),
        "{names:?}"
    );
    assert!(
        names.contains(&"grpc.health.v1.Health".to_owned()),
        "{names:?}"
    );
}

#[tokio::test]
async fn no_certificate_no_answer() {
    let running = Running::start().await;
    let ca = fs::read_to_string(running.home.ca_certificate()).unwrap();
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca));
    let endpoint = Endpoint::from_shared(running.url()).unwrap();
    let connected = endpoint.tls_config(tls).unwrap().connect().await;
    let answered = match connected {
        Ok(channel) => HealthClient::new(channel)
            .check(HealthCheckRequest::default())
            .await
            .is_ok(),
        Err(_) => false,
    };
    assert!(!answered);
    let plain = Endpoint::from_shared(running.url().replace("https", "http")).unwrap();
    let answered = match plain.connect().await {
        Ok(channel) => HealthClient::new(channel)
            .check(HealthCheckRequest::default())
            .await
            .is_ok(),
        Err(_) => false,
    };
    assert!(!answered);
}

/// What the server itself answers to a certificate, the client's own checks left out.
async fn refused(running: &Running, issued: &Issued) -> ClientError {
    let files = running.identity(issued);
    Client::connect_unchecked(&files, &running.url())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn an_expired_certificate_is_refused_by_both_sides() {
    let running = Running::start().await;
    let ended = Validity::ended(SystemTime::now());
    let issued = running
        .authority()
        .issue_client(&developer(), ended)
        .unwrap();
    let error = refused(&running, &issued).await;
    assert!(matches!(error, ClientError::Refused { .. }), "{error}");
    assert!(error.to_string().ends_with("it has expired"), "{error}");
    let files = running.identity(&issued);
    let error = Client::connect(&files, &running.url()).await.unwrap_err();
    assert!(matches!(error, ClientError::Expired { .. }), "{error}");
    assert!(error.to_string().contains("karez cert issue"), "{error}");
}

#[tokio::test]
async fn a_certificate_of_another_ca_is_refused() {
    let running = Running::start().await;
    let validity = Validity::days(SystemTime::now(), 1).unwrap();
    for tenant in ["xj", "yj"] {
        let other = Authority::generate(tenant, validity).unwrap();
        let issued = other.issue_client(&developer(), validity).unwrap();
        let error = refused(&running, &issued).await;
        assert!(matches!(error, ClientError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("another CA"), "{error}");
    }
}

#[tokio::test]
async fn a_server_certificate_is_no_client_certificate() {
    let running = Running::start().await;
    let validity = Validity::days(SystemTime::now(), 1).unwrap();
    let issued = running.authority().issue_server("xj", validity).unwrap();
    let error = refused(&running, &issued).await;
    assert!(matches!(error, ClientError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_certificate_without_an_actor_is_unauthenticated() {
    let running = Running::start().await;
    let validity = Validity::days(SystemTime::now(), 1).unwrap();
    let uri = |text: &str| SanType::URI(text.try_into().unwrap());
    let one = "karez://xj/ybj/provider/p1";
    for (sans, expect) in [
        (vec![], "has no SAN URI"),
        (vec![uri("karez://xj/ybj/chief/p1")], "not a duty"),
        (vec![uri(one), uri(one)], "has 2 SAN URIs"),
    ] {
        let purpose = ExtendedKeyUsagePurpose::ClientAuth;
        let mut subject = rcgen::DistinguishedName::new();
        subject.push(rcgen::DnType::CommonName, "nobody");
        let issued = running
            .authority()
            .issue(subject, sans, purpose, validity)
            .unwrap();
        let ClientError::Failed(failure) = refused(&running, &issued).await else {
            panic!("expected an answer");
        };
        assert_eq!(failure.code, Code::Unauthenticated);
        assert_eq!(failure.reason.as_deref(), Some("CERTIFICATE_NOT_USABLE"));
        assert!(failure.message.contains(expect), "{failure}");
    }
}

#[tokio::test]
async fn the_client_names_what_stands_in_the_way() {
    let running = Running::start().await;
    let identity = running.home.client(Duty::Operator);
    let check = async |identity: &IdentityFiles, server: &str, expect: &str| {
        let error = Client::connect(identity, server)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(expect), "{error}");
    };
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    check(
        &identity,
        &format!("https://{free}"),
        "start one with: karez serve",
    )
    .await;
    check(
        &identity,
        "http://127.0.0.1:1",
        "expected https://HOST:PORT",
    )
    .await;
    check(&identity, "https://", "expected https://HOST:PORT").await;
    let nowhere = IdentityFiles::at(Path::new("/nonexistent"));
    check(&nowhere, &running.url(), "/nonexistent/cert.pem").await;
    let other = running.directory.path().join("other");
    let other = init(&other, "xj", SystemTime::now()).unwrap().home;
    check(&other.client(Duty::Operator), &running.url(), "another CA").await;
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_fix() {
    let running = Running::start().await;
    let config = config(&running.home, &running.address.to_string(), "");
    let error = Server::bind(&running.home, &config, true)
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::InUse { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains(&running.address.to_string()), "{text}");
    assert!(text.contains("--listen"), "{text}");
}

#[tokio::test]
async fn a_development_ca_needs_a_word_and_an_expired_one_is_refused() {
    let running = Running::start().await;
    let config = config(&running.home, "127.0.0.1:0", "");
    let error = Server::bind(&running.home, &config, false)
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::DevelopmentCa { .. }), "{error}");
    let ended = Validity::ended(SystemTime::now());
    let server = running.authority().issue_server("xj", ended).unwrap();
    fs::write(running.home.server_certificate(), &server.certificate_pem).unwrap();
    let error = Server::bind(&running.home, &config, true)
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::NotValidNow { .. }), "{error}");
}

#[tokio::test]
async fn a_stop_lets_running_calls_finish() {
    let running = Running::start().await;
    let client = running.connect(Duty::Operator).await;
    let slow = client.clone();
    let first = tokio::spawn(async move { slow.keys().enrol_key(enrol(SLOW)).await });
    running.who.entered.notified().await;
    running.stop.send(()).unwrap();
    while std::net::TcpStream::connect(running.address).is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!running.finished.load(Ordering::SeqCst));
    running.who.go.notify_one();
    first.await.unwrap().unwrap();
    drop(client);
    let stopped = running.task.await.unwrap().unwrap();
    assert!(stopped.drained);
    assert!(running.finished.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_stop_cuts_off_what_does_not_finish() {
    let running = Running::start_with("drain_seconds_max = 1").await;
    let client = running.connect(Duty::Operator).await;
    let slow = tokio::spawn(async move { client.keys().enrol_key(enrol(SLOW)).await });
    running.who.entered.notified().await;
    running.stop.send(()).unwrap();
    let stopped = running.task.await.unwrap().unwrap();
    assert!(!stopped.drained);
    assert!(running.finished.load(Ordering::SeqCst));
    let failure = Failure::from(slow.await.unwrap().unwrap_err());
    assert_eq!(failure.reason.as_deref(), Some("STOPPING"));
}
