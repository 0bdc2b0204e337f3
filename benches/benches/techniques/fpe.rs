//! Identifiers encrypted to identifiers of their kind.

use benches::BenchError;
use desensitize::{Fpe, FpeIdentifier, Identifier, Technique};

use crate::{Case, Limit, masks::content, texts::Register};

/// The kinds that are encrypted, each with the number of values of its largest space.
const KINDS: [(Identifier, u64); 13] = [
    (Identifier::CreditCode, 31u64.pow(8)),
    (Identifier::OrganisationCode, 31u64.pow(8)),
    (Identifier::TaxNumber, 31u64.pow(8)),
    (Identifier::BankCard, 10u64.pow(9)),
    (Identifier::Mobile, 10u64.pow(8)),
    (Identifier::Landline, 7 * 10u64.pow(7)),
    (Identifier::Plate, 7_060_000),
    (Identifier::Passport, 34 * 10u64.pow(7)),
    (Identifier::HongKongMacaoPermit, 10u64.pow(8)),
    (Identifier::TaiwanPermit, 10u64.pow(8)),
    (Identifier::Vin, 33u64.pow(8) * 300_000),
    (Identifier::Imei, 10u64.pow(6)),
    (Identifier::Mac, 1 << 24),
];

pub(crate) fn cases(register: &Register) -> Result<Vec<Case>, BenchError> {
    let case = |(identifier, size)| {
        Ok(Case::new(
            format!("fpe, {identifier}"),
            register.column(content(identifier)),
            Technique::Fpe(Fpe::Identifier(FpeIdentifier::marked(identifier))),
            Limit::ff1(size)?,
        ))
    };
    KINDS.into_iter().map(case).collect()
}
