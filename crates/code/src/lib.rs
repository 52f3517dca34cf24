//! Languages and syntax over tree-sitter: what the gates and the fixers need to know of a program.
//!
//! Pure and CPU-bound: no I/O. Input is hostile: size and time are bounded, and what could not be parsed is said.

use domain::{Language, RepoPath};

/// Returns the language of a file, by its name.
#[must_use]
pub fn language_of(_path: &RepoPath) -> Option<Language> {
    None
}

/// Parses a file. `None` when there is no grammar for the language, or the text is too large (over 4 MiB) or takes over 2 seconds.
#[must_use]
pub fn parse(_language: Language, _text: &[u8]) -> Option<tree_sitter::Tree> {
    None
}

/// A place where a file does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there, one line.
    pub what: String,
}

/// Returns the syntax errors of `after` that `before` does not have (all of them for a new file). `None` when it cannot be judged.
///
/// A delta and not "no errors": grammars do not know every extension that compilers accept, so files that build may hold errors.
#[must_use]
pub fn new_syntax_errors(_language: Language, _before: Option<&[u8]>, _after: &[u8]) -> Option<Vec<SyntaxError>> {
    None
}

/// Returns the names of the test functions in a file (`test_*` and `Test*` methods in Python, `#[test]` in Rust, `it`/`test`/
/// `describe` titles in JavaScript and TypeScript, `Test*` in Go, …), repeated as often as they are defined.
#[must_use]
pub fn tests_in(_language: Language, _path: &RepoPath, _text: &[u8]) -> Vec<String> {
    Vec::new()
}

/// Returns the suppressions in a file: comments and attributes that silence a tool (`# noqa`, `# type: ignore`, `# pylint: disable`,
/// `#[allow(…)]`, `#[expect(…)]`, `eslint-disable`, `@ts-ignore`, `//nolint`, `NOLINT`, …), each with its line's trimmed text, in order.
#[must_use]
pub fn suppressions(_language: Language, _text: &[u8]) -> Vec<String> {
    Vec::new()
}
