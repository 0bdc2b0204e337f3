//! A response body that holds its call's place and ends with its deadline.

use super::admission::cut_status;
use super::phase::Cut;
use http_body::{Frame, SizeHint};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::OwnedSemaphorePermit;
use tonic::body::Body;
use tonic::codegen::{Bytes, http::HeaderMap};

/// The moment at which a call must end.
pub(super) type CutOff = Pin<Box<dyn Future<Output = Cut> + Send>>;

pub(super) struct Limited {
    body: Body,
    cut: CutOff,
    over: bool,
    /// Given back when the body is dropped: a streaming call counts until its last message.
    _place: OwnedSemaphorePermit,
}

impl Limited {
    pub(super) fn new(body: Body, cut: CutOff, place: OwnedSemaphorePermit) -> Self {
        Self {
            body,
            cut,
            over: false,
            _place: place,
        }
    }
}

impl http_body::Body for Limited {
    type Data = Bytes;
    type Error = tonic::Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, tonic::Status>>> {
        if self.over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(cut) = self.cut.as_mut().poll(context) {
            self.over = true;
            return Poll::Ready(Some(trailers(cut)));
        }
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The end of a call as gRPC spells it: a status in the trailers.
fn trailers(cut: Cut) -> Result<Frame<Bytes>, tonic::Status> {
    let mut map = HeaderMap::new();
    cut_status(cut).add_header(&mut map)?;
    Ok(Frame::trailers(map))
}
