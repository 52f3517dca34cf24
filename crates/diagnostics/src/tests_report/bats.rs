//! bats as it prints for people: a mark before each test, what failed below it, and the counts. Its TAP is read as TAP.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    // Where it rewrites its line, what it wrote before stands in front.
    TEST = r"^(?:.*?\d+/\d+)? ?([✓✗-]) (\S.*?)(?: \(skipped(?:: .*)?\))?(?: \[\d+\])?$";
    COUNTS = r"^(\d+) tests?, (\d+) failures?(?:, (\d+) (?:tests? )?skipped)?(?: in \d+ seconds)?$";
    PLACE = r"^\s+\((?:from function .+ in file .+,|.*in test file (.+?), line (\d+)\))$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| COUNTS.captures(line)) else { return };
    if !lines.iter().any(|line| PLACE.is_match(line)) && !lines.iter().any(|line| line.starts_with(" ✓ ")) {
        return;
    }
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { failed: of(2), skipped: of(3), stated: Some(of(1)), ..Run::default() };
    run.passed = of(1).saturating_sub(of(2)).saturating_sub(of(3));
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = TEST.captures(line).filter(|found| &found[1] == "✗") else { continue };
        let block = || lines.iter().skip(index + 1).take(40).take_while(|line| line.starts_with("   "));
        let place = block().filter_map(|line| PLACE.captures(line)).find_map(|at| at.get(1).zip(at.get(2)));
        let place = place.map(|(path, line)| (path.as_str().to_owned(), number(line.as_str()), 1));
        let error = block().find(|line| !PLACE.is_match(line)).map_or("", |line| line.trim());
        run.failures.push(Failure { name: found[2].to_owned(), error: error.to_owned(), place });
        run.name(&found[2], TestOutcome::Failed);
    }
    run.add_to("bats", reading);
}
