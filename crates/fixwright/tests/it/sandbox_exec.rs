//! One command behind walls, as `fixwright sandbox exec` gives it to people and programs. What the walls hold in detail is tested in the crate
//! `sandbox`; here is what goes through the command line, and comes back.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;
use testkit::Repo;

use crate::bench::{Bench, Ran, backend, code};
use crate::{PATIENCE, until};

const TOO_LONG: i32 = 124;
const KILLED: i32 = 137;
const NOT_FOUND: i32 = 127;

/// A work folder beside what must not be touched.
struct Work {
    bench: Bench,
}

impl Work {
    /// `None` where this machine makes no walls.
    fn new() -> Option<Self> {
        if backend() == "none" {
            eprintln!("SKIPPED: no walls are asked for here (FIXWRIGHT_SANDBOX_BACKEND=none)");
            return None;
        }
        let bench = Bench::new(Repo::new());
        fs::create_dir(bench.repo.beside("work")).unwrap();
        fs::write(bench.repo.beside("secret"), "hush-hush\n").unwrap();
        Some(Self { bench })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bench.repo.beside("work").join(name)
    }

    fn exec(&self, options: &[&str], argv: &[&str]) -> Ran {
        let work = self.path("");
        let exec = ["sandbox", "exec", "--cwd", work.to_str().unwrap()];
        self.bench.run(exec.iter().chain(options).chain(&["--"]).chain(argv))
    }

    fn sh(&self, options: &[&str], script: &str) -> Ran {
        self.exec(options, &["sh", "-c", script])
    }

    /// Runs a script, and returns the exit code and what came of it as JSON.
    fn document(&self, options: &[&str], script: &str) -> (Option<i32>, Value) {
        let file = self.bench.repo.beside("out.json");
        let ran = self.sh(&[options, &["--json", file.to_str().unwrap()]].concat(), script);
        (ran.code, serde_json::from_str(&fs::read_to_string(&file).unwrap_or_else(|_| panic!("{ran:?}"))).unwrap())
    }
}

#[test]
fn exit_code_and_output_are_passed_on_and_the_folder_is_written() {
    let Some(work) = Work::new() else { return };
    let ran = work.sh(&[], "pwd; echo said >&2; echo made >made; exit 7");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(7), "said\n"));
    assert_eq!(PathBuf::from(ran.stdout.trim()), fs::canonicalize(work.path("")).unwrap());
    assert_eq!(fs::read_to_string(work.path("made")).unwrap(), "made\n");
    // Whoever it ran as, what it made belongs to whom the folder belongs to.
    assert_eq!(fs::metadata(work.path("made")).unwrap().uid(), fs::metadata(work.path("")).unwrap().uid());
    assert_eq!(work.sh(&[], "kill -9 $$").code, Some(KILLED));
    assert_eq!((work.exec(&[], &["no-such-program"]).code, work.bench.living()), (Some(NOT_FOUND), Vec::new()));
}

#[test]
fn what_came_of_it_is_said_to_programs() {
    let Some(work) = Work::new() else { return };
    let (code, document) = work.document(&["--output-kb", "1"], "printf abc; printf xy >&2; exit 3");
    assert_eq!(
        (code, &document["status"], &document["signal"], &document["limit"]),
        (Some(3), &Value::from(3), &Value::Null, &Value::Null)
    );
    assert_eq!((&document["backend"], &document["cancelled"]), (&Value::from("ns"), &Value::from(false)));
    assert!(
        document["not_held"].is_array()
            && document["memory_by"].is_string()
            && document["usage"]["peak_memory_bytes"].as_u64().unwrap() > 0,
        "{document}"
    );
    let whole = serde_json::json!({ "bytes": 3, "head": "abc", "tail": "", "left_out": 0 });
    assert_eq!((&document["stdout"], &document["stderr"]["head"]), (&whole, &Value::from("xy")));
    let (code, document) = work.document(&["--output-kb", "1"], "yes");
    assert_eq!((code, &document["limit"]), (Some(KILLED), &Value::from("output")), "{document}");
    assert_eq!(document["stdout"]["bytes"].as_u64().unwrap() - document["stdout"]["left_out"].as_u64().unwrap(), 1024);
}

#[test]
fn nothing_is_run_when_what_came_of_it_could_not_be_said() {
    let Some(work) = Work::new() else { return };
    let ran = work.sh(&["--json", work.path("no/such/folder").to_str().unwrap()], "touch made");
    assert!(ran.code == Some(code::USAGE) && ran.stderr.contains("--json FILE"), "{ran:?}");
    assert!(!work.path("made").exists());
}

#[test]
fn the_limit_that_ended_it_is_named() {
    let Some(work) = Work::new() else { return };
    let started = Instant::now();
    for (options, script, code, says) in [
        (["--wall", "0.5"], "trap '' TERM; sleep 600 & sleep 600", TOO_LONG, "time (0.5 s)"),
        (["--cpu", "1"], "while :; do :; done", KILLED, "processor time (1 s)"),
        (["--memory-mb", "40"], "x=$(head -c 90000000 /dev/zero | tr '\\0' x); sleep 600", KILLED, "memory (40 MB)"),
        (["--output-kb", "8"], "yes", KILLED, "output (8 kB)"),
    ] {
        let ran = work.sh(&options, script);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.stderr.ends_with(&format!("fixwright: the limit of {says} ended it\n")), "{ran:?}");
        assert_eq!(work.bench.living(), Vec::<String>::new(), "{script}");
    }
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn what_it_gets_no_more_of_fails_in_it() {
    let Some(work) = Work::new() else { return };
    let ran = work.sh(&["--disk-mb", "2"], "head -c 9000000 /dev/zero >large; echo $?");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "1\n"), "{ran:?}");
    assert!(ran.stderr.ends_with("fixwright: the limit of disk space (2 MB) was used up\n"), "{ran:?}");
    assert!((1 << 20..=2 << 20).contains(&fs::metadata(work.path("large")).unwrap().len()));
    let (code, document) = work.document(&["--disk-mb", "2"], "head -c 9000000 /dev/zero >large 2>&1 || exit 5");
    assert_eq!((code, &document["status"], &document["limit"]), (Some(5), &Value::from(5), &Value::from("disk")));
    fs::remove_file(work.path("large")).unwrap();
    let ran = work.sh(&["--tasks", "20"], "for i in $(seq 100); do sleep 5 & done; wait");
    assert!(ran.code != Some(0) && ran.stderr.contains("fork"), "{ran:?}");
}

#[test]
fn it_reads_and_writes_what_is_named_and_nothing_else() {
    let Some(work) = Work::new() else { return };
    let beside = |name: &str| work.bench.repo.beside(name);
    let secret = beside("secret");
    let look = format!("cat '{0}'; echo x >>'{0}'; ls '{1}'", secret.display(), beside("home").display());
    fs::write(beside("home").join("key"), "hush-hush").unwrap();
    let ran = work.sh(&[], &look);
    assert!(ran.code != Some(0) && !ran.stdout.contains("hush") && !ran.stdout.contains("key"), "{ran:?}");
    let ran = work.sh(&["--read", secret.to_str().unwrap()], &look);
    assert!(ran.stdout.contains("hush-hush") && ran.stderr.contains("Read-only"), "{ran:?}");
    assert_eq!(fs::read_to_string(&secret).unwrap(), "hush-hush\n");
    let back = work.path("").join("../secret");
    assert!(work.sh(&["--read", back.to_str().unwrap()], &look).stdout.contains("hush-hush"));
    let more = beside("gates");
    assert_eq!(work.sh(&["--write", more.to_str().unwrap()], &format!("echo x >'{}/made'", more.display())).code, Some(0));
    assert!(more.join("made").is_file());
    fs::create_dir_all(work.path(".git/hooks")).unwrap();
    fs::write(work.path("kept"), "kept\n").unwrap();
    let ran = work.sh(&["--protect", "kept"], "echo x >kept; echo x >.git/hooks/pre-commit; echo x >.git/config; echo x >free");
    assert_eq!(ran.stderr.matches("Read-only").count(), 3, "{ran:?}");
    assert!(fs::read_to_string(work.path("kept")).unwrap() == "kept\n" && work.path("free").is_file());
    assert_eq!(work.sh(&["--protect", "missing"], ":").code, Some(code::USAGE));
}

#[test]
fn it_sees_no_variable_but_harmless_ones_and_those_that_are_named() {
    let Some(work) = Work::new() else { return };
    let work_folder = work.path("");
    let args = [
        "sandbox",
        "exec",
        "--cwd",
        work_folder.to_str().unwrap(),
        "--env",
        "ONE",
        "--env",
        "TWO=2",
        "--",
        "sh",
        "-c",
        "cat /proc/*/environ | tr '\\0' '\\n'",
    ];
    let mut command = work.bench.command(args);
    command.envs([("ONE", "first"), ("OTHER_TOKEN", "hush-hush"), ("SSH_AUTH_SOCK", "/hush-hush")]);
    let ran = Ran::of(command.spawn().unwrap());
    let has = |line: &str| ran.stdout.lines().any(|other| other == line);
    assert!(has("ONE=first") && has("TWO=2") && !ran.stdout.contains("hush-hush"), "{ran:?}");
}

#[test]
fn the_network_of_this_machine_is_reached_only_when_that_is_said() {
    let Some(work) = Work::new() else { return };
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let greeter = std::thread::spawn(move || server.accept().unwrap().0.write_all(b"hello\n").unwrap());
    let ask = format!("import socket; print(socket.create_connection(('127.0.0.1', {port}), 5).recv(6))");
    let own =
        "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname(), 5); print('own')";
    let python = |options: &[&str], script: &str| work.exec(options, &["/usr/bin/python3", "-c", script]);
    assert_eq!(python(&[], own).stdout, "own\n");
    assert!(python(&[], &ask).stderr.contains("refused"));
    assert_eq!(python(&["--network", "full"], &ask).stdout, "b'hello\\n'\n");
    greeter.join().unwrap();
}

#[test]
fn without_walls_it_says_so() {
    let bench = Bench::new(Repo::new());
    let file = bench.repo.beside("out.json");
    let ran = bench.run(["sandbox", "exec", "--backend", "none", "--json", file.to_str().unwrap(), "--", "sh", "-c", "exit 5"]);
    let document: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!((ran.code, &document["backend"]), (Some(5), &Value::from("none")), "{ran:?}");
    assert!(document["not_held"].as_array().unwrap().contains(&Value::from("file writes")));
    // What it cannot hold is not taken for held because it was asked for.
    let ran = bench.run(["sandbox", "exec", "--backend", "none", "--memory-mb", "100", "--", "true"]);
    assert!(ran.code == Some(code::ENVIRONMENT) && ran.stderr.contains("memory"), "{ran:?}");
}

#[test]
fn nothing_is_left_when_it_is_killed_or_interrupted() {
    let Some(work) = Work::new() else { return };
    for signal in [nix::libc::SIGKILL, nix::libc::SIGTERM] {
        let folder = work.path("");
        let script = "echo >started; sleep 600";
        let args = ["sandbox", "exec", "--cwd", folder.to_str().unwrap(), "--", "sh", "-c", script];
        let child = work.bench.command(args).spawn().unwrap();
        until("it works", || work.path("started").is_file());
        let signal = nix::sys::signal::Signal::try_from(signal).unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        let ran = Ran::of(child);
        assert_eq!(ran.code, (signal == nix::sys::signal::Signal::SIGTERM).then_some(code::INTERRUPTED), "{ran:?}");
        until("nothing is left", || work.bench.living().is_empty());
        fs::remove_file(work.path("started")).unwrap();
    }
}
