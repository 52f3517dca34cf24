//! One place where settings come from, read strictly and with every key optional, and how places are laid over each other.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use code::Capability;
use domain::{Language, Recipe, RecipeCommand, RepoPath, Subproject};
use serde::Deserialize;
use toml::Spanned;

use super::error::{Error, nearest};
use super::glob::Glob;
use super::sandbox::SandboxTable;
use super::{Answer, Config, Delivery, Limits, Mode, Policy, Protection};
use crate::env::{Env, may_be_passed};

const LONGEST_TIMEOUT: u64 = 86_400;
/// More subprojects than anybody has; keeps a hostile file from making work without end.
const MOST_SUBPROJECTS: usize = 500;

/// Where a layer comes from; decides what may be said there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Built in.
    Default,
    /// The user's own file.
    User,
    /// The repository's file.
    Repository,
}

/// What one place says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layer {
    subproject: Option<Vec<SubprojectTable>>,
    #[serde(default)]
    policy: PolicyTable,
    #[serde(default)]
    delivery: DeliveryTable,
    #[serde(default)]
    advisories: AdvisoriesTable,
    #[serde(default)]
    environment: EnvironmentTable,
    limits: Option<Spanned<LimitsTable>>,
    sandbox: Option<Spanned<SandboxTable>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubprojectTable {
    path: Spanned<String>,
    language: Language,
    #[serde(default)]
    recipes: Recipes,
}

/// Written out, so that a misspelt recipe is an unknown key.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipes {
    build: Option<RecipeTable>,
    test: Option<RecipeTable>,
    lint: Option<RecipeTable>,
    format: Option<RecipeTable>,
    typecheck: Option<RecipeTable>,
    audit: Option<RecipeTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecipeTable {
    command: Spanned<String>,
    timeout_secs: Option<Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyTable {
    max_files: Option<u32>,
    max_lines: Option<u32>,
    protected_tests: Option<Globs>,
    protected_ci: Option<Globs>,
    protected_lint_config: Option<Globs>,
    protected_lockfiles: Option<Globs>,
    protected: Option<Globs>,
    capabilities: Option<BTreeMap<Capability, Answer>>,
}

type Globs = Vec<Spanned<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliveryTable {
    mode: Option<Mode>,
    author_name: Option<Spanned<String>>,
    author_email: Option<Spanned<String>>,
    branch_prefix: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvisoriesTable {
    paths: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentTable {
    pass: Option<Vec<Spanned<String>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsTable {
    output_bytes: Option<Spanned<u32>>,
    jobs: Option<u16>,
    max_attempts: Option<Spanned<u32>>,
    budget_seconds: Option<u32>,
}

impl Layer {
    /// Reads a place and checks every value in it.
    pub(super) fn read(place: Place, file: &str, text: &str) -> Result<Self, Error> {
        // Editors on some systems begin a file with this mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let layer: Self = toml::from_str(text).map_err(|error| Error::of_toml(file, text, &error))?;
        layer.check(place, &|span, problem| Error::at(file, text, span, problem, None))?;
        Ok(layer)
    }

    /// Reads `FIXWRIGHT_<SECTION>_<KEY>`. Other variables that start with `FIXWRIGHT_` belong to flags.
    pub(super) fn from_env(env: &Env) -> Result<Self, Error> {
        let mut all = Self::default();
        for section in ["policy", "delivery", "advisories", "environment", "limits", "sandbox"] {
            let prefix = format!("FIXWRIGHT_{}_", section.to_ascii_uppercase());
            for (name, value) in env.starting_with(&prefix).filter(|(_, value)| !value.is_empty()) {
                let key = name.get(prefix.len()..).unwrap_or_default().to_ascii_lowercase();
                all.lay(variable(name, value, section, &key)?);
            }
        }
        Ok(all)
    }

    /// Makes relative paths start at `folder`, and `~/` at the home.
    pub(super) fn rooted(mut self, folder: &Path, env: &Env) -> Self {
        let sandbox = self.sandbox.iter_mut().flat_map(|table| table.get_mut().paths());
        for path in self.advisories.paths.iter_mut().flatten().chain(sandbox) {
            let full = match (path.strip_prefix("~/"), env.home()) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => folder.join(&*path),
            };
            *path = full.to_string_lossy().into_owned();
        }
        self
    }

    /// Lays another place over this one: what it says wins, lists that grow are put together.
    pub(super) fn lay(&mut self, over: Self) {
        let Self { subproject, policy, delivery, advisories, environment, limits, sandbox } = over;
        replace(&mut self.subproject, subproject);
        let PolicyTable {
            max_files,
            max_lines,
            protected_tests,
            protected_ci,
            protected_lint_config,
            protected_lockfiles,
            protected,
            capabilities,
        } = policy;
        replace(&mut self.policy.max_files, max_files);
        replace(&mut self.policy.max_lines, max_lines);
        replace(&mut self.policy.protected_tests, protected_tests);
        replace(&mut self.policy.protected_ci, protected_ci);
        replace(&mut self.policy.protected_lint_config, protected_lint_config);
        replace(&mut self.policy.protected_lockfiles, protected_lockfiles);
        add(&mut self.policy.protected, protected);
        self.policy.capabilities.get_or_insert_default().extend(capabilities.into_iter().flatten());
        let DeliveryTable { mode, author_name, author_email, branch_prefix } = delivery;
        replace(&mut self.delivery.mode, mode);
        replace(&mut self.delivery.author_name, author_name);
        replace(&mut self.delivery.author_email, author_email);
        replace(&mut self.delivery.branch_prefix, branch_prefix);
        add(&mut self.advisories.paths, advisories.paths);
        add(&mut self.environment.pass, environment.pass);
        if let Some(limits) = limits {
            let LimitsTable { output_bytes, jobs, max_attempts, budget_seconds } = limits.into_inner();
            let under = self.limits.get_or_insert_with(|| Spanned::new(0..0, LimitsTable::default())).get_mut();
            replace(&mut under.output_bytes, output_bytes);
            replace(&mut under.jobs, jobs);
            replace(&mut under.max_attempts, max_attempts);
            replace(&mut under.budget_seconds, budget_seconds);
        }
        if let Some(sandbox) = sandbox {
            self.sandbox.get_or_insert_with(|| Spanned::new(0..0, SandboxTable::default())).get_mut().lay(sandbox.into_inner());
        }
    }

    /// Returns the settings; every key has a value because the built-in file names them all.
    pub(super) fn finish(self) -> Result<Config, Error> {
        let missing = |key: &str| Error::of_file("config.default.toml", format!("`{key}` is missing"));
        let PolicyTable {
            max_files,
            max_lines,
            protected_tests,
            protected_ci,
            protected_lint_config,
            protected_lockfiles,
            protected,
            capabilities,
        } = self.policy;
        let protected = [
            (Protection::Test, protected_tests),
            (Protection::Ci, protected_ci),
            (Protection::LintConfig, protected_lint_config),
            (Protection::Lockfile, protected_lockfiles),
            (Protection::Custom, protected),
        ];
        let compiled =
            |globs: Option<Globs>| globs.into_iter().flatten().filter_map(|glob| Glob::new(glob.get_ref()).ok()).collect();
        let limits = self.limits.map(Spanned::into_inner).unwrap_or_default();
        let size = |value: Option<u32>| value.and_then(|value| usize::try_from(value).ok());
        Ok(Config {
            subprojects: self.subproject.into_iter().flatten().map(SubprojectTable::into_subproject).collect(),
            policy: Policy {
                max_files: size(max_files).ok_or_else(|| missing("policy.max_files"))?,
                max_lines: size(max_lines).ok_or_else(|| missing("policy.max_lines"))?,
                capabilities: capabilities.ok_or_else(|| missing("policy.capabilities"))?,
                protected: protected.into_iter().map(|(protection, globs)| (protection, compiled(globs))).collect(),
            },
            delivery: Delivery {
                mode: self.delivery.mode.ok_or_else(|| missing("delivery.mode"))?,
                author_name: text(self.delivery.author_name).ok_or_else(|| missing("delivery.author_name"))?,
                author_email: text(self.delivery.author_email).ok_or_else(|| missing("delivery.author_email"))?,
                branch_prefix: text(self.delivery.branch_prefix).ok_or_else(|| missing("delivery.branch_prefix"))?,
            },
            advisories: self.advisories.paths.into_iter().flatten().map(Into::into).collect(),
            sandbox: self.sandbox.map(Spanned::into_inner).unwrap_or_default().finish(&missing)?,
            pass: self.environment.pass.into_iter().flatten().map(Spanned::into_inner).collect(),
            limits: Limits {
                output_bytes: size(limits.output_bytes.map(Spanned::into_inner)).ok_or_else(|| missing("limits.output_bytes"))?,
                jobs: limits.jobs.and_then(|jobs| NonZeroUsize::new(jobs.into())),
                max_attempts: limits.max_attempts.map(Spanned::into_inner).ok_or_else(|| missing("limits.max_attempts"))?,
                budget: limits.budget_seconds.filter(|seconds| *seconds > 0).map(|seconds| Duration::from_secs(seconds.into())),
            },
        })
    }

    /// Checks what the types cannot say. `error` makes the error of a place in the text.
    fn check(&self, place: Place, error: &dyn Fn(std::ops::Range<usize>, String) -> Error) -> Result<(), Error> {
        let at = |value: &Spanned<String>, problem: &str| Err(error(value.span(), problem.to_owned()));
        let own = [("limits", self.limits.as_ref().map(Spanned::span)), ("sandbox", self.sandbox.as_ref().map(Spanned::span))];
        for (section, span) in own {
            if let Some(span) = span.filter(|_| place == Place::Repository) {
                let problem = format!("`{section}` cannot be set by a repository");
                return Err(error(span, problem).hinting("it belongs into the user's config.toml"));
            }
        }
        if let Some(sandbox) = &self.sandbox {
            sandbox.get_ref().check(error)?;
        }
        let subprojects = self.subproject.as_deref().unwrap_or_default();
        if let (true, Some(first)) = (place != Place::Repository, subprojects.first()) {
            return at(&first.path, "subprojects can only be named by the repository's fixwright.toml");
        }
        if let Some(beyond) = subprojects.get(MOST_SUBPROJECTS) {
            return at(&beyond.path, "there are too many subprojects");
        }
        let mut seen = BTreeMap::new();
        for one in subprojects {
            one.check(error)?;
            if seen.insert((one.folder(), one.language), ()).is_some() {
                return at(&one.path, "the same path and language were named before");
            }
        }
        let policy = &self.policy;
        let globs = [
            &policy.protected_tests,
            &policy.protected_ci,
            &policy.protected_lint_config,
            &policy.protected_lockfiles,
            &policy.protected,
        ];
        for glob in globs.into_iter().flatten().flatten() {
            Glob::new(glob.get_ref()).map_err(|bad| error(glob.span(), bad.to_string()))?;
        }
        for name in self.environment.pass.iter().flatten() {
            if name.get_ref().is_empty() || name.get_ref().contains(['=', '\0']) {
                return at(name, "this cannot be the name of a variable");
            }
            if !may_be_passed(name.get_ref()) {
                return at(name, "recipes are handed no secrets, and nothing that git believes");
            }
        }
        for line in [&self.delivery.author_name, &self.delivery.author_email].into_iter().flatten() {
            if line.get_ref().trim().is_empty() || line.get_ref().contains(|c: char| c.is_control() || matches!(c, '<' | '>')) {
                return at(line, "git needs one line that is not empty, without `<` and `>`");
            }
        }
        if let Some(prefix) = &self.delivery.branch_prefix
            && !is_branch_prefix(prefix.get_ref())
        {
            return at(prefix, "it cannot begin the name of a branch");
        }
        let Some(limits) = self.limits.as_ref().map(Spanned::get_ref) else { return Ok(()) };
        if let Some(bytes) = limits.output_bytes.as_ref().filter(|bytes| *bytes.get_ref() < 4096) {
            return Err(error(bytes.span(), "less than 4096 bytes hold no message".to_owned()));
        }
        if let Some(attempts) = limits.max_attempts.as_ref().filter(|attempts| *attempts.get_ref() == 0) {
            return Err(error(attempts.span(), "without an attempt nothing is repaired".to_owned()));
        }
        Ok(())
    }
}

impl SubprojectTable {
    /// Returns the folder as [`Subproject::path`] wants it: `.` for the root, no noise.
    fn folder(&self) -> String {
        let path = self.path.get_ref();
        RepoPath::new(path).map_or_else(|_| ".".to_owned(), |path| path.as_str().to_owned())
    }

    fn check(&self, error: &dyn Fn(std::ops::Range<usize>, String) -> Error) -> Result<(), Error> {
        let path = self.path.get_ref();
        let is_root = !path.is_empty() && !path.starts_with('/') && path.split('/').all(|part| part.is_empty() || part == ".");
        if !is_root && let Err(bad) = RepoPath::new(path) {
            return Err(error(self.path.span(), format!("it must be a folder of the repository: {}", bad.why))
                .hinting("`path = \".\"` is the repository's root"));
        }
        for (_, recipe) in self.recipes.each() {
            let command = recipe.command.get_ref();
            if command.trim().is_empty() || command.contains('\0') {
                return Err(
                    error(recipe.command.span(), "the command is empty".to_owned()).hinting("leave the recipe out instead")
                );
            }
            if let Some(seconds) =
                recipe.timeout_secs.as_ref().filter(|seconds| !(1..=LONGEST_TIMEOUT).contains(seconds.get_ref()))
            {
                return Err(error(seconds.span(), format!("it must be from 1 to {LONGEST_TIMEOUT}")));
            }
        }
        Ok(())
    }

    fn into_subproject(self) -> Subproject {
        let path = self.folder();
        let command = |recipe: &RecipeTable| RecipeCommand {
            command: recipe.command.get_ref().clone(),
            timeout_secs: recipe.timeout_secs.as_ref().map_or(600, |seconds| *seconds.get_ref()),
        };
        let recipes = self.recipes.each().map(|(recipe, table)| (recipe, command(table))).collect();
        Subproject { path, language: self.language, recipes }
    }
}

impl Recipes {
    fn each(&self) -> impl Iterator<Item = (Recipe, &RecipeTable)> {
        let Self { build, test, lint, format, typecheck, audit } = self;
        Recipe::ALL
            .into_iter()
            .zip([build, test, lint, format, typecheck, audit])
            .filter_map(|(name, table)| Some((name, table.as_ref()?)))
    }
}

/// Reads one variable by writing it as the TOML that it stands for: figures as they are, lists at their `:`, all else as text.
fn variable(name: &str, value: &OsStr, section: &str, key: &str) -> Result<Layer, Error> {
    const LISTS: &[&str] = &[
        "paths",
        "pass",
        "read",
        "write",
        "protected",
        "protected_tests",
        "protected_ci",
        "protected_lint_config",
        "protected_lockfiles",
    ];
    let Some(value) = value.to_str() else { return Err(Error::of_file(name, "its value is not UTF-8")) };
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let value = if LISTS.contains(&key) {
        format!("[{}]", value.split(':').filter(|one| !one.is_empty()).map(quoted).collect::<Vec<_>>().join(", "))
    } else if value.parse::<i64>().is_ok() {
        value.to_owned()
    } else {
        quoted(value)
    };
    let text = format!("{section}.{} = {value}\n", quoted(key));
    Layer::read(Place::User, name, &text).map_err(|error| {
        // The text was made here, so its lines mean nothing to a person; the name and the problem do.
        let known: Vec<String> = known_keys(section).iter().map(|key| format!("{section}_{key}").to_ascii_uppercase()).collect();
        let plain = Error::of_file(name, error.problem);
        match nearest(name.trim_start_matches("FIXWRIGHT_"), known.iter().map(String::as_str)) {
            Some(near) if format!("FIXWRIGHT_{near}") != name => plain.hinting(format!("did you mean `FIXWRIGHT_{near}`?")),
            _ => plain,
        }
    })
}

/// Returns the keys that the built-in file has in a section.
fn known_keys(section: &str) -> Vec<String> {
    let table: toml::Table = toml::from_str(super::DEFAULT).unwrap_or_default();
    table.get(section).and_then(toml::Value::as_table).map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

/// Says whether git takes `<prefix>/x` as the name of a branch.
fn is_branch_prefix(prefix: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let part = |part: &str| !part.is_empty() && !part.starts_with(['.', '-']) && !part.ends_with('.') && !part.ends_with(".lock");
    !prefix.contains(bad) && !prefix.contains("..") && !prefix.contains("@{") && prefix.split('/').all(part)
}

pub(super) fn replace<T>(under: &mut Option<T>, over: Option<T>) {
    if over.is_some() {
        *under = over;
    }
}

pub(super) fn add<T>(under: &mut Option<Vec<T>>, over: Option<Vec<T>>) {
    if let Some(over) = over {
        under.get_or_insert_default().extend(over);
    }
}

fn text(value: Option<Spanned<String>>) -> Option<String> {
    value.map(Spanned::into_inner)
}
