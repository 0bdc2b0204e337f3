//! An empty, read-only root directory with nothing of the host behind it.

use rustix::fs::{StatVfsMountFlags, statvfs};
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_change, mount_remount, unmount,
};
use rustix::process::{chdir, pivot_root};

use crate::layer::{AtStep, Broken};

/// Any directory that exists on every host serves; writing the user maps has needed this one before.
const PLACE: &str = "/proc";

/// Covers [`PLACE`] with an empty file system and makes that the root. The program and its libraries stay mapped;
/// nothing is executed or opened by path after this.
pub(crate) fn apply() -> Result<String, Broken> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .step("mount(private)")?;
    mount(
        "karez",
        PLACE,
        "tmpfs",
        flags,
        c"size=4k,nr_inodes=1,mode=555",
    )
    .step("mount(tmpfs)")?;
    chdir(PLACE).step("chdir")?;
    pivot_root(".", ".").step("pivot_root")?;
    unmount(".", UnmountFlags::DETACH).step("umount2(old root)")?;
    chdir("/").step("chdir")?;
    mount_remount("/", flags | MountFlags::RDONLY, c"").step("mount(read-only)")?;
    verify()
}

fn verify() -> Result<String, Broken> {
    let read_only = statvfs("/")
        .step("statfs")?
        .f_flag
        .contains(StatVfsMountFlags::RDONLY);
    let empty = std::fs::read_dir("/")
        .step("read the new root")?
        .next()
        .is_none();
    match read_only && empty {
        true => Ok("empty read-only tmpfs".to_owned()),
        false => Err(Broken::ineffective("the new root is empty and read-only")),
    }
}
