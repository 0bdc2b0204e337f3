//! Files changed without the log's key: each kind of tampering, and every byte of a small log.

use std::fs;
use std::thread;

use super::*;
use crate::log::directory::CHECKPOINT;
use crate::segment;

/// A small log with a checkpoint and a signed approval.
fn small() -> (Cast, Written) {
    let cast = cast();
    let written = write(vec![
        testing::registered(CLAIMS, "ybj", 1).into(),
        testing::registered(PERSONS, "gaj", 1).into(),
        testing::submitted().into(),
        testing::approved(&cast.institution, "sjj").into(),
    ]);
    (cast, written)
}

/// Where each frame begins, with its length.
fn frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut frames = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (_, length) = segment::first_frame(&bytes[at..]).unwrap();
        frames.push((at, length));
        at += length;
    }
    frames
}

#[test]
fn every_flipped_byte_of_every_file_is_found_at_its_place() {
    let (cast, written) = small();
    let sound = log_directory(written.path(), &written.key, &cast.trust).unwrap();
    assert!(sound.is_verified());
    let files = [written.segment(), written.path().join(CHECKPOINT)];
    let listed = fs::read_dir(written.path()).unwrap().count();
    assert_eq!(
        listed, 2,
        "the checkpoint and the folder of segments are all"
    );
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let all: Vec<usize> = (0..bytes.len()).collect();
        thread::scope(|scope| {
            for part in all.chunks(bytes.len() / 8 + 1) {
                let (cast, written, file, bytes) = (&cast, &written, &file, &bytes);
                scope.spawn(move || flip_each(cast, written, file, bytes, part));
            }
        });
    }
}

fn flip_each(cast: &Cast, written: &Written, file: &Path, bytes: &[u8], part: &[usize]) {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("segments")).unwrap();
    for source in [written.segment(), written.path().join(CHECKPOINT)] {
        let relative = source.strip_prefix(written.path()).unwrap();
        fs::copy(&source, copy.path().join(relative)).unwrap();
    }
    let relative = file.strip_prefix(written.path()).unwrap();
    let name = relative.to_str().unwrap();
    let frames = if name == CHECKPOINT {
        Vec::new()
    } else {
        frames(bytes)
    };
    for at in part {
        let mut changed = bytes.to_vec();
        changed[*at] ^= 1 << (at % 8);
        fs::write(copy.path().join(relative), changed).unwrap();
        let report = log_directory(copy.path(), &written.key, &cast.trust).unwrap();
        let frame = frames.iter().rev().find(|(start, _)| start <= at);
        let offset = frame.map(|(start, _)| *start as u64);
        let found = report.findings.iter().any(|finding| {
            finding.place.file.as_deref() == Some(name) && finding.place.offset == offset
        });
        assert!(found, "byte {at} of {name}: {:?}", report.findings);
    }
}

/// Rewrites the segment frame by frame; checksums are made right again.
fn tamper(change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Report {
    let (cast, written) = small();
    let bytes = fs::read(written.segment()).unwrap();
    let mut parts: Vec<Vec<u8>> = frames(&bytes)
        .into_iter()
        .map(|(start, length)| bytes[start..start + length].to_vec())
        .collect();
    change(&mut parts);
    fs::write(written.segment(), parts.concat()).unwrap();
    log_directory(written.path(), &written.key, &cast.trust).unwrap()
}

/// The frame of a leaf whose text was changed, with a right checksum.
fn edited(frame: &[u8], from: &str, to: &str) -> Vec<u8> {
    let Ok((segment::Frame::Leaf { seq, bytes }, _)) = segment::first_frame(frame) else {
        panic!("not a leaf");
    };
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.contains(from));
    let mut out = Vec::new();
    segment::push_leaf(&mut out, seq, text.replace(from, to).as_bytes());
    out
}

#[test]
fn the_tamper_matrix() {
    // Frames: leaf 0, seal, leaves 1 to 4, seal.
    let first = |report: Report| report.findings.first().cloned().unwrap();
    let check = |seq: u64, change: fn(&mut Vec<Vec<u8>>)| {
        let finding = first(tamper(change));
        let damaged = (Some(seq), Problem::Damaged);
        assert_eq!((finding.place.seq, finding.problem), damaged, "{finding:?}");
    };
    assert!(tamper(|_| {}).is_verified());
    // edit, with the body's digest left and with a field outside it changed
    check(1, |f| {
        f[2] = edited(&f[2], "\"rows\":1000", "\"rows\":1001")
    });
    check(2, |f| {
        f[2] = edited(&f[2], "karez:service", "karez://xj/a/operator/b")
    });
    // delete: a leaf, a seal, a batch
    check(2, |f| drop(f.remove(3)));
    check(2, |f| drop((f.remove(3), f.remove(3))));
    // insert a copy
    check(2, |f| f.insert(3, f[2].clone()));
    // reorder
    check(2, |f| f.swap(3, 4));
    // move the seal
    check(3, |f| f.swap(4, 6));
}

#[test]
fn truncation_and_a_rewritten_history_are_found() {
    let report = tamper(|frames| frames.truncate(2));
    assert_eq!(problems(&report), [(None, Problem::RolledBack)]);
    let report = tamper(Vec::clear);
    assert_eq!(report.findings[0].problem, Problem::RolledBack);

    // A consistent other history under the old checkpoint.
    let (cast, written) = small();
    let other = write(vec![
        testing::registered(CLAIMS, "ybj", 1).into(),
        testing::registered(PERSONS, "gaj", 2).into(),
        testing::submitted().into(),
        testing::approved(&cast.institution, "sjj").into(),
    ]);
    fs::copy(other.segment(), written.segment()).unwrap();
    let report = log_directory(written.path(), &written.key, &cast.trust).unwrap();
    assert_eq!(problems(&report), [(None, Problem::Rewritten)]);
}

#[test]
fn missing_renamed_and_foreign_files_are_told() {
    let (cast, written) = small();
    let verify = || log_directory(written.path(), &written.key, &cast.trust).unwrap();
    fs::write(written.path().join("notes.txt"), "x").unwrap();
    let report = verify();
    assert!(report.is_verified() && report.not_checked.contains(&NotChecked::OtherFiles));
    let renamed = segment_path(written.path(), 1);
    fs::rename(written.segment(), &renamed).unwrap();
    assert_eq!(verify().findings[0].problem, Problem::Damaged);
    fs::remove_file(&renamed).unwrap();
    assert_eq!(verify().findings[0].problem, Problem::RolledBack);
    fs::remove_file(written.path().join(CHECKPOINT)).unwrap();
    assert_eq!(verify().findings[0].problem, Problem::Missing);
    fs::remove_dir(written.path().join("segments")).unwrap();
    assert_eq!(verify().findings.len(), 2);
    let nowhere = written.path().join("nowhere");
    assert!(log_directory(&nowhere, &written.key, &cast.trust).is_err());
}

#[test]
fn leaves_beyond_the_checkpoint_are_read_and_named_as_unsigned() {
    let cast = cast();
    let (log, home) = open_log(story(&cast));
    let old = log.checkpoint_now().unwrap();
    let key = log.verifier().clone();
    log.append(new_event(testing::published().into())).unwrap();
    drop(log);
    fs::write(home.path().join(CHECKPOINT), old).unwrap();
    let report = log_directory(home.path(), &key, &cast.trust).unwrap();
    assert!(report.is_verified());
    assert_eq!((report.size, report.leaves), (Some(14), 15));
    assert!(report.not_checked.contains(&NotChecked::BeyondCheckpoint));
}
