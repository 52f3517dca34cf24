//! What the next turn needs to know of a hunk that was refused.

use std::collections::HashMap;

use super::find::side;
use super::rungs::{Rung, normal};
use super::text::Text;
use crate::model::{Hunk, Op};
use crate::refusal::{Difference, Misfit, Refusal, Region, Why};

/// Lines of the file that a refusal shows.
const MOST_SHOWN: usize = 60;

/// Bytes of one line that a refusal shows.
const WIDEST: usize = 300;

pub(super) fn report(
    text: &Text<'_>,
    path: &str,
    number: usize,
    hunk: Option<&Hunk>,
    why: Why,
    rung: Rung,
    placed: Vec<usize>,
) -> Refusal {
    let old: Vec<&[u8]> = hunk
        .map(|hunk| {
            let lines = side(hunk, &(0..hunk.lines.len()), Op::Add);
            lines.iter().filter_map(|at| hunk.lines.get(*at)).map(|line| line.text.as_slice()).collect()
        })
        .unwrap_or_default();
    let near = match &why {
        Why::Several(lines) => lines.first().map(|line| line.saturating_sub(1)),
        Why::Nowhere | Why::Unsafe(_) => likely(text, &old),
    };
    let region = near.map(|at| {
        let from = at.saturating_sub(2);
        let to = (at + old.len() + 2).min(text.lines.len()).min(from + MOST_SHOWN);
        let lines: Vec<String> = (from..to).map(|at| shown(text.body(at))).collect();
        Region { line: from + 1, text: lines.join("\n") }
    });
    let difference = near.filter(|_| why == Why::Nowhere).and_then(|at| {
        old.iter().enumerate().find_map(|(offset, expected)| {
            let found = text.lines.get(at + offset).map(|line| line.body);
            let same = found.is_some_and(|found| normal(found, Rung::WhiteSpace) == normal(expected, Rung::WhiteSpace));
            (!same).then(|| Difference { line: at + offset + 1, expected: shown(expected), found: found.map(shown) })
        })
    });
    let suggestion = suggest(&why, region.as_ref());
    let line = hunk.map_or(0, |hunk| hunk.line);
    Refusal::Misfit(Box::new(Misfit {
        path: path.to_owned(),
        hunk: number + 1,
        line,
        why,
        rung,
        difference,
        region,
        suggestion,
        placed,
    }))
}

/// The place for which most lines of the hunk speak.
fn likely(text: &Text<'_>, old: &[&[u8]]) -> Option<usize> {
    let index = text.index(Rung::WhiteSpace);
    let mut votes: HashMap<usize, usize> = HashMap::new();
    for (offset, line) in old.iter().enumerate() {
        let places = index.places(index.key(line, Rung::WhiteSpace));
        for at in places.iter().take(4).filter(|_| places.len() <= 4) {
            *votes.entry((*at as usize).saturating_sub(offset)).or_default() += 1;
        }
    }
    votes.into_iter().max_by_key(|(at, count)| (*count, std::cmp::Reverse(*at))).map(|(at, _)| at)
}

fn suggest(why: &Why, region: Option<&Region>) -> String {
    match (why, region) {
        (Why::Several(lines), _) => {
            format!("add unchanged lines above or below until it fits one place only; it fits {} now", lines.len())
        }
        (Why::Nowhere, Some(region)) => {
            let last = region.line + region.text.lines().count().max(1) - 1;
            format!(
                "send this hunk alone, with its unchanged and deleted lines copied from lines {} to {last} as they stand",
                region.line
            )
        }
        (Why::Nowhere, None) => "read the file again: none of these lines is in it".to_owned(),
        (Why::Unsafe(_), _) => "send this hunk alone, with lines copied from the file as they stand".to_owned(),
    }
}

fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line.get(..WIDEST).unwrap_or(line)).into_owned()
}
