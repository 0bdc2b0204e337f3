//! The worker's own side: seal, read one task, do it, give one verdict.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::catalog::TableProvider;
use egress::{GovernedQuery, RunLimits, TableName, govern};
use sandbox::Jail;
use zeroize::Zeroizing;

use super::message::{Input, Query, Rebuild, Rebuilt, Refused, Run, Span, Task, Verdict};
use super::scan::Scan;
use crate::files::{self, CsvOptions, FileFormat};
use crate::vault::EncryptedTable;

/// The hidden first argument with which this binary becomes a worker.
pub const WORKER_ARGUMENT: &str = "__worker";

/// The most bytes of another worker's output that are read.
const REBUILD_BYTES_MAX: u64 = 256 << 20;

/// Becomes a worker, to be called first in `main` when the only argument is [`WORKER_ARGUMENT`].
///
/// # Errors
/// When the process was not started by the service, or its task cannot be read or answered. Nothing is printed:
/// the launcher learns of it by the exit code.
pub fn child() -> io::Result<()> {
    let mut jail = sandbox::enter().map_err(io::Error::other)?;
    let task = {
        let message = Zeroizing::new(jail.receive()?.ok_or(io::ErrorKind::UnexpectedEof)?);
        serde_json::from_slice(&message)?
    };
    let verdict = match task {
        Task::Plan(query) => plan(&query),
        Task::Run(task) => run(&mut jail, task),
        Task::Rebuild(task) => rebuild(&mut jail, &task),
    };
    let verdict = verdict.unwrap_or_else(refused);
    jail.finish(&serde_json::to_vec(&verdict)?)
}

/// Either a rule's refusal or a fault of the worker's surroundings; a requester may be told the first only.
enum Stop {
    Rule(Box<egress::Refusal>),
    Fault,
}

impl From<egress::Refusal> for Stop {
    fn from(refusal: egress::Refusal) -> Self {
        Self::Rule(Box::new(refusal))
    }
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::Fault
    }
}

fn refused(stop: Stop) -> Verdict {
    let refusal = match stop {
        Stop::Rule(refusal) => *refusal,
        Stop::Fault => egress::Refusal::new(egress::Rule::EngineFailed),
    };
    let detail = refusal
        .detail
        .as_ref()
        .map(|detail| detail.reveal_on_sample_data().to_owned());
    Verdict::Refused(Refused { refusal, detail })
}

fn governed(query: &Query) -> Result<GovernedQuery, Stop> {
    Ok(govern(&query.sql, &query.governance)?)
}

fn plan(query: &Query) -> Result<Verdict, Stop> {
    Ok(Verdict::Planned {
        plan_digest: governed(query)?.digest().to_owned(),
    })
}

fn run(jail: &mut Jail, task: Run) -> Result<Verdict, Stop> {
    let query = governed(&task.query)?;
    let partitions = usize::try_from(task.partitions).unwrap_or(1);
    let sources = sources(
        std::mem::take(&mut jail.inputs),
        task.inputs,
        &query,
        partitions,
    )?;
    let limits = RunLimits {
        memory_bytes: usize::try_from(task.memory_bytes).unwrap_or(usize::MAX),
        partitions,
    };
    let released = runtime(partitions)?.block_on(egress::run(&query, sources, limits))?;
    jail.output.write_all(&bytes_of(
        FileFormat::ArrowStream,
        &released.schema,
        &released.batches,
    )?)?;
    Ok(Verdict::Ran {
        plan_digest: query.digest().to_owned(),
        withheld: released.withheld,
    })
}

/// Built after sealing and with a clock only: opening sockets is what the jail denies.
fn runtime(threads: usize) -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_time()
        .build()
}

/// The tables that the query reads; a table that it does not name is not opened.
fn sources(
    files: Vec<File>,
    inputs: Vec<Input>,
    query: &GovernedQuery,
    partitions: usize,
) -> Result<HashMap<TableName, Arc<dyn TableProvider>>, Stop> {
    let mut sources: HashMap<TableName, Arc<dyn TableProvider>> = HashMap::new();
    for (file, input) in files.into_iter().zip(inputs) {
        let name = TableName::new(input.schema, input.table);
        let Some(table) = query
            .tables()
            .into_iter()
            .find(|table| table.name() == name)
        else {
            continue;
        };
        let keys = input.keys.open().map_err(|_| Stop::Fault)?;
        let opened = EncryptedTable::read(file, &keys).map_err(|_| Stop::Fault)?;
        sources.insert(
            name,
            Arc::new(Scan::new(opened, table.barrier_schema(), partitions)),
        );
    }
    Ok(sources)
}

fn rebuild(jail: &mut Jail, task: &Rebuild) -> Result<Verdict, Stop> {
    let query = governed(&task.query)?;
    let mut bytes = Vec::new();
    let input = jail.inputs.first().ok_or(Stop::Fault)?;
    input.take(REBUILD_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let rebuilt = egress::rebuild(&bytes, &query)?;
    let mut spans = Vec::new();
    let formats = [
        FileFormat::ArrowStream,
        FileFormat::Csv(CsvOptions::default()),
        FileFormat::Parquet,
    ];
    for format in formats {
        let bytes = bytes_of(format, &rebuilt.schema, &rebuilt.batches)?;
        jail.output.write_all(&bytes)?;
        let name = format!("result.{}", format.extension());
        let frames = match format {
            FileFormat::ArrowStream => files::frames(&mut bytes.as_slice())?,
            FileFormat::Csv(_) | FileFormat::Parquet => Vec::new(),
        };
        spans.push(Span {
            name,
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            frames,
        });
    }
    let rows = rebuilt
        .batches
        .iter()
        .map(|batch| batch.num_rows())
        .sum::<usize>();
    Ok(Verdict::Rebuilt(Rebuilt {
        files: spans,
        rows: u64::try_from(rows).unwrap_or(u64::MAX),
    }))
}

fn bytes_of(
    format: FileFormat,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<Vec<u8>, Stop> {
    files::to_bytes(format, schema, batches).map_err(|_| Stop::Fault)
}
