//! Keys of what is released: derived from a scenario's key by name, so that joins inside a scenario hold.

use hkdf::Hkdf;
use sha2::Sha256;

use super::{KeyError, SecretKey};

/// HKDF info before the name of a column domain; the slash cannot occur in the label, so labels never meet.
const DOMAIN_LABEL: &str = "karez/v1/column-domain/";
/// HKDF info of the sampling key.
const SAMPLING_LABEL: &str = "karez/v1/sampling";

/// The key of one scenario's releases, or of one one-way release.
///
/// Tables do not enter the derivation: the same value in the same domain looks the same in every table of the scenario,
/// and differently in every other scenario.
#[derive(Debug, Clone)]
pub struct ReleaseKey {
    /// Decides which rows are drawn.
    draw: SecretKey,
    /// Decides what the surrogates look like.
    surrogates: SecretKey,
}

impl ReleaseKey {
    pub(super) fn new(key: SecretKey) -> Self {
        Self {
            draw: key.clone(),
            surrogates: key,
        }
    }

    /// This key's draw with fresh surrogates that nobody can make again: for one release over all its tables.
    ///
    /// The persons who are drawn stay those of the scenario, so that asking after every new version of the data does not
    /// collect ever more of them. The fresh key is in memory alone and wiped when dropped.
    ///
    /// # Errors
    /// [`KeyError::Entropy`].
    pub fn with_fresh_surrogates(&self) -> Result<Self, KeyError> {
        Ok(Self {
            draw: self.draw.clone(),
            surrogates: SecretKey::random()?,
        })
    }

    /// A key for one release that is never stored: what it made can be neither continued nor reversed.
    ///
    /// # Errors
    /// [`KeyError::Entropy`].
    pub fn one_way() -> Result<Self, KeyError> {
        SecretKey::random().map(Self::new)
    }

    /// A key that a person keeps in a file of their own, for stand-alone runs.
    #[must_use]
    pub fn from_key(key: SecretKey) -> Self {
        Self::new(key)
    }

    /// The key of a column domain, for example `resident-id`.
    ///
    /// # Errors
    /// [`KeyError::Length`], which 32 bytes of HKDF output never give.
    pub fn domain(&self, name: &str) -> Result<SecretKey, KeyError> {
        derive(&self.surrogates, format!("{DOMAIN_LABEL}{name}").as_bytes())
    }

    /// The key that decides which rows a sample keeps.
    ///
    /// # Errors
    /// [`KeyError::Length`], which 32 bytes of HKDF output never give.
    pub fn sampling(&self) -> Result<SecretKey, KeyError> {
        derive(&self.draw, SAMPLING_LABEL.as_bytes())
    }
}

/// RFC 5869 without salt: the input is a uniform key already.
fn derive(key: &SecretKey, info: &[u8]) -> Result<SecretKey, KeyError> {
    let mut output = zeroize::Zeroizing::new([0; super::KEY_BYTES]);
    Hkdf::<Sha256>::new(None, key.expose())
        .expand(info, output.as_mut_slice())
        .map_err(|_| KeyError::Length)?;
    SecretKey::from_slice(output.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    /// RFC 5869, appendix A, test cases 1 to 3: the function that `derive` stands on.
    #[test]
    fn known_answers_of_rfc_5869() {
        let ramp = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
        for (ikm, salt, info, expect) in [
            (
                vec![0x0b; 22],
                ramp(0x00, 0x0c),
                ramp(0xf0, 0xf9),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                ramp(0x00, 0x4f),
                ramp(0x60, 0xaf),
                ramp(0xb0, 0xff),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                vec![0x0b; 22],
                vec![],
                vec![],
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
        ] {
            let mut okm = vec![0; expect.len() / 2];
            Hkdf::<Sha256>::new(Some(&salt), &ikm)
                .expand(&info, &mut okm)
                .unwrap();
            assert_eq!(okm, hex(expect));
        }
    }

    /// `derive` against HMAC written out: PRK = HMAC(32 zero bytes, key), T(1) = HMAC(PRK, info ‖ 1).
    #[test]
    fn deriving_is_hkdf_without_salt() {
        use hmac::{Hmac, KeyInit, Mac};
        let hmac = |key: &[u8], message: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        };
        let key = SecretKey::from_slice(&[7; 32]).unwrap();
        let info = b"karez/v1/column-domain/resident-id";
        let expect = hmac(
            &hmac(&[0; 32], key.expose()),
            &[info.as_slice(), &[1]].concat(),
        );
        assert_eq!(
            ReleaseKey::new(key)
                .domain("resident-id")
                .unwrap()
                .expose()
                .as_slice(),
            expect
        );
    }

    #[test]
    fn fresh_surrogates_keep_the_draw_and_share_nothing_else() {
        let scenario = ReleaseKey::from_key(SecretKey::from_slice(&[1; 32]).unwrap());
        let (one, two) = (
            scenario.with_fresh_surrogates().unwrap(),
            scenario.with_fresh_surrogates().unwrap(),
        );
        for key in [&one, &two] {
            assert_eq!(
                key.sampling().unwrap().expose(),
                scenario.sampling().unwrap().expose()
            );
        }
        let domains = [&scenario, &one, &two].map(|key| *key.domain("text").unwrap().expose());
        assert!(domains[0] != domains[1] && domains[0] != domains[2] && domains[1] != domains[2]);
    }

    #[test]
    fn every_name_and_every_scenario_has_its_own_key() {
        let one = ReleaseKey::from_key(SecretKey::from_slice(&[1; 32]).unwrap());
        let two = ReleaseKey::from_key(SecretKey::from_slice(&[2; 32]).unwrap());
        let keys = [
            one.domain("resident-id").unwrap(),
            one.domain("phone").unwrap(),
            one.domain("sampling").unwrap(),
            one.sampling().unwrap(),
            two.domain("resident-id").unwrap(),
        ];
        for (i, a) in keys.iter().enumerate() {
            assert!(keys.iter().skip(i + 1).all(|b| a.expose() != b.expose()));
        }
        assert_eq!(one.domain("phone").unwrap().expose(), keys[1].expose());
    }
}
