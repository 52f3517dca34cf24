//! JUnit XML on standard output: many runners can write it, and no two write the same.
//!
//! Read event by event and with patience: suites stand in suites (PHPUnit) or tests in none (node), entities are numbers (mocha, bats),
//! and several reports follow each other (a module each). What breaks off is read as far as it goes; a test that had begun to tell of its
//! failure has failed.

use domain::TestOutcome;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Failure, Run};
use crate::formats::checkstyle::unescaped;
use crate::pattern::Pattern;
use crate::reading::{Reading, number};
use crate::text::{cut, find, path_of_uri, pattern};

const OPENS: &str = "<testsuite";

/// More broken reports than a stream has by accident: each is read to where it breaks.
const MOST_BROKEN: usize = 16;

/// What stands before the first suite of a report.
const LONGEST_DECLARATION: usize = 200;

/// More of what a failure says is not looked at.
const LONGEST_STORY: usize = 64 * 1024;

pattern! {
    PANICKED = r"panicked at (\S+?):(\d+):(\d+)";
    FRAME = r"\(([\w$-]+\.(?:java|kt|groovy|scala)):(\d+)\)";
    PLACE = r"(?m)^(\S+?\.\w+):(\d+): ";
    SCRIPT_FRAME = r"(?m)^\s+(?:at (?:.*\()?|❯ (?:.* )?)((?:file://)?[^\s():]+):(\d+):(\d+)\)?$";
    BATS_PLACE = r"\(in test file (.+?), line (\d+)\)";
    // PHPUnit below what it says, googletest above.
    OWN_LINE = r"(?m)^(/?[^\s:]+\.\w+):(\d+)$";
}

/// Reads all reports, and returns the text around them.
pub(super) fn read(text: String, reading: &mut Reading<'_>) -> String {
    let mut rest = String::new();
    let mut left = text.as_str();
    let mut broken = 0;
    while let Some((before, report)) = next(left).filter(|_| broken < MOST_BROKEN) {
        let document = Document::read(report);
        rest.push_str(before);
        rest.push('\n');
        left = report.get(document.length..).unwrap_or("");
        broken += usize::from(document.loss.is_some());
        if document.loss.is_none() || !document.run.named.is_empty() {
            let run = Run { errors: document.errors, ..document.run.counted() };
            run.add_to("junit", reading);
        }
        document.loss.into_iter().for_each(|loss| reading.skip(loss));
    }
    if rest.is_empty() {
        return text;
    }
    rest.push_str(left);
    rest
}

/// Returns the text before the next report, and the text from it on. A report begins a line.
fn next(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    loop {
        let first = from + find(text.get(from..)?, OPENS)?;
        let before = text.get(..first)?;
        let near = (first.saturating_sub(LONGEST_DECLARATION)..=first).find_map(|start| before.get(start..))?;
        let line = near.rsplit('\n').next().unwrap_or_default().trim_start();
        if line.is_empty() || line.starts_with("<?xml") {
            let start = near.rfind("<?xml").map_or(first, |at| first - near.len() + at);
            return text.split_at_checked(start);
        }
        from = first + OPENS.len();
    }
}

/// A test that is not closed yet.
#[derive(Default)]
struct Case {
    name: String,
    class: String,
    place: Option<(String, u32, u32)>,
    outcome: Option<TestOutcome>,
    is_error: bool,
    /// What its first failure says: its message, and its text.
    message: String,
    story: String,
}

#[derive(Default)]
struct Document {
    run: Run,
    errors: u64,
    /// How much of the text it takes: up to its end, or to the end of its last tag.
    length: usize,
    loss: Option<String>,
    /// The suites that are open, by their names.
    suites: Vec<String>,
    case: Option<Case>,
    /// What is read now tells of the failure of the test.
    in_failure: bool,
}

impl Document {
    fn read(text: &str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        (config.check_end_names, config.allow_unmatched_ends, config.allow_dangling_amp) = (false, true, true);
        let mut document = Self { length: OPENS.len(), ..Self::default() };
        loop {
            let event = reader.read_event();
            let is_tag = matches!(event, Ok(Event::Start(_) | Event::Empty(_) | Event::End(_)));
            if is_tag {
                document.length = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            }
            match event {
                Ok(Event::Start(tag)) => document.opens(&tag),
                Ok(Event::Empty(tag)) => {
                    document.opens(&tag);
                    document.closes(tag.local_name().as_ref());
                }
                Ok(Event::End(tag)) => document.closes(tag.local_name().as_ref()),
                Ok(Event::Text(said)) => document.says(&said),
                Ok(Event::CData(said)) => document.says(&said),
                Ok(Event::GeneralRef(name)) => {
                    document.says(unescaped(&format!("&{};", String::from_utf8_lossy(&name))).as_bytes());
                }
                Ok(Event::Eof) => {
                    document.breaks_off(None);
                    return document;
                }
                Err(error) => {
                    document.breaks_off(Some(error.to_string()));
                    return document;
                }
                Ok(_) => {}
            }
            if is_tag && document.suites.is_empty() {
                return document;
            }
        }
    }

    fn opens(&mut self, tag: &BytesStart<'_>) {
        let attribute = |name: &str| attribute(tag, name);
        match tag.local_name().as_ref() {
            b"testsuites" | b"testsuite" => self.suites.push(attribute("name").unwrap_or_default()),
            b"testcase" => {
                let line = number(&attribute("line").unwrap_or_default());
                // pytest counts lines from 0.
                let line = line + u32::from(line > 0 && self.suites.last().is_some_and(|suite| suite == "pytest"));
                let is_out = |name: &str, words: &[&str]| attribute(name).is_some_and(|word| words.contains(&word.as_str()));
                let is_skipped =
                    is_out("status", &["notrun", "disabled", "skipped"]) || is_out("result", &["suppressed", "skipped"]);
                self.case = Some(Case {
                    name: attribute("name").unwrap_or_default(),
                    class: attribute("classname").or_else(|| attribute("class")).unwrap_or_default(),
                    place: attribute("file").filter(|file| !file.is_empty()).map(|file| (file, line, 1)),
                    outcome: is_skipped.then_some(TestOutcome::Skipped),
                    ..Case::default()
                });
            }
            kind @ (b"failure" | b"error") => {
                let suite = self.suites.last().cloned().unwrap_or_default();
                // A suite that could not be loaded has no tests, and fails itself.
                let case = self.case.get_or_insert_with(|| Case { name: suite, ..Case::default() });
                self.in_failure = case.outcome != Some(TestOutcome::Failed);
                if self.in_failure {
                    case.outcome = Some(TestOutcome::Failed);
                    case.is_error = kind == b"error";
                    case.message = attribute("message").unwrap_or_default();
                }
            }
            b"skipped" => {
                if let Some(case) = &mut self.case {
                    case.outcome.get_or_insert(TestOutcome::Skipped);
                }
            }
            _ => {}
        }
    }

    fn closes(&mut self, name: &[u8]) {
        match name {
            b"testsuites" | b"testsuite" => {
                self.case_ends();
                self.suites.pop();
            }
            b"testcase" => self.case_ends(),
            b"failure" | b"error" => self.in_failure = false,
            _ => {}
        }
    }

    fn says(&mut self, said: &[u8]) {
        let Some(case) = self.case.as_mut().filter(|case| self.in_failure && case.story.len() < LONGEST_STORY) else { return };
        // Patterns ask for the end of a line.
        case.story.push_str(&cut(&String::from_utf8_lossy(said), LONGEST_STORY).replace('\r', ""));
    }

    fn case_ends(&mut self) {
        self.in_failure = false;
        let Some(case) = self.case.take() else { return };
        let name = if case.class.is_empty() { case.name.clone() } else { format!("{}::{}", case.class, case.name) };
        let outcome = case.outcome.unwrap_or(TestOutcome::Passed);
        if outcome == TestOutcome::Failed {
            self.errors += u64::from(case.is_error);
            let error = case.error(&name);
            self.run.failures.push(Failure { name: name.clone(), error, place: case.place() });
        }
        self.run.name(name, outcome);
    }

    /// Notes that the text ended, or became unreadable, within the report.
    fn breaks_off(&mut self, error: Option<String>) {
        if self.case.as_ref().is_some_and(|case| case.outcome == Some(TestOutcome::Failed)) {
            self.case_ends();
        }
        let read = self.run.named.len();
        let at = if read == 0 { "before its first test".to_owned() } else { format!("after {read} tests") };
        self.loss = Some(match error {
            Some(error) => format!("a JUnit report breaks off {at}: {error}"),
            None => format!("a JUnit report breaks off {at}"),
        });
    }
}

impl Case {
    /// Returns the first line of what it says, which may repeat its name.
    fn error(&self, name: &str) -> String {
        let lines = self.message.lines().chain(self.story.lines()).map(str::trim);
        let tells = |line: &&str| !line.is_empty() && *line != name && *line != "[" && !BATS_PLACE.is_match(line);
        lines.into_iter().find(tells).unwrap_or_default().to_owned()
    }

    /// Returns where it failed: what its story names as the test's own, else what the report says of the test.
    fn place(&self) -> Option<(String, u32, u32)> {
        let (message, story) = (self.message.as_str(), self.story.as_str());
        let named = |found: regex::Captures<'_>| {
            let column = found.get(3).map_or(1, |column| number(column.as_str()));
            (path_of_uri(&found[1]), number(&found[2]), column)
        };
        let is_own = |place: &(String, u32, u32)| !place.0.contains("node_modules/") && !place.0.starts_with("node:");
        let within = |pattern: &Pattern| [message, story].into_iter().find_map(|text| pattern.captures(text)).map(named);
        let last = PLACE.captures_iter(story).last().map(named);
        last.or_else(|| within(&PANICKED))
            .or_else(|| frame(story, &self.class))
            .or_else(|| within(&BATS_PLACE))
            .or_else(|| SCRIPT_FRAME.captures_iter(story).map(named).find(is_own))
            .or_else(|| within(&OWN_LINE))
            .or_else(|| self.place.clone())
    }
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

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let found = attributes.with_checks(false).flatten().find(|one| one.key.local_name().as_ref() == name.as_bytes())?;
    Some(unescaped(&String::from_utf8_lossy(&found.value)))
}
