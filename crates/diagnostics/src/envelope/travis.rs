//! Travis CI: folds and timers that the terminal overwrites, commands behind a dollar sign, and how each of them ended.

use super::{Bare, Mark, bare};
use crate::text::pattern;

pattern! {
    FOLD = r"^travis_fold:(start|end):(\S+)$";
    EXITED = r#"^The command "(.*)" (?:failed and )?exited with (\d+)(?: during .*)?\.$"#;
    DONE = r"^Done\. Your build exited with (\d+)\.$";
}

/// What is known while the lines pass.
#[derive(Debug, Default)]
pub(super) struct Peel {
    in_fold: bool,
    /// A timer was started: the next line echoes a command.
    timed: bool,
}

impl Peel {
    pub(super) fn line<'a>(&mut self, raw: &'a str) -> Bare<'a> {
        let line = bare(raw);
        if let Some(found) = FOLD.captures(&line) {
            self.in_fold = &found[1] == "start";
            return if self.in_fold { Bare::mark(Mark::Step(found[2].to_owned())) } else { Bare::default() };
        }
        if line.starts_with("travis_time:") {
            self.timed = line.starts_with("travis_time:start:");
            return Bare::default();
        }
        if let Some(command) = line.strip_prefix("$ ").filter(|_| std::mem::take(&mut self.timed)) {
            let command = Mark::Command(command.to_owned());
            // What is run outside of folds is the script: each command is a step.
            return match &command {
                Mark::Command(name) if !self.in_fold => Bare::mark(Mark::Step(name.clone())).marked(command),
                _ => Bare::mark(command),
            };
        }
        if let Some(found) = EXITED.captures(&line) {
            return match found[2].parse() {
                Ok(0) | Err(_) => Bare::default(),
                Ok(code) => Bare::mark(Mark::FailedIn(found[1].to_owned())).marked(Mark::Exit(code)),
            };
        }
        match DONE.captures(&line) {
            Some(found) => Bare::mark(if &found[1] == "0" { Mark::Passed } else { Mark::Failed }),
            None => Bare::text(line),
        }
    }
}
