//! Samples on the wire: request, get, watch, trace.

use super::calls::{
    Answers, Calls, Seen, begin, file, given, log_entry, reading, refusal, time, versions,
};
use crate::operations::{Enclave, Failure, TracedCopy};
use crate::registry::{Sample, SampleState};
use karez_proto::v1;
use karez_proto::v1::sample_service_server::SampleService;
use lineage::{EventBody, Leaf};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl SampleService for Calls {
    type WatchSampleStream = Answers<v1::WatchSampleResponse>;

    async fn request_sample(
        &self,
        request: Request<v1::RequestSampleRequest>,
    ) -> Result<Response<v1::RequestSampleResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("parent", &asked.parent)?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.request_sample(&call, &asked.parent)?;
            let sample = found_or_begun(enclave, &leaf)?;
            Ok(v1::RequestSampleResponse {
                sample: Some(sample),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_sample(
        &self,
        request: Request<v1::GetSampleRequest>,
    ) -> Result<Response<v1::GetSampleResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let sample = self.run(move |enclave| {
            enclave.may_watch_sample(&caller, &asked.name)?;
            as_it_stands(enclave, &enclave.sample(&asked.name)?)
        });
        let sample = Some(sample.await?);
        Ok(Response::new(v1::GetSampleResponse { sample }))
    }

    async fn watch_sample(
        &self,
        request: Request<v1::WatchSampleRequest>,
    ) -> Result<Response<Self::WatchSampleStream>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let name = asked.name.clone();
        self.run(move |enclave| enclave.may_watch_sample(&caller, &name))
            .await?;
        Ok(Response::new(
            self.watch(move |enclave| look(enclave, &asked.name)),
        ))
    }

    async fn trace_sample(
        &self,
        request: Request<v1::TraceSampleRequest>,
    ) -> Result<Response<v1::TraceSampleResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("name", &asked.name)?;
        let answer = self.run(move |enclave| {
            let trace = enclave.trace_sample(&call, &asked.name, &asked.values)?;
            let copies = trace.copies.iter().map(traced);
            Ok(v1::TraceSampleResponse {
                copies: copies.collect::<Result<_, _>>()?,
                values_found: trace.values_found,
                bits_needed: trace.bits_needed,
                log_entry: Some(log_entry(&trace.entry)?),
            })
        });
        Ok(Response::new(answer.await?))
    }
}

fn traced(copy: &TracedCopy) -> Result<v1::TracedCopy, Failure> {
    Ok(v1::TracedCopy {
        recipient: copy.recipient.to_string(),
        mark: copy.mark.clone(),
        values_marked: copy.fit.marked,
        values_agreeing: copy.fit.agreeing,
        expected_by_chance: copy.fit.by_chance,
        evidence_bits: copy.fit.bits,
        told: copy.told,
        copied: Some(log_entry(&copy.copied)?),
    })
}

fn look(enclave: &Enclave, name: &str) -> Result<Seen<v1::WatchSampleResponse>, Failure> {
    let sample = enclave.sample(name)?;
    Ok(Seen {
        ended: !matches!(sample.state, SampleState::Running),
        answer: v1::WatchSampleResponse {
            sample: Some(as_it_stands(enclave, &sample)?),
            rows_read: enclave.rows_read(name),
            // How many passes a draw takes is known at its end only.
            rows_total: 0,
        },
    })
}

/// The sample as it stood when it was asked for: what came later does not change the answer.
fn found_or_begun(enclave: &Enclave, asked: &Leaf) -> Result<v1::Sample, Failure> {
    let EventBody::SampleRequested(body) = &asked.body else {
        return Err(Failure::internal("answer"));
    };
    let mut sample = enclave.sample(&body.sample)?;
    if ended(&sample.state).is_none_or(|seq| seq > asked.seq) {
        sample.state = SampleState::Running;
    }
    sample.requested = asked.seq;
    as_it_stands(enclave, &sample)
}

/// The entry that ended a sample.
fn ended(state: &SampleState) -> Option<u64> {
    match state {
        SampleState::Running => None,
        SampleState::Released { seq, .. }
        | SampleState::Refused { seq, .. }
        | SampleState::Failed { seq, .. } => Some(*seq),
    }
}

fn as_it_stands(enclave: &Enclave, sample: &Sample) -> Result<v1::Sample, Failure> {
    let last = enclave.leaf(ended(&sample.state).unwrap_or(sample.requested))?;
    let mut told = v1::Sample {
        name: sample.name.clone(),
        create_time: Some(time(enclave.leaf(sample.requested)?.time)),
        log_entry: Some(log_entry(&last)?),
        ..v1::Sample::default()
    };
    match &sample.state {
        SampleState::Running => told.set_state(v1::SampleState::Running),
        SampleState::Released {
            recipe_digest,
            datasets,
            files,
            report_digest,
            k_map,
            suppressed_units,
            one_way,
            ..
        } => {
            told.set_state(v1::SampleState::Released);
            told.recipe_digest = recipe_digest.to_string();
            told.datasets = versions(datasets);
            told.files = files.iter().map(file).collect();
            told.report_digest = report_digest.to_string();
            told.threshold = u32::try_from(*k_map).unwrap_or(u32::MAX);
            told.suppressed_units = *suppressed_units;
            told.one_way = *one_way;
        }
        SampleState::Refused {
            reason,
            refusal_digest,
            ..
        } => {
            told.set_state(v1::SampleState::Refused);
            told.refusal = Some(refusal(enclave.told(reason, refusal_digest.as_ref())?));
        }
        SampleState::Failed { reason, .. } => {
            told.set_state(v1::SampleState::Failed);
            told.refusal = Some(refusal(enclave.told(reason, None)?));
        }
    }
    Ok(told)
}
