//! Robot Framework: a row a test with its verdict, what went wrong below it, and the counts at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    ROW = r"^(\S.*?)(?: :: .*?)?\s*\| (PASS|FAIL|SKIP) \|$";
    COUNTS = r"^(\d+) tests?, (\d+) passed, (\d+) failed(?:, (\d+) skipped)?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    // Each suite states its own, and what is around it the sum.
    let Some(found) = lines.iter().rev().find_map(|line| COUNTS.captures(line)) else { return };
    if !lines.iter().any(|line| ROW.is_match(line)) {
        return;
    }
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { passed: of(2), failed: of(3), skipped: of(4), ..Run::default() };
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1).copied().unwrap_or_default();
        // A suite's row is followed by its counts.
        let Some(found) = ROW.captures(line).filter(|_| !COUNTS.is_match(next)) else { continue };
        if &found[2] == "FAIL" {
            run.failures.push(Failure::new(&found[1], next));
            run.name(&found[1], TestOutcome::Failed);
        }
    }
    run.add_to("robot", reading);
}
