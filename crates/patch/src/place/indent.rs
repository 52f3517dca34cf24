//! What added lines look like in the file: the indentation and the signs that matched lines have there.
//!
//! It is learned from the lines that are in the hunk and in the file. What was not seen and does not follow is an error.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::rungs::{Rung, plain, without_bom};
use super::text::Text;
use crate::model::Hunk;

/// The quotes of typesetters.
const CURLY: [char; 4] = ['\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}'];

/// How the lines of one hunk are written in the file.
pub(super) struct Manner {
    seen: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    rule: Rule,
    /// The hunk has blanks at the ends of lines that have none in the file.
    pads: Pads,
    /// On the rung of punctuation: what each sign is in the file.
    signs: Option<BTreeMap<char, BTreeSet<char>>>,
    /// All quotes of the hunk are a typesetter's, and the file has none of those.
    typeset: bool,
    /// What moves the lines to the side could be another unit as well: so many blanks for so many, and the step of the file.
    scale: Option<(usize, usize, usize)>,
}

/// Blanks at the ends of lines that are the answer's own.
enum Pads {
    None,
    /// The same behind every indented line; behind those that are not, if `all`.
    Same {
        blanks: Vec<u8>,
        all: bool,
    },
    Unclear,
}

/// What holds for every pair of indentations that was seen.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Rule {
    None,
    Prepend(Vec<u8>),
    Remove(Vec<u8>),
    /// So many of the one for so many of the other.
    Units {
        from: u8,
        many: usize,
        to: u8,
        for_many: usize,
    },
}

impl Manner {
    pub(super) fn learn(text: &Text<'_>, hunk: &Hunk, pairs: &[(usize, usize)], rung: Rung) -> Self {
        let same = matches!(rung, Rung::Exact | Rung::TrailingSpace | Rung::LostPrefix | Rung::PartOfLine | Rung::Whole);
        let mut manner = Self {
            seen: BTreeMap::new(),
            rule: Rule::Prepend(Vec::new()),
            pads: Pads::None,
            signs: None,
            typeset: false,
            scale: None,
        };
        if rung != Rung::Exact {
            manner.pads =
                pads(pairs.iter().filter_map(|(line, at)| Some((hunk.lines.get(*line)?.text.as_slice(), text.body(*at)))));
        }
        if same {
            return manner;
        }
        let mut signs: BTreeMap<char, BTreeSet<char>> = BTreeMap::new();
        for (line, at) in pairs {
            let Some(line) = hunk.lines.get(*line).filter(|line| !line.is_blank()) else { continue };
            let (ours, theirs) = (blanks(&line.text), without_bom(text.body(*at)));
            manner.seen.entry(indent(&ours).to_vec()).or_default().insert(indent(theirs).to_vec());
            if rung == Rung::Punctuation {
                for (a, b) in units(&line.text).zip(units(theirs)) {
                    signs.entry(a).or_default().insert(b);
                }
            }
        }
        manner.rule = rule(&manner.seen, text);
        manner.scale = manner.scaled(text);
        if rung == Rung::Punctuation {
            let straight = |line: &[u8]| memchr::memchr2(b'"', b'\'', line).is_some();
            let set = signs.iter().any(|(ours, theirs)| CURLY.contains(ours) && !theirs.iter().any(|sign| CURLY.contains(sign)));
            manner.typeset =
                set && !hunk.lines.iter().any(|line| straight(&line.text)) && !CURLY.into_iter().any(|sign| text.has(sign));
            manner.signs = Some(signs);
        }
        manner
    }

    /// Says whether lines are moved to the side, and cannot have been written with another unit instead.
    pub(super) fn is_shift(&self) -> bool {
        let pairs = || self.seen.iter().flat_map(|(ours, theirs)| theirs.iter().map(|theirs| (ours.len(), theirs.len())));
        let scaled = |(a, b): (usize, usize)| pairs().all(|(c, d)| a * d == b * c);
        matches!(&self.rule, Rule::Prepend(by) | Rule::Remove(by) if !by.is_empty())
            && (pairs().any(|(ours, theirs)| (ours == 0) != (theirs == 0)) || !pairs().all(scaled))
    }

    /// How the indentation would be scaled, where that is as likely as a move to the side.
    fn scaled(&self, text: &Text<'_>) -> Option<(usize, usize, usize)> {
        let moved = matches!(&self.rule, Rule::Prepend(by) | Rule::Remove(by) if !by.is_empty());
        let (ours, theirs) = self.seen.iter().next_back().and_then(|(ours, theirs)| Some((ours, theirs.first()?)))?;
        let blanks = ours.iter().chain(theirs).all(|byte| *byte == b' ');
        (moved && !self.is_shift() && blanks).then(|| (ours.len(), theirs.len(), text.step()))
    }

    /// Says whether the hunk is the file's text moved to the side as a whole. Another unit is not as sure: it may not divide evenly.
    pub(super) fn is_certain(&self) -> bool {
        self.seen.values().all(|theirs| theirs.len() == 1) && self.is_shift()
    }

    /// Returns the rule when it is another unit of indentation, which an answer has everywhere or nowhere.
    pub(super) fn unit(&self) -> Option<&Rule> {
        Some(&self.rule).filter(|rule| matches!(rule, Rule::Units { .. }))
    }

    /// Takes the unit that other hunks of the answer have, where this one has no indented line to compare.
    pub(super) fn with_unit(self, unit: &Rule) -> Self {
        Self { rule: unit.clone(), ..self }
    }

    /// Says whether lines are written in the file as they are in the hunk.
    pub(super) fn is_plain(&self) -> bool {
        matches!(&self.rule, Rule::Prepend(nothing) if nothing.is_empty())
    }

    /// Returns an added line as the file would have it.
    pub(super) fn line<'l>(&self, line: &'l [u8]) -> Result<Cow<'l, [u8]>, String> {
        let line = match &self.pads {
            Pads::Same { blanks, all } if *all || !indent(line).is_empty() => {
                line.strip_suffix(blanks.as_slice()).unwrap_or(line)
            }
            _ => line,
        };
        if !matches!(self.pads, Pads::None) && ends_blank(line) {
            return Err(
                "the answer has blanks at the ends of lines that are not the file's, and an added line has them too".to_owned()
            );
        }
        let line = if self.signs.is_some() { self.signs(line)? } else { Cow::Borrowed(line) };
        let own = indent(&line);
        if line.is_empty() || self.is_plain() {
            return Ok(line);
        }
        let wanted = self.indent(own).ok_or_else(|| {
            format!(
                "the indentation of the added line `{}` is not seen in the lines that match",
                String::from_utf8_lossy(line.trim_ascii())
            )
        })?;
        let mut out = wanted;
        out.extend_from_slice(line.get(own.len()..).unwrap_or_default());
        Ok(Cow::Owned(out))
    }

    fn indent(&self, own: &[u8]) -> Option<Vec<u8>> {
        if let Some(seen) = self.seen.get(own) {
            // Seen in two ways: nothing says which.
            return (seen.len() == 1).then(|| seen.first().cloned()).flatten();
        }
        let moved = match &self.rule {
            Rule::None => None,
            Rule::Prepend(prefix) => Some([prefix.as_slice(), own].concat()),
            Rule::Remove(prefix) => own.strip_prefix(prefix.as_slice()).map(<[u8]>::to_vec),
            Rule::Units { from, many, to, for_many } => {
                let whole = own.iter().all(|byte| byte == from) && own.len().is_multiple_of(*many);
                whole.then(|| vec![*to; own.len() / many * for_many])
            }
        }?;
        // With another unit it would be elsewhere, and on the steps of the file too: nothing says which.
        let other = self.scale.filter(|(ours, ..)| *ours > 0).is_some_and(|(ours, theirs, step)| {
            let scaled = own.len() * theirs;
            scaled.is_multiple_of(ours) && scaled / ours != moved.len() && (scaled / ours).is_multiple_of(step)
        });
        (!other).then_some(moved)
    }

    fn signs<'l>(&self, line: &'l [u8]) -> Result<Cow<'l, [u8]>, String> {
        let Some(signs) = &self.signs else { return Ok(Cow::Borrowed(line)) };
        let line = blanks(line);
        let unsure = |c: char| Err(format!("it is not known what `{c}` of an added line is in this file"));
        let mut out = String::with_capacity(line.len());
        for c in String::from_utf8_lossy(&line).chars() {
            let there = signs.get(&c);
            match there.map(|there| (there.len(), there.first().copied())) {
                _ if c == '.' || c.is_whitespace() => out.push(c),
                Some((1, Some('.'))) if c == '\u{2026}' => out.push_str("..."),
                Some((1, Some(one))) => out.push(one),
                None if self.typeset && CURLY.contains(&c) => out.push_str(plain(c).unwrap_or_default()),
                Some(_) => return unsure(c),
                None if plain(c).is_some() => return unsure(c),
                None => out.push(c),
            }
        }
        Ok(Cow::Owned(out.into_bytes()))
    }
}

fn ends_blank(line: &[u8]) -> bool {
    line.last().is_some_and(u8::is_ascii_whitespace)
}

/// Compares the ends of lines of the answer with those of the file.
fn pads<'l>(pairs: impl Iterator<Item = (&'l [u8], &'l [u8])>) -> Pads {
    let tail = |line: &'l [u8]| line.get(line.trim_ascii_end().len()..).unwrap_or_default();
    let mut seen: BTreeSet<&[u8]> = BTreeSet::new();
    let (mut padded, mut all, mut unclear) = (0, true, false);
    for (ours, theirs) in pairs.filter(|(ours, _)| !ours.trim_ascii().is_empty()) {
        match (tail(ours), tail(theirs)) {
            (pad, []) if !pad.is_empty() => {
                seen.insert(pad);
                padded += 1;
            }
            ([], []) if indent(ours).is_empty() => all = false,
            ([], []) => unclear = true,
            _ => {}
        }
    }
    match (seen.len(), seen.first()) {
        (0, _) => Pads::None,
        (1, Some(blanks)) if padded >= 2 && !unclear => Pads::Same { blanks: blanks.to_vec(), all },
        _ => Pads::Unclear,
    }
}

/// The white space before the text.
pub(super) fn indent(line: &[u8]) -> &[u8] {
    let length = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    line.get(..length).unwrap_or_default()
}

/// Typographic blanks as plain ones; those without width are gone.
fn blanks(line: &[u8]) -> Cow<'_, [u8]> {
    let Ok(text) = std::str::from_utf8(line) else { return Cow::Borrowed(line) };
    if text.is_ascii() {
        return Cow::Borrowed(line);
    }
    let out: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}'))
        .map(|c| if plain(c) == Some("") { ' ' } else { c })
        .collect();
    Cow::Owned(out.into_bytes())
}

/// The signs of a line, blanks left out, three for an ellipsis.
fn units(line: &[u8]) -> std::vec::IntoIter<char> {
    let mut all = Vec::with_capacity(line.len());
    for c in String::from_utf8_lossy(without_bom(line)).chars() {
        let times = plain(c).map_or(usize::from(!c.is_whitespace()), |plain| plain.chars().count());
        all.extend(std::iter::repeat_n(c, times));
    }
    all.into_iter()
}

fn rule(seen: &BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>, text: &Text<'_>) -> Rule {
    let pairs: Vec<(&[u8], &[u8])> =
        seen.iter().flat_map(|(ours, theirs)| theirs.iter().map(|theirs| (ours.as_slice(), theirs.as_slice()))).collect();
    let Some((ours, theirs)) = pairs.first() else { return Rule::Prepend(Vec::new()) };
    if let Some(units) = units_rule(&pairs, text) {
        return units;
    }
    if let Some(prefix) = theirs.strip_suffix(*ours)
        && pairs.iter().all(|(ours, theirs)| theirs.strip_prefix(prefix) == Some(*ours))
    {
        return Rule::Prepend(prefix.to_vec());
    }
    if let Some(prefix) = ours.strip_suffix(*theirs)
        && pairs.iter().all(|(ours, theirs)| ours.strip_prefix(prefix) == Some(*theirs))
    {
        return Rule::Remove(prefix.to_vec());
    }
    Rule::None
}

/// A wider or another unit, where a shift by the same would not do.
fn units_rule(pairs: &[(&[u8], &[u8])], text: &Text<'_>) -> Option<Rule> {
    let deep: Vec<&(&[u8], &[u8])> = pairs.iter().filter(|(ours, theirs)| !ours.is_empty() || !theirs.is_empty()).collect();
    let (ours, theirs) = deep.first()?;
    let (from, to) = (*ours.first()?, *theirs.first()?);
    let (a, b) = (ours.len(), theirs.len());
    let fits = deep.iter().all(|(ours, theirs)| {
        ours.iter().all(|byte| *byte == from) && theirs.iter().all(|byte| *byte == to) && ours.len() * b == theirs.len() * a
    });
    // From one depth alone, more blanks could be a wider unit or a shift: unless lines without any, or the depths that the file has,
    // exclude the shift.
    let flush = deep.len() < pairs.len();
    let off_grid = || text.unit().is_some_and(|unit| unit >= 2 && b.abs_diff(a) % unit != 0);
    let certain = from != to || deep.len() >= 2 || (a != b && (flush || off_grid()));
    let divisor = greatest_common_divisor(a, b);
    (fits && certain && (from != to || a != b)).then(|| Rule::Units { from, many: a / divisor, to, for_many: b / divisor })
}

/// The blanks by which nearly all lines of the file are indented.
pub(super) fn step(text: &Text<'_>) -> usize {
    let depths: Vec<usize> = text.lines.iter().map(|line| indent(line.body).len()).filter(|depth| *depth > 0).collect();
    let even = |step: usize| depths.iter().filter(|depth| depth.is_multiple_of(step)).count() * 10 >= depths.len() * 9;
    [4, 2].into_iter().find(|step| even(*step)).unwrap_or(1)
}

/// The blanks of which every indentation of the file is a multiple.
pub(super) fn unit(text: &Text<'_>) -> Option<usize> {
    let mut unit = 0;
    for line in text.lines.iter().map(|line| line.body).filter(|line| !line.trim_ascii().is_empty()) {
        let own = indent(line);
        if own.contains(&b'\t') {
            return None;
        }
        if !own.is_empty() {
            unit = greatest_common_divisor(own.len(), unit);
        }
    }
    (unit > 0).then_some(unit)
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Line, Op};

    fn learn(pairs: &[(&str, &str)], rung: Rung) -> (Manner, String) {
        let file: String = pairs.iter().map(|(_, theirs)| format!("{theirs}\n")).collect();
        let lines = pairs.iter().map(|(ours, _)| Line::new(Op::Keep, ours.as_bytes())).collect();
        let hunk = Hunk { lines, ..Hunk::default() };
        let both: Vec<(usize, usize)> = (0..pairs.len()).map(|at| (at, at)).collect();
        let text = Text::new(file.as_bytes());
        (Manner::learn(&text, &hunk, &both, rung), String::new())
    }

    fn said(pairs: &[(&str, &str)], rung: Rung, line: &str) -> Option<String> {
        learn(pairs, rung).0.line(line.as_bytes()).ok().map(|line| String::from_utf8(line.into_owned()).unwrap())
    }

    #[test]
    fn indentation_follows_what_was_seen() {
        let ws = Rung::WhiteSpace;
        assert_eq!(said(&[("a:", "  a:"), ("  b", "    b")], ws, "    c").as_deref(), Some("      c"));
        assert_eq!(said(&[("    a", "\ta")], ws, "        c").as_deref(), Some("\t\tc"));
        assert_eq!(said(&[("  a", "    a"), ("    b", "        b")], ws, "      c").as_deref(), Some("            c"));
        assert_eq!(said(&[("  a", "    a"), (" b", "b")], ws, "   c"), None);
        // Scaled, it would fall between the steps of the file.
        assert_eq!(said(&[("        a", "    a")], ws, "            c").as_deref(), Some("        c"));
        assert_eq!(said(&[("  a", "    a"), ("  b", "  b")], ws, "  c"), None);
    }

    #[test]
    fn a_shift_is_told_from_another_unit() {
        let shift = |pairs: &[(&str, &str)]| learn(pairs, Rung::WhiteSpace).0.is_shift();
        assert!(shift(&[("a", "    a")]) && shift(&[("  a", "    a"), ("    b", "      b")]));
        assert!(!shift(&[("  a", "    a")]) && !shift(&[("  a", "    a"), ("    b", "        b")]) && !shift(&[("  a", "  a")]));
    }

    #[test]
    fn signs_are_those_of_the_file_or_unknown() {
        let marks = Rung::Punctuation;
        assert_eq!(said(&[("x = “y”", "x = \"y\"")], marks, "z = “q”").as_deref(), Some("z = \"q\""));
        assert_eq!(said(&[("x = “y", "x = \"y")], marks, "z = ’q’").as_deref(), Some("z = 'q'"));
        assert_eq!(said(&[("x = “y", "x = \"y"), ("a", "a ’")], marks, "z = ’q’"), None);
        assert_eq!(said(&[("x = “y '", "x = \"y '")], marks, "z = ’q’"), None);
        assert_eq!(said(&[("a 'b'", "a ‘b’")], marks, "c 'd'"), None);
        assert_eq!(said(&[("x\u{a0}= 1 —", "x = 1 -")], marks, "\u{a0}y = 2").as_deref(), Some(" y = 2"));
    }
}
