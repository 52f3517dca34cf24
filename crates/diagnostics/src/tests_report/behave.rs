//! Scenarios in Gherkin: behave and cucumber. A step that failed is marked below its scenario, which the list at the end names.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    BEHAVE = r"^(\d+) scenarios? passed, (\d+) failed(?:, (\d+) error)?, (\d+) skipped";
    CUCUMBER = r"^(\d+) scenarios? \((.+)\)$";
    PART = r"(\d+) (passed|failed|undefined|ambiguous|pending|skipped)";
    LISTED = r"^\s+(\S+\.feature):(\d+)\s+(\S.*)$";
    LISTS = r"^(?:Failing|Errored) scenarios:$";
    STEP = r"^\s+(?:Given|When|Then|And|But|\*) .* # (\S+):(\d+)$";
    SCENARIO = r"^\s+Scenario(?: Outline)?: (.+?)(?: -- @\S+.*?)?\s+# (\S+\.feature):(\d+)$";
    ASSERTED = r"^\s+(?:ASSERT FAILED|Assertion Failed): ?(.*)$";
    NUMBERED = r"^\s*\d+\) Scenario: (.+?)(?: \(attempt .*\))? # (\S+\.feature):(\d+)$";
    CROSSED = r"^\s+[✖×✗] .* # (\S+):(\d+)$";
    UNDEFINED = r"^\s+\? (\S.*)$";
    FRAME = r"^\s+at (?:.* \()?(?:file://)?(/?[^\s():<>]+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$";
}

/// A block is no longer than this.
const LONGEST: usize = 60;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    behave(lines, reading);
    cucumber(lines, reading);
}

fn behave(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| BEHAVE.captures(line)) else { return };
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { passed: of(1), failed: of(2) + of(3), errors: of(3), skipped: of(4), ..Run::default() };
    let lists = lines.iter().enumerate().filter(|(_, line)| LISTS.is_match(line));
    let listed = lists.flat_map(|(at, _)| lines.iter().skip(at + 1).map_while(|line| LISTED.captures(line)));
    for found in listed.collect::<Vec<_>>() {
        let is_it = |line: &&str| SCENARIO.captures(line).is_some_and(|head| head[2] == found[1] && head[3] == found[2]);
        let block = lines.iter().position(is_it).and_then(|at| lines.get(at + 1..)).unwrap_or_default();
        let block: Vec<&str> = block.iter().take(LONGEST).take_while(|line| !SCENARIO.is_match(line)).copied().collect();
        // The function of the step that failed: the last one before the error.
        let error = block.iter().position(|line| ASSERTED.is_match(line) || line.trim_start().starts_with("Traceback "));
        let step = error.and_then(|at| block.get(..at)?.iter().rev().find_map(|line| STEP.captures(line)));
        let place = step.as_ref().map_or((&found[1], &found[2]), |step| (&step[1], &step[2]));
        let said = error.and_then(|at| ASSERTED.captures(block.get(at)?)).map_or(String::new(), |said| said[1].to_owned());
        run.failures.push(Failure {
            name: found[3].to_owned(),
            error: said,
            place: Some((place.0.to_owned(), number(place.1), 1)),
        });
        run.name(&found[3], TestOutcome::Failed);
    }
    run.add_to("behave", reading);
}

fn cucumber(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| CUCUMBER.captures(line)) else { return };
    let mut run = Run { stated: Some(count(&found[1])), ..Run::default() };
    for part in PART.captures_iter(&found[2]) {
        match &part[2] {
            "passed" => run.passed += count(&part[1]),
            "skipped" | "pending" => run.skipped += count(&part[1]),
            _ => run.failed += count(&part[1]),
        }
    }
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = NUMBERED.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !NUMBERED.is_match(line));
        let own = |found: &regex::Captures<'_>| !found[1].contains("node_modules/");
        let frame = block().filter_map(|line| FRAME.captures(line)).find(own);
        let step = || block().find_map(|line| CROSSED.captures(line));
        let place = match frame.or_else(step) {
            Some(at) => (at[1].to_owned(), number(&at[2]), at.get(3).map_or(1, |column| number(column.as_str()))),
            None => (found[2].to_owned(), number(&found[3]), 1),
        };
        let error = block().find_map(|line| UNDEFINED.captures(line)).map_or(String::new(), |said| said[1].to_owned());
        run.failures.push(Failure { name: found[1].to_owned(), error, place: Some(place) });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("cucumber", reading);
}
