//! The settings: `config.default.toml` (it documents itself) ← the user's file ← the repository's `fixwright.toml` ← `FIXWRIGHT_*` of
//! the environment ← flags, which the commands lay over it.
//!
//! Each place is read strictly, in a form where every key may be missing: an unknown key, a wrong type or a value that cannot be is
//! an [`Error`] with file, line, column and key, before anything is done.

mod error;
mod glob;
mod layer;
mod sandbox;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use code::Capability;
use domain::{RepoPath, Subproject};

pub(crate) use error::Error;
use glob::Glob;
use layer::{Layer, Place};
pub(crate) use sandbox::{Backend, Network, Sandbox};

use crate::env::Env;

/// The name of the repository's own file.
pub(crate) const REPOSITORY_FILE: &str = "fixwright.toml";

const DEFAULT: &str = include_str!("config.default.toml");

/// All settings.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The subprojects that the repository names; when empty they are detected.
    pub(crate) subprojects: Vec<Subproject>,
    /// What a candidate may change.
    pub(crate) policy: Policy,
    /// How changes leave.
    pub(crate) delivery: Delivery,
    /// Folders of advisories.
    pub(crate) advisories: Vec<PathBuf>,
    /// Names of variables that recipes see besides those that are always passed.
    pub(crate) pass: Vec<String>,
    /// What a run may use.
    pub(crate) limits: Limits,
    /// Behind which walls commands run.
    pub(crate) sandbox: Sandbox,
}

/// What a candidate may change.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// Files, at most.
    pub(crate) max_files: usize,
    /// Lines added and removed, at most.
    pub(crate) max_lines: usize,
    capabilities: BTreeMap<Capability, Answer>,
    protected: Vec<(Protection, Vec<Glob>)>,
}

impl Policy {
    /// Says what becomes of a candidate that newly lets the program do this. What no line of the configuration speaks of is asked about.
    pub(crate) fn answer(&self, capability: Capability) -> Answer {
        self.capabilities.get(&capability).copied().unwrap_or(Answer::Ask)
    }
}

/// What becomes of a candidate that lets the program do something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer {
    /// It may go.
    Pass,
    /// A person must approve it.
    Ask,
    /// It is refused, whoever approves.
    Refuse,
}

/// Why a file is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Protection {
    /// It is a test, or what tests need.
    Test,
    /// It tells a CI system what to do.
    Ci,
    /// It configures a linter, a formatter, a test runner, or fixwright.
    LintConfig,
    /// It locks dependencies.
    Lockfile,
    /// The configuration says so.
    Custom,
}

impl std::fmt::Display for Protection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Test => "it is a test, or what tests need",
            Self::Ci => "it tells a CI system what to do",
            Self::LintConfig => "it configures a tool",
            Self::Lockfile => "it locks dependencies",
            Self::Custom => "the configuration says so",
        })
    }
}

/// How changes leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// One branch or many.
    pub(crate) mode: Mode,
    /// Who writes the commits.
    pub(crate) author_name: String,
    /// Where to reach them.
    pub(crate) author_email: String,
    /// What the names of branches start with, without the slash.
    pub(crate) branch_prefix: String,
}

/// One branch or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// One branch, a commit a case.
    Stack,
    /// A branch a case.
    Each,
}

/// What a run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes kept of each of standard output and standard error of a recipe.
    pub(crate) output_bytes: usize,
    /// Recipes and cases that run at the same time; `None` is one for each core.
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Attempts for one finding.
    pub(crate) max_attempts: u32,
    /// When no new work begins any more.
    pub(crate) budget: Option<Duration>,
}

impl Config {
    /// Returns the settings for a repository: `repository` is the text of its [`REPOSITORY_FILE`] with the name by which a person
    /// knows the file, `root` the folder that relative paths in it start from.
    ///
    /// # Errors
    /// [`Error`] when one of the places cannot be used.
    pub(crate) fn load(env: &Env, repository: Option<(&str, &str)>, root: &std::path::Path) -> Result<Self, Error> {
        let mut all = Layer::read(Place::Default, "config.default.toml", DEFAULT)?;
        if let Some(path) = env.config_file() {
            let name = path.display().to_string();
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    let home = path.parent().unwrap_or(&path);
                    all.lay(Layer::read(Place::User, &name, &text)?.rooted(home, env));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::of_file(&name, format!("it cannot be read: {error}"))),
            }
        }
        if let Some((name, text)) = repository {
            all.lay(Layer::read(Place::Repository, name, text)?.rooted(root, env));
        }
        all.lay(Layer::from_env(env)?.rooted(root, env));
        all.finish()
    }

    /// Says why a file is protected, if it is.
    pub(crate) fn protection(&self, path: &RepoPath) -> Option<Protection> {
        let matches = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(path.as_str()));
        self.policy.protected.iter().find(|(_, globs)| matches(globs)).map(|(protection, _)| *protection)
    }
}

#[cfg(test)]
mod tests;
