//! ExUnit: numbered failures, each with the test's place, the error and its stack, and the counts at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    COUNTS = r"^(?:\d+ (?:doctests?|propert(?:y|ies)), )*(\d+) tests?, (\d+) failures?(?:, (\d+) excluded)?(?:, (\d+) skipped)?(?:, (\d+) invalid)?$";
    HEAD = r"^\s+\d+\) ((?:test|doctest|property) .+ \([\w.]+\))$";
    PLACE = r"^\s+(\S+\.exs?):(\d+)$";
    FRAME = r"^\s+(?:\([\w-]+ [\w.-]+\) )?(\S+\.exs?):(\d+): ";
    LIBRARY = r"^\s+\((?:elixir|ex_unit|stdlib|kernel|mix) ";
}

/// A block is no longer than this.
const LONGEST: usize = 80;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let is_own = lines.iter().any(|line| line.starts_with("Finished in ") || line.starts_with("Running ExUnit"));
    // rebar3 counts Erlang's tests alike.
    let is_own = is_own && !lines.iter().any(|line| line.contains("Performing EUnit tests"));
    let Some(found) = lines.iter().rev().find_map(|line| COUNTS.captures(line)).filter(|_| is_own) else { return };
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let skipped = of(3) + of(4);
    let mut run = Run { failed: of(2), skipped, stated: Some(of(1)), ..Run::default() };
    run.passed = of(1).saturating_sub(of(2)).saturating_sub(skipped);
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = HEAD.captures(line) else { continue };
        let block =
            || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !HEAD.is_match(line) && !COUNTS.is_match(line));
        let error = block().find(|line| !line.trim().is_empty() && !PLACE.is_match(line)).map_or("", |line| line.trim());
        let frame = block().filter(|line| !LIBRARY.is_match(line)).find_map(|line| FRAME.captures(line));
        let place = frame.or_else(|| block().find_map(|line| PLACE.captures(line)));
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), 1));
        run.failures.push(Failure { name: found[1].to_owned(), error: error.to_owned(), place });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("exunit", reading);
}
