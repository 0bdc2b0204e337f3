//! The directory of a demo, its home, and the people in it.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use enclave::client::Client;
use enclave::home::{self, DEVELOPMENT_TENANT, Home, IdentityFiles, development_identities};
use lineage::Duty;

use super::telling::{Telling, Told};
use crate::caller::{Connected, fresh_id};
use crate::language::text;
use crate::problem::Problem;

/// The places and people of one demo.
pub(super) struct World {
    directory: PathBuf,
    home: Home,
    url: String,
}

impl World {
    pub(super) fn new(directory: &Path, home: Home, url: &str) -> Self {
        Self {
            directory: directory.to_owned(),
            home,
            url: url.to_owned(),
        }
    }

    /// A place in the demo's directory.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    pub(super) const fn home(&self) -> &Home {
        &self.home
    }

    /// The files of the person of a duty.
    pub(super) fn identity(&self, duty: Duty) -> IdentityFiles {
        self.home.client(duty)
    }

    /// A connection as the person of a duty.
    pub(super) async fn connect(&self, duty: Duty) -> Result<Connected, Problem> {
        let client = Client::connect(&self.identity(duty), &self.url).await?;
        Ok(Connected {
            client,
            tenant: DEVELOPMENT_TENANT.to_owned(),
        })
    }
}

/// The organisation of a duty: its id, and its name as a person reads it.
pub(super) fn organisation(duty: Duty) -> (&'static str, &'static str) {
    let found = development_identities()
        .into_iter()
        .find(|identity| identity.duty == duty);
    found.map_or(("", ""), |identity| (identity.organisation, identity.title))
}

/// A scenario's full name.
pub(super) fn scenario_name() -> String {
    format!(
        "tenants/{DEVELOPMENT_TENANT}/scenarios/{}",
        super::files::SCENARIO
    )
}

/// A new directory that only its owner may enter.
pub(super) fn make_directory(wanted: Option<PathBuf>) -> Result<PathBuf, Problem> {
    let directory = match wanted {
        Some(directory) => directory,
        None => std::env::temp_dir().join(format!("karez-demo-{}", &fresh_id()?)),
    };
    let made = DirBuilder::new().mode(0o700).create(&directory);
    made.map_err(|error| Problem::file(&directory, &error))?;
    std::path::absolute(&directory).map_err(|error| Problem::file(&directory, &error))
}

/// A home with keys, certificates and people.
pub(super) async fn make_home(
    telling: &mut Telling<'_>,
    directory: &Path,
) -> Result<Home, Problem> {
    let title = text!(
        "A home: master key, development CA, log key, five people with certificates and signing keys",
        "建立主目录：主密钥、开发用证书机构、日志密钥，以及五名持证书与签名密钥的人员"
    );
    let work = async {
        let summary = home::init(
            &directory.join("home"),
            DEVELOPMENT_TENANT,
            SystemTime::now(),
        )?;
        let people = development_identities().map(|one| {
            let (duty, title) = (one.duty.as_str(), one.title);
            text!("{duty:<12} {title}", "{duty:<12} {title}")
        });
        Ok(Told::new(summary.home, people))
    };
    telling.step(title, work).await
}
