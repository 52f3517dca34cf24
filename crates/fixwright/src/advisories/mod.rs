//! The offline audit: known vulnerabilities of locked dependencies, from folders of advisories and with no service at all.
//!
//! [`Advisories::load`] reads every file once, and of each only the names of the packages that it speaks of; what an audit needs is
//! parsed when a lockfile names it. So a database of ten thousand files costs its reading and little more. A file that is broken is left
//! out, and [`Advisories::problems`] says which. Called by the `audit` recipe.
//!
//! A report that a user gives ([`from_findings`], [`from_osv`]) is a source like a folder: what it says of a package is looked for in the
//! lockfiles, before a repair and after it.

mod advisory;
mod database;
mod locked;
mod message;
mod osv;
mod reported;
mod version;

use std::path::PathBuf;
use std::sync::Arc;

use domain::{Digest, Files, Finding, FindingKind, Location, Recipe, RepoPath, Severity};

pub(crate) use advisory::meets;
pub(crate) use locked::{is_manifest, pin};
pub(crate) use message::Vulnerable;
pub(crate) use reported::{from_findings, from_osv};
pub(crate) use version::{Ecosystem, Version, python_name};

use database::Database;

pub(crate) use advisory::Advisory;

/// Where advisories come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// Folders, nested in any way: OSV as JSON or YAML, RustSec Markdown.
    pub(crate) folders: Vec<PathBuf>,
    /// What a report says.
    pub(crate) reported: Vec<Arc<Advisory>>,
}

impl Sources {
    /// Says whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.folders.is_empty() && self.reported.is_empty()
    }
}

/// Databases of advisories.
pub(crate) struct Advisories {
    database: Database,
    reported: Vec<Arc<Advisory>>,
}

/// A locked package that an advisory speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vulnerability {
    /// The advisory's id.
    pub(crate) id: String,
    /// Its ids elsewhere.
    pub(crate) aliases: Vec<String>,
    /// The package.
    pub(crate) package: String,
    /// The version that is locked.
    pub(crate) version: String,
    /// Where the package is from.
    pub(crate) ecosystem: Ecosystem,
    /// What the vulnerability is, one line.
    pub(crate) summary: String,
    /// Higher versions that mend it, and are free of all that is known of the package where there are such; ascending.
    pub(crate) fixed: Vec<String>,
    /// The lockfile.
    pub(crate) path: RepoPath,
    /// The line of the package in it, from 1.
    pub(crate) line: u32,
}

impl Advisories {
    /// Reads the sources.
    pub(crate) fn load(sources: &Sources) -> Self {
        Self { database: Database::load(&sources.folders), reported: sources.reported.clone() }
    }

    /// Returns how many advisories there are, a file counted as one.
    pub(crate) fn len(&self) -> usize {
        self.database.len() + self.reported.len()
    }

    /// Returns what could not be read so far, a line each: some is seen only when an audit needs the file.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.database.problems()
    }

    /// Returns the vulnerabilities of what the lockfiles of a subproject name, by file, line and id. What several databases know under
    /// different ids is reported once.
    pub(crate) fn audit(&self, files: &Files, subproject: &str) -> Vec<Vulnerability> {
        let mut all: Vec<Vulnerability> = Vec::new();
        for one in locked::locked(files, subproject) {
            let mut advisories = self.database.of(&one.package);
            advisories.extend(self.reported.iter().cloned());
            let mut of_one: Vec<Vulnerability> = Vec::new();
            for found in advisories.iter().filter_map(|advisory| judge(advisory, &one)) {
                let same = |other: &&mut Vulnerability| {
                    names(&other.id, &other.aliases).any(|name| names(&found.id, &found.aliases).any(|mine| mine == name))
                };
                match of_one.iter_mut().find(same) {
                    Some(other) => merge(other, found),
                    None => of_one.push(found),
                }
            }
            clear_all(&advisories, &one, &mut of_one);
            all.extend(of_one);
        }
        all.sort_by(|a, b| (&a.path, a.line, &a.id).cmp(&(&b.path, b.line, &b.id)));
        all
    }
}

fn names<'a>(id: &'a str, aliases: &'a [String]) -> impl Iterator<Item = &'a str> {
    std::iter::once(id).chain(aliases.iter().map(String::as_str))
}

fn judge(advisory: &Advisory, locked: &locked::Locked) -> Option<Vulnerability> {
    let hit: Vec<_> = affected(advisory, locked).filter(|one| one.applies_to(&locked.version)).collect();
    if hit.is_empty() {
        return None;
    }
    let mut fixed: Vec<String> = hit.iter().flat_map(|one| one.fixed_above(&locked.version)).collect();
    ascending(locked.ecosystem, &mut fixed);
    Some(Vulnerability {
        id: advisory.id.clone(),
        aliases: advisory.aliases.clone(),
        package: locked.package.clone(),
        version: locked.version.clone(),
        ecosystem: locked.ecosystem,
        summary: advisory.summary.clone(),
        fixed,
        path: locked.path.clone(),
        line: locked.line,
    })
}

fn affected<'a>(advisory: &'a Advisory, locked: &'a locked::Locked) -> impl Iterator<Item = &'a advisory::Affected> {
    advisory.affected.iter().filter(|one| one.ecosystem == locked.ecosystem && one.package == locked.package)
}

/// Joins what two databases say of one vulnerability.
fn merge(into: &mut Vulnerability, other: Vulnerability) {
    for name in names(&other.id, &other.aliases) {
        if name != into.id && !into.aliases.iter().any(|known| known == name) {
            into.aliases.push(name.to_owned());
        }
    }
    into.fixed.extend(other.fixed);
    ascending(into.ecosystem, &mut into.fixed);
}

/// Leaves only versions that no advisory speaks of, the same for all vulnerabilities of a package that can be mended: one bump settles
/// them, and none leads into the next.
fn clear_all(advisories: &[Arc<Advisory>], locked: &locked::Locked, all: &mut [Vulnerability]) {
    let blocks = |advisory: &&Arc<Advisory>| {
        // What cannot be mended is no reason to leave the rest as it is.
        judge(advisory, locked).is_none_or(|found| !found.fixed.is_empty())
    };
    let blocking: Vec<_> = advisories.iter().filter(blocks).flat_map(|advisory| affected(advisory, locked)).collect();
    let mut clear: Vec<String> = all.iter().flat_map(|one| one.fixed.iter().cloned()).collect();
    clear.retain(|version| !blocking.iter().any(|one| one.applies_to(version)));
    ascending(locked.ecosystem, &mut clear);
    if !clear.is_empty() {
        for one in all.iter_mut().filter(|one| !one.fixed.is_empty()) {
            one.fixed.clone_from(&clear);
        }
    }
}

/// Sorts versions and drops repeats; what is no version is left out.
pub(crate) fn ascending(ecosystem: Ecosystem, versions: &mut Vec<String>) {
    let mut parsed: Vec<(Version, String)> =
        versions.drain(..).filter_map(|text| Some((Version::parse(ecosystem, &text)?, text))).collect();
    parsed.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    parsed.dedup_by(|(a, _), (b, _)| a == b);
    versions.extend(parsed.into_iter().map(|(_, text)| text));
}

/// Returns findings of vulnerabilities. The message has one fixed form, which the fixer of vulnerable dependencies reads.
pub(crate) fn to_findings(vulnerabilities: &[Vulnerability], subproject: &str, recipe: Recipe) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for one in vulnerabilities {
        // The line and the versions move with every bump, so they do not count.
        let fingerprint = Finding::fingerprint_of("advisories", &one.id, one.path.as_str(), &one.package, "");
        let before = findings.iter().filter(|finding| finding.fingerprint == fingerprint).count();
        let recipe_name = recipe.as_str();
        let digest = fingerprint.to_string();
        let id = match before {
            0 => Digest::of_parts([digest.as_str(), subproject, recipe_name]),
            n => Digest::of_parts([digest.as_str(), subproject, recipe_name, &n.to_string()]),
        };
        findings.push(Finding {
            id: id.short(12),
            kind: FindingKind::DependencyIssue,
            tool: "advisories".to_owned(),
            rule: one.id.clone(),
            severity: Severity::Error,
            message: message::of(one),
            location: Some(Location { path: one.path.clone(), line: one.line, column: 1, end_line: one.line, end_column: 1 }),
            subproject: subproject.to_owned(),
            recipe,
            fingerprint,
            suggestions: Vec::new(),
        });
    }
    findings
}

#[cfg(test)]
mod tests;
