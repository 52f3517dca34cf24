//! A run that was killed, interrupted or out of budget goes on, comes to the same end, and leaves nothing behind.

use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::bench::{Bench, Ran, code};
use crate::ending::{FINDINGS, assert_goes_on, assert_goes_on_with, bench, came_to, differences, undisturbed, undisturbed_with};
use crate::until;

/// Small, and the same for the same seed on every machine.
struct Random(u64);

impl Random {
    /// Returns the next number from 0 up to 1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Lets a moment pass. Not to wait for something: the moment is what is tested.
fn let_pass(moment: Duration) {
    let (_held, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(moment);
}

fn kill_all(bench: &Bench, child: &Child) {
    let _ = kill(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
    for line in bench.living() {
        let _ = kill(Pid::from_raw(line.split(':').next().unwrap().parse().unwrap()), Signal::SIGKILL);
    }
}

/// Kills runs at moments spread over a part of the time that one takes, and asserts that each goes on to the same end.
fn kill_and_go_on(seed: u64, kills: usize, part: Range<f64>, args: &[&str]) {
    eprintln!("seed {seed:#x}");
    let mut random = Random(seed);
    let (expected, took) = undisturbed_with(args);
    for number in 0..kills {
        let bench = bench();
        let before = bench.repo.snapshot();
        // A random moment within its share of the part.
        let share = (number as f64 + random.next()) / kills as f64;
        let moment = took.mul_f64(part.start + share * (part.end - part.start));
        // What dies with it: itself alone, or all that it has started, as when a container is stopped.
        let alone = number % 2 == 0;
        let how = format!("kill {number} after {moment:?} of {took:?}, {}", if alone { "alone" } else { "with all" });
        eprintln!("{how}");
        let mut command = bench.command(["fix", "--json"].iter().chain(args));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let_pass(moment);
        if alone {
            child.kill().unwrap();
        } else {
            kill_all(&bench, &child);
        }
        child.wait().unwrap();
        assert_eq!(bench.repo.snapshot(), before, "{how}");
        assert_goes_on_with(args, &bench, &before, &expected, &how);
    }
}

#[test]
fn killed_at_any_moment_it_comes_to_the_same_end() {
    kill_and_go_on(0x5eed_0003, 12, 0.0..1.0, &[]);
}

#[test]
fn killed_while_it_delivers_many_branches_it_delivers_each_once() {
    kill_and_go_on(0x5eed_0007, 6, 0.6..1.0, &["--deliver", "each"]);
}

#[test]
fn killed_again_and_again_it_repeats_no_recipe_that_is_done() {
    let (expected, took) = undisturbed();
    let all_runs = |bench: &Bench| bench.runs_of("lint") + bench.runs_of("test");
    let alone = bench();
    alone.fix(&[]).document(code::REMAIN);
    let needed = all_runs(&alone);
    let bench = bench();
    let before = bench.repo.snapshot();
    let mut random = Random(0x5eed_0008);
    let (mut kills, mut sessions) = (0, 0);
    // Each life gets a little further, up to the one that comes to the end.
    let document = loop {
        let mut child = bench.command(["fix", "--json"]).spawn().unwrap();
        let_pass(took.mul_f64(0.2 + 0.3 * random.next()));
        let is_last = kills == 20 || child.try_wait().unwrap().is_some();
        if !is_last {
            kill_all(&bench, &child);
            kills += 1;
        }
        let ran = Ran::of(child);
        // One that is killed when all is done and before it has said so leaves nothing to go on with: the next begins anew.
        let begins = ran.stderr.contains("checking out") && !ran.stderr.contains("going on with a run that was stopped");
        sessions += u64::from(begins);
        if is_last {
            break ran.document(code::REMAIN);
        }
    };
    let most = sessions * needed + 2 * kills;
    eprintln!("{kills} kills, {sessions} sessions, {} runs of recipes, at most {most}", all_runs(&bench));
    assert_eq!(differences(&came_to(&bench, &document), &expected), [""; 0]);
    assert_eq!((bench.repo.snapshot(), bench.left()), (before, Vec::new()));
    // Two side by side are lost with each kill at most.
    assert!(all_runs(&bench) <= most);
}

#[test]
fn locks_that_a_killed_git_left_are_no_hindrance() {
    let (expected, _) = undisturbed();
    let bench = bench();
    let name = expected["branches"][0][0].as_str().unwrap();
    let before = bench.repo.snapshot();
    bench.repo.file(format!(".git/refs/heads/{name}.lock"), "");
    assert_goes_on(&bench, &before, &expected, "a lock");
}

#[test]
fn a_second_run_delivers_nothing_twice() {
    let (expected, _) = undisturbed();
    let bench = bench();
    let before = bench.repo.snapshot();
    for how in ["first", "second", "third"] {
        assert_goes_on(&bench, &before, &expected, how);
    }
}

#[test]
fn an_interrupt_stops_at_once_keeps_the_work_and_says_how_to_go_on() {
    let (expected, _) = undisturbed();
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let bench = bench();
        let before = bench.repo.snapshot();
        bench.shut("test");
        let child = bench.command(["fix"]).spawn().unwrap();
        until("the linter has run and the tests wait", || bench.runs_of("lint") == 1 && bench.runs_of("test") == 1);
        until("what the linter gave is kept", || bench.has_kept(1));
        kill(Pid::from_raw(child.id() as i32), signal).unwrap();
        let ran = Ran::of(child);
        assert_eq!(ran.code, Some(code::INTERRUPTED), "{ran:?}");
        assert!(
            ran.stdout.contains("stopped: it was interrupted; the work is kept: give the same command again to go on"),
            "{ran:?}"
        );
        assert_eq!(bench.left(), Vec::<String>::new());
        bench.open("test");
        let ran = assert_goes_on(&bench, &before, &expected, signal.as_str());
        assert!(ran.stderr.contains("going on with a run that was stopped"), "{ran:?}");
    }
}

#[test]
fn an_interrupted_look_goes_on_too() {
    let bench = bench();
    bench.shut("test");
    let child = bench.command(["run"]).spawn().unwrap();
    until("the linter has run and the tests wait", || bench.runs_of("lint") == 1 && bench.runs_of("test") == 1);
    until("what the linter gave is kept", || bench.has_kept(1));
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let ran = Ran::of(child);
    assert_eq!(ran.code, Some(code::INTERRUPTED), "{ran:?}");
    assert!(ran.stderr.contains("help: the work is kept: give the same command again to go on"), "{ran:?}");
    bench.open("test");
    let ran = bench.run(["run"]);
    assert_eq!((ran.code, bench.runs_of("lint"), bench.left()), (Some(code::REMAIN), 1, vec![]), "{ran:?}");
    assert!(ran.stderr.contains("going on with a run that was stopped"), "{ran:?}");
    // One that came to its end is not taken up: who looks again wants to see what is there now.
    assert_eq!((bench.run(["run"]).code, bench.runs_of("lint")), (Some(code::REMAIN), 2));
}

#[test]
fn an_interrupt_from_the_terminal_at_any_moment_is_no_failure() {
    const SEED: u64 = 0x5eed_0130;
    const INTERRUPTS: usize = 8;
    eprintln!("seed {SEED:#x}");
    let mut random = Random(SEED);
    let (expected, took) = undisturbed();
    for number in 0..INTERRUPTS {
        let bench = bench();
        let before = bench.repo.snapshot();
        let moment = took.mul_f64((number as f64 + random.next()) / INTERRUPTS as f64);
        // A terminal sends it to all of the group.
        let child = bench.command(["fix", "--json"]).process_group(0).spawn().unwrap();
        until("it is listening", || bench.listens_to_interrupts(&child));
        let_pass(moment);
        let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGINT);
        let ran = Ran::of(child);
        let how = format!("interrupt {number} after {moment:?}: {:?}", ran.code);
        eprintln!("{how}");
        assert!(matches!(ran.code, Some(code::INTERRUPTED | code::REMAIN)), "{how}\n{}", ran.stderr);
        assert_eq!(bench.left(), Vec::<String>::new(), "{how}");
        assert_goes_on(&bench, &before, &expected, &how);
    }
}

/// Runs it with a budget that is used up while the tests run for the first time.
fn out_of_budget<'a>(bench: &Bench, args: impl IntoIterator<Item = &'a str>) -> Ran {
    const BUDGET: Duration = Duration::from_secs(2);
    bench.shut("test");
    let arguments = ["fix", "--budget-seconds", "2"].into_iter().chain(args);
    let mut child = bench.command(arguments).spawn().unwrap();
    until("the tests wait", || bench.runs_of("test") == 1 || child.try_wait().unwrap().is_some());
    let_pass(BUDGET);
    bench.open("test");
    Ran::of(child)
}

#[test]
fn a_used_up_budget_keeps_the_work() {
    let (expected, _) = undisturbed();
    let alone = bench();
    alone.fix(&[]).document(code::REMAIN);
    let bench = bench();
    let before = bench.repo.snapshot();
    let ran = out_of_budget(&bench, []);
    assert_eq!(ran.code, Some(code::BUDGET), "{ran:?}");
    assert!(
        ran.stdout.contains("stopped: the time budget ran out; the work is kept: give the same command again to go on"),
        "{ran:?}"
    );
    assert_eq!((bench.runs_of("lint"), bench.runs_of("test"), bench.left()), (1, 1, Vec::new()));
    // Neither is repeated: the tests took longer than the budget, and were begun within it.
    assert_goes_on(&bench, &before, &expected, "budget");
    assert_eq!((bench.runs_of("lint"), bench.runs_of("test")), (alone.runs_of("lint"), alone.runs_of("test")));
}

#[test]
fn of_two_at_once_one_works_and_the_other_says_so() {
    let (expected, _) = undisturbed();
    let bench = bench();
    let before = bench.repo.snapshot();
    bench.shut("lint");
    let first = bench.command(["fix", "--json"]).spawn().unwrap();
    until("the first works", || bench.runs_of("lint") == 1);
    for command in ["fix", "run"] {
        let second = bench.run([command]);
        assert_eq!(second.code, Some(code::REPOSITORY), "{second:?}");
        let said = format!("error: another fixwright works on {}", bench.repo.path().display());
        assert!(second.stderr.starts_with(&said) && second.stderr.contains("help: wait for it to end"), "{second:?}");
    }
    bench.open("lint");
    let document = Ran::of(first).document(code::REMAIN);
    assert_eq!(differences(&came_to(&bench, &document), &expected), [""; 0]);
    assert_eq!((bench.repo.snapshot(), bench.left()), (before, Vec::new()));
}

#[test]
fn two_that_start_at_the_same_moment_do_not_disturb_each_other() {
    let (expected, _) = undisturbed();
    for number in 0..6 {
        let bench = bench();
        let before = bench.repo.snapshot();
        // With a data directory of its own nobody knows of the other, and both come to the same branch.
        let apart = number % 2 == 1;
        let other = if apart { bench.repo.beside("other-data") } else { bench.data() };
        let children: Vec<_> = [bench.data(), other.clone()]
            .map(|data| bench.command(["fix", "--json"]).env("FIXWRIGHT_DATA_DIR", data).spawn().unwrap())
            .into_iter()
            .map(Ran::of)
            .collect();
        for ran in &children {
            match ran.code {
                Some(code::REPOSITORY) if !apart => assert!(ran.stderr.contains("another fixwright works on"), "{ran:?}"),
                _ => assert_eq!(differences(&came_to(&bench, &ran.document(code::REMAIN)), &expected), [""; 0], "{number}"),
            }
        }
        assert!(children.iter().any(|ran| ran.code == Some(code::REMAIN)), "{children:?}");
        assert_eq!((bench.repo.snapshot(), bench.left()), (before, Vec::new()), "{number}");
    }
}

#[test]
fn it_goes_on_however_the_repository_is_named() {
    let bench = bench();
    let before = bench.repo.snapshot();
    let ran = out_of_budget(&bench, []);
    assert_eq!(ran.code, Some(code::BUDGET), "{ran:?}");
    let ran = bench.run([OsStr::new("fix"), bench.repo.path().as_os_str()]);
    assert_eq!((ran.code, bench.repo.snapshot()), (Some(code::REMAIN), before), "{ran:?}");
    assert!(ran.stderr.contains("going on with a run that was stopped"), "{ran:?}");
}

#[test]
fn what_was_stopped_is_in_the_report() {
    let bench = bench();
    // The tests are asked only when there is something to prove, so all cases are open by then.
    let ran = out_of_budget(&bench, ["--recipe", "lint"]);
    assert_eq!(ran.code, Some(code::BUDGET), "{ran:?}");
    let report = bench.run(["report", "--json"]).document(code::DONE);
    assert_eq!(report["stopped"], "out_of_budget");
    let cases = report["cases"].as_array().unwrap();
    let findings: usize = cases.iter().map(|case| case["findings"].as_array().unwrap().len()).sum();
    assert_eq!(findings, FINDINGS);
    assert!(cases.iter().all(|case| case["status"] == "pending" && case["reason"] == "out_of_budget"), "{report:#}");
    let ran = bench.run(["show"]);
    assert!(ran.stdout.contains("pending: the time budget ran out (out_of_budget)"), "{ran:?}");
}
