//! What of a change cannot be known: code that did parse and does not any more, and files that cannot be looked at.

use domain::RepoPath;

use super::super::languages::foreign;
use super::super::{Scan, Skipped};
use super::Change;
use crate::language::{language_of, language_of_file};
use crate::multiset::cancel;

/// Lines of a file that do not parse.
pub(super) struct Stretch<'t> {
    /// Which change they are of.
    pub(super) at: usize,
    /// From 1.
    pub(super) lines: (u32, u32),
    /// What stands there; nothing, when that is too long to be looked for elsewhere.
    text: Vec<&'t [u8]>,
}

/// Returns what does not parse now and did parse, or was not there, before: what was only moved is as it was.
pub(super) fn newly_unread<'t>(changes: &[Change<'t>], looked: &[(Scan, Scan)]) -> Vec<Stretch<'t>> {
    const LONGEST: usize = 200;
    fn of<'t>(at: usize, text: Option<&'t [u8]>, scan: &Scan) -> Vec<Stretch<'t>> {
        if scan.unread.is_empty() {
            return Vec::new();
        }
        let all: Vec<&[u8]> = text.unwrap_or_default().split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect();
        let stretch = |lines: &(u32, u32)| {
            let text = all.get(lines.0.saturating_sub(1) as usize..lines.1 as usize).unwrap_or_default();
            Stretch { at, lines: *lines, text: if text.len() > LONGEST { Vec::new() } else { text.to_vec() } }
        };
        scan.unread.iter().map(stretch).collect()
    }
    let mut new = Vec::new();
    let mut old = Vec::new();
    for (at, (change, (before, after))) in changes.iter().zip(looked).enumerate() {
        new.extend(of(at, change.after, after));
        old.extend(of(at, change.before, before));
    }
    old.retain(|one| !one.text.is_empty());
    cancel(&mut new, &mut old, |one| one.text.clone());
    new
}

/// Returns why it is not known what a file does that was not looked at; `None` where it is data, or as it was.
pub(super) fn unknown(path: &RepoPath, before: Option<&[u8]>, after: &[u8], why: Skipped) -> Option<String> {
    if before == Some(after) {
        return None;
    }
    let is_code = language_of(path).is_some() || foreign::is_code(path) || after.starts_with(b"#!");
    if why != Skipped::Language || is_code {
        return Some(why.to_string());
    }
    let mut new = foreign::scripts(path, after);
    let mut old = before.map(|before| foreign::scripts(path, before)).unwrap_or_default();
    cancel(&mut new, &mut old, Clone::clone);
    (!new.is_empty()).then(|| "it holds a script, which is not looked into".to_owned())
}

/// Returns why it is not known what a file does whose first line newly makes it another language than its name says: whoever runs it by
/// the name runs what was not looked at.
pub(super) fn renamed_by_first_line(path: &RepoPath, before: Option<&[u8]>, after: &[u8]) -> Option<String> {
    let (named, read) = (language_of(path)?, language_of_file(path, after)?);
    let was_read = before.and_then(|before| language_of_file(path, before));
    (read != named && was_read != Some(read)).then(|| format!("its first line says that it is {read}, and its name {named}"))
}
