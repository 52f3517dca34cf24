//! Ginkgo: a suite of specs within one test of `go test`, with counts and names of its own.

use domain::TestOutcome;

use super::go::is_own;
use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    ENDED = r"^(?:SUCCESS|FAIL)! -- (\d+) Passed \| (\d+) Failed \| (?:\d+ Flaked \| )?(\d+) Pending \| (\d+) Skipped";
    BEGINS = r"^Running Suite: \S";
    LISTED = r"^  \[(?:FAIL|PANICKED!|TIMEDOUT|INTERRUPTED|ABORTED)\] (\S.*)$";
    PLACE = r"^  (\S+\.go):(\d+)$";
    HEAD = r"^(?:•|.) \[(?:FAILED|PANICKED|TIMEDOUT)\]";
    ERROR = r"^  \[(?:FAILED|PANICKED|TIMEDOUT)\] (.*)$";
    STACK = r"^\s+(\S+\.go):(\d+) \+0x[0-9a-f]+$";
    // The one test of `go test` that runs the suite says no more than the suite.
    AROUND = r"^--- (?:PASS|FAIL): \S+ \([\d.]+s\)$";
}

/// The block of a spec is no longer than this.
const LONGEST: usize = 60;

/// Reads the suites, and returns the lines that are of none.
pub(super) fn read<'a>(lines: &[&'a str], reading: &mut Reading<'_>) -> Vec<&'a str> {
    let mut rest = lines.to_vec();
    if !lines.iter().any(|line| ENDED.is_match(line)) {
        return rest;
    }
    let mut run = Run::default();
    let mut begun = None;
    for (index, line) in lines.iter().enumerate() {
        if BEGINS.is_match(line) {
            begun = Some(index);
        } else if let Some(found) = ENDED.captures(line) {
            let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
            run.passed += of(1);
            run.failed += of(2);
            run.skipped += of(3) + of(4);
            let from = begun.take().unwrap_or(index);
            failures(lines.get(from..index).unwrap_or_default(), &mut run);
            let upto = if lines.get(index + 1).is_some_and(|next| AROUND.is_match(next)) { index + 2 } else { index + 1 };
            if let Some(told) = rest.get_mut(from..upto) {
                told.fill("");
            }
        }
    }
    run.add_to("ginkgo", reading);
    rest
}

/// Adds the specs that the list at the end of a suite names.
fn failures(suite: &[&str], run: &mut Run) {
    // What went wrong stands in the blocks, in the same order.
    let mut blocks = suite.iter().enumerate().filter(|(_, line)| HEAD.is_match(line)).map(|(at, _)| at);
    let start = suite.iter().rposition(|line| line.starts_with("Summarizing ")).unwrap_or(0);
    for (index, line) in suite.iter().enumerate().skip(start) {
        let Some(found) = LISTED.captures(line) else { continue };
        let block = blocks.next().and_then(|at| suite.get(at..)).unwrap_or_default();
        let error =
            block.iter().take(40).find_map(|line| ERROR.captures(line)).map_or(String::new(), |error| error[1].to_owned());
        let place = suite.get(index + 1).and_then(|next| PLACE.captures(next));
        // What panicked within Go itself is told with its stack.
        let deeper = || block.iter().take(LONGEST).filter_map(|line| STACK.captures(line)).find(|frame| is_own(&frame[1]));
        let place = place.filter(|place| is_own(&place[1])).or_else(deeper);
        let place = place.map(|place| (place[1].to_owned(), number(&place[2]), 1));
        run.failures.push(Failure { name: found[1].to_owned(), error, place });
        run.name(&found[1], TestOutcome::Failed);
    }
}
