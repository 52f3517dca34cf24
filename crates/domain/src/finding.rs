//! A problem, normalised from whatever reported it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Recipe, RepoPath, Suggestion};

/// What kind of problem a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A linter's message.
    Linting,
    /// A formatter would write the file differently.
    Formatting,
    /// A type checker's message.
    TypeChecking,
    /// A test that fails.
    TestFailure,
    /// The compiler or build system stops.
    BuildError,
    /// A dependency is missing, vulnerable, or its lockfile is stale.
    DependencyIssue,
    /// A module or name cannot be imported or found.
    ImportError,
    /// Something deprecated is used.
    Deprecation,
    /// A weakness in the code itself.
    Security,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linting => "linting",
            Self::Formatting => "formatting",
            Self::TypeChecking => "type_checking",
            Self::TestFailure => "test_failure",
            Self::BuildError => "build_error",
            Self::DependencyIssue => "dependency_issue",
            Self::ImportError => "import_error",
            Self::Deprecation => "deprecation",
            Self::Security => "security",
        })
    }
}

/// How bad a finding is, in the tool's view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Advice.
    Info,
    /// Should be mended.
    Warning,
    /// Fails the recipe.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl std::str::FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "info" | "note" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "error" => Ok(Self::Error),
            _ => Err(format!("`{text}` is not a severity: info, warning or error")),
        }
    }
}

/// Where a finding is. Lines and columns count from 1; a column counts bytes of its line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// The file.
    pub path: RepoPath,
    /// First line.
    pub line: u32,
    /// First column; 1 where the tool names none.
    pub column: u32,
    /// Last line, at least `line`.
    pub end_line: u32,
    /// Column after the last byte on `end_line`; equal to `column` where the tool names no end.
    pub end_column: u32,
}

/// One problem, normalised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Names the finding within its repository: the digest of its fingerprint and of how many equal ones stand before it.
    pub id: String,
    /// What kind of problem it is.
    pub kind: FindingKind,
    /// The tool that reported it (`ruff`, `clippy`, `rustc`, `eslint`, `gcc`, …).
    pub tool: String,
    /// The tool's rule code (`F401`, `clippy::needless_return`, `no-unused-vars`), or a general word where the tool has none.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The message, one line.
    pub message: String,
    /// Where it is; some findings (a vulnerable dependency, a failing link) name no line.
    pub location: Option<Location>,
    /// The subproject's folder.
    pub subproject: String,
    /// The recipe that reported it.
    pub recipe: Recipe,
    /// Stays the same when lines move: tool, rule, file, message without figures, and the text of the line.
    pub fingerprint: Digest,
    /// Ways to settle it that the tool itself offers, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
}

impl Finding {
    /// Returns the file that the finding is in, if it names one.
    #[must_use]
    pub fn path(&self) -> Option<&RepoPath> {
        self.location.as_ref().map(|location| &location.path)
    }

    /// Returns the first line (from 1), if the finding names one.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.location.as_ref().map(|location| location.line)
    }

    /// Returns the fingerprint of a problem: equal for the same problem when lines move.
    #[must_use]
    pub fn fingerprint_of(tool: &str, rule: &str, path: &str, message: &str, line_text: &str) -> Digest {
        let message: String = message.chars().filter(|c| !c.is_ascii_digit()).collect();
        Digest::of_parts([tool, rule, path, &message, line_text.trim()])
    }
}
