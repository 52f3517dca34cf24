//! `fixwright apply`: an answer to a folder, all of it or nothing.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use serde_json::Value;
use testkit::Repo;

use crate::bench::{Bench, Ran, code};

fn bench() -> Bench {
    let repo = Repo::new();
    repo.file("src/a.txt", "one\ntwo\nthree\n").file("b.txt", "b\n").commit("start");
    Bench::new(repo)
}

fn apply(bench: &Bench, args: &[&str], answer: &str) -> Ran {
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
    let checked = apply(&bench, &["--check"], DIFF);
    assert_eq!((checked.code, read(&bench, "src/a.txt").as_str()), (Some(code::DONE), "one\ntwo\nthree\n"), "{checked:?}");
    let applied: Value = serde_json::from_str(&apply(&bench, &["--json"], DIFF).stdout).unwrap();
    assert_eq!((&applied["outcome"], &applied["files"][0]["added"]), (&"applied".into(), &1.into()), "{applied:#}");
    assert_eq!(read(&bench, "src/a.txt"), "one\n2\nthree\n");
    let again: Value = serde_json::from_str(&apply(&bench, &["--json"], DIFF).stdout).unwrap();
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
        let ran = apply(&bench, &[], answer);
        assert_eq!(ran.code, Some(code::REMAIN), "{ran:?}");
        assert!(ran.stdout.contains(said), "{ran:?}");
        assert_eq!((read(&bench, "b.txt").as_str(), read(&bench, "src/a.txt").as_str()), ("b\n", "one\ntwo\nthree\n"));
    }
    assert_eq!(apply(&bench, &["no/such/folder"], DIFF).code, Some(code::USAGE));
}
