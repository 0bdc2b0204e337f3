//! A home is complete and closed to others, or not there at all.

use super::*;
use crate::config::{Config, Overrides};
use crate::pki::{Authority, Principal, Validity, is_development};
use lineage::{Duty, NoteSigner, NoteVerifier, StatementKey, TrustList};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use std::fs;
use std::time::SystemTime;

fn fresh() -> (tempfile::TempDir, Home) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("home");
    let summary = init(&root, "xj", SystemTime::now()).unwrap();
    (directory, summary.home)
}

fn actor_in(files: &IdentityFiles) -> String {
    let der = CertificateDer::from_pem_file(files.certificate()).unwrap();
    let principal = Principal::from_verified(der.as_ref()).unwrap();
    principal.actor().to_string()
}

fn walk(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(walk(&path)),
            false => found.push(path),
        }
    }
    found
}

#[test]
fn a_home_is_complete() {
    let (_directory, home) = fresh();
    assert_eq!(Home::open(home.root()).unwrap(), home);
    let config = Config::load(&home.config(), &Overrides::default()).unwrap();
    assert_eq!(config.tenant, "xj");
    let master = fs::read_to_string(home.master_key()).unwrap();
    assert!(master.len() == 65 && master.trim().bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(is_development(
        &fs::read_to_string(home.ca_certificate()).unwrap()
    ));
    Authority::load(&home.ca_certificate(), &home.ca_key()).unwrap();
    let vkey: NoteVerifier = fs::read_to_string(home.log_vkey())
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let signer = NoteSigner::load(&home.log_key()).unwrap();
    assert!(signer.verifier() == vkey);
    let (log, _) = lineage::Log::open(&home.log(), signer).unwrap();
    assert_eq!(log.size(), 1, "the log is begun");
    for name in STATE_DIRECTORIES {
        assert!(home.root().join(name).is_dir(), "{name}");
    }
}

#[test]
fn each_duty_has_one_person_whose_key_is_trusted() {
    let (_directory, home) = fresh();
    let trust = TrustList::load(&home.trust()).unwrap();
    assert_eq!(trust.entries().len(), 5);
    let mut organisations = std::collections::BTreeSet::new();
    for identity in development_identities() {
        let files = home.client(identity.duty);
        assert_eq!(actor_in(&files), identity.actor("xj").to_string());
        let key = StatementKey::load(&files.signing_key())
            .unwrap()
            .public_key();
        let entry = trust.find(&key).unwrap();
        assert_eq!(
            (entry.duty, entry.person.as_str()),
            (identity.duty, identity.person)
        );
        assert!(organisations.insert(identity.organisation));
    }
}

#[test]
fn directories_and_secrets_are_closed_to_others() {
    let (_directory, home) = fresh();
    let secret = ["master.key", "key.pem", "log.key", "signing.key"];
    let mut secrets = 0;
    for path in walk(home.root()) {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            assert_eq!(mode, 0o700, "{}", path.display());
        } else if secret.contains(&name) {
            secrets += 1;
            assert_eq!(mode, 0o600, "{}", path.display());
        }
    }
    assert_eq!(secrets, 1 + 2 + 1 + 5 * 2);
}

#[test]
fn an_existing_home_is_left_alone() {
    let (directory, home) = fresh();
    let before = fs::read(home.master_key()).unwrap();
    let error = init(home.root(), "xj", SystemTime::now()).unwrap_err();
    assert!(matches!(error, HomeError::Exists { .. }), "{error}");
    assert_eq!(fs::read(home.master_key()).unwrap(), before);
    let file = directory.path().join("file");
    fs::write(&file, "mine").unwrap();
    let error = init(&file, "xj", SystemTime::now()).unwrap_err();
    assert!(matches!(error, HomeError::Exists { .. }), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let left: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing half built stays behind");
}

#[test]
fn an_empty_directory_may_become_a_home() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("empty");
    fs::create_dir(&root).unwrap();
    init(&root, "xj", SystemTime::now()).unwrap();
    Home::open(&root).unwrap();
}

#[test]
fn a_failing_init_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("a").join("home");
    fs::write(
        directory.path().join("a"),
        "a file where a directory must be",
    )
    .unwrap();
    let error = init(&place, "xj", SystemTime::now()).unwrap_err();
    assert!(matches!(error, HomeError::Io { .. }), "{error}");
    let error = init(&directory.path().join("b"), "X J", SystemTime::now()).unwrap_err();
    assert!(matches!(error, HomeError::Name(_)), "{error}");
    let left: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn what_is_no_home_or_open_to_others_is_refused() {
    let (directory, home) = fresh();
    let error = Home::open(directory.path()).unwrap_err().to_string();
    assert!(error.contains("karez init --home"), "{error}");
    fs::set_permissions(home.master_key(), fs::Permissions::from_mode(0o640)).unwrap();
    let error = Home::open(home.root()).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
}

#[test]
fn a_further_certificate_is_issued_once() {
    let (_directory, home) = fresh();
    let request = IssueRequest {
        tenant: "xj".into(),
        organisation: "gaj".into(),
        duty: Duty::Provider,
        person: "gaj-01".into(),
        validity: Validity::days(SystemTime::now(), 30).unwrap(),
        out: None,
    };
    let files = issue_certificate(&home, &request).unwrap();
    assert!(files.root().ends_with("clients/gaj-provider-gaj-01"));
    assert_eq!(actor_in(&files), "karez://xj/gaj/provider/gaj-01");
    let error = issue_certificate(&home, &request).unwrap_err();
    assert!(matches!(error, HomeError::Exists { .. }), "{error}");
    let bad = IssueRequest {
        organisation: "公安局".into(),
        ..request
    };
    let error = issue_certificate(&home, &bad).unwrap_err();
    assert!(matches!(error, HomeError::Name(_)), "{error}");
}

#[test]
fn the_home_is_found_by_flag_then_variable_then_user() {
    let env = |karez: &'static str, home: &'static str| {
        move |name: &str| match name {
            HOME_VARIABLE => Some(karez.to_owned()),
            _ => Some(home.to_owned()),
        }
    };
    let place = |flag: Option<&Path>, karez, home| locate(flag, env(karez, home)).ok();
    assert_eq!(place(Some(Path::new("/f")), "/k", "/h"), Some("/f".into()));
    assert_eq!(place(None, "/k", "/h"), Some("/k".into()));
    assert_eq!(place(None, "", "/h"), Some("/h/.karez".into()));
    assert!(matches!(locate(None, env("", "")), Err(HomeError::Nowhere)));
}
