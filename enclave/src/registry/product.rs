//! Products, their versions and the approvals that each rests on.

use lineage::event::{Binding, ProductApproved, ProductRefused, ProductSubmitted};
use lineage::{Digest, Duty, Leaf};

/// A data product of a scenario.
#[derive(Debug, Clone)]
pub struct Product {
    /// `tenants/{t}/scenarios/{s}/products/{p}`.
    pub name: String,
    /// Its accepted versions, oldest first.
    pub versions: Vec<ProductVersion>,
    /// Its refused versions, oldest first.
    pub refused: Vec<RefusedVersion>,
    /// The highest version number ever used, refused ones included.
    pub last_version: u64,
}

/// A version that the rules refused when it was submitted.
#[derive(Debug, Clone)]
pub struct RefusedVersion {
    /// The product.
    pub product: String,
    /// The version that was offered.
    pub version: u64,
    /// The log entry of the refusal.
    pub seq: u64,
    /// The submitting organisation.
    pub organisation: String,
    /// The digest of the refusal in words.
    pub refusal_digest: Option<Digest>,
}

/// One version of a product, up for approval.
#[derive(Debug, Clone)]
pub struct ProductVersion {
    /// The log entry of the submission.
    pub seq: u64,
    /// The version, counted from 1.
    pub version: u64,
    /// What an approval of it binds.
    pub binding: Binding,
    /// The digest of the binding.
    pub binding_digest: Digest,
    /// The submitting organisation.
    pub organisation: String,
    /// Approvals, oldest first.
    pub approvals: Vec<Approval>,
}

/// One approval.
#[derive(Debug, Clone)]
pub struct Approval {
    /// The log entry.
    pub seq: u64,
    /// The approving organisation, as its statement says.
    pub organisation: String,
    /// The duty in which the approver acted.
    pub duty: Duty,
    /// The statement's nonce, which no other statement may have.
    pub nonce: String,
}

impl Product {
    pub(super) fn new(body: &ProductSubmitted) -> Self {
        Self::unborn(&body.product)
    }

    pub(super) fn unborn(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            versions: Vec::new(),
            refused: Vec::new(),
            last_version: 0,
        }
    }

    pub(super) fn submitted(&mut self, seq: u64, body: &ProductSubmitted) {
        self.last_version = self.last_version.max(body.version);
        self.versions.push(ProductVersion {
            seq,
            version: body.version,
            binding: body.binding.clone(),
            binding_digest: body.binding_digest,
            organisation: body.organisation.clone(),
            approvals: Vec::new(),
        });
    }

    pub(super) fn refused(&mut self, leaf: &Leaf, body: &ProductRefused) {
        self.last_version = self.last_version.max(body.version);
        self.refused.push(RefusedVersion {
            product: body.product.clone(),
            version: body.version,
            seq: leaf.seq,
            organisation: leaf.actor.organisation().unwrap_or_default().to_owned(),
            refusal_digest: body.refusal_digest,
        });
    }

    pub(super) fn approved(&mut self, leaf: &Leaf, body: &ProductApproved) -> Result<(), String> {
        let version = self
            .versions
            .iter_mut()
            .find(|version| version.version == body.version);
        let version =
            version.ok_or_else(|| format!("{}/versions/{}", body.product, body.version))?;
        let statement = &body.statement.statement;
        version.approvals.push(Approval {
            seq: leaf.seq,
            organisation: statement.organisation.clone(),
            duty: leaf.actor.duty().ok_or_else(|| body.product.clone())?,
            nonce: statement.nonce.clone(),
        });
        Ok(())
    }

    /// A version by its number.
    #[must_use]
    pub fn version(&self, version: u64) -> Option<&ProductVersion> {
        self.versions
            .iter()
            .find(|candidate| candidate.version == version)
    }
}
