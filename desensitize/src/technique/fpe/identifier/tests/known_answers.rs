//! Surrogates and sets that never change: other ones are another version.

use super::*;

#[test]
fn known_answers() {
    let check = |identifier, text: &str, valid: &str, marked: &str| {
        let of = |recipe| surrogate(&kernel(recipe, 7), text).unwrap();
        assert_eq!(of(FpeIdentifier::valid(identifier)), valid, "{text}");
        assert_eq!(of(FpeIdentifier::marked(identifier)), marked, "{text}");
    };
    check(
        Identifier::CreditCode,
        "91350100M000100Y43",
        "913501004BGPLUT61Y",
        "913501004BGPLUT623",
    );
    check(
        Identifier::CreditCode,
        "91440300MA5H8REU3K",
        "91440300T38L8TRF3H",
        "91440300T38L8TRF4M",
    );
    check(
        Identifier::CreditCode,
        "91440300MA5DLQQW0F",
        "91440300U3UUFF901T",
        "91440300U3UUFF902Y",
    );
    check(
        Identifier::CreditCode,
        "91110108MA01G0FB09",
        "9111010893WBT87W18",
        "9111010893WBT87W2C",
    );
    check(
        Identifier::OrganisationCode,
        "MA5H8REU3",
        "T38L8TRF3",
        "T38L8TRF4",
    );
    check(
        Identifier::OrganisationCode,
        "MA01G0FB0",
        "93WBT87W1",
        "93WBT87W2",
    );
    check(
        Identifier::OrganisationCode,
        "M000100Y4",
        "4BGPLUT61",
        "4BGPLUT62",
    );
    check(
        Identifier::TaxNumber,
        "91440300MA5H8REU3K",
        "91440300T38L8TRF3H",
        "91440300T38L8TRF4M",
    );
    check(
        Identifier::TaxNumber,
        "440300MA5H8REU3",
        "440300T38L8TRF3",
        "440300T38L8TRF4",
    );
    check(
        Identifier::BankCard,
        "4111111111111111",
        "4111116559957412",
        "4111116559957413",
    );
    check(
        Identifier::BankCard,
        "5500000000000004",
        "5500001156176234",
        "5500001156176235",
    );
    check(
        Identifier::BankCard,
        "378282246310005",
        "378282411350976",
        "378282411350977",
    );
    check(
        Identifier::BankCard,
        "6011000990139424",
        "6011006468170866",
        "6011006468170867",
    );
    check(
        Identifier::Mobile,
        "13912345678",
        "13919751358",
        "93919751358",
    );
    check(
        Identifier::Landline,
        "01062345678",
        "01023789978",
        "91023789978",
    );
    check(
        Identifier::Landline,
        "09912345678",
        "09913347166",
        "99913347166",
    );
    check(
        Identifier::Landline,
        "075581234567-801",
        "075550872677-226",
        "975550872677-226",
    );
    check(Identifier::Plate, "新A12345", "新A36CS3", "新A5U4TM");
    check(Identifier::Plate, "京A8B88C", "京AT2K76", "京AP75HJ");
    check(Identifier::Plate, "粤BD12345", "粤BK41711", "粤B224JXZ");
    check(Identifier::Plate, "粤BDK1234", "粤BJ50725", "粤B200LGX");
    check(Identifier::Plate, "沪A12345F", "沪AA65576", "沪A004TWJ");
    check(Identifier::Plate, "新A1234学", "新DRC39学", "新DCSR9学");
    check(Identifier::Passport, "E12345678", "EV1007213", "EV100721T");
    check(Identifier::Passport, "EA1234567", "EZ8590313", "EZ859031T");
    check(Identifier::Passport, "G12345678", "G48913464", "G4891346U");
    check(Identifier::Passport, "SE1234567", "SE2587455", "SE258745V");
    check(Identifier::Passport, "P1234567", "P8460343", "P846034T");
    check(Identifier::Passport, "141234567", "149583883", "14958388T");
    check(
        Identifier::HongKongMacaoPermit,
        "H12345678",
        "H04182921",
        "H0418292R",
    );
    check(
        Identifier::HongKongMacaoPermit,
        "M1234567801",
        "M7527725901",
        "M7527725Z01",
    );
    check(Identifier::TaiwanPermit, "12345678", "44562901", "4456290R");
    check(
        Identifier::TaiwanPermit,
        "0123456701",
        "8709772001",
        "8709772Q01",
    );
    check(
        Identifier::Vin,
        "1M8GDM9AXKP042788",
        "1M8UW72516L511680",
        "1M8UW72526L511680",
    );
    check(
        Identifier::Vin,
        "11111111111111111",
        "111PYU749DVRF0893",
        "111PYU74XDVRF0893",
    );
    check(
        Identifier::Vin,
        "1HGCM82633A004352",
        "1HGBEF7Z4SBWR1205",
        "1HGBEF7Z5SBWR1205",
    );
    check(
        Identifier::Imei,
        "490154203237518",
        "490154201872803",
        "490154201872804",
    );
    check(
        Identifier::Imei,
        "356938035643809",
        "356938030098538",
        "356938030098539",
    );
    check(
        Identifier::Mac,
        "00:1B:63:84:45:E6",
        "00:1B:63:4D:A8:EE",
        "01:1B:63:4D:A8:EE",
    );
}

#[test]
fn sets_are_pinned() {
    let pinned = [
        (Identifier::CreditCode, "120b436049d66661"),
        (Identifier::OrganisationCode, "120b436049d66661"),
        (Identifier::TaxNumber, "120b436049d66661"),
        (Identifier::BankCard, "75a8ac1321c35f21"),
        (Identifier::Mobile, "561c5a80f38a9984"),
        (Identifier::Landline, "0a1fc70310c73508"),
        (Identifier::Plate, "7c41e2d06755f094"),
        (Identifier::Passport, "50f3793c7e64eddc"),
        (Identifier::HongKongMacaoPermit, "37488f99e4afa4ab"),
        (Identifier::TaiwanPermit, "7bf0de9aa6b0726e"),
        (Identifier::Vin, "14542ca6209d1365"),
        (Identifier::Imei, "a4429bacd9a4c921"),
        (Identifier::Mac, "398aaac59fda15d7"),
    ];
    assert_eq!(pinned.map(|(identifier, _)| identifier), KINDS);
    for (identifier, expect) in pinned {
        let digest = FpeIdentifier::marked(identifier).domain_digest().unwrap();
        let hex: String = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, expect, "{identifier}");
    }
}
