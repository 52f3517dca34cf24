//! Reports of test runners in JSON of their own: jest, which vitest writes as well, mocha, and RSpec.

use domain::TestOutcome;
use serde_json::Value;

use super::{Failure, Run};
use crate::reading::{Reading, number};
use crate::text::{path_of_uri, pattern};

pattern! {
    FRAME = r"(?m)^\s+at (?:.*\()?((?:file://)?/?[^\s():]+):(\d+):(\d+)\)?$";
    RUBY_FRAME = r"^(\.?/?[^\s:]+\.rb):(\d+)(?::in .*)?$";
}

/// The format of a report of jest, so that its text is not counted again.
pub(super) const JEST: &str = "jest json";

/// Reads a report, if a document is one.
pub(super) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    if document.get("numTotalTests").is_some() && document.get("testResults").is_some() {
        reading.saw(JEST);
        jest(document).add_to(if document.get("openHandles").is_some() { "jest" } else { "vitest" }, reading);
    } else if document.pointer("/stats/passes").is_some() && document.get("failures").is_some() {
        mocha(document).add_to("mocha", reading);
    } else if document.pointer("/summary/example_count").is_some() && document.get("examples").is_some() {
        rspec(document).add_to("rspec", reading);
    } else {
        return false;
    }
    true
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn jest(report: &Value) -> Run {
    let mut run = Run::default();
    for file in list(report, "/testResults") {
        let path = text(file, "/name");
        let mut is_empty = true;
        for test in list(file, "/assertionResults") {
            is_empty = false;
            let ancestors: Vec<&str> =
                list(test, "/ancestorTitles").filter_map(Value::as_str).filter(|title| !title.is_empty()).collect();
            let name = ancestors.into_iter().chain([text(test, "/title")]).collect::<Vec<_>>().join(" › ");
            let outcome = match text(test, "/status") {
                "passed" => TestOutcome::Passed,
                "failed" => TestOutcome::Failed,
                _ => TestOutcome::Skipped,
            };
            if outcome == TestOutcome::Failed {
                run.failures.push(failure(&name, text(test, "/failureMessages/0"), path));
            }
            run.name(name, outcome);
        }
        // A file that does not load has no tests.
        if is_empty && text(file, "/status") == "failed" {
            run.failures.push(failure(path, text(file, "/message"), path));
            run.name(path, TestOutcome::Failed);
        }
    }
    run.counted()
}

fn mocha(report: &Value) -> Run {
    let mut run = Run::default();
    for (list_name, outcome) in
        [("/passes", TestOutcome::Passed), ("/failures", TestOutcome::Failed), ("/pending", TestOutcome::Skipped)]
    {
        for test in list(report, list_name) {
            let name = text(test, "/fullTitle");
            if outcome == TestOutcome::Failed {
                let stack = text(test, "/err/stack");
                let said = if stack.is_empty() { text(test, "/err/message") } else { stack };
                run.failures.push(failure(name, said, text(test, "/file")));
            }
            run.name(name, outcome);
        }
    }
    run.counted()
}

/// Returns a failure by the stack that it left: its place is that in the file of the test, or the innermost of the project.
fn failure(name: &str, stack: &str, file: &str) -> Failure {
    let plain = crate::text::plain(stack.as_bytes());
    let mut failure = Failure::new(name, plain.lines().next().unwrap_or_default());
    let file = path_of_uri(file);
    let frames = || FRAME.captures_iter(&plain).map(|found| (path_of_uri(&found[1]), number(&found[2]), number(&found[3])));
    let is_own = |path: &str| !path.contains("node_modules/") && !path.starts_with("node:");
    failure.place = frames().find(|(path, ..)| *path == file).or_else(|| frames().find(|(path, ..)| is_own(path)));
    if failure.place.is_none() && !file.is_empty() {
        failure.place = Some((file, 0, 0));
    }
    failure
}

fn rspec(report: &Value) -> Run {
    let mut run = Run::default();
    for test in list(report, "/examples") {
        let name = text(test, "/full_description");
        let outcome = match text(test, "/status") {
            "passed" => TestOutcome::Passed,
            "failed" => TestOutcome::Failed,
            _ => TestOutcome::Skipped,
        };
        if outcome == TestOutcome::Failed {
            let mut failure = Failure::new(name, text(test, "/exception/message").trim().lines().next().unwrap_or_default());
            let frames =
                list(test, "/exception/backtrace").filter_map(Value::as_str).filter_map(|line| RUBY_FRAME.captures(line));
            let is_own = |found: &regex::Captures<'_>| !found[1].contains("/gems/") && !found[1].starts_with("/usr/");
            let frame = frames.into_iter().find(is_own).map(|found| (found[1].to_owned(), number(&found[2]), 1));
            let line = test.get("line_number").and_then(Value::as_u64).and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
            failure.place = frame.or_else(|| Some((text(test, "/file_path").to_owned(), line, 1)));
            run.failures.push(failure);
        }
        run.name(name, outcome);
    }
    let errors = report.pointer("/summary/errors_outside_of_examples_count").and_then(Value::as_u64).unwrap_or(0);
    let mut run = run.counted();
    (run.errors, run.failed) = (errors, run.failed + errors);
    run
}
