//! Jobs on the wire: submit, get, watch.

use super::calls::{
    Answers, Calls, Seen, begin, file, given, log_entry, reading, refusal, time, versions,
};
use super::outcome::Outcome;
use super::products::version_name;
use crate::operations::{Enclave, Failure};
use crate::registry::{Job, JobState};
use karez_proto::v1;
use karez_proto::v1::job_service_server::JobService;
use lineage::{EventBody, Leaf, product_version_name};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl JobService for Calls {
    type WatchJobStream = Answers<v1::WatchJobResponse>;

    async fn submit_job(
        &self,
        request: Request<v1::SubmitJobRequest>,
    ) -> Result<Response<v1::SubmitJobResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("parent", &asked.parent)?;
        let (product, version) = version_name("product_version", &asked.product_version)?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.submit_job(&call, &asked.parent, &product, version)?;
            Ok(v1::SubmitJobResponse {
                job: Some(queued(enclave, &leaf)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_job(
        &self,
        request: Request<v1::GetJobRequest>,
    ) -> Result<Response<v1::GetJobResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let job = self.run(move |enclave| {
            enclave.may_watch_job(&caller, &asked.name)?;
            as_it_stands(enclave, &enclave.job(&asked.name)?)
        });
        let job = Some(job.await?);
        Ok(Response::new(v1::GetJobResponse { job }))
    }

    async fn watch_job(
        &self,
        request: Request<v1::WatchJobRequest>,
    ) -> Result<Response<Self::WatchJobStream>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let name = asked.name.clone();
        let permitted: Result<(), Outcome> = self
            .run(move |enclave| enclave.may_watch_job(&caller, &name))
            .await;
        permitted?;
        Ok(Response::new(
            self.watch(move |enclave| look(enclave, &asked.name)),
        ))
    }
}

fn look(enclave: &Enclave, name: &str) -> Result<Seen<v1::WatchJobResponse>, Failure> {
    let job = enclave.job(name)?;
    Ok(Seen {
        ended: ended(&job.state).is_some(),
        answer: v1::WatchJobResponse {
            job: Some(as_it_stands(enclave, &job)?),
        },
    })
}

/// The job as it stood when it was submitted.
fn queued(enclave: &Enclave, leaf: &Leaf) -> Result<v1::Job, Failure> {
    let EventBody::JobSubmitted(body) = &leaf.body else {
        return Err(Failure::internal("answer"));
    };
    let mut job = enclave.job(&body.job)?;
    job.state = JobState::Queued;
    (job.reads, job.started) = (None, None);
    as_it_stands(enclave, &job)
}

/// The entry that ended a job.
fn ended(state: &JobState) -> Option<u64> {
    match state {
        JobState::Queued | JobState::Running => None,
        JobState::Delivered { seq, .. }
        | JobState::Refused { seq, .. }
        | JobState::Failed { seq, .. } => Some(*seq),
    }
}

fn as_it_stands(enclave: &Enclave, job: &Job) -> Result<v1::Job, Failure> {
    let last = ended(&job.state).or(job.started).unwrap_or(job.submitted);
    let version = enclave.product_version(&job.product, job.version)?;
    let mut told = v1::Job {
        name: job.name.clone(),
        product_version: product_version_name(&job.product, job.version),
        binding_digest: version.binding_digest.to_string(),
        submit_time: Some(time(enclave.leaf(job.submitted)?.time)),
        log_entry: Some(log_entry(&enclave.leaf(last)?)?),
        ..v1::Job::default()
    };
    if let Some(reads) = &job.reads {
        told.datasets = versions(&reads.datasets);
        told.approval_seqs.clone_from(&reads.approvals);
    }
    match &job.state {
        JobState::Queued => told.set_state(v1::JobState::Queued),
        JobState::Running => told.set_state(v1::JobState::Running),
        JobState::Delivered {
            files,
            groups_withheld,
            ..
        } => {
            told.set_state(v1::JobState::Delivered);
            told.files = files.iter().map(file).collect();
            told.groups_withheld_band.clone_from(groups_withheld);
        }
        JobState::Refused {
            reason,
            refusal_digest,
            ..
        } => {
            told.set_state(v1::JobState::Refused);
            told.refusal = Some(refusal(enclave.told(reason, refusal_digest.as_ref())?));
        }
        JobState::Failed { reason, .. } => {
            told.set_state(v1::JobState::Failed);
            told.refusal = Some(refusal(enclave.told(reason, None)?));
        }
    }
    Ok(told)
}
