//! Durable files and directories with the right permissions from the first instant.

use super::{HomeError, IdentityFiles};
use crate::pki::Issued;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Owner only.
const SECRET_MODE: u32 = 0o600;

/// Given away freely, but inside an owner-only directory.
const PUBLIC_MODE: u32 = 0o644;

/// A new owner-only directory.
pub(super) fn directory(path: &Path) -> Result<(), HomeError> {
    let made = DirBuilder::new().mode(0o700).create(path);
    made.map_err(|source| io_error("make", path, source))
}

/// A new file that only the owner may read.
pub(super) fn secret(path: &Path, text: &str) -> Result<(), HomeError> {
    file(path, text, SECRET_MODE)
}

/// A new file without secrets.
pub(super) fn public(path: &Path, text: &str) -> Result<(), HomeError> {
    file(path, text, PUBLIC_MODE)
}

fn file(path: &Path, text: &str, mode: u32) -> Result<(), HomeError> {
    let mut options = OpenOptions::new();
    let written = options
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
    written.map_err(|source| io_error("write", path, source))
}

/// Certificate, key and CA of an identity, in an existing directory.
pub(super) fn identity(
    files: &IdentityFiles,
    issued: &Issued,
    ca_pem: &str,
) -> Result<(), HomeError> {
    public(&files.certificate(), &issued.certificate_pem)?;
    secret(&files.key(), &issued.key_pem)?;
    public(&files.ca(), ca_pem)
}

/// Makes a directory's entries durable.
pub(super) fn sync(path: &Path) -> Result<(), HomeError> {
    let synced = File::open(path).and_then(|directory| directory.sync_all());
    synced.map_err(|source| io_error("sync", path, source))
}

/// Puts a finished directory in its place, which must be free or an empty directory.
///
/// The kernel refuses to rename over a directory with entries, so that two runs at the same time
/// cannot mix.
pub(super) fn publish(built: &Path, place: &Path) -> Result<(), HomeError> {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
    fs::rename(built, place).map_err(|source| match source.kind() {
        AlreadyExists | DirectoryNotEmpty | NotADirectory => HomeError::Exists {
            path: place.to_owned(),
        },
        _ => io_error("make", place, source),
    })
}

pub(super) fn io_error(action: &'static str, path: &Path, source: io::Error) -> HomeError {
    let path = path.to_owned();
    HomeError::Io {
        action,
        path,
        source,
    }
}
