//! Travis CI: folds and timers that the terminal overwrites, commands behind a dollar sign, and how each of them ended.
//!
//! Where somebody took the escapes and the carriage returns out of a log, as what hands logs on does, its marks and what followed them stand in
//! one line: each is peeled off the beginning of what is left.

use std::borrow::Cow;

use super::{Bare, Mark, bare};
use crate::text::pattern;

pattern! {
    FOLD = r"^travis_fold:(start|end):(\S+)$";
    // Where the name of a fold ends is told by the dot that must stand between its words.
    GLUED_FOLD = r"^travis_fold:(start|end):([a-z_]+(?:\.(?:\d+|[a-z_]+))*)";
    TIMER = r"^travis_time:(?:start:([0-9a-f]{1,8})|end:([0-9a-f]{1,8}):(?:start=-?\d*,finish=-?\d*,duration=-?\d*)?(?:,event=[a-z_]+)?)";
    EXITED = r#"(?s)^The command "(.*)" (?:failed and )?exited with (\d+)(?: during .*)?\.$"#;
    STOPPED = r"^(?:No output has been received in the last \d+|The job exceeded the maximum time limit for jobs, and has been terminated)";
    DONE = r"^Done\. Your build exited with (\d+)\.$";
}

/// How the line begins that says how a command ended.
const ENDED: &str = "The command \"";

/// A command that is longer than this is not shown whole by anyone.
const LONGEST_COMMAND: usize = 8 << 10;

/// What is known while the lines pass.
#[derive(Debug, Default)]
pub(super) struct Peel {
    in_fold: bool,
    /// A timer was started: the next line echoes a command.
    timed: Option<String>,
    /// The timer of the command that is run: what looks like a fold until it ends is of the command's own making.
    running: Option<String>,
    /// A timer has just ended: how the command ended is said next.
    ended: bool,
    /// The beginning of what says how a command of several lines ended.
    ending: Option<String>,
}

impl Peel {
    pub(super) fn line<'a>(&mut self, raw: &'a str) -> Bare<'a> {
        let line = bare(raw);
        if let Some(mut ending) = self.ending.take() {
            ending.push('\n');
            ending.push_str(&line);
            return self.ended(&ending).unwrap_or_else(|| {
                self.ending = Some(ending).filter(|ending| ending.len() < LONGEST_COMMAND);
                Bare::default()
            });
        }
        if !line.starts_with("travis_") {
            // What a program wrote last may have no end of line.
            let glued = self.running.as_ref().and_then(|timer| line.find(&format!("travis_time:end:{timer}")));
            let Some(at) = glued else { return self.text(line) };
            let (said, after) = line.split_at(at);
            let mut marks = Vec::new();
            let taken = self.mark(after, &mut marks).unwrap_or_default();
            marks.append(&mut self.text(Cow::Borrowed(after.get(taken..).unwrap_or_default())).marks);
            return Bare { text: Some(Cow::Owned(said.to_owned())), marks, ..Bare::default() };
        }
        let mut marks = Vec::new();
        let mut at = 0;
        while let Some(taken) = line.get(at..).and_then(|rest| self.mark(rest, &mut marks)) {
            at += taken;
        }
        let rest = line.get(at..).unwrap_or_default();
        let mut peeled = match rest {
            "" => Bare::default(),
            rest => self.text(Cow::Owned(rest.to_owned())),
        };
        marks.append(&mut peeled.marks);
        Bare { text: peeled.text.map(|text| Cow::Owned(text.into_owned())), marks, ..peeled }
    }

    /// Takes a mark off the beginning of a line, and returns how long it was.
    fn mark(&mut self, line: &str, marks: &mut Vec<Mark>) -> Option<usize> {
        if line.starts_with("travis_fold:") {
            let next = line.get(1..).and_then(|rest| rest.find("travis_")).map_or(line.len(), |next| next + 1);
            let own = line.get(..next)?;
            let found = FOLD.captures(own).or_else(|| GLUED_FOLD.captures(own))?;
            if self.running.is_none() {
                self.in_fold = &found[1] == "start";
                let name = found[2].to_owned();
                let is_aside =
                    ["after_", "cache.", "before_cache", "before_deploy", "deploy"].iter().any(|start| name.starts_with(start));
                marks.extend(self.in_fold.then_some(if is_aside { Mark::Aside(name) } else { Mark::Step(name) }));
            }
            return Some(found[0].len());
        }
        let found = TIMER.captures(line)?;
        if let Some(started) = found.get(1).filter(|_| self.running.is_none()) {
            self.timed = Some(started.as_str().to_owned());
        }
        if let Some(ended) = found.get(2) {
            self.ended = self.running.as_deref() == Some(ended.as_str());
            self.running.take_if(|running| running == ended.as_str());
            self.timed = None;
        }
        Some(found[0].len())
    }

    /// Peels what is no mark.
    fn text<'a>(&mut self, line: Cow<'a, str>) -> Bare<'a> {
        if let Some(command) = line.strip_prefix("$ ")
            && let Some(timer) = self.timed.take()
        {
            self.running = Some(timer);
            let command = Mark::Command(command.to_owned());
            // What is run outside of folds is the script: each command is a step.
            return match &command {
                Mark::Command(name) if !self.in_fold => Bare::mark(Mark::Step(name.clone())).marked(command),
                _ => Bare::mark(command),
            };
        }
        if line.starts_with(ENDED) {
            if let Some(ended) = self.ended(&line) {
                return ended;
            }
            if self.ended {
                self.ending = Some(line.into_owned());
                return Bare::default();
            }
        }
        // A blank line may stand between.
        self.ended &= line.is_empty();
        match DONE.captures(&line) {
            Some(found) => Bare::mark(if &found[1] == "0" { Mark::Passed } else { Mark::Failed }),
            None if STOPPED.is_match(&line) => Bare::text(line).marked(Mark::Failed),
            None => Bare::text(line),
        }
    }

    /// Returns what the end of a command is, where all of it is said.
    fn ended<'a>(&mut self, line: &str) -> Option<Bare<'a>> {
        let found = EXITED.captures(line)?;
        (self.ended, self.running) = (false, None);
        Some(match found[2].parse() {
            Ok(0) | Err(_) => Bare::default(),
            Ok(code) => Bare::mark(Mark::FailedIn(found[1].trim_end().to_owned())).marked(Mark::Exit(code)),
        })
    }
}
