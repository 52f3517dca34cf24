//! Where a run of lines stands in a file, on one rung.

use std::ops::Range;

use super::rungs::Rung;
use super::text::{ABSENT, Key, Text};
use crate::model::{Hunk, Line, Op};

/// Comparisons of lines that all searches in a file may take: a file of equal lines and hunks of the same would take their product.
pub(super) const MOST_STEPS: usize = 8_000_000;

/// More places than this are not told apart.
const MOST_PLACES: usize = 10_000;

/// The lines of a hunk that are looked for, as positions in [`Hunk::lines`].
pub(super) fn side(hunk: &Hunk, range: &Range<usize>, without: Op) -> Vec<usize> {
    range.clone().filter(|at| hunk.lines.get(*at).is_some_and(|line| line.op != without)).collect()
}

/// Returns the lines of the file (from 0) at which all of `wanted` stand, one after the other.
pub(super) fn places(text: &Text<'_>, hunk: &Hunk, wanted: &[usize], rung: Rung) -> Vec<usize> {
    let index = text.index(rung);
    let keys: Vec<(Key, Key)> = wanted
        .iter()
        .filter_map(|at| hunk.lines.get(*at))
        .map(|line| {
            let key = index.key(&line.text, rung);
            (key, other_reading(line, rung).map_or(key, |text| index.key(&text, rung)))
        })
        .collect();
    // The rarest line says where to look.
    let count = |key: Key| index.places(key).len();
    let cost = |(a, b): &(Key, Key)| count(*a) + if a == b { 0 } else { count(*b) };
    let Some((rarest, (a, b))) = keys.iter().enumerate().min_by_key(|(_, keys)| cost(keys)) else { return Vec::new() };
    let mut steps = text.steps.get();
    let mut found = Vec::new();
    let mut starts: Vec<u32> = index.places(*a).to_vec();
    if a != b {
        starts.extend(index.places(*b));
        starts.sort_unstable();
    }
    for start in starts {
        let Some(start) = (start as usize).checked_sub(rarest) else { continue };
        let Some(there) = index.keys.get(start..start + keys.len()) else { continue };
        let equal = there.iter().zip(&keys).take_while(|(have, (a, b))| *have == a || *have == b).count();
        steps += equal + 4;
        if equal == keys.len() {
            found.push(start);
        }
        if found.len() > MOST_PLACES {
            break;
        }
        if steps > MOST_STEPS {
            // Not all was seen: no place may pass for the only one.
            found.extend(std::iter::repeat_n(start, 2));
            break;
        }
    }
    text.steps.set(steps);
    debug_assert!(!keys.contains(&(ABSENT, ABSENT)) || found.is_empty());
    found
}

/// A context line whose first blank may be its own and not the mark.
fn other_reading(line: &Line, rung: Rung) -> Option<Vec<u8>> {
    (rung == Rung::LostPrefix && line.op == Op::Keep && !line.raw).then(|| {
        let mut text = Vec::with_capacity(line.text.len() + 1);
        text.push(b' ');
        text.extend_from_slice(&line.text);
        text
    })
}

/// Returns the parts of a hunk that may stand for it: all of it, and all but blank or unmarked context at its edges.
pub(super) fn readings(hunk: &Hunk) -> Vec<Range<usize>> {
    let all = 0..hunk.lines.len();
    let loose = |line: &&Line| line.op == Op::Keep && (line.raw || (line.is_blank() && hunk.needle.is_some()));
    let first = hunk.lines.iter().take_while(|line| loose(line) && line.is_blank()).count();
    let last = hunk.lines.iter().rev().take_while(loose).count();
    let trimmed = first..hunk.lines.len().saturating_sub(last);
    let has_old =
        hunk.lines.get(trimmed.clone()).is_some_and(|lines| lines.iter().any(|line| line.op != Op::Add && !line.is_blank()));
    if trimmed != all && has_old { vec![all, trimmed] } else { vec![all] }
}
