//! What the libraries say of homes, keys, certificates and configuration, told in both languages.

use enclave::config::ConfigError;
use enclave::home::HomeError;
use enclave::pki::{DAYS_MAX, PeerError, PkiError};
use lineage::{KeyError, NameError, StatementError, TrustError};

use super::Problem;
use crate::language::{Text, text};

/// Declares how an error of a library becomes a refusal.
macro_rules! refused {
    ($($error:ty => $told:expr;)+) => {
        $(impl From<$error> for Problem {
            fn from(error: $error) -> Self {
                let told: fn(&$error) -> Text = $told;
                Self::refused(told(&error))
            }
        })+
    };
}

refused! {
    HomeError => home;
    ConfigError => config;
    PkiError => pki;
    KeyError => key;
    TrustError => trust;
    NameError => name;
    StatementError => |error| Text::same(error);
    PeerError => |error| Text { en: error.to_string(), zh: format!("客户端证书无法使用：{error}") };
}

fn english(error: &impl ToString, zh: String) -> Text {
    Text {
        en: error.to_string(),
        zh,
    }
}

fn home(error: &HomeError) -> Text {
    let zh = match error {
        HomeError::Nowhere => "未指定主目录：请给出 --home，或设置 KAREZ_HOME 或 HOME".to_owned(),
        HomeError::Exists { path } => {
            let path = path.display();
            format!("{path} 已存在且不为空；既有内容不会被覆盖：请用 --home 另选位置，或先将其移走")
        }
        HomeError::NotAHome { path } => {
            let path = path.display();
            format!("{path} 不是 Karez 主目录；请先建立：karez init --home {path}")
        }
        HomeError::Open { path, mode, fix } => {
            let path = path.display();
            format!("{path} 对他人开放（权限 {mode:03o}）；请执行：chmod {fix:03o} {path}")
        }
        HomeError::Io { path, source, .. } => format!("{}：{source}", path.display()),
        HomeError::Entropy(detail) => format!("系统未能提供随机数：{detail}"),
        HomeError::Pki(error) => pki(error).zh,
        HomeError::Key(error) => key(error).zh,
        HomeError::Log(error) => format!("无法建立日志：{error}"),
        HomeError::Trust(error) => trust(error).zh,
        HomeError::Name(error) => name(error).zh,
    };
    english(error, zh)
}

fn config(error: &ConfigError) -> Text {
    let zh = match error {
        ConfigError::Read { path, source } => format!("无法读取 {}：{source}", path.display()),
        ConfigError::TooLong { path } => format!("{} 过长，不是 karez.toml", path.display()),
        ConfigError::Syntax { path, source } => format!("{} 格式有误：{source}", path.display()),
        ConfigError::Value { key, problem } => format!("配置项 `{key}` 有误：{problem}"),
    };
    english(error, zh)
}

fn pki(error: &PkiError) -> Text {
    let zh = match error {
        PkiError::Read { path, source } => format!("无法读取 {}：{source}", path.display()),
        PkiError::Malformed { path, what } => {
            format!(
                "{} 不是 PEM 格式的{}",
                path.display(),
                if *what == "certificate" {
                    "证书"
                } else {
                    "密钥"
                }
            )
        }
        PkiError::Mismatch { certificate, key } => {
            format!("{} 与 {} 不匹配", certificate.display(), key.display())
        }
        PkiError::Days { days } => format!("有效期 {days} 天无效：应为 1 至 {DAYS_MAX} 天"),
        PkiError::NotAPerson => "证书只签发给人员，不签发给服务".to_owned(),
        PkiError::Issue(detail) => format!("证书签发失败：{detail}"),
    };
    english(error, zh)
}

fn key(error: &KeyError) -> Text {
    let zh = match error {
        KeyError::Io { path, source } => format!("密钥文件 {}：{source}", path.display()),
        KeyError::Permissions { path, mode } => {
            let path = path.display();
            format!("密钥文件 {path} 对他人开放（权限 {mode:03o}）；请执行：chmod 600 {path}")
        }
        KeyError::Malformed(what) => format!("密钥格式有误：应为 {what}"),
        KeyError::Entropy(detail) => format!("系统未能提供随机数：{detail}"),
    };
    english(error, zh)
}

fn trust(error: &TrustError) -> Text {
    let zh = match error {
        TrustError::Io { path, source } => format!("信任列表 {}：{source}", path.display()),
        TrustError::Json(detail) => format!("不是信任列表：{detail}"),
        TrustError::Name(error) => format!("信任列表：{}", name(error).zh),
        TrustError::Duplicate(key) => format!("信任列表：密钥 {key} 重复出现"),
    };
    english(error, zh)
}

fn name(error: &NameError) -> Text {
    let NameError::Segment(given) = error else {
        return Text::same(error);
    };
    let zh = text!(
        "",
        "`{given}` 不是合法名称：应为 1 至 63 个字符，仅限 a-z、0-9、`-`、`_`"
    )
    .zh;
    english(error, zh)
}
