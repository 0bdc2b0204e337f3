//! Starting a job: nothing is handed over before the child has reported every layer.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::fs::{FileType, OFlags, fcntl_get_seals, fcntl_getfl, fstat};
use rustix::pipe::{PipeFlags, pipe_with};
use serde::{Deserialize, Serialize};

use crate::frame::{self, Assembled, Assembler};
use crate::handover::{self, Mode, Note, Setup};
use crate::launcher_thread::{self, Start};
use crate::worker::{Parts, Worker};
use crate::{
    EXIT_LAYER_MISSING, Layer, Limits, MAX_INPUTS, MAX_LOG_BYTES, MAX_VERDICT_BYTES, Missing,
    SealReport, store,
};

/// How long a child may take to seal itself; it takes milliseconds, and a busy machine gets a thousand times that.
const SEAL_DEADLINE: Duration = Duration::from_secs(10);

/// How long a child that has reported a missing layer, or closed its report, may take to end by itself.
const EXIT_GRACE: Duration = Duration::from_secs(2);

/// How often its end is looked for, only on the paths where no job runs.
const EXIT_POLL: Duration = Duration::from_millis(1);

/// A job to be started.
#[derive(Debug)]
pub struct Launch {
    /// The program to execute as the worker; normally `/proc/self/exe`, the service itself. As root it may lie in a
    /// private home: it is opened before rights are given up.
    pub program: PathBuf,
    /// Its only argument, by which `main` knows to call [`crate::enter`]. Visible to other processes: no secrets.
    pub argument: OsString,
    /// What the job may use.
    pub limits: Limits,
    /// Descriptors of regular files that the worker reads, in this order in [`crate::Jail::inputs`]. Each is opened
    /// read-only or is a sealed memory file ([`crate::memfd_from`]); at most [`MAX_INPUTS`].
    pub inputs: Vec<OwnedFd>,
}

/// Why a job did not start. Nothing was handed over in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// A layer of the jail could not be put in force on this host; `karez doctor` tells how to fix it.
    #[error("the jail refuses to run: {0}")]
    LayerMissing(Missing),
    /// The caller gave an input that a job could write to.
    #[error("input {index} is writable: open it read-only or seal it")]
    InputWritable {
        /// Position in [`Launch::inputs`].
        index: usize,
    },
    /// The caller gave a directory, socket or device as an input.
    #[error("input {index} is not a regular file")]
    InputNotAFile {
        /// Position in [`Launch::inputs`].
        index: usize,
    },
    /// The caller gave too many inputs.
    #[error("{count} inputs, at most {MAX_INPUTS} are possible")]
    TooManyInputs {
        /// How many were given.
        count: usize,
    },
    /// A limit is too small for any program to run.
    #[error("limit {limit} is below {least}")]
    LimitTooSmall {
        /// Its name in [`Limits`].
        limit: &'static str,
        /// The least value.
        least: u64,
    },
    /// The child ended before it reported anything: it is not a program that calls [`crate::enter`], or it was
    /// killed.
    #[error("the worker ended before it was sealed ({status})")]
    Died {
        /// Its exit status in the words of the system.
        status: String,
    },
    /// The child reported something else than all layers in order.
    #[error("the worker's report is not a complete list of layers")]
    BadReport,
    /// The child did not report in time and was killed.
    #[error("the worker was not sealed within {} seconds", SEAL_DEADLINE.as_secs())]
    TooSlow,
    /// The kernel refused memory, descriptors or processes to the service itself.
    #[error("starting the worker: {0}")]
    Kernel(#[from] io::Error),
}

/// The first message on the report pipe.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// Every layer is in force.
    Sealed(SealReport),
    /// This one is not, and the child has ended.
    Missing(Missing),
    /// A probe's account: each layer's own result, and the canaries' when all layers hold.
    Probed(crate::doctor::Probed),
}

impl Launch {
    /// Starts the child and returns once it has reported that every layer is in force.
    ///
    /// Blocks for the few milliseconds that sealing takes; from an async runtime call it on a blocking thread. May be
    /// called from any thread; the child lives until it ends, is killed, or the service dies.
    ///
    /// # Errors
    ///
    /// [`LaunchError::LayerMissing`] when this host cannot jail; the other variants name their cause.
    pub fn start(self) -> Result<Worker, LaunchError> {
        match self.run(Mode::Job)? {
            (Report::Sealed(report), started) if report.is_complete() => {
                started.into_worker(report)
            }
            (Report::Missing(missing), started) => match started.abandon() {
                Ok(status) if status.code() == Some(EXIT_LAYER_MISSING) => {
                    Err(LaunchError::LayerMissing(missing))
                }
                _ => Err(LaunchError::BadReport),
            },
            (Report::Sealed(_) | Report::Probed(_), started) => {
                started.abandon()?;
                Err(LaunchError::BadReport)
            }
        }
    }

    /// Starts a child that tries every layer and the canary attacks, and ends.
    pub(crate) fn probe(self) -> Result<crate::doctor::Probed, LaunchError> {
        let (report, started) = self.run(Mode::Probe)?;
        started.abandon()?;
        match report {
            Report::Probed(probed) => Ok(probed),
            Report::Missing(missing) => Err(LaunchError::LayerMissing(missing)),
            Report::Sealed(_) => Err(LaunchError::BadReport),
        }
    }

    fn run(self, mode: Mode) -> Result<(Report, Started), LaunchError> {
        check_limits(&self.limits)?;
        check_inputs(&self.inputs)?;
        let mut started = self.spawn(mode)?;
        match started.first_report() {
            Ok(report) => Ok((report, started)),
            Err(error) => {
                let status = started.abandon()?;
                Err(match error {
                    LaunchError::Died { .. } => LaunchError::Died {
                        status: status.to_string(),
                    },
                    other => other,
                })
            }
        }
    }

    fn spawn(self, mode: Mode) -> io::Result<Started> {
        let (socket, theirs) = handover::pair()?;
        let (job_read, job) = pipe_with(PipeFlags::CLOEXEC)?;
        let (report, report_write) = pipe_with(PipeFlags::CLOEXEC)?;
        let output = store::writable("output")?;
        let log = store::bounded("log", MAX_LOG_BYTES)?;
        let start = Start {
            program: self.program,
            argument: self.argument,
            socket: theirs,
            log: log.try_clone()?,
        };
        let child = launcher_thread::start(start)?;
        let setup = Setup {
            mode,
            limits: self.limits,
            inputs: self.inputs.len(),
        };
        let channels = [job_read.as_fd(), report_write.as_fd(), output.as_fd()];
        // A child that died already closes its end; its exit status then says more than this error.
        let _sent = handover::send_setup(&socket, &setup, channels, &self.inputs);
        rustix::io::ioctl_fionbio(&job, true)?;
        rustix::io::ioctl_fionbio(&report, true)?;
        let parts = Parts {
            child,
            socket,
            job: Some(job),
            report: report.into(),
            output,
            log,
        };
        Ok(Started {
            parts,
            limits: setup.limits,
            assembler: Assembler::default(),
            until: Instant::now() + SEAL_DEADLINE,
        })
    }
}

/// A child that runs but is not yet known to be sealed.
struct Started {
    parts: Parts,
    limits: Limits,
    assembler: Assembler,
    until: Instant,
}

impl Started {
    fn first_report(&mut self) -> Result<Report, LaunchError> {
        loop {
            match self.assembler.next(MAX_VERDICT_BYTES) {
                Assembled::Message(message) => {
                    return serde_json::from_slice(&message).map_err(|_| LaunchError::BadReport);
                }
                Assembled::TooLong => return Err(LaunchError::BadReport),
                Assembled::Partial => self.more_report()?,
            }
        }
    }

    fn more_report(&mut self) -> Result<(), LaunchError> {
        let [ready] = frame::wait([(&self.parts.report, PollFlags::IN)], self.until)?;
        if ready.is_empty() {
            return Err(LaunchError::TooSlow);
        }
        let mut piece = [0; 4096];
        match (&self.parts.report).read(&mut piece)? {
            0 => Err(LaunchError::Died {
                status: String::new(),
            }),
            length => {
                self.assembler.push(piece.get(..length).unwrap_or_default());
                Ok(())
            }
        }
    }

    /// Waits for the handle on the job's init and becomes a worker.
    fn into_worker(self, report: SealReport) -> Result<Worker, LaunchError> {
        loop {
            match handover::receive_note(&self.parts.socket) {
                Ok(Some((Note::Started, Some(init)))) => {
                    return Ok(Worker::new(
                        self.parts,
                        init,
                        report,
                        &self.limits,
                        self.assembler,
                    )?);
                }
                Ok(Some(_)) => {}
                Ok(None) => {
                    let [ready] = frame::wait([(&self.parts.socket, PollFlags::IN)], self.until)?;
                    if ready.is_empty()
                        || ready.contains(PollFlags::HUP) && !ready.contains(PollFlags::IN)
                    {
                        self.abandon()?;
                        return Err(LaunchError::TooSlow);
                    }
                }
                Err(error) => {
                    self.abandon()?;
                    return Err(error.into());
                }
            }
        }
    }

    /// How the child ended; what is still alive of it after a moment is killed.
    fn abandon(mut self) -> io::Result<ExitStatus> {
        let grace = Instant::now() + EXIT_GRACE;
        while Instant::now() < grace {
            if let Some(status) = self.parts.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(EXIT_POLL);
        }
        self.parts.child.kill()?;
        self.parts.child.wait()
    }
}

fn check_limits(limits: &Limits) -> Result<(), LaunchError> {
    let least = [
        (
            "address_space_bytes",
            limits.address_space_bytes,
            Limits::MIN_ADDRESS_SPACE_BYTES,
        ),
        ("cpu_seconds", limits.cpu_seconds, 1),
        ("threads", limits.threads, 1),
    ];
    match least.into_iter().find(|(_, value, least)| value < least) {
        Some((limit, _, least)) => Err(LaunchError::LimitTooSmall { limit, least }),
        None => Ok(()),
    }
}

/// A job may read its inputs and nothing else, so a descriptor that could do more is the caller's mistake.
fn check_inputs(inputs: &[OwnedFd]) -> Result<(), LaunchError> {
    if inputs.len() > MAX_INPUTS {
        return Err(LaunchError::TooManyInputs {
            count: inputs.len(),
        });
    }
    for (index, input) in inputs.iter().enumerate() {
        let mode = fstat(input).map_err(io::Error::from)?.st_mode;
        if FileType::from_raw_mode(mode) != FileType::RegularFile {
            return Err(LaunchError::InputNotAFile { index });
        }
        let flags = fcntl_getfl(input).map_err(io::Error::from)?;
        let read_only = flags & OFlags::ACCMODE == OFlags::RDONLY;
        let sealed = fcntl_get_seals(input).is_ok_and(|seals| seals.contains(store::FROZEN));
        if !read_only && !sealed {
            return Err(LaunchError::InputWritable { index });
        }
    }
    Ok(())
}

impl LaunchError {
    /// The missing layer, when a missing layer is the cause.
    #[must_use]
    pub const fn layer(&self) -> Option<Layer> {
        match self {
            Self::LayerMissing(missing) => Some(missing.layer),
            _ => None,
        }
    }
}
