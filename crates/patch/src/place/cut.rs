//! Hunks that were merged: lines of the file are left out between two change blocks, and nothing says so.
//!
//! From its first line on, a hunk is followed in the file as far as it goes. Where it cannot go on within context, it is cut.

use std::ops::Range;

use super::blocks::blocks;
use super::find::{places, side};
use super::rungs::Rung;
use super::text::Text;
use super::{Change, Placed};
use crate::model::{Hunk, Op};

/// No hunk was merged from more.
const MOST: usize = 32;

/// Places a hunk that must be cut to fit.
pub(super) fn place(text: &Text<'_>, hunk: &Hunk, number: usize) -> Option<Placed> {
    [Rung::Exact, Rung::TrailingSpace].into_iter().find_map(|rung| cut(text, hunk, number, rung))
}

fn cut(text: &Text<'_>, hunk: &Hunk, number: usize, rung: Rung) -> Option<Placed> {
    let all = 0..hunk.lines.len();
    let old = side(hunk, &all, Op::Add);
    let index = text.index(rung);
    let keys: Vec<_> = old.iter().filter_map(|at| hunk.lines.get(*at)).map(|line| index.key(&line.text, rung)).collect();
    let mut placed = Placed { hunk: number, rung: Rung::Pieces, at: 0, pairs: Vec::new(), changes: Vec::new() };
    let (mut from, mut end_before, mut pieces) = (0, 0, 0);
    while from < old.len() {
        let (at, length) = longest(index.places(*keys.get(from)?), &index.keys, keys.get(from..)?)?;
        let to = from + length;
        let context = |at: usize| old.get(at).and_then(|at| hunk.lines.get(*at)).is_some_and(|line| line.op == Op::Keep);
        // A cut lies between two lines of context, with nothing added there.
        let within = |at: usize| Some(old.get(at)? - old.get(at.checked_sub(1)?)? == 1);
        let clean = to == old.len() || (context(to) && context(to - 1) && within(to) == Some(true));
        pieces += 1;
        if !clean || at < end_before || pieces > MOST {
            return None;
        }
        let range: Range<usize> = if from == 0 { 0 } else { *old.get(from)? }..old.get(to).copied().unwrap_or(all.end);
        let lines = side(hunk, &range, Op::Add);
        if places(text, hunk, &lines, rung).len() != 1 {
            return None;
        }
        placed.pairs.extend(lines.iter().enumerate().map(|(offset, line)| (*line, at + offset)));
        placed.changes.extend(blocks(hunk, &range).into_iter().map(|block| Change {
            range: at + block.deletes.start..at + block.deletes.end,
            adds: block.adds,
            ready: None,
        }));
        (from, end_before) = (to, at + length);
    }
    placed.at = placed.changes.first()?.range.start;
    (pieces > 1).then_some(placed)
}

/// The place where most of the lines follow, when there is one such place.
fn longest<K: PartialEq>(starts: &[u32], file: &[K], wanted: &[K]) -> Option<(usize, usize)> {
    let follow = |at: usize| file.get(at..).unwrap_or_default().iter().zip(wanted).take_while(|(a, b)| a == b).count();
    if starts.len() > 2000 {
        return None;
    }
    let mut found: Vec<(usize, usize)> = starts.iter().map(|at| (follow(*at as usize), *at as usize)).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    let (length, at) = *found.first()?;
    let alone = found.get(1).is_none_or(|(second, _)| *second < length);
    (alone && length > 0).then_some((at, length))
}
