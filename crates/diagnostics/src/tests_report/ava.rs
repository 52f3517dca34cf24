//! AVA's own text: a line a test, then a block a failure with its place, then how many failed.

use domain::TestOutcome;

use super::{Failure, Run};
use crate::reading::{Reading, number};
use crate::text::{path_of_uri, pattern};

pattern! {
    TEST = r"^  (✔|✘|-) (?:\[(fail|skip|todo|expected fail)\]:? )?(\S.*?)(?: \(\d+(?:\.\d+)?m?s\))?$";
    SUMMARY = r"^  (\d+) (?:tests?|hooks?|known failures?) (?:passed|failed|skipped|todo)$|^  \d+ uncaught exceptions?$";
    PLACE = r"^  (?:› )?(?:file://)?(\S+\.[cm]?[jt]sx?):(\d+)(?::(\d+))?$";
}

/// A block is no longer than this.
const LONGEST: usize = 60;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    // Other runners have marks like these, but not this end.
    if !lines.iter().any(|line| SUMMARY.is_match(line))
        || !lines.contains(&"  ─") && !lines.iter().any(|line| line.starts_with("  ✔ "))
    {
        return;
    }
    let mut run = Run::default();
    for found in lines.iter().filter_map(|line| TEST.captures(line)) {
        let outcome = match (&found[1], found.get(2).map(|word| word.as_str())) {
            (_, Some("skip" | "todo")) => TestOutcome::Skipped,
            (_, Some("fail")) => TestOutcome::Failed,
            ("✔", _) => TestOutcome::Passed,
            _ => continue,
        };
        if outcome == TestOutcome::Failed {
            run.failures.push(failure(&found[3], lines));
        }
        run.name(&found[3], outcome);
    }
    if run.named.is_empty() {
        return;
    }
    run.counted().add_to("ava", reading);
}

/// Finds the block of a failure: after a rule, the name stands alone.
fn failure(name: &str, lines: &[&str]) -> Failure {
    let mut failure = Failure::new(name, "");
    let head = lines.iter().position(|line| line.strip_prefix("  ") == Some(name));
    let Some(block) = head.and_then(|head| lines.get(head + 1..)) else { return failure };
    for line in block.iter().take(LONGEST).take_while(|line| **line != "  ─") {
        if let Some(found) = PLACE.captures(line) {
            let column = found.get(3).map_or(1, |column| number(column.as_str()));
            // The last is the innermost that it shows, and has a column.
            failure.place = Some((path_of_uri(&found[1]), number(&found[2]), column));
        } else if failure.place.is_some() && failure.error.is_empty() && is_words(line) {
            line.trim().clone_into(&mut failure.error);
        }
    }
    failure
}

/// Says whether a line is neither empty nor one of the excerpt of code.
fn is_words(line: &str) -> bool {
    let line = line.trim();
    let is_code = line.split_once(':').is_some_and(|(before, _)| before.bytes().all(|byte| byte.is_ascii_digit()));
    !line.is_empty() && !is_code
}
