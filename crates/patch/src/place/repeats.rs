//! Edits that stand already at the very place where they would be made: an answer that is given twice is written once.
//!
//! The rungs see by themselves that the result of a hunk stands alone. What they cannot see: old lines that stand at a second place too, an
//! insertion whose context is only partly known, and text that begins with what it replaces.

use std::collections::HashSet;
use std::ops::Range;

use super::choose::{Around, around, tells};
use super::find::{places, side};
use super::rungs::{Rung, WHOLE_HUNK, normal};
use super::text::{ABSENT, Key, Text};
use super::{Change, Placed, State};
use crate::model::{Hunk, Op};

/// How much of a placed hunk stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    Nothing,
    /// So much that it was written before.
    All,
    /// Something, and it is not certain what was meant.
    Some,
}

/// Lines that say something and stand there together: that is no accident.
const ENOUGH: usize = 2;

/// More places of one line are not looked at.
const MOST_PLACES: usize = 200;

/// Longer insertions are compared at their ends only.
const LONGEST: usize = 500;

/// Marks hunks whose one place is already part of their own result, or may be.
pub(super) fn settle(text: &Text<'_>, hunks: &[&Hunk], states: &mut [State]) {
    for (hunk, state) in hunks.iter().zip(states) {
        if let State::Found(found) = state
            && found.hits.len() == 1
        {
            let posts = places(text, hunk, &side(hunk, &found.range, Op::Delete), found.rung);
            match around(hunk, &found.range, &found.hits, &posts) {
                Around::No => {}
                Around::Stands => *state = State::Already,
                Around::Unclear => found.may_stand = true,
            }
        }
    }
}

/// Says how much of a hunk stands where it would be written, for hunks that were not placed line by line.
pub(super) fn stands(text: &Text<'_>, file: &[u8], hunk: &Hunk, placed: &Placed) -> Stands {
    if placed.rung == Rung::PartOfLine {
        return if part_stands(file, hunk) { Stands::All } else { Stands::Nothing };
    }
    let adding: Vec<&Change> = placed.changes.iter().filter(|change| !change.adds.is_empty()).collect();
    let says = |change: &Change| change.adds.iter().filter_map(|at| hunk.lines.get(*at)).filter(|line| tells(&line.text)).count();
    let there: Vec<&&Change> = adding.iter().filter(|change| change_stands(text, hunk, change)).collect();
    let said: usize = there.iter().map(|change| says(change)).sum();
    let all = !adding.is_empty() && there.len() == adding.len();
    if placed.rung < Rung::Pieces {
        // Every line stands where the hunk wants it, so it may well be meant: unless the hunk says that it is about another place.
        let stated = hunk.stated.is_some_and(|stated| stated == placed.at + 1);
        let doubt = (all && said >= ENOUGH && !stated) || stands_finer(text, hunk, placed.rung);
        return if doubt { Stands::Some } else { Stands::Nothing };
    }
    if all {
        return if said >= ENOUGH { Stands::All } else { Stands::Some };
    }
    // Where lines are replaced, the old ones say that it was not done yet.
    let inserts = |change: &Change| change.range.is_empty() && says(change) > 0;
    let elsewhere = || adding.iter().any(|change| inserts(change) && stands_elsewhere(text, hunk, change));
    if said > 0 || adds_its_context(text, hunk) || elsewhere() { Stands::Some } else { Stands::Nothing }
}

/// Returns a hunk that may come twice, if there is one: one that is not written as the file is, or that others change within.
pub(super) fn in_doubt(placed: &[Placed]) -> Option<usize> {
    let span = |it: &Placed| {
        let lines = || it.pairs.iter().map(|(_, at)| *at).chain(it.changes.iter().map(|change| change.range.start));
        (lines().min(), lines().max())
    };
    let mut spans: Vec<_> = placed.iter().map(|it| (span(it), it.hunk)).collect();
    spans.sort_unstable();
    let within = spans.windows(2).find_map(|pair| match pair {
        [((_, end), _), ((start, _), hunk)] if start <= end => Some(*hunk),
        _ => None,
    });
    placed.iter().find(|it| it.rung != Rung::Exact).map(|it| it.hunk).or(within)
}

/// Says whether `again`, which became of `after`, has the lines once more that `after` has and `before` has not, and at the same place. A
/// file that holds the place twice may get them at the other one; and where what goes beside them goes again, it stood there twice.
pub(crate) fn doubles(before: &[u8], after: &[u8], again: &[u8]) -> bool {
    let changed = |old: &[u8], new: &[u8]| {
        let (was, is) = (crate::lines::split_lines(old), crate::lines::split_lines(new));
        let text = |lines: &[&[u8]], range: &Range<usize>| lines.get(range.clone()).unwrap_or_default().concat();
        let blocks = crate::lines::blocks(old, new).into_iter();
        blocks.map(|(gone, new)| (text(&was, &gone), text(&is, &new), gone, new)).collect::<Vec<_>>()
    };
    let (first, second) = (changed(before, after), changed(after, again));
    let goes_beside = |then: usize, now: usize| {
        let pairs = [(then.checked_sub(1), now.checked_sub(1)), (Some(then + 1), Some(now + 1))];
        pairs.into_iter().any(|(then, now)| match (then.and_then(|at| first.get(at)), now.and_then(|at| second.get(at))) {
            (Some((then, ..)), Some((now, ..))) => !now.is_empty() && then == now,
            _ => false,
        })
    };
    second.iter().enumerate().filter(|(_, (gone, new, ..))| gone.is_empty() && !new.is_empty()).any(|(now, (_, new, at, _))| {
        first.iter().enumerate().any(|(then, (_, before, _, there))| {
            before == new && at.start <= there.end && there.start <= at.end && !goes_beside(then, now)
        })
    })
}

/// Says whether a hunk of a diff that was not found in one piece ends with an insertion, and not at the end of the file: a diff has what
/// stands behind it, so that something was left out.
pub(super) fn is_open(text: &Text<'_>, hunk: &Hunk, placed: &Placed) -> bool {
    let adds = hunk.lines.last().is_some_and(|line| line.op == Op::Add);
    let ends = placed.changes.iter().map(|change| change.range.end).max();
    placed.rung == Rung::Pieces && hunk.counts.is_some() && adds && ends != Some(text.lines.len())
}

/// The result stands somewhere on a finer rung than that on which the old lines were found.
fn stands_finer(text: &Text<'_>, hunk: &Hunk, rung: Rung) -> bool {
    let new = side(hunk, &(0..hunk.lines.len()), Op::Delete);
    let line = |at: &usize| hunk.lines.get(*at);
    let adds = new.iter().filter_map(line).any(|line| line.op == Op::Add && tells(&line.text));
    let says = new.iter().filter_map(line).filter(|line| tells(&line.text)).count() >= ENOUGH;
    let finer = WHOLE_HUNK.into_iter().take_while(|finer| *finer < rung);
    adds && says && finer.into_iter().any(|finer| !places(text, hunk, &new, finer).is_empty())
}

/// A line is added and is context too, and the file does not have it: one of the two is a mistake.
fn adds_its_context(text: &Text<'_>, hunk: &Hunk) -> bool {
    let lines = |op: Op| {
        let lines = hunk.lines.iter().filter(move |line| line.op == op && tells(&line.text));
        lines.map(|line| normal(&line.text, Rung::WhiteSpace))
    };
    let index = text.index(Rung::WhiteSpace);
    let absent: HashSet<_> = lines(Op::Keep).filter(|line| index.key(line, Rung::WhiteSpace) == ABSENT).collect();
    !absent.is_empty() && lines(Op::Add).any(|line| absent.contains(&line))
}

/// The new text stands round the old one.
fn part_stands(file: &[u8], hunk: &Hunk) -> bool {
    let Some((old, new)) = &hunk.needle else { return false };
    let Some(at) = memchr::memmem::find(file, old).filter(|_| new.len() > old.len()) else { return false };
    let with_ends = file.get(..at).is_some_and(|before| before.ends_with(b"\r\n")) || old.contains(&b'\r');
    let stands = |new: &[u8]| {
        memchr::memmem::find_iter(new, old).any(|offset| {
            at.checked_sub(offset).and_then(|from| file.get(from..from + new.len())).is_some_and(|there| there == new)
        })
    };
    let bare: Vec<u8> = file.iter().copied().filter(|byte| *byte != b'\r').collect();
    // In a file with carriage returns the answer need not have them.
    stands(new) || (with_ends && memchr::memmem::find(&bare, new).is_some())
}

/// The added lines stand at the place, or round the deleted ones.
fn change_stands(text: &Text<'_>, hunk: &Hunk, change: &Change) -> bool {
    let index = text.index(Rung::WhiteSpace);
    let adds: Vec<Key> =
        change.adds.iter().filter_map(|at| hunk.lines.get(*at)).map(|line| index.key(&line.text, Rung::WhiteSpace)).collect();
    let Some(deleted) = index.keys.get(change.range.clone()) else { return false };
    if adds.len() <= deleted.len() {
        return false;
    }
    let most = adds.len() - deleted.len();
    let offsets: Vec<usize> = if most > LONGEST { vec![0, most] } else { (0..=most).collect() };
    offsets.into_iter().any(|offset| {
        let start = change.range.start.checked_sub(offset);
        let there = start.and_then(|start| index.keys.get(start..start + adds.len()));
        adds.get(offset..offset + deleted.len()) == Some(deleted) && there == Some(adds.as_slice())
    })
}

/// The added lines stand at another place, between the same two neighbours.
fn stands_elsewhere(text: &Text<'_>, hunk: &Hunk, change: &Change) -> bool {
    let index = text.index(Rung::WhiteSpace);
    let (Some(first), Some(last)) = (change.adds.first(), change.adds.last()) else { return false };
    let stays = |at: &usize| hunk.lines.get(*at).is_some_and(|line| line.op == Op::Keep);
    let (Some(before), Some(behind)) = ((0..*first).rev().find(stays), (last + 1..hunk.lines.len()).find(stays)) else {
        return false;
    };
    let run: Vec<usize> = std::iter::once(before).chain(change.adds.iter().copied()).chain([behind]).collect();
    let keys: Vec<Key> =
        run.iter().filter_map(|at| hunk.lines.get(*at)).map(|line| index.key(&line.text, Rung::WhiteSpace)).collect();
    let Some((offset, rarest)) = keys.iter().enumerate().min_by_key(|(_, key)| index.places(**key).len()) else { return false };
    let starts = index.places(*rarest).iter().take(MOST_PLACES).filter_map(|at| (*at as usize).checked_sub(offset));
    starts.into_iter().any(|start| index.keys.get(start..start + keys.len()) == Some(keys.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::doubles;

    #[test]
    fn lines_that_come_again_are_told_from_a_place_that_stands_twice() {
        let of = |before: &str, after: &str, again: &str| doubles(before.as_bytes(), after.as_bytes(), again.as_bytes());
        assert!(of("a\nb\n", "a\nnew\nb\n", "a\nnew\nnew\nb\n"));
        assert!(!of("a\nb\na\nb\n", "a\nnew\nb\na\nb\n", "a\nnew\nb\na\nnew\nb\n"));
        // What goes beside the lines stood there twice.
        assert!(!of("gone\ngone\na\nb\n", "gone\na\nnew\nb\n", "a\nnew\nnew\nb\n"));
        // What goes again elsewhere does not excuse it.
        assert!(of(
            "a\nb\nx\nother\ny\ngone\nz\ngone\n",
            "a\nnew\nb\nx\nelse\ny\nz\ngone\n",
            "a\nnew\nnew\nb\nx\nelsewhere\ny\nz\n"
        ));
    }
}
