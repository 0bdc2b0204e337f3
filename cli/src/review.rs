//! A reviewer's own work: computing again what is about to be signed, and signing it, on the reviewer's machine.
//!
//! The server shows a text and names a digest. Only when the digest is that of the text does a signature over the
//! digest mean what the reviewer has read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use enclave::client::v1::{self, dataset_binding::Version};
use lineage::event::{Binding, BoundDataset, VersionPin};
use lineage::{Digest, Statement, StatementKey};

use crate::language::text;
use crate::problem::Problem;

/// The binding digest, once everything that was shown has been found in it.
pub(crate) fn digest_of(product: &v1::Product, scenario: &v1::Scenario) -> Result<Digest, Problem> {
    let shown = product.binding.as_ref().ok_or_else(|| unfit("binding"))?;
    let binding = binding(shown)?;
    if binding.logic_digest != Digest::of(product.sql.as_bytes()) {
        return Err(unfit("logic"));
    }
    if binding.policy_digest != Digest::of(scenario.policy.as_bytes()) {
        return Err(other_policy());
    }
    let digest = binding.digest().map_err(|_| unfit("binding"))?;
    if digest != parsed(&product.binding_digest)? {
        return Err(unfit("binding"));
    }
    Ok(digest)
}

/// A statement on the wire: exactly the bytes that were signed.
pub(crate) fn signed(
    key: &StatementKey,
    statement: Statement,
) -> Result<v1::SignedStatement, Problem> {
    let unsigned = || Problem::refused(text!("the statement cannot be signed", "声明无法签署"));
    let bytes = statement.signed_bytes().map_err(|_| unsigned())?;
    let signed = key.sign(statement)?;
    let signature = STANDARD.decode(signed.signature).map_err(|_| unsigned())?;
    Ok(v1::SignedStatement {
        statement: bytes.into(),
        signature: signature.into(),
        public_key: key.public_key().as_bytes().to_vec().into(),
    })
}

fn binding(shown: &v1::ProductBinding) -> Result<Binding, Problem> {
    Ok(Binding {
        logic_digest: parsed(&shown.logic_digest)?,
        policy_digest: parsed(&shown.policy_digest)?,
        contract_digest: parsed(&shown.contract_digest)?,
        datasets: shown.datasets.iter().map(bound).collect::<Result<_, _>>()?,
    })
}

fn bound(shown: &v1::DatasetBinding) -> Result<BoundDataset, Problem> {
    Ok(BoundDataset {
        dataset: shown.dataset.clone(),
        schema_digest: parsed(&shown.schema_digest)?,
        labels_digest: parsed(&shown.labels_digest)?,
        version: match shown.version {
            Some(Version::Number(number)) => VersionPin::Number(number),
            Some(Version::Current(true)) => VersionPin::Current,
            _ => return Err(unfit("version")),
        },
    })
}

fn parsed(digest: &str) -> Result<Digest, Problem> {
    digest.parse().map_err(|_| unfit("digest"))
}

fn other_policy() -> Problem {
    Problem::refused(text!(
        "the policy in force is not the one that this version was submitted under, so there is nothing to approve: \
         have the version submitted again",
        "现行策略与该版本提交时的策略不同，无可批准：请重新提交该版本"
    ))
}

fn unfit(what: &str) -> Problem {
    Problem::refused(text!(
        "the {what} that the server shows is not what the binding digest stands for: nothing was signed; \
         tell the regulator",
        "服务所展示的内容（{what}）与绑定摘要不符：未签署任何内容；请告知监管方"
    ))
}

#[cfg(test)]
mod tests {
    //! A signature never covers something else than was shown.
    use super::*;

    fn shown() -> (v1::Product, v1::Scenario) {
        let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
        let mut product = v1::Product {
            sql: "select 1".into(),
            binding: Some(v1::ProductBinding {
                logic_digest: digest("select 1"),
                policy_digest: digest("scenario: s"),
                contract_digest: digest("contract"),
                datasets: vec![v1::DatasetBinding {
                    dataset: "tenants/xj/datasets/ybj/claims".into(),
                    schema_digest: digest("schema"),
                    labels_digest: digest("labels"),
                    version: Some(Version::Current(true)),
                }],
            }),
            ..v1::Product::default()
        };
        let bound = binding(product.binding.as_ref().unwrap()).unwrap();
        product.binding_digest = bound.digest().unwrap().to_string();
        (
            product,
            v1::Scenario {
                policy: "scenario: s".into(),
                ..v1::Scenario::default()
            },
        )
    }

    #[test]
    fn what_is_shown_is_what_is_signed() {
        let (product, scenario) = shown();
        assert_eq!(
            digest_of(&product, &scenario).unwrap().to_string(),
            product.binding_digest
        );
    }

    #[test]
    fn anything_else_is_not_signed() {
        let check = |change: fn(&mut v1::Product, &mut v1::Scenario), word: &str| {
            let (mut product, mut scenario) = shown();
            change(&mut product, &mut scenario);
            let problem = digest_of(&product, &scenario).unwrap_err();
            let text = &problem.text().unwrap().en;
            assert!(text.starts_with(&format!("the {word} ")), "{text}");
        };
        check(|product, _| product.sql.push(' '), "logic");
        check(|_, scenario| scenario.policy.push('\n'), "policy");
        check(|product, _| product.binding = None, "binding");
        check(
            |product, _| product.binding_digest = Digest::of(b"other").to_string(),
            "binding",
        );
        check(|product, _| product.binding_digest.clear(), "digest");
        let dataset =
            |product: &mut v1::Product| product.binding.as_mut().unwrap().datasets.remove(0);
        check(
            |product, _| {
                product.binding.as_mut().unwrap().datasets[0].version = Some(Version::Number(1))
            },
            "binding",
        );
        check(
            |product, _| product.binding.as_mut().unwrap().datasets[0].version = None,
            "version",
        );
        let (mut product, scenario) = shown();
        dataset(&mut product);
        assert!(digest_of(&product, &scenario).is_err());
    }
}
