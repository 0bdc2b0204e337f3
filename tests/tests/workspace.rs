//! The shape of the workspace: which crate may know which, where features and `unsafe` may stand.
//! What belongs here: invariants of `ARCHITECTURE.md` that can be read off manifests and sources.

#![expect(clippy::expect_used, reason = "tests may stop on the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};

/// Crates of ours that each crate may depend on, dev-dependencies included.
const ALLOWED: &[(&str, &[&str])] = &[
    ("proto", &[]),
    ("policy", &[]),
    ("sampler", &[]),
    ("desensitize", &[]),
    ("lineage", &[]),
    ("sandbox", &[]),
    ("egress", &["policy"]),
    ("verify", &["lineage"]),
    ("fixtures", &[]),
    (
        "enclave",
        &[
            "proto",
            "policy",
            "sampler",
            "desensitize",
            "lineage",
            "sandbox",
            "egress",
        ],
    ),
    ("cli", &["enclave", "lineage", "sandbox"]),
    // From outside: the oracle's data, the typed client and the verifier's library.
    (
        "tests",
        &["fixtures", "enclave", "lineage", "sandbox", "proto"],
    ),
    (
        "benches",
        &[
            "fixtures",
            "enclave",
            "desensitize",
            "sampler",
            "lineage",
            "sandbox",
            "egress",
            "policy",
        ],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata reads the workspace")
}

fn ours(metadata: &Metadata) -> BTreeMap<String, &Package> {
    metadata
        .packages
        .iter()
        .map(|package| (package.name.to_string(), package))
        .collect()
}

/// Every `.rs` file below a crate's folder, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).expect("a crate's folder is readable") {
            let path = entry.expect("an entry is readable").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source is UTF-8");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let packages = ours(&metadata);
    assert_eq!(
        packages.len(),
        ALLOWED.len(),
        "every crate has its row in this test"
    );
    for (name, allowed) in ALLOWED {
        for dependency in &packages[*name].dependencies {
            let known = packages.contains_key(&dependency.name);
            assert!(
                !known || allowed.contains(&dependency.name.as_str()),
                "{name} must not depend on {} ({:?})",
                dependency.name,
                dependency.kind
            );
        }
    }
}

#[test]
fn features_stand_in_the_root_manifest_only() {
    for (name, _) in ALLOWED {
        let manifest =
            std::fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a manifest");
        for line in manifest.lines() {
            assert!(
                !line.contains("features"),
                "{name}/Cargo.toml: `{line}` belongs in the root manifest"
            );
            let elsewhere = line.contains("{ version") || line.contains("{ path");
            assert!(
                !elsewhere,
                "{name}/Cargo.toml: `{line}` belongs in the root manifest"
            );
        }
    }
}

#[test]
fn every_dependency_of_the_root_manifest_has_its_reason() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the root manifest");
    let table = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .expect("the table");
    let table = table.split("\n[").next().expect("its end");
    for line in table
        .lines()
        .filter(|line| line.contains('=') && !line.contains("path ="))
    {
        assert!(
            line.contains("} # ") || line.contains("\" # "),
            "no reason: {line}"
        );
    }
}

/// The one module with `unsafe` outside `sandbox`: FF1 in vector registers.
const VECTOR_MODULE: &str = "desensitize/src/ff1/vector";

#[test]
fn unsafe_stands_in_the_sandbox_and_one_vector_module_only() {
    let module = root().join(VECTOR_MODULE);
    let vector = |path: &Path| path.starts_with(&module) || path == module.with_extension("rs");
    for (name, _) in ALLOWED
        .iter()
        .filter(|(name, _)| *name != "sandbox" && *name != "tests")
    {
        let files = sources(name).into_iter();
        for (path, text) in files.filter(|(path, _)| !vector(path)) {
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                let word = line
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .any(|word| word == "unsafe");
                assert!(!word, "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn sampler_and_desensitize_touch_nothing_outside() {
    const OUTSIDE: &[&str] = &[
        "std::fs",
        "std::net",
        "std::io",
        "std::time",
        "getrandom",
        "std::env",
    ];
    for folder in ["sampler/src", "desensitize/src"] {
        // Tests may read vectors.
        let product = sources(folder)
            .into_iter()
            .filter(|(path, _)| !path.ends_with("tests.rs"));
        for (path, text) in product {
            let product = text.split("#[cfg(test)]").next().expect("a first part");
            for word in OUTSIDE {
                let met = product
                    .lines()
                    .any(|line| !line.trim_start().starts_with("//") && line.contains(word));
                assert!(!met, "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn policy_knows_no_rows() {
    let metadata = metadata();
    let policy = &ours(&metadata)["policy"];
    for dependency in &policy.dependencies {
        assert!(
            !dependency.name.starts_with("arrow") && dependency.name != "parquet",
            "{}",
            dependency.name
        );
    }
}

#[test]
fn only_the_worker_links_the_jail_and_the_gate() {
    for (path, text) in sources("enclave/src") {
        let parts = path.components().map(|part| part.as_os_str());
        let worker = parts
            .into_iter()
            .any(|part| part == "worker" || part == "worker.rs");
        for word in ["egress::", "sandbox::", "datafusion::"] {
            let met = text
                .lines()
                .any(|line| !line.trim_start().starts_with("//") && line.contains(word));
            assert!(worker || !met, "{} names {word}", path.display());
        }
    }
}

/// Every registry crate that a command's packages build, with its features.
fn features(packages: &[&str]) -> std::collections::BTreeSet<String> {
    let tree = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--prefix",
            "none",
            "--format",
            "{p} [{f}]",
        ])
        .args(packages)
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    let text = String::from_utf8(tree.stdout).expect("cargo prints UTF-8");
    let lines = text
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned());
    lines
        .filter(|line| !line.is_empty() && !line.contains('/'))
        .collect()
}

#[test]
fn the_demo_and_the_tests_share_one_build_of_every_registry_crate() {
    let demo = features(&["--package", "cli", "--edges", "normal,build"]);
    let all = features(&["--workspace", "--edges", "normal,build,dev"]);
    assert!(demo.len() > 300, "{} crates", demo.len());
    let other: Vec<_> = demo.difference(&all).collect();
    assert!(
        other.is_empty(),
        "`./test` would build these again: {other:?}"
    );
}
