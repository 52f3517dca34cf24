//! A pattern of a reader, which costs next to nothing on the lines that lack what it needs.
//!
//! Every reader looks at every line, and nearly every line is another tool's. What a match needs is read off the pattern ([`needs`]);
//! the pattern itself is compiled at the first line that has it: most never are.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::OnceLock;

use aho_corasick::packed::Searcher;
use memchr::memmem::Finder;
use regex::{Captures, Regex};

use crate::needs::{self, Start};

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
}

impl Pattern {
    /// Returns one that is not compiled yet.
    pub(crate) fn new(source: impl Into<Cow<'static, str>>) -> Self {
        let source = source.into();
        let syntax = regex_syntax::parse(&source).ok();
        let start = syntax.as_ref().and_then(Start::of);
        let literals = syntax.as_ref().and_then(needs::literals).unwrap_or_default();
        Self { source, start, literals: Literals::of(&literals), regex: OnceLock::new() }
    }

    /// Says whether it matches anywhere in a line.
    pub(crate) fn is_match(&self, line: &str) -> bool {
        self.may_match(line) && self.regex().is_match(line)
    }

    /// Returns what its groups match in a line.
    pub(crate) fn captures<'a>(&self, line: &'a str) -> Option<Captures<'a>> {
        if self.may_match(line) { self.regex().captures(line) } else { None }
    }

    fn may_match(&self, line: &str) -> bool {
        let may = self.start.as_ref().is_none_or(|start| start.begins(line.as_bytes())) && self.literals.are_in(line.as_bytes());
        // Whatever the tests read shows that nothing is lost.
        debug_assert!(may || !self.regex().is_match(line), "{} matches {line:?}", self.source);
        may
    }

    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| crate::text::compile(&self.source))
    }
}

impl Deref for Pattern {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        self.regex()
    }
}
