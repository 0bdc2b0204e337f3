//! Strings whose halves do not fit a machine word, on crate `fpe` and its big integers.

use aes::{
    Aes128Enc, Aes192Enc, Aes256Enc,
    cipher::{BlockCipherEncrypt, KeyInit},
};
use fpe::ff1::{FF1, FlexibleNumeralString};
use sm4::Sm4;

use super::{Cipher, Direction, Ff1Key, Outside};

/// Encrypts or decrypts numerals that were checked against the radix.
pub(crate) fn run(
    key: &Ff1Key,
    radix: u32,
    direction: Direction,
    tweak: &[u8],
    numerals: &mut [u16],
) -> Result<(), Outside> {
    let run = match key.cipher() {
        Cipher::Aes128 => with::<Aes128Enc>,
        Cipher::Aes192 => with::<Aes192Enc>,
        Cipher::Aes256 => with::<Aes256Enc>,
        Cipher::Sm4 => with::<Sm4>,
    };
    let length = numerals.len();
    let out = run(key.bytes(), radix, direction, tweak, numerals).ok_or(Outside::Short {
        numerals: length,
        radix,
    })?;
    numerals.copy_from_slice(&out);
    Ok(())
}

fn with<C: KeyInit + BlockCipherEncrypt + Clone>(
    key: &[u8],
    radix: u32,
    direction: Direction,
    tweak: &[u8],
    numerals: &[u16],
) -> Option<Vec<u16>> {
    let ff1 = FF1::<C>::new(key, radix).ok()?;
    let text = FlexibleNumeralString::from(numerals.to_vec());
    let out = match direction {
        Direction::Encrypt => ff1.encrypt(tweak, &text),
        Direction::Decrypt => ff1.decrypt(tweak, &text),
    };
    let out = Vec::<u16>::from(out.ok()?);
    (out.len() == numerals.len()).then_some(out)
}
