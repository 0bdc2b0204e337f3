//! Segments: the files that hold the log's frames.
//!
//! A frame is `len u32 | crc32c u32 | seq u64 | bytes`, integers little-endian, `len` the number of
//! bytes, the checksum (CRC-32C, RFC 3720 appendix B.4) over `len`, `seq` and `bytes`. Bytes that
//! begin with 0x01 are a leaf and `seq` is its position; bytes that begin with 0xff are a seal,
//! `0xff | size u64 | root [32]` with `seq = size`, written after each batch. A file is named after
//! the position of its first leaf, twenty digits and `.seg`.

use thiserror::Error;

use crate::digest::Digest;
use crate::leaf::{LEAF_BYTES_MAX, LEAF_VERSION};

/// Bytes before a frame's own: length, checksum, position.
pub(crate) const FRAME_HEADER_BYTES: usize = 16;

/// A file that has grown to this is not added to; the next batch begins a new one.
pub(crate) const SEGMENT_BYTES: u64 = 64 << 20;

/// The longest file that is read: [`SEGMENT_BYTES`] and the largest batch, with room to spare.
pub(crate) const SEGMENT_READ_BYTES_MAX: u64 = 192 << 20;

/// The first byte of a seal.
const SEAL_MARK: u8 = 0xff;

/// Mark, size and root.
const SEAL_BYTES: usize = 1 + 8 + 32;

/// What a segment's file name ends in.
const SUFFIX: &str = ".seg";

/// Digits of a segment's file name: enough for any u64, so that names sort like numbers.
const NAME_DIGITS: usize = 20;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// A leaf's bytes and its position.
    Leaf { seq: u64, bytes: &'a [u8] },
    /// Everything up to `size` was written whole and has this root.
    Seal { size: u64, root: Digest },
}

/// A frame that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The file ends inside it.
    #[error("the file ends inside a frame")]
    Short,
    /// A length that no frame has.
    #[error("the frame's length is impossible")]
    Length,
    /// Changed bytes.
    #[error("the frame's checksum does not match its bytes")]
    Checksum,
    /// Neither a leaf nor a seal.
    #[error("the frame is neither a leaf nor a seal")]
    Content,
}

/// The file name of the segment that begins with this leaf.
pub(crate) fn file_name(first_seq: u64) -> String {
    format!("{first_seq:0NAME_DIGITS$}{SUFFIX}")
}

/// The first leaf of the segment with this file name.
pub(crate) fn first_seq(file_name: &str) -> Option<u64> {
    let digits = file_name.strip_suffix(SUFFIX)?;
    let number = digits.parse().ok()?;
    (self::file_name(number) == file_name).then_some(number)
}

/// Appends a leaf's frame.
pub(crate) fn push_leaf(out: &mut Vec<u8>, seq: u64, leaf: &[u8]) {
    push(out, seq, leaf);
}

/// Appends a seal.
pub(crate) fn push_seal(out: &mut Vec<u8>, size: u64, root: &Digest) {
    let mut bytes = vec![SEAL_MARK];
    bytes.extend(size.to_le_bytes());
    bytes.extend(root.as_bytes());
    push(out, size, &bytes);
}

/// Leaves and seals are far below 4 GiB, so the length always fits.
fn push(out: &mut Vec<u8>, seq: u64, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend(length.to_le_bytes());
    out.extend(checksum(length, seq, bytes).to_le_bytes());
    out.extend(seq.to_le_bytes());
    out.extend(bytes);
}

fn checksum(length: u32, seq: u64, bytes: &[u8]) -> u32 {
    let crc = crc32c::crc32c(&length.to_le_bytes());
    let crc = crc32c::crc32c_append(crc, &seq.to_le_bytes());
    crc32c::crc32c_append(crc, bytes)
}

/// The frame at the beginning of these bytes, and its whole length.
pub(crate) fn first_frame(bytes: &[u8]) -> Result<(Frame<'_>, usize), FrameError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(FrameError::Short)?;
    let (crc, rest) = rest.split_first_chunk::<4>().ok_or(FrameError::Short)?;
    let (seq, rest) = rest.split_first_chunk::<8>().ok_or(FrameError::Short)?;
    let length = u32::from_le_bytes(*length);
    let seq = u64::from_le_bytes(*seq);
    let own = length as usize;
    if own == 0 || own > LEAF_BYTES_MAX {
        return Err(FrameError::Length);
    }
    let content = rest.get(..own).ok_or(FrameError::Short)?;
    if checksum(length, seq, content) != u32::from_le_bytes(*crc) {
        return Err(FrameError::Checksum);
    }
    let frame = content_of(seq, content).ok_or(FrameError::Content)?;
    Ok((frame, FRAME_HEADER_BYTES + own))
}

fn content_of(seq: u64, bytes: &[u8]) -> Option<Frame<'_>> {
    match *bytes.first()? {
        LEAF_VERSION => Some(Frame::Leaf { seq, bytes }),
        SEAL_MARK if bytes.len() == SEAL_BYTES => {
            let (size, root) = bytes.get(1..)?.split_first_chunk::<8>()?;
            let (size, root) = (u64::from_le_bytes(*size), root.try_into().ok()?);
            let root = Digest::from_bytes(root);
            (size == seq).then_some(Frame::Seal { size, root })
        }
        _ => None,
    }
}

/// Whether a readable frame begins anywhere in these bytes, whatever stands before it.
pub(crate) fn contains_frame(bytes: &[u8]) -> bool {
    (0..bytes.len()).any(|at| {
        bytes
            .get(at..)
            .is_some_and(|rest| first_frame(rest).is_ok())
    })
}

#[cfg(test)]
mod tests {
    //! Frames read what they write, and no flipped bit goes unseen.
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_layout_is_fixed() {
        let mut out = Vec::new();
        push_leaf(&mut out, 2, &[LEAF_VERSION, b'x']);
        // The checksum is that of `02 00 00 00 02 00 00 00 00 00 00 00 01 78`.
        let covered = [2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, b'x'];
        let crc = crc32c::crc32c(&covered).to_le_bytes();
        let expect = [&[2, 0, 0, 0], &crc[..], &[2, 0, 0, 0, 0, 0, 0, 0, 1, b'x']].concat();
        assert_eq!(out, expect);
        // RFC 3720 appendix B.4: the checksum of 32 zero bytes.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn every_flipped_bit_of_a_frame_is_seen() {
        let mut leaf = Vec::new();
        push_leaf(&mut leaf, 7, b"\x01some leaf");
        let mut seal = Vec::new();
        push_seal(&mut seal, 8, &Digest::of(b"root"));
        for good in [leaf, seal] {
            assert_eq!(first_frame(&good).unwrap().1, good.len());
            for bit in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(first_frame(&bad).is_err(), "bit {bit}");
            }
            for length in 0..good.len() {
                assert_eq!(first_frame(&good[..length]), Err(FrameError::Short));
            }
        }
    }

    #[test]
    fn names_sort_like_numbers_and_have_one_spelling() {
        assert_eq!(file_name(12), "00000000000000000012.seg");
        assert_eq!(first_seq(&file_name(u64::MAX)), Some(u64::MAX));
        for bad in ["12.seg", "0000000000000000001x.seg", "00000000000000000012"] {
            assert_eq!(first_seq(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = first_frame(&bytes);
        }

        #[test]
        fn a_frame_is_found_behind_anything(
            before in prop::collection::vec(any::<u8>(), 0..50), seq: u64, text in "\\PC{0,20}",
        ) {
            let mut bytes = before;
            push_leaf(&mut bytes, seq, format!("\u{1}{text}").as_bytes());
            prop_assert!(contains_frame(&bytes));
            bytes.pop();
            prop_assert!(!contains_frame(&bytes));
        }
    }
}
