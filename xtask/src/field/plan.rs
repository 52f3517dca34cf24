//! What the field test takes into the field: `xtask/field.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    pub(crate) linter: BTreeMap<Linter, Commands>,
    pub(crate) package: Vec<Package>,
}

/// Where packages come from; decides how they are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ecosystem {
    Crates,
    Pypi,
    Npm,
    Go,
}

impl Ecosystem {
    /// Returns the name used in `field.toml`.
    fn as_str(self) -> &'static str {
        match self {
            Self::Crates => "crates",
            Self::Pypi => "pypi",
            Self::Npm => "npm",
            Self::Go => "go",
        }
    }
}

/// What judges a package; decides how its report is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Linter {
    Clippy,
    Ruff,
    Eslint,
    GoVet,
    Gofmt,
}

/// The commands around a linter, each a line for `sh -c`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Commands {
    /// The language as `fixwright.toml` names it.
    pub(crate) language: String,
    /// The lint recipe that fixwright is given.
    pub(crate) lint: String,
    /// The tool's own fix.
    pub(crate) own_fix: String,
    /// The lint again, in a form that can be counted without fixwright.
    pub(crate) count: String,
    /// The build recipe, if there is one.
    pub(crate) build: Option<String>,
    /// The program that must be there for these packages to be tried at all.
    pub(crate) program: String,
}

/// One package at one version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) ecosystem: Ecosystem,
    pub(crate) linter: Linter,
    pub(crate) version: String,
    /// The test recipe, if the package ships tests that run; `{deps}` is the folder with `needs` installed.
    pub(crate) test: Option<String>,
    /// What its tests need beside itself, as the ecosystem's installer spells it.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
}

/// A file of packages alone.
#[derive(Debug, Deserialize)]
struct Packages {
    package: Vec<Package>,
}

impl Package {
    /// Returns a name for folders.
    pub(crate) fn slug(&self) -> String {
        format!("{}-{}-{}", self.ecosystem.as_str(), self.name.replace(['/', '@'], "_"), self.version)
    }
}

/// Reads the plan; with `packages`, the packages of that file in place of its own.
pub(crate) fn read(root: &Path, packages: Option<&Path>) -> Result<Plan> {
    let mut plan: Plan = read_toml(&root.join("xtask/field.toml"))?;
    if let Some(file) = packages {
        plan.package = read_toml::<Packages>(file)?.package;
    }
    Ok(plan)
}

fn read_toml<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("reading {}", file.display()))
}

/// Returns the `fixwright.toml` of a package.
pub(crate) fn configuration(commands: &Commands, test: Option<&str>) -> Result<String> {
    let mut recipes = toml::Table::new();
    let all = [("lint", Some(commands.lint.as_str())), ("build", commands.build.as_deref()), ("test", test)];
    for (name, command) in all {
        if let Some(command) = command {
            let entry = [("command".to_owned(), command.into()), ("timeout_secs".to_owned(), 900.into())];
            recipes.insert(name.to_owned(), toml::Table::from_iter(entry).into());
        }
    }
    let subproject = toml::Table::from_iter([
        ("path".to_owned(), ".".into()),
        ("language".to_owned(), commands.language.clone().into()),
        ("recipes".to_owned(), recipes.into()),
    ]);
    let all = toml::Table::from_iter([("subproject".to_owned(), toml::Value::Array(vec![subproject.into()]))]);
    toml::to_string(&all).context("writing fixwright.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_is_valid_and_covers_what_it_must() {
        let plan = read(&crate::shell::root().unwrap(), None).unwrap();
        let of = |wanted| plan.package.iter().filter(|p| p.ecosystem == wanted).count();
        assert!(of(Ecosystem::Crates) >= 2 && of(Ecosystem::Pypi) >= 2 && of(Ecosystem::Npm) >= 2 && of(Ecosystem::Go) >= 1);
        assert!(plan.package.iter().all(|p| plan.linter.contains_key(&p.linter)));
    }

    #[test]
    fn the_configuration_has_the_documented_form() {
        let commands = Commands {
            language: "python".into(),
            lint: "ruff check .".into(),
            own_fix: String::new(),
            count: String::new(),
            build: None,
            program: "python3".into(),
        };
        let text = configuration(&commands, Some("pytest \"a b\"")).unwrap();
        let expected = "[[subproject]]\npath = \".\"\nlanguage = \"python\"\n\n[subproject.recipes.lint]\ncommand = \"ruff check .\"\n\
                        timeout_secs = 900\n\n[subproject.recipes.test]\ncommand = 'pytest \"a b\"'\ntimeout_secs = 900\n";
        let (text, expected): (toml::Table, toml::Table) = (text.parse().unwrap(), expected.parse().unwrap());
        assert_eq!(text, expected);
    }
}
