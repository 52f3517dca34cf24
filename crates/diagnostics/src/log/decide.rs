//! Which class of failure a job ended in: what its lines tell, corrected by the command and by what tools said.

use domain::{FindingKind, Severity};

use super::step::Step;
use super::{Decision, Outcome};
use crate::class::Class;
use crate::{Crash, Report};

/// Words that any program may say are no surer than this, in percent: what tools say counts more.
const VAGUE: u8 = 50;

/// Decides by the lines of the step that tells anything, its command, the diagnostics, and the crashes.
pub(super) fn decide(
    outcome: Outcome,
    step: Option<&Step>,
    command: Option<&str>,
    report: &Report,
    crashes: &[Crash],
) -> Option<Decision> {
    let decision = by_what_is_said(outcome, step, command, report);
    // A thread that dies is a test's only where tests run.
    let is_of_no_test =
        |decision: &Decision| decision.class == Class::Finding(FindingKind::TestFailure) && report.tests.framework.is_none();
    if crashes.is_empty() || outcome == Outcome::Passed || decision.is_some_and(|decision| !is_of_no_test(&decision)) {
        return decision;
    }
    let lines = decision.and_then(|decision| decision.lines);
    Some(Decision { class: Class::Crash, confidence: 80, rule: "crash-report", lines })
}

fn by_what_is_said(outcome: Outcome, step: Option<&Step>, command: Option<&str>, report: &Report) -> Option<Decision> {
    let told = by_line(outcome, step).map(|decision| by_tests(by_tool(by_command(decision, command), report), report));
    match told {
        // A name that nothing defines, which a fixer may import, is as often a mistake in the code.
        Some(decision) if decision.confidence < VAGUE => by_diagnostics(outcome, report)
            .filter(|known| known.class != Class::Finding(FindingKind::ImportError))
            .or(Some(decision)),
        decision => decision.or_else(|| by_diagnostics(outcome, report)),
    }
}

fn by_line(outcome: Outcome, step: Option<&Step>) -> Option<Decision> {
    let found = step.and_then(|step| step.tellings.deciding());
    let by_end = |class, rule| Some(Decision { class, confidence: 90, rule, lines: None });
    match (outcome, found) {
        (Outcome::Passed, _) => None,
        (Outcome::Cancelled, found) => {
            let lines = found.filter(|(rule, _)| rule.class == Class::Cancelled).map(|(_, lines)| lines);
            by_end(Class::Cancelled, "outcome").map(|decision| Decision { lines, ..decision })
        }
        (_, Some((rule, lines))) => {
            Some(Decision { class: rule.class, confidence: rule.confidence, rule: rule.name, lines: Some(lines) })
        }
        (_, None) => match step.and_then(|step| step.exit) {
            Some(137) => by_end(Class::Resources, "exit-137"),
            Some(134 | 136 | 139) => by_end(Class::Crash, "exit-signal"),
            Some(126 | 127) => by_end(Class::Environment, "exit-127"),
            _ => None,
        },
    }
}

/// Decides anew where the command tells which of several tools wrote the line.
fn by_command(decision: Decision, command: Option<&str>) -> Decision {
    let command = command.unwrap_or_default();
    let named =
        BY_COMMAND.iter().find(|(rule, tools, _)| *rule == decision.rule && tools.iter().any(|tool| command.contains(tool)));
    named.map_or(decision, |(_, _, class)| Decision { class: *class, ..decision })
}

/// Decides anew where all that failed is what a linter says, in the form of a compiler.
fn by_tool(decision: Decision, report: &Report) -> Decision {
    let mut errors = report.diagnostics.iter().filter(|one| one.severity == Severity::Error).peekable();
    let is_of_linters = errors.peek().is_some() && errors.all(|one| LINTERS.contains(&one.tool.as_str()));
    let is_form = OF_COMPILERS.contains(&decision.rule);
    if is_form && is_of_linters { Decision { class: Class::Finding(FindingKind::Linting), ..decision } } else { decision }
}

/// Decides anew where a test took too long and others failed by what they say: that one of several is slow excuses none of them.
fn by_tests(decision: Decision, report: &Report) -> Decision {
    let failed = report.diagnostics.iter().filter(|one| one.kind == FindingKind::TestFailure && one.severity == Severity::Error);
    let is_slow = |one: &crate::Diagnostic| {
        let message = one.message.to_ascii_lowercase();
        message.contains("timeout") || message.contains("timed out") || message.contains("time limit")
    };
    if decision.class == Class::Flaky && failed.into_iter().any(|one| !is_slow(one)) {
        return Decision { class: Class::Finding(FindingKind::TestFailure), ..decision };
    }
    decision
}

/// Decides by what most of the worst diagnostics are, where no line does: a document has none that tells.
fn by_diagnostics(outcome: Outcome, report: &Report) -> Option<Decision> {
    let worst = report.diagnostics.iter().map(|diagnostic| diagnostic.severity).max().filter(|_| outcome != Outcome::Passed)?;
    let mut counts: Vec<(FindingKind, usize)> = Vec::new();
    // What names a place is not repeated by what names none: that a package with it failed.
    let worst = || report.diagnostics.iter().filter(|one| one.severity == worst);
    let any_placed = worst().any(|one| one.path.is_some());
    for diagnostic in worst().filter(|one| !any_placed || one.path.is_some()) {
        match counts.iter_mut().find(|(kind, _)| *kind == diagnostic.kind) {
            Some((_, count)) => *count += 1,
            None => counts.push((diagnostic.kind, 1)),
        }
    }
    let (kind, _) = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
    Some(Decision { class: Class::Finding(kind), confidence: 80, rule: "diagnostics", lines: None })
}

/// Rules of lines that several tools write alike, and what the failure is where the command names one of these.
const BY_COMMAND: &[(&str, &[&str], Class)] = &[
    ("build-c", &["cargo clippy"], Class::Finding(FindingKind::Linting)),
    ("build-go", &["go vet", "golangci-lint", "staticcheck", "revive"], Class::Finding(FindingKind::Linting)),
];

/// Rules of the form that compilers' messages have, which linters use, too.
const OF_COMPILERS: &[&str] = &["build-c", "build-go", "build-jvm"];

/// Linters that say `error` in the form of a compiler.
const LINTERS: &[&str] = &[
    "checkstyle",
    "clang-tidy",
    "cppcheck",
    "golangci-lint",
    "pmd",
    "revive",
    "shellcheck",
    "staticcheck",
    "go vet",
    "detekt",
    "ktlint",
];
