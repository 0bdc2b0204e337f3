//! New namespaces of every kind, with one user in them and a constant host name.

use std::fs::OpenOptions;
use std::io::{self, Write};

use rustix::process::{getgid, getuid};
use rustix::system::sethostname;
use rustix::thread::{UnshareFlags, unshare_unsafe};

use crate::layer::{AtStep, Broken};

/// The job's user and group id as it sees itself: no root, no real user of the host.
const INNER_ID: u32 = 1000;

/// The host name every job sees.
const HOST_NAME: &[u8] = b"karez";

/// Every kind but the user namespace, which comes first and gives the right to make the others.
const OTHERS: UnshareFlags = UnshareFlags::NEWPID
    .union(UnshareFlags::NEWNET)
    .union(UnshareFlags::NEWNS)
    .union(UnshareFlags::NEWIPC)
    .union(UnshareFlags::NEWUTS)
    .union(UnshareFlags::NEWCGROUP);

/// Enters the namespaces; the process namespace takes effect at the next fork.
pub(crate) fn apply() -> Result<String, Broken> {
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    // The host's memory manager is to choose a job before anything else of the host.
    write("/proc/self/oom_score_adj", "1000").step("write oom_score_adj")?;
    unshare(UnshareFlags::NEWUSER).step("unshare(user)")?;
    write("/proc/self/setgroups", "deny").step("write setgroups")?;
    write("/proc/self/uid_map", &format!("{INNER_ID} {uid} 1")).step("write uid_map")?;
    write("/proc/self/gid_map", &format!("{INNER_ID} {gid} 1")).step("write gid_map")?;
    unshare(OTHERS).step("unshare(pid, net, mount, ipc, uts, cgroup)")?;
    sethostname(HOST_NAME).step("sethostname")?;
    Ok("user, pid, net, mount, ipc, uts, cgroup".to_owned())
}

fn unshare(flags: UnshareFlags) -> rustix::io::Result<()> {
    // SAFETY: the flags do not contain `FILES`, so every descriptor stays valid in every thread.
    #[expect(
        unsafe_code,
        reason = "unsafe only for the flag FILES, which is not used"
    )]
    unsafe {
        unshare_unsafe(flags)
    }
}

fn write(path: &str, text: &str) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .open(path)?
        .write_all(text.as_bytes())
}
