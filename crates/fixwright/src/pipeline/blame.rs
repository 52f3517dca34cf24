//! Whose doing a new finding is.

use std::collections::BTreeSet;

use domain::{Edit, Files, Finding, RepoPath};

use super::items::Items;

/// A new finding within so many lines of an edit is most likely that edit's.
const NEAR: u32 = 2;

/// The applied items that may have caused a finding, likeliest first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Blame {
    pub(crate) suspects: Vec<usize>,
    /// It can be nobody else.
    pub(crate) is_sure: bool,
}

/// Lays a finding at the door of those who edited its line, or took away a name that it speaks of; else of those nearest to it, else of
/// all in its file, else of all.
pub(crate) fn blame(finding: &Finding, items: &Items, base: &Files) -> Blame {
    let applied = items.applied();
    let Some(location) = &finding.location else {
        return Blame { is_sure: applied.len() == 1, suspects: applied.into_iter().collect() };
    };
    let mut near = items.overlay.near(&location.path, location.line);
    near.retain(|(owner, _)| applied.contains(owner));
    let within = |distance: u32| -> Vec<usize> { near.iter().filter(|(_, d)| *d == distance).map(|(owner, _)| *owner).collect() };
    let on_its_line = within(0);
    let sure =
        if on_its_line.is_empty() { took_away(finding, items, base, near.iter().map(|(owner, _)| *owner)) } else { on_its_line };
    if !sure.is_empty() {
        return Blame { is_sure: sure.len() == 1, suspects: sure };
    }
    let suspects = match near.iter().map(|(_, distance)| *distance).min() {
        Some(distance) if distance <= NEAR => within(distance),
        Some(_) => near.iter().map(|(owner, _)| *owner).collect(),
        None => applied.into_iter().collect(),
    };
    Blame { suspects, is_sure: false }
}

/// Returns those whose edits in the finding's file took away a name that its message quotes: what they used is unused now, or gone.
fn took_away(finding: &Finding, items: &Items, base: &Files, owners: impl Iterator<Item = usize>) -> Vec<usize> {
    let owners: BTreeSet<usize> = owners.collect();
    let Some(path) = finding.path() else { return Vec::new() };
    let took = |owner: &usize| !takes_away(finding, &items.overlay.edits_in(path, |other| other == *owner), base).is_empty();
    owners.into_iter().filter(took).collect()
}

/// Returns the names that a finding's message quotes and that edits in its file take away.
pub(crate) fn takes_away(finding: &Finding, edits: &[Edit], base: &Files) -> BTreeSet<String> {
    let names = quoted(&finding.message);
    let Some(path) = finding.path().filter(|_| !names.is_empty()) else { return BTreeSet::new() };
    let changes = changes_of(edits, path, base);
    names
        .into_iter()
        .filter(|name| changes.iter().any(|(old, new)| count(old, name) > count(new, name)))
        .map(str::to_owned)
        .collect()
}

/// Says whether edits in a file bring in one of the names.
pub(crate) fn brings_in(names: &BTreeSet<String>, edits: &[Edit], path: &RepoPath, base: &Files) -> bool {
    changes_of(edits, path, base).iter().any(|(old, new)| names.iter().any(|name| count(new, name) > count(old, name)))
}

fn changes_of<'e>(edits: &'e [Edit], path: &RepoPath, base: &Files) -> Vec<(String, &'e str)> {
    let before = base.read(path).unwrap_or_default();
    let old = |edit: &Edit| String::from_utf8_lossy(before.get(edit.start..edit.end).unwrap_or_default()).into_owned();
    edits.iter().filter(|edit| edit.path == *path).map(|edit| (old(edit), edit.text.as_str())).collect()
}

/// Returns the names in a message, as tools quote them, each without what it is a member of.
fn quoted(message: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    let mut rest = message;
    while let Some(open) = rest.find(['`', '\'', '"', '‘']) {
        let (before, after) = rest.split_at(open);
        let mut inside = after.chars();
        let close = match inside.next() {
            Some('‘') => '’',
            Some(quote) => quote,
            None => break,
        };
        rest = inside.as_str();
        // An apostrophe opens nothing.
        let end = rest.find(close).filter(|_| !before.ends_with(is_of_a_name));
        if let Some((within, after)) = end.and_then(|end| rest.split_at_checked(end)) {
            let name = within.rsplit(['.', ':', '/']).next().unwrap_or(within);
            names.extend(Some(name).filter(|name| !name.is_empty() && name.chars().all(is_of_a_name)));
            rest = after.get(close.len_utf8()..).unwrap_or("");
        }
    }
    names
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn count(text: &str, name: &str) -> usize {
    text.split(|c| !is_of_a_name(c)).filter(|word| *word == name).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_tools_quote_them() {
        assert_eq!(quoted("`typing.List` imported but unused"), ["List"].into());
        assert_eq!(quoted("unused variable: `x`; did you mean 'std::y'?"), ["x", "y"].into());
        assert_eq!(quoted("don't use ‘a b’, 'c' and \"d\" or `e"), ["c", "d"].into());
        assert_eq!(count("list(List, Lists)", "List"), 1);
    }
}
