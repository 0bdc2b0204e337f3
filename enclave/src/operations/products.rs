//! Products: logic that is governed when submitted, and bound by signed approvals before it runs.

use lineage::event::{
    Binding, BoundDataset, ProductApproved, ProductRefused, ProductSubmitted, VersionPin,
};
use lineage::statement::StatementDecision;
use lineage::{Digest, Duty, EventBody, Leaf, SignedStatement, product_version_name};
use policy::{Action, Kind, Permit};

use super::access::Admitted;
use super::scenarios::InForce;
use super::{Admission, Call, Enclave, Failure, Reason};
use crate::registry::ProductVersion;
use crate::worker::{Governance, JobFailure, governance};

/// The longest logic, in bytes; `egress` refuses longer ones too.
const SQL_BYTES_MAX: usize = 64 * 1024;

/// A body whose approval is still missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The organisation; none when any institution may approve.
    pub organisation: Option<String>,
    /// `institution` or `provider`.
    pub duty: Duty,
}

impl Enclave {
    /// Submits a version of a product: its logic is governed in a sealed worker without data.
    ///
    /// # Errors
    /// [`Reason::Refused`] with rule and column when governed SQL does not allow the logic; the refusal is on the log
    /// and is the answer to this request id.
    pub fn submit_product(
        &self,
        call: &Call,
        parent: &str,
        product_id: &str,
        sql: &str,
        pins: &[(String, VersionPin)],
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let product = format!("{parent}/products/{product_id}");
        if sql.len() > SQL_BYTES_MAX {
            return Err(Failure::new(
                Reason::FieldInvalid,
                format!("the logic is longer than {SQL_BYTES_MAX} bytes"),
                format!("逻辑文本超过 {SQL_BYTES_MAX} 字节"),
            ));
        }
        let admission = self.admission();
        let in_force = self.in_force_or_denied(call, &admission, parent, Action::ProductSubmit)?;
        let in_force = match in_force {
            Ok(in_force) => in_force,
            Err(before) => return self.submitted_before(*before),
        };
        let rules = rules(&in_force)?;
        let version =
            self.read(|registry| registry.product(&product).map_or(0, |p| p.last_version)) + 1;
        let binding = self.binding(&in_force, sql, pins, &rules)?;
        match self.shared.workers.plan(sql, &rules) {
            Ok(_) => {
                self.shared.blobs.put(sql.as_bytes())?;
                let body = ProductSubmitted {
                    product,
                    version,
                    binding_digest: binding.digest().map_err(|_| Failure::internal("binding"))?,
                    binding,
                    organisation: call.principal.organisation().to_string(),
                };
                self.answer(&admission, call, body)
            }
            Err(JobFailure::Refused(refused)) => {
                let told = Failure::from(JobFailure::Refused(refused.clone()));
                let body = ProductRefused {
                    product,
                    version,
                    reason: refused.reason(),
                    rule: Some(refused.refusal.rule.clone()),
                    column: refused.refusal.column.clone(),
                    refusal_digest: Some(self.keep_refusal(&told)?),
                };
                let leaf = self.answer(&admission, call, body)?;
                Err(told.at(&leaf))
            }
            Err(failure) => Err(failure.into()),
        }
    }

    fn submitted_before(&self, leaf: Leaf) -> Result<Leaf, Failure> {
        match &leaf.body {
            EventBody::ProductRefused(body) => {
                Err(self.kept_refusal(body.refusal_digest.as_ref())?.at(&leaf))
            }
            _ => Ok(leaf),
        }
    }

    /// Admits a call on a scenario; the inner error is the leaf that answered it before.
    pub(super) fn in_force_or_denied(
        &self,
        call: &Call,
        admission: &Admission<'_>,
        scenario: &str,
        action: Action,
    ) -> Result<Result<InForce, Box<Leaf>>, Failure> {
        let in_force = self.in_force(scenario)?;
        let providers = self.providers(&in_force.scenario.datasets);
        let resource = self
            .resource(Kind::Scenario, scenario)?
            .with_providers(providers);
        match self.admit(admission, call, action, &resource, in_force.within_term)? {
            Admitted::Before(leaf) => Ok(Err(leaf)),
            Admitted::Now(_) => Ok(Ok(in_force)),
        }
    }

    pub(super) fn binding(
        &self,
        in_force: &InForce,
        sql: &str,
        pins: &[(String, VersionPin)],
        rules: &Governance,
    ) -> Result<Binding, Failure> {
        let contract =
            serde_json::to_vec(&rules.contract).map_err(|_| Failure::internal("contract"))?;
        let datasets = in_force
            .scenario
            .datasets
            .iter()
            .map(|name| self.bound(name, pins));
        let stray = pins
            .iter()
            .find(|(name, _)| !in_force.scenario.datasets.contains(name));
        if let Some((name, _)) = stray {
            return Err(Failure::new(
                Reason::FieldInvalid,
                format!("`{name}` is not a data set of this scenario"),
                format!("`{name}` 不是该场景的数据集"),
            ));
        }
        Ok(Binding {
            logic_digest: Digest::of(sql.as_bytes()),
            policy_digest: in_force.scenario.policy_digest,
            datasets: datasets.collect::<Result<_, _>>()?,
            contract_digest: Digest::of(&contract),
        })
    }

    fn bound(&self, name: &str, pins: &[(String, VersionPin)]) -> Result<BoundDataset, Failure> {
        let pin = pins
            .iter()
            .find(|(pinned, _)| pinned == name)
            .map(|(_, pin)| *pin);
        let version = pin.unwrap_or(VersionPin::Current);
        self.read(|registry| {
            let dataset = registry.dataset(name)?;
            let revision = match version {
                VersionPin::Current => dataset.current()?,
                VersionPin::Number(number) => dataset.revision(number)?,
            };
            Some(BoundDataset {
                dataset: name.to_owned(),
                schema_digest: revision.schema_digest,
                labels_digest: revision.labels_digest,
                version,
            })
        })
        .ok_or_else(|| Failure::not_found(name))
    }

    /// Takes in an approval that a reviewer signed with their own key.
    ///
    /// # Errors
    /// [`Reason::StatementInvalid`] saying what of the statement does not fit; [`Reason::AccessDenied`] for the
    /// submitter's own organisation and for organisations that have no say.
    pub fn approve_product(
        &self,
        call: &Call,
        product: &str,
        version: u64,
        statement: SignedStatement,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        let submitted = self.product_version(product, version)?;
        let in_force = self.in_force(&scenario_of(product))?;
        let datasets: Vec<_> = submitted
            .binding
            .datasets
            .iter()
            .map(|bound| bound.dataset.clone())
            .collect();
        let resource = self
            .resource(Kind::Product, product)?
            .with_providers(self.providers(&datasets))
            .with_submitter(submitted.organisation.parse().ok());
        let action = Action::ProductApprove;
        match self.admit(&admission, call, action, &resource, in_force.within_term)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(permit) => self.fits(&statement, product, &submitted, &permit, call)?,
        }
        let body = ProductApproved {
            product: product.to_owned(),
            version,
            binding_digest: submitted.binding_digest,
            statement,
        };
        self.answer(&admission, call, body)
    }

    /// Whether a statement is this person's approval of exactly this version.
    fn fits(
        &self,
        signed: &SignedStatement,
        product: &str,
        submitted: &ProductVersion,
        permit: &Permit,
        call: &Call,
    ) -> Result<(), Failure> {
        let statement = &signed.statement;
        let person = permit.principal();
        let organisation = person.organisation().as_str();
        let enrolled = self.read(|registry| {
            registry.keys().iter().any(|key| {
                key.public_key == signed.public_key
                    && key.organisation == organisation
                    && Some(key.duty) == call.actor.duty()
                    && key.person == person.person().as_str()
            })
        });
        let resource = product_version_name(product, submitted.version);
        if signed.verify().is_ok() && !enrolled {
            return Err(Failure::new(
                Reason::KeyNotEnrolled,
                "the statement's key is not enrolled for the caller; enrol it first with `karez key enrol`",
                "声明所用密钥尚未为调用者登记，请先执行 `karez key enrol`",
            ));
        }
        let fault = if signed.verify().is_err() {
            "its signature does not fit"
        } else if statement.resource != resource {
            "it is about another resource"
        } else if statement.digest != submitted.binding_digest {
            "it binds another digest; look at the product again and sign what it shows"
        } else if statement.organisation != organisation {
            "it speaks for another organisation"
        } else if statement.decision != StatementDecision::Approve {
            "it rejects the product; to reject one, do not approve it"
        } else if submitted
            .approvals
            .iter()
            .any(|approval| approval.nonce == statement.nonce)
        {
            "it was handed in before; sign a fresh one"
        } else {
            return Ok(());
        };
        Err(Failure::new(
            Reason::StatementInvalid,
            format!("the statement is not accepted: {fault}"),
            "签名声明不被接受",
        ))
    }

    /// A submitted version, or "not found".
    ///
    /// # Errors
    /// [`Reason::NotFound`].
    pub fn product_version(&self, product: &str, version: u64) -> Result<ProductVersion, Failure> {
        let found = self.read(|registry| registry.product(product)?.version(version).cloned());
        found.ok_or_else(|| Failure::not_found(&product_version_name(product, version)))
    }

    /// Whose approvals a version still lacks: one institution and every provider, none of them the submitter's.
    #[must_use]
    pub fn missing_approvals(&self, version: &ProductVersion) -> Vec<Missing> {
        let given = |duty: Duty, organisation: Option<&str>| {
            version.approvals.iter().any(|approval| {
                approval.duty == duty
                    && approval.organisation != version.organisation
                    && organisation.is_none_or(|wanted| wanted == approval.organisation)
            })
        };
        let datasets: Vec<_> = version
            .binding
            .datasets
            .iter()
            .map(|bound| bound.dataset.clone())
            .collect();
        let mut missing = Vec::new();
        if !given(Duty::Institution, None) {
            missing.push(Missing {
                organisation: None,
                duty: Duty::Institution,
            });
        }
        for provider in self.providers(&datasets) {
            if !given(Duty::Provider, Some(provider.as_str())) {
                let organisation = Some(provider.to_string());
                missing.push(Missing {
                    organisation,
                    duty: Duty::Provider,
                });
            }
        }
        missing
    }

    /// Keeps a refusal's words, so that a repeated call and a watcher get the same.
    pub(super) fn keep_refusal(&self, refusal: &Failure) -> Result<Digest, Failure> {
        let words = serde_json::json!({
            "reason": refusal.reason.as_str(),
            "message": refusal.message,
            "localized": refusal.localized,
            "metadata": refusal.metadata.iter().map(|(key, value)| (*key, value.as_str())).collect::<std::collections::BTreeMap<_, _>>(),
        });
        Ok(self.shared.blobs.put(words.to_string().as_bytes())?)
    }

    /// The words of a refusal on the log.
    ///
    /// # Errors
    /// When they are not in the store any more.
    pub fn kept_refusal(&self, digest: Option<&Digest>) -> Result<Failure, Failure> {
        let digest = digest.ok_or_else(|| Failure::internal("refusal"))?;
        let words: serde_json::Value =
            serde_json::from_str(&self.text(digest)?).map_err(|_| Failure::internal("refusal"))?;
        let text = |key: &str| {
            words
                .get(key)
                .and_then(|text| text.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let word = text("reason");
        let reason = Reason::ALL.iter().find(|reason| reason.as_str() == word);
        let reason = *reason.ok_or_else(|| Failure::internal("refusal"))?;
        let mut failure = Failure::new(reason, text("message"), text("localized"));
        for key in ["rule", "refusal", "column", "key"] {
            let value = words
                .get("metadata")
                .and_then(|metadata| metadata.get(key)?.as_str());
            if let Some(value) = value {
                failure = failure.with(key, value);
            }
        }
        Ok(failure)
    }

    /// A product's logic, for its submitter and its reviewers.
    ///
    /// # Errors
    /// When it is not in the store any more.
    pub fn product_logic(&self, version: &ProductVersion) -> Result<String, Failure> {
        self.text(&version.binding.logic_digest)
    }
}

/// The rules of a scenario's queries.
pub(super) fn rules(in_force: &InForce) -> Result<Governance, Failure> {
    governance(&in_force.policy).map_err(|error| {
        Failure::new(
            Reason::DocumentInvalid,
            error.to_string(),
            "该场景不允许查询结果输出",
        )
    })
}

/// `tenants/{t}/scenarios/{s}` of a name below it.
pub(super) fn scenario_of(name: &str) -> String {
    name.split('/').take(4).collect::<Vec<_>>().join("/")
}
