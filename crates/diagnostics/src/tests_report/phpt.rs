//! `run-tests.php`, which runs the `.phpt` files of PHP and of its extensions.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    // All that there are, and those that could run.
    TOTAL = r"^Number of tests :\s*\d+\s+(\d+)$";
    COUNT = r"^Tests (skipped|warned|failed|passed)\s*:\s*(\d+) \(";
    FAILED = r"^FAIL (\S.*?) \[(\S+\.phpt)\]\s*$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(total) = lines.iter().rev().find_map(|line| TOTAL.captures(line)) else { return };
    let mut run = Run { stated: Some(count(&total[1])), ..Run::default() };
    for found in lines.iter().filter_map(|line| COUNT.captures(line)) {
        match &found[1] {
            "skipped" => run.skipped = count(&found[2]),
            "passed" => run.passed = count(&found[2]),
            "failed" => run.failed = count(&found[2]),
            _ => {}
        }
    }
    for found in lines.iter().filter_map(|line| FAILED.captures(line)) {
        let name = format!("{} [{}]", &found[1], &found[2]);
        if run.failures.iter().any(|known| known.name == name) {
            continue;
        }
        run.failures.push(Failure { place: Some((found[2].to_owned(), 0, 0)), ..Failure::new(name.clone(), "") });
        run.name(name, TestOutcome::Failed);
    }
    run.add_to("phpt", reading);
}
