//! Python's doctest, run by itself: a block for each example that failed, and the counts at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    PLACE = r#"^File "(.+)", line (\d+), in (\S+)$"#;
    ENDED = r"^\*\*\*Test Failed\*\*\* (\d+) failures?\.?";
    OF = r"^\s+\d+ of\s+\d+ in \S+$";
}

/// A block is no longer than this.
const LONGEST: usize = 200;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| ENDED.is_match(line) || OF.is_match(line)) {
        return;
    }
    let mut run = Run::default();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = PLACE.captures(line) else { continue };
        if !lines.get(index + 1).is_some_and(|next| next.starts_with("Failed example:")) {
            continue;
        }
        let block = lines.iter().skip(index + 2).take(LONGEST).take_while(|line| !line.starts_with("*****"));
        let block: Vec<&str> = block.map(|line| line.trim()).collect();
        let after = |head: &str| block.iter().position(|line| *line == head).and_then(|at| block.get(at + 1)).copied();
        let error = match (after("Expected:"), after("Got:")) {
            (expected, Some(got)) => format!("expected {}, got {got}", expected.unwrap_or("nothing")),
            _ => block.iter().rev().find(|line| !line.is_empty()).map_or(String::new(), |line| (*line).to_owned()),
        };
        let place = Some((found[1].to_owned(), number(&found[2]), 1));
        run.failures.push(Failure { name: found[3].to_owned(), error, place });
        if !run.named.iter().any(|named| named.name == found[3]) {
            run.name(&found[3], TestOutcome::Failed);
        }
    }
    if run.failures.is_empty() {
        return;
    }
    // It counts examples; what has a name is an item with several of them.
    run.failed =
        lines.iter().rev().find_map(|line| ENDED.captures(line)).map_or(run.failures.len() as u64, |found| count(&found[1]));
    run.add_to("doctest", reading);
}
