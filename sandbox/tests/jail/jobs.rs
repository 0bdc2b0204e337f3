//! Life and death of jobs: input, output, verdict, log, usage, runtime, kill, and the death of the service.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use sandbox::{
    Failure, Finished, Jail, KILL_BOUND, LaunchError, Layer, LimitKind, Outcome, WorkerError,
    memfd_from, sealed_copy,
};

use crate::attempts;
use crate::harness::{Test, job};

pub(crate) fn tests() -> Vec<Test> {
    let test = |name, run: fn()| Test::new(name, run);
    vec![
        test("sealed report lists every layer", report),
        test("inputs, several messages, output and verdict", round_trip),
        test("two hundred inputs keep their order", many_inputs),
        test("a large message reaches a slow reader", large_message),
        test("writable and strange inputs are refused", bad_inputs),
        test("async runtimes run", runtimes),
        test("log is bounded and separate", log),
        test(
            "exit codes, panics and missing verdicts are typed",
            failures,
        ),
        test("output is sealed", output_is_sealed),
        test("usage is measured from outside", usage),
        test("environment of a job is empty", environment),
        test("kill from another thread", kill),
        test("drop kills", drop_kills),
        test("a message to a dead worker is not read", dead_worker),
        test("death of the service kills the job", service_dies),
        test("wall-clock limit holds when nobody waits", nobody_waits),
        test(
            "wall-clock limit ends a job within the bound",
            within_the_bound,
        ),
        test("scribbling on every descriptor harms nobody", scribble),
        test("nothing is left of a job", nothing_is_left),
        test("a process with threads is not sealed", threads_refuse),
        test("eight jobs at once", together),
        test("a program that is no worker", deaf),
    ]
}

/// What the worker does is in its first message: a verb, and facts for an attempt.
pub(crate) fn worker() -> ExitCode {
    let Ok(mut jail) = sandbox::enter() else {
        return ExitCode::from(64);
    };
    let message = String::from_utf8(jail.receive().unwrap().unwrap()).unwrap();
    let verb = message.lines().next().unwrap().to_owned();
    let verdict = match verb.split_once('=') {
        Some(("attempt", name)) => {
            let mut facts = attempts::parse(&message);
            facts.insert("output".into(), jail.output.as_raw_fd().to_string());
            match attempts::attempt(name)(&facts) {
                Ok(()) => "reached".to_owned(),
                Err(error) => format!("stopped: {error}"),
            }
        }
        _ => match obey(&verb, &mut jail) {
            Some(verdict) => verdict,
            None => return ExitCode::from(7),
        },
    };
    jail.finish(verdict.as_bytes()).unwrap();
    ExitCode::SUCCESS
}

/// A worker whose author forgot that sealing comes first.
pub(crate) fn threaded_worker() -> ExitCode {
    std::thread::spawn(|| std::thread::sleep(Duration::from_secs(60)));
    worker()
}

/// The verdict of one verb; none means: end with exit code 7 and no verdict.
fn obey(verb: &str, jail: &mut Jail) -> Option<String> {
    match verb {
        "echo" => {
            for input in &jail.inputs {
                let mut bytes = vec![0; usize::try_from(input.metadata().unwrap().len()).unwrap()];
                input.read_exact_at(&mut bytes, 0).unwrap();
                jail.output.write_all(&bytes).unwrap();
            }
            while let Some(message) = jail.receive().unwrap() {
                jail.output.write_all(&message).unwrap();
            }
            Some("echoed".to_owned())
        }
        "slow" => {
            std::thread::sleep(Duration::from_millis(300));
            Some(jail.receive().unwrap().unwrap().len().to_string())
        }
        "runtimes" => Some(run_runtimes()),
        "print" => {
            println!("printed");
            eprintln!("complained");
            let all = (0..4096).try_for_each(|_| {
                std::io::stdout()
                    .write_all(&[b'x'; 1023])
                    .and_then(|()| std::io::stdout().write_all(b"\n"))
            });
            Some(format!("{}", all.is_err()))
        }
        "environment" => Some(
            std::env::vars()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
                .join(" "),
        ),
        "busy" => {
            let memory = vec![1_u8; 128 << 20];
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(300) {}
            Some(
                memory
                    .iter()
                    .step_by(4096)
                    .map(|byte| u64::from(*byte))
                    .sum::<u64>()
                    .to_string(),
            )
        }
        "scribble" => {
            let noise = [0xff_u8; 4096];
            for number in 0..32 {
                for _ in 0..64 {
                    // SAFETY: the bytes are live; numbers that are not open answer with an error.
                    #[expect(unsafe_code, reason = "writes to every descriptor by number")]
                    unsafe {
                        libc::write(number, noise.as_ptr().cast(), noise.len())
                    };
                }
            }
            None
        }
        "panic" => panic!("a panic"),
        "silent" => std::process::exit(0),
        "sleep" => {
            std::thread::sleep(Duration::from_secs(60));
            Some("woke".to_owned())
        }
        _ => None,
    }
}

/// The runtimes a query engine brings: threads, timers, blocking pool, channels.
fn run_runtimes() -> String {
    let work = async {
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    tokio::task::spawn_blocking(move || number).await.unwrap()
                })
            })
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    };
    let several = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .max_blocking_threads(4)
        .enable_time()
        .build();
    let several = several.unwrap().block_on(work);
    let one = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let one = one.block_on(async {
        tokio::time::timeout(Duration::from_millis(1), std::future::pending::<()>()).await
    });
    format!(
        "{several} {} {}",
        one.is_err(),
        std::thread::available_parallelism().is_ok()
    )
}

fn run(verb: &str) -> Finished {
    let mut worker = job("worker").start().unwrap();
    worker.send(verb.as_bytes()).unwrap();
    worker.finish().unwrap()
}

fn verdict(finished: &Finished) -> &str {
    std::str::from_utf8(finished.verdict.as_deref().unwrap_or_default()).unwrap()
}

fn output(finished: &mut Finished) -> Vec<u8> {
    let mut bytes = Vec::new();
    finished.output.read_to_end(&mut bytes).unwrap();
    bytes
}

fn report() {
    let worker = job("worker").start().unwrap();
    assert!(worker.report().is_complete());
    assert_eq!(worker.report().names(), Layer::ALL.map(Layer::name));
    assert!(
        worker
            .report()
            .layers
            .iter()
            .all(|layer| !layer.detail.is_empty())
    );
}

fn round_trip() {
    let mut launch = job("worker");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"file ").unwrap();
    let copy = sealed_copy(&b"copy "[..], 5).unwrap();
    launch.inputs = vec![
        memfd_from(b"memory ").unwrap(),
        File::open(file.path()).unwrap().into(),
        copy,
    ];
    let mut worker = launch.start().unwrap();
    for message in [&b"echo"[..], b"one ", b"two"] {
        worker.send(message).unwrap();
    }
    let mut finished = worker.finish().unwrap();
    assert_eq!(
        (finished.outcome.clone(), verdict(&finished)),
        (Outcome::Completed, "echoed")
    );
    assert_eq!(
        String::from_utf8(output(&mut finished)).unwrap(),
        "memory file copy one two"
    );
}

fn many_inputs() {
    let mut launch = job("worker");
    launch.inputs = (0..200)
        .map(|number| memfd_from(format!("{number},").as_bytes()).unwrap())
        .collect();
    let mut worker = launch.start().unwrap();
    worker.send(b"echo").unwrap();
    let mut finished = worker.finish().unwrap();
    let expect: String = (0..200).map(|number| format!("{number},")).collect();
    assert_eq!(String::from_utf8(output(&mut finished)).unwrap(), expect);
}

fn large_message() {
    let mut worker = job("worker").start().unwrap();
    worker.send(b"slow").unwrap();
    worker.send(&vec![1; sandbox::MAX_JOB_BYTES]).unwrap();
    let too_large = worker.send(&vec![1; sandbox::MAX_JOB_BYTES + 1]);
    assert!(matches!(
        too_large,
        Err(WorkerError::MessageTooLarge { .. })
    ));
    assert_eq!(
        verdict(&worker.finish().unwrap()),
        sandbox::MAX_JOB_BYTES.to_string()
    );
}

fn bad_inputs() {
    let refused = |input: OwnedFd| {
        let mut launch = job("worker");
        launch.inputs = vec![memfd_from(b"good").unwrap(), input];
        launch.start().unwrap_err()
    };
    let writable = tempfile::tempfile().unwrap();
    assert!(matches!(
        refused(writable.into()),
        LaunchError::InputWritable { index: 1 }
    ));
    let directory = File::open("/").unwrap();
    assert!(matches!(
        refused(directory.into()),
        LaunchError::InputNotAFile { index: 1 }
    ));
    let (socket, _) = std::os::unix::net::UnixStream::pair().unwrap();
    assert!(matches!(
        refused(socket.into()),
        LaunchError::InputNotAFile { index: 1 }
    ));
    assert!(sealed_copy(&b"toolong"[..], 6).is_err());
}

fn runtimes() {
    assert_eq!(verdict(&run("runtimes")), "120 true true");
}

fn log() {
    let finished = run("print");
    let log = finished.log.reveal();
    assert!(log.starts_with(b"printed\ncomplained\n"));
    assert!(log.len() <= usize::try_from(sandbox::MAX_LOG_BYTES).unwrap());
    assert_eq!(
        verdict(&finished),
        "true",
        "writing beyond the bound is an error for the job"
    );
    assert_eq!(format!("{:?}", finished.log), "…");
}

fn failures() {
    let check = |verb, expect| assert_eq!(run(verb).outcome, Outcome::Failed(expect), "{verb}");
    check("no such verb", Failure::Exit(7));
    check("panic", Failure::Exit(101));
    check("silent", Failure::NoVerdict);
}

fn output_is_sealed() {
    let mut worker = job("worker").start().unwrap();
    worker.send(b"echo").unwrap();
    worker.send(b"result").unwrap();
    let mut finished = worker.finish().unwrap();
    assert!(finished.output.write_all(b"changed").is_err());
    assert!(finished.output.set_len(0).is_err());
    assert_eq!(output(&mut finished), b"result");
}

fn usage() {
    let used = run("busy").usage.unwrap();
    assert!(used.cpu >= Duration::from_millis(200), "{used:?}");
    assert!(
        (128 << 20..256 << 20).contains(&used.peak_memory_bytes),
        "{used:?}"
    );
}

fn environment() {
    assert_eq!(verdict(&run("environment")), "MALLOC_ARENA_MAX");
}

fn kill() {
    let mut worker = job("worker").start().unwrap();
    worker.send(b"sleep").unwrap();
    let killer = worker.killer();
    let started = Instant::now();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        killer.kill();
        killer
    });
    assert_eq!(worker.finish().unwrap().outcome, Outcome::Cancelled);
    assert!(started.elapsed() < KILL_BOUND);
    thread.join().unwrap().kill();
}

fn drop_kills() {
    let marker = marker("drop");
    let worker = job(&marker).start().unwrap();
    assert_eq!(alive(&marker), 3, "supervisor, init and worker");
    drop(worker);
    assert_eq!(alive(&marker), 0);
}

fn nobody_waits() {
    let marker = marker("unattended");
    let mut launch = job(&marker);
    launch.limits.wall = Duration::from_millis(200);
    let mut worker = launch.start().unwrap();
    worker.send(b"sleep").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert!(alive(&marker) > 0);
    std::thread::sleep(Duration::from_millis(1600));
    // The supervisor itself stays as a zombie, without arguments, until it is waited for.
    assert_eq!(alive(&marker), 0);
}

fn within_the_bound() {
    let mut launch = job("worker");
    launch.limits.wall = Duration::from_millis(300);
    let mut worker = launch.start().unwrap();
    let started = Instant::now();
    worker.send(b"sleep").unwrap();
    assert_eq!(
        worker.finish().unwrap().outcome,
        Outcome::LimitExceeded(LimitKind::WallClock)
    );
    assert!(started.elapsed() < Duration::from_millis(300) + KILL_BOUND);
}

/// More than the report pipe, the verdict's limit and the log hold; the launcher keeps no more than their bounds.
fn scribble() {
    let finished = run("scribble");
    assert_eq!(
        (finished.outcome, finished.verdict),
        (Outcome::Failed(Failure::Exit(7)), None)
    );
    assert!(finished.log.reveal().len() <= usize::try_from(sandbox::MAX_LOG_BYTES).unwrap());
    assert!(finished.output.metadata().unwrap().len() <= 1 << 20);
}

fn nothing_is_left() {
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let segments = || std::fs::read_dir("/dev/shm").map_or(0, Iterator::count);
    let mounts = || std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    let marker = marker("leftover");
    let before = (open(), segments(), mounts());
    for _ in 0..4 {
        let mut worker = job(&marker).start().unwrap();
        worker.send(b"busy").unwrap();
        assert_eq!(worker.finish().unwrap().outcome, Outcome::Completed);
        assert_eq!(alive(&marker), 0);
    }
    assert_eq!(before, (open(), segments(), mounts()));
}

fn threads_refuse() {
    match job("threaded").start() {
        Err(LaunchError::LayerMissing(missing)) => assert_eq!(missing.layer, Layer::Namespaces),
        other => panic!("{other:?}"),
    }
}

fn dead_worker() {
    let mut worker = job("worker").start().unwrap();
    worker.killer().kill();
    std::thread::sleep(Duration::from_millis(100));
    assert!(matches!(worker.send(b"echo"), Err(WorkerError::NotRead)));
    assert_eq!(worker.finish().unwrap().outcome, Outcome::Cancelled);
}

/// A stand-in for the service: starts a job, says so, and waits to be killed.
pub(crate) fn orphan(marker: &str) -> ExitCode {
    let mut worker = job(marker).start().unwrap();
    worker.send(b"sleep").unwrap();
    println!("started");
    std::thread::sleep(Duration::from_secs(60));
    drop(worker);
    ExitCode::SUCCESS
}

fn service_dies() {
    let marker = marker("orphan");
    let mut service = Command::new("/proc/self/exe");
    let mut service = service
        .arg(format!("orphan={marker}"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    service
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut [0; 8])
        .unwrap();
    assert_eq!(
        alive(&marker),
        3 + 1,
        "the service itself has the marker too"
    );
    service.kill().unwrap();
    service.wait().unwrap();
    let bound = Instant::now() + KILL_BOUND;
    while alive(&marker) > 0 {
        assert!(Instant::now() < bound, "the job outlived the service");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn marker(test: &str) -> String {
    format!("worker={test}-{}", std::process::id())
}

/// How many processes have the marker in their arguments.
fn alive(marker: &str) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let arguments =
        processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    arguments
        .filter(|bytes| String::from_utf8_lossy(bytes).contains(marker))
        .count()
}

fn together() {
    let threads: Vec<_> = (0..8)
        .map(|_| std::thread::spawn(|| verdict(&run("runtimes")).to_owned()))
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), "120 true true");
    }
}

fn deaf() {
    let error = job("deaf").start().unwrap_err();
    assert!(
        matches!(&error, LaunchError::Died { status } if status.contains('3')),
        "{error}"
    );
}
