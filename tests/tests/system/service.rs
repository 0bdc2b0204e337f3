//! The real server as a process of its own, and its five persons at the command line.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::binary::{self, Ran};
use crate::desk::{fixture, fixture_text};

/// How long a server may take to end in order.
const STOP_TIME: Duration = Duration::from_secs(60);

/// A home, the records of everything that was said about it, and the server if it runs.
pub(crate) struct Service {
    home: PathBuf,
    work: PathBuf,
    running: Option<(Child, String)>,
    told: AtomicUsize,
}

impl Service {
    /// A fresh home in a directory; no server yet.
    pub(crate) fn new(work: &Path) -> Self {
        let service = Self {
            home: work.join("home"),
            work: work.to_owned(),
            running: None,
            told: AtomicUsize::new(0),
        };
        for place in ["stdout", "stderr", "spans", "status"] {
            fs::create_dir(service.records(place)).unwrap();
        }
        let home = service.home.display().to_string();
        let made = service.recorded(binary::run(&binary::karez(), ["init", "--home", &home]));
        assert_eq!(made.code, Some(0), "{made:?}");
        service
    }

    /// Where what was said is kept: `stdout`, `stderr`, `spans`, `status`.
    pub(crate) fn records(&self, place: &str) -> PathBuf {
        self.work.join(place)
    }

    /// The home.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// The server's address.
    pub(crate) fn address(&self) -> &str {
        &self.running.as_ref().expect("the server runs").1
    }

    /// Starts the server on any free port and waits until it answers. Everything it can log is logged.
    pub(crate) fn start(&mut self) {
        let spans = self.records("spans").join("server");
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&spans)
            .unwrap();
        let mut child = Command::new(binary::karez())
            .args([
                "serve",
                "--dev",
                "--listen",
                "127.0.0.1:0",
                "--output",
                "json",
                "--home",
            ])
            .arg(&self.home)
            .env("KAREZ_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let Ok(told) = serde_json::from_str::<Value>(&line) else {
            let ended = child.wait().unwrap();
            panic!("the server ended with {ended}: {}", tail(&spans));
        };
        self.running = Some((child, told["server"].as_str().unwrap().to_owned()));
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        let (mut child, _) = self.running.take().expect("the server runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM; the server ends in order.
    pub(crate) fn stop(&mut self) {
        let (mut child, _) = self.running.take().expect("the server runs");
        rustix::process::kill_process(
            rustix::process::Pid::from_child(&child),
            rustix::process::Signal::TERM,
        )
        .unwrap();
        let deadline = Instant::now() + STOP_TIME;
        let ended = loop {
            if let Some(ended) = child.try_wait().unwrap() {
                break ended;
            }
            assert!(Instant::now() < deadline, "the server does not stop");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(
            ended.success(),
            "{ended}: {}",
            tail(&self.records("spans").join("server"))
        );
    }

    /// A client command as a person: a duty for the home's own, else the directory of an identity.
    pub(crate) fn run(&self, who: &str, line: &str) -> Ran {
        self.recorded(binary::run(&binary::karez(), self.arguments(who, line)))
    }

    /// A further person with a certificate of the home; gives the identity's directory.
    pub(crate) fn person(&self, organisation: &str, duty: &str, person: &str) -> String {
        let out = self.work.join(format!("{organisation}-{duty}-{person}"));
        let (out, home) = (out.display().to_string(), self.home.display().to_string());
        let issue = [
            "cert",
            "issue",
            "--organisation",
            organisation,
            "--duty",
            duty,
        ];
        let rest = ["--person", person, "--out", &out, "--home", &home];
        let made = self.recorded(binary::run(&binary::karez(), issue.iter().chain(&rest)));
        assert_eq!(made.code, Some(0), "{made:?}");
        out
    }

    /// Gives a person a key to sign with: made, enrolled, and put on the regulator's list.
    pub(crate) fn trusted(&self, identity: &str) {
        let new = ["key", "new", "--output", "json", "--identity", identity];
        let made = self.recorded(binary::run(&binary::karez(), new));
        assert_eq!(made.code, Some(0), "{made:?}");
        let made: Value = serde_json::from_str(&made.stdout).unwrap();
        self.done(identity, "key enrol");
        let list = self.home.join("trust.json");
        let mut trusted: Value = serde_json::from_slice(&fs::read(&list).unwrap()).unwrap();
        let entries = match &mut trusted {
            Value::Array(entries) => entries,
            other => other["entries"].as_array_mut().unwrap(),
        };
        entries.push(made["trust_entry"].clone());
        fs::write(&list, trusted.to_string()).unwrap();
    }

    /// A client command as a process, for calls that are cut off.
    pub(crate) fn spawn(&self, duty: &str, line: &str) -> Child {
        Command::new(binary::karez())
            .args(self.arguments(duty, line))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn arguments(&self, who: &str, line: &str) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        for option in [
            if who.contains('/') {
                "--identity"
            } else {
                "--as"
            },
            who,
            "--server",
            self.address(),
            "--output",
            "json",
            "--home",
        ] {
            arguments.push(option.into());
        }
        arguments.push(self.home.clone().into());
        arguments
    }

    /// A client command that must succeed; its JSON.
    pub(crate) fn done(&self, duty: &str, line: &str) -> Value {
        let ran = self.run(duty, line);
        assert_eq!(ran.code, Some(0), "{line}: {}\n{}", ran.stderr, ran.stdout);
        serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{line}: {error} in {}", ran.stdout))
    }

    /// A client command that must be refused; its error.
    pub(crate) fn refused(&self, duty: &str, line: &str) -> Ran {
        let ran = self.run(duty, line);
        assert_eq!(ran.code, Some(1), "{line}: {}\n{}", ran.stderr, ran.stdout);
        ran
    }

    /// Keeps what was said, to be searched.
    pub(crate) fn recorded(&self, ran: Ran) -> Ran {
        let number = self.told.fetch_add(1, Ordering::Relaxed);
        for (place, said) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
            fs::write(self.records(place).join(number.to_string()), said).unwrap();
        }
        ran
    }

    /// Keeps a raw status of a call, with its details as they came.
    pub(crate) fn record_status(&self, status: &tonic::Status) {
        let number = self.told.fetch_add(1, Ordering::Relaxed);
        let mut file = File::create(self.records("status").join(number.to_string())).unwrap();
        write!(file, "{status:?}\n{}\n", status.message()).unwrap();
        file.write_all(status.details()).unwrap();
    }

    /// Puts a file beside the home and gives its path.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> String {
        let given = self.work.join("given");
        fs::create_dir_all(&given).unwrap();
        fs::write(given.join(name), bytes).unwrap();
        given.join(name).display().to_string()
    }

    /// Registers both tables of the medical scenario, publishes it and enrols both reviewers.
    pub(crate) fn medical(&self, persons: &[u8], claims: &[u8]) {
        for (table, bytes) in [("persons", persons), ("claims", claims)] {
            let file = self.file(&format!("{table}.csv"), bytes);
            let schema = fixture(&format!("schemas/{table}.yaml"))
                .display()
                .to_string();
            self.done(
                "provider",
                &format!("dataset register ybj/{table} --file {file} --schema {schema}"),
            );
        }
        let policy = fixture("policies/medical.yaml").display().to_string();
        self.done(
            "institution",
            &format!("scenario publish medical-spending --policy {policy}"),
        );
        for duty in ["institution", "provider"] {
            self.done(duty, "key enrol");
        }
    }

    /// Submits a query and has it approved by both reviewers.
    pub(crate) fn approved(&self, product: &str, sql: &str) {
        let sql = self.file(&format!("{product}.sql"), sql.as_bytes());
        self.done(
            "operator",
            &format!("product submit medical-spending/{product} --sql {sql}"),
        );
        for duty in ["institution", "provider"] {
            self.done(
                duty,
                &format!("product approve medical-spending/{product}@1 --yes"),
            );
        }
    }

    /// The query of the demo.
    pub(crate) fn spend_sql() -> String {
        fixture_text("logic/spend_by_prefecture.sql")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The end of a file, for a message.
fn tail(path: &Path) -> String {
    let mut text = Vec::new();
    File::open(path).unwrap().read_to_end(&mut text).unwrap();
    String::from_utf8_lossy(&text[text.len().saturating_sub(2_000)..]).into_owned()
}
