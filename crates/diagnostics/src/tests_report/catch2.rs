//! Catch2: the assertions that failed, below a frame with the names of the test case and its sections, and the counts at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    COUNTS = r"^test cases:\s*(\d+)((?:\s*\|\s*\d+ [a-z ]+)*)$";
    PART = r"(\d+) (passed|failed|skipped)";
    ALL = r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)$";
    // The reporter `compact`.
    COMPACT = r"^Failed (\d+) test cases?, failed \d+ assertions?\.$";
    COMPACT_FAILED = r"^(\S.*?)[:(](\d+)\)?: failed: (.+)$";
    FAILED = r"^(\S.*?)[:(](\d+)\)?: FAILED:$";
    RULE = r"^-{70,}$";
    DOTS = r"^\.{70,}$";
}

/// An assertion is told in no more lines.
const LONGEST: usize = 40;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    if let Some(found) = lines.iter().rev().find_map(|line| COUNTS.captures(line)) {
        for part in PART.captures_iter(&found[2]) {
            match &part[2] {
                "passed" => run.passed = count(&part[1]),
                "failed" => run.failed = count(&part[1]),
                _ => run.skipped = count(&part[1]),
            }
        }
        run.stated = Some(count(&found[1]));
    } else if let Some(found) = lines.iter().rev().find_map(|line| ALL.captures(line)) {
        (run.passed, run.stated) = (count(&found[1]), Some(count(&found[1])));
    } else if let Some(found) = lines.iter().rev().find_map(|line| COMPACT.captures(line)) {
        // It names no test case.
        run.failed = count(&found[1]);
        for found in lines.iter().filter_map(|line| COMPACT_FAILED.captures(line)) {
            let place = Some((found[1].to_owned(), number(&found[2]), 1));
            run.failures.push(Failure { name: String::new(), error: found[3].to_owned(), place });
        }
    } else {
        return;
    }
    let mut name = "";
    for (index, line) in lines.iter().enumerate() {
        if RULE.is_match(line) {
            // The name of a test case stands between two rules, those of its sections indented below it, its place below both.
            let mut below = lines.iter().skip(index + 2).take(LONGEST);
            let is_head = below.find(|line| RULE.is_match(line) || DOTS.is_match(line)).is_some_and(|line| RULE.is_match(line));
            name = lines.get(index + 1).copied().filter(|_| is_head).unwrap_or(name);
        } else if let Some(found) = FAILED.captures(line) {
            let error = lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !line.is_empty()).map(|line| line.trim());
            let error = error.collect::<Vec<_>>().join(" ");
            let place = Some((found[1].to_owned(), number(&found[2]), 1));
            run.failures.push(Failure { name: name.to_owned(), error, place });
            if !name.is_empty() && !run.named.iter().any(|named| named.name == name) {
                run.name(name, TestOutcome::Failed);
            }
        }
    }
    run.add_to("catch2", reading);
}
