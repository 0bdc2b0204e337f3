//! AES-256-CMAC, the keyed hash behind tuples and classes (NIST SP 800-38B).

use std::fmt;

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};

/// The low byte of the polynomial that doubling reduces by, for blocks of 128 bits (SP 800-38B, 5.3).
const R_128: u128 = 0x87;

/// The secret under which tuples and classes are hashed; draw a fresh one for each measurement.
///
/// With it, who finds a spilled record could try values until one fits; it is wiped when dropped
/// and never printed. The figures of a report do not depend on it.
#[derive(Clone)]
pub struct ClassKey {
    // Boxed, so that moving the key leaves no copy of it behind.
    cipher: Box<Aes256>,
}

impl ClassKey {
    /// Expands 32 secret bytes into a key; the caller wipes its own copy.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self {
            cipher: Box::new(Aes256::new(&Array(*bytes))),
        }
    }

    /// The 128-bit tag of a message (SP 800-38B, 6.2).
    pub(crate) fn tag(&self, message: &[u8]) -> u128 {
        let last_start = message.len().saturating_sub(1) / 16 * 16;
        let (whole, last) = message.split_at(last_start);
        let chained = whole.as_chunks().0.iter().fold(0, |state, block| {
            self.encrypt(state ^ u128::from_be_bytes(*block))
        });
        let once = double(self.encrypt(0));
        let last = match last.try_into() {
            Ok(block) => u128::from_be_bytes(block) ^ once,
            Err(_) => padded(last) ^ double(once),
        };
        self.encrypt(chained ^ last)
    }

    fn encrypt(&self, block: u128) -> u128 {
        let mut block: aes::Block = Array(block.to_be_bytes());
        self.cipher.encrypt_block(&mut block);
        u128::from_be_bytes(block.0)
    }
}

impl fmt::Debug for ClassKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClassKey(…)")
    }
}

/// Doubling in GF(2^128).
fn double(block: u128) -> u128 {
    let carry = if block >> 127 == 1 { R_128 } else { 0 };
    block << 1 ^ carry
}

/// A short last block, one bit, zeros.
fn padded(last: &[u8]) -> u128 {
    let mut block = [0; 16];
    for (to, from) in block.iter_mut().zip(last.iter().chain(&[0x80])) {
        *to = *from;
    }
    u128::from_be_bytes(block)
}

#[cfg(test)]
mod tests {
    //! The published examples, and what Debug prints.

    use super::*;

    /// NIST SP 800-38B, appendix D.3 (AES-256): the message is the start of one text.
    #[test]
    fn agrees_with_the_published_examples() {
        let key = 0x603d_eb10_15ca_71be_2b73_aef0_857d_7781_u128.to_be_bytes();
        let rest = 0x1f35_2c07_3b61_08d7_2d98_10a3_0914_dff4_u128.to_be_bytes();
        let key: Vec<u8> = key.into_iter().chain(rest).collect();
        let key = ClassKey::new(&key.try_into().unwrap());
        let text: Vec<u8> = [
            0x6bc1_bee2_2e40_9f96_e93d_7e11_7393_172a_u128,
            0xae2d_8a57_1e03_ac9c_9eb7_6fac_45af_8e51,
            0x30c8_1c46_a35c_e411_e5fb_c119_1a0a_52ef,
            0xf69f_2445_df4f_9b17_ad2b_417b_e66c_3710,
        ]
        .into_iter()
        .flat_map(u128::to_be_bytes)
        .collect();
        let check = |bytes: usize, tag: u128| assert_eq!(key.tag(&text[..bytes]), tag, "{bytes}");
        check(0, 0x0289_62f6_1b7b_f89e_fc6b_551f_4667_d983);
        check(16, 0x28a7_023f_452e_8f82_bd4b_f28d_8c37_c35c);
        check(40, 0xaaf3_d8f1_de56_40c2_32f5_b169_b9c9_11e6);
        check(64, 0xe199_2190_549f_6ed5_696a_2c05_6c31_5410);
    }

    #[test]
    fn debug_keeps_the_secret() {
        assert_eq!(format!("{:?}", ClassKey::new(&[0xab; 32])), "ClassKey(…)");
    }
}
