//! Bazel: a line a target, and how many of them failed. What runs inside of a target is told by its own runner, where its output is shown.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    TARGET = r"^(//\S+|@\S+//\S+)\s+(?:\(cached\) )?(PASSED|FAILED|TIMEOUT|FLAKY|NO STATUS|SKIPPED)( .*)?$";
    COUNTS = r"^Executed \d+ out of (\d+) tests?[:.]";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    if reading.report.tests.framework.is_some() {
        return;
    }
    let Some(found) = lines.iter().rev().filter(|line| line.starts_with("Executed ")).find_map(|line| COUNTS.captures(line))
    else {
        return;
    };
    let mut run = Run::default();
    for found in lines.iter().filter(|line| line.starts_with(['/', '@'])).filter_map(|line| TARGET.captures(line)) {
        if found.get(3).is_some_and(|more| more.as_str().starts_with(" TO BUILD")) {
            continue;
        }
        let outcome = match &found[2] {
            "PASSED" | "FLAKY" => TestOutcome::Passed,
            "SKIPPED" | "NO STATUS" => TestOutcome::Skipped,
            _ => TestOutcome::Failed,
        };
        if outcome == TestOutcome::Failed {
            run.failures.push(Failure::new(&found[1], &found[2]));
        }
        run.name(&found[1], outcome);
    }
    // What was not built ran nothing.
    if run.named.is_empty() {
        return;
    }
    let mut run = run.counted();
    run.stated = Some(count(&found[1]));
    run.passed = count(&found[1]).saturating_sub(run.failed).saturating_sub(run.skipped);
    run.add_to("bazel", reading);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_its_tests() {
        let text = "//log:log_test    PASSED in 0.1s\n//cart:cart_test  (cached) FAILED in 0.3s\n  /x/test.log\n\nExecuted 2 out of 3 tests: 2 tests pass and 1 fails locally.\n";
        let mut reading = Reading::new(None);
        read(&crate::text::lines(text), &mut reading);
        let report = reading.finish();
        assert_eq!(
            (report.failing.as_slice(), report.tests.stated, report.tests.failed),
            (["//cart:cart_test".to_owned()].as_slice(), Some(3), 1)
        );
    }
}
