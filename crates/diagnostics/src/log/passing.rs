//! The lines of a log of the same job that passed, with what differs from run to run masked: they explain no failure.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::envelope::{Line, Peeler};
use crate::text::pattern;

pattern! {
    // Times, ids, addresses, figures of any kind, and paths of folders made for one run.
    VARIES = r"0x[0-9a-fA-F]+|/tmp/\S+|\b[0-9a-f]{7,64}\b|\d+(?:[.:,]\d+)*";
}

/// More lines than this are not remembered.
const MOST_LINES: usize = 1_000_000;

/// A log of the same job that passed: what it says too explains no failure.
#[derive(Debug, Default)]
pub struct PassingLog {
    peeler: Peeler,
    lines: HashSet<u64>,
}

impl PassingLog {
    /// Takes more of the log.
    pub fn feed(&mut self, bytes: &[u8]) {
        let Self { peeler, lines } = self;
        peeler.feed(bytes, &mut |line| remember(lines, line));
    }

    /// Says that it is all there.
    pub(super) fn end(&mut self) {
        let Self { peeler, lines } = self;
        std::mem::take(peeler).finish(&mut |line| remember(lines, line));
    }

    /// Says whether the log has a line that differs from this one in nothing that matters.
    pub(super) fn contains(&self, line: &str) -> bool {
        !self.lines.is_empty() && self.lines.contains(&masked(line))
    }
}

fn remember(lines: &mut HashSet<u64>, line: &Line<'_>) {
    if let Some(text) = line.text.filter(|_| lines.len() < MOST_LINES) {
        lines.insert(masked(text));
    }
}

fn masked(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    VARIES.replace_all(line.trim(), "…").hash(&mut hasher);
    hasher.finish()
}
