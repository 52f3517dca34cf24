//! Causes: findings that belong into one case. Nobody wants two hundred branches.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{Digest, Finding, FindingKind};

use super::compare::words;

/// Findings that one repair is expected to settle.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) kind: FindingKind,
    pub(crate) rule: String,
    pub(crate) subproject: String,
    pub(crate) title: String,
    pub(crate) findings: Vec<Finding>,
}

/// Groups findings by cause. Those that the same edits would settle are one, whatever reports them (`repairs` has the digest of the edits
/// that are first in line for a finding, by its id). So are those of one rule in one subproject that a linter or formatter reports, and
/// a vulnerable package with all advisories there are for it; every other problem is one by itself, wherever it shows.
pub(crate) fn causes(findings: impl IntoIterator<Item = Finding>, repairs: &HashMap<String, Digest>) -> Vec<Cause> {
    let mut seen = HashSet::new();
    let findings: Vec<Finding> = findings.into_iter().filter(|finding| seen.insert(finding.id.clone())).collect();
    let mut keys_of_repair: HashMap<Digest, BTreeSet<Key>> = HashMap::new();
    for finding in &findings {
        if let Some(repair) = repairs.get(&finding.id) {
            keys_of_repair.entry(*repair).or_default().insert(key(finding));
        }
    }
    let mut groups: BTreeMap<Key, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        let shared = repairs.get(&finding.id).filter(|repair| keys_of_repair.get(repair).is_some_and(|keys| keys.len() > 1));
        let key = match shared {
            Some(repair) => (finding.subproject.clone(), String::new(), repair.to_string()),
            None => key(&finding),
        };
        groups.entry(key).or_default().push(finding);
    }
    let cause = |findings: Vec<Finding>| {
        // A test that fails says less than why it fails.
        let first = findings.iter().min_by_key(|finding| finding.kind == FindingKind::TestFailure)?;
        let title = title(first, &findings);
        Some(Cause { kind: first.kind, rule: first.rule.clone(), subproject: first.subproject.clone(), title, findings })
    };
    groups.into_values().filter_map(cause).collect()
}

/// The subproject, the rule, and what tells findings of the rule apart.
type Key = (String, String, String);

fn key(finding: &Finding) -> Key {
    let what = match finding.kind {
        FindingKind::Linting | FindingKind::Formatting | FindingKind::TypeChecking | FindingKind::Deprecation => String::new(),
        FindingKind::DependencyIssue => finding.message.split(" is vulnerable").next().unwrap_or_default().to_owned(),
        _ => words(finding),
    };
    let rule = if finding.kind == FindingKind::DependencyIssue { String::new() } else { finding.rule.clone() };
    (finding.subproject.clone(), rule, what)
}

/// The cause in a few words.
fn title(first: &Finding, all: &[Finding]) -> String {
    let messages: Vec<&str> = all.iter().map(|finding| finding.message.as_str()).collect();
    let short: String = shared(&messages).unwrap_or(&first.message).chars().take(100).collect();
    let rule = &first.rule;
    if short.to_lowercase().contains(&rule.to_lowercase()) { short } else { format!("{rule} {short}") }
}

/// Returns what messages have in common at their start or, where they begin with a name each, at their end, if it says anything.
fn shared<'m>(messages: &[&'m str]) -> Option<&'m str> {
    let first = *messages.first()?;
    let (mut start, mut end) = (first, first);
    for other in messages {
        let differs = start.char_indices().zip(other.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        start = &start[..differs.unwrap_or(start.len().min(other.len()))];
        let differs = end.char_indices().rev().zip(other.chars().rev()).find(|((_, a), b)| a != b);
        end = differs.map_or(end, |((at, c), _)| &end[at + c.len_utf8()..]);
    }
    if start == first {
        return Some(first);
    }
    // Half a quotation, half a word or a connecting mark says nothing.
    let start = start.rsplit_once('`').filter(|_| start.matches('`').count() % 2 == 1).map_or(start, |(before, _)| before);
    let start = start.trim_end_matches(|c: char| !c.is_alphanumeric() && !")`".contains(c));
    let end = end.split_once(' ').map_or("", |(_, words)| words).trim();
    [start, end].into_iter().find(|part| part.chars().count() >= 8)
}

#[cfg(test)]
mod tests {
    use domain::{Recipe, Severity};

    use super::*;

    fn finding(id: &str, kind: FindingKind, rule: &str, message: &str) -> Finding {
        Finding {
            id: id.into(),
            kind,
            tool: "t".into(),
            rule: rule.into(),
            severity: Severity::Error,
            message: message.into(),
            location: None,
            subproject: ".".into(),
            recipe: Recipe::Lint,
            fingerprint: Digest::of(id),
            suggestions: Vec::new(),
        }
    }

    #[test]
    fn one_rule_is_one_cause_and_so_is_what_one_edit_settles() {
        let findings = [
            finding("a", FindingKind::ImportError, "NameError", "name 'json' is not defined"),
            finding("b", FindingKind::Linting, "F821", "Undefined name `json`"),
            finding("c", FindingKind::Linting, "F821", "Undefined name `path`"),
            finding("d", FindingKind::Linting, "F821", "Undefined name `x`"),
            finding("e", FindingKind::TestFailure, "test", "test 1 failed"),
            finding("f", FindingKind::TestFailure, "test", "test two failed"),
            finding("a", FindingKind::ImportError, "NameError", "said twice"),
        ];
        let repair = |id: &str, edit: &str| (id.to_owned(), Digest::of(edit));
        let repairs = HashMap::from([repair("a", "import json"), repair("b", "import json"), repair("c", "import path")]);
        let causes = causes(findings, &repairs);
        let mut ids: Vec<String> =
            causes.iter().map(|cause| cause.findings.iter().map(|one| one.id.as_str()).collect()).collect();
        ids.sort();
        assert_eq!(ids, ["ab", "cd", "e", "f"]);
        assert!(causes.iter().any(|cause| cause.title == "NameError name 'json' is not defined"));
    }

    #[test]
    fn a_title_is_what_messages_share() {
        let cases: [(&[&str], Option<&str>); 5] = [
            (&["Class `A` inherits from `object`"], Some("Class `A` inherits from `object`")),
            (&["`os` imported but unused", "`sys` imported but unused"], Some("imported but unused")),
            (&["Local variable `a` is unused", "Local variable `b` is unused"], Some("Local variable")),
            (&["unused import: `a`", "unused import: `b`"], Some("unused import")),
            (&["a", "b"], None),
        ];
        for (messages, expected) in cases {
            assert_eq!(shared(messages), expected, "{messages:?}");
        }
    }
}
