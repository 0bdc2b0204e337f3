//! The child's side: losing every right, reporting it, and what the job's code is left with.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::pipe::{PipeFlags, pipe_with};

use crate::handover::{self, Mode};
use crate::launch::Report;
use crate::layer::Broken;
use crate::layers::{self, Filters};
use crate::supervise::{self, Watch};
use crate::{
    EXIT_LAYER_MISSING, InForce, Layer, MAX_JOB_BYTES, MAX_VERDICT_BYTES, Missing, SealReport,
    canary, doctor, frame,
};

/// What a sealed job has: its messages, its inputs, one output, one verdict. Nothing else of the host is in reach.
#[derive(Debug)]
pub struct Jail {
    /// The inputs, in the order of [`crate::Launch::inputs`]; read them by position (`FileExt::read_at`).
    pub inputs: Vec<File>,
    /// Where the result goes; writing beyond [`crate::Limits::output_bytes`] ends the job.
    pub output: File,
    job: File,
    report: File,
}

impl Jail {
    /// The next job message; `None` once the launcher has called [`crate::Worker::finish`].
    ///
    /// The bytes hold whatever the launcher put in, keys included: wipe them after use.
    ///
    /// # Errors
    ///
    /// When the pipe breaks in the middle of a message.
    pub fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        frame::read(&self.job, MAX_JOB_BYTES)
    }

    /// Gives the verdict, the one message that goes back beside the output; then end with exit code 0.
    ///
    /// # Errors
    ///
    /// When the verdict is longer than [`MAX_VERDICT_BYTES`] or the launcher is gone.
    pub fn finish(self, verdict: &[u8]) -> io::Result<()> {
        if verdict.len() > MAX_VERDICT_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "verdict longer than its limit",
            ));
        }
        frame::write(&self.report, verdict)
    }
}

/// Why [`enter`] did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Sealing {
    /// The process was not started by [`crate::Launch::start`]; there is no job and nobody to report to.
    #[error("a worker is started by the service, not by hand")]
    NotLaunched,
}

/// Seals this process and returns what the job has, to be called as the first thing in `main` when the hidden
/// argument is present, before any thread exists.
///
/// On success the caller is the worker: inside all layers, in a process of its own below two that watch it. When a
/// layer cannot be put in force the process reports it and ends with [`EXIT_LAYER_MISSING`]; the call then does not
/// return, so that no code can go on unsealed by mistake.
///
/// # Errors
///
/// [`Sealing::NotLaunched`], after which nothing has changed; the caller ends.
pub fn enter() -> Result<Jail, Sealing> {
    let received = handover::receive_setup(io::stdin()).map_err(|_| Sealing::NotLaunched)?;
    let (setup, report) = (received.setup, received.report);
    let rest = Rest {
        job: received.job,
        output: received.output,
        inputs: received.inputs,
    };
    let mut seal = Seal {
        mode: setup.mode,
        in_force: Vec::new(),
        missing: Vec::new(),
        report,
    };
    let filters = match Filters::compile() {
        Ok(filters) => filters,
        Err(broken) => seal.refuse_for(broken.of(Layer::Seccomp)),
    };
    seal.note(Layer::Identity, layers::identity::apply());
    let apart = seal.note(Layer::Namespaces, layers::namespaces::apply());
    if apart {
        // Never tried in the host's own mount namespace, not even by a probe.
        seal.note(Layer::Root, layers::root::apply());
    }
    seal.note(
        Layer::Limits,
        layers::limits::apply(&setup.limits, setup.inputs),
    );
    seal.note(Layer::Privileges, layers::privileges::apply());
    if let Err(missing) = fork_worker(&seal, &filters, setup.limits.wall) {
        seal.refuse_for(missing);
    }
    Ok(finish_sealing(seal, rest, &filters))
}

fn fork_worker(seal: &Seal, filters: &Filters, wall: Duration) -> Result<(), Missing> {
    let missing = |missing| {
        if seal.mode == Mode::Job {
            seal.end_for(missing);
        }
    };
    supervise::fork_worker(&Watch {
        filters,
        wall,
        report: seal.report.as_fd(),
        missing: &missing,
    })
}

/// The job's own descriptors.
struct Rest {
    job: OwnedFd,
    output: OwnedFd,
    inputs: Vec<OwnedFd>,
}

/// The layers that bind a single process or thread, set in the worker itself.
fn finish_sealing(mut seal: Seal, rest: Rest, filters: &Filters) -> Jail {
    seal.note(Layer::Descriptors, close_all_but(&rest, &seal.report));
    seal.note(Layer::Landlock, layers::landlock::apply());
    seal.note(Layer::Seccomp, filters.install());
    if seal.mode == Mode::Probe {
        seal.tell_probe();
    }
    let report = Report::Sealed(SealReport {
        layers: std::mem::take(&mut seal.in_force),
    });
    if seal.tell(&report).is_err() {
        // Nobody waits for this job any more.
        std::process::exit(EXIT_LAYER_MISSING);
    }
    Jail {
        inputs: rest.inputs.into_iter().map(File::from).collect(),
        output: File::from(rest.output),
        job: File::from(rest.job),
        report: File::from(seal.report),
    }
}

/// Standard input becomes an empty pipe, so that nothing of the launcher's socket is left.
fn close_all_but(rest: &Rest, report: &OwnedFd) -> Result<String, Broken> {
    use crate::layer::AtStep;
    let (empty, _) = pipe_with(PipeFlags::CLOEXEC).step("pipe2")?;
    rustix::stdio::dup2_stdin(&empty).step("dup2")?;
    drop(empty);
    let own = [rest.job.as_fd(), rest.output.as_fd(), report.as_fd()];
    layers::descriptors::keep(own.into_iter().chain(rest.inputs.iter().map(AsFd::as_fd)))
}

/// Keeps account of the layers and refuses to go on without one.
struct Seal {
    mode: Mode,
    in_force: Vec<InForce>,
    missing: Vec<Missing>,
    report: OwnedFd,
}

impl Seal {
    /// A job ends at the first missing layer; a probe notes it and tries the next. True when the layer is in force.
    fn note(&mut self, layer: Layer, result: Result<String, Broken>) -> bool {
        match result {
            Ok(detail) => self.in_force.push(InForce { layer, detail }),
            Err(broken) if self.mode == Mode::Job => self.refuse_for(broken.of(layer)),
            Err(broken) => {
                self.missing.push(broken.of(layer));
                return false;
            }
        }
        true
    }

    fn refuse_for(&mut self, missing: Missing) -> ! {
        if self.mode == Mode::Probe {
            self.missing.push(missing);
            self.tell_probe();
        }
        self.end_for(missing)
    }

    /// Ends the process; the missing layer is what the launcher hears.
    fn end_for(&self, missing: Missing) -> ! {
        // The exit code says it too when the launcher is gone.
        let _told = self.tell(&Report::Missing(missing));
        std::process::exit(EXIT_LAYER_MISSING)
    }

    fn tell(&self, report: &Report) -> io::Result<()> {
        let message = serde_json::to_vec(report)?;
        io::Write::write_all(&mut Pipe(&self.report), &frame::encode(&message)?)
    }

    /// Ends the process; nothing of a probe can go on as a job.
    fn tell_probe(&mut self) -> ! {
        let canaries = if self.missing.is_empty() {
            canary::attack()
        } else {
            Vec::new()
        };
        let probed = doctor::Probed {
            in_force: std::mem::take(&mut self.in_force),
            missing: std::mem::take(&mut self.missing),
            canaries,
        };
        let _told = self.tell(&Report::Probed(probed));
        std::process::exit(0)
    }
}

struct Pipe<'a>(&'a OwnedFd);

impl io::Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(self.0, bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
