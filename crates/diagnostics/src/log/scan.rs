//! Finds the telling lines: those that have what a rule needs, all in one pass, and only on these the rule's pattern.

use std::sync::{LazyLock, OnceLock};

use regex::bytes::Regex;

use super::Telling;
use super::rule::{Reach, Rule};
use super::rules::RULES;
use crate::sieve::Sieve;
use crate::text;

/// The rules, made ready to be looked for.
struct Ready {
    sieve: Sieve,
    /// The pattern of each, once a line may have it.
    patterns: Vec<OnceLock<Regex>>,
}

static READY: LazyLock<Ready> = LazyLock::new(|| Ready {
    sieve: Sieve::of(RULES.iter().enumerate().flat_map(|(rank, rule)| rule.needs().into_iter().map(move |need| (rank, need)))),
    patterns: RULES.iter().map(|_| OnceLock::new()).collect(),
});

/// Returns the rules that know a line, by their rank.
pub(super) fn rules_of(line: &str) -> Vec<usize> {
    let mut found = Vec::new();
    READY.sieve.candidates(line.as_bytes(), &mut |rank| found.push(rank));
    if found.is_empty() {
        return found;
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|rank| RULES.get(*rank).zip(READY.patterns.get(*rank)).is_some_and(|(rule, ready)| rule.knows(line, ready)));
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
pub(super) const SHOWN: usize = 200;

/// So many of one rule are kept from the beginning of a step, and as many from its end.
const KEPT: usize = 4;

/// How likely the line of a tool's message explains the failure.
const OF_A_MESSAGE: u8 = 74;

/// The line of a rule that weighs no more only repeats that something failed.
const OF_A_REPETITION: u8 = 10;

/// The telling lines of a step: of each rule the first and the last ones.
#[derive(Debug, Default)]
pub(super) struct Tellings {
    found: Vec<Found>,
    /// Any of them may go on.
    is_open: bool,
}

impl Tellings {
    /// Looks at the next line. One for which `is_noise` holds tells nothing.
    pub(super) fn line(&mut self, line: &str, raw: (u64, u64), is_noise: impl Fn(&str) -> bool) {
        if self.is_open {
            self.go_on(line, raw);
        }
        let ranks = rules_of(line);
        if ranks.is_empty() || is_noise(line) {
            return;
        }
        for rank in ranks {
            let text = text::cut(line.trim(), SHOWN).to_owned();
            self.add(Found { rank, raw, text, open: reach(rank) != Reach::Line, indent: indent(line) });
        }
    }

    /// Adds a line to those that it goes on with, and ends all others.
    fn go_on(&mut self, line: &str, raw: (u64, u64)) {
        let is_empty = line.trim().is_empty();
        self.is_open = false;
        for telling in self.found.iter_mut().filter(|telling| telling.open) {
            let goes_on = match reach(telling.rank) {
                Reach::Line => false,
                Reach::Block => !is_empty,
                Reach::Indented => !is_empty && indent(line) > telling.indent,
            };
            telling.open = goes_on && raw.1.saturating_sub(telling.raw.0) < LONGEST_BLOCK;
            if telling.open {
                telling.raw.1 = raw.1;
                self.is_open = true;
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
        self.is_open |= telling.open;
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

    /// Says whether all that they tell is that something failed.
    pub(super) fn only_repeat(&self) -> bool {
        self.found.iter().all(|telling| RULES.get(telling.rank).is_some_and(|rule| rule.weight <= OF_A_REPETITION))
    }

    /// Says whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn reach(rank: usize) -> Reach {
    RULES.get(rank).map_or(Reach::Line, |rule| rule.reach)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;
    use proptest::string::string_regex_parsed;
    use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
    use regex_syntax::hir::{Hir, HirKind, Repetition};

    use super::*;

    #[test]
    fn the_names_are_unique_and_no_rule_is_tried_on_every_line() {
        let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert!(RULES.iter().all(|rule| !rule.words.is_empty() && rule.confidence <= 100));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
        assert_eq!(READY.sieve.always(), &[] as &[usize], "what these ranks need is not known");
    }

    /// Returns the rules that know a line, each tried on it.
    fn tried(line: &str) -> Vec<usize> {
        let ready = |rank: &usize| RULES.get(*rank).zip(READY.patterns.get(*rank));
        (0..RULES.len()).filter(|rank| ready(rank).is_some_and(|(rule, ready)| rule.knows(line, ready))).collect()
    }

    fn logs(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                logs(&path, found);
            } else if matches!(path.file_name().and_then(|name| name.to_str()), Some("log" | "stdout" | "stderr")) {
                found.push(path);
            }
        }
    }

    #[test]
    fn no_line_of_a_recording_is_let_through_that_a_rule_knows() {
        let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        logs(&crate_folder.join("fixtures"), &mut files);
        logs(&crate_folder.join("../../fixtures/ci-logs"), &mut files);
        assert!(files.len() > 500, "{}", files.len());
        let mut lines = BTreeSet::new();
        for file in files {
            let peeled = crate::peel(&String::from_utf8_lossy(&std::fs::read(&file).unwrap())).into_owned();
            lines.extend(peeled.lines().map(str::to_owned));
        }
        let mut known = 0;
        for line in &lines {
            let found = rules_of(line);
            assert_eq!(found, tried(line), "{line:?}");
            known += usize::from(!found.is_empty());
        }
        assert!(known > 1_000, "{known} of {}", lines.len());
    }

    /// Returns what a pattern matches, wherever it stands.
    fn unanchored(part: &Hir) -> Hir {
        match part.kind() {
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => part.clone(),
            HirKind::Look(_) => Hir::empty(),
            HirKind::Repetition(repetition) => {
                let max = repetition.max.unwrap_or(3).min(repetition.min.max(3));
                let sub = Box::new(unanchored(&repetition.sub));
                Hir::repetition(Repetition { max: Some(max), sub, ..repetition.clone() })
            }
            HirKind::Capture(capture) => unanchored(&capture.sub),
            HirKind::Concat(parts) => Hir::concat(parts.iter().map(unanchored).collect()),
            HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(unanchored).collect()),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn a_line_made_of_what_a_rule_looks_for_is_found(before in "[ -~]{0,9}", after in "[ -~]{0,9}", seed in any::<[u8; 32]>()) {
            let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
            for rule in RULES {
                let pattern = unanchored(&regex_syntax::parse(rule.pattern).unwrap());
                let told = string_regex_parsed(&pattern).unwrap().new_tree(&mut runner).unwrap().current();
                let word = rule.words[usize::from(seed[0]) % rule.words.len()];
                for line in [told.clone(), format!("{before}{told}{after}"), format!("{told} {word}"), format!("{word}{told}")] {
                    let line = line.replace(['\n', '\r'], " ");
                    prop_assert_eq!(rules_of(&line), tried(&line), "{:?}", line);
                }
            }
        }
    }

    #[test]
    fn the_middle_of_many_alike_is_left_out() {
        let mut tellings = Tellings::default();
        (1..=100).for_each(|number| tellings.line("error[E0308]: mismatched types", (number, number), |_| false));
        let kept: Vec<u64> = tellings.found.iter().map(|telling| telling.raw.0).collect();
        assert_eq!(kept, [1, 2, 3, 4, 97, 98, 99, 100]);
    }
}
