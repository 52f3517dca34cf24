//! The gates that need no command: scope and syntax. (Capability and secrets are in `safety`.)

use domain::{Edit, Files, Finding, Language, Reason, RepoPath};

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
    let suppressed = code::suppressions(language, before.unwrap_or_default());
    if !lost(code::suppressions(language, after_text), suppressed).is_empty() {
        faults.push((Reason::Suppression, None));
    }
    faults
}

/// Returns what `now` lacks of `was`, counting repeats.
fn lost(was: Vec<String>, mut now: Vec<String>) -> Vec<String> {
    let is_lost = |name: &String| match now.iter().position(|other| other == name) {
        Some(position) => {
            now.swap_remove(position);
            false
        }
        None => true,
    };
    was.into_iter().filter(is_lost).collect()
}

/// A test that a change takes out of a file, or puts into one.
struct Test {
    path: RepoPath,
    language: Language,
    name: String,
}

impl Test {
    /// Its name without the classes and modules around it.
    fn own_name(&self) -> &str {
        let separator = match self.language {
            Language::Python => ".",
            Language::Rust => "::",
            _ => return &self.name,
        };
        self.name.rsplit(separator).next().unwrap_or_default()
    }

    /// Says whether this one is `gone`, moved into another file: by the same name, and where runners look for tests if they did before. The
    /// modules around it are another matter: a file of its own is one.
    fn is(&self, gone: &Self) -> bool {
        self.language == gone.language
            && self.own_name() == gone.own_name()
            && (gone.language == Language::Rust || is_looked_into(&self.path) || !is_looked_into(&gone.path))
    }
}

/// Returns the files that lose a test which no other file of the change gains: what moves is not deleted.
pub(crate) fn lose_tests(base: &Files, changes: &Changes) -> Vec<RepoPath> {
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for (path, after) in changes {
        let Some(language) = code::language_of(path) else { continue };
        let tests = |text: Option<&[u8]>| text.map(|text| code::tests_in(language, path, text)).unwrap_or_default();
        let (was, now) = (tests(base.read(path).as_deref()), tests(after.as_deref()));
        let test = |name| Test { path: path.clone(), language, name };
        gone.extend(lost(was.clone(), now.clone()).into_iter().map(test));
        new.extend(lost(now, was).into_iter().map(test));
    }
    // One that keeps its whole name first, so that it is not taken for another.
    for is_whole in [true, false] {
        gone.retain(|gone| {
            let is_moved = |one: &Test| one.path != gone.path && one.is(gone) && (!is_whole || one.name == gone.name);
            new.iter().position(is_moved).map(|at| new.swap_remove(at)).is_none()
        });
    }
    gone.into_iter().map(|test| test.path).collect()
}

/// Says whether runners look into a file by its name: `test_a.py`, `a_test.cc`, `a.spec.ts`, `ATest.java`, `tests/a.js`.
fn is_looked_into(path: &RepoPath) -> bool {
    let stem = path.file_name().split('.').next().unwrap_or_default();
    let is_named = stem.starts_with("test_")
        || ["_test", "_tests", "_unittest", "_spec", "Test", "Tests", "IT", "Spec"].iter().any(|end| stem.ends_with(end))
        || path.file_name().contains(".test.")
        || path.file_name().contains(".spec.");
    // Python's runners ask for the name of the file, wherever it lies.
    let is_python = code::language_of(path) == Some(Language::Python);
    is_named || (!is_python && path.parent().split('/').any(|folder| matches!(folder, "test" | "tests" | "__tests__" | "spec")))
}

/// Says whether a change as a whole is within the policy's bounds: files and lines.
pub(crate) fn small_enough(config: &Config, changes: &Changes, base: &Files) -> Result<(usize, usize), Reason> {
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
    use std::sync::Arc;

    use super::*;

    fn faults_of(name: &str, before: &str, after: &str) -> Vec<Reason> {
        let path = RepoPath::new(name).unwrap();
        faults(&path, Some(before.as_bytes()), Some(after.as_bytes())).into_iter().map(|(reason, _)| reason).collect()
    }

    #[test]
    fn a_new_suppression_and_broken_syntax_are_seen() {
        assert_eq!(faults_of("x.py", "import os\n", "import os  # noqa: F401\n"), [Reason::Suppression]);
        assert_eq!(faults_of("x.rs", "fn f() {}\n", "#[allow(dead_code)]\nfn f() {}\n"), [Reason::Suppression]);
        assert_eq!(faults_of("x.js", "let a = 1;\n", "// eslint-disable-next-line\nlet a = 1;\n"), [Reason::Suppression]);
        assert_eq!(faults_of("x.py", "a = 1\n", "a = (1\n"), [Reason::SyntaxBroken]);
        assert_eq!(faults_of("x.py", "a = 1  # noqa\n", "a = 2  # noqa\n"), []);
    }

    /// Each file as it was and as it becomes; nothing where there is none.
    fn losing(files: &[(&str, &str, &str)]) -> Vec<String> {
        let path = |name: &str| RepoPath::new(name).unwrap();
        let there = |text: &str| Some(Arc::from(text.as_bytes())).filter(|_: &Arc<[u8]>| !text.is_empty());
        let before = files.iter().filter(|(_, before, _)| !before.is_empty());
        let before = before.map(|(name, before, _)| (path(name), before.as_bytes().to_vec())).collect();
        let changes = files.iter().map(|(name, _, after)| (path(name), there(after))).collect();
        lose_tests(&Files::from_map(before), &changes).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_test_that_is_deleted_is_lost_and_one_that_moves_is_not() {
        let (a, b) = ("def test_a():\n    assert f()\n", "def test_b():\n    pass\n");
        let both = a.to_owned() + b;
        assert_eq!(losing(&[("test_x.py", &both, a)]), ["test_x.py"]);
        assert_eq!(losing(&[("test_x.py", &both, "")]), ["test_x.py", "test_x.py"]);
        assert_eq!(losing(&[("test_x.py", &both, a), ("test_y.py", "", b)]), [""; 0]);
        assert_eq!(losing(&[("test_x.py", &both, ""), ("tests/test_x.py", "", &both)]), [""; 0]);
        // Into a class, or out of a module that a file of its own becomes.
        let class = "class TestB:\n    def test_b(self):\n        pass\n";
        assert_eq!(losing(&[("test_x.py", &both, a), ("test_y.py", "", class)]), [""; 0]);
        let inline = "mod tests {\n    #[test]\n    fn b() {}\n}\n";
        assert_eq!(losing(&[("src/x.rs", inline, "mod tests;\n"), ("src/x/tests.rs", "", "#[test]\nfn b() {}\n")]), [""; 0]);
    }

    #[test]
    fn a_test_that_nobody_runs_any_more_is_lost_wherever_it_went() {
        let (a, b) = ("def test_a():\n    pass\n", "def test_b():\n    pass\n");
        let both = a.to_owned() + b;
        // A file that no runner looks into, one that had it already, a test of another name, two that become one.
        assert_eq!(losing(&[("test_x.py", &both, a), ("helpers.py", "", b)]), ["test_x.py"]);
        assert_eq!(losing(&[("tests/test_x.py", &both, a), ("tests/helpers.py", "", b)]), ["tests/test_x.py"]);
        assert_eq!(losing(&[("test_x.py", &both, a), ("test_y.py", b, b)]), ["test_x.py"]);
        assert_eq!(losing(&[("test_x.py", &both, a), ("test_y.py", "", &b.replace("_b", "_c"))]), ["test_x.py"]);
        assert_eq!(losing(&[("test_x.py", &both, a), ("test_z.py", b, ""), ("test_y.py", "", b)]).len(), 1);
        let skipped = format!("import pytest\n\n@pytest.mark.skip\n{b}");
        assert_eq!(losing(&[("test_x.py", &both, a), ("test_y.py", "", &skipped)]), ["test_x.py"]);
        let go = "package a\n\nfunc TestB(t *testing.T) {}\n";
        assert_eq!(losing(&[("a_test.go", go, "package a\n"), ("b.go", "", go)]), ["a_test.go"]);
    }
}
