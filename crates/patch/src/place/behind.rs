//! Hunks that are written for the text that the other hunks of the answer leave: they stand nowhere in the file, and to the letter in what
//! becomes of it. Which hunk comes first in the answer does not matter.

use super::choose::look_on;
use super::rungs::Rung;
use super::text::Text;
use super::{Placed, State, apply, contiguous};
use crate::model::Hunk;

/// Hunks that are written one on top of the other.
const MOST: usize = 8;

/// Places the `lost` hunks in what the placed ones leave. `None`: some hunk fits there neither.
pub(super) fn place(
    text: &Text<'_>,
    path: &str,
    hunks: &[&Hunk],
    placed: &[Placed],
    mut lost: Vec<usize>,
) -> Option<(Vec<u8>, Vec<Placed>)> {
    let mut all = placed.to_vec();
    if lost.is_empty() || placed.is_empty() || apply::inconsistent(text, hunks, placed).is_some() {
        return None;
    }
    let mut bytes = apply::apply(text, path, hunks, &mut all).ok()?;
    for _ in 0..MOST {
        let now = Text::new(&bytes);
        let mut found: Vec<Placed> = lost.iter().filter_map(|number| fit(&now, hunks.get(*number)?, *number)).collect();
        if found.is_empty() {
            return None;
        }
        all.extend(found.iter().cloned());
        bytes = apply::apply(&now, path, hunks, &mut found).ok()?;
        lost.retain(|number| !found.iter().any(|it| it.hunk == *number));
        if lost.is_empty() {
            return Some((bytes, all));
        }
    }
    None
}

/// Places a hunk to the letter, at the only place.
fn fit(text: &Text<'_>, hunk: &Hunk, number: usize) -> Option<Placed> {
    match look_on(text, hunk, &[Rung::Exact, Rung::TrailingSpace])? {
        State::Found(found) => match found.hits.as_slice() {
            [at] => Some(contiguous(hunk, number, &found, *at)).filter(|it| apply::check(text, hunk, it).is_ok()),
            _ => None,
        },
        State::Already | State::Lost => None,
    }
}
