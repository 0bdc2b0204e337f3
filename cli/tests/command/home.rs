//! `init`, `cert issue`, `key new`: what they make, with which permissions, and what they never touch.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::binary::{Ran, karez, run};
use crate::world::Home;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn init_closes_secrets_to_others() {
    let home = Home::new();
    for secret in [
        "master.key",
        "ca/key.pem",
        "server/key.pem",
        "log.key",
        "clients/provider/signing.key",
    ] {
        assert_eq!(mode(&home.root().join(secret)), 0o600, "{secret}");
    }
    assert_eq!(mode(&home.root()), 0o700);
    for duty in [
        "provider",
        "institution",
        "operator",
        "developer",
        "regulator",
    ] {
        assert!(
            home.root()
                .join("clients")
                .join(duty)
                .join("cert.pem")
                .is_file(),
            "{duty}"
        );
    }
}

#[test]
fn init_leaves_an_existing_home_alone() {
    let home = Home::new();
    let key = fs::read(home.root().join("master.key")).unwrap();
    let again = home.run("init").expect(1);
    assert_eq!(again.stdout, "");
    assert!(
        again.stderr.contains("never overwritten"),
        "{}",
        again.stderr
    );
    assert_eq!(fs::read(home.root().join("master.key")).unwrap(), key);
}

#[test]
fn init_shows_what_it_made_as_json() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("new");
    let made = Ran::of(
        karez()
            .args(["init", "--output", "json", "--tenant", "yl", "--home"])
            .arg(&place)
            .output()
            .unwrap(),
    );
    let made = made.expect(0).json();
    assert_eq!(made["tenant"], "yl");
    assert!(
        made["made"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["path"] == "master.key")
    );
}

#[test]
fn a_home_without_a_place_is_refused() {
    let ran = run(["init"]).expect(1);
    assert!(ran.stderr.contains("KAREZ_HOME"), "{}", ran.stderr);
}

#[test]
fn a_certificate_is_issued_once() {
    let home = Home::new();
    let issue = "cert issue --organisation gaj --duty provider --person gaj-01 --output json";
    let issued = home.run(issue).expect(0).json();
    assert_eq!(issued["actor"], "karez://xj/gaj/provider/gaj-01");
    let key = issued["private_key"].as_str().unwrap();
    assert_eq!(mode(Path::new(key)), 0o600);
    assert!(home.run(issue).expect(1).stderr.contains("exists"));
}

#[test]
fn a_certificate_of_nobody_is_not_issued() {
    let home = Home::new();
    home.run("cert issue --organisation gaj --duty chief")
        .expect(2);
    home.run("cert issue --organisation GAJ --duty provider")
        .expect(1);
    home.run("cert issue --organisation gaj --duty provider --days 0")
        .expect(1);
    home.run("cert issue --duty provider").expect(2);
    let made = fs::read_dir(home.root().join("clients")).unwrap().count();
    assert_eq!(made, 5, "no directory is left by a refusal");
}

#[test]
fn a_new_key_shows_its_public_half_alone() {
    let home = Home::new();
    let issued = home
        .run("cert issue --organisation gaj --duty provider --person gaj-01 --output json")
        .expect(0);
    let certificate = issued.json()["certificate"].as_str().unwrap().to_owned();
    let identity = Path::new(&certificate).parent().unwrap().to_owned();
    let new = format!("key new --identity {} --output json", identity.display());
    let made = home.run(&new).expect(0);
    let file = identity.join("signing.key");
    assert_eq!(mode(&file), 0o600);
    let entry = &made.json()["trust_entry"];
    assert_eq!(
        (entry["organisation"].as_str(), entry["duty"].as_str()),
        (Some("gaj"), Some("provider"))
    );
    assert_eq!(entry["public_key"], made.json()["public_key"]);
    let secret = fs::read_to_string(&file).unwrap();
    let secret = secret.lines().find(|line| !line.starts_with('-')).unwrap();
    assert!(!made.stdout.contains(secret) && !made.stderr.contains(secret));
    home.run(&new).expect(1);
    assert!(
        fs::read_to_string(&file).unwrap().contains(secret),
        "an existing key is kept"
    );
}
