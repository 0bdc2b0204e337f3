//! `karez lineage read`.

use clap::Args;
use enclave::client::v1::{LogLeaf, ReadLogRequest};
use lineage::Leaf;
use serde_json::{Value, json};

use crate::arguments::Format;
use crate::caller::Caller;
use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::problem::Problem;

/// Entries shown unless told otherwise.
const LIMIT_DEFAULT: u64 = 100;

/// Most entries that the service sends at once.
const PAGE_MAX: u64 = 1000;

pub(super) const EXAMPLE: &str = "\
With --output json each entry is one line, exactly the canonical JSON that is hashed into the log.

Example:
  karez lineage read --from 0 --limit 20 --as regulator";

/// Arguments of `karez lineage read`.
#[derive(Debug, Args)]
pub(super) struct Read {
    /// First entry
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    from: u64,
    /// Entries at most
    #[arg(long, value_name = "N", default_value_t = LIMIT_DEFAULT)]
    limit: u64,
    #[command(flatten)]
    caller: Caller,
}

impl Read {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let mut request = ReadLogRequest {
            parent: connected.parent(),
            from_seq: self.from,
            ..ReadLogRequest::default()
        };
        let (mut left, mut rows) = (self.limit, Vec::new());
        while left > 0 {
            request.page_size = u32::try_from(left.min(PAGE_MAX)).unwrap_or_default();
            let page = connected
                .client
                .lineage()
                .read_log(request.clone())
                .await?
                .into_inner();
            for leaf in &page.leaves {
                let parsed = parsed(leaf)?;
                match context.console().format() {
                    Format::Json => context.console().data(&line(leaf, &parsed)?)?,
                    Format::Table => rows.push(row(&parsed)),
                }
            }
            left = left.saturating_sub(page.leaves.len() as u64);
            request.log_size = page.log_size;
            match page.next_seq {
                Some(next) if next > request.from_seq => request.from_seq = next,
                _ => break,
            }
        }
        if context.console().format() == Format::Table {
            context.show(&Value::Array(rows))?;
        }
        Ok(Exit::Done)
    }
}

fn parsed(leaf: &LogLeaf) -> Result<Leaf, Problem> {
    let seq = leaf.seq;
    let parsed = Leaf::parse(&leaf.leaf).map_err(|error| {
        Problem::refused(text!(
            "entry {seq} of the log: {error}",
            "日志第 {seq} 条：{error}"
        ))
    })?;
    match parsed.seq == seq {
        true => Ok(parsed),
        false => Err(Problem::refused(text!(
            "entry {seq} of the log says that it is another one",
            "日志第 {seq} 条与其自述的序号不符"
        ))),
    }
}

/// The canonical JSON, which stands behind the version byte.
fn line(leaf: &LogLeaf, parsed: &Leaf) -> Result<String, Problem> {
    let text = leaf
        .leaf
        .get(1..)
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    let seq = parsed.seq;
    text.map(str::to_owned).ok_or_else(|| {
        Problem::refused(text!(
            "entry {seq} of the log is not text",
            "日志第 {seq} 条不是文本"
        ))
    })
}

fn row(leaf: &Leaf) -> Value {
    let decision = leaf
        .decision
        .and_then(|decision| serde_json::to_value(decision).ok());
    json!({
        "seq": leaf.seq,
        "time": leaf.time.to_string(),
        "type": leaf.body.type_name(),
        "decision": decision,
        "subject": leaf.subject,
        "actor": leaf.actor.to_string(),
    })
}
