//! One kind of line that tells of a failure; all of them are the table in `rules/`.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;

use crate::class::Class;
use crate::needs::{self, Need};
use crate::sieve::SHORTEST;

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
#[derive(Debug, Clone, Copy)]
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
    /// A line has one of these, too: where they are rarer than what the pattern needs, they are looked for instead.
    pub(super) words: &'static [&'static str],
    /// What the line looks like. Its classes are those of ASCII: what tools write of their own is.
    pub(super) pattern: &'static str,
}

impl Rule {
    /// Returns what a line must have for this rule to know it.
    pub(super) fn needs(&self) -> Vec<Need> {
        let pattern = ParserBuilder::new().unicode(false).utf8(false).build().parse(self.pattern);
        let of_pattern = pattern.map_or_else(|_| vec![Need::Nothing], |pattern| needs::of(&pattern, SHORTEST));
        let words: Vec<Vec<u8>> = self.words.iter().map(|word| word.as_bytes().to_vec()).collect();
        let by_literals = of_pattern.iter().all(|need| matches!(need, Need::Literals(_)));
        if !by_literals && needs::length(&words) >= SHORTEST { vec![Need::Literals(words)] } else { of_pattern }
    }

    /// Says whether it knows a line that has what it needs. `ready` holds its pattern from the first such line on.
    pub(super) fn knows(&self, line: &str, ready: &OnceLock<Regex>) -> bool {
        ready.get_or_init(|| self.compiled()).is_match(line.as_bytes()) && self.words.iter().any(|word| line.contains(word))
    }

    #[expect(clippy::expect_used, reason = "a constant of this crate, and the tests compile every rule")]
    fn compiled(&self) -> Regex {
        RegexBuilder::new(self.pattern).unicode(false).build().expect("a valid pattern")
    }
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

/// How codes of Python's linters begin, those of ruff's plugins with them.
pub(super) const CODES: &[&str] = &[
    "A00", "AIR", "ANN", "ARG0", "ASYNC", "B0", "B9", "BLE0", "C4", "C9", "COM8", "CPY0", "D1", "D2", "D3", "D4", "DJ0", "DOC",
    "DTZ0", "E1", "E2", "E3", "E4", "E5", "E7", "E9", "EM1", "ERA0", "EXE0", "F4", "F5", "F6", "F7", "F8", "FA1", "FBT0", "FIX0",
    "FLY0", "FURB", "G0", "I00", "ICN0", "INP0", "INT0", "ISC0", "LOG0", "N8", "N9", "NPY", "PD0", "PERF", "PGH0", "PIE", "PLC",
    "PLE", "PLR", "PLW", "PT0", "PTH", "PYI0", "Q0", "RET5", "RSE1", "RUF", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "SIM",
    "SLF0", "SLOT", "T1", "T20", "TC0", "TD0", "TID2", "TRY", "UP0", "W1", "W2", "W3", "W5", "W6", "YTT",
];

/// How runners without a rule of their own tell what failed.
#[rustfmt::skip]
pub(super) const WORDS_OF_TESTS: &[&str] = &[
    "Failure/Error: ", "in test file ", " is NOT correct!", ": error: in \"", "Assertion with ", "rror: expect(", "UNEXPECTED EXCEPTION: ",
    ": DocTestFailure", "(fail) ", "  [FAILED] ", "  [PANICKED] ", "error: ", "   FAIL  ",
];
