//! The texts that a person reads, in English and Chinese.

use std::ffi::OsStr;
use std::fmt::Write as _;

use lineage::verify::{Language, Report};

const HELP_ENGLISH: &str = "\
karez-verify checks a Karez log, or one receipt, offline. It trusts two files only: the log's
public key and the trust list that the regulator holds. It changes nothing.

Usage:
  karez-verify log DIR --key log.vkey --trust trust.json [--json]
  karez-verify receipt RECEIPT.json [--file RESULT]... --key log.vkey --trust trust.json [--json]

Commands:
  log DIR        every byte of a log directory: frames, hash chain, streams, tree, checkpoint,
                 signed statements, and what each event must rest on
  receipt FILE   one receipt: that its leaves are in the signed tree, that the approvals are
                 signed by the right persons, and that each --file is one that was released

Options:
  --key FILE     the log's public key
  --trust FILE   the trust list
  --file FILE    a result file to compare (may be repeated)
  --json         the report as JSON on standard output
  -h, --help     this text
  -V, --version  the version

Texts are Chinese when LC_ALL, LC_MESSAGES or LANG begins with zh.

Exit codes:
  0  everything that was checked is right; what was not checked is listed
  1  something is wrong; each finding names file and byte, or leaf
  2  wrong usage, or an input could not be read
";

const HELP_CHINESE: &str = "\
karez-verify 离线核验坎儿井日志或单个回执。它只信任两个文件：日志公钥和监管方持有的信任列表。
它不修改任何内容。

用法：
  karez-verify log 目录 --key log.vkey --trust trust.json [--json]
  karez-verify receipt 回执.json [--file 结果文件]... --key log.vkey --trust trust.json [--json]

命令：
  log 目录        核验日志目录的每个字节：帧、哈希链、子链、树、检查点、签名声明，以及每个事项的前提
  receipt 文件    核验回执：记录在已签名的树中，审批由应当的人签署，每个 --file 都是所发布的文件

选项：
  --key 文件      日志公钥
  --trust 文件    信任列表
  --file 文件     待比对的结果文件（可重复）
  --json          以 JSON 输出报告
  -h, --help      本说明
  -V, --version   版本

LC_ALL、LC_MESSAGES 或 LANG 以 zh 开头时使用中文。

退出码：
  0  所核验的内容全部正确；未核验的内容已列出
  1  发现问题；每项指明文件与字节，或记录序号
  2  用法错误，或输入无法读取
";

/// The language that the locale asks for, by POSIX precedence.
pub(crate) fn language(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match set.as_deref().and_then(OsStr::to_str) {
        Some(locale) if locale.starts_with("zh") => Language::Chinese,
        _ => Language::English,
    }
}

/// The help.
pub(crate) const fn help(language: Language) -> &'static str {
    match language {
        Language::English => HELP_ENGLISH,
        Language::Chinese => HELP_CHINESE,
    }
}

/// The report for a person.
pub(crate) fn report(report: &Report, language: Language) -> String {
    let mut out = String::new();
    out.push_str(verdict(report.is_verified(), language));
    for finding in &report.findings {
        let _ = writeln!(out, "  ✗ {}", finding.text(language));
    }
    facts(&mut out, report, language);
    for (seq, path) in &report.destroyed_keys {
        let _ = match language {
            Language::English => writeln!(out, "  key destroyed by leaf {seq}: {path}"),
            Language::Chinese => writeln!(out, "  记录 {seq} 销毁的密钥：{path}"),
        };
    }
    out.push_str(match language {
        Language::English => "Not checked:\n",
        Language::Chinese => "未核验：\n",
    });
    for item in &report.not_checked {
        let _ = writeln!(out, "  - {}", item.text(language));
    }
    out
}

const fn verdict(verified: bool, language: Language) -> &'static str {
    match (verified, language) {
        (true, Language::English) => "VERIFIED: everything that was checked is right\n",
        (false, Language::English) => "NOT VERIFIED\n",
        (true, Language::Chinese) => "核验通过：所核验的内容全部正确\n",
        (false, Language::Chinese) => "核验未通过\n",
    }
}

fn facts(out: &mut String, report: &Report, language: Language) {
    let origin = report.origin.as_deref().unwrap_or("?");
    let size = report.size.map_or("?".to_owned(), |size| size.to_string());
    let root = report.root.map_or("?".to_owned(), |root| root.to_string());
    let (leaves, statements, files) = (report.leaves, report.statements, report.files);
    let _ = match language {
        Language::English => write!(
            out,
            "  log {origin}\n  signed size {size}, root {root}\n  leaves read {leaves}, signed statements {statements}, result files {files}\n"
        ),
        Language::Chinese => write!(
            out,
            "  日志 {origin}\n  签名大小 {size}，树根 {root}\n  已读记录 {leaves}，签名声明 {statements}，结果文件 {files}\n"
        ),
    };
}

#[cfg(test)]
mod tests {
    //! The locale decides, and both languages say the same things.
    use super::*;

    fn check(set: &[(&str, &str)], expect: Language) {
        let variable = |name: &str| {
            let found = set.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).into())
        };
        assert_eq!(language(variable), expect, "{set:?}");
    }

    #[test]
    fn the_locale_decides() {
        check(&[], Language::English);
        check(&[("LANG", "zh_CN.UTF-8")], Language::Chinese);
        check(
            &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")],
            Language::English,
        );
        check(
            &[("LANG", "C"), ("LC_MESSAGES", "zh_CN")],
            Language::Chinese,
        );
        check(&[("LANG", "zh_CN"), ("LC_ALL", "")], Language::Chinese);
    }

    #[test]
    fn destroyed_keys_are_named_in_both_languages() {
        let path = "tenants/xj/datasets/ybj/claims/versions/1/columns/金额";
        let shown = Report {
            destroyed_keys: vec![(7, path.to_owned())],
            ..Report::default()
        };
        for language in [Language::English, Language::Chinese] {
            let text = report(&shown, language);
            assert!(text.contains(path) && text.contains('7'), "{text}");
        }
    }

    #[test]
    fn both_helps_name_every_option_and_exit_code() {
        for word in [
            "--key",
            "--trust",
            "--file",
            "--json",
            "--help",
            "--version",
            "  0  ",
            "  1  ",
            "  2  ",
        ] {
            assert!(help(Language::English).contains(word), "{word}");
            assert!(help(Language::Chinese).contains(word), "{word}");
        }
    }
}
