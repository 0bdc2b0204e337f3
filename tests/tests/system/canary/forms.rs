//! The forms in which one cell could be written somewhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// One way to write a cell.
pub(crate) struct Form {
    /// What it is, for the message.
    pub(crate) name: &'static str,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
}

/// UTF-8, UTF-16 in both orders, GB18030, hex in both cases of UTF-8 and GB18030, base64 of UTF-8 at each of its three
/// alignments. Forms that are the same bytes stand once.
pub(crate) fn of(cell: &str) -> Vec<Form> {
    let utf8 = cell.as_bytes().to_vec();
    let wide = |order: fn(u16) -> [u8; 2]| cell.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let (gb18030, _, lossy) = encoding_rs::GB18030.encode(cell);
    assert!(!lossy, "GB18030 has every character");
    let all = [
        ("UTF-16LE", wide(u16::to_le_bytes)),
        ("UTF-16BE", wide(u16::to_be_bytes)),
        ("hex", hex(&utf8)),
        ("HEX", hex(&utf8).to_ascii_uppercase()),
        ("GB18030 as hex", hex(&gb18030)),
        ("GB18030 as HEX", hex(&gb18030).to_ascii_uppercase()),
        ("base64 at 0", base64(&utf8, 0)),
        ("base64 at 1", base64(&utf8, 1)),
        ("base64 at 2", base64(&utf8, 2)),
        ("GB18030", gb18030.into_owned()),
        ("UTF-8", utf8),
    ];
    let mut forms: Vec<Form> = Vec::new();
    for (name, bytes) in all {
        if forms.iter().all(|form| form.bytes != bytes) {
            forms.push(Form { name, bytes });
        }
    }
    forms
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|byte| format!("{byte:02x}").into_bytes())
        .collect()
}

/// The characters of base64 that depend on the cell alone when `before` bytes stand in front of it in their group.
fn base64(bytes: &[u8], before: usize) -> Vec<u8> {
    let shifted = [vec![0; before], bytes.to_vec()].concat();
    let text = STANDARD_NO_PAD.encode(&shifted);
    let (first, end) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
    text.as_bytes()[first..end].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_alignment_is_found_in_a_longer_text() {
        for before in 0..6 {
            let text = STANDARD_NO_PAD
                .encode([&b"abcdefg"[..before], b"650102199001011234", b"tail"].concat());
            let form = String::from_utf8(base64(b"650102199001011234", before % 3)).unwrap();
            assert!(text.contains(&form), "{before}: {form} in {text}");
        }
    }

    #[test]
    fn known_forms() {
        let forms = of("新疆");
        let bytes = |name: &str| &forms.iter().find(|form| form.name == name).unwrap().bytes;
        assert_eq!(bytes("UTF-16BE"), b"\x65\xb0\x75\x86");
        assert_eq!(bytes("GB18030"), b"\xd0\xc2\xbd\xae");
        assert_eq!(bytes("GB18030 as HEX"), b"D0C2BDAE");
        assert_eq!(bytes("hex"), b"e696b0e79686");
        assert_eq!(bytes("base64 at 0"), b"5paw55aG");
    }
}
