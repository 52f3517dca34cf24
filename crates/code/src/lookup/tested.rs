//! Which tests try a file, and which files a test tries: by calls, by imports, and by the names that people give to test files.

use std::collections::BTreeSet;

use domain::RepoPath;

use super::modules::leads_to;
use super::{Certainty, Symbol};
use crate::index::{Error, Index};

/// Definitions of a file whose callers are asked for.
const MAX_DEFINITIONS: usize = 200;

impl Index {
    /// Returns the tests that try a file: those in it, those that call what it defines, and those of a test file named after it.
    ///
    /// # Errors
    /// [`Error`] when the index cannot be read.
    pub fn tests_of(&self, path: &RepoPath) -> Result<Vec<Symbol>, Error> {
        let Some(outline) = self.outline(path)? else { return Ok(Vec::new()) };
        let mut tests: Vec<Symbol> = outline.iter().filter(|one| one.test).cloned().collect();
        for file in self.files().iter().filter(|file| names_after(&file.path, path)) {
            tests.extend(self.outline(&file.path)?.into_iter().flatten().filter(|one| one.test));
        }
        for symbol in outline.iter().filter(|one| one.kind.is_function() && !one.test && !one.declaration).take(MAX_DEFINITIONS) {
            for call in self.callers(&symbol.name, std::slice::from_ref(symbol))? {
                if call.certainty == Certainty::Sure {
                    tests.extend(self.enclosing(&call.path, call.line)?.into_iter().flatten().find(|one| one.test));
                }
            }
        }
        tests.sort_by(|a, b| (&a.path, a.line, &a.name).cmp(&(&b.path, b.line, &b.name)));
        tests.dedup();
        Ok(tests)
    }

    /// Returns the files that a test file tries: those that it imports, and the one that it is named after.
    ///
    /// # Errors
    /// As [`Index::tests_of`].
    pub fn tried_by(&self, path: &RepoPath) -> Result<Vec<RepoPath>, Error> {
        let Some((language, _)) = self.text_of(path) else { return Ok(Vec::new()) };
        let mut modules = BTreeSet::new();
        for import in self.imports(path)?.into_iter().flatten() {
            if let Some(name) = &import.name {
                let separator = if language == domain::Language::Rust { "::" } else { "." };
                modules.insert(format!("{}{separator}{name}", import.module));
            }
            modules.insert(import.module);
        }
        let mut found: Vec<RepoPath> = Vec::new();
        for file in self.files().iter().filter(|file| file.skipped().is_none() && file.path != *path) {
            let is_imported =
                || modules.iter().any(|module| leads_to(language, module, path, &file.path) == Some(Certainty::Sure));
            let same_language = self.text_of(&file.path).is_some_and(|(other, _)| other == language);
            if same_language && (names_after(path, &file.path) || is_imported()) {
                found.push(file.path.clone());
            }
        }
        Ok(found)
    }
}

/// Says whether a test file is named after a file: `test_a.py`, `a_test.go`, `ATest.java`, `a.spec.ts`, `a_unittest.cc`.
fn names_after(test: &RepoPath, file: &RepoPath) -> bool {
    let stem = |path: &'_ RepoPath| path.file_name().split('.').next().unwrap_or_default().to_owned();
    let (own, of) = (stem(test), stem(file));
    if of.is_empty() || test == file {
        return false;
    }
    let plain = [
        own.strip_prefix("test_"),
        own.strip_prefix("test-"),
        own.strip_suffix("_test"),
        own.strip_suffix("-test"),
        own.strip_suffix("_tests"),
        own.strip_suffix("_unittest"),
        own.strip_suffix("_spec"),
        own.strip_suffix("Tests"),
        own.strip_suffix("Test"),
        own.strip_suffix("Spec"),
        own.strip_suffix("IT"),
    ];
    let dotted = || {
        let rest = test.file_name().strip_prefix(of.as_str()).unwrap_or_default();
        rest.starts_with(".test.") || rest.starts_with(".spec.")
    };
    let alike = plain.into_iter().flatten().any(|plain| plain == of) || (own == of && dotted());
    let speaks_of = || {
        let (own, of) = (crate::language_of(test)?, crate::language_of(file)?);
        Some(super::resolve::can_speak_of(own, of))
    };
    alike && speaks_of() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_files_are_named_after_files() {
        let after = |test: &str, file: &str| names_after(&RepoPath::new(test).unwrap(), &RepoPath::new(file).unwrap());
        for (test, file) in [
            ("tests/test_a.py", "src/a.py"),
            ("a_test.go", "a.go"),
            ("src/test/ATest.java", "src/main/A.java"),
            ("a.spec.ts", "a.ts"),
            ("a.test.tsx", "a.ts"),
            ("a_test.cc", "a.h"),
            ("a_unittest.cc", "a.cc"),
        ] {
            assert!(after(test, file), "{test} {file}");
        }
        for (test, file) in
            [("test_b.py", "a.py"), ("a.py", "a.py"), ("a.rs", "b/a.rs"), ("test_a.py", "a.js"), ("a.config.ts", "a.ts")]
        {
            assert!(!after(test, file), "{test} {file}");
        }
    }
}
