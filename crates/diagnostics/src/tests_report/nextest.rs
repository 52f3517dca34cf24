//! cargo-nextest: one line a test, and a summary.

use std::collections::BTreeMap;

use domain::TestOutcome;

use super::{Failure, Run, count, outcome};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^\s*(PASS|FAIL|SKIP|TIMEOUT|SIGSEGV|SIGABRT|ABORT|LEAK|FLAKY \d+/\d+|TRY \d+ (?:PASS|FAIL)) \[[ .\d>s|-]*\](?: \(\s*\d+/\d+\))? (\S+(?: \S+)*)$";
    SUMMARY = r"^\s*Summary \[.*\] (\d+)(?:/\d+)? tests? run: (.*)$";
    PART = r"(\d+) (passed|failed|skipped|timed out|exec failed)";
    PANICKED = r"^\s*thread '.*' (?:\(\d+\) )?panicked at (.+?):(\d+):(\d+):$";
    NOTHING = r"^error: no tests to run";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let summary = lines.iter().rev().find_map(|line| SUMMARY.captures(line));
    if summary.is_none() && !lines.iter().any(|line| NOTHING.is_match(line)) {
        return;
    }
    let mut run = Run::default();
    // Failures are named again after the summary, and once a try: the last word counts.
    let mut ended: BTreeMap<String, TestOutcome> = BTreeMap::new();
    let mut said: BTreeMap<String, Failure> = BTreeMap::new();
    for (index, found) in lines.iter().enumerate().filter_map(|(index, line)| Some((index, TEST.captures(line)?))) {
        let word = found[1].rsplit(' ').next().unwrap_or_default();
        let passed = matches!(word, "LEAK") || found[1].starts_with("FLAKY");
        let how = if passed { TestOutcome::Passed } else { outcome(word).unwrap_or(TestOutcome::Failed) };
        let name = found[2].trim();
        if how == TestOutcome::Failed && said.get(name).is_none_or(|failure| failure.place.is_none()) {
            said.insert(name.to_owned(), failure(name, lines.get(index + 1..).unwrap_or(&[])));
        }
        ended.insert(name.to_owned(), how);
    }
    for (name, how) in ended {
        if how == TestOutcome::Failed {
            run.failures.extend(said.remove(&name));
        }
        run.name(name, how);
    }
    for part in summary.iter().flat_map(|summary| PART.captures_iter(summary.get(2).map_or("", |parts| parts.as_str()))) {
        match &part[2] {
            "passed" => run.passed += count(&part[1]),
            "skipped" => run.skipped += count(&part[1]),
            _ => run.failed += count(&part[1]),
        }
    }
    run.add_to("nextest", reading);
}

/// Returns what the output below a failing test's line says of it.
fn failure(name: &str, rest: &[&str]) -> Failure {
    let mut failure = Failure::new(name, "");
    let block: Vec<&str> =
        rest.iter().take(400).copied().take_while(|line| !TEST.is_match(line) && !SUMMARY.is_match(line)).collect();
    if let Some((index, found)) = block.iter().enumerate().find_map(|(index, line)| Some((index, PANICKED.captures(line)?))) {
        failure.place = Some((found[1].to_owned(), number(&found[2]), number(&found[3])));
        failure.error = block.get(index + 1).map_or(String::new(), |line| line.trim().to_owned());
    }
    failure
}
