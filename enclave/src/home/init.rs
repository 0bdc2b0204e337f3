//! `karez init`: a complete development home, or none at all.

use super::{Home, HomeError, STATE_DIRECTORIES, development_identities, write};
use crate::config;
use crate::pki::{AUTHORITY_DAYS_DEFAULT, Authority, CLIENT_DAYS_DEFAULT, Validity};
use lineage::{Log, NoteSigner, StatementKey, TrustEntry, TrustList};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use zeroize::Zeroizing;

/// Length of the master key: AES-256.
const MASTER_KEY_BYTES: usize = 32;

/// What `init` made, in the words that the command prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitSummary {
    /// The new home.
    pub home: Home,
    /// Its tenant.
    pub tenant: String,
    /// What was made: path relative to the home, and what it is for.
    pub made: Vec<(String, String)>,
    /// Commands to try next.
    pub next: Vec<String>,
}

/// Makes a home at `root` for `tenant`.
///
/// It is built beside its place and moved there in one step, so that an interrupted `init` leaves
/// no half a home. Directories are 0700 and secrets 0600 from their first instant.
///
/// # Errors
/// [`HomeError::Exists`] when something is at the place already; [`HomeError`] when the file
/// system or the kernel's entropy refuses.
pub fn init(root: &Path, tenant: &str, now: SystemTime) -> Result<InitSummary, HomeError> {
    if !lineage::name::is_segment(tenant) {
        return Err(lineage::NameError::Segment(tenant.to_owned()).into());
    }
    refuse_existing(root)?;
    let (parent, built) = beside(root)?;
    fs::create_dir_all(&parent).map_err(|source| write::io_error("make", &parent, source))?;
    let made = build(&Home::at(&built), tenant, now).and_then(|made| {
        write::publish(&built, root)?;
        write::sync(&parent)?;
        Ok(made)
    });
    if made.is_err() {
        // Best effort: the first error says more than a second one about cleaning up.
        let _ = fs::remove_dir_all(&built);
    }
    Ok(InitSummary {
        home: Home::at(root),
        tenant: tenant.to_owned(),
        made: made?,
        next: next_commands(root),
    })
}

fn refuse_existing(root: &Path) -> Result<(), HomeError> {
    let exists = || HomeError::Exists {
        path: root.to_owned(),
    };
    match fs::read_dir(root) {
        Ok(mut entries) => entries.next().map_or(Ok(()), |_| Err(exists())),
        Err(_) if root.symlink_metadata().is_ok() => Err(exists()),
        Err(_) => Ok(()),
    }
}

/// The parent of the home and a fresh hidden name in it, on the same file system for the rename.
fn beside(root: &Path) -> Result<(PathBuf, PathBuf), HomeError> {
    let absolute = std::path::absolute(root);
    let absolute = absolute.map_err(|source| write::io_error("find", root, source))?;
    let parent = absolute.parent().ok_or_else(|| HomeError::Exists {
        path: root.to_owned(),
    })?;
    let built = parent.join(format!(".karez-init-{}", &*random_hex(8)?));
    Ok((parent.to_owned(), built))
}

fn build(home: &Home, tenant: &str, now: SystemTime) -> Result<Vec<(String, String)>, HomeError> {
    write::directory(home.root())?;
    for name in STATE_DIRECTORIES {
        write::directory(&home.root().join(name))?;
    }
    write::public(&home.config(), &config::template(tenant))?;
    let master = random_hex(MASTER_KEY_BYTES)?;
    write::secret(
        &home.master_key(),
        &Zeroizing::new(format!("{}\n", *master)),
    )?;
    let authority = authority(home, tenant, now)?;
    log(home, tenant)?;
    clients(home, tenant, now, &authority)?;
    write::sync(home.root())?;
    Ok(listing(tenant))
}

fn authority(home: &Home, tenant: &str, now: SystemTime) -> Result<Authority, HomeError> {
    let validity = Validity::days(now, AUTHORITY_DAYS_DEFAULT)?;
    let authority = Authority::generate(tenant, validity)?;
    write::directory(&home.root().join("ca"))?;
    write::public(&home.ca_certificate(), authority.certificate_pem())?;
    write::secret(&home.ca_key(), &authority.key_pem())?;
    let server = authority.issue_server(tenant, validity)?;
    write::directory(&home.root().join("server"))?;
    write::public(&home.server_certificate(), &server.certificate_pem)?;
    write::secret(&home.server_key(), &server.key_pem)?;
    Ok(authority)
}

/// The log's key and its first entry. The service never begins a log: one that is gone is then always missed.
fn log(home: &Home, tenant: &str) -> Result<(), HomeError> {
    // `.internal` is reserved for names that never leave an installation.
    let origin = format!("{tenant}.karez.internal/log");
    let signer = NoteSigner::generate(&origin)?;
    signer.save(&home.log_key())?;
    write::public(&home.log_vkey(), &format!("{}\n", signer.verifier()))?;
    Log::create(&home.log(), signer, &origin)?;
    Ok(())
}

fn clients(
    home: &Home,
    tenant: &str,
    now: SystemTime,
    authority: &Authority,
) -> Result<(), HomeError> {
    let validity = Validity::days(now, CLIENT_DAYS_DEFAULT)?;
    write::directory(&home.clients())?;
    let mut trusted = Vec::new();
    for identity in development_identities() {
        let files = home.client(identity.duty);
        write::directory(files.root())?;
        let issued = authority.issue_client(&identity.actor(tenant), validity)?;
        write::identity(&files, &issued, authority.certificate_pem())?;
        let key = StatementKey::generate()?;
        key.save(&files.signing_key())?;
        trusted.push(TrustEntry {
            tenant: tenant.to_owned(),
            organisation: identity.organisation.to_owned(),
            duty: identity.duty,
            person: identity.person.to_owned(),
            public_key: key.public_key(),
        });
    }
    Ok(TrustList::new(trusted)?.save(&home.trust())?)
}

/// Fresh random bytes of the kernel as lower-case hex; wiped on drop.
fn random_hex(bytes: usize) -> Result<Zeroizing<String>, HomeError> {
    let mut raw = Zeroizing::new(vec![0u8; bytes]);
    getrandom::fill(&mut raw).map_err(|error| HomeError::Entropy(error.to_string()))?;
    let mut text = Zeroizing::new(String::with_capacity(bytes * 2));
    for byte in raw.iter() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

fn listing(tenant: &str) -> Vec<(String, String)> {
    let entry = |path: &str, what: String| (path.to_owned(), what);
    let mut made = vec![
        entry("karez.toml", "configuration, every key explained".into()),
        entry(
            "master.key",
            "wraps every key of the vault; back it up offline".into(),
        ),
        entry(
            "ca/",
            "development CA; `serve` takes it only with --dev".into(),
        ),
        entry("server/", "server certificate for localhost".into()),
        entry(
            "log.vkey",
            "public key of the log; give it to the regulator".into(),
        ),
        entry(
            "trust.json",
            "whose signed statements count; the regulator keeps a copy".into(),
        ),
    ];
    made.extend(development_identities().map(|identity| {
        let what = format!("{} {}", identity.actor(tenant), identity.title);
        (format!("clients/{}/", identity.duty), what)
    }));
    made
}

fn next_commands(root: &Path) -> Vec<String> {
    let home = root.display();
    vec![
        format!("karez doctor --home {home}"),
        format!("karez serve --dev --home {home}"),
        "karez demo".to_owned(),
    ]
}
