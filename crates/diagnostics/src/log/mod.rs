//! A whole log of a CI job: how it ended, in which step and command, by which class of failure, and which of its lines explain it.
//!
//! The log is fed in pieces and kept only in part: the telling lines of each step, and of the output what may still be asked for. Only
//! the steps that failed are then read in full, by the same readers as any output. What is no log but one document of a tool (JSON,
//! XML) is kept whole and read as such: there is one way to read, whatever it is.

mod decide;
mod job;
mod passing;
mod rule;
mod rules;
mod scan;
mod step;

use crate::class::Class;
use crate::envelope::{Dialect, Peeler};
use crate::text::Decoder;
use crate::{Crash, Hints, Matchers, Report};
use job::Job;
pub use passing::PassingLog;

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

impl Outcome {
    /// Returns its name, as reports write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
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

/// A line that tells something of the failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// The rule that knows it.
    pub rule: &'static str,
    /// What the rule takes such a line for.
    pub class: Class,
    /// Its first and last raw line, from 1.
    pub lines: (u64, u64),
    /// The beginning of its text.
    pub text: String,
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
    /// The beginning of the text of each of them, empty where it was not kept.
    pub explaining_texts: Vec<String>,
    /// The lines of the failing step that any rule knows, in their order: what the class and the explaining lines were taken from.
    pub tellings: Vec<Telling>,
    /// The diagnostics and tests of the steps that failed, or of the whole log where none did.
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

/// Returns the patterns by which telling lines are known, as data for whoever wants to look for the same with another program.
///
/// ```
/// assert!(diagnostics::patterns().any(|pattern| pattern.contains("AddressSanitizer") || pattern.contains("Address|")));
/// ```
pub fn patterns() -> impl Iterator<Item = &'static str> {
    rules::RULES.iter().map(|rule| rule.pattern)
}

/// Larger documents are read as text is: their lines in part, in bounded memory.
const LARGEST_DOCUMENT: usize = 64 << 20;

/// Reads a log that is fed in pieces, in bounded memory; or whatever else a tool wrote.
///
/// ```
/// use diagnostics::{Hints, LogReader};
///
/// let mut hints = Hints::default();
/// hints.passing.feed(b"ERROR: no cache for key 17\n");
/// let mut reader = LogReader::new(hints);
/// reader.feed(b"ERROR: no cache for key 18\nERROR: the sch");
/// reader.feed(b"ema has no table users\n");
/// assert_eq!(reader.finish().explaining.first(), Some(&(2, 2)));
/// ```
#[derive(Debug, Default)]
pub struct LogReader {
    decoder: Decoder,
    peeler: Peeler,
    job: Job,
    whole: Whole,
    tool: Option<&'static str>,
    matchers: Matchers,
}

/// The input as a whole, where it may be one document.
#[derive(Debug, Default)]
enum Whole {
    #[default]
    Undecided,
    Document(Vec<u8>),
    Log,
}

impl LogReader {
    /// Returns a reader that is told what is known beforehand.
    #[must_use]
    pub fn new(hints: Hints) -> Self {
        let Hints { dialect, tool, mut passing, matchers } = hints;
        passing.end();
        Self {
            peeler: dialect.map(Peeler::of).unwrap_or_default(),
            job: Job::against(passing),
            tool,
            matchers,
            ..Self::default()
        }
    }

    /// Takes more of the log.
    pub fn feed(&mut self, bytes: &[u8]) {
        let bytes = self.decoder.feed(bytes);
        self.keep(&bytes);
        self.peeler.feed(&bytes, &mut |line| self.job.line(line));
    }

    /// Keeps what is a document as far as can be told.
    fn keep(&mut self, bytes: &[u8]) {
        if matches!(self.whole, Whole::Undecided) {
            let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start();
            let second = text.get(1..).unwrap_or_default().trim_ascii_start().first();
            self.whole = match text.first() {
                None => return,
                Some(b'{') => Whole::Document(Vec::new()),
                Some(b'[') if second.is_none_or(|second| matches!(second, b'{' | b']')) => Whole::Document(Vec::new()),
                Some(b'<') => Whole::Document(Vec::new()),
                Some(_) => Whole::Log,
            };
        }
        if let Whole::Document(document) = &mut self.whole {
            if document.len() + bytes.len() > LARGEST_DOCUMENT {
                self.whole = Whole::Log;
            } else {
                document.extend_from_slice(bytes);
            }
        }
    }

    /// Says what the log was.
    #[must_use]
    pub fn finish(self) -> LogReport {
        self.finish_with(|_| None)
    }

    /// Says what the log was, and asks for the files of problem matchers that its steps had the CI system read, each by the name that
    /// stands in the log: `files` returns the name and the text of one, or `None`.
    ///
    /// ```
    /// let house = r#"{"problemMatcher": [{"owner": "house",
    ///     "pattern": [{"regexp": "^!(.+)@(\\d+) (.+)$", "file": 1, "line": 2, "message": 3}]}]}"#;
    /// let mut reader = diagnostics::LogReader::default();
    /// reader.feed(b"::add-matcher::ci/house.json\n!a.zz@3 is odd\n");
    /// let read = reader.finish_with(|named| (named == "ci/house.json").then(|| (named.to_owned(), house.to_owned())));
    /// assert_eq!(read.report.diagnostics[0].tool, "house");
    /// ```
    #[must_use]
    pub fn finish_with(self, mut files: impl FnMut(&str) -> Option<(String, String)>) -> LogReport {
        let Self { decoder: _, mut peeler, mut job, whole, tool, mut matchers } = self;
        peeler.finish(&mut |line| job.line(line));
        for (name, text) in std::mem::take(&mut job.matcher_files).iter().filter_map(|named| files(named)) {
            matchers.read(&name, &text);
        }
        let document = match whole {
            Whole::Document(document) => Some(document),
            Whole::Undecided | Whole::Log => None,
        };
        let mut report = job.finish(peeler.dialect(), document, tool, &matchers);
        report.report.skipped.extend(Hints::missed(tool, &report));
        report
    }
}

#[cfg(test)]
mod tests;
