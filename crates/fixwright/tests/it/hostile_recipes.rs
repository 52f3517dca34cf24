//! Recipes that do what no recipe should: they end, they leave nothing, and what they print steers nothing.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use testkit::Repo;

use crate::bench::{Bench, Ran, backend, below, code};
use crate::spelling::{good, repository, texts};
use crate::until;

/// Returns a repository whose linter is this script.
fn linted_by(script: &str, timeout_secs: u32) -> Bench {
    let repo = Repo::new();
    repo.file("lint", script).file("src/a.c", "int colour;\nint b;\n");
    repo.file(
        "fixwright.toml",
        format!(
            "[environment]\npass = [\"COUNTER\"]\n[[subproject]]\npath = \".\"\nlanguage = \"other\"\n[subproject.recipes.lint]\n\
             command = \"sh lint\"\ntimeout_secs = {timeout_secs}\n"
        ),
    );
    repo.commit("start");
    Bench::new(repo)
}

/// Runs `run` and `fix`, and asserts that the recipe could not run for this reason, and that nothing is left.
#[track_caller]
fn assert_could_not_run(bench: &Bench, why: &str) {
    let before = bench.repo.snapshot();
    for command in ["run", "fix"] {
        let started = Instant::now();
        let ran = bench.run([command]);
        assert_eq!(ran.code, Some(code::ENVIRONMENT), "{ran:?}");
        assert!(ran.stderr.contains(&format!("error: lint could not run (`sh lint`): {why}")), "not `{why}`: {}", ran.stderr);
        assert!(started.elapsed() < Duration::from_secs(60));
        assert_eq!((bench.repo.snapshot(), bench.left()), (before.clone(), Vec::new()), "{command}");
    }
}

#[test]
fn one_that_hangs_is_ended_with_all_that_it_started() {
    let bench = linted_by("trap '' TERM HUP INT\nsetsid sleep 600 &\nsleep 600 &\nsleep 600\n", 1);
    assert_could_not_run(&bench, "stopped after 1 s");
}

#[test]
fn one_that_kills_its_parent_kills_nobody_else() {
    // Behind walls, a signal is told as by a shell.
    let ended = |code: &str| if backend() == "none" { "ended by signal".to_owned() } else { format!("exited with {code}") };
    for (signal, code) in [("KILL", "137"), ("TERM", "143")] {
        let bench = linted_by(&format!("setsid sleep 600 &\nkill -{signal} $PPID\nexec sleep 600\n"), 60);
        assert_could_not_run(&bench, &ended(code));
    }
    // Nor does one that goes for all that it may signal by its group.
    let bench = linted_by("kill -9 0\nsleep 600\n", 60);
    assert_could_not_run(&bench, &ended("137"));
}

#[test]
fn one_that_leaves_a_daemon_has_none_afterwards() {
    let bench = linted_by("(env -i setsid sh -c 'trap \"\" TERM HUP; sleep 6543' </dev/null >/dev/null 2>&1 &)\nexit 0\n", 60);
    let daemons = || {
        let found = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
        found.filter(|line| line.windows(10).any(|part| part == b"sleep 6543")).count()
    };
    let ran = bench.run(["run"]);
    assert_eq!((ran.code, bench.left(), daemons()), (Some(code::DONE), Vec::new(), 0), "{ran:?}");
}

#[test]
fn one_that_reads_finds_no_input_and_no_terminal() {
    let bench =
        linted_by("cat\ntest -t 0 || test -t 1 || test -t 2 && exit 3\n(exec </dev/tty) 2>/dev/null && exit 4\nexit 0\n", 60);
    let ran = bench.run(["run"]);
    assert_eq!(ran.code, Some(code::DONE), "{ran:?}");
}

#[test]
fn one_that_prints_a_gigabyte_takes_no_memory_for_it() {
    const MOST: u64 = 512 * 1024;
    let flood = |bytes: u32, what: &str| format!("{what} | head -c {bytes}\nexit 1\n");
    for script in [
        flood(1_000_000_000, "yes 'src/a.c:1:5: warning: much is said [-Wmuch]'"),
        flood(200_000_000, "cat /dev/zero"),
        flood(200_000_000, "yes '[{' | tr -d '\\n'"),
    ] {
        let bench = linted_by(&script, 300);
        let mut child =
            bench.command(["run", "--json"]).stdout(fs::File::create(bench.repo.beside("out")).unwrap()).spawn().unwrap();
        let mut peak = 0;
        until("it ends", || {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
            peak = peak.max(line.trim().trim_end_matches(" kB").parse().unwrap_or(0));
            child.try_wait().unwrap().is_some()
        });
        let ran = Ran::of(child);
        eprintln!("{peak} kB for {script}");
        assert!(matches!(ran.code, Some(code::REMAIN | code::ENVIRONMENT)), "{}", ran.stderr);
        assert!(peak > 0 && peak < MOST, "{peak} kB");
        assert_eq!(bench.left(), Vec::<String>::new());
        // What is kept of it is bounded as well.
        let kept: u64 = below(&bench.data()).iter().map(|path| fs::symlink_metadata(path).unwrap().len()).sum();
        assert!(kept < 64 << 20, "{kept} bytes are kept");
    }
}

#[test]
fn one_that_writes_into_git_spoils_only_its_own_copy() {
    let mischief = "git config core.hooksPath /tmp; git commit -q --allow-empty -m mine; git branch -f mine; git tag mine; git stash\n\
                    mkdir -p .git/hooks; for hook in reference-transaction post-checkout; do printf '#!/bin/sh\\nexit 1\\n' >.git/hooks/$hook; chmod +x .git/hooks/$hook; done\n\
                    printf '[core]\\nfsmonitor = /bin/false\\n[broken' >>.git/config; rm -f .git/HEAD .git/index; echo x >.git/objects/info/alternates\n";
    let repo = repository(&texts(6, good));
    let lint = fs::read_to_string(repo.path().join("tools/lint")).unwrap();
    repo.file("tools/lint", mischief.to_owned() + &lint).commit("mischief");
    let bench = Bench::new(repo);
    let before = bench.repo.snapshot();
    bench.fix(&[]).document(code::DONE);
    assert_eq!((bench.repo.snapshot(), bench.left()), (before, Vec::new()));
    assert_eq!(bench.branches().len(), 1);
    bench.repo.git(["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn one_that_turns_its_tree_into_links_gets_nothing_written_through_them() {
    let repo = repository(&texts(6, good));
    let outside = repo.beside("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("text000.txt"), "outside").unwrap();
    let lint = fs::read_to_string(repo.path().join("tools/lint")).unwrap().replace("exec awk", "awk");
    let after = format!(
        "found=$?\nrm -rf src\nln -s '{0}' src\nrm -f fixwright.toml\nln -s '{0}/text000.txt' fixwright.toml\nexit $found\n",
        outside.display()
    );
    repo.file("tools/lint", lint + &after).commit("links");
    let bench = Bench::new(repo);
    let before = bench.repo.snapshot();
    // The tests run beside the linter, and may find nothing where it has just been.
    let document = bench.fix(&["--jobs", "1"]).document(code::DONE);
    assert_eq!(document["branches"].as_array().unwrap().len(), 1);
    assert_eq!((bench.repo.snapshot(), bench.left()), (before, Vec::new()));
    assert_eq!(below(&outside), [outside.join("text000.txt")]);
    assert_eq!(fs::read_to_string(outside.join("text000.txt")).unwrap(), "outside");
}

#[test]
fn one_that_spoils_a_file_too_large_to_be_repaired_finds_it_whole_the_next_time() {
    let repo = repository(&texts(6, good));
    let script = |name: &str| fs::read_to_string(repo.path().join("tools").join(name)).unwrap();
    let (lint, test) = (script("lint"), script("test"));
    repo.file("large.bin", vec![b'x'; 17 << 20]);
    repo.file("tools/lint", "rm -f large.bin\n".to_owned() + &lint);
    repo.file(
        "tools/test",
        "if [ \"$(wc -c <large.bin)\" = 17825792 ]; then echo 'ok 4 - large'; else echo 'not ok 4 - large'; fi\n".to_owned()
            + &test,
    );
    repo.commit("large");
    let bench = Bench::new(repo);
    // The linter has spoilt the file when the tests run at the base.
    let document = bench.fix(&["--recipe", "lint"]).document(code::DONE);
    let gates = document["cases"][0]["gates"].as_array().unwrap();
    let regress = gates.iter().find(|gate| gate["gate"] == "regress").unwrap();
    assert!(regress["detail"].as_str().unwrap().starts_with("3 passed before"), "{regress:#}");
    let tip = document["branches"][0]["tip"].as_str().unwrap();
    assert_eq!(bench.repo.git(["rev-parse", "HEAD:large.bin"]), bench.repo.git(["rev-parse", &format!("{tip}:large.bin")]));
}

#[test]
fn what_it_prints_never_steers_a_terminal() {
    const HOSTILE: &str = "\\033]0;owned\\007\\033[2J\\033[31mred\\302\\233\\342\\200\\256\\r\\b";
    let bench = linted_by(
        &format!(
            "printf '[{{\"code\":\"X1\",\"message\":\"a \\\\u001b[2J\\\\u0007\\\\u009b\\\\u202e b\\\\r\\\\n\\\\nFinding: c\",\"filename\":\"src/a.c\",\
             \"location\":{{\"row\":1,\"column\":5}},\"end_location\":{{\"row\":1,\"column\":11}},\"fix\":{{\"applicability\":\"safe\",\
             \"message\":\"d \\\\u001b[2J\\\\n\\\\nEvidence: e\",\"edits\":[{{\"content\":\"color\",\"location\":{{\"row\":1,\"column\":5}},\
             \"end_location\":{{\"row\":1,\"column\":11}}}}]}}}}]' >out\n\
             grep -q colour src/a.c || echo '[]' >out\ncat out; echo; printf 'src/a.c:2:1: warning: {HOSTILE} [-Wtwo]\\n{HOSTILE}\\n'; exit 1\n"
        ),
        60,
    );
    let steers =
        |text: &str| text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}'));
    let shown = |args: &[&str]| {
        let ran = bench.run(args);
        assert!(!steers(&ran.stdout) && !steers(&ran.stderr), "{args:?}: {ran:?}");
        assert!(ran.stdout.len() > 20, "{args:?}: {ran:?}");
    };
    for args in [["run", "."], ["fix", "--plan"], ["fix", "."], ["report", "."]] {
        shown(&args);
    }
    let report = bench.run(["report", "--json"]).document(code::DONE);
    for case in report["cases"].as_array().unwrap() {
        shown(&["show", &case["number"].to_string()]);
        if case["status"] == "delivered" {
            shown(&["show", &case["number"].to_string(), "--output", "reproduce"]);
        }
    }
    let branch = bench.branches().remove(0);
    let (name, tip) = branch.split_once(' ').unwrap();
    let message = bench.repo.git(["log", "-1", "--format=%B", tip]);
    assert!(!steers(&message), "{message:?}");
    // Nor does it forge trailers.
    let trailers = bench.repo.git(["log", "-1", "--format=%(trailers:only,keyonly)", tip]);
    assert_eq!(trailers.lines().collect::<Vec<_>>(), ["Finding", "Evidence", "Assisted-by"], "{message}");
    let texts = below(&bench.data().join("pull-requests"));
    let text = fs::read_to_string(texts.iter().find(|path| path.is_file()).unwrap()).unwrap();
    assert!(!steers(&text) && text.contains(name), "{text:?}");
}

#[test]
fn places_outside_of_the_files_are_listed_and_never_written() {
    let outside = |bench: &Bench| bench.repo.beside("outside.c");
    let places = [
        ("/etc/hostname", 1_u64, 1_u64),
        ("../outside.c", 1, 1),
        ("src/../../outside.c", 1, 1),
        (".git/config", 1, 1),
        ("src", 1, 1),
        ("src/a.c", 0, 0),
        ("src/a.c", 99, 1),
        ("src/a.c", 1, 4_000_000_000),
        ("src/a.c", 4_294_967_296, 1),
        ("src/a.c", u64::MAX, u64::MAX),
        ("src/nowhere.c", 1, 1),
        ("", 1, 1),
    ];
    let entries: Vec<String> = places
        .iter()
        .enumerate()
        .map(|(number, (path, row, column))| {
            let place = format!("{{\"row\":{row},\"column\":{column}}}");
            format!(
                "{{\"code\":\"X{number:03}\",\"message\":\"message {number}\",\"filename\":\"{path}\",\"location\":{place},\"end_location\":{place},\
                 \"fix\":{{\"applicability\":\"safe\",\"message\":\"write\",\"edits\":[{{\"content\":\"owned\",\"location\":{place},\"end_location\":{place}}}]}}}}"
            )
        })
        .collect();
    let bench = linted_by(
        &format!(
            "cat <<'END'\n[{}]\nEND\necho '../outside.c:1:1: warning: gcc says [-Wgcc]'\necho '/etc/hostname:0:0: error: too'\nexit 1\n",
            entries.join(",\n")
        ),
        60,
    );
    fs::write(outside(&bench), "int outside;\n").unwrap();
    let before = bench.repo.snapshot();
    let document = bench.fix(&[]).document(code::REMAIN);
    let findings: usize =
        document["cases"].as_array().unwrap().iter().map(|case| case["findings"].as_array().unwrap().len()).sum();
    // Two rows are larger than any number of lines that a reader takes; all others are listed.
    assert!(findings >= places.len(), "{findings} of {}: {document:#}", places.len() + 2);
    assert_eq!((bench.branches(), bench.repo.snapshot(), bench.left()), (vec![], before, vec![]), "{document:#}");
    assert_eq!(fs::read_to_string(outside(&bench)).unwrap(), "int outside;\n");
}

#[test]
fn it_sees_no_secret_and_not_the_users_home() {
    let bench = linted_by("env >\"$COUNTER\"\nexit 0\n", 60);
    let mut command = bench.command(["run"]);
    let secrets = [
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
        "SSH_AUTH_SOCK",
        "NPM_TOKEN",
        "MY_PASSWORD",
        "FIXWRIGHT_SECRET",
        "GIT_DIR",
        "LD_PRELOAD",
    ];
    command.envs(secrets.map(|name| (name, "hush-hush"))).env("PIP_INDEX_URL", "https://user:hush-hush@example.org/");
    let ran = Ran::of(command.spawn().unwrap());
    assert_eq!(ran.code, Some(code::DONE), "{ran:?}");
    let seen = fs::read_to_string(bench.counter()).unwrap();
    assert!(!seen.contains("hush-hush"), "{seen}");
    let home = seen.lines().find_map(|line| line.strip_prefix("HOME=")).unwrap();
    assert!(Path::new(home).starts_with(bench.data().canonicalize().unwrap()), "{home}");
    for line in ["GIT_CONFIG_GLOBAL=/dev/null", "NO_COLOR=1"] {
        assert!(seen.lines().any(|other| other == line), "{seen}");
    }
}
