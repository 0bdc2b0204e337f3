//! On what was measured: a figure without its machine says little.

use std::fmt;

use serde_json::{Value, json};

/// The machine under a bench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Processors that the process may use.
    pub cores: usize,
    /// The processor's name as the kernel gives it.
    pub cpu: String,
    /// The kernel's release.
    pub kernel: String,
}

impl Machine {
    /// This machine.
    #[must_use]
    pub fn here() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: model(&read("/proc/cpuinfo"))
                .unwrap_or("unknown")
                .to_owned(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "cores": self.cores, "cpu": self.cpu, "kernel": self.kernel })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cores of {}, Linux {}",
            self.cores, self.cpu, self.kernel
        )
    }
}

fn model(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo
        .lines()
        .find(|line| line.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim())
}

#[cfg(test)]
mod tests {
    //! The kernel's table of processors.

    use super::*;

    #[test]
    fn the_model_is_read() {
        assert_eq!(
            model("processor\t: 0\nmodel name\t: A B\nflags: x"),
            Some("A B")
        );
        assert_eq!(model("processor : 0"), None);
        assert!(Machine::here().cores > 0);
    }
}
