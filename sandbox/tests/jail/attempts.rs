//! What an attacker in a job tries. The same function runs in the jail and, as the control, outside of it.
//!
//! An attempt answers `Ok` when it reached what it was after.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// What the test tells an attempt: numbers and names of the things that exist outside.
pub(crate) type Facts = HashMap<String, String>;

pub(crate) type Attempt = fn(&Facts) -> io::Result<()>;

/// Bytes that the memory attempt takes: above every test job's limit.
const MEMORY_BYTES: usize = 1 << 30;

/// Bytes that the output attempt writes: above every test job's limit.
const OUTPUT_BYTES: usize = 4 << 20;

pub(crate) const ATTEMPTS: &[(&str, Attempt)] = &[
    ("open_passwd", |_| read("/etc/passwd")),
    ("open_own_environ", |_| read("/proc/self/environ")),
    ("open_parent_environ", |facts| {
        read(&format!("/proc/{}/environ", facts["victim"]))
    }),
    ("list_root", |_| {
        fs::read_dir("/")?
            .next()
            .ok_or(io::ErrorKind::NotFound)?
            .map(drop)
    }),
    ("open_given_path", |facts| read(&facts["secret"])),
    ("create_file", |facts| {
        File::create(format!("{}.new", facts["secret"])).map(drop)
    }),
    ("create_anonymous_file", |facts| {
        OpenOptions::new()
            .write(true)
            .custom_flags_tmpfile()
            .open(parent(&facts["secret"]))
            .map(drop)
    }),
    ("open_core_pattern_for_writing", |_| {
        OpenOptions::new()
            .write(true)
            .open("/proc/sys/kernel/core_pattern")
            .map(drop)
    }),
    ("connect_to_listener", |facts| {
        TcpStream::connect(&facts["listener"]).map(drop)
    }),
    ("bind_datagram_socket", |_| {
        UdpSocket::bind("127.0.0.1:0").map(drop)
    }),
    ("connect_to_abstract_socket", |facts| {
        UnixStream::connect_addr(&SocketAddr::from_abstract_name(&facts["abstract"])?).map(drop)
    }),
    ("open_vsock", |_| {
        raw(|| unsafe_call(libc::SYS_socket, [40, 1, 0]))
    }),
    ("open_netlink", |_| {
        raw(|| unsafe_call(libc::SYS_socket, [16, 3, 0]))
    }),
    ("open_packet_socket", |_| {
        raw(|| unsafe_call(libc::SYS_socket, [17, 3, 0]))
    }),
    ("socket_pair", |_| UnixStream::pair().map(drop)),
    ("start_a_process", |_| {
        Command::new("/proc/self/exe")
            .arg("deaf")
            .status()
            .map(drop)
    }),
    ("fork", fork),
    ("exec", |_| Err(exec())),
    ("thread_bomb", thread_bomb),
    ("kill_victim", |facts| {
        Ok(kill_process(pid(facts), Signal::KILL)?)
    }),
    ("signal_own_group", |_| {
        raw(|| unsafe_call(libc::SYS_kill, [0, 0, 0]))
    }),
    ("ptrace", |_| {
        raw(|| unsafe_call(libc::SYS_ptrace, [0, 0, 0]))
    }),
    ("read_other_memory", |_| other_memory()),
    ("session_keyring", |_| {
        raw(|| unsafe_call(libc::SYS_keyctl, [0, -3, 1]))
    }),
    ("io_uring", |_| io_uring()),
    ("userfaultfd", |_| {
        raw(|| unsafe_call(libc::SYS_userfaultfd, [1, 0, 0]))
    }),
    ("new_user_namespace", |_| {
        raw(|| unsafe_call(libc::SYS_unshare, [0x1000_0000, 0, 0]))
    }),
    ("memory_file", |_| memory_file()),
    ("shared_memory_segment", |_| {
        raw(|| unsafe_call(libc::SYS_shmget, [0, 4096, 0o1600]))
    }),
    ("message_queue", |_| {
        raw(|| unsafe_call(libc::SYS_msgget, [0, 0o1600, 0]))
    }),
    ("writable_code", |_| {
        raw(|| unsafe_call6(libc::SYS_mmap, [0, 4096, 7, 0x22, -1, 0]))
    }),
    ("heap_to_code", |_| heap_to_code()),
    ("raise_a_limit", |_| raise_a_limit()),
    ("become_dumpable", |_| {
        raw(|| unsafe_call(libc::SYS_prctl, [4, 1, 0]))
    }),
    ("read_leaked_descriptor", leaked_descriptor),
    ("read_leaked_environment", |facts| {
        std::env::vars()
            .find(|(_, value)| *value == facts["planted"])
            .map(drop)
            .ok_or(io::ErrorKind::NotFound.into())
    }),
    ("see_the_host_name", |facts| {
        let name = rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned();
        if name == facts["host"] {
            Ok(())
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }),
    ("take_memory", |_| take_memory()),
    ("write_much", write_much),
    ("burn_processor", |_| burn(Duration::from_millis(2500))),
    ("sleep_long", |_| {
        std::thread::sleep(Duration::from_millis(2500));
        Ok(())
    }),
];

/// Runs one attempt outside of any jail; the exit code says whether it reached its aim.
pub(crate) fn control(name: &str) -> ExitCode {
    let mut facts = String::new();
    io::stdin().read_to_string(&mut facts).unwrap();
    match attempt(name)(&parse(&facts)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

pub(crate) fn attempt(name: &str) -> Attempt {
    ATTEMPTS.iter().find(|(known, _)| *known == name).unwrap().1
}

pub(crate) fn parse(facts: &str) -> Facts {
    facts
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect()
}

trait Tmpfile {
    fn custom_flags_tmpfile(&mut self) -> &mut Self;
}

impl Tmpfile for OpenOptions {
    fn custom_flags_tmpfile(&mut self) -> &mut Self {
        std::os::unix::fs::OpenOptionsExt::custom_flags(self, libc::O_TMPFILE)
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').unwrap().0
}

fn read(path: &str) -> io::Result<()> {
    let mut some = [0; 1];
    File::open(path)?.read_exact(&mut some)
}

fn pid(facts: &Facts) -> Pid {
    Pid::from_raw(facts["victim"].parse().unwrap()).unwrap()
}

fn raw(call: impl Fn() -> i64) -> io::Result<()> {
    if call() < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// A bare system call with up to three numbers.
fn unsafe_call(number: i64, [a, b, c]: [i64; 3]) -> i64 {
    unsafe_call6(number, [a, b, c, 0, 0, 0])
}

fn unsafe_call6(number: i64, [a, b, c, d, e, f]: [i64; 6]) -> i64 {
    // SAFETY: every use above passes numbers, null pointers or new mappings; none lets the kernel write into memory
    // that Rust owns.
    #[expect(unsafe_code, reason = "an attack is a bare system call")]
    unsafe {
        libc::syscall(number, a, b, c, d, e, f)
    }
}

fn fork(_: &Facts) -> io::Result<()> {
    // SAFETY: the child ends at once without touching anything.
    #[expect(unsafe_code, reason = "the attempt is a fork")]
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        // SAFETY: ends the child without running any code of this program.
        #[expect(unsafe_code, reason = "ends the child")]
        0 => unsafe { libc::_exit(0) },
        _ => Ok(()),
    }
}

/// Returns only when it failed; the control's exec ends with the exit code of `true`.
fn exec() -> io::Error {
    std::os::unix::process::CommandExt::exec(&mut Command::new("/bin/true"))
}

/// More threads than any test job may have.
fn thread_bomb(_: &Facts) -> io::Result<()> {
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let stopped = std::sync::Arc::new(std::sync::Mutex::new(stopped));
    let mut threads = Vec::new();
    for _ in 0..64 {
        let stopped = std::sync::Arc::clone(&stopped);
        threads.push(
            std::thread::Builder::new()
                .stack_size(65536)
                .spawn(move || {
                    let _closed = stopped.lock().unwrap().recv();
                })?,
        );
    }
    drop(stop);
    threads
        .into_iter()
        .try_for_each(|thread| thread.join())
        .map_err(|_| io::ErrorKind::Other.into())
}

fn other_memory() -> io::Result<()> {
    // Even the caller's own memory would do, so the control needs no right over another process.
    let mut target = [0_u8; 1];
    let mut local = libc::iovec {
        iov_base: target.as_mut_ptr().cast(),
        iov_len: 1,
    };
    let source = [7_u8; 1];
    let remote = libc::iovec {
        iov_base: source.as_ptr().cast_mut().cast(),
        iov_len: 1,
    };
    let own = i32::try_from(std::process::id()).unwrap();
    // SAFETY: both vectors describe one byte of a live array each.
    #[expect(unsafe_code, reason = "the attempt is this call")]
    let moved = unsafe { libc::process_vm_readv(own, &raw mut local, 1, &raw const remote, 1, 0) };
    if moved == 1 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

fn io_uring() -> io::Result<()> {
    let mut parameters = [0_u64; 15];
    let address = parameters.as_mut_ptr() as i64;
    // SAFETY (of the call inside): `io_uring_params` is 120 bytes, all of them in the array.
    raw(|| unsafe_call(libc::SYS_io_uring_setup, [1, address, 0]))
}

fn memory_file() -> io::Result<()> {
    Ok(rustix::fs::memfd_create("attempt", rustix::fs::MemfdFlags::CLOEXEC).map(drop)?)
}

fn heap_to_code() -> io::Result<()> {
    let page = unsafe_call6(libc::SYS_mmap, [0, 4096, 3, 0x22, -1, 0]);
    raw(|| unsafe_call(libc::SYS_mprotect, [page, 4096, 5]))
}

fn raise_a_limit() -> io::Result<()> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    Ok(setrlimit(Resource::Core, getrlimit(Resource::Core))?)
}

fn leaked_descriptor(facts: &Facts) -> io::Result<()> {
    let number: i64 = facts["leaked"].parse().unwrap();
    let mut some = [0_u8; 1];
    let address = some.as_mut_ptr() as i64;
    let read = unsafe_call6(libc::SYS_pread64, [number, address, 1, 0, 0, 0]);
    if read == 1 && some == *b"L" {
        Ok(())
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}

fn take_memory() -> io::Result<()> {
    let taken = vec![1_u8; MEMORY_BYTES];
    if taken.iter().step_by(4096).all(|byte| *byte == 1) {
        Ok(())
    } else {
        Err(io::ErrorKind::Other.into())
    }
}

fn write_much(facts: &Facts) -> io::Result<()> {
    // In a job the output is the only file; outside any file will do.
    let mut file = match facts.get("output") {
        Some(number) => File::from(rustix::io::fcntl_dupfd_cloexec(
            borrowed(number.parse().unwrap()),
            3,
        )?),
        None => File::create(format!("{}.much", facts["secret"]))?,
    };
    (0..OUTPUT_BYTES / 4096).try_for_each(|_| file.write_all(&[0; 4096]))
}

fn borrowed(number: i32) -> std::os::fd::BorrowedFd<'static> {
    // SAFETY: the number is that of the jail's output, which is open until the worker ends.
    #[expect(unsafe_code, reason = "the test passes the descriptor by number")]
    unsafe {
        std::os::fd::BorrowedFd::borrow_raw(number)
    }
}

fn burn(time: Duration) -> io::Result<()> {
    let start = Instant::now();
    let mut number = 1_u64;
    while start.elapsed() < time {
        number = std::hint::black_box(number.wrapping_mul(6_364_136_223_846_793_005));
    }
    Ok(())
}
