//! The message of a vulnerable dependency. It has one fixed form, whoever reports it, so that it can be read back:
//! `NAME VERSION is vulnerable: SUMMARY; fixed in A, B [ECOSYSTEM]`, or `; no fixed version` in place of the versions.

use domain::Finding;

use super::version::{Ecosystem, Version};
use super::{Vulnerability, ascending};

/// Returns the message of a vulnerability.
pub(super) fn of(one: &Vulnerability) -> String {
    let fixed = if one.fixed.is_empty() { "no fixed version".to_owned() } else { format!("fixed in {}", one.fixed.join(", ")) };
    let summary = if one.summary.is_empty() { &one.id } else { &one.summary };
    format!("{} {} is vulnerable: {summary}; {fixed} [{}]", one.package, one.version, one.ecosystem)
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vulnerable {
    /// The package, as the report spells it.
    pub(crate) package: String,
    /// The version that is installed.
    pub(crate) version: String,
    /// Where the package is from.
    pub(crate) ecosystem: Ecosystem,
    /// The versions that mend it: ascending, and above `version`; releases where there are such.
    pub(crate) fixed: Vec<String>,
}

impl Vulnerable {
    /// Returns what a finding's message says, if it speaks of a vulnerable dependency.
    pub(crate) fn read(finding: &Finding) -> Option<Self> {
        let (head, tail) = finding.message.split_once(" is vulnerable: ")?;
        let (package, version) = head.rsplit_once(' ')?;
        let (rest, ecosystem) = tail.strip_suffix(']')?.rsplit_once(" [")?;
        let ecosystem = Ecosystem::named(ecosystem)?;
        let fixed = rest.rsplit_once("; fixed in ").map_or("", |(_, fixed)| fixed);
        let installed = Version::parse(ecosystem, version)?;
        let mut fixed: Vec<String> = fixed.split(',').map(|one| one.trim().to_owned()).collect();
        ascending(ecosystem, &mut fixed);
        fixed.retain(|one| Version::parse(ecosystem, one).is_some_and(|one| one > installed));
        let is_release = |one: &&String| Version::parse(ecosystem, one).is_some_and(|one| one.is_release());
        let releases: Vec<String> = fixed.iter().filter(is_release).cloned().collect();
        let fixed = if releases.is_empty() { fixed } else { releases };
        // They become arguments of a command.
        let plain = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "@/._-+~!".contains(c))
        };
        (plain(package) && plain(version) && fixed.iter().all(|one| plain(one))).then(|| Self {
            package: package.to_owned(),
            version: version.to_owned(),
            ecosystem,
            fixed,
        })
    }
}
