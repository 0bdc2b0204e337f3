//! An unprivileged user id: as root, one that nothing else uses.

use rustix::process::{
    DumpableBehavior, Signal, getgroups, getpid, getuid, set_dumpable_behavior,
    set_parent_process_death_signal, setsid,
};
use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::layer::{AtStep, Broken};

/// First user id for jobs: systemd's allocation leaves 0x7000_0000 to 0x7ffd_ffff to nobody
/// (<https://systemd.io/UIDS-GIDS/>).
const FIRST_UID: u32 = 0x7000_0000;

/// Jobs alive at one time differ in their process id and so in their user id.
const UIDS: u32 = 0x1_0000;

/// Gives up root. The order matters: groups while still root, user last; then dumpable again, since the drop clears
/// it and the maps of the user namespace could not be written. The death signal is set after the drop, which clears it.
pub(crate) fn apply() -> Result<String, Broken> {
    let detail = if getuid().is_root() {
        drop_root()?
    } else {
        stay_plain()?
    };
    set_parent_process_death_signal(Some(Signal::KILL)).step("prctl(PR_SET_PDEATHSIG)")?;
    // Out of the service's process group and away from its terminal: a group signal crosses namespaces.
    setsid().step("setsid")?;
    set_dumpable_behavior(DumpableBehavior::Dumpable).step("prctl(PR_SET_DUMPABLE, 1)")?;
    Ok(detail)
}

fn drop_root() -> Result<String, Broken> {
    let own = FIRST_UID + getpid().as_raw_nonzero().get().unsigned_abs() % UIDS;
    let (uid, gid) = (Uid::from_raw(own), Gid::from_raw(own));
    set_thread_groups(&[]).step("setgroups")?;
    set_thread_res_gid(gid, gid, gid).step("setresgid")?;
    set_thread_res_uid(uid, uid, uid).step("setresuid")?;
    match getuid() == uid && getgroups().step("getgroups")?.is_empty() {
        true => Ok(format!(
            "root given up for the unused user id {own}, no groups"
        )),
        false => Err(Broken::ineffective("getuid after setresuid")),
    }
}

/// A plain user cannot leave its groups; they give no right in an empty root without any way to open a path.
fn stay_plain() -> Result<String, Broken> {
    if rustix::process::geteuid() != getuid() {
        return Err(Broken::ineffective("set-user-id programs are not run"));
    }
    Ok("started as a plain user".to_owned())
}
