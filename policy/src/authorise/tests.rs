//! Decisions as tables: every action, duty and state, each row a request and its answer.

use super::policies::{PoliciesError, compile};
use super::*;
use crate::principal::Duty;

const NOW: Context = Context {
    mutual_tls: true,
    within_term: true,
};

const EVERYONE: &[&str] = &[
    "provider",
    "institution",
    "operator",
    "developer",
    "regulator",
];

/// What a person of each duty may do when everything else is in order.
const ALLOWED: &[(Action, Kind, &[&str])] = &[
    (Action::DatasetRegister, Kind::Dataset, &["provider"]),
    (Action::ScenarioPublish, Kind::Scenario, &["institution"]),
    (
        Action::SampleRequest,
        Kind::Scenario,
        &["developer", "operator"],
    ),
    (
        Action::SampleFetch,
        Kind::Sample,
        &["developer", "operator"],
    ),
    (
        Action::ProductSubmit,
        Kind::Product,
        &["developer", "operator"],
    ),
    (
        Action::ProductSubmit,
        Kind::Scenario,
        &["developer", "operator"],
    ),
    (
        Action::ProductApprove,
        Kind::Product,
        &["institution", "provider"],
    ),
    (Action::JobSubmit, Kind::Product, &["operator"]),
    (Action::JobWatch, Kind::Job, &["operator", "institution"]),
    (Action::ResultFetch, Kind::Job, &["operator"]),
    (
        Action::LineageRead,
        Kind::Log,
        &["regulator", "institution"],
    ),
    (
        Action::LineageRead,
        Kind::Tenant,
        &["regulator", "institution"],
    ),
    (
        Action::ReceiptGet,
        Kind::Log,
        &["regulator", "institution", "operator", "provider"],
    ),
    (Action::KeyEnrol, Kind::Tenant, &["institution", "provider"]),
    (Action::DestructionRequest, Kind::Dataset, &["provider"]),
    (Action::DestructionRequest, Kind::Scenario, &["institution"]),
    (Action::DestructionGet, Kind::Dataset, &["provider"]),
    (Action::DestructionGet, Kind::Scenario, &["institution"]),
    (Action::DestructionConfirm, Kind::Dataset, &["provider"]),
    (Action::DestructionConfirm, Kind::Scenario, &["institution"]),
    (Action::DestructionReject, Kind::Dataset, &["provider"]),
    (Action::DestructionReject, Kind::Scenario, &["institution"]),
    (Action::SampleTrace, Kind::Sample, &["institution"]),
    (Action::ReversalRequest, Kind::Sample, &["provider"]),
    (
        Action::ReversalGet,
        Kind::Sample,
        &["provider", "institution"],
    ),
    (Action::ReversalConfirm, Kind::Sample, &["institution"]),
    (Action::ReversalReject, Kind::Sample, &["institution"]),
    (Action::ReversalReveal, Kind::Sample, &["provider"]),
    (Action::DatasetGet, Kind::Dataset, EVERYONE),
    (Action::DatasetList, Kind::Tenant, EVERYONE),
    (Action::ScenarioGet, Kind::Scenario, EVERYONE),
    (
        Action::SampleWatch,
        Kind::Sample,
        &["developer", "operator", "institution", "provider"],
    ),
    (
        Action::ProductGet,
        Kind::Product,
        &["developer", "operator", "institution", "provider"],
    ),
];

/// An actor of the organisation named after the duty: `karez://xj/{duty}/{duty}/p-1`.
fn actor(duty: &str) -> Principal {
    format!("karez://xj/{duty}/{duty}/p-1").parse().unwrap()
}

/// A live resource that the actor's own organisation owns, provides and submitted, except where that forbids.
fn resource(kind: Kind, action: Action, duty: &str) -> Resource {
    let own = || duty.parse().unwrap();
    let others = matches!(
        action,
        Action::ProductApprove | Action::ReversalConfirm | Action::ReversalReject
    );
    let submitter = if others {
        "someone".parse().unwrap()
    } else {
        own()
    };
    Resource::new("xj".parse().unwrap(), kind, "tenants/xj/thing")
        .with_owner(Some(own()))
        .with_providers([own()])
        .with_submitter(Some(submitter))
        .with_asker(Some(colleague(duty)))
}

/// A second person of the same organisation and duty.
fn colleague(duty: &str) -> Principal {
    format!("karez://xj/{duty}/{duty}/p-2").parse().unwrap()
}

/// `permit` with the ids of the policies, or `denied` with theirs.
fn answer(decision: Decision) -> String {
    match decision {
        Decision::Permit(permit) => format!("permit {}", permit.policies().join(" ")),
        Decision::Denied(denial) => format!("denied {}", denial.policies.join(" ")),
    }
}

fn check(duty: &str, action: Action, resource: &Resource, context: &Context, expect: &str) {
    let shown = answer(authorise(&actor(duty), action, resource, context));
    assert_eq!(
        shown, expect,
        "{duty} {action} on {resource:?} with {context:?}"
    );
}

#[test]
fn the_built_in_set_validates_strictly() {
    assert_eq!(self_check(), Ok(()));
}

#[test]
fn each_duty_may_do_exactly_what_the_table_says() {
    for &(action, kind, duties) in ALLOWED {
        for duty in Duty::ALL {
            let duty = duty.as_str();
            let shown = answer(authorise(
                &actor(duty),
                action,
                &resource(kind, action, duty),
                &NOW,
            ));
            let permitted = shown.starts_with("permit ");
            assert_eq!(
                permitted,
                duties.contains(&duty),
                "{duty} {action}: {shown}"
            );
        }
    }
    for (_, action) in Action::WORDS {
        assert!(
            ALLOWED.iter().any(|(a, _, _)| a == action),
            "{action} is not in the table"
        );
    }
}

#[test]
fn nothing_is_allowed_in_a_state_that_is_not_live() {
    for &(action, kind, duties) in ALLOWED {
        for &(_, state) in State::WORDS
            .iter()
            .filter(|(_, state)| *state != State::Live)
        {
            for duty in duties {
                let stopped = resource(kind, action, duty).with_state(state);
                check(duty, action, &stopped, &NOW, "denied not-live");
            }
        }
    }
}

#[test]
fn nothing_is_allowed_across_tenants() {
    for &(action, kind, duties) in ALLOWED {
        for duty in duties {
            let mut elsewhere = resource(kind, action, duty);
            elsewhere.tenant = "ks".parse().unwrap();
            check(duty, action, &elsewhere, &NOW, "denied same-tenant");
        }
    }
}

#[test]
fn nothing_is_allowed_without_a_client_certificate() {
    let bare = Context {
        mutual_tls: false,
        ..NOW
    };
    for &(action, kind, duties) in ALLOWED {
        for duty in duties {
            check(
                duty,
                action,
                &resource(kind, action, duty),
                &bare,
                "denied mutual-tls",
            );
        }
    }
}

#[test]
fn data_is_used_within_the_term_only() {
    let late = Context {
        within_term: false,
        ..NOW
    };
    for &(action, kind, duties) in ALLOWED {
        let uses_data = matches!(
            action,
            Action::SampleRequest
                | Action::SampleFetch
                | Action::ProductSubmit
                | Action::JobSubmit
                | Action::ResultFetch
        );
        for duty in duties {
            let shown = answer(authorise(
                &actor(duty),
                action,
                &resource(kind, action, duty),
                &late,
            ));
            assert_eq!(
                shown == "denied out-of-term",
                uses_data,
                "{duty} {action}: {shown}"
            );
        }
    }
}

#[test]
fn actions_apply_to_their_kinds_only() {
    for (_, action) in Action::WORDS
        .iter()
        .filter(|(_, action)| *action != Action::ReceiptGet)
    {
        for (_, kind) in Kind::WORDS {
            let known = ALLOWED.iter().any(|(a, k, _)| (a, k) == (action, kind));
            let shown = answer(authorise(
                &actor("institution"),
                *action,
                &resource(*kind, *action, "institution"),
                &NOW,
            ));
            assert_eq!(
                shown == "denied not-decidable",
                !known,
                "{action} on {kind}: {shown}"
            );
        }
    }
}

#[test]
fn separation_of_duties() {
    let organisation = |name: &str| Some(name.parse().unwrap());
    let product = Resource::new(
        "xj".parse().unwrap(),
        Kind::Product,
        "tenants/xj/scenarios/s/products/p",
    )
    .with_providers(["provider".parse().unwrap()])
    .with_submitter(organisation("operator"));
    let job = Resource::new(
        "xj".parse().unwrap(),
        Kind::Job,
        "tenants/xj/scenarios/s/jobs/j",
    );
    let dataset = Resource::new(
        "xj".parse().unwrap(),
        Kind::Dataset,
        "tenants/xj/datasets/ybj/claims",
    );
    let sample = Resource::new(
        "xj".parse().unwrap(),
        Kind::Sample,
        "tenants/xj/scenarios/s/samples/1",
    )
    .with_owner(organisation("provider"));
    let wanted = dataset
        .clone()
        .with_owner(organisation("provider"))
        .with_submitter(organisation("provider"));
    for (duty, action, on, expect) in [
        (
            "provider",
            Action::ProductApprove,
            product.clone(),
            "permit provider-approves",
        ),
        (
            "institution",
            Action::ProductApprove,
            product.clone(),
            "permit institution-approves",
        ),
        (
            "provider",
            Action::ProductApprove,
            product.clone().with_providers([]),
            "denied no-permit",
        ),
        (
            "provider",
            Action::ProductApprove,
            product.clone().with_submitter(organisation("provider")),
            "denied submitter-never-reviews",
        ),
        (
            "institution",
            Action::ProductApprove,
            product.clone().with_submitter(organisation("institution")),
            "denied submitter-never-reviews",
        ),
        (
            "institution",
            Action::ProductApprove,
            product.with_submitter(None),
            "denied submitter-never-reviews",
        ),
        (
            "operator",
            Action::ResultFetch,
            job.clone().with_submitter(organisation("operator")),
            "permit operator-runs",
        ),
        (
            "operator",
            Action::ResultFetch,
            job.clone().with_submitter(organisation("rival")),
            "denied only-its-submitter",
        ),
        (
            "operator",
            Action::ResultFetch,
            job.clone(),
            "denied only-its-submitter",
        ),
        (
            "operator",
            Action::JobWatch,
            job.clone().with_submitter(organisation("rival")),
            "denied only-its-submitter",
        ),
        (
            "institution",
            Action::JobWatch,
            job.clone().with_submitter(organisation("rival")),
            "permit institution-watches",
        ),
        (
            "institution",
            Action::ResultFetch,
            job.clone().with_submitter(organisation("rival")),
            "denied only-its-submitter",
        ),
        (
            "operator",
            Action::ReceiptGet,
            job.clone().with_submitter(organisation("rival")),
            "denied no-permit",
        ),
        (
            "provider",
            Action::ReceiptGet,
            job.with_providers(["provider".parse().unwrap()]),
            "permit own-receipts",
        ),
        (
            "institution",
            Action::ReversalConfirm,
            sample.clone().with_submitter(organisation("institution")),
            "denied asker-never-confirms",
        ),
        (
            "institution",
            Action::ReversalConfirm,
            sample.clone(),
            "denied asker-never-confirms",
        ),
        (
            "provider",
            Action::ReversalRequest,
            sample.clone().with_owner(organisation("other")),
            "denied no-permit",
        ),
        (
            "provider",
            Action::ReversalReveal,
            sample
                .clone()
                .with_owner(organisation("provider"))
                .with_submitter(organisation("other")),
            "denied no-permit",
        ),
        (
            "provider",
            Action::DestructionRequest,
            dataset.clone().with_owner(organisation("other")),
            "denied no-permit",
        ),
        (
            "provider",
            Action::DestructionRequest,
            dataset.clone(),
            "denied no-permit",
        ),
        (
            "provider",
            Action::DestructionConfirm,
            wanted.clone().with_asker(Some(actor("provider"))),
            "denied second-person-confirms",
        ),
        (
            "provider",
            Action::DestructionConfirm,
            wanted.clone(),
            "denied second-person-confirms",
        ),
        (
            "provider",
            Action::DestructionReject,
            wanted.clone().with_asker(Some(actor("provider"))),
            "permit provider-destroys-its-keys",
        ),
        (
            "institution",
            Action::DestructionConfirm,
            Resource::new("xj".parse().unwrap(), Kind::Scenario, "tenants/xj/thing")
                .with_submitter(organisation("rival"))
                .with_asker(Some(actor("institution"))),
            "denied own-destructions-only second-person-confirms",
        ),
        (
            "provider",
            Action::DatasetRegister,
            dataset.clone(),
            "permit provider-registers",
        ),
        (
            "provider",
            Action::DatasetRegister,
            dataset.clone().with_owner(organisation("provider")),
            "permit provider-registers",
        ),
        (
            "provider",
            Action::DatasetRegister,
            dataset.with_owner(organisation("other")),
            "denied own-name-space",
        ),
    ] {
        check(duty, action, &on, &NOW, expect);
    }
}

#[test]
fn reading_keeps_to_ones_own() {
    let other = || Some("other".parse().unwrap());
    let of = |kind| Resource::new("xj".parse().unwrap(), kind, "tenants/xj/thing");
    for (duty, action, on, expect) in [
        (
            "provider",
            Action::DatasetGet,
            of(Kind::Dataset),
            "denied no-permit",
        ),
        (
            "provider",
            Action::DatasetGet,
            of(Kind::Dataset).with_owner(other()),
            "denied no-permit",
        ),
        (
            "provider",
            Action::ScenarioGet,
            of(Kind::Scenario),
            "denied no-permit",
        ),
        (
            "provider",
            Action::SampleWatch,
            of(Kind::Sample),
            "denied no-permit",
        ),
        (
            "provider",
            Action::ProductGet,
            of(Kind::Product).with_providers(other()),
            "denied no-permit",
        ),
        (
            "operator",
            Action::ProductGet,
            of(Kind::Product).with_submitter(other()),
            "denied no-permit",
        ),
        (
            "developer",
            Action::ProductGet,
            of(Kind::Product),
            "denied no-permit",
        ),
        (
            "developer",
            Action::ProductGet,
            of(Kind::Product).with_submitter(Some("developer".parse().unwrap())),
            "permit submitter-reads-products",
        ),
        (
            "institution",
            Action::ProductGet,
            of(Kind::Product).with_submitter(other()),
            "permit institution-reads-products",
        ),
    ] {
        check(duty, action, &on, &NOW, expect);
    }
}

#[test]
fn a_permit_says_what_it_is_for() {
    let scenario = resource(Kind::Scenario, Action::SampleRequest, "developer");
    let Decision::Permit(permit) =
        authorise(&actor("developer"), Action::SampleRequest, &scenario, &NOW)
    else {
        panic!("denied");
    };
    assert_eq!(permit.principal(), &actor("developer"));
    assert_eq!(permit.action(), Action::SampleRequest);
    assert_eq!(permit.resource(), &scenario);
}

#[test]
fn a_denial_says_why_in_both_languages() {
    let denial = Denial {
        policies: vec!["not-live".into(), "same-tenant".into()],
    };
    assert_eq!(
        denial.to_string(),
        "denied by not-live, same-tenant: the resource is suspended, closed, expired or withdrawn; people act in their own tenant only"
    );
    assert_eq!(
        denial.message(Lang::Zh),
        "资源已暂停、关闭、到期或撤回；只能在本租户内操作"
    );
    assert_eq!(
        Denial::one(NO_PERMIT).message(Lang::Zh),
        "该职责无权对此资源执行此操作"
    );
}

#[test]
fn sets_that_cannot_be_trusted_are_refused() {
    let schema =
        "entity P; entity R { a: Bool }; action x appliesTo { principal: P, resource: R };";
    let permit =
        |id: &str, when: &str| format!("{id} permit (principal, action, resource) {when};");
    let named = permit("@id(\"a\")", "");
    let cases = [
        (named.clone(), "ok"),
        (permit("", ""), "number 1 has no @id"),
        (permit("@id(\"\")", ""), "number 1 has no @id"),
        (format!("{named}{named}"), "id `a` is used twice"),
        (
            permit("@id(\"a\")", "when { resource.b }"),
            "do not validate",
        ),
        (
            permit("@id(\"a\")", "when { resource.a == 1 }"),
            "do not validate",
        ),
        (permit("@id(\"a\")", "when {"), "cedar policies: "),
        (
            "@id(\"f\") forbid (principal, action, resource);".into(),
            "`f` forbids without @en and @zh",
        ),
    ];
    for (policies, expect) in cases {
        let shown = match compile(schema, &policies) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(shown.contains(expect), "{policies}: {shown}");
    }
    let broken = compile("entity", &named).map(|_| ());
    assert!(
        matches!(broken, Err(PoliciesError::Schema(_))),
        "{broken:?}"
    );
}

#[test]
fn every_action_has_one_word() {
    for (word, action) in Action::WORDS {
        assert_eq!(word.parse::<Action>().unwrap(), *action);
    }
    assert!("sample.steal".parse::<Action>().is_err());
}
