//! How what was read compares with what is known.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::corpus::{Case, Tests};
use crate::shell;

/// So many of so many.
#[derive(Debug, Default, Clone, Copy)]
struct Share {
    right: usize,
    of: usize,
}

impl Share {
    fn count(&mut self, is_right: bool) {
        self.of += 1;
        self.right += usize::from(is_right);
    }

    /// Returns the share; of nothing, all is right.
    fn value(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.right as f64 / self.of as f64 }
    }
}

/// The figures of a set of logs.
#[derive(Debug, Default)]
pub(super) struct Score {
    recall: Share,
    precision: Share,
    names_found: Share,
    names_right: Share,
    counts: Share,
    framework: Share,
    hit_1: Share,
    hit_5: Share,
    class: Share,
    outcome: Share,
    step: Share,
    command: Share,
    exit_code: Share,
    /// What was wrong, a line each.
    pub(super) misses: Vec<String>,
}

/// Reads each log with the program, and compares.
pub(super) fn of(program: &Path, cases: &[Case]) -> Result<Score> {
    let mut score = Score::default();
    for case in cases {
        let output = shell::output_of(Command::new(program).args(["read", "--json"]).arg(&case.log))?;
        let read: Value =
            serde_json::from_slice(&output.stdout).with_context(|| format!("reading what was said of {}", case.name))?;
        score.add(case, &read);
    }
    Ok(score)
}

impl Score {
    fn add(&mut self, case: &Case, read: &Value) {
        let label = &case.label;
        let text = |pointer: &str| read.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let mut plain = |share: fn(&mut Self) -> &mut Share, what: &str, known: Option<&str>, found: Option<String>| {
            let is_right = found.as_deref() == known;
            share(self).count(is_right);
            if !is_right {
                self.misses.push(format!("{}: {what} is {known:?}, read as {found:?}", case.name));
            }
        };
        plain(|score| &mut score.outcome, "outcome", Some(&label.outcome), text("/outcome"));
        // Of a log with failures of several classes nobody says which is the one.
        if label.class.is_some() || label.outcome == "passed" {
            plain(|score| &mut score.class, "class", label.class.as_deref(), text("/class"));
        }
        plain(|score| &mut score.framework, "framework", label.tests.framework.as_deref(), text("/tests/framework"));
        if label.outcome != "passed" {
            plain(|score| &mut score.step, "step", label.step.as_deref(), text("/step"));
            plain(|score| &mut score.command, "command", label.command.as_deref(), text("/command"));
            let code = |code: Option<i64>| code.map(|code| code.to_string());
            let found = code(read.pointer("/exit_code").and_then(Value::as_i64));
            plain(|score| &mut score.exit_code, "exit code", code(label.exit_code).as_deref(), found);
        }
        if label.tests.run.is_some() {
            let found = tests(read);
            let known = label.tests_figures();
            self.counts.count(found == known);
            if found != known {
                self.misses.push(format!("{}: counts are {known:?}, read as {found:?}", case.name));
            }
        }
        self.names(case, read);
        self.places(case, read);
        self.explained(case, read);
    }

    fn names(&mut self, case: &Case, read: &Value) {
        let found: BTreeSet<&str> =
            read.pointer("/tests/failing").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let known: BTreeSet<&str> = case.label.tests.failing.iter().map(String::as_str).collect();
        known.iter().for_each(|name| self.names_found.count(found.contains(name)));
        found.iter().for_each(|name| self.names_right.count(known.contains(name)));
        if found != known {
            self.misses.push(format!("{}: failing are {known:?}, read as {found:?}", case.name));
        }
    }

    fn places(&mut self, case: &Case, read: &Value) {
        let found: BTreeSet<(&str, Option<u64>)> = read
            .get("diagnostics")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|one| Some((one.get("file")?.as_str()?, one.get("line").and_then(Value::as_u64))))
            .collect();
        let known = &case.label.diagnostics;
        let is_same = |known: &(String, Option<u64>), found: &(&str, Option<u64>)| {
            same_file(&known.0, found.0) && (known.1.is_none() || known.1 == found.1)
        };
        for one in known {
            let is_found = found.iter().any(|found| is_same(one, found));
            self.recall.count(is_found);
            if !is_found {
                self.misses.push(format!("{}: {}:{:?} is not found", case.name, one.0, one.1));
            }
        }
        for one in &found {
            let is_right = known.iter().any(|known| is_same(known, one));
            self.precision.count(is_right);
            if !is_right {
                self.misses.push(format!("{}: {}:{:?} is wrong", case.name, one.0, one.1));
            }
        }
    }

    fn explained(&mut self, case: &Case, read: &Value) {
        let known = &case.label.explaining;
        if known.is_empty() {
            return;
        }
        let found: Vec<(u64, u64)> = read
            .get("explaining")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|pair| Some((pair.get(0)?.as_u64()?, pair.get(1)?.as_u64()?)))
            .collect();
        let hits =
            |most: usize| found.iter().take(most).any(|(first, last)| known.iter().any(|(from, to)| first <= to && from <= last));
        self.hit_1.count(hits(1));
        self.hit_5.count(hits(5));
        if !hits(1) {
            self.misses.push(format!("{}: explained by {known:?}, read as {:?}", case.name, found.get(..5).unwrap_or(&found)));
        }
    }

    fn f1(&self) -> f64 {
        let (found, right) = (self.names_found.value(), self.names_right.value());
        if found + right == 0.0 { 0.0 } else { 2.0 * found * right / (found + right) }
    }

    /// Returns each figure: its name, its value, and what is promised of it.
    fn figures(&self) -> [(&'static str, f64, Option<f64>, usize); 14] {
        [
            ("file and line, recall", self.recall.value(), Some(0.98), self.recall.of),
            ("file and line, precision", self.precision.value(), Some(0.98), self.precision.of),
            ("names of failing tests, recall", self.names_found.value(), None, self.names_found.of),
            ("names of failing tests, precision", self.names_right.value(), None, self.names_right.of),
            ("names of failing tests, F1", self.f1(), Some(0.95), self.names_found.of),
            ("exact counts of tests", self.counts.value(), Some(0.95), self.counts.of),
            ("framework", self.framework.value(), Some(0.97), self.framework.of),
            ("explaining line, hit@1", self.hit_1.value(), Some(0.85), self.hit_1.of),
            ("explaining line, hit@5", self.hit_5.value(), None, self.hit_5.of),
            ("class", self.class.value(), None, self.class.of),
            ("outcome", self.outcome.value(), None, self.outcome.of),
            ("step", self.step.value(), None, self.step.of),
            ("command", self.command.value(), None, self.command.of),
            ("exit code", self.exit_code.value(), None, self.exit_code.of),
        ]
    }

    /// Returns the figures as a table.
    pub(super) fn table(&self) -> String {
        let row = |(name, value, promised, of): (&str, f64, Option<f64>, usize)| {
            let promised = promised.map(|promised| format!("  promised {promised:.2}")).unwrap_or_default();
            format!("  {name:<36} {value:.3}  of {of:>3}{promised}\n")
        };
        self.figures().into_iter().map(row).collect()
    }

    /// Says whether all that is promised holds.
    pub(super) fn holds(&self) -> bool {
        self.figures().into_iter().all(|(_, value, promised, _)| promised.is_none_or(|promised| value >= promised))
    }
}

impl super::corpus::Label {
    fn tests_figures(&self) -> Tests {
        let Tests { run, failed, errors, skipped, .. } = self.tests;
        Tests { framework: None, run, failed, errors, skipped, failing: Vec::new() }
    }
}

fn tests(read: &Value) -> Tests {
    let figure = |name: &str| read.pointer(&format!("/tests/{name}")).and_then(Value::as_u64);
    Tests {
        framework: None,
        run: figure("run"),
        failed: figure("failed"),
        errors: figure("errors"),
        skipped: figure("skipped"),
        failing: Vec::new(),
    }
}

/// Says whether two names are of one file: a tool may name it from the root of the machine, or below the folder of its package.
fn same_file(known: &str, found: &str) -> bool {
    let ends_with = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    let (known, found) = (known.trim_start_matches("./"), found.trim_start_matches("./"));
    ends_with(found, known) || ends_with(known, found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_compared_from_their_end() {
        assert!(same_file("src/a.py", "/builds/x/src/a.py") && same_file("pkg/a_test.go", "a_test.go") && same_file("./a", "a"));
        assert!(!same_file("src/a.py", "src/ba.py") && !same_file("a.py", "b/ca.py"));
    }

    #[test]
    fn a_share_of_nothing_is_all() {
        assert_eq!((Share::default().value(), Share { right: 1, of: 2 }.value()), (1.0, 0.5));
    }
}
