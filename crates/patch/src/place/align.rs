//! The last rung: context may be missing or extra, deleted lines may not.
//!
//! A change block is placed on its own. Its deleted lines must stand in the file, together; an insertion needs both its neighbours, side
//! by side. What tells the place is how much of the context is found around it, in order; a second place that comes near is a refusal.

use std::ops::Range;

use super::blocks::{Block, blocks};
use super::choose::tells;
use super::find::side;
use super::rungs::Rung;
use super::text::{ABSENT, Key, Text};
use super::{Change, Placed};
use crate::model::{Hunk, Op};

/// Cells of all tables together.
const MOST_CELLS: usize = 12_000_000;

/// Places that are compared; with more, none is chosen.
const MOST_CANDIDATES: usize = 2000;

/// What a line that says something weighs, and one that does not.
const HEAVY: u32 = 4;
const LIGHT: u32 = 1;

struct Old {
    /// Position in [`Hunk::lines`].
    line: usize,
    key: Key,
    weight: u32,
    op: Op,
}

/// How well a block stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    weight: u32,
    /// Lines that say something.
    heavy: usize,
}

/// Places a hunk whose context is not quite what the file has.
pub(super) fn place(text: &Text<'_>, hunk: &Hunk, number: usize) -> Option<Placed> {
    let index = text.index(Rung::Alignment);
    let all = 0..hunk.lines.len();
    let old: Vec<Old> = side(hunk, &all, Op::Add)
        .into_iter()
        .filter_map(|at| {
            let line = hunk.lines.get(at)?;
            let weight = if tells(&line.text) { HEAVY } else { u32::from(!line.is_blank()) * LIGHT };
            Some(Old { line: at, key: index.key(&line.text, Rung::Alignment), weight, op: line.op })
        })
        .collect();
    let blocks = blocks(hunk, &all);
    let mut cells = 0;
    let mut placed = Placed { hunk: number, rung: Rung::Alignment, at: 0, pairs: Vec::new(), changes: Vec::new() };
    let mut end_before = 0;
    for block in &blocks {
        let candidates = candidates(&index.keys, |key| index.places(key), &old, block);
        // The context next to the block first; all lines of the hunk where that is too little.
        let near = near(&old, block);
        let far = 0..old.len();
        let at = [near, far].into_iter().find_map(|range| best(&index.keys, &old, block, &range, &candidates, &mut cells))?;
        if at < end_before {
            return None;
        }
        let range = at..at + block.deletes.len();
        end_before = range.end.max(at + usize::from(range.is_empty()));
        placed
            .pairs
            .extend(block.deletes.clone().enumerate().filter_map(|(offset, line)| Some((old.get(line)?.line, at + offset))));
        placed.changes.push(Change { range, adds: block.adds.clone(), ready: None });
    }
    placed.at = placed.changes.first()?.range.start;
    // Context that stands once in the file tells the indentation as well.
    for line in old.iter().filter(|line| line.op == Op::Keep && line.weight == HEAVY) {
        if let [at] = index.places(line.key) {
            placed.pairs.push((line.line, *at as usize));
        }
    }
    Some(placed)
}

/// Where a block can stand at all.
fn candidates<'i>(keys: &[Key], places: impl Fn(Key) -> &'i [u32], old: &[Old], block: &Block) -> Vec<usize> {
    let key = |at: usize| old.get(at).map(|line| line.key);
    let runs = |first: usize, length: usize| -> Vec<usize> {
        let Some(wanted) = (first..first + length).map(key).collect::<Option<Vec<Key>>>() else { return Vec::new() };
        if wanted.contains(&ABSENT) {
            return Vec::new();
        }
        let Some((rarest, key)) = wanted.iter().enumerate().min_by_key(|(_, key)| places(**key).len()) else { return Vec::new() };
        if places(*key).len() > MOST_CANDIDATES {
            return Vec::new();
        }
        let starts = places(*key).iter().filter_map(|at| (*at as usize).checked_sub(rarest));
        starts.filter(|start| keys.get(*start..start + length) == Some(wanted.as_slice())).collect()
    };
    if block.deletes.is_empty() {
        let at = block.deletes.start;
        // The beginning and the end of the file are neighbours as lines are.
        return match (at.checked_sub(1), at < old.len()) {
            (Some(before), true) => runs(before, 2).into_iter().map(|at| at + 1).collect(),
            (Some(before), false) => Vec::from_iter((key(before) == keys.last().copied()).then_some(keys.len())),
            (None, true) => Vec::from_iter((key(0) == keys.first().copied()).then_some(0)),
            (None, false) => Vec::new(),
        };
    }
    runs(block.deletes.start, block.deletes.len())
}

/// The context that touches the block.
fn near(old: &[Old], block: &Block) -> Range<usize> {
    let keeps = |line: &&Old| line.op == Op::Keep;
    let before = old.get(..block.deletes.start).unwrap_or_default().iter().rev().take_while(keeps).count();
    let after = old.get(block.deletes.end..).unwrap_or_default().iter().take_while(keeps).count();
    block.deletes.start - before..block.deletes.end + after
}

/// Returns the one place that is good and clearly better than every other.
fn best(
    keys: &[Key],
    old: &[Old],
    block: &Block,
    range: &Range<usize>,
    candidates: &[usize],
    cells: &mut usize,
) -> Option<usize> {
    let lead = old.get(range.start..block.deletes.start)?;
    let trail = old.get(block.deletes.end..range.end)?;
    let all = lead.iter().chain(trail).filter(|line| line.weight == HEAVY).count();
    let mut scored = Vec::with_capacity(candidates.len());
    for at in candidates {
        let window = |length: usize| 2 * length + 12;
        let above = keys.get(at.saturating_sub(window(lead.len()))..*at)?;
        let from = at + block.deletes.len();
        let below = keys.get(from..keys.len().min(from + window(trail.len())))?;
        *cells += above.len() * lead.len() + below.len() * trail.len();
        if *cells > MOST_CELLS {
            return None;
        }
        let (a, b) = (common(lead, above), common(trail, below));
        scored.push((Score { weight: a.weight + b.weight, heavy: a.heavy + b.heavy }, *at));
    }
    scored.sort_unstable_by(|a, b| b.cmp(a));
    let (first, at) = *scored.first()?;
    // Deleted lines that stand nowhere else speak for the place as a line of context does.
    let deleted = old.get(block.deletes.clone()).unwrap_or_default().iter().any(|line| line.weight == HEAVY);
    let (needed, tenths) = if deleted && candidates.len() == 1 { (1, 5) } else { (2, 6) };
    let enough = first.heavy >= needed && first.heavy * 10 >= all * tenths;
    let clear = scored.get(1).is_none_or(|(second, _)| second.weight * 4 < first.weight * 3);
    (enough && clear).then_some(at)
}

/// The heaviest lines that both have, in order.
fn common(ours: &[Old], theirs: &[Key]) -> Score {
    let none = Score { weight: 0, heavy: 0 };
    let mut row = vec![none; theirs.len() + 1];
    for line in ours {
        let mut diagonal = none;
        let mut left = none;
        for (cell, key) in row.iter_mut().skip(1).zip(theirs) {
            let up = *cell;
            let matched =
                Score { weight: diagonal.weight + line.weight, heavy: diagonal.heavy + usize::from(line.weight == HEAVY) };
            let here = if *key == line.key { matched.max(up).max(left) } else { up.max(left) };
            diagonal = up;
            *cell = here;
            left = here;
        }
    }
    row.last().copied().unwrap_or(none)
}
