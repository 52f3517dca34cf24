//! What a line must have for a pattern to match it, read off the pattern itself: it cannot say less than the pattern does.
//!
//! To look for that is far cheaper than to try a pattern, or even to compile it. Nearly all lines have nothing of what most patterns
//! need, whether these are of a reader or of the rules of a log.

use std::ops::RangeInclusive;

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// So many of the first bytes of a line are looked at.
pub(crate) const FIRST: usize = 6;

/// More literals than this are no help.
const MOST_LITERALS: usize = 512;

/// Of a class of more characters no literals are made.
const MOST_OF_CLASS: usize = 10;

/// A beginning that tells so many bits of a line is better than a literal, unless that is as long as this.
const STRICT: u32 = 24;
const LONG: usize = 8;

/// What each line that a pattern matches has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Need {
    /// One of these, anywhere.
    Literals(Vec<Vec<u8>>),
    /// A beginning like this.
    Start(Box<Start>),
    /// Nothing that is worth looking for.
    Nothing,
}

/// How a line begins: place by place the bytes that may stand there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Start {
    pub(crate) places: [Bytes; FIRST],
    /// How long the line is at least.
    pub(crate) shortest: usize,
}

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Bytes([u64; 4]);

impl Bytes {
    const ALL: Self = Self([u64::MAX; 4]);

    fn add(&mut self, bytes: RangeInclusive<u8>) {
        let (first, last) = (u32::from(*bytes.start()), u32::from(*bytes.end()));
        for (word, begins) in self.0.iter_mut().zip((0_u32..).step_by(64)) {
            // Those of its 64 bytes that are neither before the first nor after the last.
            let from = first.saturating_sub(begins);
            let upto = (last + 1).saturating_sub(begins).min(64);
            if from < upto {
                *word |= (u64::MAX >> (64 - (upto - from))) << from;
            }
        }
    }

    /// Says whether a byte is one of them.
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
    }

    fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }
}

impl Start {
    /// Says whether a line begins so.
    pub(crate) fn begins(&self, line: &[u8]) -> bool {
        line.len() >= self.shortest && self.places.iter().zip(line).all(|(bytes, byte)| bytes.has(*byte))
    }

    /// Returns how a line begins that a pattern matches; none where a match may begin anywhere.
    pub(crate) fn of(pattern: &Hir) -> Option<Self> {
        if !pattern.properties().look_set_prefix().contains(Look::Start) {
            return None;
        }
        let shortest = pattern.properties().minimum_len().unwrap_or(0);
        let mut start = Self { places: [Bytes::default(); FIRST], shortest };
        let ends = start.part(pattern, 1);
        // What follows the match is any text.
        start.places.iter_mut().skip(ends.trailing_zeros() as usize).for_each(|bytes| *bytes = Bytes::ALL);
        Some(start)
    }

    /// Says whether it tells much of a line: eight bits for each place where but one byte may stand, none where any
    /// may; and that it is indented is nothing.
    fn is_strict(&self) -> bool {
        self.places.iter().map(|bytes| 8 - bytes.len().max(1).ilog2()).sum::<u32>() >= STRICT && !self.begins(&[b' '; 2 * FIRST])
    }

    /// Adds what a part has in its places, where it may begin at any of `at` (a bit each), and returns where it may end.
    fn part(&mut self, part: &Hir, at: u8) -> u8 {
        if at == 0 {
            return 0;
        }
        match part.kind() {
            HirKind::Empty | HirKind::Look(_) => at,
            HirKind::Literal(literal) => literal.0.iter().fold(at, |at, byte| self.byte(*byte..=*byte, at)),
            HirKind::Class(Class::Bytes(class)) => {
                class.ranges().iter().fold(0, |after, range| after | self.byte(range.start()..=range.end(), at))
            }
            HirKind::Class(Class::Unicode(class)) => {
                let of_one = class.ranges().iter().take_while(|range| range.start().is_ascii()).fold(0, |after, range| {
                    let last = if range.end().is_ascii() { range.end() as u8 } else { 0x7f };
                    after | self.byte(range.start() as u8..=last, at)
                });
                let has_more = class.ranges().last().is_some_and(|range| !range.end().is_ascii());
                if has_more { of_one | self.character(at) } else { of_one }
            }
            HirKind::Repetition(repetition) => {
                let times = |count: u32| count.min(FIRST as u32);
                let at = (0..times(repetition.min)).fold(at, |at, _| self.part(&repetition.sub, at));
                let more = repetition.max.map_or(u32::MAX, |max| max - repetition.min);
                (0..times(more))
                    .fold((at, at), |(at, ends), _| {
                        let at = self.part(&repetition.sub, at);
                        (at, ends | at)
                    })
                    .1
            }
            HirKind::Capture(capture) => self.part(&capture.sub, at),
            HirKind::Concat(parts) => parts.iter().fold(at, |at, part| self.part(part, at)),
            HirKind::Alternation(parts) => parts.iter().fold(0, |ends, part| ends | self.part(part, at)),
        }
    }

    fn byte(&mut self, bytes: RangeInclusive<u8>, at: u8) -> u8 {
        for (_, place) in self.places.iter_mut().enumerate().filter(|(place, _)| at >> place & 1 == 1) {
            place.add(bytes.clone());
        }
        at << 1 & ((1 << FIRST) - 1)
    }

    /// Adds a character of two to four bytes.
    fn character(&mut self, at: u8) -> u8 {
        let mut at = self.byte(0xc2..=0xf4, at);
        let mut ends = 0;
        for _ in 2..=4 {
            at = self.byte(0x80..=0xbf, at);
            ends |= at;
        }
        ends
    }
}

/// Returns what each alternative of a pattern needs: literals of at least so many bytes, or a beginning.
pub(crate) fn of(pattern: &Hir, shortest: usize) -> Vec<Need> {
    let need = |one: &Hir| match (Start::of(one), literals(one).filter(|literals| length(literals) >= shortest)) {
        (_, Some(literals)) if length(&literals) >= LONG => Need::Literals(literals),
        // It is looked for in one place only.
        (Some(start), literals) if literals.is_none() || start.is_strict() => Need::Start(Box::new(start)),
        (_, Some(literals)) => Need::Literals(literals),
        (_, None) => Need::Nothing,
    };
    alternatives(pattern).iter().map(need).collect()
}

/// Returns the patterns that a pattern stands for: `^(a|b)c` for `^ac` and `^bc`, `^ *a` for `^a` and `^ * a`.
fn alternatives(pattern: &Hir) -> Vec<Hir> {
    let parts = match pattern.kind() {
        HirKind::Alternation(parts) => return parts.iter().flat_map(alternatives).collect(),
        HirKind::Capture(capture) => return alternatives(&capture.sub),
        HirKind::Concat(parts) => parts,
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => {
            return vec![pattern.clone()];
        }
    };
    let looks = parts.iter().take_while(|part| matches!(part.kind(), HirKind::Look(_))).count();
    let Some((looks, [first, rest @ ..])) = parts.split_at_checked(looks) else { return vec![pattern.clone()] };
    let joined = |first: &[Hir]| Hir::concat([looks, first, rest].concat());
    match first.kind() {
        HirKind::Alternation(_) | HirKind::Capture(_) => {
            alternatives(first).into_iter().flat_map(|one| alternatives(&joined(&[one]))).collect()
        }
        HirKind::Repetition(blanks) if blanks.min == 0 && blanks.max.is_none() => {
            let [none, more] = [joined(&[]), joined(&[first.clone(), (*blanks.sub).clone()])];
            alternatives(&none).into_iter().chain([more]).collect()
        }
        _ => vec![pattern.clone()],
    }
}

/// Returns the best set of literals of which each match has one.
pub(crate) fn literals(part: &Hir) -> Option<Vec<Vec<u8>>> {
    let own = prefixes(part);
    let within = match part.kind() {
        HirKind::Capture(capture) => literals(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => literals(&repetition.sub),
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(literals).collect();
            all.map(|all| all.concat()).filter(|all| all.len() <= MOST_LITERALS)
        }
        HirKind::Concat(parts) => {
            // What begins with a part that may be missing, or that is any of many characters, begins with no better literals.
            let begins = |from: &usize| parts.get(*from).is_some_and(|first| !is_vague(first));
            let rests = (1..parts.len()).filter(begins).filter_map(|from| prefixes(&Hir::concat(parts.get(from..)?.to_vec())));
            rests.chain(parts.iter().filter_map(literals)).reduce(better)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    };
    own.into_iter().chain(within).reduce(better)
}

/// Says whether a part tells next to nothing of how a match begins with it.
fn is_vague(part: &Hir) -> bool {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Repetition(repetition) => repetition.min == 0 || is_vague(&repetition.sub),
        HirKind::Class(Class::Unicode(class)) => class.ranges().iter().map(|range| range.len()).sum::<usize>() > MOST_OF_CLASS,
        HirKind::Class(Class::Bytes(class)) => class.ranges().iter().map(|range| range.len()).sum::<usize>() > MOST_OF_CLASS,
        HirKind::Literal(_) | HirKind::Capture(_) | HirKind::Concat(_) | HirKind::Alternation(_) => false,
    }
}

/// Returns how each match begins, where that is one of a few literals.
fn prefixes(part: &Hir) -> Option<Vec<Vec<u8>>> {
    let mut found = Extractor::new();
    found.limit_total(MOST_LITERALS);
    let found = found.extract(part);
    let literals: Vec<Vec<u8>> = found.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    (length(&literals) > 0).then_some(literals)
}

/// Returns the length of the shortest.
pub(crate) fn length(literals: &[Vec<u8>]) -> usize {
    literals.iter().map(Vec::len).min().unwrap_or(0)
}

/// Returns the set that fewer lines have: of longer literals, or fewer.
pub(crate) fn better(one: Vec<Vec<u8>>, other: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let rank = |set: &[Vec<u8>]| (length(set).min(8), std::cmp::Reverse(set.len()), length(set));
    if rank(&other) > rank(&one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(pattern: &str) -> Vec<Need> {
        of(&regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).unwrap(), 5)
    }

    fn words(words: &[&str]) -> Need {
        Need::Literals(words.iter().map(|word| word.as_bytes().to_vec()).collect())
    }

    #[test]
    fn each_alternative_needs_the_longest_that_all_its_matches_have() {
        assert_eq!(needs(r"[Ee]rror .+ at|\w+ panicked"), [words(&["Error ", "error "]), words(&[" panicked"])]);
        assert_eq!(needs(r"\.pyi?:[01]"), [words(&[".pyi:0", ".pyi:1", ".py:0", ".py:1"])]);
        assert_eq!(needs(r"\d+ (?:low )?vulnerabilit(?:y|ies)"), [words(&["vulnerabilit"])]);
        assert_eq!(needs(r"(?:abcdef)?x"), [Need::Nothing]);
        assert_eq!(needs(r"^\S+: abc"), [words(&[": abc"])]);
        // Where it stands at one place only, that is told by the beginning alone.
        assert!(matches!(needs("^panic: .*last").as_slice(), [Need::Start(_)]));
        let blanks = needs("^ *--> x");
        assert!(matches!(blanks.as_slice(), [Need::Start(_), Need::Literals(_)]), "{blanks:?}");
    }

    #[test]
    fn a_beginning_is_that_of_every_match() {
        let start = |pattern: &str| Start::of(&regex_syntax::parse(pattern).unwrap());
        let begins = |pattern: &str, line: &str| start(pattern).unwrap().begins(line.as_bytes());
        assert!(begins(r"^E +\d", "E   1") && begins(r"^E +\d", "E 1") && begins(r"^E?\w+$", "é"));
        assert!(!begins(r"^E +\d", "E") && !begins(r"^E +\d", "E: 1") && !begins(r"^E +\d", ""));
        assert!(begins(r"^(?:a|bc)?\d{2,3}$", "bc12") && begins(r"^(?:a|bc)?\d{2,3}$", "a123"));
        assert!(!begins(r"^(?:a|bc)?\d{2,3}$", "c12"));
        assert!(["é: x", "●: x", "🦀: x"].into_iter().all(|line| begins(r"^\S: x", line)));
        assert!(begins(r"^\s*● .", "\u{a0}● a") && begins(r"^x", "xyz") && begins(r"^$", ""));
        assert_eq!((start("a|^b"), start(r"(?m)^a"), start("a^")), (None, None, None));
    }
}
