//! What becomes of a run whose caller is killed, measured or watched: the caller is a process of its own here.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::{Bench, PATIENCE, PROGRAM, text};

/// A tree in several sessions and groups that ignores what can be ignored; says where it is when it is there.
const STUBBORN: &str = "trap '' TERM HUP INT; cd \"$0\"; setsid sleep 600 & (setsid sh -c 'touch there; sleep 600' &); sleep 600";

fn start(bench: &Bench) -> Child {
    let folder = bench.path().to_str().unwrap();
    let child = Command::new(PROGRAM)
        .args(["run", &bench.mark, "sh", "-c", STUBBORN, folder])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    crate::until("it is there", || bench.path().join("there").exists());
    child
}

#[test]
fn the_tree_dies_with_its_caller() {
    let bench = Bench::new("caller");
    let mut caller = start(&bench);
    assert!(bench.living().len() >= 4);
    caller.kill().unwrap();
    caller.wait().unwrap();
    crate::until("nothing is left", || bench.living().is_empty());
}

#[test]
fn what_outlives_caller_and_supervisor_is_swept() {
    let bench = Bench::new("orphans");
    let mut caller = start(&bench);
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", caller.id())).unwrap();
    // Both at once, and the supervisor stopped first, so that it sees nothing.
    let script = "kill -STOP \"$1\"; kill -KILL \"$0\" \"$1\"";
    assert!(Command::new("sh").args(["-c", script, &caller.id().to_string(), children.trim()]).status().unwrap().success());
    caller.wait().unwrap();
    assert!(sandbox::sweep(&bench.mark) >= 4);
    bench.assert_nothing_lives();
}

#[test]
fn a_thousand_million_bytes_take_little_memory_and_time() {
    let bench = Bench::new("flooded");
    let started = Instant::now();
    let output = Command::new(PROGRAM).args(["run", &bench.mark, "sh", "-c", "yes | head -c 1000000000"]).output().unwrap();
    let first = text(&output.stdout).lines().next().unwrap();
    let fields: Vec<_> = first.split(' ').collect();
    assert_eq!(fields[..2], ["Exited(0)", "1000000000"]);
    let peak_kb: u64 = fields[2].parse().unwrap();
    assert!(peak_kb < 16 * 1024, "{peak_kb} KB");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn many_runs_leave_no_process_no_descriptor_and_no_file() {
    let bench = Bench::new("many");
    let output = Command::new(PROGRAM).args(["many", &bench.mark]).env("TMPDIR", bench.path()).output().unwrap();
    let numbers: Vec<u32> = text(&output.stdout).split_ascii_whitespace().map(|number| number.parse().unwrap()).collect();
    let &[before, after, children, _] = numbers.as_slice() else { panic!("{output:?}") };
    assert_eq!((after, children), (before, 0));
    assert_eq!(fs::read_dir(bench.path()).unwrap().count(), 0);
    bench.assert_nothing_lives();
}

#[test]
fn a_command_has_no_terminal_where_its_caller_has_one() {
    let bench = Bench::new("terminal");
    let opens = "if (exec 3<>/dev/tty) 2>/dev/null; then echo opened; else echo refused; fi";
    // `script` gives the caller a terminal; the first line is the proof that it has one.
    let caller = format!("{opens}; {PROGRAM} run {} sh -c '{opens}'", bench.mark);
    let output = Command::new("script").args(["-q", "-e", "-c", &caller, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
    let lines: Vec<_> = text(&output.stdout).lines().collect();
    assert_eq!((lines.first(), lines.last()), (Some(&"opened"), Some(&"refused")), "{output:?}");
}

#[test]
fn descriptors_of_the_caller_do_not_reach_the_command() {
    let bench = Bench::new("descriptors");
    // 9 is open in the caller and not closed on exec; the second line is the proof.
    let lists = "ls /proc/self/fd | tr '\\n' ' '";
    let script = format!("exec 9</etc/passwd; {PROGRAM} run {} sh -c \"{lists}\" | tail -n 1; echo; {lists}", bench.mark);
    let output = Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
    let [inside, outside] = text(&output.stdout).lines().collect::<Vec<_>>()[..] else { panic!("{output:?}") };
    // 3 is the listing's own.
    assert_eq!(inside, "0 1 2 3 ");
    assert!(outside.split(' ').any(|fd| fd == "9"), "{outside}");
}
