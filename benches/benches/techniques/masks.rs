//! Identifiers of every kind masked by their default.

use benches::BenchError;
use desensitize::{Identifier, Mask, Technique};
use fixtures::Content;

use crate::{Case, Limit, texts::Register};

pub(crate) fn cases(register: &Register) -> Result<Vec<Case>, BenchError> {
    let surnames = Technique::Mask(Mask::surname());
    let mut cases = vec![Case::new(
        "mask, surnames kept",
        register.column(Content::HanName),
        surnames,
        Limit::rebuild(),
    )];
    cases.extend(Identifier::ALL.map(|identifier| {
        Case::new(
            format!("mask, {identifier}"),
            register.column(content(identifier)),
            Technique::Mask(Mask::identifier(identifier)),
            Limit::rebuild(),
        )
    }));
    Ok(cases)
}

/// The register's column of an identifier.
pub(crate) const fn content(identifier: Identifier) -> Content {
    match identifier {
        Identifier::ResidentId => Content::ResidentId,
        Identifier::CreditCode => Content::CreditCode,
        Identifier::OrganisationCode => Content::OrganisationCode,
        Identifier::TaxNumber => Content::TaxNumber,
        Identifier::BankCard => Content::BankCard,
        Identifier::Mobile => Content::Mobile,
        Identifier::Landline => Content::Landline,
        Identifier::Plate => Content::Plate,
        Identifier::Passport => Content::Passport,
        Identifier::HongKongMacaoPermit => Content::HongKongMacaoPermit,
        Identifier::TaiwanPermit => Content::TaiwanPermit,
        Identifier::Vin => Content::Vin,
        Identifier::Imei => Content::Imei,
        Identifier::Postcode => Content::Postcode,
        Identifier::Email => Content::Email,
        Identifier::Ip => Content::Ip,
        Identifier::Mac => Content::Mac,
        Identifier::Gps => Content::Gps,
    }
}
