//! The two processes above a worker: the supervisor outside its process namespace, and the init inside.
//!
//! Neither ever reads a byte of a job. The supervisor kills the job when the service goes away or its time is over,
//! and measures it; init is pid 1, so that the worker is an ordinary process whose signals and exit code mean what
//! they say, and so that its death takes everything else with it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::exit;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, WaitStatus, pidfd_open, pidfd_send_signal, wait, waitpid,
};
use rustix::stdio::stdin;

use crate::frame;
use crate::handover::{Note, send_note};
use crate::layer::{AtStep, Broken};
use crate::layers::privileges::die_with_parent;
use crate::layers::{Filters, descriptors};
use crate::{EXIT_LAYER_MISSING, Layer, Missing};

/// How much longer than the service the supervisor waits: it is the second to enforce the wall-clock limit.
const SUPERVISOR_GRACE: Duration = Duration::from_secs(1);

/// What the two processes need to know of the seal that they belong to.
pub(crate) struct Watch<'a> {
    pub(crate) filters: &'a Filters,
    pub(crate) wall: Duration,
    pub(crate) report: BorrowedFd<'a>,
    /// Tells the launcher of a layer that the two cannot put in force on themselves. It returns for a probe only,
    /// whose worker finds the same layer missing and tells more.
    pub(crate) missing: &'a dyn Fn(Missing),
}

/// Forks init and worker; returns in the worker alone.
pub(crate) fn fork_worker(watch: &Watch<'_>) -> Result<(), Missing> {
    let processes = |broken: Broken| broken.of(Layer::Namespaces);
    // Held by the supervisor alone: its end tells init that the supervisor died before the death signal was armed.
    let (alive, held) = pipe_with(PipeFlags::CLOEXEC)
        .step("pipe2")
        .map_err(processes)?;
    if let Some(pid_1) = fork().step("fork pid 1").map_err(processes)? {
        drop(alive);
        supervise(pid_1, &held, watch);
    }
    drop(held);
    die_with_parent().map_err(|broken| broken.of(Layer::Privileges))?;
    if is_orphan(&alive) {
        exit(EXIT_LAYER_MISSING);
    }
    if let Some(worker) = fork().step("fork the worker").map_err(processes)? {
        init(worker, watch);
    }
    // Pid 1 cannot die before this without taking the worker with it.
    die_with_parent().map_err(|broken| broken.of(Layer::Privileges))
}

impl Watch<'_> {
    /// Leaves the calling process with standard input, these descriptors and the few calls it needs. The report pipe
    /// is given up last: its end means that no process of the job is left to write to it.
    fn confine(&self, own: &[BorrowedFd<'_>]) {
        let kept = own.iter().copied().chain([self.report]);
        if let Err(broken) = descriptors::keep_with_stdin(kept) {
            (self.missing)(broken.of(Layer::Descriptors));
        }
        if let Err(broken) = self.filters.install_supervisor() {
            (self.missing)(broken.of(Layer::Seccomp));
        }
        descriptors::give_up(self.report);
    }
}

/// Whether the supervisor is dead already, so that its death can no longer be signalled.
fn is_orphan(alive: &OwnedFd) -> bool {
    let state = frame::wait([(alive, PollFlags::IN)], Instant::now());
    !state.is_ok_and(|[state]| !state.contains(PollFlags::HUP))
}

fn fork() -> Result<Option<Pid>, Errno> {
    // SAFETY: `enter` runs before any thread exists (`unshare` of a user namespace fails in a process with threads),
    // so no lock is held and no state is half-changed in the child; both sides may run any code.
    #[expect(unsafe_code, reason = "there is no safe fork; see SAFETY")]
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::AGAIN)),
        pid => Ok(Pid::from_raw(pid)),
    }
}

/// The supervisor's whole life. It holds the socket to the service and the handle on pid 1, nothing else.
///
/// When it ends for a missing layer, the death signal takes pid 1 with it.
fn supervise(init: Pid, held: &OwnedFd, watch: &Watch<'_>) -> ! {
    let until = Instant::now() + watch.wall + SUPERVISOR_GRACE;
    let handle = match pidfd_open(init, PidfdFlags::empty()).step("pidfd_open") {
        Ok(handle) => handle,
        Err(broken) => {
            (watch.missing)(broken.of(Layer::Namespaces));
            exit(EXIT_LAYER_MISSING)
        }
    };
    if send_note(stdin(), Note::Started, &[handle.as_fd()]).is_err() {
        exit(EXIT_LAYER_MISSING);
    }
    watch.confine(&[handle.as_fd(), held.as_fd()]);
    // The service never writes to this socket again: anything on it is its end.
    let awaited = frame::wait([(&handle, PollFlags::IN), (&stdin(), PollFlags::IN)], until);
    if !awaited.is_ok_and(|[dead, _]| !dead.is_empty()) {
        let _dead_already = pidfd_send_signal(&handle, Signal::KILL);
    }
    let code = reap(init);
    let _gone = send_note(stdin(), usage_of_children(), &[]);
    exit(code)
}

/// Returns once pid 1 is dead, and with it every process of its namespace.
fn reap(init: Pid) -> i32 {
    loop {
        match waitpid(Some(init), WaitOptions::empty()) {
            Ok(Some((_, status))) => return status.exit_status().unwrap_or(0),
            Err(Errno::INTR) => {}
            Ok(None) | Err(_) => return EXIT_LAYER_MISSING,
        }
    }
}

fn usage_of_children() -> Note {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the kernel writes one `rusage` at the pointer, which is valid, aligned and large enough for it.
    #[expect(unsafe_code, reason = "no safe call returns the children's usage")]
    let failed = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) } != 0;
    if failed {
        return Note::Ended {
            cpu_micros: 0,
            peak_kib: 0,
        };
    }
    // SAFETY: it was zeroed, which is a valid `rusage`, and then filled by the kernel.
    #[expect(unsafe_code, reason = "the value was written by the kernel")]
    let usage = unsafe { usage.assume_init() };
    let micros =
        |time: libc::timeval| u64::try_from(time.tv_sec * 1_000_000 + time.tv_usec).unwrap_or(0);
    Note::Ended {
        cpu_micros: micros(usage.ru_utime) + micros(usage.ru_stime),
        peak_kib: u64::try_from(usage.ru_maxrss).unwrap_or(0),
    }
}

/// The whole life of pid 1: it waits for the worker, tells how it ended, and takes every other process with it.
fn init(worker: Pid, watch: &Watch<'_>) -> ! {
    watch.confine(&[]);
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == worker => {
                let _gone = send_note(stdin(), ended(status), &[]);
                exit(if status.exit_status() == Some(EXIT_LAYER_MISSING) {
                    EXIT_LAYER_MISSING
                } else {
                    0
                });
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => exit(EXIT_LAYER_MISSING),
        }
    }
}

fn ended(status: WaitStatus) -> Note {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Note::Exited(code),
        (None, signal) => Note::Signalled(signal.unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_counts_children_that_were_waited_for() {
        std::process::Command::new("/bin/true").status().unwrap();
        assert!(matches!(
            usage_of_children(),
            Note::Ended { peak_kib: 1.., .. }
        ));
    }
}
