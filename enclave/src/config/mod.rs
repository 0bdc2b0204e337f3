//! `karez.toml`: what this installation listens on and how much it allows.
//!
//! A value is looked up in this order: flag, then environment, then file, then the default that
//! stands as a constant here. Only what depends on where a process runs can be set outside the
//! file: `listen` (`--listen`, `KAREZ_LISTEN`) and `server` (`--server`, `KAREZ_SERVER`).

mod limits;
mod template;

pub use limits::{Floor, Limits};
pub use template::template;

use lineage::name::is_segment;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Where the service listens unless told otherwise: loopback only, so that nothing is exposed by
/// forgetting to configure it.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:7443";

/// Environment variable that stands for `listen`.
pub const LISTEN_VARIABLE: &str = "KAREZ_LISTEN";

/// Environment variable that stands for `server`.
pub const SERVER_VARIABLE: &str = "KAREZ_SERVER";

/// The longest `karez.toml` that is read; a file with every key is under 4 KiB.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Values from flags and environment, which win over the file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--listen` or `KAREZ_LISTEN`.
    pub listen: Option<String>,
    /// `--server` or `KAREZ_SERVER`.
    pub server: Option<String>,
}

impl Overrides {
    /// Takes each flag that was given and else its environment variable, read by `variable`.
    ///
    /// ```
    /// use enclave::config::Overrides;
    /// let env = |name: &str| (name == "KAREZ_LISTEN").then(|| "[::1]:7000".to_owned());
    /// let flag = Some("127.0.0.1:0".to_owned());
    /// assert_eq!(Overrides::new(flag, None, env).listen.as_deref(), Some("127.0.0.1:0"));
    /// assert_eq!(Overrides::new(None, None, env).listen.as_deref(), Some("[::1]:7000"));
    /// ```
    #[must_use]
    pub fn new(
        listen: Option<String>,
        server: Option<String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        Self {
            listen: listen.or_else(|| variable(LISTEN_VARIABLE)),
            server: server.or_else(|| variable(SERVER_VARIABLE)),
        }
    }
}

/// The configuration in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The tenant that this installation serves, e.g. `xj`.
    pub tenant: String,
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where clients of this home find the service, `https://HOST:PORT`.
    pub server: String,
    /// Bounds of every queue, buffer and run.
    pub limits: Limits,
    /// Least protection, below which no policy document may go.
    pub floor: Floor,
}

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    tenant: String,
    listen: Option<String>,
    server: Option<String>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    floor: Floor,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than any configuration.
    #[error("{path} has more than {FILE_BYTES_MAX} bytes: this is no karez.toml")]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The file is not TOML, or has a key that does not exist, or a value of another type.
    #[error("{path}: {source}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and what was expected.
        source: Box<toml::de::Error>,
    },
    /// A value is outside what is allowed.
    #[error("`{key}` {problem}")]
    Value {
        /// The key, with its table.
        key: &'static str,
        /// What is wrong and what is allowed.
        problem: String,
    },
}

impl Config {
    /// Reads the file and lays the overrides over it.
    ///
    /// # Errors
    /// [`ConfigError`], naming the file with line and column, or the key and what it allows.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, ConfigError> {
        let read = |source| ConfigError::Read {
            path: path.to_owned(),
            source,
        };
        if fs::metadata(path).map_err(read)?.len() > FILE_BYTES_MAX {
            let path = path.to_owned();
            return Err(ConfigError::TooLong { path });
        }
        let text = fs::read_to_string(path).map_err(read)?;
        Self::parse(&text, path, overrides)
    }

    fn parse(text: &str, path: &Path, overrides: &Overrides) -> Result<Self, ConfigError> {
        let document: Document = toml::from_str(text).map_err(|source| ConfigError::Syntax {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        if !is_segment(&document.tenant) {
            let problem = "must be 1 to 63 of a-z, 0-9, `-` and `_`, for example `xj`".into();
            return Err(value("tenant", problem));
        }
        document.limits.check()?;
        document.floor.check()?;
        let listen = listen(overrides.listen.as_deref().or(document.listen.as_deref()))?;
        let server = overrides.server.clone().or(document.server);
        Ok(Self {
            tenant: document.tenant,
            listen,
            server: server.map_or_else(|| Ok(default_server(listen)), check_server)?,
            limits: document.limits,
            floor: document.floor,
        })
    }
}

pub(crate) fn value(key: &'static str, problem: String) -> ConfigError {
    ConfigError::Value { key, problem }
}

fn listen(given: Option<&str>) -> Result<SocketAddr, ConfigError> {
    let given = given.unwrap_or(LISTEN_DEFAULT);
    given.parse().map_err(|_| {
        let problem =
            format!("is `{given}`: expected ADDRESS:PORT, for example `{LISTEN_DEFAULT}`");
        value("listen", problem)
    })
}

/// The address to dial for an address to listen on: "any address" is dialled as loopback.
fn default_server(listen: SocketAddr) -> String {
    let host = match listen.ip() {
        IpAddr::V4(ip) if !ip.is_unspecified() => ip.to_string(),
        IpAddr::V6(ip) if !ip.is_unspecified() => format!("[{ip}]"),
        IpAddr::V4(_) => "127.0.0.1".to_owned(),
        IpAddr::V6(_) => "[::1]".to_owned(),
    };
    format!("https://{host}:{}", listen.port())
}

fn check_server(server: String) -> Result<String, ConfigError> {
    match server.strip_prefix("https://") {
        Some(rest) if !rest.is_empty() => Ok(server),
        _ => {
            let problem = format!(
                "is `{server}`: expected https://HOST:PORT; without TLS nothing is answered"
            );
            Err(value("server", problem))
        }
    }
}

#[cfg(test)]
mod tests {
    //! Precedence, defaults, and each refusal with its key.
    use super::*;

    fn parse(text: &str, overrides: &Overrides) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("karez.toml"), overrides)
    }

    fn check(text: &str, expect: &str) {
        let error = parse(text, &Overrides::default()).unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
    }

    #[test]
    fn the_template_means_the_defaults() {
        let config = parse(&template("xj"), &Overrides::default()).unwrap();
        let least = parse("tenant = 'xj'", &Overrides::default()).unwrap();
        assert_eq!(config, least);
        assert_eq!(config.listen.to_string(), LISTEN_DEFAULT);
        assert_eq!(config.server, "https://127.0.0.1:7443");
    }

    #[test]
    fn flag_wins_over_environment_over_file() {
        let file = "tenant='xj'\nlisten='127.0.0.1:1'\nserver='https://file:1'";
        let none = |_: &str| None;
        let env = |name: &str| match name {
            LISTEN_VARIABLE => Some("127.0.0.1:2".to_owned()),
            SERVER_VARIABLE => Some("https://env:2".to_owned()),
            _ => None,
        };
        let check = |overrides: Overrides, port: u16, server: &str| {
            let config = parse(file, &overrides).unwrap();
            assert_eq!(
                (config.listen.port(), config.server.as_str()),
                (port, server)
            );
        };
        check(Overrides::new(None, None, none), 1, "https://file:1");
        check(Overrides::new(None, None, env), 2, "https://env:2");
        let flag = |text: &str| Some(text.to_owned());
        let flags = Overrides::new(flag("127.0.0.1:3"), flag("https://flag:3"), env);
        check(flags, 3, "https://flag:3");
    }

    #[test]
    fn any_address_is_dialled_as_loopback() {
        let server = |listen: &str| default_server(listen.parse().unwrap());
        assert_eq!(server("0.0.0.0:7443"), "https://127.0.0.1:7443");
        assert_eq!(server("[::]:7443"), "https://[::1]:7443");
        assert_eq!(server("[fd00::1]:7443"), "https://[fd00::1]:7443");
        assert_eq!(server("10.0.0.1:80"), "https://10.0.0.1:80");
    }

    #[test]
    fn what_is_wrong_is_named() {
        check("", "missing field `tenant`");
        check("tenant = 'XJ'", "`tenant` must be");
        check("tenant = 'xj'\nlisen = 'x'", "unknown field `lisen`");
        check("tenant = 'xj'\nlisen = 'x'", "line 2");
        check("tenant = 'xj'\n[limits]\njobs = 1", "unknown field `jobs`");
        check("tenant = 'xj'\ntenant = 'yj'", "duplicate key");
        check("tenant = 'xj'\nlisten = 'here'", "`listen` is `here`");
        check("tenant = 'xj'\nserver = 'http://a:1'", "`server` is");
        check(
            "tenant = 'xj'\n[limits]\njobs_max = 0",
            "`limits.jobs_max` is 0",
        );
        check("tenant = 'xj'\n[limits]\njobs_max = -1", "line 3");
        check("tenant = 'xj'\n[floor]\nk = 1", "`floor.k` is 1");
    }

    #[test]
    fn a_missing_file_is_named() {
        let path = Path::new("/nonexistent/karez.toml");
        let error = Config::load(path, &Overrides::default()).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/karez.toml"));
    }
}
