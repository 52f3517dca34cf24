//! What package managers of JavaScript say when they cannot install: a lockfile that is behind, a package that is missing.

use domain::{FindingKind, Severity};

use crate::Diagnostic;
use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    CI = r"^npm (?:error|ERR!) .*can only install packages when your package\.json and (package-lock\.json)";
    OUT_OF_SYNC = r"^npm (?:error|ERR!) (?:Missing|Invalid): (.+) from lock file$";
    PNPM = r"^\s*(?:\u{2009}?ERR_PNPM_OUTDATED_LOCKFILE\u{2009}?\s*)(.*)$";
    YARN = r"(?:lockfile needs to be updated, but yarn was run with|The lockfile would have been modified by this install)";
}

/// Reads all such messages.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    let mut missing: Vec<&str> = Vec::new();
    let mut is_stale = false;
    for line in lines {
        if CI.is_match(line) {
            is_stale = true;
        } else if let Some(found) = OUT_OF_SYNC.captures(line) {
            missing.extend(found.get(1).map(|name| name.as_str()));
        } else if let Some(found) = PNPM.captures(line) {
            reading.push("pnpm", stale("pnpm", "pnpm-lock.yaml", &found[1]));
        } else if YARN.is_match(line) {
            reading.push("yarn", stale("yarn", "yarn.lock", "the lockfile needs to be updated"));
        }
    }
    if is_stale {
        let mut message = "package.json and package-lock.json are not in sync".to_owned();
        if !missing.is_empty() {
            message = format!("{message}: missing from the lockfile: {}", missing.join(", "));
        }
        reading.push("npm", stale("npm", "package-lock.json", &message));
    }
}

fn stale(tool: &str, lockfile: &str, message: &str) -> Diagnostic {
    Diagnostic::new(tool, "stale-lockfile", FindingKind::DependencyIssue, Severity::Error, message).at(lockfile, None)
}
