//! A pattern of a reader, which costs next to nothing on the lines that lack what it needs.
//!
//! Every reader looks at every line, and nearly every line is another tool's. What a match needs is read off the pattern ([`needs`]);
//! the pattern itself is compiled at the first line that has it: most never are. For lines of ASCII, which nearly all are, it is
//! compiled without all that no such line can have: a letter or a blank is one of many thousands otherwise.

use std::borrow::Cow;
use std::ops::{Deref, Range};
use std::sync::OnceLock;

use aho_corasick::packed::Searcher;
use memchr::memmem::Finder;
use regex::{Captures, Regex};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use crate::needs::{self, Need, Start};
use crate::sieve;

/// Shorter literals, and more of them, are in too many lines.
const SHORTEST: usize = 3;
const MOST: usize = 16;

/// The literals of which every match has one.
#[derive(Debug)]
enum Literals {
    Any,
    One(Finder<'static>),
    Several(Searcher),
}

impl Literals {
    fn of(literals: &[Vec<u8>]) -> Self {
        match literals {
            literals if needs::length(literals) < SHORTEST || literals.len() > MOST => Self::Any,
            [literal] => Self::One(Finder::new(literal).into_owned()),
            literals => Searcher::new(literals).map_or(Self::Any, Self::Several),
        }
    }

    #[inline]
    fn are_in(&self, line: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::One(literal) => literal.find(line).is_some(),
            Self::Several(literals) => literals.find(line).is_some(),
        }
    }
}

/// A pattern with what it needs.
#[derive(Debug)]
pub(crate) struct Pattern {
    source: Cow<'static, str>,
    start: Option<Start>,
    literals: Literals,
    regex: OnceLock<Regex>,
    /// The same, for text of ASCII.
    of_ascii: OnceLock<Regex>,
}

impl Pattern {
    /// Returns one that is not compiled yet.
    pub(crate) fn new(source: impl Into<Cow<'static, str>>) -> Self {
        let source = source.into();
        let syntax = regex_syntax::parse(&source).ok();
        let start = syntax.as_ref().and_then(Start::of);
        let literals = syntax.as_ref().and_then(needs::literals).unwrap_or_default();
        Self { source, start, literals: Literals::of(&literals), regex: OnceLock::new(), of_ascii: OnceLock::new() }
    }

    /// Returns what each line that it matches has, as a sieve looks for it.
    pub(crate) fn needs(&self) -> Vec<Need> {
        regex_syntax::parse(&self.source).map_or_else(|_| vec![Need::Nothing], |syntax| needs::of(&syntax, sieve::SHORTEST))
    }

    /// Says whether it matches anywhere in a line.
    #[inline]
    pub(crate) fn is_match(&self, line: &str) -> bool {
        self.may_match(line) && self.regex_for(line).is_match(line)
    }

    /// Returns what its groups match in a line.
    #[inline]
    pub(crate) fn captures<'a>(&self, line: &'a str) -> Option<Captures<'a>> {
        if !self.may_match(line) {
            return None;
        }
        // To find out that a line has no match costs less than room for what its groups would match.
        let regex = self.regex_for(line);
        if regex.is_match(line) { regex.captures(line) } else { None }
    }

    #[inline]
    fn may_match(&self, line: &str) -> bool {
        let may = self.start.as_ref().is_none_or(|start| start.begins(line.as_bytes())) && self.literals.are_in(line.as_bytes());
        // Whatever the tests read shows that nothing is lost.
        debug_assert!(may || !self.regex().is_match(line), "{} matches {line:?}", self.source);
        may
    }

    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| crate::text::compile(&self.source))
    }

    /// Returns the regex for a line: one of ASCII has a smaller one.
    fn regex_for(&self, line: &str) -> &Regex {
        if !line.is_ascii() {
            return self.regex();
        }
        let of_ascii = self.of_ascii.get_or_init(|| {
            let syntax = regex_syntax::parse(&self.source).ok();
            syntax.map_or_else(|| self.regex().clone(), |syntax| crate::text::compile(&of_ascii(&syntax).to_string()))
        });
        // Whatever the tests read shows that the two agree.
        debug_assert_eq!(groups(of_ascii.captures(line)), groups(self.regex().captures(line)), "{} in {line:?}", self.source);
        of_ascii
    }
}

/// Returns a pattern that matches in text of ASCII what this one does.
fn of_ascii(part: &Hir) -> Hir {
    let all = |parts: &[Hir]| parts.iter().map(of_ascii).collect();
    match part.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            class.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\0', '\x7f')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Repetition(repetition) => Hir::repetition(repetition.with(of_ascii(&repetition.sub))),
        HirKind::Capture(capture) => {
            let mut capture = capture.clone();
            capture.sub = Box::new(of_ascii(&capture.sub));
            Hir::capture(capture)
        }
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => part.clone(),
    }
}

/// Returns where the groups of a match stand.
fn groups(found: Option<Captures<'_>>) -> Option<Vec<Option<Range<usize>>>> {
    Some(found?.iter().map(|group| group.map(|group| group.range())).collect())
}

impl Deref for Pattern {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        self.regex()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATTERNS: &[&str] =
        &[r"^(\w+)[^:]*:(\d+)?", r"(?i)\b(k|é)\s?(.)", r"^\S\s*(?<rest>[^a]+)$", r"(?:1|a:|é){1,2}?(\W)\B", r"^(?s:.)+$"];

    proptest! {
        #[test]
        fn a_pattern_finds_what_its_regex_does(line in "[\\x00-\\x7fa-b1:kK \u{212a}\u{a0}é●]{0,8}") {
            for source in PATTERNS {
                let (pattern, regex) = (Pattern::new(*source), Regex::new(source).unwrap());
                prop_assert_eq!(groups(pattern.captures(&line)), groups(regex.captures(&line)), "{} in {:?}", source, line);
                prop_assert_eq!(pattern.is_match(&line), regex.is_match(&line), "{} in {:?}", source, line);
            }
        }
    }

    #[test]
    fn for_ascii_a_pattern_knows_all_of_ascii_and_nothing_else() {
        let pattern = |source: &str| of_ascii(&regex_syntax::parse(source).unwrap()).to_string();
        let (any, word) = (Regex::new(&pattern(r"^(?s:.)$")).unwrap(), Regex::new(&pattern(r"^\w$")).unwrap());
        assert!((0..=0x7f_u8).all(|byte| any.is_match(&char::from(byte).to_string())));
        assert!(word.is_match("_") && !word.is_match("é") && !any.is_match("é"));
    }
}
