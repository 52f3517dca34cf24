//! AVA's own text: a line a test, then a block a failure with its place, then how many failed.

use domain::TestOutcome;

use super::{Failure, Run};
use crate::reading::{Reading, number};
use crate::text::{path_of_uri, pattern};

pattern! {
    TEST = r"^  (✔|✘|✖|-) (?:\[(fail|skip|todo|expected fail)\]:? )?(\S.*?)(?: \(\d+(?:\.\d+)?m?s\))?$";
    SUMMARY = r"^  (\d+) (?:tests?|hooks?|known failures?) (?:passed|failed|skipped|todo)$|^  \d+ uncaught exceptions?$";
    PLACE = r"^  (?:› )?(?:\S+ \()?(?:file://)?(\S+\.[cm]?[jt]sx?):(\d+)(?::(\d+))?\)?$";
    FRAME = r"^ {2,}at (?:.*\()?(?:file://)?(/?[^\s():]+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$";
}

/// A block is no longer than this.
const LONGEST: usize = 60;

/// An error of more words is cut off its name no more.
const MOST_WORDS: usize = 40;

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
            // As its versions before 5 have it.
            ("✖", None) => TestOutcome::Failed,
            ("✔", _) => TestOutcome::Passed,
            _ => continue,
        };
        // What the error says follows the name; the block below has the name alone.
        let name = if outcome == TestOutcome::Failed { own_name(&found[3], lines) } else { &found[3] };
        run.name(name, outcome);
    }
    let failing: Vec<&str> =
        run.named.iter().filter(|one| one.outcome == TestOutcome::Failed).map(|one| one.name.as_str()).collect();
    run.failures = failing.iter().map(|name| failure(name, &failing, lines)).collect();
    if run.named.is_empty() {
        return;
    }
    run.counted().add_to("ava", reading);
}

/// Returns the name without the words of the error behind it: the longest beginning that stands alone, as the head of a block.
fn own_name<'a>(said: &'a str, lines: &[&str]) -> &'a str {
    let is_head = |name: &str| lines.iter().any(|line| line.strip_prefix("  ") == Some(name));
    let ends = said.match_indices(' ').map(|(at, _)| at).rev();
    let beginnings = std::iter::once(said).chain(ends.filter_map(|at| said.get(..at)));
    beginnings.take(MOST_WORDS).find(|name| is_head(name)).unwrap_or(said)
}

/// Finds the block of a failure: after a rule, the name stands alone. It ends where that of another one begins.
fn failure(name: &str, failing: &[&str], lines: &[&str]) -> Failure {
    let mut failure = Failure::new(name, "");
    let head = lines.iter().position(|line| line.strip_prefix("  ") == Some(name));
    let Some(block) = head.and_then(|head| lines.get(head + 1..)) else { return failure };
    let mut is_exact = false;
    let is_other = |line: &str| line.strip_prefix("  ").is_some_and(|head| head != name && failing.contains(&head));
    for line in block.iter().take(LONGEST).take_while(|line| **line != "  ─" && !is_other(line)) {
        if let Some(found) = PLACE.captures(line) {
            let column = found.get(3).map(|column| number(column.as_str()));
            // The excerpt has no column; of the stack below it the first is the innermost.
            if !is_exact {
                failure.place = Some((path_of_uri(&found[1]), number(&found[2]), column.unwrap_or(1)));
            }
            is_exact |= column.is_some();
        } else if let Some(found) =
            FRAME.captures(line).filter(|found| failure.place.is_none() && !found[1].contains("node_modules/"))
        {
            failure.place = Some((path_of_uri(&found[1]), number(&found[2]), number(&found[3])));
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
