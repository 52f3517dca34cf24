//! How a command ends, and what it was given.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use std::{fs, thread};

use sandbox::{Cancel, Error, Hold, Limit, Limits, Policy, Sandbox, Status};

use crate::{Bench, PATIENCE, text};

const SHORT: Duration = Duration::from_millis(300);
const LIMITS: Limits = Limits::new(Duration::from_secs(300), 1024);

#[test]
fn exit_codes_come_back_and_so_does_the_output() {
    let bench = Bench::new("exit");
    for code in [0, 1, 7, 128 + 9, 255] {
        let outcome = bench.run_sh(&format!("echo out; echo err >&2; exit {code}"));
        assert_eq!(outcome.status, Status::Exited(code));
        assert_eq!((text(&outcome.stdout.head), text(&outcome.stderr.head)), ("out\n", "err\n"));
        assert_eq!(outcome.backend, "none");
        assert!(outcome.not_held.contains(&Hold::Network) && !outcome.not_held.contains(&Hold::Descendants));
    }
}

#[test]
fn a_signal_is_told_from_an_exit_code() {
    let bench = Bench::new("signal");
    // 34 is the first real-time signal, which has no name.
    for number in [6, 9, 15, 34] {
        assert_eq!(bench.run_sh(&format!("kill -{number} $$")).status, Status::Signalled(number));
    }
}

#[test]
fn what_ignores_sigterm_is_killed_at_the_limit() {
    let bench = Bench::new("ignores");
    let outcome = bench.run(&bench.sh("trap '' TERM INT HUP; echo begun; while :; do sleep 600; done"), SHORT);
    assert_eq!((outcome.status, text(&outcome.stdout.head)), (Status::Limited(Limit::Wall), "begun\n"));
    assert!(outcome.wall >= SHORT && outcome.wall < PATIENCE);
    bench.assert_nothing_lives();
}

#[test]
fn what_is_stopped_is_killed_at_the_limit() {
    let bench = Bench::new("stopped");
    let outcome = bench.run(&bench.sh("sleep 600 & kill -STOP $!; kill -STOP $$"), SHORT);
    assert_eq!(outcome.status, Status::Limited(Limit::Wall));
    bench.assert_nothing_lives();
}

#[test]
fn a_run_is_cancelled_from_another_thread() {
    let bench = Bench::new("cancel");
    let cancel = Cancel::default();
    let begun = bench.path().join("begun");
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            crate::until("it begins", || begun.exists());
            cancel.clone().cancel();
        });
        bench.sandbox().run(&bench.sh("touch begun; setsid sleep 600 & sleep 600"), &Policy::open(), &LIMITS, &cancel).unwrap()
    });
    assert_eq!(outcome.status, Status::Cancelled);
    assert!(outcome.wall < PATIENCE);
    bench.assert_nothing_lives();
}

#[test]
fn a_run_cancelled_before_it_begins_does_not_begin() {
    let bench = Bench::new("cancelled");
    let cancel = Cancel::default();
    cancel.cancel();
    let outcome = bench.sandbox().run(&bench.sh("touch begun"), &Policy::open(), &LIMITS, &cancel).unwrap();
    assert_eq!(outcome.status, Status::Cancelled);
    assert!(!bench.path().join("begun").exists());
}

#[test]
fn the_environment_is_what_was_given_and_the_mark() {
    let bench = Bench::new("environment");
    let mut command = bench.command(&["/usr/bin/env"]);
    command.env = [("A".into(), "1 2".into()), ("B".into(), "".into())].into();
    let outcome = bench.run(&command, PATIENCE);
    let (marks, rest): (Vec<_>, Vec<_>) = text(&outcome.stdout.head).lines().partition(|line| line.starts_with(sandbox::MARK));
    assert_eq!((marks.len(), rest), (1, vec!["A=1 2", "B="]));
    assert!(marks[0].contains(&bench.mark));
}

#[test]
fn a_command_starts_with_the_signals_and_limits_that_programs_expect() {
    let bench = Bench::new("clean");
    let outcome = bench.run_sh("grep -E '^Sig(Blk|Ign)' /proc/self/status; ulimit -c; readlink /proc/self/fd/0");
    let lines: Vec<_> = text(&outcome.stdout.head).lines().collect();
    assert_eq!(lines[0], "SigBlk:\t0000000000000000");
    let ignored = u64::from_str_radix(lines[1].trim_start_matches("SigIgn:\t"), 16).unwrap();
    assert_eq!(ignored & (1 << (13 - 1)), 0, "SIGPIPE is ignored");
    assert_eq!(lines[2..], ["0", "/dev/null"]);
}

#[test]
fn arguments_and_folder_arrive_as_they_are() {
    let bench = Bench::new("arguments");
    let mut command = bench.command(&["sh", "-c", "pwd; printf '<%s>' \"$0\" \"$@\"", "", "a b", "$(x)\n", "é"]);
    command.cwd = bench.path().join("a folder");
    fs::create_dir(&command.cwd).unwrap();
    let outcome = bench.run(&command, PATIENCE);
    let expected = format!("{}\n<><a b><$(x)\n><é>", command.cwd.display());
    assert_eq!(text(&outcome.stdout.head), expected);
}

#[test]
fn what_cannot_start_is_an_error_that_says_why() {
    let bench = Bench::new("errors");
    let run = |command| bench.sandbox().run(&command, &Policy::open(), &LIMITS, &Cancel::default()).unwrap_err();

    assert!(matches!(run(bench.command(&["no-such-tool"])), Error::NotFound { program } if program == "no-such-tool"));
    assert!(matches!(run(bench.command(&["./no-such-tool"])), Error::NotFound { program } if program == "./no-such-tool"));
    assert!(matches!(run(bench.command(&[])), Error::Empty));

    let mut command = bench.command(&["true"]);
    command.cwd = bench.path().join("gone");
    assert!(matches!(run(command.clone()), Error::WorkFolder { path } if path == command.cwd));

    let script = bench.path().join("script");
    fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    assert!(matches!(run(bench.command(&["./script"])), Error::Spawn { program, source }
        if program == "./script" && source.kind() == std::io::ErrorKind::PermissionDenied));
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(run(bench.command(&["./script"])), Error::Spawn { source, .. }
        if source.kind() == std::io::ErrorKind::NotFound));

    assert!(matches!(run(bench.command(&["true", "a\0b"])), Error::Spawn { .. }));
    let long = "x".repeat(4 * 1024 * 1024);
    assert!(matches!(run(bench.command(&["true", &long])), Error::Spawn { source, .. }
        if source.kind() == std::io::ErrorKind::ArgumentListTooLong));

    let limits = LIMITS;
    for program in ["/no/such/supervisor", "/bin/true"] {
        let sandbox = sandbox::Process::new(program.into(), bench.mark.as_str());
        let error = sandbox.run(&bench.command(&["true"]), &Policy::open(), &limits, &Cancel::default()).unwrap_err();
        assert!(matches!(error, Error::Supervisor { .. }), "{error:?}");
    }
}

#[test]
fn input_is_passed_on_to_its_end() {
    let bench = Bench::new("input");
    let mut command = bench.command(&["cksum"]);
    let input = b"0123456789abcdef".repeat(200_000);
    command.stdin = Some(input);
    let outcome = bench.run(&command, PATIENCE);
    assert_eq!(outcome.status, Status::Exited(0));
    assert!(text(&outcome.stdout.head).ends_with(" 3200000\n"), "{outcome:?}");

    command.stdin = Some(Vec::new());
    assert_eq!(text(&bench.run(&command, PATIENCE).stdout.head), "4294967295 0\n");
}

#[test]
fn input_that_is_not_read_is_no_failure() {
    let bench = Bench::new("unread");
    for script in ["exit 3", "exec <&-; exit 3", "head -c 1 >/dev/null; exit 3"] {
        let mut command = bench.sh(script);
        command.stdin = Some(vec![b'x'; 8 * 1024 * 1024]);
        let outcome = bench.run(&command, PATIENCE);
        assert_eq!(outcome.status, Status::Exited(3), "{script}");
        assert!(outcome.wall < PATIENCE);
    }
    let mut command = bench.sh("sleep 600");
    command.stdin = Some(vec![b'x'; 8 * 1024 * 1024]);
    assert_eq!(bench.run(&command, SHORT).status, Status::Limited(Limit::Wall));
}

#[test]
fn a_policy_that_cannot_be_kept_is_refused_before_anything_runs() {
    let bench = Bench::new("refused");
    let run =
        |policy: &Policy, limits: &Limits| bench.sandbox().run(&bench.sh("touch begun"), policy, limits, &Cancel::default());
    let needs = |policy: &Policy, limits: &Limits| match run(policy, limits).unwrap_err() {
        Error::NotHeld { backend: "none", needs, .. } => needs,
        error => panic!("{error:?}"),
    };
    let expected = [Hold::FileReads, Hold::FileWrites, Hold::Network];
    assert_eq!(needs(&Policy::work_in(bench.path()), &LIMITS), expected);
    assert_eq!(needs(&Policy::open(), &Limits { memory: Some(1 << 30), ..LIMITS }), [Hold::Memory]);
    assert!(!bench.path().join("begun").exists());
}

#[test]
fn what_was_used_is_told() {
    let bench = Bench::new("used");
    // The work is done by a grandchild.
    let outcome = bench.run_sh("sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; true");
    assert!(outcome.usage.user > Duration::from_millis(10), "{outcome:?}");
    assert!(outcome.usage.user + outcome.usage.system <= outcome.wall * 2, "{outcome:?}");
    assert!((1 << 20..1 << 30).contains(&outcome.usage.peak_memory), "{outcome:?}");
}
