//! The end that a run comes to, whatever disturbed it on its way.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{Bench, Ran, code};
use crate::spelling::{good, repository, texts};

/// Findings of each run here.
pub(crate) const FINDINGS: usize = 20;

/// Twenty findings, two of whose repairs break a test.
pub(crate) fn bench() -> Bench {
    let line = |number| if number % 9 == 4 { "the colour must stay".to_owned() } else { good(number) };
    let bench = Bench::new(repository(&texts(FINDINGS, line)));
    // A user at work: something stashed, something staged, something changed, hooks and settings of their own.
    bench.repo.file("src/text000.txt", "to be stashed").git(["stash"]);
    bench.repo.file("staged.txt", "staged").git(["add", "staged.txt"]);
    bench.repo.file("src/text001.txt", "changed").file("untracked.txt", "untracked");
    bench.repo.program(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n").git(["config", "user.name", "Ada"]);
    bench
}

/// Returns what a run came to, without what is another in each: times, and names that the repository's folder goes into.
pub(crate) fn came_to(bench: &Bench, document: &Value) -> Value {
    let mut cases = document["cases"].clone();
    for case in cases.as_array_mut().unwrap() {
        case["number"].take();
        case["id"].take();
        for gate in case["gates"].as_array_mut().unwrap() {
            gate["seconds"].take();
        }
    }
    cases.as_array_mut().unwrap().sort_by_key(|case| format!("{} {}", case["title"], case["status"]));
    let branches: Vec<_> = document["branches"].as_array().unwrap().iter().map(|one| (&one["name"], &one["tip"])).collect();
    json!({ "branches": branches, "refs": bench.branches(), "cases": cases })
}

/// Returns the lines in which two documents differ: short enough to be read.
pub(crate) fn differences(one: &Value, other: &Value) -> Vec<String> {
    let (one, other) = (format!("{one:#}"), format!("{other:#}"));
    let only = |lines: &str, others: &str, sign: &str| -> Vec<String> {
        lines.lines().filter(|line| !others.contains(line.trim())).map(|line| format!("{sign} {}", line.trim())).collect()
    };
    let mut differ = [only(&one, &other, "+"), only(&other, &one, "-")].concat();
    if one != other && differ.is_empty() {
        differ.push(format!("another order: {one}"));
    }
    differ
}

/// What an undisturbed run comes to, and how long it takes.
pub(crate) fn undisturbed() -> (Value, Duration) {
    let (came_to, took) = undisturbed_with(&[]);
    assert_eq!(came_to["refs"].as_array().unwrap().len(), 1, "{came_to:#}");
    (came_to, took)
}

/// The same with arguments.
pub(crate) fn undisturbed_with(args: &[&str]) -> (Value, Duration) {
    let bench = bench();
    let before = bench.repo.snapshot();
    let started = Instant::now();
    let ran = bench.fix(args);
    let took = started.elapsed();
    let document = ran.document(code::REMAIN);
    assert_eq!(bench.repo.snapshot(), before);
    assert_eq!(bench.left(), Vec::<String>::new());
    let came_to = came_to(&bench, &document);
    let statuses: Vec<_> = document["cases"].as_array().unwrap().iter().map(|case| case["status"].as_str().unwrap()).collect();
    assert!(statuses.contains(&"delivered") && statuses.contains(&"refused"), "{statuses:?}");
    (came_to, took)
}

/// Runs to the end, and asserts that it is the end that an undisturbed run comes to.
#[track_caller]
pub(crate) fn assert_goes_on(bench: &Bench, before: &str, expected: &Value, how: &str) -> Ran {
    assert_goes_on_with(&[], bench, before, expected, how)
}

/// The same with arguments.
#[track_caller]
pub(crate) fn assert_goes_on_with(args: &[&str], bench: &Bench, before: &str, expected: &Value, how: &str) -> Ran {
    let ran = bench.fix(args);
    let document = ran.document(code::REMAIN);
    assert_eq!(differences(&came_to(bench, &document), expected), [""; 0], "{how}\n{}", ran.stderr);
    assert_eq!(bench.repo.snapshot(), before, "{how}");
    assert_eq!(bench.left(), Vec::<String>::new(), "{how}\n{}", ran.stderr);
    ran
}
