//! Nothing that a command started survives its run.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sandbox::{Limit, MARK, Status};

use crate::{Bench, PATIENCE};

const SHORT: Duration = Duration::from_millis(300);

/// Returns whether the process whose number is in a file is gone, or at least ended (its parent may not have noticed yet).
fn has_ended(file: &Path) -> bool {
    let pid = fs::read_to_string(file).unwrap();
    fs::read_to_string(format!("/proc/{}/stat", pid.trim())).map_or(true, |stat| stat.contains(") Z "))
}

#[test]
fn what_was_left_in_the_background_is_dead_after_the_run() {
    let bench = Bench::new("background");
    let outcome = bench.run_sh("sleep 600 & echo done");
    assert_eq!(outcome.status, Status::Exited(0));
    bench.assert_nothing_lives();
}

#[test]
fn a_daemon_is_dead_after_the_run() {
    let bench = Bench::new("daemon");
    // Forks twice into a new session, ignores what can be ignored, and says when it is there.
    let daemon = "trap \"\" TERM HUP INT; touch there; while :; do sleep 600; done";
    let outcome = bench
        .run_sh(&format!("(setsid sh -c '{daemon}' </dev/null >/dev/null 2>&1 &); while ! [ -e there ]; do :; done; exit 4"));
    assert_eq!(outcome.status, Status::Exited(4));
    bench.assert_nothing_lives();
}

#[test]
fn a_daemon_that_hides_its_environment_is_dead_after_the_run() {
    let bench = Bench::new("hidden");
    bench.run_sh("(env -i setsid sh -c 'echo $$ >pid; exec sleep 600' &); while ! [ -s pid ]; do :; done");
    assert!(has_ended(&bench.path().join("pid")));
}

#[test]
fn a_tree_of_many_is_dead_after_the_run() {
    let bench = Bench::new("tree");
    let outcome = bench.run_sh("for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3 4 5; do setsid sleep 600 & done; sleep 600) & done");
    assert_eq!(outcome.status, Status::Exited(0));
    bench.assert_nothing_lives();
}

#[test]
fn a_chain_of_forks_is_outrun() {
    let bench = Bench::new("chain");
    // Each lives for one fork only.
    let outcome = bench.run(&bench.sh("f() { f & }; f; exec sleep 600"), SHORT);
    assert_eq!(outcome.status, Status::Limited(Limit::Wall));
    bench.assert_nothing_lives();
}

#[test]
fn a_command_that_kills_its_parent_ends_there_and_leaves_nothing() {
    for (signal, number) in [("KILL", 9), ("TERM", 15)] {
        let bench = Bench::new(&format!("parent-{signal}"));
        let outcome = bench.run_sh(&format!("setsid sleep 600 & echo said; kill -{signal} $PPID; exec sleep 600"));
        assert_eq!((outcome.status, outcome.stdout.total), (Status::Signalled(number), 5));
        bench.assert_nothing_lives();
    }
}

#[test]
fn a_command_that_kills_its_parent_and_hides_its_environment_leaves_nothing() {
    let bench = Bench::new("parent-hidden");
    let outcome = bench.run_sh("echo $$ >pid; kill -9 $PPID; exec env -i sleep 600");
    assert_eq!(outcome.status, Status::Signalled(9));
    assert!(has_ended(&bench.path().join("pid")));
}

#[test]
fn a_command_that_stops_its_parent_is_killed_at_the_limit() {
    let bench = Bench::new("stops");
    let outcome = bench.run(&bench.sh("kill -STOP $PPID; sleep 600"), SHORT);
    assert_eq!(outcome.status, Status::Limited(Limit::Wall));
    bench.assert_nothing_lives();

    let outcome = bench.run(&bench.sh("trap '' TERM; setsid sleep 600 & while :; do kill -STOP $PPID; done"), SHORT);
    assert_eq!(outcome.status, Status::Limited(Limit::Wall));
    assert!(outcome.wall < PATIENCE);
    bench.assert_nothing_lives();
}

#[test]
fn a_command_that_signals_its_group_ends_alone() {
    let bench = Bench::new("group");
    assert_eq!(bench.run_sh("kill -9 0").status, Status::Signalled(9));
    assert_eq!(bench.run_sh("trap 'exit 5' USR1; kill -USR1 0; exec sleep 600").status, Status::Exited(5));
    // And to the supervisor's group, which is the session.
    assert_eq!(bench.run_sh("trap '' TERM; kill -TERM -$PPID; exec sleep 600").status, Status::Signalled(15));
    bench.assert_nothing_lives();
}

#[test]
fn sweep_kills_what_carries_the_mark_and_nothing_else() {
    let bench = Bench::new("sweep");
    let start =
        |mark: &str| Command::new("sh").args(["-c", "sleep 600 & wait"]).env(MARK, mark).stdin(Stdio::null()).spawn().unwrap();
    let mark = |rest: &str| format!("{}{rest}", bench.mark);
    let [mut mine, mut other, mut longer]: [Child; 3] =
        [mark("-1-1"), format!("other-{}", mark("-1-1")), mark("x-1-1")].map(|m| start(&m));
    crate::until("they run", || bench.living().len() == 4);

    assert_eq!(sandbox::sweep(&mark("-")), 2);
    mine.wait().unwrap();
    assert!(other.try_wait().unwrap().is_none() && longer.try_wait().unwrap().is_none());
    assert_eq!(sandbox::sweep(""), 0);
    assert_eq!(sandbox::sweep(&mark("-")), 0);

    assert_eq!(sandbox::sweep(&mark("x")), 2);
    assert_eq!(sandbox::sweep(&format!("other-{}", bench.mark)), 2);
    other.wait().unwrap();
    longer.wait().unwrap();
}
