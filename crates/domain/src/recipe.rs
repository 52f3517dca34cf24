//! Subprojects and the commands that judge them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A named kind of command of a subproject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recipe {
    /// Builds or compiles.
    Build,
    /// Runs the tests.
    Test,
    /// Runs a linter.
    Lint,
    /// Checks the format.
    Format,
    /// Checks types.
    Typecheck,
    /// Looks for vulnerable dependencies.
    Audit,
}

impl Recipe {
    /// All recipes, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Self::Build, Self::Test, Self::Lint, Self::Format, Self::Typecheck, Self::Audit];

    /// Returns the name used in configuration, JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Test => "test",
            Self::Lint => "lint",
            Self::Format => "format",
            Self::Typecheck => "typecheck",
            Self::Audit => "audit",
        }
    }
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Recipe {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|recipe| recipe.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a recipe: build, test, lint, format, typecheck or audit"))
    }
}

/// The language of a subproject; decides which tools are looked for and which grammar reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Language {
    Rust,
    Python,
    JavaScript,
    TypeScript,
    Go,
    C,
    Cpp,
    Java,
    CSharp,
    Ruby,
    Php,
    Kotlin,
    Scala,
    Bash,
    /// Anything else: only the recipes matter.
    Other,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 15] = [
        Self::Rust,
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::Go,
        Self::C,
        Self::Cpp,
        Self::Java,
        Self::CSharp,
        Self::Ruby,
        Self::Php,
        Self::Kotlin,
        Self::Scala,
        Self::Bash,
        Self::Other,
    ];
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Go => "go",
            Self::C => "c",
            Self::Cpp => "cpp",
            Self::Java => "java",
            Self::CSharp => "csharp",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::Kotlin => "kotlin",
            Self::Scala => "scala",
            Self::Bash => "bash",
            Self::Other => "other",
        })
    }
}

/// The command of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipeCommand {
    /// A command line for `sh -c`, run in the subproject's folder.
    pub command: String,
    /// Killed, with all that it started, after so many seconds.
    #[serde(default = "default_timeout")]
    pub timeout_secs: u64,
}

fn default_timeout() -> u64 {
    600
}

/// A folder of the repository that is built, tested or linted by commands of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subproject {
    /// The folder, relative to the repository's root; `"."` is the root.
    pub path: String,
    /// Its language.
    pub language: Language,
    /// Its commands.
    #[serde(default)]
    pub recipes: BTreeMap<Recipe, RecipeCommand>,
}
