//! Output is bounded, and is waited for no longer than the command lives.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::thread;
use std::time::Duration;

use sandbox::{Cancel, Limit, Limits, Policy, Sandbox, Status};

use crate::{Bench, PATIENCE, text};

const SHORT: Duration = Duration::from_millis(300);

#[test]
fn both_ends_of_both_streams_are_kept() {
    let bench = Bench::new("ends");
    let limits = Limits::new(PATIENCE, 40);
    let outcome =
        bench.sandbox().run(&bench.sh("seq 1 100000; seq 1 5 >&2"), &Policy::open(), &limits, &Cancel::default()).unwrap();
    assert_eq!(outcome.stdout.total, 588_895);
    let expected = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n[… 588862 bytes left out …]\n99999\n100000\n";
    assert_eq!(text(&outcome.stdout.text()).lines().next_back(), expected.lines().next_back());
    assert!(text(&outcome.stdout.text()).starts_with("1\n2\n3\n4\n5\n6\n7\n8\n9\n"));
    assert_eq!(text(&outcome.stderr.text()), "1\n2\n3\n4\n5\n");
}

#[test]
fn a_held_pipe_holds_no_one() {
    let bench = Bench::new("held");
    let outcome = bench.run_sh("(setsid sleep 600 &); echo last words");
    assert_eq!((outcome.status, text(&outcome.stdout.head)), (Status::Exited(0), "last words\n"));
    bench.assert_nothing_lives();
}

/// Runs a command, and gives the other end of its output to `with` while it runs; it ends when `with` says so.
fn with_foreign_writer(bench: &Bench, with: impl FnOnce(File) + Send) -> sandbox::Outcome {
    let (pid, go) = (bench.path().join("pid"), bench.path().join("go"));
    thread::scope(|scope| {
        scope.spawn(|| {
            crate::until("it runs", || fs::read_to_string(&pid).is_ok_and(|pid| pid.ends_with('\n')));
            let pid = fs::read_to_string(&pid).unwrap();
            let output = format!("/proc/{}/fd/1", pid.trim());
            // 0o4000 is O_NONBLOCK.
            let pipe = File::options().write(true).custom_flags(0o4000).open(output).unwrap();
            File::create(&go).unwrap();
            with(pipe);
        });
        bench.run_sh("echo $$ >pid; while ! [ -e go ]; do :; done; echo last words")
    })
}

#[test]
fn a_pipe_held_by_a_stranger_holds_no_one() {
    let bench = Bench::new("stranger");
    let outcome = with_foreign_writer(&bench, |pipe| {
        // Held until the run is over, or for ever.
        crate::until("the run is over", || bench.living().is_empty());
        drop(pipe);
    });
    assert_eq!((outcome.status, text(&outcome.stdout.head)), (Status::Exited(0), "last words\n"));
}

#[test]
fn a_stranger_that_floods_the_pipe_holds_no_one() {
    let bench = Bench::new("flood");
    let outcome = with_foreign_writer(&bench, |mut pipe| {
        // Ends when no one is left to read.
        while !matches!(pipe.write(&[b'x'; 4096]), Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe) {}
    });
    assert_eq!(outcome.status, Status::Exited(0));
}

#[test]
fn output_without_end_is_stopped_at_the_limit() {
    let bench = Bench::new("endless");
    let outcome = bench.run(&bench.sh("yes & yes >&2"), SHORT);
    assert_eq!(outcome.status, Status::Limited(Limit::Wall));
    assert_eq!((outcome.stdout.head.len(), outcome.stdout.tail.len()), (512 * 1024, 512 * 1024));
    assert!(outcome.wall < PATIENCE && outcome.stderr.total > 0);
    bench.assert_nothing_lives();
}

#[test]
fn a_flood_is_ended_at_its_limit() {
    let bench = Bench::new("flood-limit");
    let limits = Limits { written: Some(1 << 20), ..Limits::new(PATIENCE * 10, 40) };
    let outcome = bench.sandbox().run(&bench.sh("yes & yes >&2"), &Policy::open(), &limits, &Cancel::default()).unwrap();
    assert_eq!(outcome.status, Status::Limited(Limit::Written));
    assert!(outcome.stdout.total + outcome.stderr.total > 1 << 20);
    assert!(outcome.wall < PATIENCE);
    bench.assert_nothing_lives();
}
