//! Looks for a hunk on the rungs, and decides between several places by what the answer says beside the text: the stated line, the
//! line below which it stands, and the order of the hunks.

use std::ops::Range;

use super::State;
use super::find::{places, readings, side};
use super::indent::Manner;
use super::rungs::{Rung, WHOLE_HUNK, normal, without_bom};
use super::text::Text;
use crate::model::{Hunk, Line, Op};

/// Where a hunk stands on the first rung that fits.
pub(super) struct Found {
    pub(super) rung: Rung,
    /// The lines of the hunk that were looked for.
    pub(super) range: Range<usize>,
    /// Lines of the file, from 0.
    pub(super) hits: Vec<usize>,
    /// How many lines it takes there.
    length: usize,
    /// Its new lines stand somewhere as well.
    pub(super) post_elsewhere: bool,
    /// It may stand there already: among lines that are alike, or without lines at its end that need not be of the hunk.
    pub(super) may_stand: bool,
}

/// Whether what a hunk inserts stands round its own old lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    No,
    Stands,
    /// Its old lines are neighbours, with the new ones between them and without: the file cannot tell the two apart.
    Unclear,
}

/// Says whether the old lines of a hunk are, at each of `hits`, part of its own result, which stands at `posts`.
pub(super) fn around(hunk: &Hunk, range: &Range<usize>, hits: &[usize], posts: &[usize]) -> Around {
    let (old, new) = (side(hunk, range, Op::Add).len(), side(hunk, range, Op::Delete).len());
    let inside = |at: &usize| new > old && posts.iter().any(|post| post <= at && at + old <= post + new);
    if !hits.iter().all(inside) {
        return Around::No;
    }
    let stays = |at: usize| hunk.lines.get(at).is_some_and(|line| line.op == Op::Keep);
    if !stays(range.start) || !stays(range.end.saturating_sub(1)) {
        return Around::Stands;
    }
    let stated = |at: &usize| stated_at(hunk, at.saturating_sub(range.start));
    match hits {
        [at] if posts.contains(at) => Around::Unclear,
        [at] if stated(at) => Around::No,
        _ if posts.iter().any(stated) => Around::Stands,
        _ => Around::Unclear,
    }
}

/// Looks for a hunk on the rungs.
pub(super) fn look(text: &Text<'_>, hunk: &Hunk) -> State {
    look_on(text, hunk, &WHOLE_HUNK).unwrap_or_else(|| {
        let there = readings(hunk).iter().any(|range| result_stands(text, hunk, range));
        if there { State::Already } else { State::Lost }
    })
}

/// Looks for a hunk on some rungs. `None`: it stands nowhere on them.
pub(super) fn look_on(text: &Text<'_>, hunk: &Hunk, rungs: &[Rung]) -> Option<State> {
    let readings = readings(hunk);
    for rung in rungs.iter().copied() {
        for range in &readings {
            let old = side(hunk, range, Op::Add);
            if old.is_empty() {
                return Some(if text.lines.is_empty() && hunk.stated.unwrap_or(0) <= 1 {
                    State::Found(Found {
                        rung,
                        range: range.clone(),
                        hits: vec![0],
                        length: 0,
                        post_elsewhere: false,
                        may_stand: false,
                    })
                } else {
                    empty_side(text, hunk, range)
                });
            }
            let mut hits = places(text, hunk, &old, rung);
            if hunk.at_end {
                let ending: Vec<usize> = hits.iter().copied().filter(|at| at + old.len() == text.lines.len()).collect();
                if !ending.is_empty() {
                    hits = ending;
                }
            }
            if hits.is_empty() {
                continue;
            }
            let new = side(hunk, range, Op::Delete);
            let posts = places(text, hunk, &new, rung);
            // A result that shares lines with what is still to be changed is no trace of the change.
            let apart = |post: &usize| hits.iter().all(|at| post + new.len() <= *at || at + old.len() <= *post);
            // The stated line is that of the hunk's first line, whether it counts or not.
            let first = |at: usize| at.saturating_sub(range.start);
            let shown = |post: &usize| shows_change(text, hunk, range, *post, new.len());
            let made = |post: &usize| stands_at(hunk, first(*post)) && apart(post) && shown(post);
            let around = around(hunk, range, &hits, &posts);
            let stated = hits.iter().any(|at| stated_at(hunk, first(*at)));
            if around == Around::Stands || (posts.iter().any(made) && !stated) {
                return Some(State::Already);
            }
            let post_elsewhere = informative(hunk, &new) && !posts.is_empty();
            let may_stand =
                readings.iter().filter(|other| *other != range).any(|other| stands_inside(text, hunk, other, &hits, rung));
            let length = old.len();
            return Some(State::Found(Found { rung, range: range.clone(), hits, length, post_elsewhere, may_stand }));
        }
    }
    None
}

/// Says whether the part `range` of a hunk adds lines, and stands with them where one of `hits` begins.
fn stands_inside(text: &Text<'_>, hunk: &Hunk, range: &Range<usize>, hits: &[usize], rung: Rung) -> bool {
    let (old, new) = (side(hunk, range, Op::Add), side(hunk, range, Op::Delete));
    let holds = |post: &usize| hits.iter().any(|at| (*post..post + new.len()).contains(at));
    new.len() > old.len() && places(text, hunk, &new, rung).iter().any(holds)
}

/// A hunk that only adds, without context: there is no place to find, but it may have been added before.
fn empty_side(text: &Text<'_>, hunk: &Hunk, range: &Range<usize>) -> State {
    let new = side(hunk, range, Op::Delete);
    let whole_file = places(text, hunk, &new, Rung::Exact) == [0] && new.len() == text.lines.len();
    if whole_file { State::Already } else { State::Lost }
}

/// Says whether the new lines of a hunk stand at one place, or where they are said to.
fn result_stands(text: &Text<'_>, hunk: &Hunk, range: &Range<usize>) -> bool {
    let new = side(hunk, range, Op::Delete);
    if !informative(hunk, &new) {
        return false;
    }
    WHOLE_HUNK.into_iter().filter(|rung| *rung != Rung::LostPrefix).any(|rung| {
        // White space that is the whole change cannot be seen where white space does not count.
        let differs = rung == Rung::Exact || side_text(hunk, range, Op::Add, rung) != side_text(hunk, range, Op::Delete, rung);
        let posts = places(text, hunk, &new, rung);
        // A deleted line that still stands there was not deleted.
        let still = |post: &usize| {
            let near = post.saturating_sub(range.len())..(post + new.len() + range.len()).min(text.lines.len());
            let deleted =
                range.clone().filter_map(|at| hunk.lines.get(at)).filter(|line| line.op == Op::Delete && tells(&line.text));
            let index = text.index(Rung::Punctuation);
            let there: std::collections::HashSet<_> = index.keys.get(near).unwrap_or_default().iter().collect();
            deleted.into_iter().any(|line| there.contains(&index.key(&line.text, Rung::Punctuation)))
        };
        let adds = hunk.lines.iter().any(|line| line.op == Op::Add);
        let shown = |post: &usize| shows_change(text, hunk, range, *post, new.len());
        let written = |post: &&usize| shown(post) && written_so(text, hunk, &new, **post, rung);
        let posts: Vec<usize> = posts.iter().filter(written).copied().collect();
        differs && (adds || !posts.iter().any(still)) && (posts.len() == 1 || posts.iter().any(|post| stands_at(hunk, *post)))
    })
}

/// Says whether a result of so many lines at `post` tells that the change was made: with lines that were added, or with what stood before
/// and behind the deleted ones side by side. Without one of the two it is context, which stands there anyhow.
fn shows_change(text: &Text<'_>, hunk: &Hunk, range: &Range<usize>, post: usize, length: usize) -> bool {
    let lines = hunk.lines.get(range.clone()).unwrap_or_default();
    let deletes = |line: Option<&Line>| line.is_some_and(|line| line.op == Op::Delete);
    lines.iter().any(|line| line.op == Op::Add)
        || ((!deletes(lines.first()) || post == 0) && (!deletes(lines.last()) || post + length == text.lines.len()))
}

/// Says whether the added lines of a result are written in the file as the context there says that they would be.
fn written_so(text: &Text<'_>, hunk: &Hunk, new: &[usize], post: usize, rung: Rung) -> bool {
    let op = |at: usize| hunk.lines.get(at).map(|line| line.op);
    let pairs: Vec<(usize, usize)> =
        new.iter().enumerate().map(|(offset, at)| (*at, post + offset)).filter(|(at, _)| op(*at) == Some(Op::Keep)).collect();
    let manner = Manner::learn(text, hunk, &pairs, rung);
    new.iter().enumerate().filter(|(_, at)| op(**at) == Some(Op::Add)).all(|(offset, at)| {
        let Some(line) = hunk.lines.get(*at) else { return false };
        line.is_blank() || manner.line(&line.text).is_ok_and(|line| line.as_ref() == without_bom(text.body(post + offset)))
    })
}

fn side_text(hunk: &Hunk, range: &Range<usize>, without: Op, rung: Rung) -> Vec<Vec<u8>> {
    side(hunk, range, without)
        .iter()
        .filter_map(|at| hunk.lines.get(*at))
        .map(|line| normal(&line.text, rung).into_owned())
        .collect()
}

/// Enough text to be known again: an added line that says something, or two such lines of context.
fn informative(hunk: &Hunk, new: &[usize]) -> bool {
    let says = |at: &&usize| hunk.lines.get(**at).is_some_and(|line| tells(&line.text));
    let added = new.iter().any(|at| hunk.lines.get(*at).is_some_and(|line| line.op == Op::Add && !line.is_blank()));
    let count = new.iter().filter(says).count();
    count >= 2 || (added && count >= 1)
}

/// Says whether a line has four signs or more that are no blanks.
pub(super) fn tells(line: &[u8]) -> bool {
    line.iter().filter(|byte| !byte.is_ascii_whitespace()).nth(3).is_some()
}

/// Says whether a hunk that only adds, and whose context is nothing but brackets and blanks, stands at another line than it says.
pub(super) fn is_elsewhere(hunk: &Hunk, found: &Found, at: usize) -> bool {
    let old = side(hunk, &found.range, Op::Add);
    let says = old.iter().any(|at| hunk.lines.get(*at).is_some_and(|line| tells(&line.text)));
    let deletes = hunk.lines.iter().any(|line| line.op == Op::Delete);
    !says && !deletes && !old.is_empty() && hunk.stated.is_some_and(|stated| stated + found.range.start != at + 1)
}

/// Says whether a hunk that has fewer old lines than its head counts begins or ends with added ones at `at`: what it lacks may be the
/// line beside them. The stated line, and the end of the file, say that it is not.
pub(super) fn lacks_a_neighbour(text: &Text<'_>, hunk: &Hunk, found: &Found, at: usize) -> bool {
    let short = hunk.counts.is_some_and(|(old, _)| hunk.sizes().0 < old);
    let adds = |line: Option<usize>| line.and_then(|at| hunk.lines.get(at)).is_some_and(|line| line.op == Op::Add);
    let above = adds(Some(found.range.start)) && at > 0 && !stated_at(hunk, at.saturating_sub(found.range.start));
    let below = adds(found.range.end.checked_sub(1)) && at + found.length < text.lines.len();
    short && (above || below)
}

/// Lines that a hunk may have too few of and still be meant for the place that it states.
const SLACK: usize = 4;

/// Says whether the stated line begins with the hunk's first line and has most of the others behind it, where the hunk stands whole at
/// `at` and only there: a line was forgotten, or the number is wrong.
pub(super) fn is_rivalled(text: &Text<'_>, hunk: &Hunk, found: &Found, at: usize) -> bool {
    let Some(stated) = hunk.stated.and_then(|stated| (stated + found.range.start).checked_sub(1)).filter(|there| *there != at)
    else {
        return false;
    };
    let index = text.index(Rung::WhiteSpace);
    let old: Vec<&[u8]> =
        side(hunk, &found.range, Op::Add).iter().filter_map(|at| hunk.lines.get(*at)).map(|line| line.text.as_slice()).collect();
    let key = |line: &[u8]| index.key(line, Rung::WhiteSpace);
    let first = old.first().map(|line| key(line));
    if first.is_none() || index.keys.get(stated).copied() != first {
        return false;
    }
    let mut from = stated;
    let end = (stated + old.len() + SLACK).min(index.keys.len());
    let (mut same, mut all) = (0, 0);
    for line in old.iter().filter(|line| tells(line)) {
        all += 1;
        let wanted = key(line);
        if let Some(there) = (from..end).find(|at| index.keys.get(*at) == Some(&wanted)) {
            // The lines where it does fit speak for that place.
            same += usize::from(!(at..at + old.len()).contains(&there));
            from = there + 1;
        }
    }
    same >= 2 && same * 4 >= all * 3
}

fn stated_at(hunk: &Hunk, at: usize) -> bool {
    hunk.stated == Some(at + 1)
}

fn stands_at(hunk: &Hunk, at: usize) -> bool {
    stated_at(hunk, at) || hunk.stated_new == Some(at + 1)
}

/// Says whether the file is what the answer asks for: every hunk's result stands there, and some hunk has nothing left to do.
pub(super) fn all_there(text: &Text<'_>, hunks: &[&Hunk], states: &[State]) -> bool {
    let mut done = 0;
    for (hunk, state) in hunks.iter().zip(states) {
        match state {
            State::Already => done += 1,
            State::Found(found) => {
                let new = side(hunk, &found.range, Op::Delete);
                if new.is_empty() || places(text, hunk, &new, found.rung).is_empty() {
                    return false;
                }
            }
            State::Lost => return false,
        }
    }
    done > 0
}

/// Decides between several places where the answer says enough.
pub(super) fn narrow(text: &Text<'_>, hunks: &[&Hunk], states: &mut [State]) {
    for (hunk, state) in hunks.iter().zip(states.iter_mut()) {
        if let State::Found(found) = state
            && found.hits.len() > 1
            && !hunk.anchors.is_empty()
        {
            let inside = below(text, &hunk.anchors);
            let hits: Vec<usize> =
                found.hits.iter().copied().filter(|at| inside.iter().any(|range| range.contains(at))).collect();
            if hits.len() == 1 {
                found.hits = hits;
            }
        }
    }
    by_stated(hunks, states);
    by_order(hunks, states);
}

/// By how much the stated lines are off where the place is known, if that is the same everywhere. Nothing known is nothing off.
fn common_offset(hunks: &[&Hunk], states: &[State]) -> Option<i64> {
    let mut offset = None;
    for (hunk, state) in hunks.iter().zip(states.iter()) {
        if let (State::Found(found), Some(stated)) = (state, hunk.stated)
            && let [at] = found.hits.as_slice()
        {
            let lead = i64::try_from(found.range.start).unwrap_or(0);
            let off = signed(*at) + 1 - lead - signed(stated);
            if *offset.get_or_insert(off) != off {
                return None;
            }
        }
    }
    Some(offset.unwrap_or(0))
}

/// Takes the stated line where it is one of the places. Numbers that are off elsewhere in the file must all be off by the same.
fn by_stated(hunks: &[&Hunk], states: &mut [State]) {
    let Some(offset) = common_offset(hunks, states) else { return };
    for (hunk, state) in hunks.iter().zip(states.iter_mut()) {
        if let (State::Found(found), Some(stated)) = (state, hunk.stated)
            && found.hits.len() > 1
            && found.rung == Rung::Exact
        {
            let wanted = signed(stated) - 1 + offset + signed(found.range.start);
            let hits: Vec<usize> = found.hits.iter().copied().filter(|at| signed(*at) == wanted).collect();
            if hits.len() == 1 {
                found.hits = hits;
            }
        }
    }
}

/// Takes the only place between the neighbours, where the order of the hunks means something: in V4A, and where lines are stated.
fn by_order(hunks: &[&Hunk], states: &mut [State]) {
    let mut order: Vec<usize> = (0..hunks.len()).collect();
    let stated: Vec<Option<usize>> = hunks.iter().map(|hunk| hunk.stated).collect();
    if stated.iter().all(Option::is_some) {
        order.sort_by_key(|at| stated.get(*at).copied().flatten());
        // Numbers that are wrong, and another order than the answer's: neither says anything.
        if !order.is_sorted() && common_offset(hunks, states) != Some(0) {
            return;
        }
    } else if hunks.iter().any(|hunk| hunk.needle.is_some() || hunk.stated.is_some()) {
        return;
    }
    let single = |state: &State| match state {
        State::Found(found) => match found.hits.as_slice() {
            [at] => Some((*at, *at + found.length)),
            _ => None,
        },
        _ => None,
    };
    let known: Vec<Option<(usize, usize)>> = order.iter().map(|at| states.get(*at).and_then(single)).collect();
    let sure: Vec<(usize, usize)> = known.iter().copied().flatten().collect();
    if sure.is_empty() || sure.windows(2).any(|pair| matches!(pair, [a, b] if a.0 > b.0)) {
        return;
    }
    let left = in_order(&order, states);
    for (rank, at) in order.iter().enumerate() {
        let after = known.iter().take(rank).rev().flatten().next().map_or(0, |(_, end)| *end);
        let before = known.iter().skip(rank + 1).flatten().next().map_or(usize::MAX, |(start, _)| *start);
        if let Some(State::Found(found)) = states.get_mut(*at)
            && found.hits.len() > 1
            && let Some([hit]) = left.get(rank).map(Vec::as_slice)
            && *hit >= after
            && *hit + found.length <= before
        {
            found.hits = vec![*hit];
        }
    }
}

/// Returns for each hunk, in that order, the places that are left when each begins behind the one before it. Context may be shared with a
/// neighbour, so the starts are what is compared.
fn in_order(order: &[usize], states: &[State]) -> Vec<Vec<usize>> {
    let hits = |at: &usize| match states.get(*at) {
        Some(State::Found(found)) => found.hits.clone(),
        _ => Vec::new(),
    };
    let mut left: Vec<Vec<usize>> = order.iter().map(hits).collect();
    let mut least = None;
    for hits in left.iter_mut().filter(|hits| !hits.is_empty()) {
        hits.retain(|hit| least.is_none_or(|least| *hit > least));
        least = hits.first().copied().or(Some(usize::MAX));
    }
    let mut most = None;
    for hits in left.iter_mut().rev().filter(|hits| !hits.is_empty()) {
        hits.retain(|hit| most.is_none_or(|most| *hit < most));
        most = hits.last().copied().or(Some(0));
    }
    left
}

/// Returns the lines below the innermost of `anchors`: those that are indented deeper than it.
fn below(text: &Text<'_>, anchors: &[Vec<u8>]) -> Vec<Range<usize>> {
    let mut scopes: Vec<Range<usize>> = std::iter::once(0..text.lines.len()).collect();
    for anchor in anchors {
        let wanted = normal(anchor, Rung::WhiteSpace);
        let index = text.index(Rung::WhiteSpace);
        let key = index.key(&wanted, Rung::WhiteSpace);
        // An anchor that stands everywhere says nothing.
        let inner: Vec<Range<usize>> = index
            .places(key)
            .get(..)
            .filter(|places| places.len() <= 200)
            .unwrap_or_default()
            .iter()
            .map(|at| *at as usize)
            .filter(|at| scopes.iter().any(|scope| scope.contains(at)))
            .map(|at| at..end_of_scope(text, at))
            .collect();
        // An anchor that the file does not have says nothing.
        if !inner.is_empty() {
            scopes = inner;
        }
    }
    scopes
}

/// Says whether a hunk that stands at `at` changes something above the line below which it is said to stand.
pub(super) fn is_above_its_anchor(text: &Text<'_>, hunk: &Hunk, found: &Found, at: usize) -> bool {
    let old = side(hunk, &found.range, Op::Add);
    let op = |line: &usize| hunk.lines.get(*line).map(|line| line.op);
    let changed = at + old.iter().position(|line| op(line) != Some(Op::Keep)).unwrap_or(old.len());
    let index = text.index(Rung::WhiteSpace);
    hunk.anchors.iter().any(|anchor| {
        let places = index.places(index.key(&normal(anchor, Rung::WhiteSpace), Rung::WhiteSpace));
        places.first().is_some_and(|first| *first as usize > changed)
    })
}

fn end_of_scope(text: &Text<'_>, at: usize) -> usize {
    let depth = |line: &[u8]| line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let own = depth(text.body(at));
    let closes = |line: &[u8]| matches!(line.trim_ascii().first(), Some(b'}' | b')' | b']' | b'{'));
    (at + 1..text.lines.len())
        .find(|next| {
            let line = text.body(*next);
            !line.trim_ascii().is_empty() && depth(line) <= own && !closes(line)
        })
        .unwrap_or(text.lines.len())
}

fn signed(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX / 4)
}
