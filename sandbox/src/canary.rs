//! A few attacks that a sealed probe tries on its own jail; each has to fail.
//!
//! They are a smoke test for a host, run by `doctor`; the attack suite with its controls is in `tests/`.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use rustix::net::{AddressFamily, SocketType, socket};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, setrlimit};
use serde::{Deserialize, Serialize};

/// What came of one attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Canary {
    /// What was tried.
    pub(crate) name: String,
    /// Whether it failed, as it should.
    pub(crate) stopped: bool,
    /// The error it failed with.
    pub(crate) detail: String,
}

/// `AF_VSOCK` of `linux/socket.h`: no namespace stops it, only the system-call filter does.
const AF_VSOCK: u16 = 40;

/// Bytes of one mapping.
const PAGE: usize = 4096;

type Attempt = fn() -> io::Result<()>;

/// Each attempt is `Ok` when it succeeds, which is the alarm.
const ATTEMPTS: [(&str, Attempt); 11] = [
    ("open /etc/passwd", || File::open("/etc/passwd").map(drop)),
    ("open /proc/self/environ", || {
        File::open("/proc/self/environ").map(drop)
    }),
    ("open an internet socket", || {
        UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map(drop)
    }),
    ("open a unix socket", || UnixDatagram::unbound().map(drop)),
    ("open a vsock socket", || {
        Ok(socket(AddressFamily::from_raw(AF_VSOCK), SocketType::STREAM, None).map(drop)?)
    }),
    ("start a process", || {
        Command::new("/bin/true").spawn().map(drop)
    }),
    ("signal pid 1", || {
        Ok(kill_process(Pid::INIT, Signal::CONT)?)
    }),
    ("make a memory file", || {
        Ok(memfd_create("canary", MemfdFlags::CLOEXEC).map(drop)?)
    }),
    ("map executable memory", map_executable),
    ("change a resource limit", change_limit),
    ("change directory", || std::env::set_current_dir("/")),
];

/// Tries all of them.
pub(crate) fn attack() -> Vec<Canary> {
    let one = |(name, attempt): (&str, Attempt)| {
        let error = attempt().err();
        let detail = error
            .as_ref()
            .map_or_else(|| "succeeded".to_owned(), |error| error.kind().to_string());
        Canary {
            name: name.to_owned(),
            stopped: error.is_some(),
            detail,
        }
    };
    ATTEMPTS.map(one).into()
}

fn map_executable() -> io::Result<()> {
    let protection = ProtFlags::READ | ProtFlags::WRITE | ProtFlags::EXEC;
    // SAFETY: a new private mapping at an address of the kernel's choice overlaps nothing.
    #[expect(unsafe_code, reason = "the attempt itself is a raw mapping")]
    let address =
        unsafe { mmap_anonymous(std::ptr::null_mut(), PAGE, protection, MapFlags::PRIVATE) }?;
    // SAFETY: the mapping was just made, with this length, and nothing points into it.
    #[expect(unsafe_code, reason = "gives the mapping back")]
    unsafe { munmap(address, PAGE) }?;
    Ok(())
}

fn change_limit() -> io::Result<()> {
    Ok(setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    )?)
}
