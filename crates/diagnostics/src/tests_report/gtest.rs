//! GoogleTest: bracketed words before each test.

use domain::TestOutcome;

use super::{Failure, Run};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^\[ +(OK|FAILED|SKIPPED) +\] (\S+?)(?:, where .*)? \(\d+ ms\)$";
    DISABLED = r"^\[ DISABLED \] (\S+)$";
    RUN = r"^\[ RUN +\] (\S+)$";
    RAN = r"^\[=+\] (\d+) tests? from \d+ test (?:suites?|cases?) ran\.";
    BRIEF_SKIPPED = r"^\[  SKIPPED \] (\d+) tests?";
    PLACE = r"^(.+?)[:(](\d+)\)?: (?:Failure|error: .*)$";
}

/// More failures than anyone looks at.
const MOST_MORE: usize = 10_000;

/// Reads the report. `within` that of another runner, the tests are counted there, and only where they failed is told.
pub(super) fn read(lines: &[&str], within: bool, reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| RAN.is_match(line) || RUN.is_match(line)) {
        return;
    }
    let mut run = Run::default();
    let mut current: Option<Failure> = None;
    // A test goes on after an expectation that failed: each is told.
    let mut more: Vec<Failure> = Vec::new();
    let mut disabled = 0;
    let is_brief = !lines.iter().any(|line| RUN.is_match(line));
    for (index, line) in lines.iter().enumerate() {
        if let Some(found) = RUN.captures(line) {
            // A test that never ends took the process with it.
            if let Some(crashed) = current.replace(Failure::new(&found[1], "")) {
                run.failures.push(crashed);
            }
        } else if let Some(found) = TEST.captures(line) {
            let failure = current.take().unwrap_or_else(|| Failure::new(&found[2], ""));
            // With `--gtest_brief` what failed stands before the name.
            let failure = Failure { name: found[2].to_owned(), ..failure };
            more.iter_mut().filter(|more| more.name.is_empty()).for_each(|more| found[2].clone_into(&mut more.name));
            let outcome = super::outcome(&found[1]).unwrap_or(TestOutcome::Failed);
            if outcome == TestOutcome::Failed {
                run.failures.push(failure);
            }
            run.name(&found[2], outcome);
        } else if let Some(found) = DISABLED.captures(line) {
            // It says how many those are apart from what it skipped.
            disabled += 1;
            run.name(&found[1], TestOutcome::Skipped);
        } else if let Some(found) = PLACE.captures(line).filter(|_| current.is_some() || is_brief) {
            let failure = current.get_or_insert_default();
            let place = Some((found[1].to_owned(), number(&found[2]), 1));
            let error = lines.get(index + 1).map_or(String::new(), |line| line.trim().to_owned());
            if failure.place.is_none() {
                (failure.place, failure.error) = (place, error);
            } else if more.len() < MOST_MORE {
                more.push(Failure { name: failure.name.clone(), error, place });
            }
        }
    }
    run.failures.append(&mut more);
    if let Some(crashed) = current {
        run.name(crashed.name.clone(), TestOutcome::Failed);
        run.failures.push(Failure { error: "the test did not end".to_owned(), ..crashed });
    }
    if within {
        reading.saw("gtest");
        let told = run.failures.iter().filter(|failure| failure.place.is_some());
        return told.for_each(|failure| reading.push("gtest", failure.diagnostic("gtest")));
    }
    let ran: Vec<u64> = lines.iter().filter_map(|line| RAN.captures(line)).map(|found| super::count(&found[1])).collect();
    let mut run = run.counted();
    if !ran.is_empty() {
        run.stated = Some(ran.iter().sum());
    }
    run.skipped = run.skipped.saturating_sub(disabled);
    if is_brief {
        run.skipped = lines.iter().filter_map(|line| BRIEF_SKIPPED.captures(line)).map(|found| super::count(&found[1])).sum();
    }
    run.add_to("gtest", reading);
}
