//! gotestsum, which runs `go test` and tells what came of it in its own words.

use domain::TestOutcome;

use super::go::Said;
use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    DONE = r"^DONE (?:\d+ runs, )?(\d+) tests?(?:, (\d+) skipped)?(?:, (\d+) failures?)?(?:, (\d+) errors?)? in [\d.]+s$";
    HEAD = r"^=== (FAIL|SKIP): (\S+) (\S+)(?: \((?:-?[\d.]+s|unknown)\))?$";
    PLACE = r"^\s+(\S+_test\.go|\S+\.go):(\d+): (.*)$";
}

/// Says whether there is a report of gotestsum.
pub(super) fn is_report(lines: &[&str]) -> bool {
    lines.iter().any(|line| DONE.is_match(line))
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(done) = lines.iter().rev().find_map(|line| DONE.captures(line)) else { return };
    let of = |group| done.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { skipped: of(2), failed: of(3), errors: of(4), stated: Some(of(1)), ..Run::default() };
    run.passed = of(1).saturating_sub(of(2)).saturating_sub(of(3));
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = HEAD.captures(line) else { continue };
        if &found[1] == "SKIP" {
            run.name(&found[3], TestOutcome::Skipped);
            continue;
        }
        run.name(&found[3], TestOutcome::Failed);
        let block = lines.iter().skip(index + 1).take(60).take_while(|line| !line.starts_with("=== "));
        let lines = block.into_iter().filter_map(|line| PLACE.captures(line));
        let lines = lines.map(|said| (said[1].to_owned(), number(&said[2]), said[3].to_owned())).collect();
        let failed = Said { lines, ..Said::default() }.failed();
        let folder = if &found[2] == "." { String::new() } else { format!("{}/", &found[2]) };
        if failed.is_empty() {
            run.failures.push(Failure::new(&found[3], ""));
        }
        run.failures.extend(failed.into_iter().map(|(file, line, error)| Failure {
            name: found[3].to_owned(),
            error,
            place: Some((format!("{folder}{file}"), line, 1)),
        }));
    }
    run.add_to("go test", reading);
}
