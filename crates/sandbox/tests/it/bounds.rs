//! Attempts to use more than was given, and to stay.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use sandbox::{Cancel, Error, Limit, Limits, MemoryBy, Policy, Sandbox, Status};

use crate::walls::{Walls, both, limits, skipped, within};
use crate::{PATIENCE, PROGRAM};

const MEBI: u64 = 1 << 20;
const SHORT: Duration = Duration::from_millis(500);

#[test]
fn what_the_host_cannot_hold_is_said() {
    let Some(walls) = Walls::new("probe") else { return };
    let held = walls.sandbox().probe();
    assert_eq!((held.backend, held.not_held, held.missing), ("ns", vec![], vec![]));
    let outcome = walls.run(&["true"], &walls.policy(), &limits());
    assert_eq!((outcome.status, outcome.not_held), (Status::Exited(0), vec![]));
}

#[test]
fn exit_codes_come_back() {
    let Some(walls) = Walls::new("codes") else { return };
    for code in [0, 1, 7, 255] {
        assert_eq!(walls.sh(&format!("exit {code}")).0, Status::Exited(code));
    }
    assert_eq!(walls.sh("kill -9 $$").0, Status::Exited(128 + 9));
}

#[test]
fn what_is_not_to_be_seen_inside_is_an_error_before_anything_runs() {
    let Some(walls) = Walls::new("unseen") else { return };
    let run = |command, policy: &Policy| walls.sandbox().run(&command, policy, &limits(), &Cancel::default()).unwrap_err();
    let tool = walls.outside().join("tool");
    fs::copy("/bin/true", &tool).unwrap();
    let error = run(walls.command(&[tool.to_str().unwrap()]), &walls.policy());
    assert!(matches!(&error, Error::Path { path, .. } if *path == tool), "{error:?}");
    let mut command = walls.command(&["true"]);
    command.cwd = walls.outside();
    assert!(matches!(run(command, &walls.policy()), Error::Path { path, .. } if path == walls.outside()));
    let mut command = walls.command(&["true"]);
    command.env.insert("A".into(), "b\0--bind\0/\0/".into());
    assert!(matches!(run(command, &walls.policy()), Error::Spawn { .. }));
    assert!(matches!(run(walls.command(&["true"]), &Policy::open()), Error::Path { .. }));
}

#[test]
fn a_fork_bomb_is_bounded_and_dies() {
    let Some(walls) = Walls::new("bomb") else { return };
    let program = "
import os, time
children = 0
try:
    while children < 1000:
        if os.fork() == 0: time.sleep(600)
        children += 1
except OSError as error: print(type(error).__name__, children, flush=True)
time.sleep(600)";
    let limits = Limits { tasks: Some(32), ..within(Duration::from_secs(3)) };
    let outcome = walls.run(&["python3", "-c", program], &walls.policy(), &limits);
    assert_eq!(outcome.status, Status::Limited(Limit::Wall));
    assert_eq!(both(&outcome), "BlockingIOError 31\n");
}

#[test]
fn runs_side_by_side_do_not_share_the_number_of_tasks() {
    let Some(walls) = Walls::new("tasks") else { return };
    let script = "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.3 & done; wait; echo all";
    let limits = Limits { tasks: Some(16), ..limits() };
    thread::scope(|scope| {
        let run = || walls.sandbox().run(&walls.command(&["sh", "-c", script]), &walls.policy(), &limits, &Cancel::default());
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        for run in runs {
            assert_eq!(both(&run.join().unwrap().unwrap()), "all\n");
        }
    });
}

fn memory(walls: &Walls, program: &str) {
    let limits = Limits { memory: Some(200 * MEBI), ..limits() };
    let outcome = walls.run(&["python3", "-c", program], &walls.policy(), &limits);
    assert_eq!(outcome.status, Status::Limited(Limit::Memory), "{}", both(&outcome));
    assert!(outcome.usage.peak_memory >= 200 * MEBI, "{:?}", outcome.usage);
    assert_eq!(outcome.memory_by, walls.sandbox().probe().memory_by);
    assert!(outcome.wall < PATIENCE);
}

#[test]
fn memory_is_bounded_in_one_process() {
    let Some(walls) = Walls::new("memory") else { return };
    memory(
        &walls,
        "import time\nblocks = []\nfor _ in range(150): blocks.append(b'x' * (4 << 20)); time.sleep(0.002)\ntime.sleep(600)",
    );
}

#[test]
fn memory_is_bounded_over_many_processes() {
    let Some(walls) = Walls::new("many-memory") else { return };
    memory(
        &walls,
        "import os, time\nfor _ in range(6):\n    if os.fork() == 0: block = b'x' * (60 << 20); time.sleep(600)\ntime.sleep(600)",
    );
}

#[test]
fn memory_is_bounded_in_files_that_nobody_maps() {
    let Some(walls) = Walls::new("memfd") else { return };
    memory(
        &walls,
        "import os, time\nfd = os.memfd_create('x')\nfor _ in range(300): os.write(fd, b'x' * (1 << 20))\ntime.sleep(600)",
    );
}

#[test]
fn memory_is_bounded_in_files_on_their_way_through_a_socket() {
    let Some(walls) = Walls::new("in-flight") else { return };
    if walls.sandbox().probe().memory_by == Some(MemoryBy::Looks) {
        skipped("in-flight: only the kernel counts these, and no cgroup can be had here");
        return;
    }
    // Sent and closed: no process has them open, and no look finds them.
    memory(
        &walls,
        "import os, socket, time\none, two = socket.socketpair()\nfor _ in range(8):\n    fd = os.memfd_create('x')\n    \
         for _ in range(40): os.write(fd, b'x' * (1 << 20))\n    socket.send_fds(one, [b'x'], [fd]); os.close(fd)\ntime.sleep(600)",
    );
}

#[test]
fn what_is_written_under_a_limit_of_the_disk_is_not_memory_of_the_command() {
    let Some(walls) = Walls::new("disk-and-memory") else { return };
    let limits = Limits { memory: Some(64 * MEBI), disk: Some(300 * MEBI), ..limits() };
    let outcome = walls.run(&["sh", "-c", "head -c 150000000 /dev/zero >big; echo done"], &walls.policy(), &limits);
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(0), "done\n".to_owned()), "{:?}", outcome.usage);
    let greedy = "open('big', 'wb').write(bytes(1 << 20) * 50)\nblock = b'x' * (120 << 20)\nimport time; time.sleep(600)";
    let outcome = walls.run(&["python3", "-c", greedy], &walls.policy(), &limits);
    assert_eq!(outcome.status, Status::Limited(Limit::Memory), "{outcome:?}");
}

#[test]
fn a_command_that_goes_on_when_one_of_its_own_ran_out_of_memory_is_ended() {
    let Some(walls) = Walls::new("goes-on") else { return };
    let script = "python3 -c 'block = bytes(1) * (300 << 20)'; echo went on; sleep 600";
    let limits = Limits { memory: Some(100 * MEBI), ..limits() };
    let outcome = walls.run(&["sh", "-c", script], &walls.policy(), &limits);
    assert!(outcome.status == Status::Limited(Limit::Memory) && outcome.wall < PATIENCE, "{outcome:?}");
}

#[test]
fn memory_that_forks_share_counts_once() {
    let Some(walls) = Walls::new("shared") else { return };
    let program = "import os, time\nblock = b'x' * (100 << 20)\nfor _ in range(4):\n    if os.fork() == 0: time.sleep(0.5); os._exit(0)\n\
                   for _ in range(4): os.wait()\nprint('done')";
    let limits = Limits { memory: Some(250 * MEBI), ..limits() };
    let outcome = walls.run(&["python3", "-c", program], &walls.policy(), &limits);
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(0), "done\n".to_owned()));
}

#[test]
fn folders_in_memory_have_a_size() {
    let Some(walls) = Walls::new("tmpfs") else { return };
    let script = "for at in /tmp /dev/shm; do dd if=/dev/zero of=$at/big bs=1M count=80 2>&1 | grep -c 'No space'; rm $at/big; done; \
                  for at in / /dev /run /var; do touch $at/file 2>/dev/null && echo wrote $at; done; true";
    let limits = Limits { memory: Some(64 * MEBI), ..limits() };
    let outcome = walls.run(&["sh", "-c", script], &walls.policy(), &limits);
    assert_eq!((outcome.status, both(&outcome)), (Status::Exited(0), "1\n1\n".to_owned()));
}

#[test]
fn a_file_has_a_size() {
    let Some(walls) = Walls::new("file-size") else { return };
    let limits = Limits { file_size: Some(MEBI), ..limits() };
    walls.run(&["sh", "-c", "head -c 5000000 /dev/zero > big"], &walls.policy(), &limits);
    assert_eq!(fs::metadata(walls.work().join("big")).unwrap().len(), MEBI);
}

#[test]
fn output_is_bounded() {
    let Some(walls) = Walls::new("flood") else { return };
    let limits = Limits { written: Some(MEBI), ..limits() };
    let outcome = walls.run(&["yes"], &walls.policy(), &limits);
    assert_eq!(outcome.status, Status::Limited(Limit::Written));
}

#[test]
fn processor_time_is_bounded_over_many_processes() {
    let Some(walls) = Walls::new("cpu") else { return };
    let limits = Limits { cpu: Some(Duration::from_secs(1)), ..limits() };
    let script =
        "for i in 1 2 3; do (while :; do :; done) & done; while :; do (i=0; while [ $i -lt 9999 ]; do i=$((i+1)); done); done";
    let outcome = walls.run(&["sh", "-c", script], &walls.policy(), &limits);
    assert_eq!(outcome.status, Status::Limited(Limit::Cpu));
    assert!(outcome.wall < PATIENCE);
}

#[test]
fn the_wall_limit_ends_what_ignores_stops_and_holds() {
    let Some(walls) = Walls::new("stubborn") else { return };
    for script in [
        "trap '' TERM INT HUP; while :; do sleep 600; done",
        "sleep 600 & kill -STOP $!; kill -STOP $$",
        "(setsid sleep 600 &); (setsid sleep 600 >/dev/null 2>&1 &); sleep 600",
        "kill -9 -1; sleep 600",
        "kill -9 1; kill -STOP 1; sleep 600",
        "f() { f & f & }; trap '' TERM; f; sleep 600",
    ] {
        let limits = Limits { tasks: Some(64), ..within(SHORT) };
        let outcome = walls.run(&["sh", "-c", script], &walls.policy(), &limits);
        // What kills all it can reach may have ended on its own.
        assert!(matches!(outcome.status, Status::Limited(Limit::Wall) | Status::Exited(_)), "{script}: {outcome:?}");
        assert!(outcome.wall < PATIENCE, "{script}: {outcome:?}");
    }
}

#[test]
fn daemons_do_not_outlive_their_command() {
    let Some(walls) = Walls::new("daemons") else { return };
    let script = "(setsid sh -c 'sleep 600; touch late' &) ; (setsid nohup sleep 600 >/dev/null 2>&1 &); echo done";
    let (status, text) = walls.sh(script);
    assert_eq!((status, text.as_str()), (Status::Exited(0), "done\n"));
}

/// Returns the numbers of all below a process.
fn below(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut at = 0;
    while let Some(pid) = found.get(at) {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        found.extend(children.split_ascii_whitespace().map(|pid| pid.parse::<u32>().unwrap()));
        at += 1;
    }
    found.split_off(1)
}

#[test]
fn the_group_that_a_killed_caller_left_is_removed_by_the_next_start() {
    let Some(walls) = Walls::new("left-group") else { return };
    if walls.sandbox().probe().memory_by == Some(MemoryBy::Looks) {
        skipped("left-group: no cgroup can be had here");
        return;
    }
    let groups = |caller: u32| groups_of(caller, Path::new("/sys/fs/cgroup"));
    let script = "trap '' TERM HUP; sleep 600";
    let work = walls.work();
    let arguments = ["contain-limited", &walls.bench.mark, work.to_str().unwrap(), "600000", "sh", "-c", script];
    let mut caller = Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let processes = |group: &PathBuf| fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default().lines().count();
    // The supervisor, bubblewrap on both sides, and the shell.
    crate::until("it begins", || groups(caller.id()).first().is_some_and(|group| processes(group) >= 4));
    caller.kill().unwrap();
    caller.wait().unwrap();
    // Whoever looks next for a place to make groups removes it.
    let next = Command::new(PROGRAM).args(["contain", &walls.bench.mark, work.to_str().unwrap(), "true"]).output().unwrap();
    assert!(next.status.success(), "{next:?}");
    assert_eq!(groups(caller.id()), Vec::<PathBuf>::new());
}

#[test]
fn nothing_stays_when_the_caller_or_the_supervisor_is_killed() {
    for whom in ["caller", "supervisor", "both"] {
        let Some(walls) = Walls::new(whom) else { return };
        let script = "trap '' TERM HUP; (setsid sleep 600 &); touch begun; sleep 600";
        let arguments = ["contain", &walls.bench.mark, walls.work().to_str().unwrap(), "sh", "-c", script].map(str::to_owned);
        let mut caller = Command::new(PROGRAM).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        crate::until("it begins", || walls.work().join("begun").exists());
        let tree = below(caller.id());
        // The supervisor, bubblewrap on both sides, the shell, and one or two that sleep.
        assert!(tree.len() >= 5, "{tree:?}");
        let doomed = match whom {
            "caller" => vec![caller.id()],
            "supervisor" => vec![tree[0]],
            _ => vec![tree[0], caller.id()],
        };
        let kill = |pid: &u32| nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.cast_signed()), nix::sys::signal::SIGKILL);
        doomed.iter().for_each(|pid| kill(pid).unwrap());
        caller.wait().unwrap();
        crate::until("nothing is left", || tree.iter().all(|pid| !Path::new(&format!("/proc/{pid}")).exists()));
    }
}

/// Returns what this host has mounted.
fn mounts() -> String {
    fs::read_to_string("/proc/self/mounts").unwrap()
}

/// Returns the cgroups below a folder that a process made.
fn groups_of(process: u32, below: &Path) -> Vec<PathBuf> {
    let folders =
        fs::read_dir(below).into_iter().flatten().flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let name = format!("fixwright-{process}-");
    folders
        .flat_map(|entry| {
            let own = entry.file_name().to_string_lossy().starts_with(&name).then(|| entry.path());
            own.into_iter().chain(groups_of(process, &entry.path())).collect::<Vec<_>>()
        })
        .collect()
}

/// Runs many commands, in a row and at once, from a caller of its own, and asserts that nothing of them stays.
fn soak(name: &str, row: u32, at_once: u32) {
    let Some(walls) = Walls::new(name) else { return };
    let (copies, temporary) = (walls.bench.path().join("copies"), walls.bench.path().join("temporary"));
    for folder in [&copies, &temporary] {
        fs::create_dir(folder).unwrap();
    }
    fs::write(walls.work().join("file"), "base").unwrap();
    let before = mounts();
    let caller = Command::new(PROGRAM)
        .args(["many-contained", &walls.bench.mark])
        .args([&walls.work(), &copies])
        .args([row.to_string(), at_once.to_string()])
        .env("TMPDIR", &temporary)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let process = caller.id();
    let output = caller.wait_with_output().unwrap();
    let text = crate::text(&output.stdout);
    let numbers: Vec<u32> = text.split_ascii_whitespace().map(|number| number.parse().unwrap()).collect();
    let &[descriptors, after, children, _] = numbers.as_slice() else { panic!("{output:?}") };
    assert_eq!((after, children), (descriptors, 0));
    assert_eq!((mounts(), groups_of(process, Path::new("/sys/fs/cgroup"))), (before, Vec::new()));
    for (folder, left) in [(walls.work(), 1), (copies, 0), (temporary, 0)] {
        assert_eq!(fs::read_dir(folder).unwrap().count(), left);
    }
    walls.bench.assert_nothing_lives();
}

#[test]
fn many_runs_leave_nothing() {
    soak("many-contained", 60, 12);
}

#[test]
#[ignore = "takes minutes; `cargo xtask test` runs a smaller share"]
fn a_thousand_runs_in_a_row_and_fifty_at_once_leave_nothing() {
    soak("soak", 1000, 50);
}

#[test]
fn descriptors_are_as_many_as_are_looked_at() {
    let Some(walls) = Walls::new("nofile") else { return };
    assert_eq!(walls.sh("ulimit -Hn").1, "4096\n");
}

#[test]
fn walls_that_cannot_be_made_are_an_error_and_no_result() {
    let Some(walls) = Walls::new("set-up") else { return };
    let closed = walls.work().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = walls.command(&["true"]);
    // It is bubblewrap that finds out that it cannot go there.
    command.cwd = closed;
    let error = walls.sandbox().run(&command, &walls.policy(), &limits(), &Cancel::default()).unwrap_err();
    assert!(matches!(&error, Error::SetUp { backend: "ns", says } if says.contains("chdir")), "{error:?}");
}

#[test]
fn a_program_that_cannot_be_started_is_an_error_that_says_why() {
    let Some(walls) = Walls::new("unstartable") else { return };
    let program = walls.work().join("program");
    fs::write(&program, "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let command = walls.command(&["./program"]);
    let error = walls.sandbox().run(&command, &walls.policy(), &limits(), &Cancel::default()).unwrap_err();
    assert!(matches!(&error, Error::Spawn { source, .. } if source.kind() == ErrorKind::NotFound), "{error:?}");
}

#[test]
fn a_contained_run_is_cancelled_from_another_thread() {
    let Some(walls) = Walls::new("cancelled") else { return };
    let cancel = Cancel::default();
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            crate::until("it begins", || walls.work().join("begun").exists());
            cancel.cancel();
        });
        let command = walls.command(&["sh", "-c", "touch begun; setsid sleep 600 & sleep 600"]);
        walls.sandbox().run(&command, &walls.policy(), &within(PATIENCE * 10), &cancel).unwrap()
    });
    assert_eq!(outcome.status, Status::Cancelled);
    assert!(outcome.wall < PATIENCE);
}
