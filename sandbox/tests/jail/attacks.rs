//! The attack set: each attempt runs in the jail, where it has to end as foreseen, and outside, where it succeeds.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sandbox::{Failure, LimitKind, Outcome};

use crate::attempts::ATTEMPTS;
use crate::harness::{Test, job};

static TRIED: AtomicUsize = AtomicUsize::new(0);
static CONTROLS: AtomicUsize = AtomicUsize::new(0);
static ESCAPES: AtomicUsize = AtomicUsize::new(0);

/// Where the kernel, not the jail, refuses the control; each with its reason. The attempt is counted without control.
const NO_CONTROL: &[(&str, &str)] = &[
    (
        "open_core_pattern_for_writing",
        "a plain user may not write it outside either",
    ),
    ("open_packet_socket", "needs CAP_NET_RAW outside"),
    ("open_vsock", "this kernel may be built without vsock"),
    (
        "io_uring",
        "this kernel may be built without io_uring, or forbid it by sysctl",
    ),
    (
        "userfaultfd",
        "this kernel may be built without userfaultfd",
    ),
];

pub(crate) fn tests() -> Vec<Test> {
    ATTEMPTS
        .iter()
        .map(|(name, _)| Test::new(format!("attack {name}"), || check(name)))
        .collect()
}

pub(crate) fn print_count() {
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    println!(
        "attempts {}, controls {}, escapes {}",
        count(&TRIED),
        count(&CONTROLS),
        count(&ESCAPES)
    );
}

/// How an attempt has to end in the jail.
fn expected(name: &str) -> Outcome {
    match name {
        "ptrace" | "read_other_memory" | "session_keyring" | "io_uring" | "userfaultfd"
        | "new_user_namespace" => Outcome::Failed(Failure::Signal(libc::SIGSYS)),
        "take_memory" => Outcome::LimitExceeded(LimitKind::Memory),
        "write_much" => Outcome::LimitExceeded(LimitKind::Output),
        "burn_processor" => Outcome::LimitExceeded(LimitKind::Cpu),
        "sleep_long" => Outcome::LimitExceeded(LimitKind::WallClock),
        _ => Outcome::Completed,
    }
}

fn check(name: &str) {
    let outside = Outside::new();
    TRIED.fetch_add(1, Ordering::Relaxed);
    let facts = outside.facts();
    let mut launch = job("worker");
    match name {
        "burn_processor" => launch.limits.cpu_seconds = 1,
        "sleep_long" => launch.limits.wall = Duration::from_secs(1),
        _ => {}
    }
    let mut worker = launch.start().unwrap();
    worker
        .send(format!("attempt={name}\n{facts}").as_bytes())
        .unwrap();
    let finished = worker.finish().unwrap();
    let said = String::from_utf8(finished.verdict.unwrap_or_default()).unwrap();
    if finished.outcome != expected(name) || said == "reached" {
        ESCAPES.fetch_add(1, Ordering::Relaxed);
        let log = String::from_utf8_lossy(finished.log.reveal()).into_owned();
        panic!(
            "{name}: {:?}, said {said:?}, printed {log}",
            finished.outcome
        );
    }
    outside.assert_unharmed();
    control(name, &facts);
}

/// The same attempt without a jail has to reach its aim, or the test above proves nothing.
fn control(name: &str, facts: &str) {
    let mut child = Command::new("/proc/self/exe")
        .arg(format!("control={name}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(facts.as_bytes())
        .unwrap();
    let answer = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    match NO_CONTROL.iter().find(|(known, _)| *known == name) {
        _ if answer.status.success() => {
            CONTROLS.fetch_add(1, Ordering::Relaxed);
        }
        Some((_, reason)) => println!("        no control for {name}: {reason} ({})", said.trim()),
        None => panic!(
            "the control of {name} did not reach its aim: {} {said}",
            answer.status
        ),
    }
}

/// Things outside that an attempt may reach: each exists for real.
struct Outside {
    directory: tempfile::TempDir,
    listener: TcpListener,
    _abstract: UnixListener,
    victim: std::cell::RefCell<Child>,
    leaked: File,
    number: usize,
}

impl Outside {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("secret"), "s").unwrap();
        let name = SocketAddr::from_abstract_name(abstract_name(number)).unwrap();
        let victim = Command::new("sleep").arg("60").spawn().unwrap();
        Self {
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            _abstract: UnixListener::bind_addr(&name).unwrap(),
            victim: victim.into(),
            leaked: leak(),
            directory,
            number,
        }
    }

    fn facts(&self) -> String {
        let host = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned();
        let facts = [
            (
                "secret",
                self.directory.path().join("secret").display().to_string(),
            ),
            ("listener", self.listener.local_addr().unwrap().to_string()),
            ("abstract", abstract_name(self.number)),
            ("victim", self.victim.borrow().id().to_string()),
            ("leaked", self.leaked.as_raw_fd().to_string()),
            // What the launcher itself has in its environment.
            ("planted", std::env::var("PATH").unwrap()),
            ("host", host),
        ];
        facts
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect()
    }

    fn assert_unharmed(&self) {
        assert!(
            self.victim.borrow_mut().try_wait().unwrap().is_none(),
            "the victim is dead"
        );
        assert!(
            !self.directory.path().join("secret.new").exists(),
            "a file was created"
        );
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let victim = self.victim.get_mut();
        let _dead_already = victim.kill();
        victim.wait().unwrap();
    }
}

fn abstract_name(number: usize) -> String {
    format!("karez-test-{}-{number}", std::process::id())
}

/// A file whose descriptor every child inherits, as a careless library's would be.
fn leak() -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"L").unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty()).unwrap();
    file
}
