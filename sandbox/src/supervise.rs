//! The two processes above a worker: the supervisor outside its process namespace, and the init inside.
//!
//! Neither ever reads a byte of a job. The supervisor kills the job when the service goes away or its time is over,
//! and measures it; init is pid 1, so that the worker is an ordinary process whose signals and exit code mean what
//! they say, and so that its death takes everything else with it.

use std::os::fd::{AsFd, OwnedFd};
use std::process::exit;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, WaitStatus, pidfd_open, pidfd_send_signal,
    set_parent_process_death_signal, wait, waitpid,
};
use rustix::stdio::stdin;

use crate::EXIT_LAYER_MISSING;
use crate::frame;
use crate::handover::{Note, send_note};
use crate::layer::{AtStep, Broken};
use crate::layers::{Filters, descriptors};

/// How much longer than the service the supervisor waits: it is the second to enforce the wall-clock limit.
const SUPERVISOR_GRACE: Duration = Duration::from_secs(1);

/// Which process a fork returned to; the other two never return.
pub(crate) enum Forked {
    /// The process that becomes the worker.
    Worker,
}

/// Forks init and worker; returns in the worker alone.
pub(crate) fn fork_init(filters: &Filters, wall: Duration) -> Result<Forked, Broken> {
    // Held by the supervisor alone: its end tells init that the supervisor died before the death signal was armed.
    let (alive, held) = pipe_with(PipeFlags::CLOEXEC).step("pipe2")?;
    match fork().step("fork pid 1")? {
        Some(init) => {
            drop(alive);
            supervise(init, &held, wall, filters)
        }
        None => {
            drop(held);
            arm(&alive)?;
            fork_worker(filters)
        }
    }
}

fn fork_worker(filters: &Filters) -> Result<Forked, Broken> {
    match fork().step("fork the worker")? {
        Some(worker) => init(worker, filters),
        None => {
            set_parent_process_death_signal(Some(Signal::KILL))
                .step("prctl(PR_SET_PDEATHSIG) of the worker")?;
            Ok(Forked::Worker)
        }
    }
}

/// Dies with the supervisor from now on, or now when it is dead already.
fn arm(alive: &OwnedFd) -> Result<(), Broken> {
    set_parent_process_death_signal(Some(Signal::KILL)).step("prctl(PR_SET_PDEATHSIG) of pid 1")?;
    let [state] = frame::wait([(alive, PollFlags::IN)], Instant::now()).step("poll")?;
    if state.contains(PollFlags::HUP) {
        exit(EXIT_LAYER_MISSING);
    }
    Ok(())
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
fn supervise(init: Pid, held: &OwnedFd, wall: Duration, filters: &Filters) -> ! {
    let until = Instant::now() + wall + SUPERVISOR_GRACE;
    let Ok(handle) = pidfd_open(init, PidfdFlags::empty()) else {
        exit(EXIT_LAYER_MISSING)
    };
    let told = send_note(stdin(), Note::Started, &[handle.as_fd()]);
    let confined = descriptors::keep_with_stdin([handle.as_fd(), held.as_fd()]);
    if told.is_err() || confined.is_err() || filters.install_supervisor().is_err() {
        let _dead_already = pidfd_send_signal(&handle, Signal::KILL);
        exit(EXIT_LAYER_MISSING);
    }
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
fn init(worker: Pid, filters: &Filters) -> ! {
    let confined = descriptors::keep_with_stdin([]);
    if confined.is_err() || filters.install_supervisor().is_err() {
        exit(EXIT_LAYER_MISSING);
    }
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
