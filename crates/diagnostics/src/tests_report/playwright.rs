//! Playwright's own runner: numbered failures with an excerpt and a stack, then the names by how they ended.
//!
//! A test that failed and then passed is flaky, and has a block like one that failed: the list at the end tells them apart.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    RUNNING = r"^Running \d+ tests? using \d+ workers?";
    HEAD = r"^\s+\d+\) (.+?:\d+:\d+ › .+?)(?: ─+)?\s*$";
    COUNT = r"^\s+(\d+) (passed|failed|flaky|skipped|interrupted|did not run)(?: \(.*\))?$";
    LISTED = r"^\s{4}(\S.*?:\d+:\d+ › .+?)(?: ─+)?\s*$";
    ERROR = r"^\s{4}((?:\w*Error|Test timeout|expect\().*)$";
    // One that took too long has no stack, but its name has its place.
    NAMED = r"^(?:\[[^\]]*\] › )?(\S.*?):(\d+):(\d+) › ";
    FRAME = r"^\s+at (?:.* \()?((?:[A-Za-z]:)?[^\s():<>]+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$";
}

/// A block is no longer than this.
const LONGEST: usize = 120;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| RUNNING.is_match(line)) || !lines.iter().any(|line| COUNT.is_match(line)) {
        return;
    }
    let mut run = Run::default();
    let mut kind = String::new();
    for line in summaries(lines).into_iter().flatten() {
        if let Some(found) = COUNT.captures(line) {
            kind = found[2].to_owned();
            match &found[2] {
                "passed" | "flaky" => run.passed += count(&found[1]),
                "failed" | "interrupted" => run.failed += count(&found[1]),
                _ => run.skipped += count(&found[1]),
            }
        } else if let Some(found) = LISTED.captures(line).filter(|_| matches!(kind.as_str(), "failed" | "interrupted")) {
            run.name(&found[1], TestOutcome::Failed);
        }
    }
    for named in &run.named {
        let is_head = |line: &&str| HEAD.captures(line).is_some_and(|found| found[1] == named.name);
        let block = lines.iter().position(is_head).and_then(|at| lines.get(at + 1..)).unwrap_or_default();
        let block = || block.iter().take(LONGEST).take_while(|line| !HEAD.is_match(line) && !COUNT.is_match(line));
        let error = block().find_map(|line| ERROR.captures(line)).map_or(String::new(), |found| found[1].to_owned());
        let own = |found: &regex::Captures<'_>| !found[1].contains("node_modules/");
        let place = block().filter_map(|line| FRAME.captures(line)).find(own);
        let place = place.or_else(|| NAMED.captures(&named.name));
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3])));
        run.failures.push(Failure { name: named.name.clone(), error, place });
    }
    run.add_to("playwright", reading);
}

/// Returns the summaries, each once: on GitHub a notice says all of it again.
fn summaries<'a>(lines: &'a [&'a str]) -> Vec<&'a [&'a str]> {
    let mut all: Vec<&[&str]> = Vec::new();
    let mut next = 0;
    while let Some(rest) = lines.get(next..).filter(|rest| !rest.is_empty()) {
        let is_count = rest.first().is_some_and(|line| COUNT.is_match(line));
        let length = rest.iter().take_while(|line| is_count && (COUNT.is_match(line) || LISTED.is_match(line))).count();
        let block = rest.get(..length).unwrap_or_default();
        let (once, again) = block.split_at(length / 2);
        let block = if once == again { once } else { block };
        if !block.is_empty() && !all.contains(&block) {
            all.push(block);
        }
        next += length.max(1);
    }
    all
}
