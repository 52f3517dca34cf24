//! Hunks that leave lines out by `...`: each piece is placed by the rungs, and the pieces stand in order.

use std::ops::Range;

use super::blocks::blocks;
use super::find::{places, side};
use super::placeholder::is_gap;
use super::rungs::{Rung, WHOLE_HUNK};
use super::text::Text;
use super::{Change, Placed};
use crate::model::{Hunk, Op};

/// No hunk has more pieces.
const MOST: usize = 32;

/// Places a hunk that leaves lines out.
pub(super) fn place(text: &Text<'_>, hunk: &Hunk, number: usize) -> Option<Placed> {
    let gap = |at: &usize| hunk.lines.get(*at).is_some_and(|line| line.op == Op::Keep && is_gap(&line.text));
    let gaps: Vec<usize> = (0..hunk.lines.len()).filter(gap).collect();
    if gaps.is_empty() || gaps.len() > MOST {
        return None;
    }
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for end in gaps.into_iter().chain([hunk.lines.len()]) {
        let said = |at: usize| hunk.lines.get(at).is_some_and(|line| line.op != Op::Keep || !line.is_blank());
        if (from..end).any(said) {
            pieces.push(from..end);
        }
        from = end + 1;
    }
    let found: Vec<(Vec<usize>, Vec<usize>)> = pieces
        .iter()
        .map(|piece| {
            let old = side(hunk, piece, Op::Add);
            let hits = WHOLE_HUNK.into_iter().map(|rung| places(text, hunk, &old, rung)).find(|hits| !hits.is_empty());
            (old, hits.unwrap_or_default())
        })
        .collect();
    let chosen = chain(&found)?;
    let mut placed = Placed { hunk: number, rung: Rung::Pieces, at: *chosen.first()?, pairs: Vec::new(), changes: Vec::new() };
    for ((piece, (old, _)), at) in pieces.iter().zip(&found).zip(chosen) {
        placed.pairs.extend(old.iter().enumerate().map(|(offset, line)| (*line, at + offset)));
        placed.changes.extend(blocks(hunk, piece).into_iter().map(|block| Change {
            range: at + block.deletes.start..at + block.deletes.end,
            adds: block.adds,
            ready: None,
        }));
    }
    Some(placed)
}

/// Returns the only places in order, when there is one way; a piece that stands at several is decided by its neighbours.
fn chain(found: &[(Vec<usize>, Vec<usize>)]) -> Option<Vec<usize>> {
    let lengths: Vec<usize> = found.iter().map(|(old, _)| old.len()).collect();
    let mut kept: Vec<Vec<usize>> = found.iter().map(|(_, hits)| hits.clone()).collect();
    if lengths.contains(&0) || kept.iter().any(Vec::is_empty) {
        return None;
    }
    // Forth: after the earliest end of the piece before. Back: before the latest start of the piece behind.
    let mut earliest = 0;
    for (hits, length) in kept.iter_mut().zip(&lengths) {
        hits.retain(|at| *at >= earliest);
        earliest = hits.first()? + length;
    }
    let mut latest = usize::MAX;
    for (hits, length) in kept.iter_mut().zip(&lengths).rev() {
        hits.retain(|at| at + length <= latest);
        latest = *hits.last()?;
    }
    kept.iter().map(|hits| if let [at] = hits.as_slice() { Some(*at) } else { None }).collect()
}
