//! node:test with the `spec` reporter: a tree of ticks and crosses, counts, and the failures again below.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::{path_of_uri, pattern};

pattern! {
    COUNT = r"^ℹ (tests|pass|fail|cancelled|skipped|todo) (\d+)$";
    RESULT = r"^(\s*)([✔✖﹣]) (.+?) \([\d.]+ms\)(?: # (SKIP|TODO).*)?$";
    GROUP = r"^(\s*)▶ (.+?)(?: \([\d.]+ms\))?$";
    FAILING = r"^✖ failing tests:$";
    // The reporter `dot`, which counts nothing.
    DOTS = r"^[.X]+$";
    DOT_FAILING = "^Failed tests:$";
    AT = r"^test at (.+?):(\d+):(\d+)$";
    FRAME = r"^\s+at .*?\(?((?:file://)?[^\s():]+):(\d+):(\d+)\)?(?: \{)?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| COUNT.is_match(line)) {
        return dots(lines, reading);
    }
    let mut run = Run::default();
    let mut groups: Vec<(usize, String)> = Vec::new();
    let end = lines.iter().position(|line| FAILING.is_match(line)).unwrap_or(lines.len());
    for line in lines.iter().take(end) {
        if let Some(found) = GROUP.captures(line) {
            let depth = found[1].len();
            groups.retain(|(other, _)| *other < depth);
            groups.push((depth, found[2].to_owned()));
        } else if let Some(found) = RESULT.captures(line) {
            let depth = found[1].len();
            // A group ends with a line like a test's.
            if groups.last().is_some_and(|(other, name)| *other == depth && *name == found[3]) {
                groups.pop();
                continue;
            }
            groups.retain(|(other, _)| *other < depth);
            let path = groups.iter().map(|(_, name)| name.as_str()).chain([&found[3]]).collect::<Vec<_>>().join(" > ");
            let outcome = match (&found[2], found.get(4).is_some()) {
                (_, true) | ("﹣", _) => TestOutcome::Skipped,
                ("✔", _) => TestOutcome::Passed,
                _ => TestOutcome::Failed,
            };
            run.name(path, outcome);
        } else if let Some(found) = COUNT.captures(line) {
            match &found[1] {
                "pass" => run.passed += count(&found[2]),
                "fail" | "cancelled" => run.failed += count(&found[2]),
                "skipped" | "todo" => run.skipped += count(&found[2]),
                _ => {}
            }
        }
    }
    run.failures = failures(lines.get(end..).unwrap_or(&[]));
    run.add_to("node:test", reading);
}

/// Reads what the reporter `dot` says of those that failed. A group that failed by its tests alone says so.
fn dots(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(end) = lines.iter().position(|line| DOT_FAILING.is_match(line)) else { return };
    if !lines.iter().take(end).any(|line| DOTS.is_match(line)) {
        return;
    }
    let mut run = Run::default();
    for (index, line) in lines.iter().enumerate().skip(end) {
        let Some(found) = RESULT.captures(line).filter(|found| &found[2] == "✖") else { continue };
        let error = lines.get(index + 1).map_or("", |line| line.trim().trim_matches('\''));
        if !error.ends_with(" subtests failed") && !error.ends_with(" subtest failed") {
            let block = lines.iter().skip(index + 1).take(60).take_while(|line| !RESULT.is_match(line));
            let frame = block.filter_map(|line| FRAME.captures(line)).find(is_own);
            let place = frame.map(|place| (path_of_uri(&place[1]), number(&place[2]), number(&place[3])));
            run.failures.push(Failure { name: found[3].to_owned(), error: error.to_owned(), place });
            run.name(&found[3], TestOutcome::Failed);
        }
    }
    if !run.named.is_empty() {
        run.counted().add_to("node:test", reading);
    }
}

/// Says whether a frame is of the project's own code.
fn is_own(frame: &regex::Captures<'_>) -> bool {
    !frame[1].contains("node_modules/") && !frame[1].starts_with("node:")
}

fn failures(lines: &[&str]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = AT.captures(line) else { continue };
        let name = lines.get(index + 1).and_then(|line| RESULT.captures(line)).map_or(String::new(), |found| found[3].to_owned());
        let error = lines.get(index + 2).map_or("", |line| line.trim().trim_matches('\''));
        // Where it failed; where nothing of the project's own is in the stack, where the test begins.
        let block = lines.iter().skip(index + 2).take(60).take_while(|line| !AT.is_match(line));
        let frame = block.filter_map(|line| FRAME.captures(line)).find(is_own);
        let place = frame.as_ref().unwrap_or(&found);
        let place = Some((path_of_uri(&place[1]), number(&place[2]), number(&place[3])));
        failures.push(Failure { name, error: error.to_owned(), place });
    }
    failures
}
