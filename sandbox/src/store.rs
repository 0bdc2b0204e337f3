//! Memory files: inputs for jobs, their output, and the bounded store of what they print.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::io::Errno;

/// Why a memory file could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The source is larger than the caller allowed.
    #[error("input is larger than {limit} bytes")]
    TooLarge {
        /// The caller's limit in bytes.
        limit: u64,
    },
    /// The kernel refused.
    #[error("memory file: {0}")]
    Kernel(#[from] io::Error),
}

/// Everything that makes a memory file unchangeable, this list included.
pub(crate) const FROZEN: SealFlags = SealFlags::WRITE
    .union(SealFlags::SHRINK)
    .union(SealFlags::GROW)
    .union(SealFlags::SEAL);

/// A sealed memory file with these bytes, to be given to a job as an input.
///
/// # Errors
///
/// [`StoreError::Kernel`] when memory or descriptors have run out.
pub fn memfd_from(bytes: &[u8]) -> Result<OwnedFd, StoreError> {
    let mut file = writable("input")?;
    file.write_all(bytes)?;
    freeze(&mut file)?;
    Ok(file.into())
}

/// A sealed memory copy of what `source` still has to read, at most `limit` bytes.
///
/// # Errors
///
/// [`StoreError::TooLarge`] when there is more, [`StoreError::Kernel`] when reading fails or memory has run out.
pub fn sealed_copy(source: impl Read, limit: u64) -> Result<OwnedFd, StoreError> {
    let mut file = writable("input")?;
    let copied = io::copy(&mut source.take(limit.saturating_add(1)), &mut file)?;
    if copied > limit {
        return Err(StoreError::TooLarge { limit });
    }
    freeze(&mut file)?;
    Ok(file.into())
}

/// An empty memory file that can be sealed later and, where the kernel knows how (6.3), never executed.
pub(crate) fn writable(name: &str) -> io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = match memfd_create(name, flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create(name, flags)?,
        other => other?,
    };
    Ok(File::from(file))
}

/// Makes a memory file unchangeable and rewinds it.
pub(crate) fn freeze(file: &mut File) -> io::Result<()> {
    fcntl_add_seals(&*file, FROZEN)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(())
}

/// A memory file of a fixed size: writing beyond its end is refused by the kernel.
pub(crate) fn bounded(name: &str, bytes: u64) -> io::Result<File> {
    let file = writable(name)?;
    ftruncate(&file, bytes)?;
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok(file)
}

/// What was written to a [`bounded`] file, up to the position its writer left.
pub(crate) fn written(file: &mut File) -> io::Result<Vec<u8>> {
    let end = file.stream_position()?.min(file.metadata()?.len());
    let mut bytes = vec![0; usize::try_from(end).unwrap_or(0)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}
