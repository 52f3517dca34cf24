//! `bun test`: an error with an excerpt above it and its stack below, then the name of the test that it ended.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^\((pass|fail|skip|todo)\) (.+?)(?: \[[\d.]+m?s\])?$";
    TICK = r"^([✓✗»✎]) (.+?)(?: \[[\d.]+m?s\])?$";
    COUNT = r"^ *(\d+) (pass|fail|skip|todo)$";
    RAN = r"^Ran \d+ tests? across \d+ files?\.";
    ERROR = r"^(?:error|[A-Z]\w*Error): (.*)$";
    FRAME = r"^\s+at (?:.* \()?(/?[^\s():<>]+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| RAN.is_match(line)) {
        return;
    }
    let mut run = Run::default();
    let mut error = String::new();
    let mut place = None;
    for line in lines {
        if let Some(found) = TEST.captures(line).or_else(|| TICK.captures(line)) {
            let outcome = match &found[1] {
                "pass" | "✓" => TestOutcome::Passed,
                "fail" | "✗" => TestOutcome::Failed,
                _ => TestOutcome::Skipped,
            };
            let (error, place) = (std::mem::take(&mut error), place.take());
            // It is named again at the end of a long report.
            if outcome == TestOutcome::Failed && !run.failures.iter().any(|known| known.name == found[2]) {
                run.failures.push(Failure { name: found[2].to_owned(), error, place });
                run.name(&found[2], outcome);
            } else if outcome != TestOutcome::Failed {
                run.name(&found[2], outcome);
            }
        } else if let Some(found) = ERROR.captures(line) {
            (error, place) = (found[1].to_owned(), None);
        } else if let Some(found) = FRAME.captures(line).filter(|found| place.is_none() && !found[1].contains("node_modules/")) {
            place = Some((found[1].to_owned(), number(&found[2]), number(&found[3])));
        } else if let Some(found) = COUNT.captures(line) {
            match &found[2] {
                "pass" => run.passed += count(&found[1]),
                "fail" => run.failed += count(&found[1]),
                _ => run.skipped += count(&found[1]),
            }
        }
    }
    run.add_to("bun test", reading);
}
