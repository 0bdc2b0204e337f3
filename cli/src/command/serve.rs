//! `karez serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use enclave::service::serve;
use serde_json::json;
use tokio::signal::unix::SignalKind;
use tracing_subscriber::EnvFilter;

use super::{PROGRAM, doctor};
use crate::arguments::Format;
use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::problem::Problem;
use crate::runtime::{either, on};

/// Environment variable that says what the service logs on stderr, as in `RUST_LOG`.
const LOG_VARIABLE: &str = "KAREZ_LOG";

/// What the service logs unless told otherwise.
const LOG_DEFAULT: &str = "warn";

const EXAMPLE: &str = "\
Prints its address on stdout once calls are answered. SIGINT or SIGTERM stops it in order: no new calls, running \
ones end, last checkpoint. KAREZ_LOG sets what is logged on stderr (warn, info, debug); rows are never logged.

Example:
  karez serve --dev --listen 127.0.0.1:7443";

/// Arguments of `karez serve`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Serve {
    /// Address to listen on, port 0 for any free one (else KAREZ_LISTEN, else karez.toml)
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Accept the development CA that `karez init` made
    #[arg(long)]
    dev: bool,
}

impl Serve {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let home = context.home()?;
        let config = context.config(&home, self.listen, None)?;
        log_to_stderr();
        warn_of_missing_layers(context);
        let runtime = tokio::runtime::Runtime::new().map_err(|error| {
            Problem::refused(text!(
                "starting the runtime: {error}",
                "运行时启动失败：{error}"
            ))
        })?;
        let stopped = runtime.block_on(async {
            let (interrupt, terminate) =
                (on(SignalKind::interrupt())?, on(SignalKind::terminate())?);
            let root = home.root().to_owned();
            let ready = |address| announce(context, &root, address);
            let stop = either(interrupt, terminate);
            Ok::<_, Problem>(
                serve(&home, config, self.dev, PathBuf::from(PROGRAM), ready, stop).await?,
            )
        })?;
        match stopped.drained {
            true => context.say(&text!("stopped: every call has ended", "已停止：所有调用均已结束")),
            false => context.say(&text!(
                "stopped: calls that did not end in time were cut off; repeat them with their request ids",
                "已停止：未按时结束的调用已被中断；请以原请求编号重试"
            )),
        }
        Ok(Exit::Done)
    }
}

/// The address as data, how to use it as a message.
fn announce(context: &Context<'_>, home: &Path, address: SocketAddr) {
    let server = format!("https://{address}");
    let data = match context.console().format() {
        Format::Json => json!({ "server": server }).to_string(),
        Format::Table => server.clone(),
    };
    // Whoever started the service may not read its address; it serves all the same.
    let _ = context.console().data(&data);
    let home = home.display();
    context.say(&text!(
        "listening; connect for example with:\n  karez dataset list --as provider --home {home} --server {server}",
        "已开始服务；可这样连接：\n  karez dataset list --as provider --home {home} --server {server}"
    ));
}

fn warn_of_missing_layers(context: &Context<'_>) {
    let fixes = doctor::fixes();
    if fixes.is_empty() {
        return;
    }
    context.say(&text!(
        "no job will run on this host: a layer of the jail is missing",
        "本机将无法运行任何作业：沙箱缺少隔离层"
    ));
    fixes.iter().for_each(|fix| context.say(fix));
}

fn log_to_stderr() {
    let filter =
        EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new(LOG_DEFAULT));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    // A subscriber that is set already logs as well.
    let _ = lines.try_init();
}
