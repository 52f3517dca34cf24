//! One step of a job, as its log passes.

use super::scan::Tellings;
use crate::envelope::Dialect;
use crate::text;

/// More of a step's output than this is not kept from its beginning, nor twice this from its end.
const KEPT: usize = 1 << 20;

/// More commands than a step runs; a longer one is cut.
const MOST_COMMANDS: usize = 200;

/// A step of a job.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Its name, as the log gives it; none before the first one.
    pub(super) name: Option<String>,
    /// It is not what the job is for.
    pub(super) is_aside: bool,
    /// It was not run.
    pub(super) is_skipped: bool,
    /// The commands, in order.
    pub(super) commands: Vec<String>,
    /// The code that it ended with.
    pub(super) exit: Option<i32>,
    /// Lines that the CI system calls errors.
    pub(super) errors: Vec<(u64, u64)>,
    /// What its lines tell.
    pub(super) tellings: Tellings,
    /// The last line with any text.
    pub(super) last: Option<(u64, u64)>,
    head: String,
    tail: String,
    /// How many bytes were left out between the two.
    left_out: usize,
}

impl Step {
    pub(super) fn new(name: Option<String>, is_aside: bool) -> Self {
        Self { name, is_aside, ..Self::default() }
    }

    pub(super) fn command(&mut self, command: &str) {
        if self.commands.len() < MOST_COMMANDS {
            self.commands.push(command.to_owned());
        } else if let Some(last) = self.commands.last_mut() {
            command.clone_into(last);
        }
    }

    pub(super) fn error(&mut self, raw: (u64, u64)) {
        if self.errors.len() < 20 {
            self.errors.push(raw);
        }
    }

    /// Keeps a line of its output.
    pub(super) fn keep(&mut self, line: &str) {
        let kept = if self.head.len() < KEPT { &mut self.head } else { &mut self.tail };
        kept.push_str(line);
        kept.push('\n');
        if self.tail.len() > 2 * KEPT {
            let cut = text::cut(&self.tail, KEPT).len();
            let cut = self.tail.get(cut..).and_then(|rest| rest.find('\n')).map_or(self.tail.len(), |newline| cut + newline + 1);
            self.tail.drain(..cut);
            self.left_out += cut;
        }
    }

    /// Forgets the output.
    pub(super) fn forget(&mut self) {
        self.left_out += self.size();
        self.head = String::new();
        self.tail = String::new();
    }

    /// Returns how much of the output is kept.
    pub(super) fn size(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// Returns how much of the output is not.
    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    /// Hands its output over.
    pub(super) fn text_into(&self, text: &mut String) {
        text.push_str(&self.head);
        text.push_str(&self.tail);
    }

    /// Says whether it did anything that could fail.
    pub(super) fn ran(&self) -> bool {
        !self.is_aside && !self.is_skipped && (!self.commands.is_empty() || self.size() > 0 || self.left_out > 0)
    }

    /// Returns the command that failed, as far as the log tells: where commands are echoed as they are run, the last one; where the
    /// script stands at the head of the step, all of it.
    pub(super) fn failing_command(&self, dialect: Dialect) -> Option<String> {
        match dialect {
            Dialect::GitHub | Dialect::CircleCi => (!self.commands.is_empty()).then(|| self.commands.join("\n")),
            _ => self.commands.last().cloned(),
        }
    }
}
