//! Reports of test runners: how many tests ran, which, and how each ended; and each failure as a diagnostic.
//!
//! One file a runner or family. Each looks for its own signature and answers nothing where it is absent; two runners in one output
//! (a Makefile that starts several) are added up.

mod assertions;
mod ava;
mod bats;
mod bazel;
mod behave;
mod bun;
mod cargo;
mod catch2;
mod cmocka;
mod ctest;
mod deno;
mod doctest;
mod dotnet;
mod erlang;
mod exunit;
mod ginkgo;
mod go;
mod gotestsum;
mod gradle;
mod gtest;
mod haskell;
mod jest;
mod json;
mod junit;
mod junit_console;
mod karma;
mod mocha;
mod native;
mod nextest;
mod node_spec;
mod numbered;
mod others;
mod phpt;
mod playwright;
mod pytest;
mod readers;
mod robot;
mod scala;
mod scripts;
mod stestr;
mod surefire;
mod swift;
mod tap;
mod test_unit;
mod trial;
mod unittest;
mod uvu;

use domain::{FindingKind, Severity, TestOutcome, TestsSeen};

use crate::reading::Reading;
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

pub(crate) use go::Events as GoEvents;

pattern! {
    ADDRESS = r"\b0x[0-9a-fA-F]{4,}\b";
}

/// What one runner reported.
#[derive(Debug, Default)]
struct Run {
    passed: u64,
    /// With those that broke.
    failed: u64,
    errors: u64,
    skipped: u64,
    /// How many ran, in the runner's own words.
    stated: Option<u64>,
    named: Vec<Named>,
    failures: Vec<Failure>,
}

/// One test and its outcome.
#[derive(Debug)]
struct Named {
    /// The name that tells it from all others: with its file, package or binary.
    name: String,
    /// Where the name that the runner prints begins in it.
    own: usize,
    outcome: TestOutcome,
}

/// One failing test.
#[derive(Debug, Default, Clone)]
struct Failure {
    name: String,
    /// The first line of the error.
    error: String,
    place: Option<(String, u32, u32)>,
}

impl Run {
    fn name(&mut self, name: impl Into<String>, outcome: TestOutcome) {
        self.named.push(Named { name: name.into(), own: 0, outcome });
    }

    /// Names a group (a file) that could not be loaded. It is no test, but it is counted nowhere else.
    fn name_group(&mut self, name: String) {
        self.named.push(Named { own: name.len(), name, outcome: TestOutcome::Failed });
    }

    /// Names a test of a group (a file, a package), which the runner prints apart from the test's own name.
    fn name_in(&mut self, group: &str, own: &str, outcome: TestOutcome) {
        self.named.push(Named { name: format!("{group}{own}"), own: group.len(), outcome });
    }

    /// Returns how many named tests ended so.
    fn count(&self, outcome: TestOutcome) -> u64 {
        self.named.iter().filter(|named| named.outcome == outcome).count() as u64
    }

    /// Takes the counts from the names, for runners that state none.
    fn counted(mut self) -> Self {
        self.passed = self.count(TestOutcome::Passed);
        self.failed = self.count(TestOutcome::Failed);
        self.skipped = self.count(TestOutcome::Skipped);
        self
    }

    /// Adds this run to a report.
    fn add_to(self, framework: &'static str, reading: &mut Reading<'_>) {
        reading.saw(framework);
        for failure in self.failures {
            reading.push(framework, failure.diagnostic(framework));
        }
        let tests: &mut TestsSeen = &mut reading.report.tests;
        let is_first = tests.framework.is_none();
        match &mut tests.framework {
            Some(known) if known.split(", ").any(|name| name == framework) => {}
            Some(known) => *known = format!("{known}, {framework}"),
            none => *none = Some(framework.to_owned()),
        }
        tests.passed = tests.passed.saturating_add(self.passed);
        tests.failed = tests.failed.saturating_add(self.failed);
        tests.errors = tests.errors.saturating_add(self.errors);
        tests.skipped = tests.skipped.saturating_add(self.skipped);
        // Where one runner of two states no number, the outcomes are counted.
        let before = if is_first { Some(0) } else { tests.stated };
        tests.stated = before.zip(self.stated).map(|(before, own)| before.saturating_add(own));
        let failing = &mut reading.report.failing;
        let known: std::collections::HashSet<String> = failing.iter().cloned().collect();
        let mut added = std::collections::HashSet::new();
        for Named { name, own, outcome } in self.named {
            if outcome == TestOutcome::Failed {
                let own = crate::text::one_line(name.get(own..).unwrap_or(&name));
                if !own.is_empty() && !known.contains(&own) && added.insert(own.clone()) {
                    failing.push(own);
                }
            }
            tests.named.entry(crate::text::one_line(&name)).or_default().push(outcome);
        }
    }
}

impl Failure {
    fn new(name: impl Into<String>, error: impl Into<String>) -> Self {
        Self { name: name.into(), error: error.into(), place: None }
    }

    fn diagnostic(&self, framework: &'static str) -> Diagnostic {
        // An address of an object is another one in each run.
        let error = ADDRESS.replace_all(self.error.trim(), "0x…");
        let message = match error.as_ref() {
            "" => format!("test {} failed", self.name),
            error => format!("test {} failed: {error}", self.name),
        };
        let diagnostic = Diagnostic::new(framework, framework, FindingKind::TestFailure, Severity::Error, &message);
        match &self.place {
            Some((path, line, column)) => {
                diagnostic.at(path, (*line > 0).then(|| Span::point(*line, (*column).max(1), Unit::Char)))
            }
            None => diagnostic,
        }
    }
}

/// Reads all reports that stand in a text.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    let woken = readers::woken(lines);
    let (first, rest) = woken.split_at(readers::FIRST.len());
    readers::read(&readers::FIRST, first, lines, reading);
    let uncaptured = cargo::without_captured(lines, reading);
    readers::read(&readers::REST, rest, &uncaptured, reading);
}

/// Reads a report in JSON of a runner's own, if a document is one.
pub(crate) fn document(value: &serde_json::Value, reading: &mut Reading<'_>) -> bool {
    json::document(value, reading)
}

/// Reads a JUnit report, and returns the text around it.
pub(crate) fn xml(text: String, reading: &mut Reading<'_>) -> String {
    junit::read(text, reading)
}

/// Says how a word of a report names an outcome.
fn outcome(word: &str) -> Option<TestOutcome> {
    match word.to_ascii_lowercase().as_str() {
        "ok" | "passed" | "pass" | "xpass" => Some(TestOutcome::Passed),
        "failed" | "fail" | "error" => Some(TestOutcome::Failed),
        "ignored" | "skipped" | "skip" | "xfail" => Some(TestOutcome::Skipped),
        _ => None,
    }
}

/// Returns what one reader alone makes of a text.
#[cfg(test)]
fn report_of(read: fn(&[&str], &mut Reading<'_>), text: &str) -> crate::Report {
    let mut reading = Reading::new(None);
    read(&crate::text::lines(text), &mut reading);
    reading.finish()
}

/// Returns a count of a summary, 0 where it is no number.
fn count(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}
