//! Versions and their order, which each ecosystem defines for itself. Why it is apart: an advisory is only as good as the comparison
//! that decides whether it applies, so nothing else compares versions.

use std::cmp::Ordering;
use std::fmt;

/// Where a package comes from; decides how its name and its versions are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Ecosystem {
    /// Rust crates.
    CratesIo,
    /// Python packages.
    PyPi,
    /// JavaScript packages.
    Npm,
    /// Go modules.
    Go,
}

impl Ecosystem {
    /// Returns the ecosystem of that name, as OSV spells it; a suffix (`PyPI:private`) is another registry.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::CratesIo, Self::PyPi, Self::Npm, Self::Go].into_iter().find(|one| one.as_str() == name)
    }

    /// Returns the name, as OSV spells it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CratesIo => "crates.io",
            Self::PyPi => "PyPI",
            Self::Npm => "npm",
            Self::Go => "Go",
        }
    }

    /// Returns the one spelling of a package's name: PyPI takes `Zope.Interface` and `zope-interface` for the same.
    pub(crate) fn name_of(self, name: &str) -> String {
        match self {
            Self::PyPi => python_name(name),
            Self::CratesIo | Self::Npm | Self::Go => name.to_owned(),
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns a Python package's name as PEP 503 normalises it.
pub(crate) fn python_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.trim().chars() {
        match c {
            '-' | '_' | '.' => {
                if !out.ends_with('-') {
                    out.push('-');
                }
            }
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

/// A version that can be compared with others of its ecosystem.
#[derive(Debug, Clone)]
pub(crate) enum Version {
    /// crates.io, Go.
    Semver(semver::Version),
    /// npm.
    Npm(node_semver::Version),
    /// PyPI.
    Python(Box<pep440_rs::Version>),
}

impl Version {
    /// Reads a version; `None` when it is not one. A missing minor or patch number is zero.
    pub(crate) fn parse(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 256 {
            return None;
        }
        match ecosystem {
            Ecosystem::PyPi => text.parse().ok().map(|version| Self::Python(Box::new(version))),
            Ecosystem::Npm => node_semver::Version::parse(padded(text)).ok().map(Self::Npm),
            Ecosystem::CratesIo => semver::Version::parse(&padded(text)).ok().map(Self::Semver),
            Ecosystem::Go => {
                let text = text.strip_prefix("go").unwrap_or(text);
                semver::Version::parse(&padded(text.strip_prefix('v').unwrap_or(text))).ok().map(Self::Semver)
            }
        }
    }

    /// Says whether it is a release that people are meant to use, and no preview of one.
    pub(crate) fn is_release(&self) -> bool {
        match self {
            Self::Semver(version) => version.pre.is_empty(),
            Self::Npm(version) => version.pre_release.is_empty(),
            Self::Python(version) => !version.any_prerelease(),
        }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    /// Compares by precedence: build metadata (`+incompatible`) does not count. Versions of different ecosystems have no order.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Semver(a), Self::Semver(b)) => Some(a.cmp_precedence(b)),
            (Self::Npm(a), Self::Npm(b)) => a.partial_cmp(b),
            (Self::Python(a), Self::Python(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// Returns `1` as `1.0.0` and `1.2-rc` as `1.2.0-rc`.
fn padded(text: &str) -> String {
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    match numbers.split('.').count() {
        1 => format!("{numbers}.0.0{rest}"),
        2 => format!("{numbers}.0{rest}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ecosystem_orders_its_own_way() {
        let less = |ecosystem, a, b| Version::parse(ecosystem, a).unwrap() < Version::parse(ecosystem, b).unwrap();
        assert!(less(Ecosystem::CratesIo, "1.0.0-alpha.2", "1.0.0-alpha.10"));
        assert!(less(Ecosystem::CratesIo, "0.9", "0.10.0"));
        assert!(less(Ecosystem::Npm, "4.17.9", "4.17.20"));
        assert!(less(Ecosystem::Go, "v0.0.0-20200622213623-75b288015ac9", "0.0.1"));
        assert!(less(Ecosystem::Go, "v1.9.0", "v2.0.0+incompatible"));
        assert!(less(Ecosystem::PyPi, "1.0rc1", "1.0") && less(Ecosystem::PyPi, "1.0", "1.0.post1"));
        assert!(less(Ecosystem::PyPi, "2024.1", "1!1.0"));
        assert_eq!(Version::parse(Ecosystem::PyPi, "1.0"), Version::parse(Ecosystem::PyPi, "1.0.0"));
        assert_eq!(Version::parse(Ecosystem::Go, "v2.0.0+incompatible"), Version::parse(Ecosystem::Go, "2.0.0"));
        assert!(Version::parse(Ecosystem::CratesIo, "not a version").is_none());
    }

    #[test]
    fn python_names_have_one_spelling() {
        assert_eq!(Ecosystem::PyPi.name_of("Zope._Interface"), "zope-interface");
        assert_eq!(Ecosystem::Npm.name_of("JSONStream"), "JSONStream");
    }
}
