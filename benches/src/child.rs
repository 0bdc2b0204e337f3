//! Running a program and asking the kernel what it took.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::BenchError;

/// How much of a failed program's stderr is shown.
const STDERR_SHOWN_BYTES: usize = 4096;

/// What one process took, by the kernel's own account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// From start to end.
    pub wall: Duration,
    /// Processor time, in the program and in the kernel for it.
    pub cpu: Duration,
    /// The most memory it had resident at once, in bytes: anonymous pages and mapped files, the program's text too.
    pub peak_bytes: u64,
}

/// Runs a program to its end; `wait4` gives the account of this child alone.
///
/// The kernel counts the peak from the fork on, so the caller's own memory at that moment is the smallest figure that
/// can be measured: a bench holds no data when it calls this.
///
/// # Errors
/// [`BenchError::Start`] when there is no such program, [`BenchError::Failed`] with the end of its stderr.
pub fn run_child(command: &mut Command) -> Result<Usage, BenchError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut stderr = tempfile::tempfile()?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr.try_clone()?);
    let started = Instant::now();
    let child = command.spawn().map_err(|source| BenchError::Start {
        program: program.clone(),
        source,
    })?;
    let ended = child.wait4()?;
    let wall = started.elapsed();
    if !ended.status.success() {
        let stderr = end_of(&mut stderr)?;
        return Err(BenchError::Failed {
            program,
            status: ended.status,
            stderr,
        });
    }
    let cpu = ended.rusage.utime + ended.rusage.stime;
    Ok(Usage {
        wall,
        cpu,
        peak_bytes: ended.rusage.maxrss,
    })
}

fn end_of(file: &mut std::fs::File) -> std::io::Result<String> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let from = bytes.len().saturating_sub(STDERR_SHOWN_BYTES);
    Ok(String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned())
}

#[cfg(test)]
mod tests {
    //! The account against programs whose use is known.

    use super::*;

    fn shell(script: &str) -> Result<Usage, BenchError> {
        run_child(Command::new("sh").args(["-c", script]))
    }

    /// `dd` takes its whole block as one buffer.
    #[test]
    fn the_peak_follows_what_the_child_takes() {
        let dd = |megabytes: u64| {
            shell(&format!(
                "exec dd if=/dev/zero of=/dev/null bs={megabytes}M count=1"
            ))
            .unwrap()
            .peak_bytes
        };
        let (small, large) = (dd(1), dd(160));
        assert!(large >= 160 * 1024 * 1024, "{large}");
        assert!(large - small >= 100 * 1024 * 1024, "{small} {large}");
    }

    #[test]
    fn time_is_counted_and_failure_told() {
        let slept = shell("sleep 0.2").unwrap();
        assert!(slept.wall >= Duration::from_millis(200) && slept.cpu < slept.wall);
        let failed = shell("echo said >&2; exit 3").unwrap_err().to_string();
        assert!(failed.contains("said") && failed.contains('3'), "{failed}");
        assert!(run_child(&mut Command::new("/no/such/program")).is_err());
    }
}
