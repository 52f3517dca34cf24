//! `#define` of C and C++, taken out of a text before it is parsed. A line of it is read by what it is in no time, and costs a parser as much as
//! any other: headers of registers hold nothing else. Where a grammar expects none (between enumerators, arguments, initial values) it costs
//! what stands around it as well.
//!
//! The lines are cut out, not blanked: what is left is parsed, and its lines are counted up again afterwards.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr3, memmem};

use super::facts::{Facts, MAX_NAME, Qualifier, RawDefinition};
use super::lexing::{self, is_word};
use super::table::{Mention, Words};
use super::{Kind, Role};

/// More parameters are no person's work.
const MAX_PARAMETERS: usize = 100;
/// What stands before a body of a raw string is no longer than this.
const MAX_DELIMITER: usize = 16;

/// A text without its macros.
pub(super) struct Cut<'t> {
    whole: &'t [u8],
    /// What is left.
    pub(super) text: Vec<u8>,
    macros: Vec<Macro>,
    /// From which line of what is left on how many lines are missing before it.
    seams: Vec<(u32, u32)>,
}

/// A macro, by where its parts are in the whole text.
struct Macro {
    name: Range<usize>,
    parameters: Range<usize>,
    body: Range<usize>,
    line: u32,
    line_end: u32,
}

impl<'t> Cut<'t> {
    /// Takes the macros out of a text; `None` when it has none.
    pub(super) fn of(whole: &'t [u8]) -> Option<Self> {
        let mut cut = Self { whole, text: Vec::new(), macros: Vec::new(), seams: Vec::new() };
        // How far the text was looked through, how far it was copied, and on which line that is.
        let (mut seen, mut copied, mut line) = (0, 0, 1);
        let mut removed = 0;
        for word in memmem::find_iter(whole, b"define") {
            let Some(start) = directive_start(whole, word).filter(|start| *start >= seen) else { continue };
            seen = past_comments(whole, seen, start);
            if seen > start {
                continue;
            }
            let Some((mut one, end)) = read(whole, word + b"define".len()) else { continue };
            let kept = whole.get(copied..start).unwrap_or_default();
            line += count(kept);
            one.line = line;
            let height = count(whole.get(start..end).unwrap_or_default());
            // The last line of a file may end without a feed.
            let is_cut_short = whole.get(end.saturating_sub(1)) != Some(&b'\n');
            one.line_end = line + height - u32::from(!is_cut_short && height > 0);
            if cut.macros.is_empty() {
                cut.text.reserve(whole.len());
            }
            cut.text.extend_from_slice(kept);
            line += height;
            removed += height;
            let from = line - removed;
            match cut.seams.last_mut().filter(|(last, _)| *last == from) {
                Some((_, missing)) => *missing = removed,
                None => cut.seams.push((from, removed)),
            }
            cut.macros.push(one);
            (copied, seen) = (end, end);
        }
        if cut.macros.is_empty() {
            return None;
        }
        cut.text.extend_from_slice(whole.get(copied..).unwrap_or_default());
        Some(cut)
    }

    /// Puts the macros back among the facts of what is left, whose lines become those of the whole text.
    pub(super) fn put_back(self, facts: &mut Facts, words: Words) {
        facts.each_line(|line| {
            let seam = self.seams.partition_point(|(from, _)| from <= line);
            let missing = seam.checked_sub(1).and_then(|at| self.seams.get(at)).map_or(0, |(_, missing)| *missing);
            *line += missing;
        });
        let mut defined = Vec::with_capacity(self.macros.len());
        for one in &self.macros {
            defined.push(self.define(one, facts, words));
        }
        merge(facts, defined);
    }

    fn define(&self, one: &Macro, facts: &mut Facts, words: Words) -> RawDefinition {
        let name = facts.names.intern(self.whole.get(one.name.clone()).unwrap_or_default());
        let mut parameters = Vec::new();
        lexing::words(self.whole, one.parameters.clone(), |word| {
            if parameters.len() < MAX_PARAMETERS {
                parameters.push(facts.names.intern(self.whole.get(word).unwrap_or_default()));
            }
        });
        let (mut line, mut counted) = (one.line, one.name.start);
        lexing::words(self.whole, one.body.clone(), |word| {
            line += count(self.whole.get(counted..word.start).unwrap_or_default());
            counted = word.start;
            let mention = facts.mention(self.whole, word, line, Mention::Use, words);
            let is_parameter = |name| parameters.contains(&name);
            if let Some(mention) = mention
                && !(mention.qualifier == Qualifier::None && mention.role != Role::Type && is_parameter(mention.name))
            {
                facts.references.push(mention);
            }
        });
        let (start, end) = (one.line, one.line_end);
        RawDefinition { name, kind: Kind::Macro, flags: 0, start, end, line: start, parent: None, owner: None }
    }
}

/// Puts macros between the definitions of a file, in the order of the text, each below what it stands in.
fn merge(facts: &mut Facts, macros: Vec<RawDefinition>) {
    let before = std::mem::take(&mut facts.definitions);
    let all = &mut facts.definitions;
    all.reserve(before.len() + macros.len());
    let mut places: Vec<u32> = Vec::with_capacity(before.len());
    let mut macros = macros.into_iter().peekable();
    // The innermost definition that may still be open.
    let mut within: Option<u32> = None;
    let put = |all: &mut Vec<RawDefinition>, within: &mut Option<u32>, one: RawDefinition| {
        while let Some(above) = within.and_then(|at| all.get(at as usize)).filter(|above| above.end < one.start) {
            *within = above.parent;
        }
        all.push(RawDefinition { parent: *within, ..one });
    };
    for one in before {
        while let Some(first) = macros.next_if(|first| first.start < one.start) {
            put(all, &mut within, first);
        }
        let at = u32::try_from(all.len()).unwrap_or(u32::MAX);
        places.push(at);
        let parent = one.parent.and_then(|parent| places.get(parent as usize).copied());
        all.push(RawDefinition { parent, ..one });
        if one.kind != Kind::Test {
            within = Some(at);
        }
    }
    macros.for_each(|one| put(all, &mut within, one));
}

fn count(text: &[u8]) -> u32 {
    u32::try_from(memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX / 2)
}

/// Returns where the line starts that holds nothing but `#` before `at`.
fn directive_start(text: &[u8], at: usize) -> Option<usize> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let back = |at: usize| text.get(..at)?.iter().rposition(|byte| !is_blank(byte));
    let hash = back(at).filter(|hash| text.get(*hash) == Some(&b'#'))?;
    match back(hash) {
        None => Some(0),
        Some(feed) => (text.get(feed) == Some(&b'\n')).then_some(feed + 1),
    }
}

/// Reads what follows `define`. Returns the macro, and where its last line ends.
fn read(text: &[u8], at: usize) -> Option<(Macro, usize)> {
    let word = |at: usize| text.get(at..).unwrap_or_default().iter().take_while(|byte| is_word(**byte)).count();
    let blanks = text.get(at..)?.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let start = at + blanks;
    let end = start + word(start);
    if blanks == 0 || start == end || end - start > MAX_NAME || text.get(start).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let last = logical_end(text, end);
    let within = text.get(end..last).unwrap_or_default();
    let closed = if within.starts_with(b"(") { memchr(b')', within).map(|close| end + close) } else { None };
    let parameters = closed.map_or(end..end, |close| end + 1..close);
    let body = closed.map_or(end, |close| close + 1)..last;
    Some((Macro { name: start..end, parameters, body, line: 0, line_end: 0 }, last))
}

/// Returns where the line ends, feed included, that goes on after a backslash and within a comment.
fn logical_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        let Some(feed) = memchr(b'\n', text.get(at..).unwrap_or_default()).map(|feed| at + feed) else { return text.len() };
        let line = text.get(at..feed).unwrap_or_default();
        let past = if memchr(b'/', line).is_some() { past_comments(text, at, feed) } else { feed };
        if past > feed {
            at = past;
            continue;
        }
        if !line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\") {
            return feed + 1;
        }
        at = feed + 1;
    }
}

/// Looks through code from `from` to `to`. Returns `to`, or where a comment or literal ends that goes past it.
fn past_comments(text: &[u8], from: usize, to: usize) -> usize {
    let mut at = from;
    while at < to {
        let Some(found) = memchr3(b'/', b'"', b'\'', text.get(at..to).unwrap_or_default()).map(|found| at + found) else { break };
        let rest = text.get(found..).unwrap_or_default();
        let before = found.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(b' ');
        at = match rest {
            [b'/', b'*', inner @ ..] => memmem::find(inner, b"*/").map_or(text.len(), |end| found + 2 + end + 2),
            [b'/', b'/', ..] => memchr(b'\n', rest).map_or(text.len(), |end| found + end),
            [b'"', inner @ ..] if before == b'R' => raw_string(inner).map_or(found + 1, |end| found + 1 + end),
            // `1'000` is a number.
            [b'\'', ..] if before.is_ascii_digit() => found + 1,
            [quote @ (b'"' | b'\''), ..] => lexing::past_literal(text, found, text.len(), *quote),
            _ => found + 1,
        };
    }
    at.max(to)
}

/// Returns where `delimiter(…)delimiter"` ends; `None` for what is no raw string.
fn raw_string(text: &[u8]) -> Option<usize> {
    let open = text.iter().take(MAX_DELIMITER + 1).position(|byte| *byte == b'(')?;
    let mut end = vec![b')'];
    end.extend_from_slice(text.get(..open)?);
    end.push(b'"');
    // What is never closed takes the rest.
    Some(memmem::find(text, &end).map_or(text.len(), |at| at + end.len()))
}

#[cfg(test)]
mod tests {
    use domain::Language;
    use proptest::prelude::*;

    use super::*;
    use crate::outline::{facts, outline};

    /// Names and lines of the macros of a text, and what is left of it.
    fn cut(text: &str) -> (Vec<(&str, u32, u32)>, String) {
        let Some(cut) = Cut::of(text.as_bytes()) else { return (Vec::new(), text.to_owned()) };
        let macros = cut.macros.iter().map(|one| (&text[one.name.clone()], one.line, one.line_end)).collect();
        (macros, String::from_utf8(cut.text).unwrap())
    }

    #[test]
    fn macros_are_taken_out_with_the_lines_that_they_go_on_for() {
        for (text, macros, left) in [
            ("#define A 1\nint a;\n", vec![("A", 1, 1)], "int a;\n"),
            ("int a;\n  #  define A(x) \\\n  x\\\n\nint b;\n#define B", vec![("A", 2, 4), ("B", 6, 6)], "int a;\nint b;\n"),
            ("#define A 1 /* one\n * two */ + 2\r\n#define B \\\r\n 1\nx\n", vec![("A", 1, 2), ("B", 3, 4)], "x\n"),
            ("#define A \"/*\" // */ \\\n more\n#define B '\"'\nx", vec![("A", 1, 2), ("B", 3, 3)], "x"),
            // In comments and literals there are none.
            ("/*\n#define A 1\n*/\n// x \n#define B\n", vec![("B", 5, 5)], "/*\n#define A 1\n*/\n// x \n"),
            ("a = R\"x(\n#define A\n)x\";\n#define B\n", vec![("B", 4, 4)], "a = R\"x(\n#define A\n)x\";\n"),
            ("x = '\"'; y = 1'000; /* \"\n#define A\n*/\n", vec![], "x = '\"'; y = 1'000; /* \"\n#define A\n*/\n"),
            ("defined(X)\n#ifdef A\n# undefine A\n#define\n#define 1\nint define;\n", vec![], ""),
        ] {
            let (found, rest) = cut(text);
            assert_eq!(found, macros, "{text}");
            assert_eq!(rest, if left.is_empty() { text } else { left }, "{text}");
        }
    }

    #[test]
    fn macros_stand_between_the_definitions_around_them() {
        let text = "#define A(x, y) f(x) + (y) + z(A_1)\nstruct s {\n#define B 1 \\\n  + A(2, 3)\n\tint b;\n};\n#define C s->x\n\
                    enum e {\n  D,\n#define D D\n  E = C\n};\nint g(int a)\n{\n#define F a\n  return h(F);\n}\n#define G\n";
        let outline = outline(Language::C, text.as_bytes()).unwrap();
        let told: Vec<_> =
            outline.definitions.iter().map(|one| (one.name.as_str(), one.line, one.line_end, one.container.join("."))).collect();
        let told: Vec<_> = told.iter().map(|(name, line, end, within)| (*name, *line, *end, within.as_str())).collect();
        let expected = [
            ("A", 1, 1, ""),
            ("s", 2, 6, ""),
            ("B", 3, 4, "s"),
            ("C", 7, 7, ""),
            ("e", 8, 12, ""),
            ("D", 9, 9, "e"),
            ("D", 10, 10, "e"),
            ("E", 11, 11, "e"),
            ("g", 13, 17, ""),
            ("F", 15, 15, "g"),
            ("G", 18, 18, ""),
        ];
        assert_eq!(told, expected);
        assert!(!outline.errors, "what a grammar does not expect between enumerators is no error");
        let facts = facts(Language::C, text.as_bytes()).unwrap();
        let word = |name: u32| String::from_utf8_lossy(facts.names.get(name)).into_owned();
        let mut mentions: Vec<_> = facts.references.iter().map(|one| (one.line, word(one.name), one.role.word())).collect();
        mentions.sort();
        let mentions: Vec<_> = mentions.iter().map(|(line, name, role)| format!("{line} {name} {role}")).collect();
        let expected = [
            "1 A_1 use",
            "1 f call",
            "1 z call",
            "4 A call",
            "7 s use",
            "10 D use",
            "11 C use",
            "15 a use",
            "16 F use",
            "16 h call",
        ];
        assert_eq!(mentions, expected);
    }

    proptest! {
        #[test]
        fn what_is_left_keeps_its_lines(parts in prop::collection::vec("(#define A(\\(x\\))? x( \\\\\n more)*\n)|(int a; //? ?\\*?/?\n)|(/\\*\n)|( \\*/\n)|(\"'?\n)|(R\"a\\(\n)|(\\)a\"\n)", 0..20)) {
            let text: String = parts.concat();
            if let Some(cut) = Cut::of(text.as_bytes()) {
                let whole: Vec<&[u8]> = text.as_bytes().split(|byte| *byte == b'\n').collect();
                let original = |line: u32| {
                    let seam = cut.seams.iter().rfind(|(from, _)| *from <= line);
                    line + seam.map_or(0, |(_, missing)| *missing)
                };
                let lines: Vec<&[u8]> = cut.text.split(|byte| *byte == b'\n').collect();
                for (at, line) in (1..).zip(&lines) {
                    prop_assert_eq!(Some(line), whole.get(original(at) as usize - 1), "line {}", at);
                }
                let missing: u32 = cut.macros.iter().map(|one| one.line_end - one.line + 1).sum();
                prop_assert_eq!(lines.len() + missing as usize, whole.len());
            }
        }

        #[test]
        fn no_text_is_a_panic(text in "(#define|[#/*\"'R()\\\\ \n]|[a-z]){0,60}") {
            if let Some(facts) = facts(Language::Cpp, text.as_bytes()) {
                let lines = text.split('\n').count() as u32;
                prop_assert!(facts.definitions.iter().all(|one| one.start <= one.end && one.end <= lines));
            }
        }
    }
}
