//! Test runners of scripts: shunit2, busted, and `lab` of hapi.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    SHUNIT_RAN = r"^Ran (\d+) tests?\.$";
    SHUNIT_ENDED = r"^(?:OK|FAILED)(?: \((.*)\))?$";
    SHUNIT_SKIPPED = r"\bskipped=(\d+)";
    SHUNIT_TEST = r"^(test\w+)$";
    SHUNIT_FAILED = r"^(?:ASSERT|FAIL):(.*)$";
    SHUNIT_BROKE = r"^shunit2:(?:ERROR|FATAL) (.*)$";
    BUSTED_COUNTS = r"^(\d+) success(?:es)? / (\d+) failures? / (\d+) errors? / (\d+) pending : [\d.]+ seconds$";
    BUSTED_HEAD = r"^(Failure|Error) (?:->|→) (\S.*?) @ (\d+)$";
    BUSTED_PLACE = r"^(\S.*?\.(?:lua|moon)):(\d+): (.*)$";
    LAB_COUNTS = r"^(?:(\d+) of )?(\d+) tests? (failed|passed)$";
    LAB_SKIPPED = r"^(?:.* )?\((\d+) skipped\)$";
    HEAD = r"^  \d+\) (\S.*):$";
    FRAME = r"^\s+at (?:.* \()?(?:file://)?(/?[^\s():<>]+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$";
}

/// A block is no longer than this.
const LONGEST: usize = 60;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    shunit(lines, reading);
    busted(lines, reading);
    lab(lines, reading);
}

/// It prints the name of each test before it runs it. Its own count of failures is one of assertions: a test may fail several times.
fn shunit(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(ran) = lines.iter().position(|line| SHUNIT_RAN.is_match(line)) else { return };
    let ended = lines.iter().skip(ran + 1).find(|line| !line.trim().is_empty()).and_then(|line| SHUNIT_ENDED.captures(line));
    let Some(ended) = ended else { return };
    let total = lines.get(ran).and_then(|line| SHUNIT_RAN.captures(line)).map_or(0, |found| count(&found[1]));
    let mut run = Run { stated: Some(total), ..Run::default() };
    run.skipped = SHUNIT_SKIPPED.captures(ended.get(1).map_or("", |parts| parts.as_str())).map_or(0, |found| count(&found[1]));
    let mut current: Option<&str> = None;
    let mut failing: Vec<&str> = Vec::new();
    for line in lines.iter().take(ran) {
        if let Some(found) = SHUNIT_TEST.captures(line) {
            current = found.get(1).map(|name| name.as_str());
        } else if let Some((name, found)) = current.zip(SHUNIT_FAILED.captures(line).or_else(|| SHUNIT_BROKE.captures(line))) {
            if failing.last() == Some(&name) && SHUNIT_BROKE.is_match(line) {
                continue;
            }
            run.failures.push(Failure::new(name, &found[1]));
            if failing.last() != Some(&name) {
                failing.push(name);
                run.name(name, TestOutcome::Failed);
            }
        }
    }
    run.failed = failing.len() as u64;
    run.passed = total.saturating_sub(run.failed).saturating_sub(run.skipped);
    run.add_to("shunit2", reading);
}

fn busted(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| BUSTED_COUNTS.captures(line)) else { return };
    let of = |group| found.get(group).map_or(0, |figure: regex::Match<'_>| count(figure.as_str()));
    let mut run = Run { passed: of(1), failed: of(2) + of(3), errors: of(3), skipped: of(4), ..Run::default() };
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = BUSTED_HEAD.captures(line) else { continue };
        let name = lines.get(index + 1).map_or("", |name| name.trim());
        let block = || lines.iter().skip(index + 2).take(LONGEST).take_while(|line| !BUSTED_HEAD.is_match(line));
        let told = block().find_map(|line| BUSTED_PLACE.captures(line));
        let (error, place) = match told {
            Some(told) => (told[3].to_owned(), (told[1].to_owned(), number(&told[2]), 1)),
            None => (String::new(), (found[2].to_owned(), number(&found[3]), 1)),
        };
        run.failures.push(Failure { name: name.to_owned(), error, place: Some(place) });
        run.name(name, TestOutcome::Failed);
    }
    run.add_to("busted", reading);
}

fn lab(lines: &[&str], reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| line.starts_with("Test duration: ")) {
        return;
    }
    let Some(found) = lines.iter().rev().find_map(|line| LAB_COUNTS.captures(line)) else { return };
    let total = count(&found[2]);
    let failed = if &found[3] == "failed" { found.get(1).map_or(total, |failed| count(failed.as_str())) } else { 0 };
    let mut run = Run { failed, passed: total.saturating_sub(failed), ..Run::default() };
    run.skipped = lines.iter().find_map(|line| LAB_SKIPPED.captures(line)).map_or(0, |found| count(&found[1]));
    let from = lines.iter().position(|line| *line == "Failed tests:").unwrap_or(lines.len());
    for (index, line) in lines.iter().enumerate().skip(from) {
        let Some(found) = HEAD.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !HEAD.is_match(line));
        // What was got and what was expected stand before the sentence.
        let before = block().take_while(|line| !FRAME.is_match(line)).filter(|line| !line.trim().is_empty());
        let error = before.last().map_or("", |line| line.trim());
        let own = |found: &regex::Captures<'_>| !found[1].contains("node_modules/");
        let place = block().filter_map(|line| FRAME.captures(line)).find(own);
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3])));
        run.failures.push(Failure { name: found[1].to_owned(), error: error.to_owned(), place });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("lab", reading);
}
