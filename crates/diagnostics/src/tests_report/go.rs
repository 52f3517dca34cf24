//! `go test`: its text with and without `-v`, and the events of `-json`.

use std::collections::{BTreeMap, BTreeSet};

use domain::TestOutcome;
use serde_json::Value;

use super::{Failure, Run};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^(\s*)--- (PASS|FAIL|SKIP|BENCH): (\S+) \([\d.]+s\)$";
    PACKAGE = r"^(ok|FAIL|---|\?)\s*\t(\S+)(?:\t(.*)|\s+\[(.*)\])?$";
    RUN = r"^=== (?:RUN|CONT|NAME|PAUSE)\s+(\S+)$";
    LOCATED = r"^\s+(\S+_test\.go|\S+\.go):(\d+): (.*)$";
    PANIC = r"^panic: (.*?)(?: \[recovered.*\])?$";
    STACK = r"^\t(\S+\.go):(\d+)(?: \+0x[0-9a-f]+)?$";
}

/// The events of `go test -json`, read one by one.
#[derive(Default)]
pub(crate) struct Events {
    outputs: BTreeMap<String, String>,
    outcomes: BTreeMap<(String, String), TestOutcome>,
    any: bool,
}

impl Events {
    /// Takes one event, or answers that it is none.
    pub(crate) fn take(&mut self, document: &Value) -> bool {
        let text = |field: &str| document.get(field).and_then(Value::as_str);
        let Some(action) = text("Action") else { return false };
        let Some(package) = text("Package").or_else(|| text("ImportPath")) else { return false };
        self.any = true;
        match (action, text("Test")) {
            ("output" | "build-output", _) => {
                self.outputs.entry(package.to_owned()).or_default().push_str(text("Output").unwrap_or_default())
            }
            ("pass" | "fail" | "skip", Some(test)) => {
                let outcome = super::outcome(action).unwrap_or(TestOutcome::Failed);
                self.outcomes.insert((package.to_owned(), test.to_owned()), outcome);
            }
            _ => {}
        }
        true
    }

    /// Adds the tests to a report, and returns what the packages printed, a package after the other.
    pub(crate) fn finish(self, reading: &mut Reading<'_>) -> String {
        if !self.any {
            return String::new();
        }
        reading.saw("go test json");
        let text: String = self.outputs.into_values().collect();
        let lines = crate::text::lines(&text);
        let mut run = Run { failures: failures(&lines), ..Run::default() };
        for ((package, test), outcome) in self.outcomes {
            run.name_in(&format!("{package}."), &test, outcome);
        }
        run.counted().add_to("go test", reading);
        text
    }
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    if reading.has_seen("go test json") || !lines.iter().any(|line| PACKAGE.is_match(line) || TEST.is_match(line)) {
        return;
    }
    let mut run = Run { failures: failures(lines), ..Run::default() };
    for (package, name, outcome) in named(lines) {
        run.name_in(&package, &name, outcome);
    }
    run = run.counted();
    run.stated = Some(run.named.len() as u64 - run.skipped);
    // Without -v a package that passes says only that: it counts as one test, so that "passed" is not taken for "no tests".
    if !lines.iter().any(|line| RUN.is_match(line)) {
        run.passed += lines
            .iter()
            .filter(|line| line.starts_with("ok") && PACKAGE.is_match(line) && !line.contains("[no tests to run]"))
            .count() as u64;
    }
    run.add_to("go test", reading);
}

/// Returns the tests that are named, each with the package whose line comes after it.
fn named(lines: &[&str]) -> Vec<(String, String, TestOutcome)> {
    let mut all = Vec::new();
    let mut waiting: Vec<(String, TestOutcome)> = Vec::new();
    for line in lines {
        if let Some(found) = TEST.captures(line) {
            let Some(outcome) = super::outcome(&found[2]) else { continue };
            waiting.push((found[3].to_owned(), outcome));
        } else if let Some(found) = PACKAGE.captures(line) {
            all.extend(waiting.drain(..).map(|(name, outcome)| (format!("{}.", &found[2]), name, outcome)));
        }
    }
    all.extend(waiting.into_iter().map(|(name, outcome)| (String::new(), name, outcome)));
    all
}

/// Returns the failing tests, a group of subtests only where none of its tests failed.
fn failures(lines: &[&str]) -> Vec<Failure> {
    let mut all: Vec<Failure> = Vec::new();
    let mut waiting: Vec<Failure> = Vec::new();
    // With -v a test's text comes before its verdict, without after it.
    let mut said: BTreeMap<String, (String, u32, String)> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in lines {
        if let Some(found) = RUN.captures(line) {
            current = Some(found[1].to_owned());
        } else if let Some(found) = TEST.captures(line) {
            current = Some(found[3].to_owned());
            if &found[2] == "FAIL" {
                waiting.push(Failure::new(&found[3], ""));
            }
        } else if let Some((found, test)) = LOCATED.captures(line).zip(current.clone()) {
            said.entry(test).or_insert((found[1].to_owned(), number(&found[2]), found[3].to_owned()));
        } else if let Some((found, test)) = PANIC.captures(line).zip(current.clone()) {
            said.entry(test).or_insert((String::new(), 0, format!("panic: {}", &found[1])));
        } else if let Some((found, last)) = STACK.captures(line).zip(current.as_ref().and_then(|test| said.get_mut(test))) {
            if last.0.is_empty() && !found[1].contains("/src/testing/") && !found[1].contains("/src/runtime/") {
                (last.0, last.1) = (found[1].to_owned(), number(&found[2]));
            }
        } else if let Some(found) = PACKAGE.captures(line) {
            let package = found[2].to_owned();
            all.extend(finished(std::mem::take(&mut waiting), &said, &package));
            if found
                .get(3)
                .or(found.get(4))
                .is_some_and(|why| why.as_str().contains("build failed") || why.as_str().contains("setup failed"))
            {
                all.push(Failure::new(package, "build failed"));
            }
            (said, current) = (BTreeMap::new(), None);
        }
    }
    all.extend(finished(waiting, &said, ""));
    all
}

fn finished(failures: Vec<Failure>, said: &BTreeMap<String, (String, u32, String)>, package: &str) -> Vec<Failure> {
    let parents =
        |name: &str| name.match_indices('/').filter_map(|(at, _)| name.get(..at)).map(str::to_owned).collect::<Vec<_>>();
    let groups: BTreeSet<String> = failures.iter().flat_map(|failure| parents(&failure.name)).collect();
    let leaves: Vec<&Failure> = failures.iter().filter(|failure| !groups.contains(&failure.name)).collect();
    let complete = |failure: &Failure| {
        let (path, line, error) = said.get(&failure.name).cloned().unwrap_or_default();
        // A test names its file without the folder; that is found by the package's name.
        let path =
            if package.is_empty() || path.starts_with('/') || path.is_empty() { path } else { format!("{package}/{path}") };
        let name = if package.is_empty() { failure.name.clone() } else { format!("{package}.{}", failure.name) };
        Failure { name, error, place: (!path.is_empty()).then_some((path, line, 1)) }
    };
    leaves.into_iter().map(complete).collect()
}
