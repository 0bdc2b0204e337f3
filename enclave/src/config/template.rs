//! The `karez.toml` that a fresh home gets: every key, with its meaning and default.

use super::{Floor, LISTEN_DEFAULT, Limits};

/// A complete `karez.toml` for a tenant, with every key at its default and explained.
///
/// ```
/// assert!(enclave::config::template("xj").contains("tenant = \"xj\""));
/// ```
#[must_use]
pub fn template(tenant: &str) -> String {
    let limits = Limits::template();
    let floor = Floor::template();
    format!(
        "# Configuration of this Karez home. A flag wins over the environment, the environment\n\
         # over this file. Unknown keys are refused.\n\n\
         # Tenant that this installation serves.\n\
         tenant = \"{tenant}\"\n\
         # Address to listen on; port 0 takes any free one. Also --listen or KAREZ_LISTEN.\n\
         listen = \"{LISTEN_DEFAULT}\"\n\
         # Where clients find the service. Also --server or KAREZ_SERVER.\n\
         server = \"https://{LISTEN_DEFAULT}\"\n\n\
         # Bounds of every queue, buffer and run.\n\
         {limits}\n\
         # Least protection; a policy document may be stricter, never weaker.\n\
         {floor}"
    )
}
