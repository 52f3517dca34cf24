//! Gradle's tests: each that failed by name with the line of its exception, and the counts of the task. What runs inside is nearly
//! always JUnit.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^([\w.$]+(?: > [^>]+)*) > (\S.*?) (FAILED|PASSED|SKIPPED)$";
    ERROR = r"^\s+(\S+?)(?:: (.*?))?(?: at ([\w$]+\.(?:java|kt|groovy|scala)):(\d+))?$";
    FRAME = r"^\s+at .*\(([\w$]+\.(?:java|kt|groovy|scala)):(\d+)\)$";
    COUNTS = r"^(\d+) tests? completed(?:, (\d+) failed)?(?:, (\d+) skipped)?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = TEST.captures(line) else { continue };
        let outcome = super::outcome(&found[3]).unwrap_or(TestOutcome::Failed);
        let name = format!("{}.{}", &found[1].replace(" > ", "."), found[2].trim_end_matches("()"));
        if outcome == TestOutcome::Failed {
            // Spock's conditions have blank lines round them.
            let block: Vec<&str> = lines
                .iter()
                .skip(index + 1)
                .take(40)
                .take_while(|line| line.is_empty() || line.starts_with(char::is_whitespace))
                .copied()
                .collect();
            run.failures.push(failure(&name, &found[1], &block));
        }
        run.name(name, outcome);
    }
    if run.named.is_empty() {
        return;
    }
    let mut run = run.counted();
    if let Some(found) = lines.iter().rev().find_map(|line| COUNTS.captures(line)) {
        let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
        (run.failed, run.skipped, run.stated) = (of(2), of(3), Some(of(1)));
        run.passed = of(1).saturating_sub(of(2)).saturating_sub(of(3));
    }
    run.add_to("junit", reading);
}

fn failure(name: &str, class: &str, block: &[&str]) -> Failure {
    let first = block.first().and_then(|line| ERROR.captures(line));
    let error = first
        .as_ref()
        .map(|found| found.get(2).map_or_else(|| found[1].to_owned(), |text| format!("{}: {}", &found[1], text.as_str())));
    let mut failure = Failure::new(name, error.unwrap_or_default());
    let short = first.and_then(|found| Some((found.get(3)?.as_str().to_owned(), number(found.get(4)?.as_str()))));
    // The test's own file: what checks lies above it.
    let own = class.rsplit('.').next().unwrap_or_default().split(['$', ' ']).next().unwrap_or_default();
    let frame = block.iter().filter_map(|line| FRAME.captures(line)).find(|found| found[1].starts_with(own));
    let place = short.or_else(|| frame.map(|found| (found[1].to_owned(), number(&found[2]))));
    let package = class.rsplit_once('.').map_or(String::new(), |(package, _)| format!("{}/", package.replace('.', "/")));
    failure.place = place.map(|(file, line)| (format!("{package}{file}"), line, 1));
    failure
}
