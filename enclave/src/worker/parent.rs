//! The service's side: start a sealed worker, hand over a task, take what comes back as bytes.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use egress::{Band, Governance};
use sandbox::{Finished, Killer, Launch, Limits, Outcome, Worker};
use zeroize::Zeroizing;

use super::child::WORKER_ARGUMENT;
use super::failure::{JobFailure, Refusal};
use super::message::{Input, KeyMessage, Query, Rebuild, Rebuilt, Run, Task, Verdict};
use crate::files::Frame;
use crate::vault::ColumnKeys;

/// Address space of a worker besides its pool: program, stacks, arenas and decoded pages.
const OVERHEAD_BYTES: u64 = 2 << 30;

/// How long planning and rebuilding may take, which read no table.
const SHORT_WALL: Duration = Duration::from_secs(60);

/// What a job may use.
#[derive(Debug, Clone, Copy)]
pub struct JobLimits {
    /// Wall-clock time from `sealed` to the end.
    pub wall: Duration,
    /// The pool for hash tables and sorts, in bytes; over it the job ends with `limit exceeded`.
    pub memory_bytes: u64,
    /// How many parts of a scan run at once.
    pub partitions: u64,
}

impl Default for JobLimits {
    /// Five minutes, 2 GiB, two partitions.
    fn default() -> Self {
        Self {
            wall: Limits::DEFAULT_WALL,
            memory_bytes: 2 << 30,
            partitions: 2,
        }
    }
}

/// Starts workers: this binary, sealed.
#[derive(Debug, Clone)]
pub struct Workers {
    program: PathBuf,
    limits: JobLimits,
}

/// One encrypted table for a job.
#[derive(Debug)]
pub struct WorkerInput {
    /// The table's schema in SQL.
    pub schema: String,
    /// The table's name in SQL.
    pub table: String,
    /// The ciphertext, opened read-only.
    pub file: File,
    /// The keys of granted columns and hidden unit columns.
    pub keys: ColumnKeys,
}

/// What is known of a query before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Digest of the governed plan, `sha256:<64 hex>`.
    pub plan_digest: String,
}

/// A worker that is sealed and has no key yet.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The layers in force.
    pub layers: Vec<&'static str>,
    /// Ends the job.
    pub killer: Killer,
}

/// A checked and rebuilt result.
#[derive(Debug)]
pub struct Produced {
    /// The files; the service does not look into them.
    pub files: Vec<ProducedFile>,
    /// Rows of the table.
    pub rows: u64,
    /// How many groups were withheld, as a band.
    pub withheld: Band,
    /// Digest of the governed plan that ran.
    pub plan_digest: String,
}

/// One file of a result.
#[derive(Debug)]
pub struct ProducedFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Of an Arrow stream, where its messages begin and end, as the worker says.
    pub frames: Vec<Frame>,
}

impl Workers {
    /// Workers of this program, which calls [`super::child`] when its only argument is [`WORKER_ARGUMENT`].
    #[must_use]
    pub fn new(program: PathBuf, limits: JobLimits) -> Self {
        Self { program, limits }
    }

    /// Parses and governs a query in a worker without data or keys.
    ///
    /// # Errors
    /// [`JobFailure::Refused`] with the rule that says no; the other variants when the worker could not answer.
    pub fn plan(&self, sql: &str, governance: &Governance) -> Result<Planned, JobFailure> {
        let worker = self.start(SHORT_WALL, Vec::new())?;
        let query = Query {
            sql: sql.to_owned(),
            governance: governance.clone(),
        };
        match ask(worker, &Task::Plan(query))?.0 {
            Verdict::Planned { plan_digest } => Ok(Planned { plan_digest }),
            _ => Err(JobFailure::Failed),
        }
    }

    /// Runs a query over encrypted tables and has a second worker check and rebuild what it wrote.
    ///
    /// `sealed` is called once all layers are in force and before any key is handed over: what it refuses does not
    /// run.
    ///
    /// # Errors
    /// [`JobFailure::Refused`] with the rule that says no, [`JobFailure::Limit`] with the limit that ended the job;
    /// what `sealed` refuses comes back as it is.
    pub fn run<E: From<JobFailure>>(
        &self,
        sql: &str,
        governance: &Governance,
        inputs: Vec<WorkerInput>,
        sealed: impl FnOnce(&Sealed) -> Result<(), E>,
    ) -> Result<Produced, E> {
        let query = Query {
            sql: sql.to_owned(),
            governance: governance.clone(),
        };
        let mut descriptors = Vec::new();
        let mut described = Vec::new();
        for input in inputs {
            descriptors.push(OwnedFd::from(input.file));
            let keys = KeyMessage::new(input.keys);
            described.push(Input {
                schema: input.schema,
                table: input.table,
                keys,
            });
        }
        let worker = self.start(self.limits.wall, descriptors)?;
        sealed(&Sealed {
            layers: worker.report().names(),
            killer: worker.killer(),
        })?;
        let task = Task::Run(Run {
            query: query.clone(),
            inputs: described,
            memory_bytes: self.limits.memory_bytes,
            partitions: self.limits.partitions,
        });
        let (verdict, output) = ask(worker, &task)?;
        let Verdict::Ran {
            plan_digest,
            withheld,
        } = verdict
        else {
            return Err(JobFailure::Failed.into());
        };
        let (files, rows) = self.rebuild(query, output)?;
        Ok(Produced {
            files,
            rows,
            withheld,
            plan_digest,
        })
    }

    fn rebuild(&self, query: Query, output: File) -> Result<(Vec<ProducedFile>, u64), JobFailure> {
        let worker = self.start(SHORT_WALL, vec![OwnedFd::from(output)])?;
        let (verdict, output) = ask(worker, &Task::Rebuild(Rebuild { query }))?;
        let Verdict::Rebuilt(rebuilt) = verdict else {
            return Err(JobFailure::Failed);
        };
        Ok((cut(output, &rebuilt)?, rebuilt.rows))
    }

    fn start(&self, wall: Duration, inputs: Vec<OwnedFd>) -> Result<Worker, JobFailure> {
        let limits = Limits {
            wall,
            address_space_bytes: self.limits.memory_bytes.saturating_add(OVERHEAD_BYTES),
            ..Limits::default()
        };
        let launch = Launch {
            program: self.program.clone(),
            argument: OsString::from(WORKER_ARGUMENT),
            limits,
            inputs,
        };
        Ok(launch.start()?)
    }
}

/// Sends one task and waits for the end of the worker.
fn ask(mut worker: Worker, task: &Task) -> Result<(Verdict, File), JobFailure> {
    let message = Zeroizing::new(
        serde_json::to_vec(task)
            .map_err(|_| JobFailure::Prepare("the task has no JSON form".to_owned()))?,
    );
    // A worker that dies before it reads its task is told apart by how it ended.
    let sent = worker.send(&message);
    let Finished {
        outcome,
        verdict,
        output,
        ..
    } = worker.finish()?;
    match outcome {
        Outcome::Completed => sent?,
        Outcome::LimitExceeded(limit) => return Err(JobFailure::Limit(limit)),
        Outcome::Cancelled => return Err(JobFailure::Cancelled),
        Outcome::Failed(_) => return Err(JobFailure::Failed),
    }
    let verdict = verdict.ok_or(JobFailure::Failed)?;
    match serde_json::from_slice(&verdict).map_err(|_| JobFailure::Failed)? {
        Verdict::Refused(refused) => Err(JobFailure::Refused(Box::new(Refusal {
            refusal: refused.refusal,
            detail: refused.detail,
        }))),
        verdict => Ok((verdict, output)),
    }
}

/// Cuts the rebuilt output into its files by length; what does not fit exactly is a failure.
fn cut(output: File, rebuilt: &Rebuilt) -> Result<Vec<ProducedFile>, JobFailure> {
    let mut bytes = Vec::new();
    let mut output = output.take(Limits::DEFAULT_OUTPUT_BYTES);
    output
        .read_to_end(&mut bytes)
        .map_err(|_| JobFailure::Failed)?;
    let mut rest = bytes.as_slice();
    let mut files = Vec::new();
    for span in &rebuilt.files {
        let length = usize::try_from(span.bytes).map_err(|_| JobFailure::Failed)?;
        let (file, after) = rest.split_at_checked(length).ok_or(JobFailure::Failed)?;
        files.push(ProducedFile {
            name: span.name.clone(),
            bytes: file.to_vec(),
            frames: span.frames.clone(),
        });
        rest = after;
    }
    if rest.is_empty() {
        Ok(files)
    } else {
        Err(JobFailure::Failed)
    }
}
