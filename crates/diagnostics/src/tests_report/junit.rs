//! JUnit XML on standard output: many runners can write it.

use domain::TestOutcome;
use quick_junit::{Report, TestCaseStatus};

use super::{Failure, Run};
use crate::reading::{Reading, number};
use crate::text::{find, pattern};

/// A longer document is not a report that anyone prints.
const LONGEST: usize = 64 << 20;

pattern! {
    // Not all write a zone, which the reader of the crate asks for; no time is of use here.
    TIMESTAMP = r#"\stimestamp\s*=\s*(?:"[^"]*"|'[^']*')"#;
    PANICKED = r"panicked at (\S+?):(\d+):(\d+)";
    FRAME = r"\(([\w$-]+\.(?:java|kt|groovy|scala)):(\d+)\)";
    PLACE = r"(?m)^(\S+?\.\w+):(\d+): ";
}

/// Reads a report, and returns the text without it.
pub(super) fn read(text: String, reading: &mut Reading<'_>) -> String {
    let Some((start, end)) = bounds(&text) else { return broken(text, reading) };
    let Some(xml) = text.get(start..end).filter(|xml| xml.len() <= LONGEST) else { return text };
    read_whole(xml, reading);
    let mut rest = text;
    rest.replace_range(start..end, "\n");
    rest
}

fn read_whole(xml: &str, reading: &mut Reading<'_>) {
    let body = xml.find("<testsuite").and_then(|at| xml.get(at..)).unwrap_or(xml);
    // A lone suite is wrapped; so is a root without a name, which the reader of the crate asks for.
    let document =
        if body.starts_with("<testsuites") { body.to_owned() } else { format!("<testsuites name=\"junit\">{body}</testsuites>") };
    let document = document.replacen("<testsuites>", "<testsuites name=\"junit\">", 1);
    match Report::deserialize_from_str(&TIMESTAMP.replace_all(&document, "")) {
        Ok(report) => run(&report).add_to("junit", reading),
        Err(error) => reading.skip(format!("a JUnit report: {error}")),
    }
}

/// Reads a report that breaks off up to its last whole test, and returns the text before it.
fn broken(text: String, reading: &mut Reading<'_>) -> String {
    let start = find(&text, "<testsuite").filter(|at| text.get(..*at).is_some_and(begins_line));
    let Some(report) = start.and_then(|start| text.get(start..)) else { return text };
    let Some(whole) = report.rfind("<testcase").and_then(|last| whole_tests(report, last)) else {
        reading.skip("a JUnit report breaks off before its first test");
        return text;
    };
    reading.skip("a JUnit report breaks off: read up to its last whole test");
    let open = |tag: &str| whole.matches(&format!("<{tag} ")).count() + whole.matches(&format!("<{tag}>")).count();
    let is_open = |tag: &str| open(tag).saturating_sub(whole.matches(&format!("</{tag}>")).count());
    let closers = ["testsuite", "testsuites"].map(|tag| format!("</{tag}>").repeat(is_open(tag).min(64))).concat();
    let mended = format!("{whole}{closers}\n");
    let before = start.and_then(|start| text.get(..start)).unwrap_or_default().to_owned();
    read_whole(&mended, reading);
    before
}

/// Returns a report up to its last whole test.
fn whole_tests(report: &str, last: usize) -> Option<&str> {
    let tail = report.get(last..)?;
    let is_empty = tail.find('>').filter(|end| tail.get(..*end).is_some_and(|tag| tag.ends_with('/')));
    let end = tail.find("</testcase>").map(|at| at + "</testcase>".len()).or(is_empty.map(|end| end + 1));
    report.get(..last + end.unwrap_or(0))
}

fn begins_line(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim();
    line.is_empty() || line.starts_with("<?xml")
}

/// Returns where the document stands.
fn bounds(text: &str) -> Option<(usize, usize)> {
    let first = find(text, "<testsuite")?;
    let start = text.get(..first)?.rfind("<?xml").unwrap_or(first);
    let close = ["</testsuites>", "</testsuite>"].into_iter().find_map(|tag| text.rfind(tag).map(|at| at + tag.len()))?;
    // The document begins a line.
    let begins_line = text.get(..start)?.rsplit('\n').next().is_none_or(|line| line.trim().is_empty());
    (close > first && begins_line).then_some((start, close))
}

/// Returns the place of a stack of the JVM that is in the file of the test's own class.
fn frame(stack: &str, class: &str) -> Option<(String, u32, u32)> {
    let (package, name) = class.rsplit_once('.').unwrap_or(("", class));
    let name = name.split('$').next().unwrap_or(name);
    let own = |file: &str| file.rsplit_once('.').is_some_and(|(stem, _)| stem == name);
    let found = FRAME.captures_iter(stack).find(|found| own(&found[1]))?;
    let folder = if package.is_empty() { String::new() } else { format!("{}/", package.replace('.', "/")) };
    Some((format!("{folder}{}", &found[1]), number(&found[2]), 1))
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
                let last = PLACE.captures_iter(description).last().map(|found| (found[1].to_owned(), number(&found[2]), 1));
                let said = [error.as_str(), description];
                let panicked = || said.into_iter().find_map(|text| PANICKED.captures(text));
                let panicked = || panicked().map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3])));
                let place = last.or_else(panicked).or_else(|| frame(description, case.classname.as_deref()?));
                run.failures.push(Failure { name: name.clone(), error, place });
                TestOutcome::Failed
            }
        };
        run.name(name, outcome);
    }
    run.counted()
}
