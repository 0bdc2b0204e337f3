//! Messages on pipes: four bytes of length (little endian), then the bytes.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Bytes of the length before each message.
const PREFIX_BYTES: usize = 4;

/// A message with its length in front.
pub(crate) fn encode(message: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(message.len()).map_err(|_| too_long())?;
    let mut frame = Vec::with_capacity(PREFIX_BYTES + message.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(message);
    Ok(frame)
}

/// Writes one message and waits as long as it takes.
pub(crate) fn write(mut pipe: impl Write, message: &[u8]) -> io::Result<()> {
    pipe.write_all(&encode(message)?)
}

/// Reads one message of at most `limit` bytes; `None` at the end of the pipe.
pub(crate) fn read(mut pipe: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut prefix = [0; PREFIX_BYTES];
    match pipe.read_exact(&mut prefix) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = usize::try_from(u32::from_le_bytes(prefix)).map_err(|_| too_long())?;
    if length > limit {
        return Err(too_long());
    }
    let mut message = vec![0; length];
    pipe.read_exact(&mut message)?;
    Ok(Some(message))
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "message longer than its limit")
}

/// Takes messages apart that arrive in pieces, from a writer that is not trusted.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    bytes: Vec<u8>,
}

/// What the pieces so far amount to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Assembled {
    /// A whole message, taken out.
    Message(Vec<u8>),
    /// Not yet a whole message.
    Partial,
    /// The writer announced more than the limit.
    TooLong,
}

impl Assembler {
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// The next message, when it is whole and at most `limit` bytes.
    pub(crate) fn next(&mut self, limit: usize) -> Assembled {
        let Some((prefix, rest)) = self.bytes.split_first_chunk::<PREFIX_BYTES>() else {
            return Assembled::Partial;
        };
        let length = usize::try_from(u32::from_le_bytes(*prefix)).unwrap_or(usize::MAX);
        if length > limit {
            return Assembled::TooLong;
        }
        let Some(message) = rest.get(..length) else {
            return Assembled::Partial;
        };
        let message = message.to_vec();
        self.bytes.drain(..PREFIX_BYTES + length);
        Assembled::Message(message)
    }

    /// How many bytes wait for the rest of their message.
    pub(crate) fn pending(&self) -> usize {
        self.bytes.len()
    }
}

/// Waits until one of `descriptors` is ready or `until` has passed; the answer is what is ready, in their order.
pub(crate) fn wait<const N: usize>(
    descriptors: [(&dyn AsFd, PollFlags); N],
    until: Instant,
) -> io::Result<[PollFlags; N]> {
    let mut waiting = descriptors.map(|(fd, flags)| PollFd::from_borrowed_fd(fd.as_fd(), flags));
    loop {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).unwrap_or(
            Timespec {
                tv_sec: i64::MAX,
                tv_nsec: 0,
            },
        );
        match poll(&mut waiting, Some(&left)) {
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(waiting.map(|entry| entry.revents())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_any_cut() {
        let stream = [encode(b"").unwrap(), encode(b"abc").unwrap()].concat();
        for cut in 0..=stream.len() {
            let mut assembler = Assembler::default();
            let mut seen = Vec::new();
            for piece in [&stream[..cut], &stream[cut..]] {
                assembler.push(piece);
                while let Assembled::Message(message) = assembler.next(3) {
                    seen.push(message);
                }
            }
            assert_eq!(seen, [b"".to_vec(), b"abc".to_vec()], "cut at {cut}");
        }
    }

    #[test]
    fn announced_length_is_bounded_before_it_is_believed() {
        let mut assembler = Assembler::default();
        assembler.push(&u32::MAX.to_le_bytes());
        assert_eq!(assembler.next(10), Assembled::TooLong);
        assert!(read(&u32::MAX.to_le_bytes()[..], 10).is_err());
    }
}
