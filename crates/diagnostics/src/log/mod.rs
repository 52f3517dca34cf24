//! A whole log of a CI job: how it ended, in which step and command, by which class of failure, and which of its lines explain it.
//!
//! The log is fed in pieces and kept only in part: the telling lines of each step, and of the output what may still be asked for. Only
//! the step that failed is then read in full, by the same readers as any output.

mod masked;
mod rules;
mod scan;
mod step;

use crate::class::Class;
use crate::envelope::{Dialect, Line, Mark, Peeler};
use crate::{Crash, Output, Report, crashes, read};
use domain::Severity;
use masked::Masked;
use step::Step;

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Passed,
    /// Badly.
    Failed,
    /// It was stopped.
    Cancelled,
    /// The log does not say.
    Unknown,
}

/// The class of a failure, and what decided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The class.
    pub class: Class,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// The rule that matched.
    pub rule: &'static str,
    /// The raw lines where it did, from 1; none where the end of the job alone decided.
    pub lines: Option<(u64, u64)>,
}

/// What a log says.
#[derive(Debug, Clone, PartialEq)]
pub struct LogReport {
    /// The CI system.
    pub dialect: Dialect,
    /// How the job ended.
    pub outcome: Outcome,
    /// Why it failed; unknown is an answer.
    pub decision: Option<Decision>,
    /// The step that failed, as the log names it.
    pub step: Option<String>,
    /// The command that failed, or the script that it is part of.
    pub command: Option<String>,
    /// The code that the step ended with.
    pub exit_code: Option<i32>,
    /// The lines that explain the failure: first and last raw line from 1, the likeliest first. LF, CR LF and a lone CR each end a line.
    pub explaining: Vec<(u64, u64)>,
    /// The diagnostics and tests of the step that failed, or of the whole log where none did.
    pub report: Report,
    /// The crashes in the same output.
    pub crashes: Vec<Crash>,
}

/// Reads a whole log.
///
/// ```
/// let log = b"travis_time:start:1\r$ make\nmain.c:3:5: error: expected ';'\nThe command \"make\" exited with 2.\n";
/// let read = diagnostics::read_log(log);
/// assert_eq!((read.command.as_deref(), read.exit_code), (Some("make"), Some(2)));
/// assert_eq!(read.explaining, [(3, 3)]);
/// ```
#[must_use]
pub fn read_log(log: &[u8]) -> LogReport {
    let mut reader = LogReader::default();
    reader.feed(log);
    reader.finish()
}

/// Reads a log that is fed in pieces, in bounded memory.
#[derive(Debug, Default)]
pub struct LogReader {
    peeler: Peeler,
    job: Job,
}

impl LogReader {
    /// Returns a reader to which the lines of a log of the same job that passed tell nothing.
    #[must_use]
    pub fn against(passing: &[u8]) -> Self {
        Self { peeler: Peeler::default(), job: Job { passing: Masked::of(passing), ..Job::default() } }
    }

    /// Takes more of the log.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.peeler.feed(bytes, &mut |line| self.job.line(line));
    }

    /// Says what the log was.
    #[must_use]
    pub fn finish(mut self) -> LogReport {
        self.peeler.finish(&mut |line| self.job.line(line));
        self.job.finish(self.peeler.dialect())
    }
}

/// All steps together keep no more output than this.
const KEPT: usize = 24 << 20;

/// More steps than a job has: what comes after belongs to the last one.
const MOST_STEPS: usize = 2_000;

#[derive(Debug, Default)]
struct Job {
    passing: Masked,
    steps: Vec<Step>,
    kept: usize,
    /// The step that the log says failed, by its name.
    failed_in: Option<String>,
    ended: Option<Outcome>,
}

impl Job {
    fn line(&mut self, line: &Line<'_>) {
        for mark in line.marks {
            self.mark(mark, line.raw);
        }
        let Some(text) = line.text else { return };
        let passing = &self.passing;
        if self.steps.is_empty() {
            self.steps.push(Step::default());
        }
        let Some(step) = self.steps.last_mut() else { return };
        step.tellings.line(text, line.raw, |text| passing.contains(text));
        if !text.trim().is_empty() {
            step.last = Some(line.raw);
        }
        let before = step.size();
        step.keep(text);
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
            Mark::Command(command) => self.change(|step| step.command(command)),
            Mark::Error => self.change(|step| step.error(raw)),
            Mark::FailedIn(name) => self.failed_in = Some(name.clone()),
            Mark::Exit(code) => {
                let named = self.failed_in.take();
                let named = self.steps.iter().rposition(|step| named.is_some() && step.name == named);
                let at = named.or_else(|| self.steps.iter().rposition(Step::ran));
                if let Some(step) = at.and_then(|at| self.steps.get_mut(at)) {
                    step.exit = Some(*code);
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

    /// Returns the step that failed: the last one that says so itself, or that the CI system marks, or that tells of any failure.
    fn failed(&self) -> Option<&Step> {
        let last = |holds: &dyn Fn(&Step) -> bool| self.steps.iter().rev().find(|step| holds(step));
        last(&|step| step.exit.is_some_and(|code| code != 0))
            .or_else(|| last(&|step| !step.errors.is_empty()))
            .or_else(|| last(&|step| !step.is_aside && !step.is_skipped && !step.tellings.is_empty()))
    }

    fn finish(self, dialect: Dialect) -> LogReport {
        let says_failed = self.ended == Some(Outcome::Failed);
        let marked = self.steps.iter().any(|step| !step.errors.is_empty());
        let failed = self.failed().filter(|_| self.ended != Some(Outcome::Passed));
        let (report, crashes, skipped) =
            self.read(failed.filter(|step| says_failed || !step.errors.is_empty() || step.name.is_some()));
        let mut report = report;
        report.skipped.extend(skipped);
        let outcome = match self.ended {
            Some(ended) => ended,
            None if marked => Outcome::Failed,
            None if report.tests.failed > 0 => Outcome::Failed,
            // GitHub marks what failed.
            None if dialect == Dialect::GitHub => Outcome::Passed,
            None if report.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) => Outcome::Failed,
            None if report.tests.framework.is_some() && failed.is_none() => Outcome::Passed,
            None => Outcome::Unknown,
        };
        let failed = failed.filter(|_| outcome != Outcome::Passed);
        LogReport {
            dialect,
            outcome,
            decision: decide(outcome, failed),
            step: failed.and_then(|step| step.name.clone()),
            command: failed.and_then(|step| step.failing_command(dialect)),
            exit_code: failed.and_then(|step| step.exit),
            explaining: failed.map(explaining).unwrap_or_default(),
            report,
            crashes,
        }
    }

    /// Reads the output of a step, or of all; and says what of it was not kept.
    fn read(&self, step: Option<&Step>) -> (Report, Vec<Crash>, Option<String>) {
        let mut text = String::new();
        let mut left_out = 0;
        let read_steps: Vec<&Step> = step.map_or_else(|| self.steps.iter().collect(), |step| vec![step]);
        for step in read_steps {
            step.text_into(&mut text);
            left_out += step.left_out();
        }
        let report = read(&Output { stdout: text.as_bytes(), stderr: b"", tool: None });
        (report, crashes(text.as_bytes()), (left_out > 0).then(|| format!("{left_out} bytes in the middle of the log")))
    }
}

fn decide(outcome: Outcome, failed: Option<&Step>) -> Option<Decision> {
    let found = failed.and_then(|step| step.tellings.deciding());
    let by_end = |class, rule| Some(Decision { class, confidence: 90, rule, lines: None });
    match (outcome, found) {
        (Outcome::Cancelled, found) => {
            let lines = found.filter(|(rule, _)| rule.class == Class::Cancelled).map(|(_, lines)| lines);
            by_end(Class::Cancelled, "outcome").map(|decision| Decision { lines, ..decision })
        }
        (_, Some((rule, lines))) => {
            Some(Decision { class: rule.class, confidence: rule.confidence, rule: rule.name, lines: Some(lines) })
        }
        (_, None) => match failed.and_then(|step| step.exit) {
            Some(137) => by_end(Class::Resources, "exit-137"),
            Some(134 | 136 | 139) => by_end(Class::Crash, "exit-signal"),
            Some(126 | 127) => by_end(Class::Environment, "exit-127"),
            _ => None,
        },
    }
}

/// More explaining lines than anyone looks at.
const MOST_EXPLAINING: usize = 20;

/// Returns the lines that explain why a step failed: the telling ones, then those that the CI system marks, then the last one.
fn explaining(step: &Step) -> Vec<(u64, u64)> {
    let mut lines = step.tellings.ranked();
    for more in step.errors.iter().chain(&step.last) {
        if lines.iter().all(|(first, last)| more.0 > *last || more.1 < *first) {
            lines.push(*more);
        }
    }
    lines.truncate(MOST_EXPLAINING);
    lines
}

#[cfg(test)]
mod tests;
