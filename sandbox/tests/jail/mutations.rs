//! Each layer made unavailable from outside: the job has to refuse and name the layer.
//!
//! A saboteur installs a filter that makes one kernel call fail and then executes the worker, which inherits it.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use sandbox::{LaunchError, Layer, Verdict, doctor};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

use crate::harness::{Test, job};

/// One call made to fail: its name here, number, condition on an argument, error, and the layer that has to be named.
struct Mutation {
    name: &'static str,
    call: i64,
    only: Option<(u8, SeccompCmpOp, u64)>,
    errno: i32,
    layer: Layer,
    root_only: bool,
}

const fn deny(name: &'static str, call: i64, errno: i32, layer: Layer) -> Mutation {
    Mutation {
        name,
        call,
        only: None,
        errno,
        layer,
        root_only: false,
    }
}

const fn deny_prctl(name: &'static str, option: u64, layer: Layer) -> Mutation {
    Mutation {
        name,
        call: libc::SYS_prctl,
        only: Some((0, SeccompCmpOp::Eq, option)),
        errno: libc::EPERM,
        layer,
        root_only: false,
    }
}

const fn as_root(mutation: Mutation) -> Mutation {
    Mutation {
        root_only: true,
        ..mutation
    }
}

fn mutations() -> Vec<Mutation> {
    let set_limit = Mutation {
        only: Some((2, SeccompCmpOp::Ne, 0)),
        ..deny("setrlimit", libc::SYS_prlimit64, libc::EPERM, Layer::Limits)
    };
    vec![
        as_root(deny(
            "setgroups",
            libc::SYS_setgroups,
            libc::EPERM,
            Layer::Identity,
        )),
        as_root(deny(
            "setresgid",
            libc::SYS_setresgid,
            libc::EPERM,
            Layer::Identity,
        )),
        as_root(deny(
            "setresuid",
            libc::SYS_setresuid,
            libc::EPERM,
            Layer::Identity,
        )),
        deny("setsid", libc::SYS_setsid, libc::EPERM, Layer::Identity),
        deny_prctl("pdeathsig", 1, Layer::Identity),
        deny("unshare", libc::SYS_unshare, libc::EPERM, Layer::Namespaces),
        deny(
            "sethostname",
            libc::SYS_sethostname,
            libc::EPERM,
            Layer::Namespaces,
        ),
        deny("mount", libc::SYS_mount, libc::EPERM, Layer::Root),
        deny("pivot_root", libc::SYS_pivot_root, libc::EPERM, Layer::Root),
        deny("umount", libc::SYS_umount2, libc::ENOSYS, Layer::Root),
        set_limit,
        deny("capset", libc::SYS_capset, libc::EPERM, Layer::Privileges),
        deny("keyctl", libc::SYS_keyctl, libc::ENOSYS, Layer::Privileges),
        deny_prctl("bounding", 24, Layer::Privileges),
        deny_prctl("securebits", 28, Layer::Privileges),
        deny_prctl("no_new_privs", 38, Layer::Privileges),
        deny(
            "close_range",
            libc::SYS_close_range,
            libc::ENOSYS,
            Layer::Descriptors,
        ),
        deny(
            "landlock_create",
            libc::SYS_landlock_create_ruleset,
            libc::ENOSYS,
            Layer::Landlock,
        ),
        deny(
            "landlock_restrict",
            libc::SYS_landlock_restrict_self,
            libc::EPERM,
            Layer::Landlock,
        ),
        deny("seccomp", libc::SYS_seccomp, libc::EPERM, Layer::Seccomp),
    ]
}

pub(crate) fn tests() -> Vec<Test> {
    let root = rustix::process::getuid().is_root();
    let refusals = mutations()
        .into_iter()
        .filter(move |mutation| root || !mutation.root_only)
        .map(|mutation| {
            Test::new(format!("refuses without {}", mutation.name), move || {
                check(&mutation)
            })
        });
    refusals
        .chain([
            Test::new(
                "doctor finds a missing layer and tries the others",
                doctor_of_a_sick_host,
            ),
            Test::new("doctor is content with this host", doctor_of_this_host),
            Test::new(
                "doctor says when the program is no worker",
                doctor_of_a_deaf_program,
            ),
            Test::new("every layer has a mutation", every_layer),
        ])
        .collect()
}

/// Installs the filter and becomes the worker. As a plain user a filter needs `no_new_privs` first; sealing sets it
/// again, and that call is then what a mutation makes fail.
pub(crate) fn sabotage(name: &str) -> ExitCode {
    let mutation = mutations()
        .into_iter()
        .find(|mutation| mutation.name == name)
        .unwrap();
    let condition = |(index, operator, value)| {
        let condition =
            SeccompCondition::new(index, SeccompCmpArgLen::Qword, operator, value).unwrap();
        SeccompRule::new(vec![condition]).unwrap()
    };
    let rules = [(
        mutation.call,
        mutation.only.map(condition).into_iter().collect(),
    )];
    let errno = SeccompAction::Errno(mutation.errno.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(rules.into(), SeccompAction::Allow, errno, arch).unwrap();
    let program: BpfProgram = filter.try_into().unwrap();
    apply_filter(&program).unwrap();
    let error = Command::new("/proc/self/exe").arg("worker").exec();
    panic!("exec: {error}");
}

/// `LayerMissing` is returned only when the child also ended with exit code 125. The doctor has to find the same.
fn check(mutation: &Mutation) {
    let argument = format!("sabotage={}", mutation.name);
    match job(&argument).start() {
        Err(LaunchError::LayerMissing(missing)) => {
            assert_eq!(missing.layer, mutation.layer, "{missing}");
            assert_eq!(missing.errno, mutation.errno, "{missing}");
        }
        other => panic!("{}: {other:?}", mutation.name),
    }
    let found = doctor("/proc/self/exe".as_ref(), argument.as_ref());
    let row = found
        .rows
        .iter()
        .find(|row| row.subject == mutation.layer.name());
    let row = row.unwrap_or_else(|| panic!("{}: {found:?}", mutation.name));
    assert_eq!(row.result, Verdict::Fails, "{}", row.detail);
    assert!(row.fix.is_some());
}

fn every_layer() {
    for layer in Layer::ALL {
        assert!(
            mutations().iter().any(|mutation| mutation.layer == layer),
            "{layer}"
        );
    }
}

fn doctor_of_a_sick_host() {
    let found = doctor("/proc/self/exe".as_ref(), "sabotage=unshare".as_ref());
    assert!(!found.healthy());
    let row = |name: &str| found.rows.iter().find(|row| row.subject == name).unwrap();
    assert_eq!(row("namespaces").result, Verdict::Fails);
    assert!(row("namespaces").fix.is_some());
    assert_eq!(row("root").result, Verdict::NotReached);
    for name in ["identity", "limits", "descriptors", "landlock", "seccomp"] {
        assert_eq!(
            row(name).result,
            Verdict::Holds,
            "{name}: {}",
            row(name).detail
        );
    }
    assert!(
        !found
            .rows
            .iter()
            .any(|row| row.subject.starts_with("attack"))
    );
}

fn doctor_of_this_host() {
    let found = doctor("/proc/self/exe".as_ref(), "worker".as_ref());
    assert!(found.healthy(), "{found:#?}");
    assert!(
        found
            .rows
            .iter()
            .filter(|row| row.subject.starts_with("attack"))
            .count()
            >= 10
    );
}

fn doctor_of_a_deaf_program() {
    let found = doctor("/proc/self/exe".as_ref(), "deaf".as_ref());
    assert_eq!(found.rows.len(), 1);
    assert_eq!(
        (found.rows[0].subject.as_str(), found.rows[0].result),
        ("start", Verdict::Fails)
    );
}
