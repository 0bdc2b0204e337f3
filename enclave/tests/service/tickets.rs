//! Tickets from outside: once, by the same certificate; and Flight moves rows by `DoGet` alone.

use arrow_flight::{Criteria, FlightData, FlightDescriptor, Ticket};
use enclave::client::v1;
use lineage::Duty;
use tokio_stream::once;

use crate::harness::{
    Service, not_given, publication, refused, register, sample_request, watch_sample,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_spent_once_by_its_bearer() {
    let service = Service::start("").await;
    let provider = service.client(Duty::Provider).await;
    register(&provider, "persons", "persons").await.unwrap();
    register(&provider, "claims", "claims").await.unwrap();
    let institution = service.client(Duty::Institution).await;
    institution
        .scenarios()
        .publish_scenario(publication("publish"))
        .await
        .unwrap();
    let developer = service.client(Duty::Developer).await;
    let asked = developer
        .samples()
        .request_sample(sample_request("sample"))
        .await
        .unwrap();
    let sample = watch_sample(&developer, &asked.into_inner().sample.unwrap().name)
        .await
        .name;

    let issue = || v1::IssueTicketRequest {
        resource: sample.clone(),
        file: "ybj.claims.csv".into(),
    };
    let ticket = developer
        .releases()
        .issue_ticket(issue())
        .await
        .unwrap()
        .into_inner()
        .ticket;
    developer
        .download(ticket.clone(), tokio::io::sink())
        .await
        .unwrap();
    not_given(
        developer.download(ticket, tokio::io::sink()).await,
        "TICKET_NOT_VALID",
    );

    let ticket = developer
        .releases()
        .issue_ticket(issue())
        .await
        .unwrap()
        .into_inner()
        .ticket;
    let colleague = service
        .connect(&service.identity("karez://xj/devco/developer/devco-02"))
        .await;
    not_given(
        colleague.download(ticket.clone(), tokio::io::sink()).await,
        "TICKET_NOT_VALID",
    );
    not_given(
        developer.download(ticket, tokio::io::sink()).await,
        "TICKET_NOT_VALID",
    );

    let path = |file: &str| FlightDescriptor::new_path(vec![sample.clone(), file.to_owned()]);
    let info = developer
        .flight()
        .get_flight_info(path("ybj.claims.arrows"))
        .await
        .unwrap();
    let info = info.into_inner();
    let schema = info.clone().try_decode_schema().unwrap();
    assert_eq!(schema.fields().len(), 7);
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    refused(
        colleague.flight().do_get(ticket.clone()).await,
        "TICKET_NOT_VALID",
    );
    refused(developer.flight().do_get(ticket).await, "TICKET_NOT_VALID");
    refused(
        developer.flight().do_get(Ticket::new(vec![0; 32])).await,
        "TICKET_NOT_VALID",
    );
    refused(
        developer
            .flight()
            .get_flight_info(path("ybj.claims.csv"))
            .await,
        "FIELD_INVALID",
    );
    refused(
        developer
            .flight()
            .get_flight_info(path("other.arrows"))
            .await,
        "NOT_FOUND",
    );
    refused(
        provider
            .flight()
            .get_flight_info(path("ybj.claims.arrows"))
            .await,
        "ACCESS_DENIED",
    );
    refused(
        developer
            .flight()
            .get_flight_info(FlightDescriptor::new_cmd("SELECT 1"))
            .await,
        "FIELD_INVALID",
    );

    refused(
        developer.flight().list_flights(Criteria::default()).await,
        "NOT_ENFORCED",
    );
    refused(
        developer
            .flight()
            .get_schema(path("ybj.claims.arrows"))
            .await,
        "NOT_ENFORCED",
    );
    refused(
        developer.flight().do_put(once(FlightData::new())).await,
        "NOT_ENFORCED",
    );
    refused(
        developer
            .flight()
            .do_exchange(once(FlightData::new()))
            .await,
        "NOT_ENFORCED",
    );
    service.stop().await;
}
