//! The writer's promises, and recovery from every cut.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::thread;

use super::*;
use crate::testing::{self, ORIGIN};
use crate::tree::verify_inclusion;

fn signer() -> NoteSigner {
    NoteSigner::generate(ORIGIN).unwrap()
}

/// The same key again; handles take the signer away.
fn copy_of(signer: &NoteSigner) -> NoteSigner {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    signer.save(&path).unwrap();
    NoteSigner::load(&path).unwrap()
}

fn event(resource: &str) -> NewEvent {
    let body = testing::permit("job.submit", resource);
    NewEvent::new(Actor::Service, "xj", body)
}

fn nth(n: u64) -> NewEvent {
    event(&format!("tenants/xj/scenarios/s{n}"))
}

fn last_segment(log: &Path) -> PathBuf {
    let (segments, _) = directory::list_segments(log).unwrap();
    directory::segment_path(log, *segments.last().unwrap())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join(directory::SEGMENTS)).unwrap();
    for first in directory::list_segments(from).unwrap().0 {
        let copied = directory::segment_path(to, first);
        fs::copy(directory::segment_path(from, first), copied).unwrap();
    }
    let name = directory::CHECKPOINT;
    fs::copy(from.join(name), to.join(name)).unwrap();
}

#[test]
fn a_log_reads_what_was_appended_and_chains_it() {
    let home = tempfile::tempdir().unwrap();
    let log = Log::create(&home.path().join("log"), signer(), ORIGIN).unwrap();
    let one = log.append(nth(1).request_id("r-1")).unwrap();
    let more = log.append_batch(vec![nth(2), nth(3)]).unwrap();
    assert_eq!((one.seq, one.size), (1, 2));
    let places: Vec<_> = more.iter().map(|one| (one.seq, one.size)).collect();
    assert_eq!(places, [(2, 4), (3, 4)]);
    let leaves = log.read(0, 10).unwrap();
    assert_eq!(leaves.len(), 4);
    assert_eq!(leaves[0].body.type_name(), "log.created");
    assert_eq!(leaves[1].request_id.as_deref(), Some("r-1"));
    assert_eq!(leaves[1].hash().unwrap(), one.leaf_hash);
    for pair in leaves.windows(2) {
        assert_eq!(pair[1].prev, Some(pair[0].hash().unwrap()));
        assert!(pair[1].time >= pair[0].time);
    }
    assert_eq!(leaves[1].stream, "tenants/xj");
    assert_eq!((leaves[1].stream_seq, leaves[1].stream_prev), (0, None));
    assert_eq!(leaves[3].stream_seq, 2);
    assert_eq!(leaves[3].stream_prev, Some(leaves[2].hash().unwrap()));
    assert!(log.read(4, 10).unwrap().is_empty());
    let all: Vec<Leaf> = log.leaves(0).map(Result::unwrap).collect();
    assert_eq!(all, leaves);
    assert!(log.append_batch(Vec::new()).unwrap().is_empty());
}

#[test]
fn proofs_hold_under_a_checkpoint_made_now() {
    let home = tempfile::tempdir().unwrap();
    let log = Log::create(home.path(), signer(), ORIGIN).unwrap();
    let appended = log.append_batch((0..10).map(nth).collect()).unwrap();
    let note = log.checkpoint_now().unwrap();
    let checkpoint = Checkpoint::open(&note, log.verifier()).unwrap();
    assert_eq!(checkpoint.size, 11);
    assert_eq!(log.checkpoint_now().unwrap(), note, "a size is signed once");
    let stored = directory::read_checkpoint(home.path()).unwrap();
    assert_eq!(stored, note);
    for one in appended {
        let proof = log.inclusion(one.seq, checkpoint.size).unwrap();
        let (hash, root) = (&one.leaf_hash, &checkpoint.root);
        assert!(verify_inclusion(one.seq, checkpoint.size, hash, &proof, root).is_ok());
    }
    let beyond = log.inclusion(0, 12);
    assert!(matches!(beyond, Err(LogError::Range(_))));
    let beyond = log.receipt(11, &[]);
    assert!(matches!(beyond, Err(LogError::Range(_))));
}

#[test]
fn a_checkpoint_follows_by_itself_within_a_second() {
    let home = tempfile::tempdir().unwrap();
    let log = Log::create(home.path(), signer(), ORIGIN).unwrap();
    log.append(nth(1)).unwrap();
    thread::sleep(Duration::from_secs(1));
    let note = directory::read_checkpoint(home.path()).unwrap();
    assert_eq!(Checkpoint::open(&note, log.verifier()).unwrap().size, 2);
}

#[test]
fn a_bad_event_refuses_its_whole_batch_and_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let log = Log::create(home.path(), signer(), ORIGIN).unwrap();
    let mut long = nth(2);
    long.subject = "x".repeat(crate::leaf::LEAF_BYTES_MAX);
    let refused = log.append_batch(vec![nth(1), long]);
    assert!(matches!(
        refused,
        Err(LogError::Leaf(crate::LeafError::Length(_)))
    ));
    let foreign = NewEvent::new(Actor::Service, "hn", testing::published());
    assert!(matches!(log.append(foreign), Err(LogError::Event(_))));
    let many = vec![nth(1); BATCH_EVENTS_MAX + 1];
    let refused = log.append_batch(many);
    assert!(matches!(refused, Err(LogError::BatchTooLarge)));
    assert_eq!(log.append(nth(1)).unwrap().seq, 1);
    assert_eq!(log.read(1, 1).unwrap()[0].stream_seq, 0);
}

#[test]
fn many_callers_share_batches_and_each_gets_its_own_answer() {
    let home = tempfile::tempdir().unwrap();
    let key = signer();
    let log = Log::create(home.path(), copy_of(&key), ORIGIN).unwrap();
    let callers: Vec<_> = (0..16_u64)
        .map(|caller| {
            let log = log.clone();
            thread::spawn(move || {
                (0..20)
                    .map(|n| (caller * 100 + n, log.append(nth(caller * 100 + n)).unwrap()))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let answers: Vec<_> = callers
        .into_iter()
        .flat_map(|c| c.join().unwrap())
        .collect();
    drop(log);
    let (log, report) = Log::open(home.path(), key).unwrap();
    assert_eq!(report.size, 321);
    for (n, appended) in answers {
        let leaf = log.read(appended.seq, 1).unwrap().remove(0);
        assert_eq!(leaf.subject, format!("tenants/xj/scenarios/s{n}"));
        assert_eq!(leaf.hash().unwrap(), appended.leaf_hash);
    }
}

#[test]
fn files_are_for_the_owner_alone_and_the_directory_for_one_opener() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("log");
    let key = signer();
    let log = Log::create(&path, copy_of(&key), ORIGIN).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join("segments")), 0o700);
    assert_eq!(mode(&path.join("checkpoint")), 0o600);
    assert_eq!(mode(&last_segment(&path)), 0o600);
    let second = Log::open(&path, copy_of(&key));
    assert!(matches!(second, Err(LogError::Locked(_))));
    let again = Log::create(&path, copy_of(&key), ORIGIN);
    assert!(matches!(again, Err(LogError::Exists(_))));
    drop(log);
    Log::open(&path, key).unwrap();
    let stranger = Log::open(&path, signer());
    assert!(matches!(stranger, Err(LogError::Checkpoint(_))));
    let misnamed = Log::create(&home.path().join("b"), signer(), "example.com/other");
    assert!(matches!(misnamed, Err(LogError::Checkpoint(_))));
}

#[test]
fn segments_rotate_and_read_as_one() {
    let home = tempfile::tempdir().unwrap();
    let key = signer();
    drop(Log::create(home.path(), copy_of(&key), ORIGIN).unwrap());
    let (log, _) = Log::open_with(home.path(), copy_of(&key), 2_000).unwrap();
    (0..30).for_each(|n| assert_eq!(log.append(nth(n)).unwrap().seq, n + 1));
    assert!(directory::list_segments(home.path()).unwrap().0.len() > 5);
    let before: Vec<Leaf> = log.leaves(0).map(Result::unwrap).collect();
    drop(log);
    let (log, report) = Log::open(home.path(), key).unwrap();
    assert_eq!((report.size, report.cut), (31, None));
    assert_eq!(log.read(0, 100).unwrap(), before);
}

/// What a test log holds: after which byte of its last segment how many leaves are whole, and where
/// its old checkpoint ends.
struct Grown {
    home: tempfile::TempDir,
    key: NoteSigner,
    /// (end of the batch in the segment, size at its seal), one per acknowledged call.
    acknowledged: Vec<(u64, u64)>,
}

impl Grown {
    fn path(&self) -> PathBuf {
        self.home.path().join("log")
    }
}

/// A log whose checkpoint covers the first call only, as after a crash within the second.
fn grown() -> Grown {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("log");
    let key = signer();
    let log = Log::create(&path, copy_of(&key), ORIGIN).unwrap();
    let old = directory::read_checkpoint(&path).unwrap();
    let end = || fs::metadata(last_segment(&path)).unwrap().len();
    let mut acknowledged = vec![(end(), 1)];
    for batch in [vec![nth(1)], vec![nth(2), nth(3)], vec![nth(4)]] {
        let appended = log.append_batch(batch).unwrap();
        acknowledged.push((end(), appended[0].size));
    }
    drop(log);
    fs::write(path.join(directory::CHECKPOINT), old).unwrap();
    Grown {
        home,
        key,
        acknowledged,
    }
}

#[test]
fn a_cut_at_every_byte_loses_nothing_that_was_sealed_before_it() {
    let grown = grown();
    let original = fs::read(last_segment(&grown.path())).unwrap();
    let (signed_end, _) = grown.acknowledged[0];
    let cuts: Vec<u64> = (0..=original.len() as u64).collect();
    // Most of the time is waiting for the disk, so several copies are tried at once.
    thread::scope(|scope| {
        for (number, part) in cuts.chunks(cuts.len() / 16 + 1).enumerate() {
            let (grown, copied) = (&grown, grown.home.path().join(number.to_string()));
            scope.spawn(move || {
                for cut in part {
                    check_cut(grown, &copied, *cut, signed_end);
                }
            });
        }
    });
}

fn check_cut(grown: &Grown, copied: &Path, cut: u64, signed_end: u64) {
    let _ = fs::remove_dir_all(copied);
    copy(&grown.path(), copied);
    let segment = last_segment(copied);
    let file = OpenOptions::new().write(true).open(&segment).unwrap();
    file.set_len(cut).unwrap();
    match Log::open(copied, copy_of(&grown.key)) {
        Ok((log, report)) if cut >= signed_end => check_survivors(grown, &log, &report, cut),
        // The seal alone is gone: every signed leaf is there with the signed root.
        Ok((_, report)) => assert_eq!((report.size, report.unsealed), (1, 1)),
        Err(LogError::Damaged(_) | LogError::RolledBack { .. }) if cut < signed_end => {
            assert_eq!(
                fs::metadata(&segment).unwrap().len(),
                cut,
                "nothing changed"
            );
        }
        Err(error) => panic!("cut at {cut}: {error}"),
    }
}

fn check_survivors(grown: &Grown, log: &Log, report: &Recovery, cut: u64) {
    let sealed = grown.acknowledged.iter().filter(|(end, _)| *end <= cut);
    let kept = sealed.map(|(_, size)| *size).max().unwrap();
    assert!(report.size >= kept, "cut at {cut}");
    let leaves = log.read(0, 100).unwrap();
    match &report.cut {
        Some(torn) => {
            assert_eq!(torn.offset + torn.bytes, cut);
            assert_eq!(leaves.len() as u64, report.size + 1);
            let EventBody::LogRecovered(body) = &leaves.last().unwrap().body else {
                panic!("the cut at {cut} is not logged");
            };
            assert_eq!((body.cut_bytes, &body.segment), (torn.bytes, &torn.segment));
        }
        None => assert_eq!(leaves.len() as u64, report.size),
    }
    // What was recovered is whole again: it takes more, and opens without a cut.
    log.append(nth(9)).unwrap();
    let path = log.shared.state.path.clone();
    let size = log.size();
    let bytes = fs::read(last_segment(&path)).unwrap();
    let mut replay = crate::replay::Replay::default();
    replay.segment(0, &bytes, |_, _| {}).unwrap();
    assert_eq!((replay.sealed, replay.tree.size()), (size, size));
}

#[test]
fn a_seal_that_was_signed_over_is_not_a_torn_tail() {
    let grown = grown();
    let (signed_end, _) = grown.acknowledged[0];
    let file = OpenOptions::new()
        .write(true)
        .open(last_segment(&grown.path()))
        .unwrap();
    file.set_len(signed_end - 1).unwrap();
    let refused = Log::open(&grown.path(), copy_of(&grown.key)).unwrap_err();
    assert!(matches!(refused, LogError::Damaged(_)), "{refused}");
}

#[test]
fn a_bad_frame_before_a_good_one_is_damage_with_file_and_offset() {
    let grown = grown();
    let segment = last_segment(&grown.path());
    let at = grown.acknowledged[1].0 + 20;
    let mut byte = [0];
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&segment)
        .unwrap();
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    let refused = Log::open(&grown.path(), copy_of(&grown.key)).unwrap_err();
    let expect = format!(
        "segments/00000000000000000000.seg at byte {} (leaf 2)",
        grown.acknowledged[1].0
    );
    assert!(refused.to_string().contains(&expect), "{refused}");
}

#[test]
fn a_log_shorter_than_its_checkpoint_was_rolled_back() {
    let grown = grown();
    let short = grown.home.path().join("short");
    copy(&grown.path(), &short);
    let (log, _) = Log::open(&grown.path(), copy_of(&grown.key)).unwrap();
    drop(log);
    let name = directory::CHECKPOINT;
    fs::copy(grown.path().join(name), short.join(name)).unwrap();
    let file = OpenOptions::new()
        .write(true)
        .open(last_segment(&short))
        .unwrap();
    file.set_len(grown.acknowledged[1].0).unwrap();
    let refused = Log::open(&short, copy_of(&grown.key)).unwrap_err();
    assert!(matches!(
        refused,
        LogError::RolledBack {
            found: 2,
            signed: 5
        }
    ));
    fs::remove_file(short.join(name)).unwrap();
    let refused = Log::open(&short, copy_of(&grown.key)).unwrap_err();
    assert!(matches!(refused, LogError::Unfinished(_)));
}

/// Replaces the open end of a running writer's log by a file that cannot keep what it takes.
fn broken_log(home: &Path, file: File) -> Log {
    let key = signer();
    drop(Log::create(home, copy_of(&key), ORIGIN).unwrap());
    let directory = Directory::lock(home).unwrap();
    let recovered = recovery::recover(&directory, &key.verifier()).unwrap();
    let appender = Appender::new(home.join("broken"), file, 0);
    let writer = writer(directory, key, recovered.chain, appender, recovered.index);
    Log::start(writer).unwrap()
}

#[test]
fn a_failed_write_ends_writing_until_restart() {
    let home = tempfile::tempdir().unwrap();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let log = broken_log(home.path(), full);
    for _ in 0..2 {
        let refused = log.append(nth(1)).unwrap_err();
        assert!(matches!(refused, LogError::ReadOnly(_)), "{refused}");
    }
    assert_eq!(log.size(), 1, "nothing unsure is shown");
    assert_eq!(log.read(0, 10).unwrap().len(), 1, "reading goes on");
}

#[test]
fn a_failed_sync_ends_writing_even_though_the_write_succeeded() {
    let home = tempfile::tempdir().unwrap();
    // The null device takes every write and refuses to be synced.
    let null = OpenOptions::new().write(true).open("/dev/null").unwrap();
    assert!(null.write_all_at(b"x", 0).is_ok() && null.sync_data().is_err());
    let log = broken_log(home.path(), null);
    let refused = log.append(nth(1)).unwrap_err();
    assert!(matches!(refused, LogError::ReadOnly(_)), "{refused}");
    let refused = log.append(nth(1)).unwrap_err();
    assert!(matches!(refused, LogError::ReadOnly(_)), "{refused}");
    assert_eq!(log.size(), 1);
    drop(log);
    let note = directory::read_checkpoint(home.path()).unwrap();
    assert!(note.contains("\n1\n"), "nothing unsure was signed");
}
