//! Reversals on the wire: request, get, confirm, reject, take the original.

use super::calls::{Calls, begin, given, log_entry, missing, reading, time};
use super::products::signed;
use crate::operations::{Enclave, Failure, RequestReversal};
use crate::registry::{Reversal, ReversalState};
use karez_proto::v1;
use karez_proto::v1::reversal_service_server::ReversalService;
use lineage::{EventBody, Leaf};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl ReversalService for Calls {
    async fn request_reversal(
        &self,
        request: Request<v1::RequestReversalRequest>,
    ) -> Result<Response<v1::RequestReversalResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("parent", &asked.parent)?;
        given("dataset", &asked.dataset)?;
        given("column", &asked.column)?;
        given("value", &asked.value)?;
        given("reason", &asked.reason)?;
        let answer = self.run(move |enclave| {
            let asked = RequestReversal {
                sample: asked.parent,
                dataset: asked.dataset,
                column: asked.column,
                value: asked.value,
                reason: asked.reason,
            };
            let leaf = enclave.request_reversal(&call, &asked)?;
            Ok(v1::RequestReversalResponse {
                reversal: Some(as_answered(enclave, &leaf)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_reversal(
        &self,
        request: Request<v1::GetReversalRequest>,
    ) -> Result<Response<v1::GetReversalResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let reversal = self
            .run(move |enclave| shown(enclave, &enclave.describe_reversal(&caller, &asked.name)?));
        let reversal = Some(reversal.await?);
        Ok(Response::new(v1::GetReversalResponse { reversal }))
    }

    async fn confirm_reversal(
        &self,
        request: Request<v1::ConfirmReversalRequest>,
    ) -> Result<Response<v1::ConfirmReversalResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("name", &asked.name)?;
        let statement = asked.statement.as_ref();
        let statement = signed(statement.ok_or_else(|| missing("statement"))?)?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.confirm_reversal(&call, &asked.name, statement)?;
            Ok(v1::ConfirmReversalResponse {
                reversal: Some(as_answered(enclave, &leaf)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn reject_reversal(
        &self,
        request: Request<v1::RejectReversalRequest>,
    ) -> Result<Response<v1::RejectReversalResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("name", &asked.name)?;
        let statement = asked.statement.as_ref();
        let statement = signed(statement.ok_or_else(|| missing("statement"))?)?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.reject_reversal(&call, &asked.name, statement)?;
            Ok(v1::RejectReversalResponse {
                reversal: Some(as_answered(enclave, &leaf)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn reverse_value(
        &self,
        request: Request<v1::ReverseValueRequest>,
    ) -> Result<Response<v1::ReverseValueResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("name", &asked.name)?;
        let answer = self.run(move |enclave| {
            let (leaf, original) = enclave.reverse_value(&call, &asked.name)?;
            Ok(v1::ReverseValueResponse {
                value: original.to_string(),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }
}

/// The reversal as it stood with the entry that answers a call: what came later does not change the answer.
fn as_answered(enclave: &Enclave, leaf: &Leaf) -> Result<v1::Reversal, Failure> {
    let (name, state) = match &leaf.body {
        EventBody::ReversalRequested(body) => (&body.reversal, ReversalState::Requested),
        EventBody::ReversalConfirmed(body) => {
            (&body.reversal, ReversalState::Confirmed { seq: leaf.seq })
        }
        EventBody::ReversalRejected(body) => {
            (&body.reversal, ReversalState::Rejected { seq: leaf.seq })
        }
        _ => return Err(Failure::internal("answer")),
    };
    let mut reversal = enclave.reversal(name)?;
    reversal.state = state;
    shown(enclave, &reversal)
}

fn shown(enclave: &Enclave, reversal: &Reversal) -> Result<v1::Reversal, Failure> {
    let (state, last) = match reversal.state {
        ReversalState::Requested => (v1::ReversalState::Requested, reversal.requested),
        ReversalState::Confirmed { seq } => (v1::ReversalState::Confirmed, seq),
        ReversalState::Rejected { seq } => (v1::ReversalState::Rejected, seq),
        ReversalState::Expired { seq } => (v1::ReversalState::Expired, seq),
        ReversalState::Answered { seq, .. } => (v1::ReversalState::Answered, seq),
    };
    Ok(v1::Reversal {
        name: reversal.name.clone(),
        state: state.into(),
        dataset: reversal.dataset.clone(),
        column: reversal.column.clone(),
        organisation: reversal.organisation.clone(),
        request: enclave.reversal_words(reversal)?.into_bytes().into(),
        request_digest: reversal.request_digest.to_string(),
        create_time: Some(time(reversal.time)),
        expire_time: Some(time(reversal.expires)),
        log_entry: Some(log_entry(&enclave.leaf(last)?)?),
    })
}
