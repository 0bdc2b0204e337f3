//! A bar on stderr while something long goes on; nothing when nobody watches.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How often a bar without known length moves.
const TICK: Duration = Duration::from_millis(120);

/// A bar that is gone when it is dropped. `indicatif` hides it where stderr is not a terminal.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Bytes of a file on its way.
    pub(crate) fn bytes(label: &str, length: u64) -> Self {
        let template = "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        Self::styled(ProgressBar::new(length), template, label)
    }

    /// Work whose end is not known.
    pub(crate) fn spinner(label: &str) -> Self {
        let bar = Self::styled(ProgressBar::no_length(), "{spinner} {msg} {elapsed}", label);
        bar.0.enable_steady_tick(TICK);
        bar
    }

    fn styled(bar: ProgressBar, template: &str, label: &str) -> Self {
        // A template of ours that does not parse leaves the default bar.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(label.to_owned());
        Self(bar)
    }

    /// Says what goes on now.
    pub(crate) fn say(&self, message: String) {
        self.0.set_message(message);
    }

    /// Something that is read or written, counted.
    pub(crate) fn count<T>(&self, inner: T) -> Counted<'_, T> {
        Counted {
            inner,
            bar: &self.0,
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A reader or writer whose bytes move a bar.
#[derive(Debug)]
pub(crate) struct Counted<'a, T> {
    inner: T,
    bar: &'a ProgressBar,
}

impl<T: AsyncRead + Unpin> AsyncRead for Counted<'_, T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        self.bar
            .inc((buffer.filled().len().saturating_sub(before)) as u64);
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<'_, T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            self.bar.inc(written as u64);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
