//! The one thread that starts every job.
//!
//! A child's parent-death signal follows the *thread* that started it, so jobs are started by a thread that lives as
//! long as the service and never by a request's own.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// glibc reserves 64 MiB of addresses for each of its arenas; more than four would eat a job's address space.
const MALLOC_ARENAS: (&str, &str) = ("MALLOC_ARENA_MAX", "4");

/// What to start.
pub(crate) struct Start {
    pub(crate) program: PathBuf,
    pub(crate) argument: std::ffi::OsString,
    pub(crate) socket: OwnedFd,
    pub(crate) log: File,
}

type Request = (Start, Sender<io::Result<Child>>);

/// Starts a child from the launcher thread and waits until it is started, not until it is sealed.
pub(crate) fn start(start: Start) -> io::Result<Child> {
    let (answer, answered) = channel();
    requests()?.send((start, answer)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}

fn requests() -> io::Result<&'static Sender<Request>> {
    static REQUESTS: OnceLock<Result<Sender<Request>, io::ErrorKind>> = OnceLock::new();
    let spawned = REQUESTS.get_or_init(|| {
        let (sender, receiver) = channel::<Request>();
        let serve = move || {
            for (start, answer) in receiver {
                // A requester that went away drops its end; its child then finds its socket closed and ends.
                drop(answer.send(spawn(start)));
            }
        };
        thread::Builder::new()
            .name("job-launcher".to_owned())
            .spawn(serve)
            .map(|_| sender)
            .map_err(|e| e.kind())
    });
    spawned.as_ref().map_err(|kind| (*kind).into())
}

/// The environment is cleared and no closure runs before `exec`, so the standard library takes `posix_spawn`: its
/// cost does not grow with the service's memory.
fn spawn(start: Start) -> io::Result<Child> {
    let errors = start.log.try_clone()?;
    Command::new(start.program)
        .arg(start.argument)
        .env_clear()
        .env(MALLOC_ARENAS.0, MALLOC_ARENAS.1)
        .current_dir("/")
        .stdin(Stdio::from(start.socket))
        .stdout(Stdio::from(start.log))
        .stderr(Stdio::from(errors))
        .spawn()
}

fn gone() -> io::Error {
    io::Error::other("the launcher thread has ended")
}
