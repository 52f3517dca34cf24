//! Edits as data: what a tool or a fixer suggests, before anything is touched.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::RepoPath;

/// Replaces the bytes `range` of the file `path` by `text`. In a file that does not exist only `0..0` is in range: it is created.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edit {
    /// The file.
    pub path: RepoPath,
    /// Start and end in bytes, the end excluded.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Returns an edit of the bytes `range` of `path`.
    #[must_use]
    pub fn new(path: &RepoPath, range: Range<usize>, text: impl Into<String>) -> Self {
        Self { path: path.clone(), start: range.start, end: range.end, text: text.into() }
    }

    /// Returns the range of bytes that is replaced.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// How far the author of a suggestion vouches for it. The gates decide; this orders what is tried first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applicability {
    /// The tool applies it by itself (rustc `MachineApplicable`, ruff `safe`, an eslint `fix`).
    Safe,
    /// The tool applies it when told to (ruff `unsafe`, rustc `MaybeIncorrect`).
    Unsafe,
    /// The tool shows it and leaves it to a person (an eslint `suggestion`, ruff `display`, rustc `Unspecified`).
    Display,
}

/// One way to settle a finding: edits that belong together, all in the coordinates of the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What it does, in the tool's words.
    pub message: String,
    /// How far its author vouches for it.
    pub applicability: Applicability,
    /// The edits, disjoint within a file.
    pub edits: Vec<Edit>,
}
