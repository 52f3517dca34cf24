//! Lockfiles and module files of cargo, Go and Python that are behind their manifest.

use domain::{FindingKind, Severity};

use crate::Diagnostic;
use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    CARGO = r"^error: (?:the lock file (\S+) needs to be updated but --(?:locked|frozen) was passed|cannot update the lock file (\S+) because --(?:locked|frozen) was passed)";
    GO_MOD = r"^go: (?:updates to go\.mod needed|updating go\.mod: existing contents have changed|(\S+): updates to go\.mod needed)";
    GO_SUM = r"^(?:go: )?(?:verifying )?(\S+@\S+): (missing go\.sum entry.*)$";
    POETRY = r"^(?:pyproject\.toml changed significantly since poetry\.lock was last generated|Error: poetry\.lock is not up to date)";
    UV = r"^error: The lockfile at `(.+?)` needs to be updated";
}

/// Reads all such messages.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    for line in lines {
        if let Some(found) = CARGO.captures(line) {
            let path = found.get(1).or(found.get(2)).map_or("Cargo.lock", |path| path.as_str());
            reading.push("cargo text", stale("cargo", path, "the lock file needs to be updated"));
        } else if GO_MOD.is_match(line) {
            reading.push("go text", stale("go", "go.mod", "updates to go.mod needed"));
        } else if let Some(found) = GO_SUM.captures(line) {
            let message = format!("{}: {}", &found[1], found[2].trim_end_matches([':', ';']));
            reading.push("go text", stale("go", "go.sum", &message));
        } else if POETRY.is_match(line) {
            reading.push("poetry", stale("poetry", "poetry.lock", "poetry.lock is not up to date with pyproject.toml"));
        } else if let Some(found) = UV.captures(line) {
            reading.push("uv", stale("uv", &found[1], "the lockfile needs to be updated"));
        }
    }
}

fn stale(tool: &str, path: &str, message: &str) -> Diagnostic {
    Diagnostic::new(tool, "stale-lockfile", FindingKind::DependencyIssue, Severity::Error, message).at(path, None)
}
