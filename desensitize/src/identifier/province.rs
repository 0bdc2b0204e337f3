//! The first two digits of a region code (GB/T 2260): which provinces there are, and their signs on plates.

/// Mainland provinces, autonomous regions and municipalities, with the sign of their plates (GA 36).
pub(super) const PROVINCES: [(u8, char); 31] = [
    (11, '京'),
    (12, '津'),
    (13, '冀'),
    (14, '晋'),
    (15, '蒙'),
    (21, '辽'),
    (22, '吉'),
    (23, '黑'),
    (31, '沪'),
    (32, '苏'),
    (33, '浙'),
    (34, '皖'),
    (35, '闽'),
    (36, '赣'),
    (37, '鲁'),
    (41, '豫'),
    (42, '鄂'),
    (43, '湘'),
    (44, '粤'),
    (45, '桂'),
    (46, '琼'),
    (50, '渝'),
    (51, '川'),
    (52, '贵'),
    (53, '云'),
    (54, '藏'),
    (61, '陕'),
    (62, '甘'),
    (63, '青'),
    (64, '宁'),
    (65, '新'),
];

/// The bit of every province's digits is set.
const LEADS: u128 = leads_of(&PROVINCES);

const fn leads_of(provinces: &[(u8, char)]) -> u128 {
    match provinces {
        [(digits, _), others @ ..] => 1 << *digits | leads_of(others),
        [] => 0,
    }
}

/// The signs of [`PROVINCES`] in the order of their code points: every character of a free text is looked for here.
const SIGNS: [char; 31] = [
    '云', '京', '冀', '吉', '宁', '川', '新', '晋', '桂', '沪', '津', '浙', '渝', '湘', '琼', '甘',
    '皖', '粤', '苏', '蒙', '藏', '豫', '贵', '赣', '辽', '鄂', '闽', '陕', '青', '鲁', '黑',
];

/// Whether a code begins with the digits of a mainland province.
pub(super) fn leads(code: &[u8]) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(10);
    let (Some(tens), Some(units)) = (
        code.first().copied().and_then(digit),
        code.get(1).copied().and_then(digit),
    ) else {
        return false;
    };
    LEADS >> (tens * 10 + units) & 1 == 1
}

/// Whether a character is the sign of a mainland province.
pub(super) fn is_sign(character: char) -> bool {
    SIGNS.binary_search(&character).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_digits_are_those_of_the_provinces() {
        let mut signs = PROVINCES.map(|(_, sign)| sign);
        signs.sort_unstable();
        assert_eq!(signs, SIGNS);
        for digits in 0..100u8 {
            let code = format!("{digits:02}0000");
            let known = PROVINCES.iter().any(|(province, _)| *province == digits);
            assert_eq!(leads(code.as_bytes()), known, "{code}");
        }
        assert!(!leads(b"1") && !leads(b"1x") && !leads("新A".as_bytes()));
    }
}
