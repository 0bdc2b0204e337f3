//! Running what waits for a server.

use std::future::Future;

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
