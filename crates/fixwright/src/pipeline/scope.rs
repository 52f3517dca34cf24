//! The gates that need no command: scope and syntax. (Capability and secrets are in `safety`.)

use domain::{Edit, Finding, Reason, RepoPath};

use crate::config::Config;
use crate::engines::Draft;
use crate::workspace::Changes;

/// Says whether a draft may change the files that it changes. A protected file is open only to a repair of a finding in that very file,
/// or to an author that is registered for it (a dependency fixer for lockfiles).
pub(crate) fn allowed(config: &Config, finding: &Finding, draft: &Draft, edits: &[Edit]) -> Result<(), Reason> {
    for edit in edits {
        if config.protection(&edit.path).is_none() || finding.path() == Some(&edit.path) {
            continue;
        }
        let name = edit.path.file_name();
        if !draft.may_change.iter().any(|pattern| *pattern == name || pattern.strip_prefix("**/") == Some(name)) {
            return Err(Reason::ProtectedPath);
        }
    }
    Ok(())
}

/// What is wrong with a changed file, without running anything: the reason, and the line (of the new text) where it shows.
pub(crate) fn faults(path: &RepoPath, before: Option<&[u8]>, after: Option<&[u8]>) -> Vec<(Reason, Option<u32>)> {
    let Some(language) = code::language_of(path) else { return Vec::new() };
    let mut faults = Vec::new();
    let after_text = after.unwrap_or_default();
    if after.is_some() {
        let errors = code::new_syntax_errors(language, before, after_text).unwrap_or_default();
        faults.extend(errors.iter().map(|error| (Reason::SyntaxBroken, Some(error.line))));
    }
    let before_text = before.unwrap_or_default();
    if loses(&code::tests_in(language, path, before_text), &code::tests_in(language, path, after_text)) {
        faults.push((Reason::TestDeleted, None));
    }
    if loses(&code::suppressions(language, after_text), &code::suppressions(language, before_text)) {
        faults.push((Reason::Suppression, None));
    }
    faults
}

/// Says whether `now` lacks something of `was`, counting repeats.
fn loses(was: &[String], now: &[String]) -> bool {
    let mut left: Vec<&String> = now.iter().collect();
    was.iter().any(|name| match left.iter().position(|other| *other == name) {
        Some(position) => {
            left.swap_remove(position);
            false
        }
        None => true,
    })
}

/// Says whether a change as a whole is within the policy's bounds: files and lines.
pub(crate) fn small_enough(config: &Config, changes: &Changes, base: &domain::Files) -> Result<(usize, usize), Reason> {
    let lines: usize = changes
        .iter()
        .map(|(path, after)| {
            let before = base.read(path).unwrap_or_default();
            let (added, removed) = patch::LineMap::new(&before, after.as_deref().unwrap_or_default()).counts();
            added.max(removed)
        })
        .sum();
    if changes.len() > config.policy.max_files || lines > config.policy.max_lines {
        return Err(Reason::TooLarge);
    }
    Ok((changes.len(), lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(name: &str, before: &str, after: &str) -> Vec<Reason> {
        let path = RepoPath::new(name).unwrap();
        faults(&path, Some(before.as_bytes()), Some(after.as_bytes())).into_iter().map(|(reason, _)| reason).collect()
    }

    #[test]
    fn a_deleted_test_a_new_suppression_and_broken_syntax_are_seen() {
        let test = "def test_a():\n    assert f()\n";
        assert_eq!(faults_of("test_x.py", &format!("{test}def test_b():\n    pass\n"), test), [Reason::TestDeleted]);
        assert_eq!(faults_of("x.py", "import os\n", "import os  # noqa: F401\n"), [Reason::Suppression]);
        assert_eq!(faults_of("x.rs", "fn f() {}\n", "#[allow(dead_code)]\nfn f() {}\n"), [Reason::Suppression]);
        assert_eq!(faults_of("x.js", "let a = 1;\n", "// eslint-disable-next-line\nlet a = 1;\n"), [Reason::Suppression]);
        assert_eq!(faults_of("x.py", "a = 1\n", "a = (1\n"), [Reason::SyntaxBroken]);
        assert_eq!(faults_of("x.py", "a = 1  # noqa\n", "a = 2  # noqa\n"), []);
    }
}
