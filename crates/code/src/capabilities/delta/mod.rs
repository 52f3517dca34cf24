//! What a change newly lets a program do: the scan of the result less that of what was there before.
//!
//! Things are paired by function and resource first, then by their code within the file, then by their code anywhere: what moved or was
//! renamed is no gain. What cannot be known (a stretch that does not parse, a file that cannot be read) is for a person to judge, and
//! never "nothing".

mod unknown;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use domain::{Digest, RepoPath};
use rayon::prelude::*;

use super::{Capability, Found, Scan, Scans, Skipped};
use crate::multiset::cancel;
use unknown::{newly_unread, renamed_by_first_line, unknown};

/// What comes after so much code is not looked at.
const MOST_BYTES: usize = 64 << 20;

/// A file as it was and as it becomes.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Its path.
    pub path: &'a RepoPath,
    /// Its text before; `None` when it is new.
    pub before: Option<&'a [u8]>,
    /// Its text after; `None` when it is deleted.
    pub after: Option<&'a [u8]>,
}

/// Something that a file lets the program do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Placed {
    /// The file.
    pub path: RepoPath,
    /// What it is.
    #[serde(flatten)]
    pub found: Found,
}

/// Changed code of which it cannot be said what it does.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unknown {
    /// The file.
    pub path: RepoPath,
    /// Where, from 1.
    pub line: u32,
    /// Why.
    pub why: String,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Delta {
    /// What the program can do now and could not do before.
    pub added: Vec<Placed>,
    /// What it cannot do any more.
    pub removed: Vec<Placed>,
    /// How many things are as they were, perhaps elsewhere.
    pub unchanged: usize,
    /// What cannot be known.
    pub unknown: Vec<Unknown>,
}

/// Says of each change whether it is among those that are looked at: as many as hold a bounded amount of code.
pub(crate) fn within_bounds(changes: &[Change<'_>]) -> Vec<bool> {
    let mut bytes = 0_usize;
    let lengths = changes.iter().map(|one| one.before.map_or(0, <[u8]>::len) + one.after.map_or(0, <[u8]>::len));
    lengths
        .map(|length| {
            bytes = bytes.saturating_add(length);
            // What is too large by itself is skipped at no cost.
            bytes <= MOST_BYTES || length > 2 * crate::parsing::MAX_BYTES
        })
        .collect()
}

/// Returns what changes let the program do, and what not any more. `scans` knows what was looked at before.
#[must_use]
pub fn delta(changes: &[Change<'_>], scans: &Scans) -> Delta {
    let each = changes.par_iter().zip(within_bounds(changes)).with_max_len(1);
    let looked: Vec<(Scan, Scan)> = each.map(|(change, is_within)| looked_at(change, is_within, scans)).collect();
    between(changes, looked)
}

/// Returns what a file lets the program do, before a change and after it.
pub(crate) fn looked_at(Change { path, before, after }: &Change<'_>, is_within: bool, scans: &Scans) -> (Scan, Scan) {
    let look = |text: Option<&[u8]>| text.map(|text| (*scans.of(path, text)).clone()).unwrap_or_default();
    match is_within {
        true => (look(*before), look(*after)),
        false => (Scan::default(), Scan { skipped: Some(Skipped::TooMuch), ..Scan::default() }),
    }
}

/// Returns the difference that changes make, of which each file was looked at as it was and as it becomes.
pub(crate) fn between(changes: &[Change<'_>], looked: Vec<(Scan, Scan)>) -> Delta {
    let mut delta = Delta::default();
    let unread = newly_unread(changes, &looked);
    for (at, (Change { path, before, after }, (old, new))) in changes.iter().zip(looked).enumerate() {
        let placed = |found: Found| Placed { path: (*path).clone(), found };
        if let Some(after) = after {
            let changed = changed_lines(before.unwrap_or_default(), after);
            let is_changed = |(first, last): (u32, u32)| changed.iter().find(|line| (first..=last).contains(*line)).copied();
            let mut places = unread.iter().filter(|one| one.at == at).filter_map(|one| is_changed(one.lines));
            delta.unknown.extend(places.next().map(|line| Unknown {
                path: (*path).clone(),
                line,
                why: "it stands in code that does not parse".to_owned(),
            }));
            if let Some(why) = renamed_by_first_line(path, *before, after) {
                delta.unknown.push(Unknown { path: (*path).clone(), line: 1, why });
            }
            if let Some(why) = new.skipped.and_then(|why| unknown(path, *before, after, why)) {
                delta.unknown.push(Unknown { path: (*path).clone(), line: changed.first().copied().unwrap_or(1), why });
            }
        }
        delta.removed.extend(old.found.into_iter().map(placed));
        delta.added.extend(new.found.into_iter().map(placed));
    }
    let Delta { added, removed, unchanged, .. } = &mut delta;
    // What is the same to the letter first, then what is called by the same name: so what is told is what is new. What it is done to is in
    // all of them: a call that reads the same may be given something else.
    let place = |one: &Placed| (one.path.clone(), one.found.function.clone(), thing(one));
    *unchanged += cancel(added, removed, |one| (place(one), one.found.evidence.clone()));
    *unchanged += cancel(added, removed, |one| (place(one), one.found.evidence.split('(').next().map(str::to_owned)));
    *unchanged += cancel(added, removed, place);
    *unchanged += cancel(added, removed, |one| (one.path.clone(), one.found.evidence.clone(), thing(one)));
    *unchanged += cancel(added, removed, |one| (one.found.evidence.clone(), thing(one)));
    delta
}

/// Returns the lines of `after`, from 1, that `before` does not have, counting repeats.
pub(crate) fn changed_lines(before: &[u8], after: &[u8]) -> Vec<u32> {
    let mut old: HashMap<&[u8], usize> = HashMap::new();
    for line in before.split(|byte| *byte == b'\n') {
        *old.entry(line.trim_ascii()).or_default() += 1;
    }
    let is_new = |line: &[u8]| match old.get_mut(line.trim_ascii()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    let mut is_new = is_new;
    let lines = after.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| is_new(line) && !line.trim_ascii().is_empty());
    lines.filter_map(|(at, _)| u32::try_from(at + 1).ok()).collect()
}

/// What a program can do, and to what.
fn thing(one: &Placed) -> (Capability, Option<String>, Option<Digest>) {
    (one.found.capability, one.found.resource.clone(), one.found.beyond)
}
