//! A sealed worker as its launcher sees it: send the job, wait for the end, kill.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::frame::{self, Assembled, Assembler};
use crate::handover::{self, Note};
use crate::{
    Confidential, Failure, Finished, LimitKind, Limits, MAX_JOB_BYTES, MAX_VERDICT_BYTES, Outcome,
    SealReport, Usage, store,
};

/// The longest time between the decision to kill a job and the death of all its processes.
pub const KILL_BOUND: Duration = Duration::from_secs(2);

/// What the standard library prints before it aborts on a failed allocation; the only sign of it that reaches us.
const ALLOCATION_FAILED: &[u8] = b"memory allocation of ";

/// Why a worker could not be spoken to, or ended in no known way.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The message is larger than a job may be.
    #[error("job message of {bytes} bytes, at most {MAX_JOB_BYTES} are possible")]
    MessageTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The worker ended, or its time ran out, before it had read the message; [`Worker::finish`] tells how it ended.
    #[error("the worker did not read its job")]
    NotRead,
    /// The kernel did not end the job's processes within [`KILL_BOUND`] and the job must be assumed to run.
    #[error("the worker could not be killed within {} seconds", KILL_BOUND.as_secs())]
    Unkillable,
    /// The kernel refused something to the service itself.
    #[error("watching the worker: {0}")]
    Kernel(#[from] io::Error),
}

/// The child and all the service's ends of its channels.
pub(crate) struct Parts {
    pub(crate) child: Child,
    pub(crate) socket: OwnedFd,
    /// Closed when no more messages will come.
    pub(crate) job: Option<OwnedFd>,
    pub(crate) report: File,
    pub(crate) output: File,
    pub(crate) log: File,
}

/// A sealed worker that has been given nothing but its input descriptors yet.
///
/// Dropping it kills the job.
pub struct Worker {
    parts: Parts,
    report: SealReport,
    killer: Killer,
    deadline: Instant,
    output_bytes: u64,
    assembler: Assembler,
    report_ended: bool,
    status: Option<Note>,
    usage: Option<Usage>,
    reaped: bool,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("supervisor", &self.parts.child.id())
            .finish_non_exhaustive()
    }
}

/// Ends a job from any thread, at any time; killing an ended job does nothing.
#[derive(Debug, Clone)]
pub struct Killer(Arc<Handles>);

#[derive(Debug)]
struct Handles {
    /// Pid 1 of the job: its death is the death of every process of the job.
    init: OwnedFd,
    /// The supervisor outside the job's process namespace, which reaps pid 1.
    supervisor: OwnedFd,
    cancelled: AtomicBool,
}

impl Killer {
    /// Kills the job; [`Worker::finish`] then returns [`Outcome::Cancelled`] within [`KILL_BOUND`].
    pub fn kill(&self) {
        self.0.cancelled.store(true, Ordering::Release);
        self.kill_init();
    }

    /// A handle that answers `ESRCH` belongs to a process that is dead already, which is what was asked for.
    fn kill_init(&self) {
        let _dead_already = pidfd_send_signal(&self.0.init, Signal::KILL);
    }

    fn kill_supervisor(&self) {
        let _dead_already = pidfd_send_signal(&self.0.supervisor, Signal::KILL);
    }
}

impl Worker {
    pub(crate) fn new(
        parts: Parts,
        init: OwnedFd,
        report: SealReport,
        limits: &Limits,
        assembler: Assembler,
    ) -> io::Result<Self> {
        let pid = i32::try_from(parts.child.id())
            .ok()
            .and_then(Pid::from_raw)
            .ok_or(io::ErrorKind::NotFound)?;
        let supervisor = pidfd_open(pid, PidfdFlags::empty())?;
        let killer = Killer(Arc::new(Handles {
            init,
            supervisor,
            cancelled: AtomicBool::new(false),
        }));
        let deadline = Instant::now() + limits.wall;
        Ok(Self {
            parts,
            report,
            killer,
            deadline,
            output_bytes: limits.output_bytes,
            assembler,
            report_ended: false,
            status: None,
            usage: None,
            reaped: false,
        })
    }

    /// The layers in force, as the worker reported them before it was given anything.
    #[must_use]
    pub const fn report(&self) -> &SealReport {
        &self.report
    }

    /// A handle that ends this job from any thread.
    #[must_use]
    pub fn killer(&self) -> Killer {
        self.killer.clone()
    }

    /// Sends one job message; [`crate::Jail::receive`] returns messages in order.
    ///
    /// Blocks while the worker has not read what is before, at most until the job's wall-clock limit.
    ///
    /// # Errors
    ///
    /// [`WorkerError::MessageTooLarge`] before anything is sent; [`WorkerError::NotRead`] when the worker ended.
    pub fn send(&mut self, message: &[u8]) -> Result<(), WorkerError> {
        if message.len() > MAX_JOB_BYTES {
            return Err(WorkerError::MessageTooLarge {
                bytes: message.len(),
            });
        }
        let prefix = u32::try_from(message.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes();
        // Two writes, so that no second copy of the keys in the message is made.
        self.write(&prefix)?;
        self.write(message)
    }

    fn write(&self, mut bytes: &[u8]) -> Result<(), WorkerError> {
        let Some(job) = &self.parts.job else {
            return Err(WorkerError::NotRead);
        };
        while !bytes.is_empty() {
            match rustix::io::write(job, bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::PIPE) => return Err(WorkerError::NotRead),
                Err(rustix::io::Errno::AGAIN) => {
                    let [ready] = frame::wait([(job, PollFlags::OUT)], self.deadline)?;
                    if ready.is_empty() {
                        return Err(WorkerError::NotRead);
                    }
                }
                Err(error) => return Err(io::Error::from(error).into()),
            }
        }
        Ok(())
    }

    /// Waits for the end of the job, at most until its wall-clock limit plus [`KILL_BOUND`], and collects what it
    /// left. No message can be sent any more: the worker sees the end of its job pipe.
    ///
    /// Blocks; from an async runtime call it on a blocking thread. [`Killer::kill`] ends it early.
    ///
    /// # Errors
    ///
    /// [`WorkerError::Unkillable`] and [`WorkerError::Kernel`] only; every way a job can end is an [`Outcome`].
    pub fn finish(mut self) -> Result<Finished, WorkerError> {
        self.parts.job = None;
        let late = !self.watch(self.deadline)?;
        if late {
            self.killer.kill_init();
            self.bury()?;
        }
        self.parts.child.wait()?;
        self.reaped = true;
        self.drain_report()?;
        self.collect(late)
    }

    /// Waits until every process of the job is dead; false when `until` passed before.
    fn watch(&mut self, until: Instant) -> Result<bool, WorkerError> {
        loop {
            let [dead, note, report] = self.wait(until)?;
            if note.contains(PollFlags::IN) {
                self.drain_notes()?;
            }
            if !report.is_empty() {
                self.drain_report()?;
            }
            if !dead.is_empty() {
                self.drain_notes()?;
                return Ok(true);
            }
            if Instant::now() >= until {
                return Ok(false);
            }
        }
    }

    /// What is ready of: the supervisor's death, notes, report. A report that has ended is not looked at any more,
    /// since an ended pipe is "ready" for ever.
    fn wait(&self, until: Instant) -> io::Result<[PollFlags; 3]> {
        let dead = (&self.killer.0.supervisor as &dyn AsFd, PollFlags::IN);
        let note = (&self.parts.socket as &dyn AsFd, PollFlags::IN);
        if self.report_ended {
            let [dead, note] = frame::wait([dead, note], until)?;
            return Ok([dead, note, PollFlags::empty()]);
        }
        frame::wait([dead, note, (&self.parts.report, PollFlags::IN)], until)
    }

    /// After the kill: waits for the supervisor, which waits for pid 1; kills it too when it does not end.
    fn bury(&mut self) -> Result<(), WorkerError> {
        let bound = Instant::now() + KILL_BOUND;
        let half = Instant::now() + KILL_BOUND / 2;
        if self.watch(half)? {
            return Ok(());
        }
        self.killer.kill_supervisor();
        if self.watch(bound)? {
            Ok(())
        } else {
            Err(WorkerError::Unkillable)
        }
    }

    fn drain_notes(&mut self) -> io::Result<()> {
        while let Some((note, _)) = handover::receive_note(&self.parts.socket)? {
            match note {
                Note::Ended {
                    cpu_micros,
                    peak_kib,
                } => {
                    let cpu = Duration::from_micros(cpu_micros);
                    self.usage = Some(Usage {
                        cpu,
                        peak_memory_bytes: peak_kib.saturating_mul(1024),
                    });
                }
                Note::Exited(_) | Note::Signalled(_) => self.status = Some(note),
                Note::Started => {}
            }
        }
        Ok(())
    }

    /// Reads what the worker has written, but never keeps more than one verdict can be.
    fn drain_report(&mut self) -> io::Result<()> {
        let mut piece = [0; 4096];
        loop {
            match self.parts.report.read(&mut piece) {
                Ok(0) => {
                    self.report_ended = true;
                    return Ok(());
                }
                Ok(length) if self.assembler.pending() <= MAX_VERDICT_BYTES => {
                    self.assembler.push(piece.get(..length).unwrap_or_default());
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn collect(mut self, late: bool) -> Result<Finished, WorkerError> {
        let verdict = match self.assembler.next(MAX_VERDICT_BYTES) {
            Assembled::Message(message) => Some(message),
            Assembled::Partial | Assembled::TooLong => None,
        };
        let log = store::written(&mut self.parts.log)?;
        store::freeze(&mut self.parts.output)?;
        let output = self.parts.output.try_clone()?;
        let outcome = if late {
            Outcome::LimitExceeded(LimitKind::WallClock)
        } else if self.killer.0.cancelled.load(Ordering::Acquire) {
            Outcome::Cancelled
        } else if output.metadata()?.len() > self.output_bytes {
            Outcome::LimitExceeded(LimitKind::Output)
        } else {
            outcome(self.status, verdict.is_some(), &log)
        };
        Ok(Finished {
            outcome,
            verdict,
            output,
            log: Confidential::new(log),
            usage: self.usage,
        })
    }
}

fn outcome(status: Option<Note>, verdict: bool, log: &[u8]) -> Outcome {
    match status {
        Some(Note::Exited(0)) if verdict => Outcome::Completed,
        Some(Note::Exited(0)) => Outcome::Failed(Failure::NoVerdict),
        Some(Note::Exited(code)) => Outcome::Failed(Failure::Exit(code)),
        Some(Note::Signalled(libc::SIGXCPU)) => Outcome::LimitExceeded(LimitKind::Cpu),
        Some(Note::Signalled(libc::SIGXFSZ)) => Outcome::LimitExceeded(LimitKind::Output),
        // Nobody but the kernel's out-of-memory killer sends this one without our knowing.
        Some(Note::Signalled(libc::SIGKILL)) => Outcome::LimitExceeded(LimitKind::Memory),
        Some(Note::Signalled(libc::SIGABRT)) if contains(log, ALLOCATION_FAILED) => {
            Outcome::LimitExceeded(LimitKind::Memory)
        }
        Some(Note::Signalled(signal)) => Outcome::Failed(Failure::Signal(signal)),
        Some(Note::Started | Note::Ended { .. }) | None => Outcome::Failed(Failure::Unknown),
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.reaped {
            return;
        }
        self.killer.kill_init();
        // Its supervisor reaps pid 1 and ends; one that does not is left to the kernel, for nobody is left to tell.
        if self.bury().is_ok() {
            let _reaped = self.parts.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_has_its_outcome() {
        use {Failure as F, LimitKind as L, Outcome as O};
        let check = |status, verdict, log: &str, expect| {
            assert_eq!(
                outcome(status, verdict, log.as_bytes()),
                expect,
                "{status:?}"
            );
        };
        check(Some(Note::Exited(0)), true, "", O::Completed);
        check(Some(Note::Exited(0)), false, "", O::Failed(F::NoVerdict));
        check(Some(Note::Exited(3)), true, "", O::Failed(F::Exit(3)));
        check(
            Some(Note::Signalled(libc::SIGXCPU)),
            true,
            "",
            O::LimitExceeded(L::Cpu),
        );
        check(
            Some(Note::Signalled(libc::SIGXFSZ)),
            true,
            "",
            O::LimitExceeded(L::Output),
        );
        check(
            Some(Note::Signalled(libc::SIGKILL)),
            true,
            "",
            O::LimitExceeded(L::Memory),
        );
        check(
            Some(Note::Signalled(libc::SIGABRT)),
            true,
            "assertion",
            O::Failed(F::Signal(libc::SIGABRT)),
        );
        let message = "memory allocation of 9 bytes failed";
        check(
            Some(Note::Signalled(libc::SIGABRT)),
            true,
            message,
            O::LimitExceeded(L::Memory),
        );
        check(None, true, "", O::Failed(F::Unknown));
    }
}
