//! The real server: this program as a process of its own.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use enclave::home::Home;
use rustix::process::{Pid, Signal, kill_process};

use super::telling::{Telling, Told};
use crate::command::PROGRAM;
use crate::language::text;
use crate::problem::Problem;

/// How long the server may take to listen, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a stopping server is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A running server. It is killed when it is dropped.
pub(super) struct Server {
    child: Child,
    url: String,
}

/// Starts the server on a free port and waits for its address.
pub(super) async fn start(
    telling: &mut Telling<'_>,
    directory: &Path,
    home: &Home,
) -> Result<Server, Problem> {
    let title = text!(
        "The service starts on a free port of this machine; it answers certificates of its CA only",
        "服务在本机空闲端口启动；只应答本证书机构签发的证书"
    );
    let work = async {
        let messages = directory.join("server.log");
        let server = spawn(&messages, home)?;
        let url = &server.url;
        let line = text!("listening on {url}", "服务地址 {url}");
        Ok(Told::new(server, [line]))
    };
    telling.step(title, work).await
}

fn spawn(messages: &Path, home: &Home) -> Result<Server, Problem> {
    let stderr = File::create(messages).map_err(|error| Problem::file(messages, &error))?;
    let spawned = Command::new(PROGRAM)
        .args([
            "serve",
            "--dev",
            "--listen",
            "127.0.0.1:0",
            "--output",
            "table",
            "--home",
        ])
        .arg(home.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn();
    let mut child = spawned.map_err(|error| {
        Problem::refused(text!(
            "starting the server: {error}",
            "启动服务失败：{error}"
        ))
    })?;
    let stdout = child.stdout.take();
    let mut server = Server {
        child,
        url: String::new(),
    };
    server.url = stdout.and_then(first_line).ok_or_else(|| {
        let (said, place) = (
            std::fs::read_to_string(messages).unwrap_or_default(),
            messages.display(),
        );
        Problem::refused(text!(
            "the server did not start ({place}):\n{said}",
            "服务未能启动（{place}）：\n{said}"
        ))
    })?;
    Ok(server)
}

/// The first line of a process, in time.
fn first_line(stdout: ChildStdout) -> Option<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        // Nobody waits any more when it came too late.
        let _ = send.send(read.map(|_| line));
    });
    let line = receive.recv_timeout(PATIENCE).ok()?.ok()?;
    let line = line.trim_end();
    line.starts_with("https://").then(|| line.to_owned())
}

impl Server {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Asks the server to stop, and waits for it.
    pub(super) async fn stop(mut self, telling: &mut Telling<'_>) -> Result<(), Problem> {
        let title = text!(
            "The service stops: running calls end, the last checkpoint is signed",
            "服务停止：调用收尾，签署最后的检查点"
        );
        let work = async {
            let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
            let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
            match asked && self.ended_well().await {
                true => Ok(Told::new((), [])),
                false => Err(Problem::refused(text!(
                    "the server did not stop in order",
                    "服务未能正常停止"
                ))),
            }
        };
        telling.step(title, work).await
    }

    /// Sleeps between looks, so that the connections of this process can close meanwhile.
    async fn ended_well(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match self.child.try_wait() {
                Ok(None) => tokio::time::sleep(LOOK_EVERY).await,
                Ok(Some(status)) => return status.success(),
                Err(_) => return false,
            }
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has stopped already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
