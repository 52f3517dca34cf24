//! jest and vitest: a summary of the same form, and failures with the file in front.

use std::collections::BTreeSet;

use domain::{FindingKind, Severity, TestOutcome};

use super::{Failure, Run, count};
use crate::pattern::Pattern;
use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

pattern! {
    JEST = r"^Tests:\s+(.*?)(\d+) total$";
    VITEST = r"^\s*Tests\s+((?:\d+ \w+(?: \| )?)+)(?: \((\d+)\))?$";
    NO_TESTS = r"^No tests? (?:files )?found, exiting";
    PART = r"(\d+) (passed|failed|skipped|todo|pending)";
    // In colours, blanks are set round the word, and round the name of the project that may follow it.
    SUITE = r"^ ?(?:PASS|FAIL)  ?(?:(?P<only>\S+)| {0,2}\S.{0,80}?  ?(?P<path>\S+\.[cm]?[jt]sx?))(?: \(.*\))?$";
    JEST_FAILURE = r"^  ● (.+)$";
    JEST_TICK = r"^(\s+)([✓✕○✎]) (?:skipped |todo )?(.+?)(?: \([\d.]+ m?s\))?$";
    JEST_GROUP = r"^(\s+)([^\s●✓✕○✎].*)$";
    JEST_PLACE = r"^\s+at .*?\(?([^\s():]+):(\d+):(\d+)\)?$";
    // Babel's words of what does not parse: the file in front, the place at the end.
    UNPARSED = r"^\s+SyntaxError: (/?[^\s():]+\.\w+): .* \((\d+):(\d+)\)$";
    UNCOMPILED = r"^\s+([^\s():]+):(\d+):(\d+) - error TS";
    // The name of a project stands between bars, and in colours between blanks.
    VITEST_FAILURE = r"^ FAIL  (?:\|[^|]+\| | \S.{0,80}?  )?(\S+)(?: > (.+)| \[ .+ \])$";
    VITEST_TICK = r"^\s+([✓×↓✗]) (?:\|[^|]+\| | \S.{0,80}?  )?(\S+\.\w+) > (.+?)(?: \d+m?s)?$";
    // What no test caught, below the failures.
    VITEST_UNHANDLED = r"^⎯+ (?:Uncaught Exception|Unhandled (?:Rejection|Error|Source Error)) ⎯+$";
    VITEST_PLACE = r"^\s+❯ (?:\S+ )?([^\s():]+):(\d+):(\d+)$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    // Its JSON has the same tests.
    if reading.has_seen(super::json::JEST) {
        return;
    }
    if lines.iter().any(|line| JEST.is_match(line)) {
        let mut run = counts(lines.iter().filter_map(|line| JEST.captures(line).map(|found| found[1].to_owned())));
        jest_names(lines, &mut run);
        run.add_to("jest", reading);
    }
    // Of a workspace, one package may use the one and another the other.
    if lines.iter().any(|line| VITEST.is_match(line) || line.trim_end().ends_with("Tests  no tests")) {
        let mut run = counts(lines.iter().filter_map(|line| VITEST.captures(line).map(|found| found[1].to_owned())));
        vitest_names(lines, &mut run);
        run.add_to("vitest", reading);
        unhandled(lines, reading);
    }
    if reading.report.tests.framework.is_none() && lines.iter().any(|line| NO_TESTS.is_match(line)) {
        let is_vitest = lines.iter().any(|line| line.starts_with("No test files found"));
        Run::default().add_to(if is_vitest { "vitest" } else { "jest" }, reading);
    }
}

fn counts(summaries: impl Iterator<Item = String>) -> Run {
    let mut run = Run::default();
    for summary in summaries {
        for part in PART.captures_iter(&summary) {
            match &part[2] {
                "passed" => run.passed += count(&part[1]),
                "failed" => run.failed += count(&part[1]),
                _ => run.skipped += count(&part[1]),
            }
        }
    }
    run
}

fn outcome_of(mark: &str) -> TestOutcome {
    match mark {
        "✓" => TestOutcome::Passed,
        "✕" | "×" | "✗" => TestOutcome::Failed,
        _ => TestOutcome::Skipped,
    }
}

/// Names jest's tests: by the ticks of `--verbose`, and by the failures.
fn jest_names(lines: &[&str], run: &mut Run) {
    let mut suite = "";
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut groups: Vec<(usize, &str)> = Vec::new();
    let mut failing: Vec<(String, String)> = Vec::new();
    // What comes after the counts is another program's.
    let mut has_ended = false;
    for (index, line) in lines.iter().enumerate() {
        has_ended = line.starts_with("Test Suites: ") || has_ended && !SUITE.is_match(line);
        if has_ended {
            continue;
        }
        if let Some(found) = SUITE.captures(line) {
            suite = found.name("only").or(found.name("path")).map_or("", |path| path.as_str());
            groups.clear();
        } else if let Some(found) = JEST_FAILURE.captures(line).filter(|found| &found[1] != "Console") {
            let rest = lines.get(index + 1..).unwrap_or(&[]);
            // The summary of many failures repeats them.
            let name = format!("{suite} › {}", &found[1]);
            if seen.insert(name.clone()) {
                run.failures.push(failure(name, suite, rest, |line| JEST_FAILURE.is_match(line), &JEST_PLACE));
                failing.push((format!("{suite} › "), found[1].to_owned()));
            }
            groups.clear();
        } else if let Some(found) = JEST_TICK.captures(line) {
            let depth = found[1].len();
            groups.retain(|(other, _)| *other < depth);
            let path: Vec<&str> =
                groups.iter().map(|(_, name)| *name).chain([found.get(3).map_or("", |name| name.as_str())]).collect();
            run.name_in(&format!("{suite} › "), &path.join(" › "), outcome_of(&found[2]));
        } else if let Some(found) = JEST_GROUP.captures(line) {
            let depth = found[1].len();
            groups.retain(|(other, _)| *other < depth);
            groups.push((depth, found.get(2).map_or("", |name| name.as_str())));
        }
    }
    name_failures(failing, run);
}

/// Names vitest's tests: by the ticks of the verbose reporter, by those below a file with failures, and by the failures.
fn vitest_names(lines: &[&str], run: &mut Run) {
    let mut failing: Vec<(String, String)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if let Some(found) = VITEST_FAILURE.captures(line) {
            let name = found.get(2).map_or(found[1].to_owned(), |test| format!("{} > {}", &found[1], test.as_str()));
            let rest = lines.get(index + 1..).unwrap_or(&[]);
            failing.push(if found.get(2).is_some() { (String::new(), name.clone()) } else { (name.clone(), String::new()) });
            run.failures.push(failure(
                name,
                &found[1],
                rest,
                |line| VITEST_FAILURE.is_match(line) || line.starts_with("⎯⎯"),
                &VITEST_PLACE,
            ));
        } else if let Some(found) = VITEST_TICK.captures(line) {
            run.name(format!("{} > {}", &found[2], &found[3]), outcome_of(&found[1]));
        }
    }
    name_failures(failing, run);
}

/// Reads the errors that vitest caught while no test was there to fail: of no test, but they fail the run.
fn unhandled(lines: &[&str], reading: &mut Reading<'_>) {
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with('⎯')) {
        if !VITEST_UNHANDLED.is_match(line) {
            continue;
        }
        let rest = lines.get(index + 1..).unwrap_or(&[]);
        let failure = failure(String::new(), "", rest, |line| line.starts_with("⎯⎯"), &VITEST_PLACE);
        let Some((path, line, column)) = failure.place else { continue };
        let diagnostic = Diagnostic::new("vitest", "vitest", FindingKind::TestFailure, Severity::Error, &failure.error);
        reading.push("vitest", diagnostic.at(&path, Some(Span::point(line.max(1), column.max(1), Unit::Char))));
    }
}

/// Names the failing tests that no tick named: each with its file, and with its own name. A suite that could not be loaded is no test, but
/// it is counted nowhere else.
fn name_failures(failing: Vec<(String, String)>, run: &mut Run) {
    let known: BTreeSet<String> = run.named.iter().map(|named| named.name.clone()).collect();
    for (file, own) in failing {
        if known.contains(&format!("{file}{own}")) {
            continue;
        }
        // vitest names the file alone, jest says so in words.
        if own == "Test suite failed to run" || own.is_empty() {
            run.name_group(format!("{file}{own}"));
        } else {
            run.name_in(&file, &own, TestOutcome::Failed);
        }
    }
}

fn failure(name: String, suite: &str, rest: &[&str], ends: impl Fn(&str) -> bool, place: &Pattern) -> Failure {
    let block: Vec<&str> = rest.iter().take(120).copied().take_while(|line| !ends(line) && !SUITE.is_match(line)).collect();
    let error = block.iter().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or("").to_owned();
    let is_ours = |path: &str| !path.contains("node_modules/") && !path.starts_with("node:");
    // What does not compile names its place as the compiler does.
    let frames = block.iter().filter(|line| !line.contains("(node:") && !line.contains("at node:"));
    let frames = frames.filter_map(|line| place.captures(line).or_else(|| UNCOMPILED.captures(line)));
    let frames = frames.filter(|found| is_ours(&found[1]));
    let unparsed = block.iter().find_map(|line| UNPARSED.captures(line)).filter(|found| is_ours(&found[1]));
    let place =
        unparsed.or_else(|| frames.into_iter().next()).map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3])));
    Failure { name, error, place: place.or_else(|| (!suite.is_empty()).then(|| (suite.to_owned(), 0, 1))) }
}
