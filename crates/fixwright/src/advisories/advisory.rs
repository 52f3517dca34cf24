//! One advisory, whatever form it came in, and whether it applies to a version.

use semver::{Comparator, Op, VersionReq};

use super::version::{Ecosystem, Version};

/// A known vulnerability.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Advisory {
    /// Its id in its database.
    pub(super) id: String,
    /// Its ids elsewhere.
    pub(super) aliases: Vec<String>,
    /// What it is, one line.
    pub(super) summary: String,
    /// The packages that have it.
    pub(super) affected: Vec<Affected>,
}

/// A package that has the vulnerability, and in which versions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Affected {
    /// Where the package is from.
    pub(super) ecosystem: Ecosystem,
    /// Its name, in the ecosystem's one spelling.
    pub(super) package: String,
    /// In which versions.
    pub(super) versions: Versions,
}

/// Which versions have it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Versions {
    /// OSV: those listed, and those that lie in a range.
    Listed {
        /// Versions named one by one.
        exact: Vec<String>,
        /// Ranges, each a list of events.
        ranges: Vec<Vec<Event>>,
    },
    /// RustSec: all but those that a requirement names.
    Except {
        /// Requirements of versions in which it is mended.
        patched: Vec<VersionReq>,
        /// Requirements of versions that never had it.
        unaffected: Vec<VersionReq>,
    },
}

/// Where a range begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// From this version on (`0`: from the first).
    Introduced(String),
    /// Before this version.
    Fixed(String),
    /// Up to and with this version.
    LastAffected(String),
}

impl Affected {
    /// Says whether the version has it. A version that cannot be read is compared as text with those that are listed.
    pub(super) fn applies_to(&self, version: &str) -> bool {
        let parsed = Version::parse(self.ecosystem, version);
        match &self.versions {
            Versions::Listed { exact, ranges } => {
                // `1.0` and `1.0.0` are one; where there is a range, it says so at less cost than a long list.
                let equal = |one: &String| Version::parse(self.ecosystem, one) == parsed;
                let same = |one: &String| one == version || (ranges.is_empty() && parsed.is_some() && equal(one));
                exact.iter().any(same)
                    || parsed.is_some_and(|parsed| ranges.iter().any(|events| in_range(self.ecosystem, events, &parsed)))
            }
            Versions::Except { patched, unaffected } => match parsed {
                Some(Version::Semver(version)) => {
                    !patched.iter().chain(unaffected).any(|requirement| meets(requirement, &version))
                }
                _ => false,
            },
        }
    }

    /// Returns the versions above `version` that mend it, ascending.
    pub(super) fn fixed_above(&self, version: &str) -> Vec<String> {
        let named: Vec<String> = match &self.versions {
            Versions::Listed { ranges, .. } => ranges
                .iter()
                .flatten()
                .filter_map(|event| match event {
                    Event::Fixed(fixed) => Some(fixed.clone()),
                    Event::Introduced(_) | Event::LastAffected(_) => None,
                })
                .collect(),
            Versions::Except { patched, .. } => patched.iter().filter_map(first_of).map(|one| one.to_string()).collect(),
        };
        let installed = Version::parse(self.ecosystem, version);
        let mut fixed: Vec<(Version, String)> = named
            .into_iter()
            .filter_map(|text| Some((Version::parse(self.ecosystem, &text)?, text)))
            .filter(|(parsed, text)| installed.as_ref().is_none_or(|installed| parsed > installed) && !self.applies_to(text))
            .collect();
        fixed.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        fixed.dedup_by(|(a, _), (b, _)| a == b);
        fixed.into_iter().map(|(_, text)| text).collect()
    }
}

/// Walks the events in the order of their versions, as the OSV specification has it.
fn in_range(ecosystem: Ecosystem, events: &[Event], version: &Version) -> bool {
    let mut ordered: Vec<(Option<Version>, &Event)> = Vec::new();
    for event in events {
        let (Event::Introduced(text) | Event::Fixed(text) | Event::LastAffected(text)) = event;
        if text == "0" {
            ordered.push((None, event));
        } else if let Some(parsed) = Version::parse(ecosystem, text) {
            ordered.push((Some(parsed), event));
        }
    }
    // `None` is before all versions. The sort is stable: of equal versions the one that stands first counts first.
    ordered.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let mut within = false;
    for (at, event) in &ordered {
        let reached = at.as_ref().is_none_or(|at| version >= at);
        match event {
            Event::Introduced(_) if reached => within = true,
            Event::Fixed(_) if reached => within = false,
            Event::LastAffected(_) if at.as_ref().is_none_or(|at| version > at) => within = false,
            _ => {}
        }
    }
    within
}

/// Says whether a version meets a requirement by precedence alone. [`VersionReq::matches`] answers no for nearly every pre-release,
/// which would call a mended pre-release vulnerable.
pub(crate) fn meets(requirement: &VersionReq, version: &semver::Version) -> bool {
    requirement.comparators.iter().all(|comparator| {
        let (low, high) = bounds(comparator);
        low.is_none_or(|(low, included)| match version.cmp_precedence(&low) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => included,
            std::cmp::Ordering::Less => false,
        }) && high.is_none_or(|(high, included)| match version.cmp_precedence(&high) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => included,
            std::cmp::Ordering::Greater => false,
        })
    })
}

type Bound = Option<(semver::Version, bool)>;

fn bounds(comparator: &Comparator) -> (Bound, Bound) {
    let minor = comparator.minor.unwrap_or(0);
    let patch = comparator.patch.unwrap_or(0);
    let mut low = semver::Version::new(comparator.major, minor, patch);
    low.pre = comparator.pre.clone();
    // The first version after all those that share the numbers which are given; below its own pre-releases.
    let after = |major: u64, minor: u64, patch: u64| {
        let mut version = semver::Version::new(major, minor, patch);
        version.pre = semver::Prerelease::new("0").unwrap_or_default();
        (version, false)
    };
    let (major, up) = (comparator.major, 1);
    let next = match (comparator.minor, comparator.patch) {
        (None, _) => after(major.saturating_add(up), 0, 0),
        (Some(minor), None) => after(major, minor.saturating_add(up), 0),
        (Some(minor), Some(patch)) => after(major, minor, patch.saturating_add(up)),
    };
    let full = comparator.patch.is_some();
    match comparator.op {
        Op::Exact | Op::Wildcard if full => (Some((low.clone(), true)), Some((low, true))),
        Op::Exact | Op::Wildcard => (Some((low, true)), Some(next)),
        Op::Greater if full => (Some((low, false)), None),
        Op::Greater => (Some((semver::Version { pre: semver::Prerelease::EMPTY, ..next.0 }, true)), None),
        Op::GreaterEq => (Some((low, true)), None),
        Op::Less => (None, Some((low, false))),
        Op::LessEq if full => (None, Some((low, true))),
        Op::LessEq => (None, Some(next)),
        Op::Tilde if comparator.minor.is_some() => (Some((low, true)), Some(after(major, minor.saturating_add(up), 0))),
        Op::Tilde => (Some((low, true)), Some(after(major.saturating_add(up), 0, 0))),
        // `^`, the default; the enum is open for ever.
        _ => {
            let high = match (major, comparator.minor, comparator.patch) {
                (0, Some(0), Some(patch)) => after(0, 0, patch.saturating_add(up)),
                (0, Some(minor), _) => after(0, minor.saturating_add(up), 0),
                (major, ..) => after(major.saturating_add(up), 0, 0),
            };
            (Some((low, true)), Some(high))
        }
    }
}

/// Returns the first version that meets a requirement, if it has a lower bound.
fn first_of(requirement: &VersionReq) -> Option<semver::Version> {
    let mut first: Option<semver::Version> = None;
    for comparator in &requirement.comparators {
        let (Some((mut low, included)), _) = bounds(comparator) else { continue };
        if !included {
            low.pre = semver::Prerelease::EMPTY;
            low.patch = low.patch.saturating_add(1);
        }
        if first.as_ref().is_none_or(|first| low > *first) {
            first = Some(low);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(ecosystem: Ecosystem, exact: &[&str], ranges: Vec<Vec<Event>>) -> Affected {
        let exact = exact.iter().map(|one| (*one).to_owned()).collect();
        Affected { ecosystem, package: "p".into(), versions: Versions::Listed { exact, ranges } }
    }

    fn introduced(version: &str) -> Event {
        Event::Introduced(version.into())
    }

    fn fixed(version: &str) -> Event {
        Event::Fixed(version.into())
    }

    #[test]
    fn a_range_of_several_branches_is_walked_in_the_order_of_versions() {
        // The events of one range may stand in any order.
        let range = vec![fixed("2.0.3"), introduced("0"), fixed("1.2.5"), introduced("2.0.0")];
        let affected = listed(Ecosystem::Npm, &[], vec![range]);
        for (version, expected) in
            [("0.0.1", true), ("1.2.4", true), ("1.2.5", false), ("1.9.9", false), ("2.0.0", true), ("2.0.3", false)]
        {
            assert_eq!(affected.applies_to(version), expected, "{version}");
        }
        assert_eq!(affected.fixed_above("1.0.0"), ["1.2.5", "2.0.3"]);
        assert_eq!(affected.fixed_above("2.0.1"), ["2.0.3"]);
    }

    #[test]
    fn last_affected_is_included_and_gives_no_fix() {
        let affected = listed(Ecosystem::PyPi, &[], vec![vec![introduced("1.0"), Event::LastAffected("1.4".into())]]);
        assert!(affected.applies_to("1.4.0") && !affected.applies_to("1.4.1") && !affected.applies_to("0.9"));
        assert!(affected.fixed_above("1.0").is_empty());
    }

    #[test]
    fn listed_versions_count_without_a_range_and_by_value() {
        let affected = listed(Ecosystem::PyPi, &["1.0", "weird-tag"], vec![]);
        assert!(affected.applies_to("1.0.0") && affected.applies_to("weird-tag") && !affected.applies_to("1.1"));
    }

    fn except(patched: &[&str], unaffected: &[&str]) -> Affected {
        let read = |list: &[&str]| list.iter().map(|one| VersionReq::parse(one).unwrap()).collect();
        let versions = Versions::Except { patched: read(patched), unaffected: read(unaffected) };
        Affected { ecosystem: Ecosystem::CratesIo, package: "p".into(), versions }
    }

    #[test]
    fn rustsec_requirements() {
        let affected = except(&["^0.1.43", ">= 0.2.23"], &["=0.2.0", "< 0.1.3"]);
        for (version, expected) in [
            ("0.1.2", false),
            ("0.1.42", true),
            ("0.1.44", false),
            ("0.2.0", false),
            ("0.2.1", true),
            ("0.2.23-rc.1", true),
            ("0.2.23", false),
            ("1.0.0-beta", false),
        ] {
            assert_eq!(affected.applies_to(version), expected, "{version}");
        }
        assert_eq!(affected.fixed_above("0.1.10"), ["0.1.43", "0.2.23"]);
        assert_eq!(affected.fixed_above("0.2.1"), ["0.2.23"]);
        assert!(except(&[], &[]).fixed_above("1.0.0").is_empty());
        assert_eq!(except(&["> 1.2.3"], &[]).fixed_above("1.0.0"), ["1.2.4"]);
    }

    #[test]
    fn requirements_agree_with_semver_on_releases() {
        let requirements = ["^1.2", "~1.2.3", "1.*", "=1.2", ">1.2", "<=1.2", "^0.0.3", "^0.0", "^0", "~1", ">=1, <1.5", "*"];
        let versions = ["0.0.3", "0.0.4", "0.1.0", "1.0.0", "1.2.0", "1.2.3", "1.2.9", "1.3.0", "1.5.0", "2.0.0"];
        for requirement in requirements {
            let requirement = VersionReq::parse(requirement).unwrap();
            for version in versions {
                let version = semver::Version::parse(version).unwrap();
                assert_eq!(meets(&requirement, &version), requirement.matches(&version), "{requirement} {version}");
            }
        }
    }
}
