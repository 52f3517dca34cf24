//! Writes placed hunks: only changed lines change. Context, ends of lines and the final line feed come from the file.

use std::ops::Range;

use super::find::side;
use super::indent::{Manner, Rule};
use super::placeholder::elides;
use super::rungs::{Rung, normal};
use super::text::{FileLine, Text};
use super::{Placed, blocks};
use crate::lines::lines;
use crate::model::{Hunk, Op};
use crate::refusal::Refusal;

/// Says why what a placed hunk adds cannot be trusted, if so.
pub(super) fn check(text: &Text<'_>, hunk: &Hunk, placed: &Placed) -> Result<(), String> {
    let manner = Manner::learn(text, hunk, &placed.pairs, placed.rung);
    for line in hunk.lines.iter().filter(|line| line.op == Op::Add) {
        manner.line(&line.text)?;
        let shown = || String::from_utf8_lossy(line.text.trim_ascii()).into_owned();
        let lost = "\u{fffd}".as_bytes();
        let has = |line: &[u8]| line.windows(lost.len()).any(|part| part == lost);
        if has(&line.text) && text.lines.iter().any(|line| std::str::from_utf8(line.body).is_err()) {
            return Err(format!("the added line `{}` holds signs that were lost on the way", shown()));
        }
    }
    if matches!(placed.rung, Rung::WhiteSpace | Rung::Punctuation) {
        let all = 0..hunk.lines.len();
        let said = |without| -> Vec<Vec<u8>> {
            let lines = side(hunk, &all, without);
            lines.iter().filter_map(|at| hunk.lines.get(*at)).map(|line| normal(&line.text, placed.rung).into_owned()).collect()
        };
        let inner = |(line, at): &(usize, usize)| {
            hunk.lines.get(*line).is_some_and(|line| line.text.trim_ascii() == text.body(*at).trim_ascii())
        };
        let indents_only = manner.is_certain() && placed.pairs.iter().all(inner);
        if said(Op::Add) == said(Op::Delete) && !indents_only {
            return Err("it changes white space only, and the white space of the file is not what it says".to_owned());
        }
    }
    Ok(())
}

/// Says which hunk cannot be trusted because another one shows that the answer writes lines otherwise than the file does.
pub(super) fn inconsistent(text: &Text<'_>, hunks: &[&Hunk], placed: &[Placed]) -> Option<(usize, String)> {
    let manners = manners(text, hunks, placed);
    let signs = placed.iter().any(|it| it.rung == Rung::Punctuation);
    // A hunk that is moved to the side says nothing of others: each is moved by its own, and what matches to the letter by nothing.
    let indents = manners.iter().any(|manner| !manner.is_plain() && !manner.is_shift());
    if !signs && !indents {
        return None;
    }
    let unit = common_unit(&manners);
    placed.iter().zip(manners).filter(|(it, _)| it.rung < Rung::WhiteSpace).find_map(|(it, manner)| {
        let hunk = hunks.get(it.hunk)?;
        if !signs && is_the_files_own(hunk, it, unit.as_ref()) {
            return None;
        }
        let indents = indents && (unit.is_none() || is_indented(hunk, it));
        let manner = in_unit(manner, hunk, it, unit.as_ref());
        let seen = |indent: &[u8]| {
            it.pairs.iter().any(|(line, _)| hunk.lines.get(*line).is_some_and(|line| super::indent::indent(&line.text) == indent))
        };
        let doubt = hunk.lines.iter().filter(|line| line.op == Op::Add && !line.is_blank()).any(|line| {
            let own = super::indent::indent(&line.text);
            let unseen = indents && !own.is_empty() && !seen(own);
            unseen || manner.line(&line.text).is_err() || (signs && !line.text.is_ascii())
        });
        doubt.then(|| {
            (
                it.hunk,
                "another hunk is written otherwise than the file, and here nothing tells how added lines are meant".to_owned(),
            )
        })
    })
}

/// Says whether a hunk is indented as the file is, and by nothing of what other hunks are indented by instead.
fn is_the_files_own(hunk: &Hunk, it: &Placed, unit: Option<&Rule>) -> bool {
    let Some(Rule::Units { from, to, .. }) = unit.filter(|_| it.rung == Rung::Exact) else { return false };
    from != to && is_indented(hunk, it) && !hunk.lines.iter().any(|line| super::indent::indent(&line.text).contains(from))
}

/// How each placed hunk is written in the file.
fn manners(text: &Text<'_>, hunks: &[&Hunk], placed: &[Placed]) -> Vec<Manner> {
    let none = Hunk::default();
    let learn = |it: &Placed| Manner::learn(text, hunks.get(it.hunk).copied().unwrap_or(&none), &it.pairs, it.rung);
    placed.iter().map(learn).collect()
}

/// How a hunk is written: with the unit that the others have, where its own lines do not tell.
fn in_unit(learned: Manner, hunk: &Hunk, it: &Placed, unit: Option<&Rule>) -> Manner {
    match unit.filter(|_| learned.is_plain() && !is_indented(hunk, it)) {
        Some(unit) => learned.with_unit(unit),
        None => learned,
    }
}

/// The unit of indentation that all hunks have which are written otherwise than the file, when it is one.
fn common_unit(manners: &[Manner]) -> Option<Rule> {
    let mut others = manners.iter().filter(|manner| !manner.is_plain());
    let first = others.next()?.unit()?.clone();
    others.all(|manner| manner.unit() == Some(&first)).then_some(first)
}

/// Says whether a line of the hunk that is in the file too is indented.
fn is_indented(hunk: &Hunk, it: &Placed) -> bool {
    let indented = |line: &crate::model::Line| !line.is_blank() && !super::indent::indent(&line.text).is_empty();
    it.pairs.iter().any(|(line, _)| hunk.lines.get(*line).is_some_and(indented))
}

/// Says which added line stands for code that was left out, if one does and the file does not have it.
pub(crate) fn placeholder(before: &[u8], added: &[&[u8]], path: &str) -> Option<String> {
    let python = path.ends_with(".py") || path.ends_with(".pyi");
    let line = added.iter().find(|line| elides(line, python))?;
    let known = lines(before).any(|known| known.trim_ascii() == line.trim_ascii());
    (!known).then(|| String::from_utf8_lossy(line.trim_ascii()).into_owned())
}

/// One change as it will be written.
struct Ready {
    range: Range<usize>,
    lines: Vec<(Vec<u8>, Option<bool>)>,
    /// What the hunk says of the end of the file: old side, new side.
    ends: Option<(bool, bool)>,
    whole_lines: bool,
}

/// Returns the text with all hunks applied.
pub(super) fn apply(text: &Text<'_>, path: &str, hunks: &[&Hunk], placed: &mut [Placed]) -> Result<Vec<u8>, Refusal> {
    placed.sort_by_key(|it| (it.at, it.hunk));
    if let Some(at) = contradicted(hunks, placed) {
        return Err(Refusal::Overlap { path: path.to_owned(), start: offset(text, at) });
    }
    let manners = manners(text, hunks, placed);
    let unit = common_unit(&manners);
    let mut ready = Vec::new();
    for (it, manner) in placed.iter().zip(manners) {
        let Some(hunk) = hunks.get(it.hunk) else { continue };
        ready.extend(prepare(text, hunk, it, &in_unit(manner, hunk, it, unit.as_ref())));
    }
    ready.sort_by_key(|change| (change.range.start, change.range.end));
    ready.dedup_by(|b, a| a.range == b.range && a.lines == b.lines);
    let mut out = Vec::new();
    let mut at = 0;
    let mut last_insert = None;
    for change in &ready {
        let same_spot = change.range.is_empty() && last_insert == Some(change.range.start);
        if change.range.start < at || same_spot {
            return Err(Refusal::Overlap { path: path.to_owned(), start: offset(text, change.range.start) });
        }
        last_insert = change.range.is_empty().then_some(change.range.start);
        keep(text, at..change.range.start, &mut out);
        write(text, change, &mut out);
        at = change.range.end;
    }
    keep(text, at..text.lines.len(), &mut out);
    if let Some(last) = ready.iter().rfind(|change| change.range.end == text.lines.len()) {
        end(text, last, &mut out);
    }
    Ok(out)
}

/// Returns the line at which two hunks have the same old lines and other new ones: the answer was written twice, and differently.
fn contradicted(hunks: &[&Hunk], placed: &[Placed]) -> Option<usize> {
    let sides = |it: &Placed| {
        let hunk = hunks.get(it.hunk)?;
        let all = 0..hunk.lines.len();
        let side = |without| -> Vec<&[u8]> {
            side(hunk, &all, without).into_iter().filter_map(|at| hunk.lines.get(at)).map(|line| line.text.as_slice()).collect()
        };
        Some((side(Op::Add), side(Op::Delete)))
    };
    placed.windows(2).find_map(|pair| {
        let [a, b] = pair else { return None };
        let near = a.at == b.at || a.changes.iter().any(|one| b.changes.iter().any(|other| one.range == other.range));
        let ((old_a, new_a), (old_b, new_b)) = (sides(a).filter(|_| near)?, sides(b)?);
        (old_a == old_b && new_a != new_b).then_some(a.at)
    })
}

/// The byte at which a line begins.
fn offset(text: &Text<'_>, at: usize) -> usize {
    text.lines.iter().take(at).map(|line| line.body.len() + line.end.len()).sum()
}

fn prepare(text: &Text<'_>, hunk: &Hunk, it: &Placed, manner: &Manner) -> Vec<Ready> {
    // The answer kept the ends of lines where they can be compared, and has carriage returns: then it means those that it adds.
    let kept = it.pairs.iter().all(|(line, at)| match (hunk.lines.get(*line), text.lines.get(*at)) {
        (Some(line), Some(there)) => line.cr == there.cr() || there.end.is_empty(),
        _ => true,
    });
    let means_ends = kept && hunk.lines.iter().any(|line| line.cr);
    let ends = (hunk.old_open || hunk.new_open).then_some((hunk.old_open, hunk.new_open));
    let line = |at: &usize| {
        let line = hunk.lines.get(*at)?;
        let text = manner.line(&line.text).map_or_else(|_| line.text.clone(), std::borrow::Cow::into_owned);
        Some((text, means_ends.then_some(line.cr)))
    };
    it.changes
        .iter()
        .map(|change| {
            let ready = change.ready.as_ref().map(|text| vec![(text.clone(), None)]);
            let lines = ready.unwrap_or_else(|| change.adds.iter().filter_map(line).collect());
            Ready { range: change.range.clone(), lines, ends, whole_lines: change.ready.is_none() }
        })
        .collect()
}

fn keep(text: &Text<'_>, range: Range<usize>, out: &mut Vec<u8>) {
    for line in text.lines.get(range).unwrap_or_default() {
        out.extend_from_slice(line.body);
        out.extend_from_slice(line.end);
    }
}

fn write(text: &Text<'_>, change: &Ready, out: &mut Vec<u8>) {
    if !change.whole_lines && change.lines.iter().all(|(line, _)| line.is_empty()) {
        return;
    }
    for (offset, (line, cr)) in change.lines.iter().enumerate() {
        let end = match cr {
            Some(true) => b"\r\n".as_slice(),
            Some(false) => b"\n",
            None => end_near(text, &change.range, offset),
        };
        if !out.is_empty() && !out.ends_with(b"\n") {
            out.extend_from_slice(end);
        }
        if change.whole_lines {
            out.extend_from_slice(line);
        } else {
            // Several lines in one: each ends like the file's.
            let parts: Vec<&[u8]> = line.split(|byte| *byte == b'\n').collect();
            for (number, part) in parts.iter().enumerate() {
                out.extend_from_slice(part.strip_suffix(b"\r").unwrap_or(part));
                if number + 1 < parts.len() {
                    out.extend_from_slice(end);
                }
            }
        }
        out.extend_from_slice(end);
    }
}

/// How the line ends that is replaced, or else the one before or behind.
fn end_near<'a>(text: &Text<'a>, range: &Range<usize>, offset: usize) -> &'a [u8] {
    let ends = |line: &FileLine<'a>| (!line.end.is_empty()).then_some(line.end);
    let replaced = text.lines.get(range.clone()).unwrap_or_default();
    let here = replaced.get(offset).or(replaced.last()).and_then(ends);
    let before = || range.start.checked_sub(1).and_then(|at| text.lines.get(at)).and_then(ends);
    let behind = || text.lines.get(range.end).and_then(ends);
    here.or_else(before).or_else(behind).unwrap_or(b"\n")
}

/// Gives the text the final line feed that it has to have, or none.
fn end(text: &Text<'_>, last: &Ready, out: &mut Vec<u8>) {
    let was_open = text.is_open();
    let open = match last.ends {
        Some((_, new_open)) if text.lines.is_empty() => new_open,
        Some((old_open, new_open)) if old_open == was_open => new_open,
        _ => was_open,
    };
    if open {
        let length = crate::formats::body(out).len();
        out.truncate(length);
    } else if !out.is_empty() && !out.ends_with(b"\n") {
        out.extend_from_slice(end_near(text, &last.range, 0));
    }
}

/// Returns the added lines of a hunk.
pub(crate) fn added(hunk: &Hunk) -> Vec<&[u8]> {
    let lines = blocks::blocks(hunk, &(0..hunk.lines.len()));
    lines.iter().flat_map(|block| &block.adds).filter_map(|at| hunk.lines.get(*at)).map(|line| line.text.as_slice()).collect()
}
