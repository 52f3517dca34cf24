//! The disk with the data directory is full: an error that says so, and a run that goes on when there is room.

use std::fs;
use std::process::{Command, Stdio};

use crate::bench::{Bench, code};
use crate::ending::{bench, came_to, differences, undisturbed};

/// Runs twice in a mount namespace of its own, where the data directory is a small disk that is made larger in between.
const SCRIPT: &str = r#"
mount -t tmpfs -o "size=$1" none "$DATA" || exit 99
"$PROGRAM" fix --json >"$OUT/first.json" 2>"$OUT/first.txt"; echo $? >"$OUT/first.code"
mount -o remount,size=64m none "$DATA" || exit 98
"$PROGRAM" fix --json >"$OUT/second.json" 2>"$OUT/second.txt"; echo $? >"$OUT/second.code"
cd "$DATA" && find . >"$OUT/left"
"#;

/// Returns the command that runs something as root of a namespace with mounts of its own, `None` where this machine lets nobody.
fn namespace() -> Option<Command> {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c"]);
    let mut probe = Command::new("unshare");
    probe.args(["--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none /tmp"]).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success()).then_some(command)
}

/// Returns how the first run ended: the code and what it said.
fn with_room_for(size: &str, expected: &serde_json::Value, before: &str, bench: &Bench) -> (i32, String) {
    let out = bench.repo.beside("out");
    fs::create_dir(&out).unwrap();
    fs::create_dir(bench.data()).unwrap();
    let template = bench.command(["unused"]);
    let mut command = namespace().unwrap();
    command.args([SCRIPT, "sh", size]).current_dir(bench.repo.path()).env_clear();
    command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // Root of such a namespace is nobody who could become somebody else.
    command.env("FIXWRIGHT_SANDBOX_BACKEND", "none");
    command.env("DATA", bench.data()).env("OUT", &out).env("PROGRAM", env!("CARGO_BIN_EXE_fixwright"));
    let status = command.status().unwrap();
    assert!(status.success(), "{status}");
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let code_of = |name: &str| read(name).trim().parse::<i32>().unwrap();
    let (first, said) = (code_of("first.code"), read("first.txt"));
    assert!(!said.contains("panicked"), "{size}: {said}");
    assert_eq!(code_of("second.code"), code::REMAIN, "{size}: {said}\n{}", read("second.txt"));
    let document = serde_json::from_str(&read("second.json")).unwrap();
    assert_eq!(differences(&came_to(bench, &document), expected), [""; 0], "{size}: {said}\n{}", read("second.txt"));
    assert_eq!(bench.repo.snapshot(), before, "{size}");
    let left = read("left");
    let temporary = |line: &&str| [".tmp", "tmp_", ".lock", "-wal", "-shm", "/work/"].iter().any(|part| line.contains(part));
    assert_eq!(left.lines().filter(temporary).collect::<Vec<_>>(), [""; 0], "{size}");
    assert_eq!(bench.left(), Vec::<String>::new());
    (first, said)
}

#[test]
fn a_full_disk_is_an_error_that_says_so_and_it_goes_on_when_there_is_room() {
    if namespace().is_none() {
        eprintln!("SKIPPED: no small disk can be mounted here (`unshare --map-root-user --mount` is not allowed)");
        return;
    }
    let (expected, _) = undisturbed();
    let mut full = 0;
    // From one that holds nothing to one that holds nearly all: it runs full at another step each time.
    for size in ["4k", "64k", "128k", "192k", "256k", "320k", "384k", "448k", "512k", "640k", "768k", "1m"] {
        let bench = bench();
        let before = bench.repo.snapshot();
        let (code, said) = with_room_for(size, &expected, &before, &bench);
        eprintln!("{size}: exit code {code}: {}", said.lines().find(|line| line.starts_with("error")).unwrap_or("-"));
        match code {
            code::ENVIRONMENT => {
                assert!(said.contains("error: ") && said.contains("help: the disk is full: make room"), "{size}: {said}");
                full += 1;
            }
            code => assert_eq!(code, code::REMAIN, "{size}: {said}"),
        }
    }
    assert!(full >= 4, "a disk of half a megabyte is enough for everything?");
}
