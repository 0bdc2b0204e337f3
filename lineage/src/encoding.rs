//! Base64 as notes, keys and receipts use it: RFC 4648 section 4, padded, one spelling per value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Padded base64 of some bytes.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of padded base64; none for any other spelling, loose trailing bits included.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Exactly 32 bytes of padded base64.
pub(crate) fn array_from_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_base64(text)?.try_into().ok()
}
