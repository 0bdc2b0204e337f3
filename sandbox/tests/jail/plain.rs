//! The same tests once more as a plain user, when root runs them.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::harness::Test;

/// The user and group `nobody`.
const NOBODY: u32 = 65534;

pub(crate) fn tests() -> Vec<Test> {
    match rustix::process::getuid().is_root() {
        true => vec![Test::new("all of it as a plain user", as_nobody)],
        false => Vec::new(),
    }
}

/// The binary may lie in a private home, so a copy runs.
fn as_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let open = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let (program, scratch) = (
        directory.path().join("jail"),
        directory.path().join("scratch"),
    );
    std::fs::copy("/proc/self/exe", &program).unwrap();
    std::fs::create_dir(&scratch).unwrap();
    open(directory.path(), 0o755);
    open(&program, 0o755);
    open(&scratch, 0o777);
    let status = Command::new(&program)
        .env("TMPDIR", &scratch)
        .current_dir(&scratch)
        .uid(NOBODY)
        .gid(NOBODY)
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}
