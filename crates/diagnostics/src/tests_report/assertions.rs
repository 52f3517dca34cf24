//! doctest and Boost.Test: each assertion that failed on a line with its place, and the counts at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    DOCTEST_COUNTS = r"^\[doctest\] test cases: +(\d+) \| +(\d+) passed \| +(\d+) failed(?: \| +(\d+) skipped)?";
    DOCTEST_CASE = r"^TEST CASE:  (.+)$";
    DOCTEST_FAILED = r"^(\S.*?)[:(](\d+)\)?: (?:FATAL )?ERROR: (.+)$";
    BOOST_RUNNING = r"^Running (\d+) test cases?\.\.\.$";
    BOOST_FAILED = r#"^(\S.*?)\((\d+)\): (?:fatal )?error: in "([^"]+)": (.+)$"#;
    BOOST_THROWN = r#"^unknown location\(0\): fatal error: in "([^"]+)": (.+)$"#;
    BOOST_CHECKPOINT = r"^(\S.*?)\((\d+)\): last checkpoint";
    BOOST_ENDED = r#"^\*\*\* (?:No errors detected|\d+ failures? (?:is|are) detected)|^Test module "[^"]*" has (?:passed|failed|been aborted) with:$"#;
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    doctest(lines, reading);
    boost(lines, reading);
}

fn doctest(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| DOCTEST_COUNTS.captures(line)) else { return };
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    // Those that the filters skipped are not among the test cases.
    let mut run = Run { passed: of(2), failed: of(3), stated: Some(of(1)), ..Run::default() };
    let mut name = "";
    for line in lines {
        if let Some(found) = DOCTEST_CASE.captures(line) {
            name = found.get(1).map_or("", |name| name.as_str());
        } else if let Some(found) = DOCTEST_FAILED.captures(line).filter(|_| !name.is_empty()) {
            failed(&mut run, name, &found[3], Some((found[1].to_owned(), number(&found[2]), 1)));
        }
    }
    run.add_to("doctest", reading);
}

fn boost(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().find_map(|line| BOOST_RUNNING.captures(line)) else { return };
    if !lines.iter().any(|line| BOOST_ENDED.is_match(line)) {
        return;
    }
    let total = count(&found[1]);
    let mut run = Run { stated: Some(total), ..Run::default() };
    for (index, line) in lines.iter().enumerate() {
        if let Some(found) = BOOST_THROWN.captures(line) {
            let near = lines.get(index + 1).and_then(|next| BOOST_CHECKPOINT.captures(next));
            failed(&mut run, &found[1], &found[2], near.map(|near| (near[1].to_owned(), number(&near[2]), 1)));
        } else if let Some(found) = BOOST_FAILED.captures(line) {
            failed(&mut run, &found[3], &found[4], Some((found[1].to_owned(), number(&found[2]), 1)));
        }
    }
    run.failed = run.count(TestOutcome::Failed);
    run.passed = total.saturating_sub(run.failed);
    run.add_to("boost test", reading);
}

/// Adds an assertion that failed; a test of which several did is one test.
fn failed(run: &mut Run, name: &str, error: &str, place: Option<(String, u32, u32)>) {
    run.failures.push(Failure { name: name.to_owned(), error: error.to_owned(), place });
    if !run.named.iter().any(|named| named.name == name) {
        run.name(name, TestOutcome::Failed);
    }
}
