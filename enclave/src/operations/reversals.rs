//! Reversals: one surrogate back to its original, for the column's provider, after a person of the institution confirmed.
//!
//! ```text
//!  provider: request ─► reversal.requested ─► institution: signs the request's digest ─► reversal.confirmed
//!                          │                │        or signs a no ─► reversal.rejected
//!                          │ time is over   │
//!                          ▼                └──► provider: takes the original ◄─ reversal.answered, on the log first
//!                   reversal.expired
//! ```
//!
//! The key of the scenario opens one value inside the service and is never handed out. The log holds digests only; the
//! request in words, with the surrogate and the reason, lies in the encrypted store for the two who decide.

use std::time::Duration;

use desensitize::{ColumnKey, NotReversible, Transform};
use lineage::event::{
    DatasetVersion, ReversalAnswered, ReversalConfirmed, ReversalRejected, ReversalRequested,
};
use lineage::jcs;
use lineage::statement::{StatementDecision, StatementKind};
use lineage::{Actor, Leaf, SignedStatement, Timestamp};
use policy::{Action, Kind, Resource};
use serde::Serialize;
use zeroize::Zeroizing;

use super::access::Admitted;
use super::copies::Release;
use super::pending::{Expected, expired, is_over, wrong_state};
use super::products::scenario_of;
use super::{Call, Enclave, Failure, Reason};
use crate::registry::{Reversal, ReversalState};

/// The longest reason, in bytes: a few sentences for the person who confirms.
const REASON_BYTES_MAX: usize = 2000;
/// The longest surrogate, in bytes; no reversible one is longer.
const VALUE_BYTES_MAX: usize = 256;
/// The time over which requests are counted.
const RATE_TIME: Duration = Duration::from_secs(24 * 3600);

/// What a provider asks.
#[derive(Debug, Clone)]
pub struct RequestReversal {
    /// The sample.
    pub sample: String,
    /// The data set.
    pub dataset: String,
    /// The column.
    pub column: String,
    /// The surrogate, as a copy shows it.
    pub value: String,
    /// Why, in words.
    pub reason: String,
}

/// The request as it is stored and signed for: canonical JSON with a nonce, so that its digest confirms no guess.
#[derive(Serialize)]
struct Words<'r> {
    reversal: &'r str,
    dataset: &'r str,
    column: &'r str,
    organisation: &'r str,
    value: &'r str,
    reason: &'r str,
    nonce: &'r str,
}

impl Enclave {
    /// Asks for the original of one surrogate.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`] for anybody but the column's provider; [`Reason::NotReversible`] for a one-way sample, a
    /// technique without a way back, or a value that the sample does not hold there; [`Reason::KeyDestroyed`];
    /// [`Reason::LimitExceeded`] for too many within a day.
    pub fn request_reversal(&self, call: &Call, asked: &RequestReversal) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        within("reason", &asked.reason, REASON_BYTES_MAX)?;
        within("value", &asked.value, VALUE_BYTES_MAX)?;
        let resource = self.reversed(&asked.sample, &asked.dataset)?;
        let organisation = call.principal.organisation().to_string();
        {
            let admission = self.admission();
            let action = Action::ReversalRequest;
            match self.admit(&admission, call, action, &resource, true)? {
                Admitted::Before(leaf) => return Ok(*leaf),
                Admitted::Now(_) => self.refuse_too_many(&organisation)?,
            }
        }
        // Tried before anybody is asked to confirm; the original is wiped unseen.
        drop(self.original(&asked.sample, &asked.dataset, &asked.column, &asked.value)?);
        let entropy = |_| Failure::internal("entropy");
        let id = lineage::statement::fresh_nonce().map_err(entropy)?;
        let nonce = lineage::statement::fresh_nonce().map_err(entropy)?;
        let reversal = format!("{}/reversals/{id}", asked.sample);
        let words = jcs::canonical_of(&Words {
            reversal: &reversal,
            dataset: &asked.dataset,
            column: &asked.column,
            organisation: &organisation,
            value: &asked.value,
            reason: &asked.reason,
            nonce: &nonce,
        });
        let words = words.map_err(|_| Failure::internal("request"))?;
        let salt = self.shared.keys.source_salt(&self.shared.tenant)?;
        let value = [&asked.sample, &asked.dataset, &asked.column, &asked.value];
        let body = ReversalRequested {
            reversal,
            dataset: asked.dataset.clone(),
            column: asked.column.clone(),
            organisation: organisation.clone(),
            request_digest: self.shared.blobs.put(&words)?,
            value_digest: salt.digest(&value.map(|part| part.as_bytes())),
            expires: self.expiry(),
        };
        let admission = self.admission();
        self.refuse_too_many(&organisation)?;
        self.answer(&admission, call, body)
    }

    /// A request with its words, for who asked and for who is to confirm.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`]; [`Reason::NotFound`].
    pub fn describe_reversal(&self, actor: &Actor, name: &str) -> Result<Reversal, Failure> {
        self.expire_requests()?;
        let known = self.reversal(name);
        let dataset = known.as_ref().map_or("", |known| known.dataset.as_str());
        let resource = self.reversed(sample_of(name), dataset)?;
        self.permit_reading(actor, Action::ReversalGet, &resource, true)?;
        known
    }

    /// The words of a request.
    ///
    /// # Errors
    /// When they are not in the store any more.
    pub fn reversal_words(&self, reversal: &Reversal) -> Result<String, Failure> {
        self.text(&reversal.request_digest)
    }

    /// Takes in a confirmation that a person of the institution signed with their own key.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`] for any other duty and for the organisation that asked; [`Reason::StatementInvalid`]
    /// saying what does not fit; [`Reason::StateNotAllowed`] once it is confirmed, rejected or over.
    pub fn confirm_reversal(
        &self,
        call: &Call,
        name: &str,
        statement: SignedStatement,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        self.expire(&admission)?;
        let reversal = self.reversal(name);
        let resource = self.asked_by(name, reversal.as_ref().ok())?;
        let action = Action::ReversalConfirm;
        match self.admit(&admission, call, action, &resource, true)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(_) => {}
        }
        let reversal = reversal?;
        must_wait(&reversal)?;
        if reversal.state != ReversalState::Requested {
            return Err(confirmed_already(name));
        }
        let expected = expected(&reversal, StatementDecision::Approve);
        self.answers(&statement, &expected, call)?;
        let body = ReversalConfirmed {
            reversal: name.to_owned(),
            request_digest: reversal.request_digest,
            statement,
        };
        self.answer(&admission, call, body)
    }

    /// Takes in a rejection that a person of the institution signed with their own key, until the original was given.
    ///
    /// # Errors
    /// As [`Enclave::confirm_reversal`]; a confirmed request can still be rejected.
    pub fn reject_reversal(
        &self,
        call: &Call,
        name: &str,
        statement: SignedStatement,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        self.expire(&admission)?;
        let reversal = self.reversal(name);
        let resource = self.asked_by(name, reversal.as_ref().ok())?;
        let action = Action::ReversalReject;
        match self.admit(&admission, call, action, &resource, true)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(_) => {}
        }
        let reversal = reversal?;
        must_wait(&reversal)?;
        let expected = expected(&reversal, StatementDecision::Reject);
        self.answers(&statement, &expected, call)?;
        let body = ReversalRejected {
            reversal: name.to_owned(),
            request_digest: reversal.request_digest,
            statement,
        };
        self.answer(&admission, call, body)
    }

    /// Gives the confirmed original to the organisation that asked, once its answer is on the log.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`]; [`Reason::ApprovalMissing`] before the confirmation; [`Reason::StateNotAllowed`] when
    /// another call took it, when it was rejected, and once its time is over; [`Reason::KeyDestroyed`].
    pub fn reverse_value(
        &self,
        call: &Call,
        name: &str,
    ) -> Result<(Leaf, Zeroizing<String>), Failure> {
        let _in_flight = self.take(call)?;
        let reversal = self.reversal(name);
        let resource = self.asked_by(name, reversal.as_ref().ok())?;
        let before = {
            let admission = self.admission();
            let action = Action::ReversalReveal;
            match self.admit(&admission, call, action, &resource, true)? {
                Admitted::Before(leaf) => Some(*leaf),
                Admitted::Now(_) => None,
            }
        };
        self.expire_requests()?;
        let reversal = self.reversal(name)?;
        if is_over(reversal.expires) {
            return Err(expired(name));
        }
        if reversal.is_open() {
            confirmation(&reversal)?;
        } else if before.is_none() {
            must_wait(&reversal)?;
        }
        let words = Zeroizing::new(self.reversal_words(&reversal)?);
        let value = value_in(&words)?;
        let original =
            self.original(sample_of(name), &reversal.dataset, &reversal.column, &value)?;
        if let Some(leaf) = before {
            return Ok((leaf, original));
        }
        let release = self.release_of(sample_of(name))?;
        let admission = self.admission();
        self.reversal_keys_are_there(&release, &reversal.dataset, &reversal.column)?;
        let body = ReversalAnswered {
            reversal: name.to_owned(),
            request_digest: reversal.request_digest,
            // What happened meanwhile counts: a rejection, another call, the end of its time.
            confirmation: confirmation(&self.reversal(name)?)?,
        };
        Ok((self.answer(&admission, call, body)?, original))
    }

    /// A reversal, or "not found".
    pub(crate) fn reversal(&self, name: &str) -> Result<Reversal, Failure> {
        let known = self.read(|registry| registry.reversal(name).cloned());
        known.ok_or_else(|| Failure::not_found(name))
    }

    /// The sample as policies see it, with the column's provider as owner.
    fn reversed(&self, sample: &str, dataset: &str) -> Result<Resource, Failure> {
        let provider =
            self.read(|registry| registry.dataset(dataset).map(|one| one.provider.clone()));
        let owner = provider.and_then(|provider| provider.parse().ok());
        Ok(self.resource(Kind::Sample, sample)?.with_owner(owner))
    }

    /// The same with the organisation that asked.
    fn asked_by(&self, name: &str, reversal: Option<&Reversal>) -> Result<Resource, Failure> {
        let dataset = reversal.map_or("", |reversal| reversal.dataset.as_str());
        let asked = reversal.and_then(|reversal| reversal.organisation.parse().ok());
        Ok(self
            .reversed(sample_of(name), dataset)?
            .with_submitter(asked))
    }

    /// Counts what an organisation asked within a day, by the log's own times.
    fn refuse_too_many(&self, organisation: &str) -> Result<(), Failure> {
        let most = self.shared.config.limits.reversals_per_day_max;
        let window = i64::try_from(RATE_TIME.as_micros()).unwrap_or(i64::MAX);
        let since = Timestamp::now().micros().saturating_sub(window);
        let asked = self.read(|registry| {
            let recent = registry
                .reversals()
                .filter(|one| one.organisation == organisation && one.time.micros() > since);
            u64::try_from(recent.count()).unwrap_or(u64::MAX)
        });
        if asked < most {
            return Ok(());
        }
        Err(Failure::new(
            Reason::LimitExceeded,
            format!(
                "{asked} reversals were asked for within 24 hours; `limits.reversals_per_day_max` is {most}, so wait, or have \
                 the host's administrator raise it"
            ),
            format!("24 小时内已申请 {asked} 次还原，上限为 {most} 次"),
        ))
    }

    /// The original of a surrogate that the sample holds in this column.
    fn original(
        &self,
        sample: &str,
        dataset: &str,
        column: &str,
        shown: &str,
    ) -> Result<Zeroizing<String>, Failure> {
        let release = self.release_of(sample)?;
        self.reversal_keys_are_there(&release, dataset, column)?;
        if release.one_way {
            return Err(no_way_back(format!(
                "`{sample}` is one-way: the key of its surrogates was never stored"
            )));
        }
        let transform = self.transform(&release, dataset, column)?;
        let released = self.released_value(&release, dataset, column, shown)?;
        let original = transform
            .reverse(&released)
            .map_err(|error| not_reversible(&error))?;
        Ok(Zeroizing::new(original))
    }

    /// Refuses once the scenario's key is gone, or that of the column whose value would come back: what was destroyed is
    /// not to be had another way.
    fn reversal_keys_are_there(
        &self,
        release: &Release,
        dataset: &str,
        column: &str,
    ) -> Result<(), Failure> {
        let read = release.datasets.iter().find(|read| read.dataset == dataset);
        let read = read.map(|read| DatasetVersion {
            columns: vec![column.to_owned()],
            ..read.clone()
        });
        self.keys_are_there(Some(&scenario_of(&release.name)), read.as_slice())
    }

    /// The transform of a released column, with the scenario's key.
    fn transform(
        &self,
        release: &Release,
        dataset: &str,
        column: &str,
    ) -> Result<Transform, Failure> {
        let place = self.place(release, dataset)?;
        let table = release.plan.tables.get(place);
        let recipe = table.and_then(|table| {
            let mut recipes = table.recipes.iter();
            let recipe = recipes.find(|recipe| recipe.column == column)?;
            Some((recipe, table.columns.field_with_name(column).ok()?))
        });
        let (recipe, field) = recipe.ok_or_else(|| {
            no_way_back(format!(
                "`{}` releases no column `{column}` of `{dataset}`",
                release.name
            ))
        })?;
        let id = &release.policy_scenario;
        let key = self.shared.keys.scenario(&self.shared.tenant, id)?;
        let key = recipe
            .domain()
            .map(|domain| key.domain(domain))
            .transpose()?;
        let key = key.map(|key| ColumnKey::from(*key.expose()));
        Transform::compile(recipe, field, key.as_ref()).map_err(|_| Failure::internal("recipe"))
    }

    /// The value that the sample itself holds where a copy shows this one.
    fn released_value(
        &self,
        release: &Release,
        dataset: &str,
        column: &str,
        shown: &str,
    ) -> Result<String, Failure> {
        let place = self.place(release, dataset)?;
        let (marks, tables) = self.observed(release)?;
        let batches = tables
            .get(place)
            .map_or(&[][..], |table| table.batches.as_slice());
        for batch in batches {
            let found = marks.released_form(place, column, batch, shown);
            if let Some(found) = found.map_err(|_| Failure::internal("released table"))? {
                return Ok(found);
            }
        }
        Err(no_way_back(format!(
            "column `{column}` of `{dataset}` holds no such value in `{}`",
            release.name
        )))
    }

    fn place(&self, release: &Release, dataset: &str) -> Result<usize, Failure> {
        let mut read = release.datasets.iter();
        let place = read.position(|read| read.dataset == dataset);
        place.ok_or_else(|| {
            no_way_back(format!("`{}` was not drawn from `{dataset}`", release.name))
        })
    }
}

/// The surrogate in a request's words.
fn value_in(words: &str) -> Result<Zeroizing<String>, Failure> {
    let words: serde_json::Value =
        serde_json::from_str(words).map_err(|_| Failure::internal("request"))?;
    let value = words.get("value").and_then(|value| value.as_str());
    let value = value.ok_or_else(|| Failure::internal("request"))?;
    Ok(Zeroizing::new(value.to_owned()))
}

/// `…/samples/{id}` of a reversal's name.
fn sample_of(name: &str) -> &str {
    name.split_once("/reversals/")
        .map_or(name, |(sample, _)| sample)
}

fn within(field: &'static str, text: &str, bytes_max: usize) -> Result<(), Failure> {
    if !text.trim().is_empty() && text.len() <= bytes_max {
        return Ok(());
    }
    Err(Failure::new(
        Reason::FieldInvalid,
        format!("`{field}` has 1 to {bytes_max} bytes"),
        format!("`{field}` 应为 1 至 {bytes_max} 字节"),
    )
    .with("field", field))
}

fn no_way_back(why: String) -> Failure {
    Failure::new(Reason::NotReversible, why, Reason::NotReversible.zh())
}

fn not_reversible(error: &NotReversible) -> Failure {
    no_way_back(error.to_string())
}

/// The entry of the confirmation that an answer can rest on now.
fn confirmation(reversal: &Reversal) -> Result<u64, Failure> {
    must_wait(reversal)?;
    match reversal.state {
        ReversalState::Confirmed { seq } => Ok(seq),
        _ => Err(Failure::new(
            Reason::ApprovalMissing,
            format!(
                "`{}` is not confirmed yet by a person of the institution",
                reversal.name
            ),
            format!("`{}` 尚未由实施机构人员确认", reversal.name),
        )
        .with("missing", "institution")),
    }
}

/// Refuses what has ended.
fn must_wait(reversal: &Reversal) -> Result<(), Failure> {
    let name = &reversal.name;
    match reversal.state {
        ReversalState::Rejected { .. } => {
            let why = "it was rejected; ask anew with a better reason";
            Err(wrong_state(
                name,
                "rejected",
                why,
                "申请已被驳回，请说明理由后重新申请",
            ))
        }
        ReversalState::Answered { .. } => {
            let why = "its original was given already; ask anew";
            Err(wrong_state(name, "answered", why, "原值已提供，请重新申请"))
        }
        ReversalState::Expired { .. } => Err(expired(name)),
        _ if is_over(reversal.expires) => Err(expired(name)),
        ReversalState::Requested | ReversalState::Confirmed { .. } => Ok(()),
    }
}

fn confirmed_already(name: &str) -> Failure {
    wrong_state(name, "confirmed", "it is confirmed already", "申请已确认")
}

fn expected(reversal: &Reversal, decision: StatementDecision) -> Expected<'_> {
    Expected {
        kind: StatementKind::SampleReversal,
        decision,
        resource: &reversal.name,
        digest: reversal.request_digest,
    }
}
