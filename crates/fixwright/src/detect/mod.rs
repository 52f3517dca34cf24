//! Looks at a tree and says how it is built, tested and linted: what `fixwright init` writes down and what the other commands use
//! where there is no `fixwright.toml`.
//!
//! One file an ecosystem. A recipe is only proposed when its tool is there, because a recipe that cannot run proves nothing; what
//! was left out is said in the notes. Nothing of the repository is run here: tools are at most asked for their version, and those that lie
//! in the checkout are not even that.

mod c;
mod ci;
mod go;
mod installed;
mod java;
mod javascript;
mod probe;
mod python;
mod render;
mod rust;
mod tools;
mod tree;

use std::path::Path;

use domain::{Files, Language, Recipe, RecipeCommand, Subproject};

pub(crate) use probe::ask;
pub(crate) use render::render_toml;
pub(crate) use tools::checkout_programs;

use crate::env::Env;
use tools::Tools;
use tree::Tree;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detected {
    /// The subprojects, those nearest the root first; each has at least one recipe.
    pub(crate) subprojects: Vec<Subproject>,
    /// What was left out, and why, one line each.
    pub(crate) notes: Vec<String>,
}

/// More than a repository has in earnest; what is beyond is named in the notes.
const MOST_SUBPROJECTS: usize = 100;
const TIMEOUT_SECS: u64 = 600;

/// Returns the subprojects of a tree. `checkout` is the user's working copy, in whose `.venv`, `venv` and `node_modules` tools may be
/// installed that `PATH` does not name: see [`tools::checkout_programs`].
pub(crate) fn detect(files: &Files, env: &Env, checkout: Option<&Path>) -> Detected {
    let tree = Tree::new(files);
    let tools = Tools::new(env, checkout);
    let commands = ci::commands(&tree);
    let look = Look { tree: &tree, tools: &tools, ci: &commands };
    let ecosystems = [rust::look, python::look, javascript::look, go::look, java::look, c::look];
    let mut found: Vec<Found> = ecosystems.iter().flat_map(|ecosystem| ecosystem(&look)).collect();
    // Code without a manifest counts only where nothing else explains the tree: a script in a Rust project is no project.
    if found.is_empty() {
        found.extend(python::look_at_loose_files(&look).into_iter().chain(c::look_at_loose_files(&look)));
    }
    found.sort_by_key(|one| (one.subproject.path != ".", one.subproject.path.matches('/').count(), one.subproject.path.clone()));

    let mut detected = Detected { subprojects: Vec::new(), notes: Vec::new() };
    let beyond = found.len().saturating_sub(MOST_SUBPROJECTS);
    for Found { subproject, notes } in found.into_iter().take(MOST_SUBPROJECTS) {
        let name = match subproject.path.as_str() {
            "." => subproject.language.to_string(),
            path => format!("{path} ({})", subproject.language),
        };
        detected.notes.extend(notes.into_iter().map(|note| format!("{name}: {note}")));
        if !subproject.recipes.is_empty() {
            detected.subprojects.push(subproject);
        }
    }
    if beyond > 0 {
        detected.notes.push(format!("{beyond} more subprojects were left out: name those that matter in fixwright.toml"));
    }
    detected
}

/// What an ecosystem looks at.
struct Look<'a> {
    tree: &'a Tree<'a>,
    tools: &'a Tools<'a>,
    ci: &'a [ci::CiCommand],
}

/// A subproject in the making, and what to say about it.
struct Found {
    subproject: Subproject,
    notes: Vec<String>,
}

impl Found {
    fn new(folder: &str, language: Language) -> Self {
        let path = if folder.is_empty() { "." } else { folder }.to_owned();
        Self { subproject: Subproject { path, language, recipes: Default::default() }, notes: Vec::new() }
    }

    fn add(&mut self, recipe: Recipe, command: impl Into<String>) {
        self.subproject.recipes.insert(recipe, RecipeCommand { command: command.into(), timeout_secs: TIMEOUT_SECS });
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn left_out(&mut self, recipe: Recipe, why: impl std::fmt::Display) {
        self.notes.push(format!("no {recipe}: {why}"));
    }
}

/// Returns a word as the shell reads it back.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| "''".to_owned(), Into::into)
}

#[cfg(test)]
mod tests;
