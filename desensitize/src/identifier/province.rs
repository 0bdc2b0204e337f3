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

/// Whether a code begins with the digits of a mainland province.
pub(super) fn leads(code: &[u8]) -> bool {
    match code {
        [tens, units, ..] => PROVINCES
            .iter()
            .any(|(province, _)| [province / 10 + b'0', province % 10 + b'0'] == [*tens, *units]),
        _ => false,
    }
}

/// Whether a character is the sign of a mainland province.
pub(super) fn is_sign(character: char) -> bool {
    PROVINCES.iter().any(|(_, sign)| *sign == character)
}
