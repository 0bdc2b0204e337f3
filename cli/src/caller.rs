//! Who calls which server: the options that every client command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use enclave::client::Client;
use enclave::config::{Overrides, SERVER_VARIABLE};
use enclave::home::IdentityFiles;
use enclave::pki::Principal;
use lineage::{Actor, Duty};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};

use crate::context::{Context, variable};
use crate::language::text;
use crate::problem::Problem;

/// Deadline of uploads and of watching, as long as a server allows by default.
const LONG_CALL_TIME: Duration = Duration::from_secs(3600);

/// Who calls.
#[derive(Debug, Clone, Args)]
pub(crate) struct Who {
    /// Act as the home's own person of a duty
    #[arg(long = "as", value_name = "DUTY", conflicts_with = "identity", value_parser = duty())]
    duty: Option<Duty>,
    /// Act as the identity in a directory (cert.pem, key.pem, ca.pem, signing.key)
    #[arg(long, value_name = "DIR")]
    identity: Option<PathBuf>,
}

/// Who calls which server.
#[derive(Debug, Clone, Args)]
pub(crate) struct Caller {
    #[command(flatten)]
    pub(crate) who: Who,
    /// The server (else KAREZ_SERVER, else `server` in karez.toml)
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

/// The id that makes a repeated call safe.
#[derive(Debug, Clone, Args)]
pub(crate) struct RequestId {
    /// Repeat an earlier call safely by its id; a fresh one is made and printed otherwise
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
}

/// An open connection with the person it belongs to.
#[derive(Debug)]
pub(crate) struct Connected {
    pub(crate) client: Client,
    pub(crate) tenant: String,
}

/// The duties as a parser that lists them in `--help` and in errors.
pub(crate) fn duty() -> impl clap::builder::TypedValueParser<Value = Duty> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    let duties = [
        "provider",
        "institution",
        "operator",
        "developer",
        "regulator",
    ];
    PossibleValuesParser::new(duties).try_map(|text| text.parse::<Duty>())
}

impl Who {
    /// Whether the command line says who acts.
    pub(crate) const fn is_given(&self) -> bool {
        self.duty.is_some() || self.identity.is_some()
    }

    /// The files of the identity.
    pub(crate) fn files(&self, context: &Context<'_>) -> Result<IdentityFiles, Problem> {
        match (self.duty, &self.identity) {
            (_, Some(directory)) => Ok(IdentityFiles::at(directory)),
            (Some(duty), None) => Ok(context.home()?.client(duty)),
            (None, None) => Err(Problem::usage(text!(
                "say who you are: --as DUTY for a person of the home, or --identity DIR",
                "请说明身份：--as 职责（主目录中的人员），或 --identity 目录"
            ))),
        }
    }
}

/// The person that an identity's certificate names.
pub(crate) fn actor(identity: &IdentityFiles) -> Result<Actor, Problem> {
    let path = identity.certificate();
    let der = CertificateDer::from_pem_file(&path).map_err(|error| Problem::file(&path, &error))?;
    Ok(Principal::from_verified(der.as_ref())?.actor().clone())
}

impl Caller {
    /// Connects, and learns the tenant from the certificate.
    pub(crate) async fn connect(&self, context: &Context<'_>) -> Result<Connected, Problem> {
        let identity = self.who.files(context)?;
        let server = self.server(context)?;
        let client = Client::connect(&identity, &server).await?;
        let tenant = actor(&identity)?.tenant().unwrap_or_default().to_owned();
        Ok(Connected { client, tenant })
    }

    /// The flag, else the environment, else the home's file.
    fn server(&self, context: &Context<'_>) -> Result<String, Problem> {
        let overrides = Overrides::new(None, self.server.clone(), variable);
        if let Some(server) = overrides.server.filter(|server| !server.is_empty()) {
            return Ok(server);
        }
        let home = context.home().map_err(|problem| {
            let (path, why) = (SERVER_VARIABLE, problem.text().map_or("", |text| &text.en).to_owned());
            Problem::usage(text!(
                "no server: give --server or {path}, or a home whose karez.toml names it ({why})",
                "未指定服务：请给出 --server 或 {path}，或使用其 karez.toml 指明服务的主目录（{why}）"
            ))
        })?;
        Ok(context.config(&home, None, None)?.server)
    }
}

impl Connected {
    /// The tenant's resource name.
    pub(crate) fn parent(&self) -> String {
        format!("tenants/{}", self.tenant)
    }

    /// The same connection for calls that follow something long.
    pub(crate) fn patient(&self) -> Client {
        self.client.with_call_time(LONG_CALL_TIME)
    }
}

impl RequestId {
    /// The given id, or a fresh one, which is printed so that the call can be repeated.
    pub(crate) fn take(&self, context: &Context<'_>) -> Result<String, Problem> {
        if let Some(id) = &self.request_id {
            return Ok(id.clone());
        }
        let id = fresh_id()?;
        context.say(&text!("request id: {id}", "请求编号：{id}"));
        Ok(id)
    }
}

/// 128 random bits as hex: no two calls share one by chance.
pub(crate) fn fresh_id() -> Result<String, Problem> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Problem::refused(text!(
            "the system gave no random bytes: {error}",
            "系统未能提供随机数：{error}"
        ))
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
