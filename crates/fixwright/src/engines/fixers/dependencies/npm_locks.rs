//! What npm's manifest and lockfile ask of one package.

use node_semver::{Range, Version};
use serde_json::Value;

const KINDS: [&str; 4] = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// Returns the range that the manifest asks of a package, if it depends on it itself.
pub(super) fn direct(manifest: &str, package: &str) -> Option<String> {
    let manifest: Value = serde_json::from_str(manifest).ok()?;
    let found = KINDS.iter().take(3).find_map(|kind| manifest.get(kind)?.get(package)?.as_str());
    found.map(str::to_owned)
}

/// Says whether a range allows a version; what is no range (a tag, a URL) allows none.
pub(super) fn allows(range: &str, version: &str) -> bool {
    let range = if range.trim().is_empty() || range == "latest" { "*" } else { range };
    Range::parse(range).is_ok_and(|range| Version::parse(version).is_ok_and(|version| range.satisfies(&version)))
}

/// Returns the ranges that the packages of a lockfile ask of a package and that allow the version which is locked. `None` when none
/// does: then nobody knows why it is there.
pub(super) fn asked(lock: &str, package: &str, version: &str) -> Option<Vec<String>> {
    let lock: Value = serde_json::from_str(lock).ok()?;
    let mut ranges: Vec<String> = Vec::new();
    let mut take = |range: Option<&Value>| {
        if let Some(range) = range.and_then(Value::as_str).filter(|range| allows(range, version))
            && !ranges.iter().any(|known| known == range)
        {
            ranges.push(range.to_owned());
        }
    };
    if let Some(packages) = lock.get("packages").and_then(Value::as_object) {
        for entry in packages.values() {
            for kind in KINDS {
                take(entry.get(kind).and_then(|kind| kind.get(package)));
            }
        }
    } else {
        let mut open: Vec<&Value> = lock.get("dependencies").into_iter().collect();
        while let Some(dependencies) = open.pop() {
            for entry in dependencies.as_object().into_iter().flat_map(|map| map.values()) {
                take(entry.get("requires").and_then(|requires| requires.get(package)));
                open.extend(entry.get("dependencies"));
            }
        }
    }
    (!ranges.is_empty()).then_some(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_parents_that_hold_the_locked_version() {
        let three = r#"{"packages": {"": {"dependencies": {"a": "1"}}, "node_modules/a": {"dependencies": {"b": "^1.2.0"}},
            "node_modules/c": {"devDependencies": {"b": "2.x"}, "peerDependencies": {"b": "*"}}}}"#;
        assert_eq!(asked(three, "b", "1.2.3").unwrap(), ["^1.2.0", "*"]);
        let one = r#"{"dependencies": {"a": {"requires": {"b": "~1.2.0"}, "dependencies": {"c": {"requires": {"b": "^3"}}}}}}"#;
        assert_eq!(asked(one, "b", "1.2.3").unwrap(), ["~1.2.0"]);
        assert_eq!(asked(one, "zz", "1.2.3"), None);
    }

    #[test]
    fn what_is_no_range_allows_nothing() {
        assert!(allows("^4.17.0", "4.17.21") && allows("", "1.0.0") && allows("1 || 2", "2.3.4"));
        assert!(!allows("^4.17.0", "5.0.0") && !allows("github:a/b", "1.0.0"));
    }
}
