//! Where the service is between start and end; running calls watch it.

use std::time::Duration;
use tokio::sync::watch;

/// Serving → draining → ended, never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Calls are admitted.
    Serving,
    /// No new calls; running ones may finish.
    Draining,
    /// Calls that still run are cut off.
    Ended,
}

/// Why a call is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Its time is over.
    Deadline,
    /// The service ends.
    Ended,
}

/// Resolves when a call must end, whichever comes first.
pub(super) async fn cut(mut phase: watch::Receiver<Phase>, time: Duration) -> Cut {
    let deadline = tokio::time::sleep(time);
    // A closed channel means that the server is gone, which is an end as well.
    let ended = phase.wait_for(|phase| *phase == Phase::Ended);
    tokio::select! {
        () = deadline => Cut::Deadline,
        _ = ended => Cut::Ended,
    }
}
