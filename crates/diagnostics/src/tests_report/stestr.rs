//! stestr and what else reads subunit's stream (tempest, ostestr): a line for each test, what was raised indented below it, and totals.

use std::collections::BTreeSet;

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::formats::python::{is_library, split_raised};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    ENDED = r"^(?:\{\d+\} )?(\S+)(?: \[[\d.]+s\])? \.\.\. (ok|FAILED|SKIPPED(?:: .*)?|inprogress)$";
    RAN = r"^Ran: (\d+) tests? in [\d.]+ sec\.$";
    TOTAL = r"^ - (Passed|Skipped|Expected Fail|Unexpected Success|Failed): (\d+)$";
    FRAME = r#"^\s*File "(.+?)", line (\d+), in .+$"#;
}

/// A block is no longer than this.
const LONGEST: usize = 500;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(at) = lines.iter().rposition(|line| RAN.is_match(line)) else { return };
    let mut run = Run::default();
    let mut seen = false;
    for found in lines.iter().skip(at + 1).map_while(|line| TOTAL.captures(line)) {
        seen = true;
        match &found[1] {
            "Passed" => run.passed = count(&found[2]),
            "Skipped" => run.skipped = count(&found[2]),
            "Failed" | "Unexpected Success" => run.failed += count(&found[2]),
            _ => {}
        }
    }
    if !seen {
        return;
    }
    run.stated = lines.get(at).and_then(|line| RAN.captures(line)).map(|found| count(&found[1]));
    // What failed is told again at the end.
    let mut told = BTreeSet::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = ENDED.captures(line) else { continue };
        let outcome = match &found[2] {
            "ok" => TestOutcome::Passed,
            "FAILED" => TestOutcome::Failed,
            "inprogress" => continue,
            _ => TestOutcome::Skipped,
        };
        if told.insert(found[1].to_owned()) {
            run.name(&found[1], outcome);
            if outcome == TestOutcome::Failed {
                run.failures.push(failure(&found[1], lines.iter().skip(index + 1).take(LONGEST)));
            }
        }
    }
    run.add_to("stestr", reading);
}

/// Reads what stands below the line of a test, up to that of the next.
fn failure<'a>(name: &str, lines: impl Iterator<Item = &'a &'a str>) -> Failure {
    let mut failure = Failure::new(name, "");
    for line in lines.take_while(|line| !ENDED.is_match(line) && !line.starts_with("======")) {
        if let Some(found) = FRAME.captures(line) {
            if !is_library(&found[1]) {
                failure.place = Some((found[1].to_owned(), number(&found[2]), 1));
            }
        } else if failure.error.is_empty() && failure.place.is_some() && split_raised(line.trim()).is_some() {
            line.trim().clone_into(&mut failure.error);
        }
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::super::report_of;
    use super::*;

    #[test]
    fn a_test_has_a_line_and_its_stack_stands_indented_below() {
        let text = "{0} nova.t.Quota.test_above [0.001661s] ... FAILED\n\nCaptured traceback:\n~~~~\n    Traceback (most recent call last):\n\n      \
            File \"/r/nova/t.py\", line 11, in test_above\n    self.assertTrue(check(3, 2))\n\n      File \"/py/lib/python3.9/unittest/case.py\", \
            line 688, in assertTrue\n    raise self.failureException(msg)\n\n    AssertionError: False is not true\n\n{1} nova.t.Quota.test_below \
            [0.00s] ... ok\n{0} nova.t.Quota.test_later ... SKIPPED: later\n\n======\nTotals\n======\nRan: 3 tests in 0.0060 sec.\n - Passed: 1\n - \
            Skipped: 1\n - Expected Fail: 0\n - Unexpected Success: 0\n - Failed: 1\nSum of execute time for each test: 0.0019 sec.\n";
        let report = report_of(read, text);
        let tests = &report.tests;
        assert_eq!((tests.framework.as_deref(), tests.stated), (Some("stestr"), Some(3)));
        assert_eq!((tests.passed, tests.failed, tests.skipped), (1, 1, 1));
        assert_eq!(report.failing, ["nova.t.Quota.test_above"]);
        assert_eq!(report.diagnostics[0].path.as_deref(), Some("/r/nova/t.py"));
        assert!(report.diagnostics[0].message.ends_with("AssertionError: False is not true"));
    }
}
