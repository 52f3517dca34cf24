//! Finds the telling lines: words first, all in one pass, and a rule's pattern only on a line that has one of its words.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;

use super::Telling;
use super::rule::{Reach, Rule};
use super::rules::RULES;
use crate::text::{self, compile};

/// All words of all rules, and which rule each belongs to.
struct Words {
    automaton: Option<AhoCorasick>,
    owners: Vec<usize>,
    patterns: Vec<Regex>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let owned = || RULES.iter().enumerate().flat_map(|(owner, rule)| rule.words.iter().map(move |word| (owner, *word)));
    Words {
        // A table for each state: larger, and nearly twice as fast as what is chosen for so many words.
        automaton: AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(owned().map(|(_, word)| word)).ok(),
        owners: owned().map(|(owner, _)| owner).collect(),
        patterns: RULES.iter().map(|rule| compile(rule.pattern)).collect(),
    }
});

/// Returns the rules that know a line, by their rank.
pub(super) fn rules_of(line: &str) -> Vec<usize> {
    let words = &*WORDS;
    let Some(automaton) = &words.automaton else { return Vec::new() };
    let mut found: Vec<usize> =
        automaton.find_overlapping_iter(line).filter_map(|word| words.owners.get(word.pattern().as_usize()).copied()).collect();
    if found.is_empty() {
        return found;
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|rule| words.patterns.get(*rule).is_some_and(|pattern| pattern.is_match(line)));
    found
}

/// A telling line, and how far what it begins goes on.
#[derive(Debug, Clone)]
struct Found {
    /// The rank of its rule.
    rank: usize,
    /// Its first and last raw line.
    raw: (u64, u64),
    /// The beginning of its first line.
    text: String,
    /// It may go on: the lines of a block are not all here yet.
    open: bool,
    indent: usize,
}

/// A block goes on no further than this.
const LONGEST_BLOCK: u64 = 30;

/// So much of a line is kept to be shown.
const SHOWN: usize = 200;

/// So many of one rule are kept from the beginning of a step, and as many from its end.
const KEPT: usize = 4;

/// How likely the line of a tool's message explains the failure.
const OF_A_MESSAGE: u8 = 74;

/// The telling lines of a step: of each rule the first and the last ones.
#[derive(Debug, Default)]
pub(super) struct Tellings {
    found: Vec<Found>,
}

impl Tellings {
    /// Looks at the next line. One for which `is_noise` holds tells nothing.
    pub(super) fn line(&mut self, line: &str, raw: (u64, u64), is_noise: impl Fn(&str) -> bool) {
        let indent = line.len() - line.trim_start().len();
        let is_empty = line.trim().is_empty();
        for telling in self.found.iter_mut().filter(|telling| telling.open) {
            let goes_on = match reach(telling.rank) {
                Reach::Line => false,
                Reach::Block => !is_empty,
                Reach::Indented => !is_empty && indent > telling.indent,
            };
            if goes_on && raw.1.saturating_sub(telling.raw.0) < LONGEST_BLOCK {
                telling.raw.1 = raw.1;
            } else {
                telling.open = false;
            }
        }
        for rank in rules_of(line) {
            if !is_noise(line) {
                let text = text::cut(line.trim(), SHOWN).to_owned();
                self.add(Found { rank, raw, text, open: reach(rank) != Reach::Line, indent });
            }
        }
    }

    fn add(&mut self, telling: Found) {
        let same = |other: &Found| other.rank == telling.rank;
        if self.found.iter().filter(|other| same(other)).count() >= 2 * KEPT
            && let Some((middle, _)) = self.found.iter().enumerate().filter(|(_, other)| same(other)).nth(KEPT)
        {
            self.found.remove(middle);
        }
        self.found.push(telling);
    }

    /// Returns the rule that decides, and its last line.
    pub(super) fn deciding(&self) -> Option<(&'static Rule, (u64, u64))> {
        let best = self.found.iter().map(|telling| telling.rank).min()?;
        let last = self.found.iter().rev().find(|telling| telling.rank == best)?;
        Some((RULES.get(best)?, last.raw))
    }

    /// Returns all telling lines, the likeliest to explain the failure first; those of messages of tools among them, which are likelier
    /// than what only repeats that something failed.
    pub(super) fn ranked(&self, messages: &[(u64, u64)]) -> Vec<(u64, u64)> {
        // Among equals the first: later errors often follow from it.
        let order = |rule: &Rule, raw: (u64, u64)| if rule.last { u64::MAX - raw.0 } else { raw.0 };
        let told = self.found.iter().filter_map(|telling| {
            let rule = RULES.get(telling.rank).filter(|rule| rule.weight > 0)?;
            Some((rule.weight, order(rule, telling.raw), telling.raw))
        });
        let mut ranked: Vec<(u8, u64, (u64, u64))> = told.chain(messages.iter().map(|raw| (OF_A_MESSAGE, raw.0, *raw))).collect();
        ranked.sort_by_key(|(weight, order, _)| (std::cmp::Reverse(*weight), *order));
        let mut lines: Vec<(u64, u64)> = Vec::new();
        for (_, _, raw) in ranked {
            if lines.iter().all(|(first, last)| raw.0 > *last || raw.1 < *first) {
                lines.push(raw);
            }
        }
        lines
    }

    /// Returns all telling lines, in their order.
    pub(super) fn all(&self) -> Vec<Telling> {
        let told = |found: &Found| {
            let rule = RULES.get(found.rank)?;
            Some(Telling { rule: rule.name, class: rule.class, lines: found.raw, text: text::one_line(&found.text) })
        };
        self.found.iter().filter_map(told).collect()
    }

    /// Says whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

fn reach(rank: usize) -> Reach {
    RULES.get(rank).map_or(Reach::Line, |rule| rule.reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_words_and_the_names_are_unique() {
        let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert!(RULES.iter().all(|rule| !rule.words.is_empty() && rule.confidence <= 100));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }

    #[test]
    fn the_middle_of_many_alike_is_left_out() {
        let mut tellings = Tellings::default();
        (1..=100).for_each(|number| tellings.line("error[E0308]: mismatched types", (number, number), |_| false));
        let kept: Vec<u64> = tellings.found.iter().map(|telling| telling.raw.0).collect();
        assert_eq!(kept, [1, 2, 3, 4, 97, 98, 99, 100]);
    }
}
