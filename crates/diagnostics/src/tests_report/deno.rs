//! `deno test`: a line a test, those of steps below it further in, then the errors with their stacks, and the counts.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::{path_of_uri, pattern};

pattern! {
    TEST = r"^(\s*)(\S.*?) \.\.\. (?:\S+ )?(ok|FAILED|ignored)(?: \(.*\))?$";
    GROUP = r"^(\s*)(\S.*?) \.\.\.$";
    ENDED = r"^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(?: \| (\d+) ignored)?.* \([^)]*\)$";
    HEAD = r"^(\S.*?) => (\S+?):(\d+):(\d+)$";
    ERROR = r"^error: (.*)$";
    FRAME = r"^\s+at (?:.* \()?((?:file://)?/?[^\s():<>]+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(ended) = lines.iter().rev().find_map(|line| ENDED.captures(line)) else { return };
    let of = |group| ended.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { passed: of(1), failed: of(2), skipped: of(3), ..Run::default() };
    let mut groups: Vec<(usize, &str)> = Vec::new();
    let mut in_errors = false;
    for (index, line) in lines.iter().enumerate() {
        in_errors = *line == " ERRORS " || in_errors && *line != " FAILURES ";
        if let Some(found) = HEAD.captures(line).filter(|_| in_errors) {
            run.failures.push(failure(&found[1], (&found[2], &found[3], &found[4]), lines.get(index + 1..).unwrap_or_default()));
        } else if let Some(found) = TEST.captures(line) {
            let depth = found[1].len();
            groups.retain(|(other, _)| *other < depth);
            let name: Vec<&str> = groups.iter().map(|(_, name)| *name).chain([&found[2]]).collect();
            let outcome = match &found[3] {
                "ok" => TestOutcome::Passed,
                "FAILED" => TestOutcome::Failed,
                _ => TestOutcome::Skipped,
            };
            // One that failed by a step of its own alone is named by that.
            if !line.contains("(due to ") {
                run.name(name.join(" ... "), outcome);
            }
        } else if let Some((depth, name)) =
            GROUP.captures(line).and_then(|found| Some((found.get(1)?.len(), found.get(2)?.as_str())))
        {
            groups.retain(|(other, _)| *other < depth);
            groups.push((depth, name));
        }
    }
    run.add_to("deno test", reading);
}

/// Returns a failure with where it was raised, or where its test begins.
fn failure(name: &str, begins: (&str, &str, &str), rest: &[&str]) -> Failure {
    let block = || rest.iter().take(60).take_while(|line| !HEAD.is_match(line) && !line.starts_with(" FAILURES"));
    let error = block().find_map(|line| ERROR.captures(line)).map_or(String::new(), |found| found[1].to_owned());
    let own = |found: &regex::Captures<'_>| !found[1].starts_with("ext:") && !found[1].contains("/node_modules/");
    let place = block().filter_map(|line| FRAME.captures(line)).find(own);
    let place = match place {
        Some(found) => (path_of_uri(&found[1]), number(&found[2]), number(&found[3])),
        None => (begins.0.to_owned(), number(begins.1), number(begins.2)),
    };
    Failure { name: name.to_owned(), error, place: Some(place) }
}
