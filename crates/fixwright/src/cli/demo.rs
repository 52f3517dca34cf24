//! `fixwright demo`: small real repositories with real failures, in the languages whose toolchains are there, and the main job on
//! each of them. This file makes the repositories; the main job is the same as everywhere.

mod content;
mod walk;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use domain::Language;

use crate::env::Env;
use crate::workspace::Git;
use content::{ALL, Content};
pub(crate) use walk::run;

/// Makes small repositories with real failures, repairs them, and shows the report
///
/// One or two for each language whose toolchain is found: Rust, Python, C, JavaScript, Go. Their failures need no further tools;
/// where ruff or eslint is installed, they are used too. Some findings cannot be repaired by anybody but the author: the report says
/// so.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Args {
    /// Make the repositories in this folder and keep them
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,

    /// Only this language: rust, python, c, javascript or go
    #[arg(long, value_name = "LANG", value_parser = language)]
    pub(crate) only: Option<Language>,

    /// Print one JSON document in place of the report
    #[arg(long)]
    pub(crate) json: bool,
}

/// A repository that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DemoRepo {
    /// Its name, and that of its folder.
    pub(crate) name: &'static str,
    /// What it is written in.
    pub(crate) language: Language,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What is wrong with it, one line.
    pub(crate) about: &'static str,
}

/// Makes the repositories below `dir`, each with one commit, for every language (or the one asked for) whose toolchain is there.
///
/// # Errors
/// When the toolchain asked for is missing, or a folder of that name is there already.
pub(crate) fn make_repositories(git: &Git, dir: &Path, env: &Env, only: Option<Language>) -> anyhow::Result<Vec<DemoRepo>> {
    let mut made = Vec::new();
    for content in ALL.iter().filter(|content| only.is_none_or(|only| only == content.language)) {
        let Some(adapt) = toolchain(content.language, env) else { continue };
        let path = dir.join(content.name);
        ensure!(!path.exists(), "{} is there already", path.display());
        write(content, &path, &adapt).with_context(|| format!("making {}", path.display()))?;
        commit(git, &path).with_context(|| format!("making the repository {}", path.display()))?;
        made.push(DemoRepo { name: content.name, language: content.language, path, about: content.about });
    }
    if made.is_empty() {
        match only {
            Some(language) => bail!("no toolchain for {language} is installed"),
            None => bail!("no toolchain is installed for any of the demo's languages"),
        }
    }
    Ok(made)
}

/// How a repository's `fixwright.toml` is fitted to the machine.
#[derive(Default)]
struct Adapt {
    /// Text and what replaces it.
    replace: Option<(&'static str, String)>,
    /// A linter that happens to be there.
    lint: Option<&'static str>,
}

/// Returns what to fit, `None` when the language's tools are not there.
fn toolchain(language: Language, env: &Env) -> Option<Adapt> {
    let has = |name: &str| env.find_program(name).is_some();
    let mut adapt = Adapt::default();
    match language {
        Language::Rust if has("cargo") => {
            if !works(env, "cargo", &["clippy", "--version"]) {
                adapt.replace = Some(("cargo clippy", "cargo check".to_owned()));
            }
        }
        Language::Python if has("python3") => adapt.lint = works(env, "ruff", &["--version"]).then_some("ruff check ."),
        Language::JavaScript if has("node") && has("npm") => {
            adapt.lint = works(env, "eslint", &["--version"]).then_some("eslint .");
        }
        Language::Go if has("go") => {}
        Language::C if has("make") => {
            // The Makefile asks for `cc`.
            let compiler = ["cc", "gcc", "clang"].into_iter().find(|name| has(name))?;
            if compiler != "cc" {
                adapt.replace = Some(("\"make ", format!("\"make CC={compiler} ")));
            }
        }
        _ => return None,
    }
    Some(adapt)
}

fn works(env: &Env, program: &str, arguments: &[&str]) -> bool {
    env.find_program(program).and_then(|path| crate::detect::ask(env, &path, arguments)).is_some_and(|answer| answer.success)
}

fn write(content: &Content, path: &Path, adapt: &Adapt) -> anyhow::Result<()> {
    for (name, text) in content.files {
        let file = path.join(name);
        std::fs::create_dir_all(file.parent().unwrap_or(path))?;
        let mut text = (*text).to_owned();
        if *name == crate::config::REPOSITORY_FILE {
            if let Some((from, to)) = &adapt.replace {
                text = text.replace(from, to);
            }
            if let Some(command) = adapt.lint {
                // The subproject is the last table of the file.
                text.push_str(&format!("recipes.lint = {{ command = \"{command}\", timeout_secs = 600 }}\n"));
            }
        }
        std::fs::write(file, text)?;
    }
    Ok(())
}

/// Commits all files: same author, same dates, same bytes, hence the same commit wherever the same tools are there.
fn commit(git: &Git, path: &Path) -> anyhow::Result<()> {
    const WHEN: &str = "2026-01-05T09:00:00+00:00";
    let fixed = [
        ("GIT_AUTHOR_NAME", "Demo Author"),
        ("GIT_AUTHOR_EMAIL", "author@demo.example"),
        ("GIT_AUTHOR_DATE", WHEN),
        ("GIT_COMMITTER_NAME", "Demo Author"),
        ("GIT_COMMITTER_EMAIL", "author@demo.example"),
        ("GIT_COMMITTER_DATE", WHEN),
    ];
    let fixed = fixed.map(|(name, value)| (name, OsStr::new(value)));
    let steps: [&[&str]; 4] = [
        &["init", "--quiet", "--template="],
        &["symbolic-ref", "HEAD", "refs/heads/main"],
        &["add", "--all"],
        &["commit", "--quiet", "--no-verify", "--message", "feat: first version"],
    ];
    for arguments in steps {
        git.run_with(path, arguments, &fixed, None)?;
    }
    Ok(())
}

/// Reads the name of a language that has a demo.
fn language(name: &str) -> Result<Language, String> {
    let known = ALL.iter().map(|content| content.language);
    known
        .into_iter()
        .find(|language| language.to_string() == name)
        .ok_or_else(|| "it must be rust, python, c, javascript or go".to_owned())
}

#[cfg(test)]
mod tests;
