//! The allow-list of system calls, compiled from the reviewable files in `filters/`.

use seccompiler::{BpfProgram, TargetArch, apply_filter, compile_from_json};

use crate::layer::Broken;

/// The filters of one worker and of the processes that watch it.
pub(crate) struct Filters {
    no_clone3: BpfProgram,
    never: BpfProgram,
    sql: BpfProgram,
    supervisor: BpfProgram,
}

impl Filters {
    /// Compiles all filters; done before the forks and before memory is limited.
    pub(crate) fn compile() -> Result<Self, Broken> {
        Ok(Self {
            no_clone3: compile(include_str!("../../filters/no_clone3.json"))?,
            never: compile(include_str!("../../filters/never.json"))?,
            sql: compile(include_str!("../../filters/sql.json"))?,
            supervisor: compile(include_str!("../../filters/supervisor.json"))?,
        })
    }

    /// Puts the worker's filters in force on the calling thread and all it will start. The allow-list comes last,
    /// since it denies the call that installs filters.
    pub(crate) fn install(&self) -> Result<String, Broken> {
        apply(&self.no_clone3)?;
        apply(&self.never)?;
        apply(&self.sql)?;
        Ok("profile sql: an allow-list, all else is denied".to_owned())
    }

    /// Puts the filter of supervisor and init in force.
    pub(crate) fn install_supervisor(&self) -> Result<(), Broken> {
        apply(&self.supervisor)
    }
}

fn compile(text: &str) -> Result<BpfProgram, Broken> {
    let invalid = |_| Broken::ineffective("compiling the filters for this processor");
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| invalid(()))?;
    let programs = compile_from_json(text.as_bytes(), arch).map_err(|_| invalid(()))?;
    programs.into_values().next().ok_or_else(|| invalid(()))
}

fn apply(program: &BpfProgram) -> Result<(), Broken> {
    use seccompiler::Error;
    apply_filter(program).map_err(|error| {
        let errno = match &error {
            Error::Prctl(error) | Error::Seccomp(error) => error.raw_os_error(),
            _ => None,
        };
        Broken {
            step: "seccomp(SET_MODE_FILTER)",
            errno: errno.unwrap_or(libc::EIO),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const FILES: [&str; 4] = [
        include_str!("../../filters/no_clone3.json"),
        include_str!("../../filters/never.json"),
        include_str!("../../filters/sql.json"),
        include_str!("../../filters/supervisor.json"),
    ];

    fn rules(text: &str) -> Vec<Value> {
        let file: Value = serde_json::from_str(text).unwrap();
        let filter = file.as_object().unwrap().values().next().unwrap();
        filter["filter"].as_array().unwrap().clone()
    }

    #[test]
    fn every_filter_compiles_and_every_rule_says_why() {
        Filters::compile().ok().unwrap();
        for rule in FILES.into_iter().flat_map(rules) {
            assert!(
                rule["comment"]
                    .as_str()
                    .is_some_and(|comment| comment.len() > 2),
                "{rule}"
            );
            for condition in rule["args"].as_array().into_iter().flatten() {
                assert!(
                    condition["comment"]
                        .as_str()
                        .is_some_and(|comment| comment.len() > 2),
                    "{rule}"
                );
            }
        }
    }

    #[test]
    fn allow_lists_hold_nothing_that_a_job_must_never_do() {
        const FORBIDDEN: &[&str] = &[
            "ptrace",
            "mount",
            "bpf",
            "io_uring_setup",
            "io_uring_enter",
            "unshare",
            "setns",
            "keyctl",
            "perf_event_open",
            "userfaultfd",
            "memfd_create",
            "kexec_load",
            "socket",
            "socketpair",
            "connect",
            "open",
            "openat",
            "openat2",
            "execve",
            "execveat",
            "kill",
            "fork",
            "vfork",
            "pkey_mprotect",
            "ioctl",
            "setrlimit",
            "shmget",
            "memfd_secret",
            "process_vm_writev",
            "pidfd_open",
            "recvmsg",
        ];
        let allowed = [rules(FILES[2]), rules(FILES[3])].concat();
        for rule in &allowed {
            assert!(
                !FORBIDDEN.contains(&rule["syscall"].as_str().unwrap()),
                "{rule}"
            );
        }
        // These are harmless only with their conditions.
        for name in [
            "clone",
            "mmap",
            "mprotect",
            "prctl",
            "prlimit64",
            "tgkill",
            "fcntl",
            "newfstatat",
            "statx",
        ] {
            let bare = allowed
                .iter()
                .find(|rule| rule["syscall"] == name && rule["args"].is_null());
            assert!(bare.is_none(), "{bare:?}");
        }
    }
}
