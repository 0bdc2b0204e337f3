//! The policy set: parsed once, named by `@id`, validated strictly.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::OnceLock;

use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};

use crate::fault::Lang;

const SCHEMA: &str = include_str!("../../cedar/schema.cedarschema");
const POLICIES: &str = include_str!("../../cedar/policies.cedar");

/// Schema and policies as they are compiled.
pub(super) const SOURCE: [&str; 2] = [SCHEMA, POLICIES];

/// Why a policy set cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoliciesError {
    /// The schema does not parse.
    #[error("cedar schema: {0}")]
    Schema(String),
    /// The policies do not parse.
    #[error("cedar policies: {0}")]
    Syntax(String),
    /// A policy has no `@id`.
    #[error("cedar policy number {0} has no @id; give it one")]
    NoId(usize),
    /// Two policies have the same `@id`.
    #[error("cedar policy id `{0}` is used twice; rename one")]
    DuplicateId(String),
    /// A forbid has no sentence for its reader.
    #[error("cedar policy `{0}` forbids without @en and @zh; a denial must say why")]
    NoSentence(String),
    /// A policy does not validate against the schema.
    #[error("cedar policies do not validate: {0}")]
    Invalid(String),
}

/// A set that passed strict validation.
pub(super) struct Policies {
    pub(super) schema: Schema,
    pub(super) set: PolicySet,
    sentences: HashMap<String, (String, String)>,
}

impl Policies {
    /// What a forbidding policy tells its reader.
    pub(super) fn sentence(&self, id: &str, lang: Lang) -> Option<&str> {
        let (en, zh) = self.sentences.get(id)?;
        Some(if lang == Lang::Zh { zh } else { en })
    }
}

/// The built-in set.
pub(super) fn policies() -> Result<&'static Policies, &'static PoliciesError> {
    static SET: OnceLock<Result<Policies, PoliciesError>> = OnceLock::new();
    SET.get_or_init(|| compile(SCHEMA, POLICIES)).as_ref()
}

pub(super) fn compile(schema: &str, policies: &str) -> Result<Policies, PoliciesError> {
    let (schema, _) = Schema::from_cedarschema_str(schema)
        .map_err(|error| PoliciesError::Schema(error.to_string()))?;
    let parsed =
        PolicySet::from_str(policies).map_err(|error| PoliciesError::Syntax(error.to_string()))?;
    let (set, sentences) = named(&parsed)?;
    let result = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    // A warning is a policy that can never apply, or text made to look like another: not one of ours.
    if !result.validation_passed_without_warnings() {
        return Err(PoliciesError::Invalid(result.to_string()));
    }
    Ok(Policies {
        schema,
        set,
        sentences,
    })
}

type Named = (PolicySet, HashMap<String, (String, String)>);

/// Cedar names policies by position; denials must name them by `@id`.
fn named(parsed: &PolicySet) -> Result<Named, PoliciesError> {
    let mut set = PolicySet::new();
    let mut sentences = HashMap::new();
    for (position, policy) in parsed.policies().enumerate() {
        let id = policy.annotation("id").filter(|id| !id.is_empty());
        let id = id.ok_or(PoliciesError::NoId(position + 1))?.to_owned();
        if let Some(sentence) = sentence(policy) {
            sentences.insert(id.clone(), sentence);
        } else if policy.effect() == cedar_policy::Effect::Forbid {
            return Err(PoliciesError::NoSentence(id));
        }
        set.add(policy.new_id(PolicyId::new(&id)))
            .map_err(|_| PoliciesError::DuplicateId(id))?;
    }
    Ok((set, sentences))
}

fn sentence(policy: &Policy) -> Option<(String, String)> {
    Some((
        policy.annotation("en")?.to_owned(),
        policy.annotation("zh")?.to_owned(),
    ))
}
