//! The socket between the service and a job's supervisor: descriptors in, notes about the job's processes out.
//!
//! The worker itself never has this socket after it is sealed.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg,
    sendmsg, socketpair,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Limits;

/// Most descriptors in one message; the kernel's own bound is 253.
const DESCRIPTORS_PER_MESSAGE: usize = 128;

/// Most bytes of one message; limits and notes are far smaller.
const MESSAGE_BYTES: usize = 4096;

/// What the child shall do once it is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Receive a job and run it.
    Job,
    /// Try every layer, try the canary attacks, tell, and end; no job is ever received.
    Probe,
}

/// The first message to the child; its descriptors are job pipe, report pipe and output, in that order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub(crate) mode: Mode,
    pub(crate) limits: Limits,
    pub(crate) inputs: usize,
}

/// What the supervisor and the job's init say about the job's processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Note {
    /// The job's init runs; its pidfd comes with the note.
    Started,
    /// The worker ended with this exit code.
    Exited(i32),
    /// This signal ended the worker.
    Signalled(i32),
    /// Every process of the job is dead; times in microseconds, memory in KiB.
    Ended { cpu_micros: u64, peak_kib: u64 },
}

/// The descriptors and limits of a job as the child receives them.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) setup: Setup,
    pub(crate) job: OwnedFd,
    pub(crate) report: OwnedFd,
    pub(crate) output: OwnedFd,
    pub(crate) inputs: Vec<OwnedFd>,
}

/// A connected pair: the service's end and the child's end.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )?)
}

/// Sends the setup and all descriptors of a job.
pub(crate) fn send_setup(
    socket: impl AsFd,
    setup: &Setup,
    channels: [BorrowedFd<'_>; 3],
    inputs: &[OwnedFd],
) -> io::Result<()> {
    send(&socket, setup, &channels)?;
    for part in inputs.chunks(DESCRIPTORS_PER_MESSAGE) {
        let part: Vec<_> = part.iter().map(AsFd::as_fd).collect();
        send(&socket, &(), &part)?;
    }
    Ok(())
}

/// Receives what [`send_setup`] sent.
pub(crate) fn receive_setup(socket: impl AsFd) -> io::Result<Received> {
    let (setup, channels): (Setup, _) = receive(&socket, RecvFlags::empty())?.ok_or_else(closed)?;
    let [job, report, output] = <[OwnedFd; 3]>::try_from(channels).map_err(|_| malformed())?;
    let mut inputs = Vec::with_capacity(setup.inputs.min(crate::MAX_INPUTS));
    while inputs.len() < setup.inputs {
        let ((), part) = receive(&socket, RecvFlags::empty())?.ok_or_else(closed)?;
        if part.is_empty() {
            return Err(malformed());
        }
        inputs.extend(part);
    }
    Ok(Received {
        setup,
        job,
        report,
        output,
        inputs,
    })
}

/// Sends one note, with a descriptor when it has one.
pub(crate) fn send_note(socket: impl AsFd, note: Note, with: &[BorrowedFd<'_>]) -> io::Result<()> {
    send(socket, &note, with)
}

/// The next note that is already there; `None` when there is none, or never will be.
pub(crate) fn receive_note(socket: impl AsFd) -> io::Result<Option<(Note, Option<OwnedFd>)>> {
    match receive(socket, RecvFlags::DONTWAIT) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
        Ok(message) => Ok(message.map(|(note, with)| (note, with.into_iter().next()))),
    }
}

fn send<T: Serialize>(socket: impl AsFd, message: &T, with: &[BorrowedFd<'_>]) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    let mut space =
        [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_PER_MESSAGE))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !with.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(with)) {
        return Err(malformed());
    }
    sendmsg(
        socket,
        &[IoSlice::new(&bytes)],
        &mut ancillary,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

fn receive<T: DeserializeOwned>(
    socket: impl AsFd,
    flags: RecvFlags,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut bytes = [0; MESSAGE_BYTES];
    let mut space =
        [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_PER_MESSAGE))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let flags = flags | RecvFlags::CMSG_CLOEXEC;
    let got = rustix::io::retry_on_intr(|| {
        recvmsg(
            &socket,
            &mut [IoSliceMut::new(&mut bytes)],
            &mut ancillary,
            flags,
        )
    })?;
    let descriptors = ancillary
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten()
        .collect();
    if got
        .flags
        .intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC)
    {
        return Err(malformed());
    }
    match bytes.get(..got.bytes) {
        None | Some([]) => Ok(None),
        Some(message) => Ok(Some((serde_json::from_slice(message)?, descriptors))),
    }
}

fn closed() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the launcher closed the handover socket",
    )
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the handover message is not of the launcher's form",
    )
}
