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
