//! `go test`: its text with and without `-v`, and the events of `-json`.

use std::collections::{BTreeMap, BTreeSet};

use domain::TestOutcome;
use serde_json::Value;

use super::{Failure, Run};
use crate::pattern::Pattern;
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^(\s*)--- (PASS|FAIL|SKIP|BENCH): (\S+) \([\d.]+s\)$";
    PACKAGE = r"^(ok|FAIL|---|\?)\s*\t(\S+)(?:\t(.*)|\s+\[(.*)\])?$";
    RUN = r"^=== (?:RUN|CONT|NAME|PAUSE)\s+(\S+)$";
    LOCATED = r"^\s+(\S+_test\.go|\S+\.go):(\d+): (.*)$";
    // Testify, where the line that it wrote names no file of Go's.
    TRACED = r"^\s+(?:\S+:\d+:)?\s*Error Trace:\s+(\S+\.go):(\d+)$";
    // A script of testscript, and the line of it that failed.
    SCRIPTED = r"^\s+FAIL: (\S+):(\d+): (.+)$";
    // What runs when the time is over.
    RUNNING = r"^\t\t(\S+) \([\d.hms]+\)$";
    FUNCTION = r"^\S+\.(Test\w+)(?:\.func\S*)?\(.*\)$";
    PANIC = r"^panic: (.*?)(?: \[recovered.*\])?$";
    STACK = r"^\s*\t(\S+\.go):(\d+)(?: \+0x[0-9a-f]+)?$";
}

/// The events of `go test -json`, read one by one.
#[derive(Default)]
pub(crate) struct Events {
    outputs: BTreeMap<String, String>,
    outcomes: BTreeMap<(String, String), TestOutcome>,
    any: bool,
}

impl Events {
    /// Takes one event, or answers that it is none.
    pub(crate) fn take(&mut self, document: &Value) -> bool {
        let text = |field: &str| document.get(field).and_then(Value::as_str);
        let Some(action) = text("Action") else { return false };
        let Some(package) = text("Package").or_else(|| text("ImportPath")) else { return false };
        self.any = true;
        match (action, text("Test")) {
            ("output" | "build-output", _) => {
                self.outputs.entry(package.to_owned()).or_default().push_str(text("Output").unwrap_or_default())
            }
            ("pass" | "fail" | "skip", Some(test)) => {
                let outcome = super::outcome(action).unwrap_or(TestOutcome::Failed);
                self.outcomes.insert((package.to_owned(), test.to_owned()), outcome);
            }
            _ => {}
        }
        true
    }

    /// Adds the tests to a report, and returns what the packages printed, a package after the other.
    pub(crate) fn finish(self, reading: &mut Reading<'_>) -> String {
        if !self.any {
            return String::new();
        }
        reading.saw("go test json");
        let text: String = self.outputs.into_values().collect();
        let lines = crate::text::lines(&text);
        let mut run = Run { failures: failures(&lines), ..Run::default() };
        for ((package, test), outcome) in self.outcomes {
            run.name_in(&format!("{package}."), &test, outcome);
        }
        run.counted().add_to("go test", reading);
        text
    }
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    // gotestsum repeats what it heard of `go test`, and counts it.
    if reading.has_seen("go test json")
        || super::gotestsum::is_report(lines)
        || !lines.iter().any(|line| PACKAGE.is_match(line) || TEST.is_match(line))
    {
        return;
    }
    let mut run = Run { failures: failures(lines), ..Run::default() };
    for (package, name, outcome) in named(lines) {
        run.name_in(&package, &name, outcome);
    }
    // The suites of Ginkgo were told of.
    if run.named.is_empty() && run.failures.is_empty() && reading.has_seen("ginkgo") {
        return;
    }
    run = run.counted();
    run.stated = Some(run.named.len() as u64 - run.skipped);
    // Without -v a package that passes says only that: it counts as one test, so that "passed" is not taken for "no tests".
    if !lines.iter().any(|line| RUN.is_match(line)) {
        run.passed += lines
            .iter()
            .filter(|line| line.starts_with("ok") && PACKAGE.is_match(line) && !line.contains("[no tests to run]"))
            .count() as u64;
    }
    run.add_to("go test", reading);
}

/// Returns the tests that are named, each with the package whose line comes after it.
fn named(lines: &[&str]) -> Vec<(String, String, TestOutcome)> {
    let mut all = Vec::new();
    let mut waiting: Vec<(String, TestOutcome)> = Vec::new();
    let mut timed_out = false;
    for line in lines {
        timed_out = line.starts_with("panic: test timed out after ") || timed_out && !PACKAGE.is_match(line);
        if let Some(found) = RUNNING.captures(line).filter(|_| timed_out) {
            waiting.push((found[1].to_owned(), TestOutcome::Failed));
        } else if let Some(found) = TEST.captures(line) {
            let Some(outcome) = super::outcome(&found[2]) else { continue };
            waiting.push((found[3].to_owned(), outcome));
        } else if let Some(found) = PACKAGE.captures(line) {
            all.extend(waiting.drain(..).map(|(name, outcome)| (format!("{}.", &found[2]), name, outcome)));
        }
    }
    all.extend(waiting.into_iter().map(|(name, outcome)| (String::new(), name, outcome)));
    all
}

/// Returns the failing tests, a group of subtests only where none of its tests failed.
fn failures(lines: &[&str]) -> Vec<Failure> {
    let mut all: Vec<Failure> = Vec::new();
    let mut waiting: Vec<Failure> = Vec::new();
    // With -v a test's text comes before its verdict, without after it.
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    let mut current: Option<String> = None;
    // Without -v, what a test said stands a step further in than its verdict, and may follow that of its subtests.
    let mut verdicts: Vec<(usize, String)> = Vec::new();
    let mut timed_out: Option<String> = None;
    // Where the goroutine stands whose stack is told.
    let mut innermost: Option<(String, u32)> = None;
    // The test whose line may go on, and how far in that stands.
    let mut open: Option<(String, usize)> = None;
    for line in lines {
        let indent = line.len() - line.trim_start().len();
        let scripted = if line.contains("FAIL: ") { SCRIPTED.captures(line).zip(current.clone()) } else { None };
        if let Some((found, test)) = scripted {
            said.entry(test).or_default().script = Some((found[1].to_owned(), number(&found[2]), found[3].to_owned()));
        }
        if let Some((test, depth)) = open.take_if(|(_, depth)| indent > *depth) {
            if let Some((_, _, text)) = said.get_mut(&test).and_then(|said| said.lines.last_mut())
                && !text.is_empty()
                && text.len() < LONGEST_TEXT
            {
                *text = format!("{text} {}", line.trim());
            }
            open = Some((test, depth));
            continue;
        }
        open = None;
        let of_current = |pattern: &Pattern| current.as_ref().and_then(|test| Some((pattern.captures(line)?, test.clone())));
        if let Some(found) = RUN.captures(line) {
            current = Some(found[1].to_owned());
            verdicts.clear();
        } else if let Some(found) = TEST.captures(line) {
            current = Some(found[3].to_owned());
            verdicts.retain(|(depth, _)| *depth < indent);
            verdicts.push((indent, found[3].to_owned()));
            // What the fuzzer found fails within a test of the same name.
            if &found[2] == "FAIL" && waiting.iter().all(|failure| failure.name != found[3]) {
                waiting.push(Failure::new(&found[3], ""));
            }
        } else if let Some((found, test)) = of_current(&LOCATED) {
            let own = verdicts.iter().find(|(depth, _)| depth + STEP == indent).map(|(_, name)| name.clone());
            let test = own.unwrap_or(test);
            let all = said.entry(test.clone()).or_default();
            // A test that the fuzzer ran says through the library that it panicked; the stack follows.
            if &found[1] == "testing.go" && found[3].starts_with("panic: ") {
                all.panic.get_or_insert((String::new(), 0, found[3].to_owned()));
                current = Some(test);
                continue;
            }
            if all.lines.len() < MOST_LINES {
                open = Some((test, indent));
                all.lines.push((found[1].to_owned(), number(&found[2]), found[3].to_owned()));
            }
        } else if let Some((found, test)) = of_current(&TRACED).filter(|_| line.contains("Error Trace:")) {
            let all = said.entry(test.clone()).or_default();
            let is_told = all.lines.last().is_some_and(|(path, at, _)| path == &found[1] && *at == number(&found[2]));
            if all.lines.len() < MOST_LINES && !is_told {
                open = Some((test, indent));
                all.lines.push((found[1].to_owned(), number(&found[2]), "Error Trace:".to_owned()));
            }
        } else if line.starts_with("panic: test timed out after ") {
            current = None;
            timed_out = Some((*line).to_owned());
        } else if let Some((name, why)) =
            timed_out.as_ref().and_then(|why| Some((RUNNING.captures(line)?[1].to_owned(), why.clone())))
        {
            // Where it stood is in the stack of its own goroutine.
            said.entry(name.clone()).or_default().panic = Some((String::new(), 0, why));
            waiting.push(Failure::new(name, ""));
        } else if let Some(name) = timed_out.as_ref().and_then(|_| Some(FUNCTION.captures(line)?[1].to_owned())) {
            let is_running = waiting.iter().any(|failure| failure.name == name || failure.name.starts_with(&format!("{name}/")));
            let deepest =
                waiting.iter().rev().find(|failure| failure.name.starts_with(&name)).map(|failure| failure.name.clone());
            current = deepest.filter(|_| is_running);
            let panic = current.as_ref().and_then(|test| said.get_mut(test)).and_then(|said| said.panic.as_mut());
            if let Some((panic, (path, line))) = panic.filter(|panic| panic.0.is_empty()).zip(innermost.take()) {
                (panic.0, panic.1) = (path, line);
            }
        } else if let Some((found, test)) = of_current(&PANIC) {
            said.entry(test).or_default().panic.get_or_insert((String::new(), 0, format!("panic: {}", &found[1])));
        } else if line.starts_with("goroutine ") {
            innermost = None;
        } else if let Some(found) = STACK.captures(line).filter(|found| is_own(&found[1])) {
            let place = (found[1].to_owned(), number(&found[2]));
            let panic = current.as_ref().and_then(|test| said.get_mut(test)).and_then(|said| said.panic.as_mut());
            if let Some(panic) = panic.filter(|panic| panic.0.is_empty()) {
                (panic.0, panic.1) = place.clone();
            }
            innermost.get_or_insert(place);
        } else if let Some(found) = PACKAGE.captures(line) {
            let package = found[2].to_owned();
            all.extend(finished(std::mem::take(&mut waiting), &said, &package));
            if found
                .get(3)
                .or(found.get(4))
                .is_some_and(|why| why.as_str().contains("build failed") || why.as_str().contains("setup failed"))
            {
                all.push(Failure::new(package, "build failed"));
            }
            (said, current, timed_out) = (BTreeMap::new(), None, None);
        }
    }
    all.extend(finished(waiting, &said, ""));
    all
}

/// Says whether a file of a stack is none of those of Go itself that stand between a test and what it calls.
pub(super) fn is_own(path: &str) -> bool {
    const OF_GO: [&str; 5] = ["/src/testing/", "/src/runtime/", "/src/internal/", "/src/reflect/", "_testmain.go"];
    !OF_GO.iter().any(|part| path.contains(part))
}

/// What a test said: the lines that it logged, and how it panicked.
#[derive(Default)]
pub(super) struct Said {
    pub(super) lines: Vec<(String, u32, String)>,
    pub(super) panic: Option<(String, u32, String)>,
    /// Where the script that it ran failed: the file of Go's is the library's.
    pub(super) script: Option<(String, u32, String)>,
}

/// How much further in each step stands.
const STEP: usize = 4;

/// A line that goes on is kept to about this length.
const LONGEST_TEXT: usize = 400;

/// More lines of one test are not looked at.
const MOST_LINES: usize = 200;

pattern! {
    // Nothing in the text tells an error from what was merely logged, but the words of it.
    OF_FAILURE = r"(?i)\b(?:got|want(?:ed)?|expect(?:s|ed)?|actual|unexpected|should(?:n't)?|must|fail(?:s|ed|ure)?|error|err|mismatch|diff|not equal|wrong|missing|invalid|cannot|can't|did not|didn't|does not|doesn't)\b|!=|≠";
}

impl Said {
    /// Returns what failed: how it panicked, or the lines whose words say so; where none does, the last, since a test that is stopped says
    /// no more.
    pub(super) fn failed(&self) -> Vec<(String, u32, String)> {
        if let Some(place) = self.panic.as_ref().or(self.script.as_ref()) {
            return vec![place.clone()];
        }
        let failed = self.failed_in_words();
        if failed.is_empty() { self.own().last().cloned().into_iter().collect() } else { failed }
    }

    fn failed_in_words(&self) -> Vec<(String, u32, String)> {
        self.own().filter(|(_, _, text)| text.trim().is_empty() || OF_FAILURE.is_match(text)).cloned().collect()
    }

    /// Returns its own lines. The race detector speaks through the library; where the race is, its report says.
    fn own(&self) -> impl Iterator<Item = &(String, u32, String)> {
        self.lines.iter().filter(|(path, ..)| path != "testing.go")
    }
}

fn finished(failures: Vec<Failure>, said: &BTreeMap<String, Said>, package: &str) -> Vec<Failure> {
    let parents =
        |name: &str| name.match_indices('/').filter_map(|(at, _)| name.get(..at)).map(str::to_owned).collect::<Vec<_>>();
    let groups: BTreeSet<String> = failures.iter().flat_map(|failure| parents(&failure.name)).collect();
    let leaves: Vec<&Failure> = failures.iter().filter(|failure| !groups.contains(&failure.name)).collect();
    let complete = |failure: &Failure, (path, line, error): (String, u32, String)| {
        // A test names its file without the folder; that is found by the package's name.
        let path =
            if package.is_empty() || path.starts_with('/') || path.is_empty() { path } else { format!("{package}/{path}") };
        let name = if package.is_empty() { failure.name.clone() } else { format!("{package}.{}", failure.name) };
        Failure { name, error, place: (!path.is_empty()).then_some((path, line, 1)) }
    };
    let failed = |failure: &Failure| {
        let failed = said.get(&failure.name).map(Said::failed).filter(|failed| !failed.is_empty());
        failed.unwrap_or_else(|| vec![Default::default()])
    };
    // A group of subtests may fail by itself as well.
    let own = failures.iter().filter(|failure| {
        groups.contains(&failure.name) && said.get(&failure.name).is_some_and(|said| !said.failed_in_words().is_empty())
    });
    own.chain(leaves)
        .flat_map(|failure| failed(failure).into_iter().map(|place| complete(failure, place)).collect::<Vec<_>>())
        .collect()
}
