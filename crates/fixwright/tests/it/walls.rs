//! The walls that recipes run behind: they are there by themselves, they are not given up in silence, and what is proved is proved in a copy
//! of its own.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

use testkit::Repo;

use crate::bench::{Bench, Ran, backend, code};
use crate::spelling::{good, repository, texts};

/// Where bubblewrap is not there.
const NO_BUBBLEWRAP: &str = "for one in /usr/bin/bwrap /usr/local/bin/bwrap /bin/bwrap; do test ! -e $one || mount --bind /dev/null $one || exit 99; done";

/// Where nobody can make a namespace.
const NO_NAMESPACES: &str = "echo 0 >/proc/sys/user/max_user_namespaces || exit 99";

/// What is said there.
const HELP: &str = "sysctl -w user.max_user_namespaces=";

/// Returns a command of the program for a machine that lacks something; `None` where this one lets nobody take it away.
fn lacking(what: &str, bench: &Bench, args: &[&str]) -> Option<Command> {
    // Root need not be made root: in a user namespace of its own it could become nobody else.
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(if is_root && what == NO_BUBBLEWRAP { &[][..] } else { &["--map-root-user"] });
        command.args(["--mount", "sh", "-c", script, "sh"]);
        command
    };
    if !unshare(what).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: nothing can be taken away here (`unshare --map-root-user --mount` is not allowed)");
        return None;
    }
    let template = bench.command(args);
    let mut command = unshare(&format!("{what}; exec \"$@\""));
    command.arg(template.get_program()).args(template.get_args()).current_dir(bench.repo.path()).env_clear();
    command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?)))).env_remove("FIXWRIGHT_SANDBOX_BACKEND");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(command)
}

#[test]
fn without_what_makes_them_nothing_is_run_and_what_helps_is_said() {
    let bench = Bench::new(repository(&texts(3, good)));
    for args in [&["fix"][..], &["run"], &["sandbox", "exec", "--", "true"]] {
        let Some(mut command) = lacking(NO_NAMESPACES, &bench, args) else { return };
        let ran = Ran::of(command.spawn().unwrap());
        assert_eq!(ran.code, Some(code::ENVIRONMENT), "{args:?}: {ran:?}");
        assert!(ran.stderr.contains(HELP) && ran.stderr.contains("--backend none"), "{ran:?}");
    }
    assert_eq!((bench.runs_of("lint"), bench.left()), (0, Vec::new()));
    // Who wants none says so.
    let Some(mut command) = lacking(NO_NAMESPACES, &bench, &["fix", "--json", "--backend", "none"]) else { return };
    let document = Ran::of(command.spawn().unwrap()).document(code::DONE);
    assert_eq!(document["sandbox"], "none");
}

#[test]
fn without_bubblewrap_they_are_made_all_the_same() {
    let bench = Bench::new(repository(&texts(3, good)));
    let Some(mut command) = lacking(NO_BUBBLEWRAP, &bench, &["fix", "--json"]) else { return };
    let document = Ran::of(command.spawn().unwrap()).document(code::DONE);
    assert_eq!(document["sandbox"], "ns");
}

#[test]
fn the_demo_runs_its_own_code_without_them_and_says_so() {
    let bench = Bench::new(Repo::new());
    let demo = ["demo", "--json", "--only", "python"];
    let Some(mut command) = lacking(NO_NAMESPACES, &bench, &demo) else { return };
    let ran = Ran::of(command.spawn().unwrap());
    assert!(ran.stderr.contains(HELP), "{ran:?}");
    let document = ran.document(code::DONE);
    assert_eq!(document["repositories"][0]["document"]["sandbox"], "none");
    let Some(mut command) = lacking(NO_NAMESPACES, &bench, &[&demo[..], &["--backend", "ns"]].concat()) else { return };
    assert_eq!(Ran::of(command.spawn().unwrap()).code, Some(code::ENVIRONMENT));
}

#[test]
fn a_repository_cannot_take_them_away() {
    let repo = repository(&texts(3, good));
    let settings = fs::read_to_string(repo.path().join("fixwright.toml")).unwrap();
    repo.file("fixwright.toml", settings + "\n[sandbox]\nbackend = \"none\"\n").commit("free");
    let bench = Bench::new(repo);
    let ran = bench.run(["fix"]);
    assert_eq!((ran.code, bench.runs_of("lint")), (Some(code::USAGE), 0), "{ran:?}");
    assert!(ran.stderr.contains("`sandbox` cannot be set by a repository"), "{ran:?}");
}

#[test]
fn each_candidate_is_proved_in_a_copy_of_the_built_base() {
    if backend() == "none" {
        eprintln!("SKIPPED: without walls there are no copies");
        return;
    }
    // One that breaks a test, so that it has to be searched for.
    let repo = repository(&texts(8, |number| if number == 4 { "the colour must stay".to_owned() } else { good(number) }));
    let lint = fs::read_to_string(repo.path().join("tools/lint")).unwrap();
    repo.file("tools/lint", "echo built >>built\nwc -l <built >>\"$GATES/seen\"\n".to_owned() + &lint).commit("trace");
    let bench = Bench::new(repo);
    let document = bench.fix(&["--recipe", "lint"]).document(code::REMAIN);
    let notes = document["notes"].to_string();
    if notes.contains("no overlay can be mounted") {
        eprintln!("SKIPPED: {notes}");
        return;
    }
    let seen = fs::read_to_string(bench.repo.beside("gates").join("seen")).unwrap();
    let seen: Vec<u32> = seen.lines().map(|line| line.trim().parse().unwrap()).collect();
    // What the base left is there, and what another candidate left is not.
    assert!(seen.len() >= 3 && seen[0] == 1 && seen[1..].iter().all(|lines| *lines == 2), "{seen:?}");
    assert_eq!(bench.left(), Vec::<String>::new());
}
