//! No descriptor but the job's own.

use std::os::fd::{AsRawFd, BorrowedFd};

use crate::layer::{AtStep, Broken};

/// Standard input, output and error stay.
const FIRST_CLOSED: u32 = 3;

/// Closes every descriptor but the three standard streams and these.
pub(crate) fn keep<'fd>(own: impl IntoIterator<Item = BorrowedFd<'fd>>) -> Result<String, Broken> {
    let kept = close_gaps(FIRST_CLOSED, own)?;
    Ok(format!(
        "{kept} of the job's own and three standard streams, all others closed"
    ))
}

/// Closes every descriptor but standard input and these.
pub(crate) fn keep_with_stdin<'fd>(
    own: impl IntoIterator<Item = BorrowedFd<'fd>>,
) -> Result<usize, Broken> {
    close_gaps(1, own)
}

fn close_gaps<'fd>(
    from: u32,
    own: impl IntoIterator<Item = BorrowedFd<'fd>>,
) -> Result<usize, Broken> {
    let mut kept: Vec<u32> = own
        .into_iter()
        .map(|fd| fd.as_raw_fd().unsigned_abs())
        .collect();
    kept.sort_unstable();
    let mut next = from;
    for &number in &kept {
        if number > next {
            close_range(next, number - 1).step("close_range")?;
        }
        next = next.max(number + 1);
    }
    close_range(next, u32::MAX).step("close_range")?;
    Ok(kept.len())
}

/// Closes one more descriptor before its owner does.
pub(crate) fn give_up(fd: BorrowedFd<'_>) {
    // SAFETY: called in processes that go on to watch the job with other descriptors and then exit; the owner of this
    // one is never used or dropped there.
    #[expect(unsafe_code, reason = "closes a borrowed descriptor; see SAFETY")]
    unsafe {
        libc::close(fd.as_raw_fd());
    }
}

fn close_range(first: u32, last: u32) -> std::io::Result<()> {
    // SAFETY: called while single-threaded with the numbers between descriptors that live on; whatever owned the
    // others is never used again, since the process goes on to run the job, or to watch it, with the kept ones only.
    #[expect(unsafe_code, reason = "closes descriptors by number; see SAFETY")]
    let answer = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0_u32) };
    if answer == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}
