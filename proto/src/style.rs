//! The naming rules of buf's STANDARD category, checked on the compiled descriptors.

use crate::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use std::collections::BTreeSet;

fn files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("own descriptors decode");
    let ours: Vec<_> = set
        .file
        .into_iter()
        .filter(|f| f.package() == "karez.v1")
        .collect();
    assert!(ours.len() >= 10, "only {} files", ours.len());
    ours
}

fn screaming(camel: &str) -> String {
    let mut out = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}

#[test]
fn every_call_has_a_request_and_a_response_of_its_own() {
    let mut used = BTreeSet::new();
    for service in files().iter().flat_map(|f| &f.service) {
        assert!(service.name().ends_with("Service"), "{}", service.name());
        for method in &service.method {
            let request = format!(".karez.v1.{}Request", method.name());
            let response = format!(".karez.v1.{}Response", method.name());
            assert_eq!(method.input_type(), request);
            assert_eq!(method.output_type(), response);
            assert!(used.insert(request) && used.insert(response));
        }
    }
    assert!(used.len() >= 40, "only {} messages are used", used.len());
}

#[test]
fn enum_values_carry_their_enum_and_start_unspecified() {
    let files = files();
    let enums: Vec<_> = files.iter().flat_map(|f| &f.enum_type).collect();
    assert!(enums.len() >= 7);
    for one in enums {
        let prefix = screaming(one.name());
        assert_eq!(one.value[0].name(), format!("{prefix}_UNSPECIFIED"));
        assert_eq!(one.value[0].number(), 0);
        for value in &one.value {
            assert!(value.name().starts_with(&prefix), "{}", value.name());
        }
    }
}

#[test]
fn fields_are_snake_case() {
    let legal = |name: &str| {
        name.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    for message in files().iter().flat_map(|f| &f.message_type) {
        for field in &message.field {
            assert!(legal(field.name()), "{}.{}", message.name(), field.name());
        }
    }
}

/// Calls that change nothing on the log of their own accord.
const READING: [&str; 3] = ["Get", "List", "Watch"];

#[test]
fn mutating_calls_take_a_request_id_and_return_their_log_entry() {
    let files = files();
    let has = |message: &str, field: &str| {
        files
            .iter()
            .flat_map(|f| &f.message_type)
            .filter(|m| m.name() == message)
            .any(|m| m.field.iter().any(|f| f.name() == field))
    };
    let mut mutating = 0;
    for method in files
        .iter()
        .flat_map(|f| &f.service)
        .flat_map(|s| &s.method)
    {
        let name = method.name();
        let reading = READING.iter().any(|verb| name.starts_with(verb));
        if reading || ["ReadLog", "IssueTicket", "Download"].contains(&name) {
            continue;
        }
        mutating += 1;
        let asked = has(&format!("{name}Request"), "request_id")
            || has(&format!("{name}Header"), "request_id");
        assert!(asked, "{name} takes no request_id");
        assert!(
            has(&format!("{name}Response"), "log_entry"),
            "{name} returns no log entry"
        );
    }
    assert_eq!(mutating, 15);
}

#[test]
fn everything_public_is_commented() {
    for file in files() {
        let info = file.source_code_info.as_ref().expect("source info is kept");
        let commented: BTreeSet<&[i32]> = info
            .location
            .iter()
            .filter(|l| !l.leading_comments().trim().is_empty())
            .map(|l| l.path.as_slice())
            .collect();
        for (i, message) in (0i32..).zip(&file.message_type) {
            assert!(commented.contains([4, i].as_slice()), "{}", message.name());
            for (j, field) in (0i32..).zip(&message.field) {
                let place = format!("{}.{}", message.name(), field.name());
                assert!(commented.contains([4, i, 2, j].as_slice()), "{place}");
            }
        }
        for (i, service) in (0i32..).zip(&file.service) {
            assert!(commented.contains([6, i].as_slice()), "{}", service.name());
            for (j, method) in (0i32..).zip(&service.method) {
                assert!(
                    commented.contains([6, i, 2, j].as_slice()),
                    "{}",
                    method.name()
                );
            }
        }
    }
}
