//! Running what waits: for a server, or for a signal.

use std::future::Future;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::language::text;
use crate::problem::Problem;

/// Waits for a future on this thread.
pub(crate) fn wait<T>(future: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        Problem::refused(text!(
            "starting the runtime: {error}",
            "运行时启动失败：{error}"
        ))
    })?;
    runtime.block_on(future)
}

/// Listens for a signal.
pub(crate) fn on(kind: SignalKind) -> Result<Signal, Problem> {
    signal(kind).map_err(|error| {
        Problem::refused(text!(
            "listening for signals: {error}",
            "无法接收信号：{error}"
        ))
    })
}

/// Waits for one of two signals.
pub(crate) async fn either(mut one: Signal, mut other: Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
