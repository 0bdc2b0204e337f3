//! The block ciphers FF1 is built on.

/// The block cipher under FF1, chosen by name in a policy.
///
/// The standard (SP 800-38G, section 4.1) approves AES; FF1 over SM4 (GB/T 32907) is the same construction under a
/// non-standard name, for systems whose commercial cryptography is assessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// AES with 128-bit keys (FIPS 197).
    Aes128,
    /// AES with 192-bit keys (FIPS 197).
    Aes192,
    /// AES with 256-bit keys (FIPS 197).
    #[default]
    Aes256,
    /// SM4 with its 128-bit keys (GB/T 32907-2016).
    Sm4,
}

impl Cipher {
    /// Every cipher, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Aes128, Self::Aes192, Self::Aes256, Self::Sm4];

    /// The word of the policy.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Aes128 => "aes-128",
            Self::Aes192 => "aes-192",
            Self::Aes256 => "aes-256",
            Self::Sm4 => "sm4",
        }
    }

    /// The cipher of a policy's word.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.id() == id)
    }

    /// Bytes of its key.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::Aes128 | Self::Sm4 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }
}
