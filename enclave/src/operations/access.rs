//! Admission of a mutating call: answered before? permitted? The decision is on the log before anything is opened.

use std::collections::BTreeSet;

use lineage::event::AccessDecided;
use lineage::{Actor, Decision as Logged, Digest, EventBody, Leaf};
use policy::{
    Action, Context, Decision, Lang, Organisation, Permit, Resource,
    authorise::{self, authorise},
};

use super::call::principal;
use super::{Admission, Call, Enclave, Failure, Reason, locked};
use crate::registry::RequestKey;

/// What admission came to.
pub(super) enum Admitted {
    /// An earlier call with the same id was answered by this leaf.
    Before(Box<Leaf>),
    /// The call may go on.
    Now(Box<Permit>),
}

/// Keeps a request id from being worked on twice at a time; dropped when the call ends.
pub(super) struct InFlight {
    enclave: Enclave,
    key: RequestKey,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        locked(&self.enclave.shared.in_flight).remove(&self.key);
    }
}

impl Enclave {
    /// Takes a call in: a second one with the same id waits outside until the first has ended.
    pub(super) fn take(&self, call: &Call) -> Result<InFlight, Failure> {
        let key = call.key();
        if !locked(&self.shared.in_flight).insert(key.clone()) {
            return Err(Failure::new(
                Reason::RequestInProgress,
                "the same request_id is being worked on; ask again in a moment",
                "同一 request_id 正在处理中，请稍后再试",
            ));
        }
        Ok(InFlight {
            enclave: self.clone(),
            key,
        })
    }

    /// Answers from the log, or decides and logs the decision.
    pub(super) fn admit(
        &self,
        admission: &Admission<'_>,
        call: &Call,
        action: Action,
        resource: &Resource,
        within_term: bool,
    ) -> Result<Admitted, Failure> {
        let replay = self.read(|registry| registry.replay(&call.key()));
        if let Some(replay) = &replay {
            if replay.request_digest != call.request_digest {
                return Err(Failure::new(
                    Reason::RequestIdReused,
                    "this request_id was used for another request; take a fresh one",
                    "该 request_id 已用于其他请求，请使用新的编号",
                ));
            }
            if let Some(seq) = replay.answer {
                return self
                    .answered(seq)
                    .map(|leaf| Admitted::Before(Box::new(leaf)));
            }
        }
        let context = Context {
            mutual_tls: true,
            within_term,
        };
        let decision = authorise(&call.principal, action, resource, &context);
        let mut body = self.decided(action, resource, &decision);
        body.request_digest = Some(call.request_digest);
        let logged = self.log_decision(
            admission,
            &call.actor,
            Some(&call.request_id),
            body,
            &decision,
        )?;
        match decision {
            Decision::Permit(permit) => Ok(Admitted::Now(Box::new(permit))),
            Decision::Denied(denial) => Err(denied(&denial, &logged)),
        }
    }

    /// Decides a reading call and logs the decision.
    pub(super) fn permit_reading(
        &self,
        actor: &Actor,
        action: Action,
        resource: &Resource,
        within_term: bool,
    ) -> Result<Permit, Failure> {
        let context = Context {
            mutual_tls: true,
            within_term,
        };
        let decision = authorise(&principal(actor)?, action, resource, &context);
        let admission = self.admission();
        let body = self.decided(action, resource, &decision);
        let logged = self.log_decision(&admission, actor, None, body, &decision)?;
        match decision {
            Decision::Permit(permit) => Ok(permit),
            Decision::Denied(denial) => Err(denied(&denial, &logged)),
        }
    }

    /// The leaf that answers an earlier call; a denial is denied again.
    fn answered(&self, seq: u64) -> Result<Leaf, Failure> {
        let leaf = self.leaf(seq)?;
        match &leaf.body {
            EventBody::AccessDecided(body) => Err(denied(
                &policy::Denial {
                    policies: body.reasons.clone(),
                },
                &leaf,
            )),
            _ => Ok(leaf),
        }
    }

    /// One leaf of the log.
    pub(crate) fn leaf(&self, seq: u64) -> Result<Leaf, Failure> {
        let leaf = self.shared.log.read(seq, 1)?.pop();
        leaf.ok_or_else(|| Failure::not_found(&format!("log entry {seq}")))
    }

    fn decided(&self, action: Action, resource: &Resource, decision: &Decision) -> AccessDecided {
        AccessDecided {
            action: action.as_str().to_owned(),
            resource: resource.name.clone(),
            reasons: match decision {
                Decision::Permit(permit) => permit.policies().to_vec(),
                Decision::Denied(denial) => denial.policies.clone(),
            },
            request_digest: None,
        }
    }

    fn log_decision(
        &self,
        admission: &Admission<'_>,
        actor: &Actor,
        request_id: Option<&str>,
        body: AccessDecided,
        decision: &Decision,
    ) -> Result<Leaf, Failure> {
        let logged = match decision {
            Decision::Permit(_) => Logged::Permit,
            Decision::Denied(_) => Logged::Deny,
        };
        let policies = authorise::source().map(str::as_bytes);
        let event = self
            .event(actor, body)
            .decided(logged, Digest::of_parts(&policies));
        let event = match request_id {
            Some(request_id) => event.request_id(request_id),
            None => event,
        };
        let logged = self.commit(admission, vec![event])?.pop();
        logged.ok_or_else(|| Failure::internal("log"))
    }

    /// Appends the event that answers a call.
    pub(super) fn answer(
        &self,
        admission: &Admission<'_>,
        call: &Call,
        body: impl Into<EventBody>,
    ) -> Result<Leaf, Failure> {
        let event = self.event(&call.actor, body).request_id(&call.request_id);
        let leaf = self.commit(admission, vec![event])?.pop();
        leaf.ok_or_else(|| Failure::internal("log"))
    }

    /// A name in this tenant, or "not found": another tenant's names are not confirmed.
    pub(super) fn resource(&self, kind: policy::Kind, name: &str) -> Result<Resource, Failure> {
        let tenant = name
            .strip_prefix("tenants/")
            .and_then(|rest| rest.split('/').next())
            .and_then(|tenant| tenant.parse().ok())
            .ok_or_else(|| invalid_name(name))?;
        Ok(Resource::new(tenant, kind, name))
    }

    /// The organisations whose data sets a scenario names.
    pub(super) fn providers(&self, datasets: &[String]) -> BTreeSet<Organisation> {
        self.read(|registry| {
            let provider = |name: &String| registry.dataset(name)?.provider.parse().ok();
            datasets.iter().filter_map(provider).collect()
        })
    }
}

fn denied(denial: &policy::Denial, logged: &Leaf) -> Failure {
    Failure::new(
        Reason::AccessDenied,
        denial.to_string(),
        denial.message(Lang::Zh),
    )
    .with("policies", denial.policies.join(","))
    .at(logged)
}

fn invalid_name(name: &str) -> Failure {
    Failure::new(
        Reason::FieldInvalid,
        format!("`{name}` is not a resource name; it begins with `tenants/TENANT/…`"),
        format!("`{name}` 不是资源名称，应以 `tenants/TENANT/…` 开头"),
    )
}
