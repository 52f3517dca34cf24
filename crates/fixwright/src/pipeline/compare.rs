//! Findings before and after a change: which are still there, which are gone, which are new.
//!
//! A finding is followed by its line through the difference of the two texts, not by its message alone: two equal findings in one file
//! are two, and one whose line moved is the same.

use std::collections::HashMap;

use domain::{Finding, RepoPath};
use patch::{LineMap, Mapped};

/// Says whether a finding before and one after, which came from that line, are the same.
type Likeness = dyn Fn(&Finding, &Finding, Option<&Mapped>) -> bool;

/// The answer, by index into the two lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// (before, after): still there.
    pub(crate) still: Vec<(usize, usize)>,
    /// Before only.
    pub(crate) gone: Vec<usize>,
    /// After only.
    pub(crate) new: Vec<usize>,
}

/// Compares two lists of findings of one recipe. `lines` answers how the lines of a changed file correspond, `None` for an unchanged one.
pub(crate) fn compare(before: &[Finding], after: &[Finding], lines: impl Fn(&RepoPath) -> Option<LineMap>) -> Comparison {
    let mut maps: HashMap<&RepoPath, Option<LineMap>> = HashMap::new();
    let mut origins: Vec<Option<Mapped>> = Vec::with_capacity(after.len());
    for finding in after {
        origins.push(finding.location.as_ref().map(|location| {
            let map = maps.entry(&location.path).or_insert_with(|| lines(&location.path));
            map.as_ref().map_or(Mapped::Same(location.line), |map| map.to_before(location.line))
        }));
    }
    let mut left: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (index, finding) in before.iter().enumerate() {
        left.entry(rough_key(finding)).or_default().push(index);
    }
    let mut answer = Comparison::default();
    let mut matched = vec![false; after.len()];
    // From the surest likeness to the vaguest, so that a vague one never takes what a sure one needs.
    let likenesses: [&Likeness; 4] = [
        &|b, a, from| match from {
            Some(Mapped::Same(line)) => b.line() == Some(*line) && words(b) == words(a) && column(b) == column(a),
            _ => false,
        },
        &|b, a, from| match from {
            Some(Mapped::Same(line)) => b.line() == Some(*line) && words(b) == words(a),
            Some(Mapped::Changed(_)) => false,
            None => b.location.is_none() && words(b) == words(a),
        },
        &|b, a, from| match from {
            Some(Mapped::Changed(range)) => {
                let near = range.start.saturating_sub(1)..=range.end;
                b.line().is_some_and(|line| near.contains(&line)) && words(b) == words(a)
            }
            _ => false,
        },
        &|b, a, _| words(b) == words(a),
    ];
    for like in likenesses {
        for (index, finding) in after.iter().enumerate() {
            if matched[index] {
                continue;
            }
            let Some(candidates) = left.get_mut(&rough_key(finding)) else { continue };
            let found = candidates.iter().position(|b| like(&before[*b], finding, origins[index].as_ref()));
            if let Some(position) = found {
                answer.still.push((candidates.remove(position), index));
                matched[index] = true;
            }
        }
    }
    answer.still.sort_unstable();
    answer.gone = left.into_values().flatten().collect();
    answer.gone.sort_unstable();
    answer.new = (0..after.len()).filter(|index| !matched[*index]).collect();
    answer
}

fn rough_key(finding: &Finding) -> (&str, &str) {
    (finding.rule.as_str(), finding.path().map_or("", RepoPath::as_str))
}

/// Returns what a message says, whatever its figures: they are line numbers, counts and sizes as often as not.
pub(super) fn words(finding: &Finding) -> String {
    finding.message.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn column(finding: &Finding) -> Option<u32> {
    finding.location.as_ref().map(|location| location.column)
}

#[cfg(test)]
mod tests {
    use domain::{Digest, FindingKind, Location, Recipe, Severity};

    use super::*;

    fn finding(rule: &str, line: u32, message: &str) -> Finding {
        let path = RepoPath::new("f.py").unwrap();
        Finding {
            id: String::new(),
            kind: FindingKind::Linting,
            tool: "ruff".into(),
            rule: rule.into(),
            severity: Severity::Error,
            message: message.into(),
            location: Some(Location { path, line, column: 1, end_line: line, end_column: 1 }),
            subproject: ".".into(),
            recipe: Recipe::Lint,
            fingerprint: Digest::of(""),
            suggestions: Vec::new(),
        }
    }

    #[test]
    fn a_moved_finding_is_the_same_and_an_equal_one_elsewhere_takes_the_place_of_none() {
        let map = LineMap::new(b"import os\na\nb\n", b"a\nb\nnew\n");
        let before = [finding("F401", 1, "`os` unused"), finding("E1", 3, "x")];
        let after = [finding("E1", 2, "x"), finding("E1", 3, "x")];
        let answer = compare(&before, &after, |_| Some(map.clone()));
        assert_eq!(answer, Comparison { still: vec![(1, 0)], gone: vec![0], new: vec![1] });
    }

    #[test]
    fn a_half_repair_is_still_there() {
        let map = LineMap::new(b"l = 1; l = 2\n", b"n = 1; l = 2\n");
        let before = [finding("E741", 1, "ambiguous `l`")];
        let answer = compare(&before, &[finding("E741", 1, "ambiguous `l`")], |_| Some(map.clone()));
        assert_eq!(answer.still, [(0, 0)]);
    }

    #[test]
    fn another_message_on_the_changed_line_is_new() {
        let map = LineMap::new(b"x\n", b"y\n");
        let answer = compare(&[finding("E1", 1, "a is bad")], &[finding("E1", 1, "b is bad")], |_| Some(map.clone()));
        assert_eq!((answer.gone, answer.new), (vec![0], vec![0]));
    }
}
