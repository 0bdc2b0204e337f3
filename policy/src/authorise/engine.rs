//! One request through Cedar, its entities built by the typed API.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context as CedarContext, Decision, Entities, Entity, EntityId, EntityTypeName,
    EntityUid, Request, RestrictedExpression,
};

use super::policies::Policies;
use super::{Action, Context, Denial, NO_PERMIT, NOT_DECIDABLE, Resource};
use crate::principal::Principal;

/// The ids of the permitting policies, or the denial.
pub(super) fn decide(
    policies: &Policies,
    principal: &Principal,
    action: Action,
    resource: &Resource,
    context: &Context,
) -> Result<Vec<String>, Denial> {
    // A request that the schema does not know cannot be built; it is denied, whatever the reason.
    let (request, entities) = build(policies, principal, action, resource, context)
        .ok_or_else(|| Denial::one(NOT_DECIDABLE))?;
    let response = Authorizer::new().is_authorized(&request, &policies.set, &entities);
    let mut reasons: Vec<String> = response
        .diagnostics()
        .reason()
        .map(|id| AsRef::<str>::as_ref(id).to_owned())
        .collect();
    reasons.sort();
    // Cedar skips a policy that fails while it is evaluated; a skipped forbid must not become a permit.
    if response.diagnostics().errors().next().is_some() {
        return Err(Denial::one(NOT_DECIDABLE));
    }
    match response.decision() {
        Decision::Allow => Ok(reasons),
        Decision::Deny if reasons.is_empty() => Err(Denial::one(NO_PERMIT)),
        Decision::Deny => Err(Denial { policies: reasons }),
    }
}

fn build(
    policies: &Policies,
    principal: &Principal,
    action: Action,
    resource: &Resource,
    context: &Context,
) -> Option<(Request, Entities)> {
    let schema = Some(&policies.schema);
    let person = uid("Person", &principal.to_string())?;
    let action = uid("Action", action.as_str())?;
    let object = uid(resource.kind.as_str(), &resource.name)?;
    let entities = [
        Entity::new(
            person.clone(),
            person_attributes(principal)?,
            HashSet::new(),
        )
        .ok()?,
        Entity::new(
            object.clone(),
            resource_attributes(resource)?,
            HashSet::new(),
        )
        .ok()?,
    ];
    let entities = Entities::from_entities(entities, schema).ok()?;
    let now = [
        (
            "mutual_tls".to_owned(),
            RestrictedExpression::new_bool(context.mutual_tls),
        ),
        (
            "within_term".to_owned(),
            RestrictedExpression::new_bool(context.within_term),
        ),
    ];
    let now = CedarContext::from_pairs(now).ok()?;
    let request = Request::new(person, action, object, now, schema).ok()?;
    Some((request, entities))
}

fn uid(entity_type: &str, id: &str) -> Option<EntityUid> {
    let name: EntityTypeName = entity_type.parse().ok()?;
    Some(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
}

fn text(value: impl ToString) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_string())
}

fn word(entity_type: &str, id: &str) -> Option<RestrictedExpression> {
    Some(RestrictedExpression::new_entity_uid(uid(entity_type, id)?))
}

type Attributes = HashMap<String, RestrictedExpression>;

fn person_attributes(principal: &Principal) -> Option<Attributes> {
    Some(Attributes::from([
        ("tenant".to_owned(), text(principal.tenant())),
        ("organisation".to_owned(), text(principal.organisation())),
        ("duty".to_owned(), word("Duty", principal.duty().as_str())?),
    ]))
}

fn resource_attributes(resource: &Resource) -> Option<Attributes> {
    let providers = RestrictedExpression::new_set(resource.providers.iter().map(text));
    let mut attributes = Attributes::from([
        ("tenant".to_owned(), text(&resource.tenant)),
        ("state".to_owned(), word("State", resource.state.as_str())?),
        ("providers".to_owned(), providers),
    ]);
    let optional = [
        ("owner", &resource.owner),
        ("submitter", &resource.submitter),
    ];
    for (name, organisation) in optional {
        if let Some(organisation) = organisation {
            attributes.insert(name.to_owned(), text(organisation));
        }
    }
    if let Some(asker) = &resource.asker {
        attributes.insert("asker".to_owned(), word("Person", &asker.to_string())?);
    }
    Some(attributes)
}
