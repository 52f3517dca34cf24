//! JUnit XML on standard output: many runners can write it.

use domain::TestOutcome;
use quick_junit::{Report, TestCaseStatus};

use super::{Failure, Run};
use crate::reading::{Reading, number};
use crate::text::pattern;

/// A longer document is not a report that anyone prints.
const LONGEST: usize = 64 << 20;

pattern! {
    PLACE = r"(?m)^(\S+?\.\w+):(\d+): ";
}

/// Reads a report, and returns the text without it.
pub(super) fn read(text: String, reading: &mut Reading<'_>) -> String {
    let Some((start, end)) = bounds(&text) else { return text };
    let Some(xml) = text.get(start..end).filter(|xml| xml.len() <= LONGEST) else { return text };
    let body = xml.find("<testsuite").and_then(|at| xml.get(at..)).unwrap_or(xml);
    // A lone suite is wrapped; so is a root without a name, which the reader of the crate asks for.
    let document =
        if body.starts_with("<testsuites") { body.to_owned() } else { format!("<testsuites name=\"junit\">{body}</testsuites>") };
    let document = document.replacen("<testsuites>", "<testsuites name=\"junit\">", 1);
    match Report::deserialize_from_str(&document) {
        Ok(report) => run(&report).add_to("junit", reading),
        Err(error) => reading.skip(format!("a JUnit report: {error}")),
    }
    let mut rest = text;
    rest.replace_range(start..end, "\n");
    rest
}

/// Returns where the document stands.
fn bounds(text: &str) -> Option<(usize, usize)> {
    let first = text.find("<testsuite")?;
    let start = text.get(..first)?.rfind("<?xml").unwrap_or(first);
    let close = ["</testsuites>", "</testsuite>"].into_iter().find_map(|tag| text.rfind(tag).map(|at| at + tag.len()))?;
    // The document begins a line.
    let begins_line = text.get(..start)?.rsplit('\n').next().is_none_or(|line| line.trim().is_empty());
    (close > first && begins_line).then_some((start, close))
}

fn run(report: &Report) -> Run {
    let mut run = Run::default();
    for case in report.test_suites.iter().flat_map(|suite| &suite.test_cases) {
        let name = match case.classname.as_deref().filter(|class| !class.is_empty()) {
            Some(class) => format!("{class}::{}", case.name.as_str()),
            None => case.name.as_str().to_owned(),
        };
        let outcome = match &case.status {
            TestCaseStatus::Success { .. } => TestOutcome::Passed,
            TestCaseStatus::Skipped { .. } => TestOutcome::Skipped,
            TestCaseStatus::NonSuccess { message, description, .. } => {
                let description = description.as_deref().unwrap_or_default();
                let error = message.as_deref().unwrap_or(description).lines().next().unwrap_or_default().to_owned();
                let place = PLACE.captures_iter(description).last().map(|found| (found[1].to_owned(), number(&found[2]), 1));
                run.failures.push(Failure { name: name.clone(), error, place });
                TestOutcome::Failed
            }
        };
        run.name(name, outcome);
    }
    run.counted()
}
