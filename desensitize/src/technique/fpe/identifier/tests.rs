//! Known answers, slow twins, what surrogates keep, and whole columns; here what they share.

mod columns;
mod joins;
mod known_answers;
mod twins;

use proptest::prelude::*;

use super::*;
use crate::{
    ColumnRecipe, Fpe, NotIdentifier, OnBroken, Technique, Transform, identifier::tests::VALID,
};

const KINDS: [Identifier; 13] = [
    Identifier::CreditCode,
    Identifier::OrganisationCode,
    Identifier::TaxNumber,
    Identifier::BankCard,
    Identifier::Mobile,
    Identifier::Landline,
    Identifier::Plate,
    Identifier::Passport,
    Identifier::HongKongMacaoPermit,
    Identifier::TaiwanPermit,
    Identifier::Vin,
    Identifier::Imei,
    Identifier::Mac,
];

fn kernel(recipe: FpeIdentifier, key: u8) -> IdentifierKernel {
    IdentifierKernel::new(
        recipe,
        recipe.numbering().unwrap(),
        &ColumnKey::from([key; 32]),
    )
    .unwrap()
}

/// The surrogate of one value, or none where it is broken input.
fn surrogate(kernel: &IdentifierKernel, value: &str) -> Option<String> {
    let mut splits = [kernel.split(value, &mut String::new())];
    kernel.permute_all(&mut splits, Way::Encrypt);
    let mut out = String::new();
    kernel.write(&splits[0]?, &mut String::new(), &mut out);
    Some(out)
}

/// An identifier of a space: an example's kept parts and any rank.
fn any_identifier() -> impl Strategy<Value = (Identifier, String)> {
    let examples: Vec<(Identifier, &str)> = VALID
        .iter()
        .copied()
        .filter(|(identifier, _)| KINDS.contains(identifier))
        .collect();
    (prop::sample::select(examples), any::<u64>()).prop_filter_map(
        "in a space",
        |((identifier, text), number)| {
            let numbering = FpeIdentifier::valid(identifier).numbering()?;
            let mut split = (numbering.split)(text)?;
            split.rank = number % numbering.sizes[split.space];
            let mut text = String::new();
            (numbering.join)(&split, &mut text);
            Some((identifier, text))
        },
    )
}
