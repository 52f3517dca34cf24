//! Hunks with a few lines of context that are wrong: everything else still stands together, at one place.
//!
//! A context line that the file has nowhere was made up (there is no line for it) or altered (one line stands for it); both are tried, and
//! both must lead to the same place. Lines at the edges of the hunk may be left away.

use super::blocks::{Block, blocks};
use super::choose::tells;
use super::find::{MOST_STEPS, side};
use super::rungs::Rung;
use super::text::{ABSENT, Key, Text};
use super::{Change, Placed};
use crate::model::{Hunk, Op};

/// Lines that may be left away at both edges together.
const MOST_LEFT: usize = 4;

/// Places that are tried for one form of the hunk.
const MOST_STARTS: usize = 4000;

/// Places of all forms: with more, none is chosen.
const MOST_FOUND: usize = 1000;

/// A line to find: `None` stands for any line.
#[derive(Clone, Copy)]
struct Item {
    /// Position in the list of old lines.
    old: usize,
    key: Option<Key>,
}

/// Where each old line stands, for those that stand anywhere.
type Standing = Vec<Option<usize>>;

/// Places a hunk some of whose context is wrong.
pub(super) fn place(text: &Text<'_>, hunk: &Hunk, number: usize) -> Option<Placed> {
    [Rung::Exact, Rung::TrailingSpace, Rung::WhiteSpace].into_iter().find_map(|rung| on(text, hunk, number, rung))
}

/// Places a hunk again that was placed by a rung on which its indentation makes no sense: without the lines that do not stand there to the
/// letter, and at the same place.
pub(super) fn to_the_letter(text: &Text<'_>, hunk: &Hunk, placed: &Placed) -> Option<Placed> {
    let ranges = |placed: &Placed| placed.changes.iter().map(|change| change.range.clone()).collect::<Vec<_>>();
    let again = on(text, hunk, placed.hunk, Rung::TrailingSpace)?;
    (ranges(&again) == ranges(placed)).then_some(again)
}

fn on(text: &Text<'_>, hunk: &Hunk, number: usize, rung: Rung) -> Option<Placed> {
    let all = 0..hunk.lines.len();
    let old = side(hunk, &all, Op::Add);
    let index = text.index(rung);
    let line = |at: usize| old.get(at).and_then(|at| hunk.lines.get(*at));
    let keeps = |at: usize| line(at).is_some_and(|line| line.op == Op::Keep);
    let keys: Vec<Key> = (0..old.len()).filter_map(line).map(|line| index.key(&line.text, rung)).collect();
    let absent = |at: &usize| keys.get(*at) == Some(&ABSENT);
    if (0..old.len()).any(|at| absent(&at) && !keeps(at)) {
        return None;
    }
    let known = |at: usize| Item { old: at, key: keys.get(at).copied() };
    let without: Vec<Item> = (0..old.len()).filter(|at| !absent(at)).map(known).collect();
    let altered: Vec<Item> = (0..old.len()).map(|at| if absent(&at) { Item { old: at, key: None } } else { known(at) }).collect();
    let forms = if without.len() == altered.len() { vec![without] } else { vec![without, altered] };
    let blocks = blocks(hunk, &all);
    let telling = |at: usize| line(at).is_some_and(|line| tells(&line.text));
    // Each with how many lines were left away for it.
    let mut found: Vec<(usize, Standing)> = Vec::new();
    let mut since = None;
    for left in 0..=MOST_LEFT {
        for form in &forms {
            for (front, back) in (0..=left).map(|front| (front, left - front)) {
                let Some(kept) = form.len().checked_sub(back).and_then(|end| form.get(front..end)) else { continue };
                let cut = form.iter().take(front).chain(form.iter().rev().take(back));
                if kept.is_empty() || !cut.clone().all(|item| keeps(item.old)) {
                    continue;
                }
                // Brackets and blanks stand anywhere: where something said more, they are no rival of it.
                if since.is_some() && !kept.iter().any(|item| item.key.is_some() && telling(item.old)) {
                    continue;
                }
                for start in starts(text, rung, kept)? {
                    let mut standing: Standing = vec![None; old.len()];
                    for (offset, item) in kept.iter().enumerate().filter(|(_, item)| item.key.is_some()) {
                        if let Some(slot) = standing.get_mut(item.old) {
                            *slot = Some(start + offset);
                        }
                    }
                    found.push((left, standing));
                    if found.len() > MOST_FOUND {
                        return None;
                    }
                }
            }
        }
        // One step further than the first find: what comes so near must be the same place.
        match since {
            Some(()) => break,
            None if !found.is_empty() => since = Some(()),
            None => {}
        }
    }
    let ((least, best), others) = found.split_first()?;
    let edit = |standing| changes(&blocks, standing, old.len(), text.lines.len());
    let first = edit(best)?;
    let ranges = |changes: &[Change]| changes.iter().map(|change| change.range.clone()).collect::<Vec<_>>();
    // The stated line is a witness as a second line of context is.
    let is_stated = |standing: &Standing| {
        let there = standing.iter().enumerate().find_map(|(at, stands)| Some((at, (*stands)?)));
        there.is_some_and(|(at, stands)| hunk.stated.is_some_and(|stated| stated + at == stands + 1))
    };
    let agrees = is_stated(best);
    // With more lines left away it is the same place, though an insertion may lack a neighbour now.
    let within = |other: &Standing| other.iter().zip(best).all(|(other, best)| other.is_none() || other == best);
    // A line that says something stands at the best place and not there, and nothing speaks for it instead. Lines that are added have
    // only their neighbours to tell the place, and need the stated line with them.
    let is_poorer = |left: usize, other: &Standing| {
        let both = || other.iter().zip(best).enumerate();
        left > *least
            && (agrees || (!is_stated(other) && blocks.iter().all(|block| !block.deletes.is_empty())))
            && both().all(|(_, (other, best))| other.is_none() || best.is_some())
            && both().any(|(at, (other, best))| other.is_none() && best.is_some() && telling(at))
    };
    let mut rivals = others.iter().filter(|(left, other)| !within(other) && !is_poorer(*left, other));
    if rivals.any(|(_, other)| edit(other).is_none_or(|other| ranges(&other) != ranges(&first))) {
        return None;
    }
    let says = |at: &usize| line(*at).is_some_and(|line| !line.is_blank());
    let context = (0..old.len()).filter(|at| keeps(*at)).filter(says);
    let stands = |at: &usize| best.get(*at).is_some_and(Option::is_some);
    let (there, wanted) = (context.clone().filter(stands).count(), context.count());
    let heavy = (0..old.len()).filter(stands).filter(|at| telling(*at)).count();
    if there * 10 < wanted * 6 || heavy + usize::from(agrees) < 2 || heavy == 0 {
        return None;
    }
    let pairs = best.iter().zip(&old).filter_map(|(at, line)| Some((*line, (*at)?))).collect();
    Some(Placed { hunk: number, rung: Rung::Alignment, at: first.first()?.range.start, pairs, changes: first })
}

/// Where all items stand, one after the other. `None`: that are too many to try.
fn starts(text: &Text<'_>, rung: Rung, items: &[Item]) -> Option<Vec<usize>> {
    let index = text.index(rung);
    let places = |key: Key| index.places(key);
    let rarest =
        items.iter().enumerate().filter_map(|(at, item)| Some((at, item.key?))).min_by_key(|(_, key)| places(*key).len());
    let Some((offset, key)) = rarest else { return Some(Vec::new()) };
    if places(key).len() > MOST_STARTS {
        return None;
    }
    let mut found = Vec::new();
    for start in places(key).iter().filter_map(|at| (*at as usize).checked_sub(offset)) {
        let Some(there) = index.keys.get(start..start + items.len()) else { continue };
        let equal = there.iter().zip(items).take_while(|(have, item)| item.key.is_none_or(|key| key == **have)).count();
        text.steps.set(text.steps.get() + equal + 1);
        if text.steps.get() > MOST_STEPS {
            return None;
        }
        if equal == items.len() {
            found.push(start);
        }
    }
    Some(found)
}

/// What the blocks become. `None`: an insertion lacks a neighbour, or they are apart.
fn changes(blocks: &[Block], standing: &Standing, old: usize, length: usize) -> Option<Vec<Change>> {
    blocks
        .iter()
        .map(|block| {
            let at = |line: usize| standing.get(line).copied().flatten();
            let range = if block.deletes.is_empty() {
                // The beginning and the end of the file are neighbours as lines are.
                let before = (0..block.deletes.start).rev().find_map(at);
                let behind = (block.deletes.start..old).find_map(at);
                let spot = before.map_or(0, |before| before + 1);
                (behind.unwrap_or(length) == spot && (before.is_some() || behind.is_some())).then_some(spot..spot)?
            } else {
                at(block.deletes.start)?..at(block.deletes.end - 1)? + 1
            };
            Some(Change { range, adds: block.adds.clone(), ready: None })
        })
        .collect()
}
