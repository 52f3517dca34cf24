//! A job as its log passes, and what is made of it at its end.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use domain::{FindingKind, Severity};

use super::decide::decide;
use super::scan::SHOWN;
use super::step::Step;
use super::{LogReport, Outcome, PassingLog, Telling};
use crate::class::Class;
use crate::envelope::{ADD_MATCHER, Dialect, Line, Mark};
use crate::read::read_and_rest;
use crate::text::{cut, one_line};
use crate::{Crash, Diagnostic, Matchers, Output, Report, crashes, read_with};

/// All steps together keep no more output than this.
const KEPT: usize = 8 << 20;

/// More steps than a job has: what comes after belongs to the last one.
const MOST_STEPS: usize = 2_000;

/// More files of patterns than a job has.
const MOST_MATCHER_FILES: usize = 50;

/// More explaining lines than anyone looks at.
const MOST_EXPLAINING: usize = 20;

/// What is known of a job so far.
#[derive(Debug, Default)]
pub(super) struct Job {
    passing: PassingLog,
    pub(super) steps: Vec<Step>,
    kept: usize,
    /// The files of patterns that its steps had the CI system read.
    pub(super) matcher_files: Vec<String>,
    /// The step that the log says failed, by its name.
    failed_in: Option<String>,
    ended: Option<Outcome>,
}

impl Job {
    pub(super) fn against(passing: PassingLog) -> Self {
        Self { passing, ..Self::default() }
    }

    /// Takes the next line.
    pub(super) fn line(&mut self, line: &Line<'_>) {
        for mark in line.marks {
            self.mark(mark, line.raw);
        }
        let Some(text) = line.text else { return };
        if let Some(file) = text.strip_prefix(ADD_MATCHER).filter(|_| self.matcher_files.len() < MOST_MATCHER_FILES) {
            self.matcher_files.push(file.trim().to_owned());
        }
        let passing = &self.passing;
        if self.steps.is_empty() {
            self.steps.push(Step::default());
        }
        // What the system says of the end is of the step that it ended, not of what cleans up after it.
        let ends = line.marks.iter().any(|mark| matches!(mark, Mark::Failed | Mark::Cancelled));
        let at = self.steps.iter().rposition(|step| !ends || step.ran());
        let Some(step) = at.and_then(|at| self.steps.get_mut(at)) else { return };
        step.tellings.line(text, line.raw, |text| passing.contains(text));
        if text.chars().any(|c| !c.is_whitespace()) {
            step.last = Some(line.raw);
        }
        let before = step.size();
        step.keep(text, line.raw);
        self.kept = (self.kept + step.size()).saturating_sub(before);
        let mut oldest = 0;
        while self.kept > KEPT && oldest + 1 < self.steps.len() {
            if let Some(step) = self.steps.get_mut(oldest) {
                self.kept = self.kept.saturating_sub(step.size());
                step.forget();
            }
            oldest += 1;
        }
    }

    fn mark(&mut self, mark: &Mark, raw: (u64, u64)) {
        match mark {
            Mark::Step(name) => self.begin(name, false),
            Mark::Aside(name) => self.begin(name, true),
            Mark::Skipped => self.change(|step| step.is_skipped = true),
            Mark::Command(command) => {
                // A shell stops at the first command that fails: what those before it said is of none that did.
                let next = self.steps.last().filter(|step| !step.commands.is_empty() && step.size() > 0).map(Step::next);
                self.steps.extend(next.filter(|_| self.steps.len() < MOST_STEPS));
                self.change(|step| step.command(command));
            }
            Mark::Error => self.change(|step| step.error(raw)),
            Mark::FailedIn(name) => self.failed_in = Some(name.clone()),
            Mark::Exit(code) => {
                let named = self.failed_in.take();
                let at = self.steps.iter().rposition(|step| named.is_some() && step.name == named);
                let at = at.or_else(|| self.steps.iter().rposition(Step::ran));
                if let Some(step) = at.and_then(|at| self.steps.get_mut(at)) {
                    step.end(*code);
                    // Of a command of several lines the echo shows the first.
                    if let Some(whole) =
                        named.filter(|whole| step.commands.iter().any(|command| whole.lines().next() == Some(command)))
                    {
                        step.commands = vec![whole.clone()];
                        step.name = Some(whole);
                    }
                }
                if *code != 0 && self.ended != Some(Outcome::Cancelled) {
                    self.ended = Some(Outcome::Failed);
                }
            }
            Mark::Passed => self.ended = self.ended.or(Some(Outcome::Passed)),
            Mark::Failed => self.ended = self.ended.or(Some(Outcome::Failed)),
            Mark::Cancelled => self.ended = self.ended.or(Some(Outcome::Cancelled)),
        }
    }

    fn begin(&mut self, name: &str, is_aside: bool) {
        if self.steps.len() < MOST_STEPS {
            self.steps.push(Step::new(Some(name.to_owned()), is_aside));
        }
    }

    /// Changes the step that the log is in.
    fn change(&mut self, change: impl FnOnce(&mut Step)) {
        if self.steps.is_empty() {
            self.steps.push(Step::default());
        }
        if let Some(step) = self.steps.last_mut() {
            change(step);
        }
    }

    /// Returns the steps that failed, the one that decides first: those that say so themselves in their order (a step after the first
    /// ran because it always does, or because of it); else those that the CI system marks, the last first.
    fn failed(&self) -> Vec<&Step> {
        let say_so: Vec<&Step> = self.steps.iter().filter(|step| step.exit.is_some_and(|code| code != 0)).collect();
        if !say_so.is_empty() {
            return say_so;
        }
        self.steps.iter().rev().filter(|step| !step.errors.is_empty()).collect()
    }

    /// Says what the job was. A document is all of the input, where it is one.
    pub(super) fn finish(
        self,
        dialect: Dialect,
        document: Option<Vec<u8>>,
        tool: Option<&str>,
        matchers: &Matchers,
    ) -> LogReport {
        let failed = if self.ended == Some(Outcome::Passed) { Vec::new() } else { self.failed() };
        let tool = tool.or_else(|| failed.first().and_then(|step| lister(&step.failing_command(dialect)?)));
        let (report, crashes) = match &document {
            Some(document) => {
                let (report, text) = read_and_rest(&Output { stdout: document, stderr: b"", tool }, matchers);
                let crashes = crashes(without_told(&text, &report).as_bytes());
                (report, crashes)
            }
            None => self.read_failed(&failed, tool, matchers),
        };
        let fails = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        let outcome = match self.ended {
            Some(ended) => ended,
            None if !failed.is_empty() || report.tests.failed > 0 => Outcome::Failed,
            // These mark what failed.
            None if matches!(dialect, Dialect::GitHub | Dialect::Buildkite) => Outcome::Passed,
            None if report.diagnostics.iter().any(fails) || !crashes.is_empty() => Outcome::Failed,
            // It says how each command ended, but for one that took the shell down with it.
            None if dialect == Dialect::Travis && self.last().is_some_and(|step| !step.tellings.is_empty()) => Outcome::Failed,
            None if report.tests.framework.is_some() && self.telling().is_none() => Outcome::Passed,
            // Whether what it found is a failure, the tool tells by its exit code alone.
            None if document.is_some() && !report.formats.is_empty() && report.diagnostics.is_empty() => Outcome::Passed,
            None => Outcome::Unknown,
        };
        let (report, crashes) = match outcome {
            _ if document.is_some() => (without_repeated(report), each_once(crashes)),
            Outcome::Passed => (without_repeated(without_handled(report)), Vec::new()),
            _ => (without_repeated(report), each_once(crashes)),
        };
        let step = match outcome {
            Outcome::Passed => None,
            Outcome::Failed | Outcome::Cancelled => failed.first().copied().or_else(|| self.telling()).or_else(|| self.last()),
            Outcome::Unknown => self.telling(),
        };
        // Of the commands of a step, the last one that tells anything.
        let speaks = step.map(|step| match self.commands_of(step).into_iter().rfind(|one| !one.tellings.is_empty()) {
            Some(other) if step.tellings.is_empty() && report.diagnostics.is_empty() => other,
            _ => step,
        });
        let command = step.and_then(|step| step.failing_command(dialect));
        let decision = decide(outcome, speaks, command.as_deref(), &report, &crashes);
        let explaining = speaks.map(|step| explaining(step, &report)).unwrap_or_default();
        let text =
            |(first, _): &(u64, u64)| speaks.and_then(|step| step.text_at(*first)).map_or("", |text| cut(text.trim(), SHOWN));
        let explaining_texts = explaining.iter().map(text).map(one_line).collect();
        LogReport {
            dialect,
            outcome,
            decision,
            step: step.and_then(|step| step.name.clone()),
            command,
            exit_code: step.and_then(|step| step.exit),
            explaining,
            explaining_texts,
            tellings: speaks.map(|step| step.tellings.all()).unwrap_or_default(),
            report,
            crashes,
        }
    }

    /// Returns the last step that did anything.
    fn last(&self) -> Option<&Step> {
        self.steps.iter().rev().find(|step| step.ran())
    }

    /// Returns the last step that tells of any failure.
    fn telling(&self) -> Option<&Step> {
        self.steps.iter().rev().find(|step| !step.is_aside && !step.is_skipped && !step.tellings.is_empty())
    }

    /// Returns the commands of a step, each of which is a step of its own, up to this one.
    fn commands_of<'a>(&'a self, step: &'a Step) -> Vec<&'a Step> {
        let Some(at) = self.steps.iter().position(|other| std::ptr::eq(other, step)) else { return vec![step] };
        let first = (0..=at).rev().find(|index| self.steps.get(*index).is_some_and(|step| !step.goes_on)).unwrap_or(at);
        self.steps.get(first..=at).unwrap_or_default().iter().collect()
    }

    /// Reads the output of what failed; where the last command of a step says nothing, that of all its commands.
    fn read_failed(&self, failed: &[&Step], tool: Option<&str>, matchers: &Matchers) -> (Report, Vec<Crash>) {
        let (report, crashes) = self.read(failed, tool, matchers);
        let is_silent = report.diagnostics.is_empty() && report.tests.framework.is_none() && crashes.is_empty();
        if !is_silent || failed.iter().all(|step| !step.goes_on || !step.tellings.is_empty()) {
            return (report, crashes);
        }
        let all: Vec<&Step> = failed.iter().flat_map(|step| self.commands_of(step)).collect();
        self.read(&all, tool, matchers)
    }

    /// Reads the output of the steps that failed, or of all where none is known to; and of the others what tests they ran, where those
    /// ran none.
    fn read(&self, failed: &[&Step], tool: Option<&str>, matchers: &Matchers) -> (Report, Vec<Crash>) {
        let is_failed = |step: &Step| failed.iter().any(|other| std::ptr::eq(*other, step));
        let (first, others): (Vec<&Step>, Vec<&Step>) = self.steps.iter().partition(|step| failed.is_empty() || is_failed(step));
        let (text, left_out) = text_of(&first);
        let mut report = read_with(&Output { stdout: text.as_bytes(), stderr: b"", tool }, matchers);
        let crashes = crashes(without_told(&text, &report).as_bytes());
        drop(text);
        if report.tests.framework.is_none() && !others.is_empty() {
            let (text, _) = text_of(&others);
            let read = crate::read::tests(text.as_bytes());
            report.tests = read.tests;
            report.failing = read.failing;
        }
        if left_out > 0 {
            report.skipped.push(format!("{left_out} bytes in the middle of the log"));
        }
        (report, crashes)
    }
}

/// Returns the formatter that a command starts to list files: what it prints are bare paths, which mean something only where that is known.
fn lister(command: &str) -> Option<&'static str> {
    let lists = |word: &str| matches!(word, "-l" | "--list" | "--list-different");
    let tool = crate::tool_of(command).filter(|_| command.lines().count() == 1 && command.split_whitespace().any(lists));
    tool.filter(|tool| matches!(*tool, "gofmt" | "goimports" | "shfmt" | "prettier"))
}

/// Returns what was read of a job that passed without the exceptions in it: somebody caught them, or they were no failure.
fn without_handled(mut report: Report) -> Report {
    report.diagnostics.retain(|one| one.severity != Severity::Error || !matches!(one.tool.as_str(), "python" | "node" | "ruby"));
    report
}

/// Returns what was read with each message once: Maven, cargo and the builders of images say all of it again at their end. What one of
/// them offers is kept: a formatter names a file, and shows beside it what it would change.
fn without_repeated(mut report: Report) -> Report {
    let mut told: HashMap<_, usize> = HashMap::new();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(report.diagnostics.len());
    for one in report.diagnostics {
        let start = one.span.map(|span| format!("{:?}", span.start));
        let key = (one.tool.clone(), one.rule.clone(), one.path.clone(), start, one.message.clone());
        match told.entry(key) {
            Entry::Occupied(first) if one.path.is_some() => {
                if let Some(first) = kept.get_mut(*first.get()).filter(|first| first.suggestions.is_empty()) {
                    first.suggestions = one.suggestions;
                }
            }
            entry => {
                entry.or_insert(kept.len());
                kept.push(one);
            }
        }
    }
    report.diagnostics = kept;
    report
}

fn each_once(mut crashes: Vec<Crash>) -> Vec<Crash> {
    let mut told = HashSet::new();
    crashes.retain(|crash| told.insert(crash.token.clone()));
    crashes
}

/// Returns the text without what the runner of the tests told of: of pytest its sections; of Rust's tests the panics, those shown below the name of a failing test, and those of a thread
/// that is no failing test's, since a test may expect one.
fn without_told<'a>(text: &'a str, report: &Report) -> Cow<'a, str> {
    match report.tests.framework.as_deref() {
        Some("pytest") if text.contains("Traceback (most recent call last)") => return Cow::Owned(without_sections(text)),
        Some("cargo test") if text.contains(" panicked at ") => {}
        _ => return Cow::Borrowed(text),
    }
    let mut kept = String::with_capacity(text.len());
    let mut in_block = false;
    for line in text.split_inclusive('\n') {
        in_block = line.starts_with("---- ") || in_block && !line.starts_with("failures:");
        let panicked = line.strip_prefix("thread '").filter(|_| line.contains(" panicked at "));
        let thread = panicked.and_then(|rest| rest.split_once('\'')).map(|(thread, _)| thread);
        let is_told =
            thread.is_some_and(|thread| in_block || thread != "main" && report.failing.iter().all(|name| name != thread));
        if !is_told {
            kept.push_str(line);
        }
    }
    Cow::Owned(kept)
}

/// Returns the text without the sections in which pytest tells of errors and failures, and of what was logged on the way.
fn without_sections(text: &str) -> String {
    let mut in_section = false;
    let outside = text.split_inclusive('\n').filter(|line| {
        if line.starts_with("====") {
            in_section = line.contains(" FAILURES ") || line.contains(" ERRORS ");
        }
        !in_section
    });
    outside.collect()
}

fn text_of(steps: &[&Step]) -> (String, usize) {
    let mut text = String::new();
    for step in steps {
        step.text_into(&mut text);
    }
    (text, steps.iter().map(|step| step.left_out()).sum())
}

/// Returns how the first of the worst messages begin, as their lines have it.
fn messages(report: &Report) -> Vec<String> {
    let worst = report.diagnostics.iter().map(|one| one.severity).max();
    let first =
        report.diagnostics.iter().filter(|one| Some(one.severity) == worst && !one.message.is_empty()).take(MOST_MESSAGES);
    let beginning = |message: &str| {
        let own =
            if message.starts_with("test ") { message.split_once(" failed: ").map_or(message, |(_, own)| own) } else { message };
        crate::text::cut(own, BEGINNING).trim_end().to_owned()
    };
    first.map(|one| beginning(&one.message)).filter(|text| text.len() >= SHORTEST).collect()
}

/// The lines of so many messages are looked for, by so much of each; a shorter text may stand anywhere.
const MOST_MESSAGES: usize = 8;
const BEGINNING: usize = 40;
const SHORTEST: usize = 6;

/// Says whether a line has the form of a tool's message, in a step whose tests failed, and is none of those that were read there.
fn is_printed(telling: &Telling, report: &Report) -> bool {
    let is_message = matches!(
        telling.class,
        Class::Finding(FindingKind::BuildError | FindingKind::Linting | FindingKind::TypeChecking | FindingKind::Formatting)
    );
    let is_told = |one: &Diagnostic| {
        let beginning = crate::text::cut(&one.message, BEGINNING);
        beginning.is_empty() || telling.text.contains(beginning)
    };
    // Nor is another runner's word one, that a failing test of this one ran.
    let is_of_other = telling.rule == "test-go" && report.tests.framework.as_deref() == Some("cargo test");
    let is_located = telling.text.split([':', '(']).skip(1).any(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    is_of_other || is_message && is_located && report.tests.failed > 0 && !report.diagnostics.iter().any(is_told)
}

/// Returns the lines that explain why a step failed: the telling ones, then those that the CI system marks, then the last one.
fn explaining(step: &Step, report: &Report) -> Vec<(u64, u64)> {
    let messages = step.lines_with(&messages(report));
    let mut lines = step.tellings.ranked(&messages);
    // What tests print may look like a compiler's message; none is, where no reader took it for one.
    let printed: Vec<(u64, u64)> =
        step.tellings.all().into_iter().filter(|telling| is_printed(telling, report)).map(|telling| telling.lines).collect();
    lines.sort_by_key(|line| printed.contains(line));
    let last = step.last_word().or(step.last);
    if messages.is_empty() && step.errors.is_empty() && step.tellings.only_repeat() {
        lines.extend(last);
        lines.rotate_right(usize::from(last.is_some()));
    }
    for more in step.errors.iter().chain(&last) {
        if lines.iter().all(|(first, last)| more.0 > *last || more.1 < *first) {
            lines.push(*more);
        }
    }
    lines.truncate(MOST_EXPLAINING);
    lines
}
