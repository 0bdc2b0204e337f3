//! The log on the wire: leaves, receipts, checkpoints.

use super::calls::{Calls, given, log_entry, missing, reading};
use crate::operations::Failure;
use karez_proto::v1;
use karez_proto::v1::get_receipt_request::Target;
use karez_proto::v1::lineage_service_server::LineageService;
use lineage::Leaf;
use tonic::{Request, Response, Status};

/// Leaves per page unless asked otherwise.
const PAGE_DEFAULT: usize = 100;

/// Leaves of one page in bytes; the page ends before the leaf that goes beyond, so that clients with the usual limit of
/// 4 MiB can read it.
const PAGE_BYTES_MAX: usize = 2 << 20;

#[tonic::async_trait]
impl LineageService for Calls {
    async fn read_log(
        &self,
        request: Request<v1::ReadLogRequest>,
    ) -> Result<Response<v1::ReadLogResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("parent", &asked.parent)?;
        let page = match asked.page_size {
            0 => PAGE_DEFAULT,
            size => usize::try_from(size).unwrap_or(usize::MAX),
        };
        let answer = self.run(move |enclave| {
            let (parent, from) = (&asked.parent, asked.from_seq);
            let (leaves, log_size) =
                enclave.read_log(&caller, parent, from, page, asked.log_size)?;
            let leaves = page_of(&leaves)?;
            let next = leaves.last().map(|last| last.seq + 1);
            Ok(v1::ReadLogResponse {
                leaves,
                log_size,
                next_seq: next.filter(|next| *next < log_size),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_receipt(
        &self,
        request: Request<v1::GetReceiptRequest>,
    ) -> Result<Response<v1::GetReceiptResponse>, Status> {
        let (caller, asked) = reading(request)?;
        let target = asked.target.ok_or_else(|| missing("target"))?;
        let answer = self.run(move |enclave| {
            let (receipt, leaf) = match &target {
                Target::Resource(name) => enclave.receipt(&caller, name)?,
                Target::Seq(seq) => enclave.receipt_at(&caller, *seq)?,
            };
            let json = receipt
                .to_json()
                .map_err(|_| Failure::internal("receipt"))?;
            Ok(v1::GetReceiptResponse {
                log_entry: Some(log_entry(&leaf)?),
                receipt: json.into_bytes().into(),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_checkpoint(
        &self,
        request: Request<v1::GetCheckpointRequest>,
    ) -> Result<Response<v1::GetCheckpointResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("parent", &asked.parent)?;
        let answer = self.run(move |enclave| {
            let checkpoint = enclave.checkpoint(&caller, &asked.parent)?;
            // Origin, size, root: the three lines of a C2SP checkpoint.
            let size = checkpoint.lines().nth(1).and_then(|size| size.parse().ok());
            Ok(v1::GetCheckpointResponse {
                log_size: size.ok_or_else(|| Failure::internal("checkpoint"))?,
                checkpoint: checkpoint.into_bytes().into(),
            })
        });
        Ok(Response::new(answer.await?))
    }
}

/// The first of these leaves that fit a page; always one, if there is one.
fn page_of(leaves: &[Leaf]) -> Result<Vec<v1::LogLeaf>, Failure> {
    let (mut page, mut bytes_sum) = (Vec::new(), 0);
    for leaf in leaves {
        let bytes = leaf.encode().map_err(|_| Failure::internal("leaf"))?;
        bytes_sum += bytes.len();
        if bytes_sum > PAGE_BYTES_MAX && !page.is_empty() {
            break;
        }
        page.push(v1::LogLeaf {
            seq: leaf.seq,
            leaf: bytes.into(),
        });
    }
    Ok(page)
}
