//! The layers of the jail, in their order, and what is said about each.

use std::fmt;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// Exit code of a worker that could not put one of its layers in force.
pub const EXIT_LAYER_MISSING: i32 = 125;

/// One layer of the jail; the order of the variants is the order in which they are put in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// An unprivileged user id; one of its own when the service is root.
    Identity,
    /// New user, process, network, mount, IPC, host-name and cgroup namespaces.
    Namespaces,
    /// An empty, read-only root directory.
    Root,
    /// Resource limits of the kernel.
    Limits,
    /// No capabilities, no new privileges, not dumpable, dies with its parent, an empty keyring.
    Privileges,
    /// No descriptor but the job's own.
    Descriptors,
    /// Landlock: no right on any path, port or process outside.
    Landlock,
    /// The allow-list of system calls.
    Seccomp,
}

impl Layer {
    /// All layers in the order in which they are put in force.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::Namespaces,
        Self::Root,
        Self::Limits,
        Self::Privileges,
        Self::Descriptors,
        Self::Landlock,
        Self::Seccomp,
    ];

    /// The layer's name in logs, reports and errors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Namespaces => "namespaces",
            Self::Root => "root",
            Self::Limits => "limits",
            Self::Privileges => "privileges",
            Self::Descriptors => "descriptors",
            Self::Landlock => "landlock",
            Self::Seccomp => "seccomp",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A layer that is in force, with what the kernel granted of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// The layer.
    pub layer: Layer,
    /// What exactly is in force, for the log: no path, no name, no data.
    pub detail: String,
}

/// A layer that could not be put in force, with the step at which it failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The layer.
    pub layer: Layer,
    /// The step, in the words of the kernel's interface.
    pub step: String,
    /// The kernel's error number; 0 when a check after the step failed.
    pub errno: i32,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer {} at {}: ", self.layer, self.step)?;
        match self.errno {
            0 => f.write_str("not in force after the call"),
            errno => write!(f, "{}", Errno::from_raw_os_error(errno)),
        }
    }
}

/// What a worker reported before it was given anything: the layers in force, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealReport {
    /// One entry for each of [`Layer::ALL`].
    pub layers: Vec<InForce>,
}

impl SealReport {
    /// The names of the layers in force, for the `job.started` event.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.layers.iter().map(|entry| entry.layer.name()).collect()
    }

    /// Whether every layer is in force, in order; the launcher accepts no other report.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.layers.iter().map(|entry| entry.layer).eq(Layer::ALL)
    }
}

/// A step of a layer that failed; becomes [`Missing`] when the layer's name is added.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) step: &'static str,
    pub(crate) errno: i32,
}

impl Broken {
    /// A check after the call found that the layer is not in force.
    pub(crate) const fn ineffective(step: &'static str) -> Self {
        Self { step, errno: 0 }
    }

    pub(crate) fn of(self, layer: Layer) -> Missing {
        Missing {
            layer,
            step: self.step.to_owned(),
            errno: self.errno,
        }
    }
}

/// Names the step at which a kernel call failed.
pub(crate) trait AtStep<T> {
    fn step(self, step: &'static str) -> Result<T, Broken>;
}

impl<T> AtStep<T> for Result<T, Errno> {
    fn step(self, step: &'static str) -> Result<T, Broken> {
        self.map_err(|errno| Broken {
            step,
            errno: errno.raw_os_error(),
        })
    }
}

impl<T> AtStep<T> for std::io::Result<T> {
    fn step(self, step: &'static str) -> Result<T, Broken> {
        // An error without a number comes from the standard library's own checks; EIO stands for it.
        self.map_err(|error| Broken {
            step,
            errno: error.raw_os_error().unwrap_or(libc::EIO),
        })
    }
}
