//! Scenarios on the wire: publish, get.

use super::calls::{Calls, begin, given, log_entry, reading, time};
use crate::operations::{Failure, ScenarioDescription};
use karez_proto::v1;
use karez_proto::v1::scenario_service_server::ScenarioService;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl ScenarioService for Calls {
    async fn publish_scenario(
        &self,
        request: Request<v1::PublishScenarioRequest>,
    ) -> Result<Response<v1::PublishScenarioResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("parent", &asked.parent)?;
        given("scenario_id", &asked.scenario_id)?;
        let answer = self.run(move |enclave| {
            let (parent, id) = (&asked.parent, &asked.scenario_id);
            let leaf = enclave.publish_scenario(&call, parent, id, &asked.policy)?;
            Ok(v1::PublishScenarioResponse {
                log_entry: Some(log_entry(&leaf)?),
                scenario: Some(scenario(enclave.scenario_at(leaf)?)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_scenario(
        &self,
        request: Request<v1::GetScenarioRequest>,
    ) -> Result<Response<v1::GetScenarioResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let scenario =
            self.run(move |enclave| scenario(enclave.describe_scenario(&caller, &asked.name)?));
        let scenario = Some(scenario.await?);
        Ok(Response::new(v1::GetScenarioResponse { scenario }))
    }
}

fn scenario(described: ScenarioDescription) -> Result<v1::Scenario, Failure> {
    let state = match described.within_term {
        true => v1::ScenarioState::Published,
        false => v1::ScenarioState::Expired,
    };
    Ok(v1::Scenario {
        log_entry: Some(log_entry(&described.entry)?),
        publish_time: Some(time(described.entry.time)),
        name: described.published.scenario,
        state: state.into(),
        policy: described.policy,
        policy_digest: described.published.policy_digest.to_string(),
        datasets: described.published.datasets,
    })
}
