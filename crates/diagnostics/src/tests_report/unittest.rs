//! Python's unittest, and what is built on it (Django): `-v` names each test, otherwise only failures are named.

use std::collections::BTreeSet;

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::formats::python::raised;
use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    RAN = r"^Ran (\d+) tests? in [\d.]+s(?: using \d+ processes)?$";
    ENDED = r"^(?:OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$";
    PART = r"(failures|errors|skipped|expected failures|expected_failures|unexpected successes|unexpected_successes|passes)=(\d+)";
    VERBOSE = r"^(\w+) \(([\w.<>]+)\)(?: \.\.\. ?(.*))?$";
    OUTCOME = r"^(?:.* \.\.\. )?(ok|FAIL|ERROR|skipped(?: .*)?|expected failure|unexpected success)$";
    // `green` says all of it otherwise, but for the counts.
    GREEN = r"^(?:Failure|Error|Unexpected [Ss]uccess) in ([\w.]+)$";
    HEADER = r"^(FAIL|ERROR|UNEXPECTED SUCCESS): ([\w.]+) \(([\w.<>]+)\)(.*)$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(ended) = lines.iter().rposition(|line| RAN.is_match(line)) else { return };
    let total: u64 = lines.iter().filter_map(|line| RAN.captures(line)).map(|found| count(&found[1])).sum();
    let mut run = Run { failures: failures(lines), ..Run::default() };
    verbose(lines, &mut run);

    let mut failing: Vec<&str> = run.failures.iter().map(|failure| failure.name.as_str()).collect();
    failing.sort_unstable();
    failing.dedup();
    // Each failing part of a test that has parts is counted as a failure, but it is one test.
    let distinct = failing.len() as u64;
    let known: BTreeSet<&str> = run.named.iter().map(|named| named.name.as_str()).collect();
    let missing: Vec<String> = failing.iter().filter(|name| !known.contains(*name)).map(|name| (*name).to_owned()).collect();
    for name in missing {
        run.name(name, TestOutcome::Failed);
    }
    let summaries =
        lines.iter().skip(ended.min(lines.len())).chain(lines.iter().take(ended)).filter_map(|line| ENDED.captures(line));
    let (mut expected, mut unexpected) = (0, 0);
    for found in summaries {
        for part in PART.captures_iter(found.get(1).map_or("", |parts| parts.as_str())) {
            let number = count(&part[2]);
            match &part[1] {
                "failures" => run.failed += number,
                "errors" => (run.failed, run.errors) = (run.failed + number, run.errors + number),
                "skipped" => run.skipped += number,
                "expected failures" | "expected_failures" => expected += number,
                "passes" => {}
                _ => unexpected += number,
            }
        }
    }
    run.failed += unexpected;
    run.stated = Some(total);
    // Newer versions name those that succeeded unexpectedly in the long report as well.
    let told = lines.iter().filter(|line| line.starts_with("UNEXPECTED SUCCESS: ")).count() as u64;
    let untold = unexpected.saturating_sub(told);
    run.passed = total.saturating_sub(distinct + untold).saturating_sub(run.skipped + expected);
    run.add_to("unittest", reading);
}

/// Returns `module.Class.method`: newer versions say all of it in the brackets, older ones leave the method out.
fn full_name(method: &str, owner: &str) -> String {
    if owner.strip_suffix(method).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) {
        owner.to_owned()
    } else {
        format!("{owner}.{method}")
    }
}

/// Names the tests of `-v`: the name and the outcome stand on one line, or further apart where the test has a docstring or prints.
fn verbose(lines: &[&str], run: &mut Run) {
    let mut pending: Option<String> = None;
    for line in lines {
        // The long report begins: nothing after it names an outcome.
        if line.starts_with("======") {
            pending = None;
        }
        let found = VERBOSE.captures(line);
        if let Some(found) = &found {
            pending = Some(full_name(&found[1], &found[2]));
        }
        let ended = match found {
            Some(found) => found.get(3).map(|rest| rest.as_str().to_owned()),
            None => OUTCOME.captures(line).map(|found| found[1].to_owned()),
        };
        let outcome = match ended.as_deref() {
            Some("ok") => TestOutcome::Passed,
            Some("FAIL" | "ERROR" | "unexpected success") => TestOutcome::Failed,
            Some(word) if word.starts_with("skipped") || word == "expected failure" => TestOutcome::Skipped,
            _ => continue,
        };
        if let Some(name) = pending.take() {
            run.name(name, outcome);
        }
    }
}

/// Returns the failures as `green` tells them: the stack without a head, the error below it.
fn green(lines: &[&str]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = GREEN.captures(line) else { continue };
        let block = lines.iter().skip(index + 1).skip_while(|line| line.trim().is_empty());
        let block = block.take_while(|line| !line.is_empty() && !GREEN.is_match(line) && !RAN.is_match(line)).copied();
        let block: Vec<&str> = ["Traceback (most recent call last):"].into_iter().chain(block).collect();
        let mut failure = Failure::new(&found[1], "");
        if let Some((_, raised)) = raised(&block).pop() {
            failure.error = format!("{}: {}", raised.exception, raised.message);
            failure.place = raised.place.map(|(path, line)| (path, line, 1));
        }
        failures.push(failure);
    }
    failures
}

/// Returns the failures of the long report.
fn failures(lines: &[&str]) -> Vec<Failure> {
    let starts: Vec<usize> =
        (0..lines.len()).filter(|index| lines.get(*index).is_some_and(|line| HEADER.is_match(line))).collect();
    let mut failures = green(lines);
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(lines.len());
        let (Some(block), Some(found)) = (lines.get(*start..end), lines.get(*start).and_then(|line| HEADER.captures(line)))
        else {
            continue;
        };
        let mut failure = Failure::new(full_name(&found[2], &found[3]), found[4].trim());
        if let Some((_, raised)) = raised(block).pop() {
            failure.error = format!("{}: {}", raised.exception, raised.message);
            failure.place = raised.place.map(|(path, line)| (path, line, 1));
        }
        failures.push(failure);
    }
    failures
}
