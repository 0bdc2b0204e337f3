//! `serve`: when it refuses to start, and how it stops.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::world::{Home, Server};

#[test]
fn a_development_ca_needs_dev() {
    let home = Home::new();
    let ran = home.run("serve --listen 127.0.0.1:0").expect(1);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("--dev"), "{}", ran.stderr);
}

#[test]
fn a_port_in_use_is_named_with_the_fix() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let ran = home
        .run(&format!("serve --dev --listen {address}"))
        .expect(1);
    assert!(
        ran.stderr.contains(&address.to_string()) && ran.stderr.contains("--listen"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_stopped_server_leaves_a_log_that_verifies_and_a_flipped_bit_is_found() {
    let home = Home::new();
    let server = Server::start(&home);
    server.run("key enrol --as institution").expect(0);
    assert_eq!(server.stop(), Some(0));
    let (key, trust) = (home.root().join("log.vkey"), home.root().join("trust.json"));
    let verify = |log: &Path| {
        let held = format!(
            "--output json --key {} --trust {}",
            key.display(),
            trust.display()
        );
        home.run(&format!("lineage verify {} {held}", log.display()))
    };
    let log = home.root().join("log");
    let report = verify(&log).expect(0).json();
    assert_eq!(report["verified"], true);
    let segment = fs::read_dir(log.join("segments"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let report = verify(&log).expect(1).json();
    assert_eq!(report["verified"], false);
    assert!(!report["findings"].as_array().unwrap().is_empty());
    verify(Path::new("/nonexistent")).expect(1);
}
