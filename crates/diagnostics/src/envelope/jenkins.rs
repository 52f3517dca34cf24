//! Jenkins: the steps of a pipeline between its own lines, hidden notes in the text, and a prefix on each line of a parallel branch.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Bare, Mark, bare, cut_front};
use crate::text::pattern;

pattern! {
    STAMP = r"^(?:\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\] |\d\d:\d\d:\d\d(?:\.\d{1,3} ?| ) )";
    NOTE = r"\x1b\[8mha:[^\x1b]*\x1b\[0m";
    OPENS = r"^\[Pipeline\] \{ \((.+)\)$";
    PREFIX = r"^\[([^\]]+)\] (.*)$";
    SKIPPED = r#"^Stage "(.+)" skipped due to "#;
    EXIT = r"^ERROR: script returned exit code (-?\d+)$";
    BRANCH = r"^Failed in branch (.+)$";
    SHELL = r"^\[[^\]]+\] \$ (.*)$";
    FINISHED = r"^Finished: (\w+)$";
}

/// What is known while the lines pass.
#[derive(Debug, Default)]
pub(super) struct Peel {
    branches: BTreeSet<String>,
    /// The line before is part of a diff: a plus sign after it is no echo of a command.
    in_diff: bool,
}

/// More branches than a pipeline has.
const MOST_BRANCHES: usize = 1_000;

impl Peel {
    pub(super) fn line<'a>(&mut self, raw: &'a str) -> Bare<'a> {
        let noted: Cow<'a, str> = if raw.contains("\x1b[8mha:") { NOTE.replace_all(raw, "") } else { Cow::Borrowed(raw) };
        let plain: Cow<'a, str> = match noted {
            Cow::Borrowed(line) => bare(line),
            Cow::Owned(line) => Cow::Owned(bare(&line).into_owned()),
        };
        let cut = STAMP.find(&plain).map_or(0, |stamp| stamp.end());
        let line = self.without_branch(cut_front(plain, cut));
        let was_in_diff = self.in_diff;
        self.in_diff = line.starts_with(['-', '@']) || (was_in_diff && line.starts_with(['+', '?']));
        if let Some(found) = OPENS.captures(&line) {
            return self.opens(&found[1]);
        }
        if line.starts_with("[Pipeline] ") || &*line == "[Pipeline]" {
            return Bare::default();
        }
        if let Some(command) = line.strip_prefix("+ ").filter(|rest| !was_in_diff && is_command(rest)) {
            return Bare::mark(Mark::Command(command.to_owned()));
        }
        ends(line)
    }

    /// Takes off the name of a parallel branch, where the pipeline has one of that name.
    fn without_branch<'a>(&self, line: Cow<'a, str>) -> Cow<'a, str> {
        let known = PREFIX.captures(&line).filter(|found| self.branches.contains(&found[1]));
        let cut = known.and_then(|found| Some(found.get(2)?.start())).unwrap_or(0);
        cut_front(line, cut)
    }

    fn opens<'a>(&mut self, name: &str) -> Bare<'a> {
        let name = match name.strip_prefix("Branch: ") {
            Some(branch) => {
                if self.branches.len() < MOST_BRANCHES {
                    self.branches.insert(branch.to_owned());
                }
                branch
            }
            None => name,
        };
        let is_aside = matches!(name, "Declarative: Post Actions" | "Declarative: Checkout SCM" | "Declarative: Tool Install");
        Bare::mark(if is_aside { Mark::Aside(name.to_owned()) } else { Mark::Step(name.to_owned()) })
    }
}

/// Says whether a line behind a plus sign may be a command: what tests print of a difference looks alike.
fn is_command(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_./~-+:=[@$'\"".contains(c);
    !word.is_empty()
        && word.chars().all(is_word)
        && !word.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !["actual - expected", "actual", "expected - actual", "Received", "Expected"].contains(&line)
}

/// Reads the lines that say how something ended.
fn ends(line: Cow<'_, str>) -> Bare<'_> {
    let mark = if let Some(code) = EXIT.captures(&line).and_then(|found| found[1].parse().ok()) {
        Mark::Exit(code)
    } else if SKIPPED.is_match(&line) {
        Mark::Skipped
    } else if let Some(found) = BRANCH.captures(&line) {
        Mark::FailedIn(found[1].to_owned())
    } else if let Some(found) = SHELL.captures(&line) {
        Mark::Step(found[1].to_owned())
    } else if let Some(found) = FINISHED.captures(&line) {
        match &found[1] {
            "SUCCESS" => Mark::Passed,
            "ABORTED" | "NOT_BUILT" => Mark::Cancelled,
            _ => Mark::Failed,
        }
    } else {
        return Bare::text(line);
    };
    Bare::mark(mark)
}
