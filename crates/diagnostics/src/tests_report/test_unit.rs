//! Ruby's test-unit: a block between two rules for each test that failed or broke, and the counts at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::formats::ruby::is_library;
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    COUNTS = r"^(\d+) tests, \d+ assertions, (\d+) failures, (\d+) errors, (\d+) pendings, (\d+) omissions, \d+ notifications$";
    HEAD = r"^(Failure|Error): (\w+[?!]?\([\w:]+\))(?:: (.*))?$";
    FRAME = r"^(\S+?\.rb):(\d+):in ";
}

/// A block is no longer than this.
const LONGEST: usize = 60;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| COUNTS.captures(line)) else { return };
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { errors: of(3), failed: of(2) + of(3), skipped: of(4) + of(5), stated: Some(of(1)), ..Run::default() };
    run.passed = of(1).saturating_sub(run.failed).saturating_sub(run.skipped);
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = HEAD.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !line.starts_with("===="));
        let mut frames = block().filter_map(|line| FRAME.captures(line));
        let place = frames.find(|found| !is_library(&found[1])).map(|found| (found[1].to_owned(), number(&found[2]), 1));
        let said = block().find(|line| line.starts_with('<')).copied();
        let error = found.get(3).map(|error| error.as_str()).or(said).unwrap_or_default().to_owned();
        run.failures.push(Failure { name: found[2].to_owned(), error, place });
        run.name(&found[2], TestOutcome::Failed);
    }
    run.add_to("test-unit", reading);
}
