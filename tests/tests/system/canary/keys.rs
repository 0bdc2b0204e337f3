//! No key of the service is anywhere but where it lies: not in a message, a span, a log leaf, a file or a name.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use enclave::home::Home;
use enclave::keys::{KeyPath, KeyStore, MasterKey, SecretKey};

use super::files;

/// Characters of a key's text that are enough to know it by; no other 12 bytes look like them by chance.
const ENOUGH: usize = 24;
/// Bytes by which a form is looked up.
const LOOKUP: usize = 8;

/// A key in one way to write it.
struct Form {
    key: String,
    bytes: Vec<u8>,
}

/// Looks for every key of the home in every file of these places but the master key's own; returns how many keys.
pub(crate) fn nowhere(home: &Path, places: &[PathBuf]) -> usize {
    let opened = Home::open(home).unwrap();
    let master = opened.master_key();
    let keys = KeyStore::open(&opened.keys(), MasterKey::open(&master).unwrap()).unwrap();
    let known: Vec<(String, SecretKey)> = paths()
        .into_iter()
        .map(|path| (path.to_string(), keys.get(&path).unwrap()))
        .chain([("master".to_owned(), SecretKey::read(&master).unwrap())])
        .collect();
    let forms: Vec<Form> = known
        .iter()
        .flat_map(|(name, key)| forms(name, key))
        .collect();
    found_where_planted(&forms, &places[0]);
    for place in places {
        for file in files(place).into_iter().filter(|file| *file != master) {
            let leak = found(&forms, &fs::read(&file).unwrap());
            assert_eq!(leak, None, "{} holds a key", file.display());
        }
    }
    known.len()
}

/// One key of each kind.
fn paths() -> Vec<KeyPath> {
    macro_rules! path {
        ($kind:ident $(, $more:expr)*) => { KeyPath::$kind("xj".parse().unwrap() $(, $more)*) };
    }
    let dataset = "tenants/xj/datasets/ybj/persons";
    let below = |rest: &str| KeyPath::destroyable(&format!("{dataset}{rest}")).unwrap();
    vec![
        path!(Tenant),
        KeyPath::Blobs,
        below(""),
        below("/versions/1"),
        path!(Footer, "ybj/persons".parse().unwrap(), 1),
        below("/versions/1/columns/resident_id"),
        below("/versions/1/columns/__unit_person"),
        path!(Scenario, "medical-spending".parse().unwrap()),
        path!(Units),
        path!(SourceSalt),
        path!(Marks),
    ]
}

/// Raw bytes, hex in both cases, base64 at each alignment, and the decimal list that `Debug` of an array prints.
fn forms(name: &str, key: &SecretKey) -> Vec<Form> {
    let raw = key.expose();
    let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    let decimal: Vec<String> = raw.iter().map(ToString::to_string).collect();
    let base64 = (0..3).map(|before| {
        let shifted = [&[0; 3][..before], raw].concat();
        let text = STANDARD_NO_PAD.encode(&shifted);
        text.as_bytes()[4..4 + ENOUGH].to_vec()
    });
    let text = |text: &str| text.as_bytes()[..ENOUGH].to_vec();
    let mut all = vec![
        raw[..ENOUGH / 2].to_vec(),
        text(&hex),
        text(&hex.to_uppercase()),
        text(&decimal.join(", ")),
        text(&decimal.join(",")),
    ];
    all.extend(base64);
    let form = |bytes| Form {
        key: name.to_owned(),
        bytes,
    };
    all.into_iter().map(form).collect()
}

/// The key of which some form stands in these bytes; forms are looked up by their first bytes.
fn found<'f>(forms: &'f [Form], bytes: &[u8]) -> Option<&'f str> {
    let mut begun: HashMap<&[u8], Vec<&Form>> = HashMap::new();
    for form in forms {
        begun.entry(&form.bytes[..LOOKUP]).or_default().push(form);
    }
    let mut places = bytes.windows(LOOKUP).enumerate();
    places.find_map(|(at, window)| {
        let mut likely = begun.get(window)?.iter();
        let form = likely.find(|form| bytes[at..].starts_with(&form.bytes))?;
        Some(form.key.as_str())
    })
}

/// Every form is found where it was put: a search that cannot fail shows nothing.
fn found_where_planted(forms: &[Form], place: &Path) {
    let file = place.join("planted-key");
    for form in forms {
        fs::write(&file, [b"noise ", &form.bytes[..], b" noise"].concat()).unwrap();
        assert_eq!(
            found(forms, &fs::read(&file).unwrap()),
            Some(form.key.as_str())
        );
    }
    fs::remove_file(&file).unwrap();
}
