//! One kind of line that tells of a failure; all of them are the table in `rules.rs`.

use crate::class::Class;

/// How far what a line begins goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The line alone.
    Line,
    /// To the line before the next empty one.
    Block,
    /// As long as lines are indented deeper.
    Indented,
}

/// One kind of telling line.
#[derive(Debug)]
pub(super) struct Rule {
    /// Its name, which `--explain` shows.
    pub(super) name: &'static str,
    /// What it shows the failure to be.
    pub(super) class: Class,
    /// How sure that is, in percent.
    pub(super) confidence: u8,
    /// How likely the line explains the failure; 0: never.
    pub(super) weight: u8,
    /// Of several the last one explains: what was raised while another exception was handled is what ended the program.
    pub(super) last: bool,
    /// How far the line goes on.
    pub(super) reach: Reach,
    /// Each matching line has one of these: found fast, before the pattern is tried.
    pub(super) words: &'static [&'static str],
    /// What the line looks like.
    pub(super) pattern: &'static str,
}

/// Returns a rule of which the first line explains.
pub(super) const fn rule(
    name: &'static str,
    class: Class,
    (confidence, weight): (u8, u8),
    reach: Reach,
    words: &'static [&'static str],
    pattern: &'static str,
) -> Rule {
    Rule { name, class, confidence, weight, last: false, reach, words, pattern }
}

/// Returns the rule with the last line in the first one's place.
pub(super) const fn last(rule: Rule) -> Rule {
    Rule { last: true, ..rule }
}
