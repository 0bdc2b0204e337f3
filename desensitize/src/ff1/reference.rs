//! The slow twin: SP 800-38G algorithm 7 step by step on vectors of digits, and crate `fpe` beside it.

use aes::{
    Aes128, Aes192, Aes256,
    cipher::{BlockCipherEncrypt, KeyInit},
};
use fpe::ff1::{FF1, FlexibleNumeralString};
use sm4::Sm4;

use super::Cipher;

/// Encrypts with crate `fpe` alone.
pub(crate) fn crate_fpe(
    cipher: Cipher,
    key: &[u8],
    radix: u32,
    tweak: &[u8],
    plain: &[u16],
) -> Vec<u16> {
    fn with<C: KeyInit + BlockCipherEncrypt + Clone>(
        key: &[u8],
        radix: u32,
        tweak: &[u8],
        plain: &[u16],
    ) -> Vec<u16> {
        let ff1 = FF1::<C>::new(key, radix).unwrap();
        let text = FlexibleNumeralString::from(plain.to_vec());
        ff1.encrypt(tweak, &text).unwrap().into()
    }
    match cipher {
        Cipher::Aes128 => with::<Aes128>(key, radix, tweak, plain),
        Cipher::Aes192 => with::<Aes192>(key, radix, tweak, plain),
        Cipher::Aes256 => with::<Aes256>(key, radix, tweak, plain),
        Cipher::Sm4 => with::<Sm4>(key, radix, tweak, plain),
    }
}

fn ciph(cipher: Cipher, key: &[u8], block: [u8; 16]) -> [u8; 16] {
    fn with<C: KeyInit + BlockCipherEncrypt>(key: &[u8], block: [u8; 16]) -> [u8; 16] {
        let mut out = cipher_block::<C>(block);
        C::new_from_slice(key).unwrap().encrypt_block(&mut out);
        out.iter().copied().collect::<Vec<_>>().try_into().unwrap()
    }
    fn cipher_block<C: BlockCipherEncrypt>(block: [u8; 16]) -> aes::cipher::Block<C> {
        block.iter().copied().collect()
    }
    match cipher {
        Cipher::Aes128 => with::<Aes128>(key, block),
        Cipher::Aes192 => with::<Aes192>(key, block),
        Cipher::Aes256 => with::<Aes256>(key, block),
        Cipher::Sm4 => with::<Sm4>(key, block),
    }
}

/// `PRF` (algorithm 6).
fn prf(cipher: Cipher, key: &[u8], message: &[u8]) -> [u8; 16] {
    message.chunks(16).fold([0; 16], |chain, block| {
        let mixed: Vec<u8> = chain.iter().zip(block).map(|(a, b)| a ^ b).collect();
        ciph(cipher, key, mixed.try_into().unwrap())
    })
}

/// A number in digits of one radix, the least significant first.
#[derive(Clone)]
struct Number {
    radix: u32,
    digits: Vec<u32>,
}

impl Number {
    /// Reads digits of any radix, the most significant first.
    fn read(radix: u32, from: u32, digits: impl IntoIterator<Item = u32>) -> Self {
        let mut number = Self {
            radix,
            digits: Vec::new(),
        };
        for digit in digits {
            number.times_plus(from, digit);
        }
        number
    }

    fn times_plus(&mut self, factor: u32, add: u32) {
        let mut carry = u64::from(add);
        for digit in &mut self.digits {
            carry += u64::from(*digit) * u64::from(factor);
            *digit = (carry % u64::from(self.radix)) as u32;
            carry /= u64::from(self.radix);
        }
        while carry > 0 {
            self.digits.push((carry % u64::from(self.radix)) as u32);
            carry /= u64::from(self.radix);
        }
    }

    fn plus(&mut self, other: &Self) {
        let length = self.digits.len().max(other.digits.len()) + 1;
        self.digits.resize(length, 0);
        let mut carry = 0;
        for (position, digit) in self.digits.iter_mut().enumerate() {
            let sum = *digit + other.digits.get(position).unwrap_or(&0) + carry;
            *digit = sum % self.radix;
            carry = sum / self.radix;
        }
    }

    /// The last `count` digits, the most significant first: the number modulo `radix^count`.
    fn last(&self, count: usize) -> Vec<u32> {
        (0..count)
            .rev()
            .map(|place| *self.digits.get(place).unwrap_or(&0))
            .collect()
    }
}

/// `FF1.Encrypt` (algorithm 7).
pub(crate) fn encrypt(
    cipher: Cipher,
    key: &[u8],
    radix: u32,
    tweak: &[u8],
    plain: &[u16],
) -> Vec<u16> {
    let (n, t) = (plain.len(), tweak.len());
    let u = n / 2;
    let v = n - u;
    let plain: Vec<u32> = plain.iter().map(|numeral| u32::from(*numeral)).collect();
    let (mut a, mut b_half) = (plain[..u].to_vec(), plain[u..].to_vec());
    // Bytes that the largest number of v numerals needs.
    let largest = Number::read(256, radix, vec![radix - 1; v]);
    let b = largest.digits.len();
    let d = 4 * b.div_ceil(4) + 4;
    let mut p = vec![1, 2, 1];
    p.extend(&radix.to_be_bytes()[1..]);
    p.extend([10, (u % 256) as u8]);
    p.extend((n as u32).to_be_bytes());
    p.extend((t as u32).to_be_bytes());
    for round in 0..10u8 {
        let mut message = p.clone();
        message.extend(tweak);
        message.extend(vec![0; (16 - (t + b + 1) % 16) % 16]);
        message.push(round);
        let bytes = Number::read(256, radix, b_half.iter().copied()).last(b);
        message.extend(bytes.iter().map(|byte| *byte as u8));
        let r = prf(cipher, key, &message);
        let mut s = r.to_vec();
        for j in 1..d.div_ceil(16) as u128 {
            let block = u128::from_be_bytes(r) ^ j;
            s.extend(ciph(cipher, key, block.to_be_bytes()));
        }
        let y = Number::read(radix, 256, s[..d].iter().map(|byte| u32::from(*byte)));
        let m = if round % 2 == 0 { u } else { v };
        let mut c = Number::read(radix, radix, a.iter().copied());
        c.plus(&y);
        a = b_half;
        b_half = c.last(m);
    }
    a.extend(b_half);
    a.into_iter().map(|numeral| numeral as u16).collect()
}
