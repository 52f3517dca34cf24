//! Places the hunks of one file: by rungs, of which the first that fits anywhere decides and must fit exactly once.

mod align;
mod apply;
mod behind;
mod blocks;
mod choose;
mod cut;
mod find;
mod holes;
mod indent;
mod misfit;
mod needle;
mod pieces;
mod placeholder;
mod repeats;
mod rungs;
mod text;

use std::ops::Range;

use text::Text;

pub(crate) use apply::{added, placeholder};
#[cfg(feature = "fuzz")]
pub(crate) use repeats::doubles;
pub use rungs::Rung;
pub(crate) use text::BOM;

use crate::model::{Hunk, Op};
use crate::refusal::{Refusal, Why};

/// A hunk with its place.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) hunk: usize,
    pub(crate) rung: Rung,
    /// First line of the file that the hunk speaks of, from 0.
    pub(crate) at: usize,
    /// Line of the hunk and line of the file that are the same.
    pairs: Vec<(usize, usize)>,
    changes: Vec<Change>,
}

/// Lines of the file that become other lines.
#[derive(Debug, Clone)]
struct Change {
    range: Range<usize>,
    /// Positions in [`Hunk::lines`].
    adds: Vec<usize>,
    /// Lines that stand ready, when they are not lines of the hunk.
    ready: Option<Vec<u8>>,
}

/// What became of the hunks of a file.
pub(crate) enum Outcome {
    /// The new bytes.
    Changed(Vec<u8>, Vec<Placed>),
    /// What the hunks ask for is there already.
    Already,
}

/// What is known of a hunk after the rungs.
enum State {
    Found(choose::Found),
    /// Its new lines stand there, its old ones do not.
    Already,
    Lost,
}

/// Places `hunks` in `before` and returns the text afterwards. What would come twice if they were placed once more is refused.
pub(crate) fn place(path: &str, before: &[u8], hunks: &[Hunk]) -> Result<Outcome, Refusal> {
    let outcome = place_once(path, before, hunks)?;
    if let Outcome::Changed(after, placed) = &outcome
        && let Some(number) = repeats::in_doubt(placed)
        && let Ok(Outcome::Changed(again, _)) = place_once(path, after, hunks)
        && repeats::doubles(before, after, &again)
    {
        let why =
            Why::Unsafe("what it adds would be added again by the same answer: it does not say enough of the place".to_owned());
        let good = placed.iter().map(|it| it.hunk + 1).filter(|at| *at != number + 1).collect();
        return Err(misfit::report(&Text::new(before), path, number, hunks.get(number), why, Rung::Alignment, good));
    }
    Ok(outcome)
}

fn place_once(path: &str, before: &[u8], hunks: &[Hunk]) -> Result<Outcome, Refusal> {
    // The mark before the text is no part of its first line, unless the answer says so.
    let knows_bom = hunks.iter().flat_map(|hunk| &hunk.lines).any(|line| line.text.starts_with(BOM));
    let (bom, before) = before.strip_prefix(BOM).filter(|_| !knows_bom).map_or((&[][..], before), |rest| (BOM, rest));
    let text = Text::new(before);
    let look = |hunk| (hunk, choose::look(&text, hunk));
    let looked = hunks.iter().map(look).map(|(hunk, state)| match (&state, &hunk.unnumbered) {
        (State::Lost, Some(other)) => look(other.as_ref()),
        _ => (hunk, state),
    });
    let (hunks, mut states): (Vec<&Hunk>, Vec<State>) = looked.unzip();
    if choose::all_there(&text, &hunks, &states) {
        return Ok(Outcome::Already);
    }
    let mixed = states.iter().any(|state| matches!(state, State::Already));
    choose::narrow(&text, &hunks, &mut states);
    repeats::settle(&text, &hunks, &mut states);
    let mut placed = Vec::new();
    let mut first_wrong = None;
    // The hunks that stand nowhere, unless others are refused for something else.
    let mut lost = Some(Vec::new());
    for (number, (hunk, state)) in hunks.iter().zip(&states).enumerate() {
        let result = match state {
            // What only takes lines away leaves nothing to know it by: beside hunks that have work to do it is in doubt.
            State::Already if !hunk.lines.iter().any(|line| line.op == Op::Add) => Err((Why::Nowhere, Rung::Punctuation)),
            State::Already => continue,
            State::Found(found) => match found.hits.as_slice() {
                [_] if mixed && found.post_elsewhere => Err((
                    Why::Unsafe("its result stands in the file already and its old lines at another place".to_owned()),
                    found.rung,
                )),
                [_] if found.may_stand => {
                    Err((Why::Unsafe("what it adds may stand there already, and nothing tells".to_owned()), found.rung))
                }
                [at] if choose::is_elsewhere(hunk, found, *at) => Err((
                    Why::Unsafe("its context says too little for a place that is not the stated one".to_owned()),
                    found.rung,
                )),
                [at] if choose::lacks_a_neighbour(&text, hunk, found, *at) => Err((
                    Why::Unsafe(
                        "it has fewer lines than its head says, and what is missing may stand beside what it adds".to_owned(),
                    ),
                    found.rung,
                )),
                [at] if choose::is_above_its_anchor(&text, hunk, found, *at) => Err((
                    Why::Unsafe("the only place where it fits is above the line below which it is said to be".to_owned()),
                    found.rung,
                )),
                [at] if choose::is_rivalled(&text, hunk, found, *at) => Err((
                    Why::Unsafe("the stated line has nearly the same text as the only place where it fits whole".to_owned()),
                    found.rung,
                )),
                [at] => Ok(contiguous(hunk, number, found, *at)),
                several => Err((Why::Several(several.iter().map(|at| at + 1).collect()), found.rung)),
            },
            State::Lost => needle::place(&text, before, hunk, number)
                .or_else(|| pieces::place(&text, hunk, number))
                .or_else(|| cut::place(&text, hunk, number))
                .or_else(|| holes::place(&text, hunk, number))
                .or_else(|| align::place(&text, hunk, number))
                .ok_or((Why::Nowhere, Rung::Alignment)),
        };
        let stands = result.as_ref().map_or(repeats::Stands::Nothing, |it| repeats::stands(&text, before, hunk, it));
        let result = match (stands, result) {
            (repeats::Stands::All, Ok(_)) => continue,
            (repeats::Stands::Some, Ok(it)) => {
                Err((Why::Unsafe("what it adds, or a part of it, stands in the file already".to_owned()), it.rung))
            }
            (_, result) => result,
        };
        let result = result.and_then(|it| match repeats::is_open(&text, hunk, &it) {
            true => Err((
                Why::Unsafe(
                    "what it adds at its end has no line beside it, and the hunk is not written as the file is".to_owned(),
                ),
                it.rung,
            )),
            false => Ok(it),
        });
        let result = result.and_then(|it| match cut_off(hunk, &it) {
            true => Err((
                Why::Unsafe("its last line has no end and does not stand there: the answer was cut off".to_owned()),
                it.rung,
            )),
            false => Ok(it),
        });
        match result.and_then(|it| checked(&text, hunk, it)) {
            Ok(it) => placed.push(it),
            Err((why, rung)) => {
                lost = lost
                    .filter(|_| matches!(state, State::Lost) && why == Why::Nowhere)
                    .map(|lost| [lost, vec![number]].concat());
                first_wrong.get_or_insert((number, why, rung));
            }
        }
    }
    if let Some((number, why, rung)) = first_wrong {
        if let Some((after, placed)) = behind::place(&text, path, &hunks, &placed, lost.unwrap_or_default()) {
            return Ok(Outcome::Changed([bom, &after].concat(), placed));
        }
        let good = placed.iter().map(|it| it.hunk + 1).collect();
        let hunk = hunks.get(number).copied();
        return Err(misfit::report(&text, path, number, hunk, why, rung, good));
    }
    if placed.is_empty() {
        return Ok(Outcome::Already);
    }
    if let Some((number, what)) = apply::inconsistent(&text, &hunks, &placed) {
        let good = placed.iter().map(|it| it.hunk + 1).filter(|at| *at != number + 1).collect();
        return Err(misfit::report(&text, path, number, hunks.get(number).copied(), Why::Unsafe(what), Rung::Exact, good));
    }
    let after = apply::apply(&text, path, &hunks, &mut placed)?;
    Ok(Outcome::Changed([bom, &after].concat(), placed))
}

/// Says whether the answer ends within the last line of a hunk that was placed without it.
fn cut_off(hunk: &Hunk, it: &Placed) -> bool {
    let last = hunk.lines.len().saturating_sub(1);
    let is_old = hunk.lines.last().is_some_and(|line| line.op != Op::Add && !line.raw);
    hunk.last && hunk.unended && is_old && !it.pairs.iter().any(|(line, _)| *line == last)
}

/// Lets a placed hunk through when what it adds can be trusted.
fn checked(text: &Text<'_>, hunk: &Hunk, it: Placed) -> Result<Placed, (Why, Rung)> {
    let Err(what) = apply::check(text, hunk, &it) else { return Ok(it) };
    let again = (it.rung == Rung::WhiteSpace).then(|| holes::to_the_letter(text, hunk, &it)).flatten();
    again.filter(|again| apply::check(text, hunk, again).is_ok()).ok_or((Why::Unsafe(what), it.rung))
}

fn contiguous(hunk: &Hunk, number: usize, found: &choose::Found, at: usize) -> Placed {
    let old = find::side(hunk, &found.range, Op::Add);
    let changes = blocks::blocks(hunk, &found.range)
        .into_iter()
        .map(|block| Change { range: at + block.deletes.start..at + block.deletes.end, adds: block.adds, ready: None })
        .collect();
    let pairs = old.into_iter().enumerate().map(|(offset, line)| (line, at + offset)).collect();
    Placed { hunk: number, rung: found.rung, at, pairs, changes }
}
