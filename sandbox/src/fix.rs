//! What to change on a host where a layer is missing, in the words of its administrator.

use std::fs;

use serde::{Deserialize, Serialize};

use crate::{Layer, Missing};

/// One text in the two languages of the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

impl Text {
    pub(crate) fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
        }
    }
}

/// The host's switches that close user namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Switches {
    /// `kernel.unprivileged_userns_clone` (Debian's patch); absent elsewhere.
    pub(crate) userns_clone: Option<u64>,
    /// `kernel.apparmor_restrict_unprivileged_userns` (Ubuntu 23.10 and later).
    pub(crate) apparmor: Option<u64>,
    /// `user.max_user_namespaces`.
    pub(crate) max_namespaces: Option<u64>,
}

impl Switches {
    /// Reads the switches of this host; one that cannot be read counts as absent.
    pub(crate) fn read() -> Self {
        let value = |path| {
            fs::read_to_string(path)
                .ok()
                .and_then(|text: String| text.trim().parse().ok())
        };
        Self {
            userns_clone: value("/proc/sys/kernel/unprivileged_userns_clone"),
            apparmor: value("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
            max_namespaces: value("/proc/sys/user/max_user_namespaces"),
        }
    }
}

/// The fix for one missing layer on a host with these switches.
pub(crate) fn fix(missing: &Missing, switches: Switches) -> Text {
    match missing.layer {
        Layer::Identity => identity(),
        Layer::Namespaces | Layer::Root => namespaces(switches),
        Layer::Limits => Text::new(
            "a filter around the service forbids setrlimit: allow it in the container's seccomp profile",
            "服务外层的过滤器禁止 setrlimit：请在容器的 seccomp 配置中放行",
        ),
        Layer::Privileges => Text::new(
            "a filter around the service forbids capset, prctl or keyctl: allow them in the container's seccomp \
             profile (Docker's default forbids keyctl)",
            "服务外层的过滤器禁止 capset、prctl 或 keyctl：请在容器的 seccomp 配置中放行（Docker 默认禁止 keyctl）",
        ),
        Layer::Descriptors => Text::new(
            "close_range needs Linux 5.9 or later, and a container's seccomp profile that allows it",
            "close_range 需要 Linux 5.9 及以上内核，且容器的 seccomp 配置须放行",
        ),
        Layer::Landlock => Text::new(
            "Landlock needs Linux 5.19 or later, built with CONFIG_SECURITY_LANDLOCK=y and listed first on the kernel \
             command line: add lsm=landlock,… with the present list from /sys/kernel/security/lsm, then reboot",
            "Landlock 需要 Linux 5.19 及以上内核，编译时启用 CONFIG_SECURITY_LANDLOCK=y，并列入内核命令行：\
             在 /sys/kernel/security/lsm 的现有列表前加上 lsm=landlock,…，然后重启",
        ),
        Layer::Seccomp => Text::new(
            "the kernel needs CONFIG_SECCOMP_FILTER=y on x86_64; if the service runs in a container, its profile must \
             allow seccomp",
            "内核须启用 CONFIG_SECCOMP_FILTER=y（x86_64）；若服务运行在容器内，其配置须放行 seccomp",
        ),
    }
}

fn identity() -> Text {
    Text::new(
        "as root the service needs CAP_SETUID and CAP_SETGID, and user ids from 1879048192 (0x70000000) to 1879113727 \
         must exist in its user namespace; otherwise start the service as a plain user",
        "以 root 运行时，服务需要 CAP_SETUID 与 CAP_SETGID，且其用户命名空间须包含 1879048192（0x70000000）至 \
         1879113727 的用户号；否则请以普通用户启动服务",
    )
}

fn namespaces(switches: Switches) -> Text {
    if switches.max_namespaces == Some(0) {
        return sysctl("user.max_user_namespaces=15000");
    }
    if switches.userns_clone == Some(0) {
        return sysctl("kernel.unprivileged_userns_clone=1");
    }
    if switches.apparmor == Some(1) {
        return sysctl("kernel.apparmor_restrict_unprivileged_userns=0");
    }
    Text::new(
        "user namespaces are open by sysctl, so something around the service closes them: in a container allow \
         unshare, mount, umount2 and pivot_root in its seccomp profile (Docker: --security-opt seccomp=FILE \
         --security-opt apparmor=unconfined --security-opt systempaths=unconfined); in a systemd unit remove \
         RestrictNamespaces= and SystemCallFilter=; the kernel needs CONFIG_USER_NS=y",
        "sysctl 未限制用户命名空间，限制来自服务外层：容器内请在 seccomp 配置中放行 unshare、mount、umount2、\
         pivot_root（Docker：--security-opt seccomp=文件 --security-opt apparmor=unconfined \
         --security-opt systempaths=unconfined）；systemd 单元中请删除 RestrictNamespaces= 与 SystemCallFilter=；\
         内核须启用 CONFIG_USER_NS=y",
    )
}

fn sysctl(setting: &str) -> Text {
    let command =
        format!("echo '{setting}' | sudo tee /etc/sysctl.d/90-karez.conf && sudo sysctl --system");
    Text::new(
        format!("user namespaces are closed on this host; open them: {command}"),
        format!("本机关闭了用户命名空间，请开启：{command}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Switches = Switches {
        userns_clone: Some(1),
        apparmor: Some(0),
        max_namespaces: Some(1),
    };

    #[test]
    fn each_closed_switch_names_its_own_setting() {
        let check = |switches, setting: &str| {
            let missing = Missing {
                layer: Layer::Namespaces,
                step: String::new(),
                errno: libc::EPERM,
            };
            let text = fix(&missing, switches);
            assert!(
                text.en.contains(setting) && text.zh.contains(setting),
                "{text:?}"
            );
        };
        check(
            Switches {
                max_namespaces: Some(0),
                ..OPEN
            },
            "'user.max_user_namespaces=15000'",
        );
        check(
            Switches {
                userns_clone: Some(0),
                ..OPEN
            },
            "'kernel.unprivileged_userns_clone=1'",
        );
        check(
            Switches {
                apparmor: Some(1),
                ..OPEN
            },
            "'kernel.apparmor_restrict_unprivileged_userns=0'",
        );
        check(OPEN, "RestrictNamespaces=");
    }
}
