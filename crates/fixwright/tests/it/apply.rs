//! `fixwright apply`: an answer to a folder, all of it or nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use serde_json::Value;
use testkit::Repo;

use crate::bench::{Bench, Ran, code};

fn bench() -> Bench {
    let repo = Repo::new();
    repo.file("src/a.txt", "one\ntwo\nthree\n").file("b.txt", "b\n").commit("start");
    Bench::new(repo)
}

fn apply_to(bench: &Bench, args: &[&str], answer: &str) -> Ran {
    let mut child = bench.command(["apply"].iter().chain(args)).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    Ran::of(child)
}

fn read(bench: &Bench, path: &str) -> String {
    fs::read_to_string(bench.repo.path().join(path)).unwrap()
}

const DIFF: &str = "Here it is:\n\n```diff\n--- a/src/a.txt\n+++ b/src/a.txt\n@@ -40,3 +40,3 @@\n one\n-two\n+2\n three\n```\n";

#[test]
fn an_answer_is_applied_once() {
    let bench = bench();
    let checked = apply_to(&bench, &["--check"], DIFF);
    assert_eq!((checked.code, read(&bench, "src/a.txt").as_str()), (Some(code::DONE), "one\ntwo\nthree\n"), "{checked:?}");
    let applied: Value = serde_json::from_str(&apply_to(&bench, &["--json"], DIFF).stdout).unwrap();
    assert_eq!((&applied["outcome"], &applied["files"][0]["added"]), (&"applied".into(), &1.into()), "{applied:#}");
    assert_eq!(read(&bench, "src/a.txt"), "one\n2\nthree\n");
    let again: Value = serde_json::from_str(&apply_to(&bench, &["--json"], DIFF).stdout).unwrap();
    assert_eq!(again["outcome"], "already_applied", "{again:#}");
    assert_eq!(read(&bench, "src/a.txt"), "one\n2\nthree\n");
    assert!(!bench.data().exists(), "it needs no store");
}

#[test]
fn one_hunk_that_does_not_fit_refuses_all_and_says_what_is_there() {
    let bench = bench();
    symlink("/etc", bench.repo.path().join("out")).unwrap();
    let both = "--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-b\n+B\n--- a/src/a.txt\n+++ b/src/a.txt\n@@ -1,3 +1,3 @@\n one\n-zwei\n+2\n three\n";
    let out = "--- /dev/null\n+++ b/out/passwd2\n@@ -0,0 +1 @@\n+x\n";
    for (answer, said) in [(both, "src/a.txt"), (out, "symbolic link"), ("nothing to see\n", "refused"), ("", "refused")] {
        let ran = apply_to(&bench, &[], answer);
        assert_eq!(ran.code, Some(code::REMAIN), "{ran:?}");
        assert!(ran.stdout.contains(said), "{ran:?}");
        assert_eq!((read(&bench, "b.txt").as_str(), read(&bench, "src/a.txt").as_str()), ("b\n", "one\ntwo\nthree\n"));
    }
    assert_eq!(apply_to(&bench, &["no/such/folder"], DIFF).code, Some(code::USAGE));
}

/// Killed at any call, and nobody asks again: the process beside it has completed the commit, or swept it up. A refusal, and an answer that
/// stands already, leave the folder as it is, times included.
#[test]
fn a_kill_leaves_before_or_after_and_nobody_has_to_ask() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("skipped: strace is not installed (`cargo xtask test` does it)");
        return;
    }
    let answer = "*** Begin Patch\n*** Update File: src/a.txt\n@@\n-two\n+2\n*** Add File: new/deep/c.txt\n+c\n*** Delete File: b.txt\n\
        *** Update File: d.txt\n@@\n-d\n+D\n*** End Patch\n";
    let before = [("b.txt", "b\n"), ("d.txt", "d\n"), ("src/a.txt", "one\ntwo\nthree\n")];
    let after = [("d.txt", "D\n"), ("new/deep/c.txt", "c\n"), ("src/a.txt", "one\n2\nthree\n")];
    let (mut was, mut is) = (0, 0);
    for call in ["renameat2", "fsync", "unlinkat", "mkdirat", "linkat", "fchmod"] {
        for when in 1.. {
            let bench = bench();
            bench.repo.file("d.txt", "d\n").commit("more");
            let mut child = Command::new("strace");
            child.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={call}:signal=KILL:when={when}")]);
            let apply = bench.command(["apply"]);
            child.arg(apply.get_program()).args(apply.get_args()).current_dir(bench.repo.path());
            let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // It may be killed before it has read.
            let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
            let done = child.wait().unwrap().success();
            let found = tree(&bench);
            let texts: Vec<(&str, &str)> = found
                .iter()
                .filter(|(path, _)| !path.starts_with(".fixwright"))
                .map(|(p, (t, _))| (p.as_str(), t.as_str()))
                .collect();
            assert!(texts == before || texts == after, "{call} {when}: {texts:?}");
            // What no process could sweep up, because both were killed, the next one does.
            assert_eq!(apply_to(&bench, &["--check"], "prose\n").code, Some(code::REMAIN));
            assert!(!bench.repo.path().join(".fixwright-commit").exists(), "{call} {when}");
            if done {
                break;
            }
            *(if texts == after { &mut is } else { &mut was }) += 1;
        }
    }
    assert!(was > 0 && is > 0, "before {was}, after {is}");
}

#[test]
fn what_is_refused_or_there_already_keeps_its_times() {
    let bench = bench();
    assert_eq!(apply_to(&bench, &[], DIFF).code, Some(code::DONE));
    let found = tree(&bench);
    let wrong = DIFF.replace("-two\n+2", "-zwei\n+zwo");
    let half = format!("--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-b\n+B\n{}", wrong.split_once("```diff\n").unwrap().1);
    for (answer, done) in
        [(DIFF, code::DONE), (&wrong, code::REMAIN), (&half, code::REMAIN), ("prose", code::REMAIN), ("{", code::REMAIN)]
    {
        for args in [&[][..], &["--json"], &["--check"]] {
            assert_eq!(apply_to(&bench, args, answer).code, Some(done), "{answer}");
            assert_eq!(tree(&bench), found, "{answer}");
        }
    }
}

#[test]
fn a_journal_that_came_with_a_clone_is_not_followed() {
    let bench = bench();
    bench.repo.file(".fixwright-commit/journal.json", "{\"version\":2}").file(".fixwright-commit/x", "hostile\n");
    let ran = apply_to(&bench, &[], DIFF);
    assert_eq!(ran.code, Some(code::ENVIRONMENT), "{ran:?}");
    assert!(ran.stderr.contains("remove it"), "{ran:?}");
    assert_eq!(read(&bench, "src/a.txt"), "one\ntwo\nthree\n");
}

/// All files but those of git, with their texts and times.
fn tree(bench: &Bench) -> BTreeMap<String, (String, SystemTime)> {
    let root = bench.repo.path();
    let mut out = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap() == ".git" {
            } else if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                let time = fs::metadata(&path).unwrap().modified().unwrap();
                out.insert(name, (fs::read_to_string(&path).unwrap(), time));
            }
        }
    }
    out
}
