//! A key with its schedule, made once and shared by every plan.

use std::{fmt, sync::Arc};

use aes::{
    Aes128Enc, Aes192Enc, Aes256Enc, Block,
    cipher::{BlockCipherEncClosure, BlockCipherEncrypt, KeyInit, consts::U16},
};
use sm4::Sm4;
use zeroize::Zeroizing;

#[cfg(target_arch = "x86_64")]
use super::vector::Engine;
use super::{Cipher, Kernel, Outside};
use crate::ColumnKey;

/// A key of FF1 with the round keys of its cipher; cheap to clone, wiped when the last clone is dropped.
///
/// ```
/// use desensitize::ff1::{Cipher, Ff1Key};
///
/// let key = Ff1Key::new(Cipher::Aes256, &[7; 32])?;
/// assert_eq!(format!("{key:?}"), "Ff1Key(Aes256, …)");
/// # Ok::<(), desensitize::ff1::Outside>(())
/// ```
#[derive(Clone)]
pub struct Ff1Key(Arc<Inner>);

struct Inner {
    cipher: Cipher,
    kernel: Kernel,
    /// Kept for the big-integer path, which makes a schedule of its own.
    bytes: Zeroizing<Vec<u8>>,
    schedule: Schedule,
    /// The same key for the vector kernels, where one was chosen.
    #[cfg(target_arch = "x86_64")]
    engine: Option<Engine>,
}

/// Round keys; each is wiped on drop.
enum Schedule {
    Aes128(Aes128Enc),
    Aes192(Aes192Enc),
    Aes256(Aes256Enc),
    Sm4(Sm4),
}

impl Schedule {
    fn new(cipher: Cipher, key: &[u8]) -> Result<Self, Outside> {
        let wrong = |_| Outside::KeyBytes {
            cipher,
            found: key.len(),
        };
        Ok(match cipher {
            Cipher::Aes128 => Self::Aes128(Aes128Enc::new_from_slice(key).map_err(wrong)?),
            Cipher::Aes192 => Self::Aes192(Aes192Enc::new_from_slice(key).map_err(wrong)?),
            Cipher::Aes256 => Self::Aes256(Aes256Enc::new_from_slice(key).map_err(wrong)?),
            Cipher::Sm4 => Self::Sm4(Sm4::new_from_slice(key).map_err(wrong)?),
        })
    }
}

impl Ff1Key {
    /// A key for the fastest kernel of this machine.
    ///
    /// # Errors
    /// [`Outside::KeyBytes`] when the key has not the cipher's length.
    pub fn new(cipher: Cipher, key: &[u8]) -> Result<Self, Outside> {
        Self::with_kernel(cipher, key, Kernel::best(cipher))
    }

    /// A key for one kernel, for measuring and comparing; one that this machine or cipher lacks is the portable one.
    ///
    /// # Errors
    /// [`Outside::KeyBytes`] when the key has not the cipher's length.
    pub fn with_kernel(cipher: Cipher, key: &[u8], kernel: Kernel) -> Result<Self, Outside> {
        let schedule = Schedule::new(cipher, key)?;
        let known = Kernel::available(cipher).contains(&kernel);
        let kernel = if known { kernel } else { Kernel::Portable };
        Ok(Self(Arc::new(Inner {
            cipher,
            kernel,
            bytes: Zeroizing::new(key.to_vec()),
            schedule,
            #[cfg(target_arch = "x86_64")]
            engine: Engine::new(kernel, key),
        })))
    }

    /// The key that one cipher draws from a column's key, so that no two ciphers share key bytes.
    ///
    /// # Errors
    /// None in practice: a column key is long enough for every cipher.
    pub fn of_column(cipher: Cipher, key: &ColumnKey) -> Result<Self, Outside> {
        let subkey = key.subkey(&format!("karez/ff1-{}/v1", cipher.id()));
        let bytes = subkey.bytes().get(..cipher.key_bytes()).unwrap_or(&[]);
        Self::new(cipher, bytes)
    }

    /// The cipher.
    #[must_use]
    pub fn cipher(&self) -> Cipher {
        self.0.cipher
    }

    /// The kernel that its columns go through.
    #[must_use]
    pub fn kernel(&self) -> Kernel {
        self.0.kernel
    }

    #[cfg(target_arch = "x86_64")]
    pub(crate) fn engine(&self) -> Option<&Engine> {
        self.0.engine.as_ref()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// Runs code with the cipher's widest implementation at hand, chosen once for all its blocks.
    pub(crate) fn with_backend(&self, run: impl BlockCipherEncClosure<BlockSize = U16>) {
        match &self.0.schedule {
            Schedule::Aes128(aes) => aes.encrypt_with_backend(run),
            Schedule::Aes192(aes) => aes.encrypt_with_backend(run),
            Schedule::Aes256(aes) => aes.encrypt_with_backend(run),
            Schedule::Sm4(sm4) => sm4.encrypt_with_backend(run),
        }
    }

    pub(crate) fn encrypt_blocks(&self, blocks: &mut [Block]) {
        match &self.0.schedule {
            Schedule::Aes128(aes) => aes.encrypt_blocks(blocks),
            Schedule::Aes192(aes) => aes.encrypt_blocks(blocks),
            Schedule::Aes256(aes) => aes.encrypt_blocks(blocks),
            Schedule::Sm4(sm4) => sm4.encrypt_blocks(blocks),
        }
    }
}

impl fmt::Debug for Ff1Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ff1Key({:?}, …)", self.0.cipher)
    }
}
