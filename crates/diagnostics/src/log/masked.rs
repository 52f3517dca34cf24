//! The lines of a log that passed, with what differs from run to run masked: they explain no failure.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::envelope::Peeler;
use crate::text::pattern;

pattern! {
    // Times, ids, addresses, figures of any kind, and paths of folders made for one run.
    VARIES = r"0x[0-9a-fA-F]+|/tmp/\S+|\b[0-9a-f]{7,64}\b|\d+(?:[.:,]\d+)*";
}

/// More lines than this are not remembered.
const MOST_LINES: usize = 2_000_000;

/// The lines of a log, masked.
#[derive(Debug, Default)]
pub(super) struct Masked {
    lines: HashSet<u64>,
}

impl Masked {
    pub(super) fn of(log: &[u8]) -> Self {
        let mut lines = HashSet::new();
        let mut keep = |line: &crate::envelope::Line<'_>| {
            if let Some(text) = line.text.filter(|_| lines.len() < MOST_LINES) {
                lines.insert(masked(text));
            }
        };
        let mut peeler = Peeler::default();
        peeler.feed(log, &mut keep);
        peeler.finish(&mut keep);
        Self { lines }
    }

    /// Says whether the log has a line that differs from this one in nothing that matters.
    pub(super) fn contains(&self, line: &str) -> bool {
        !self.lines.is_empty() && self.lines.contains(&masked(line))
    }
}

fn masked(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    VARIES.replace_all(line.trim(), "…").hash(&mut hasher);
    hasher.finish()
}
