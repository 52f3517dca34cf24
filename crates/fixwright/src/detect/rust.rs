//! Rust: a subproject a workspace, or a package that belongs to none.

use domain::{Language, Recipe};

use super::tree::{is_within, relative};
use super::{Found, Look};

pub(super) fn look(look: &Look<'_>) -> Vec<Found> {
    // (folder, patterns that the workspace excludes; `None` when it is no workspace), shallow ones first.
    let mut roots: Vec<(&str, Option<Vec<String>>)> = Vec::new();
    for folder in look.tree.folders_with(&["Cargo.toml"]) {
        let manifest = look.tree.text(folder, "Cargo.toml").unwrap_or_default();
        // One that cannot be read is a root all the same: cargo will say what is wrong with it.
        let manifest: toml::Table = toml::from_str(&manifest).unwrap_or_default();
        let workspace = manifest.get("workspace").and_then(toml::Value::as_table);
        let is_member = |(root, excluded): &(&str, Option<Vec<String>>)| {
            excluded.as_ref().is_some_and(|excluded| {
                is_within(folder, root) && !excluded.iter().any(|one| is_within(relative(root, folder), one.trim_matches('/')))
            })
        };
        if workspace.is_none() && roots.iter().any(is_member) {
            continue;
        }
        let excluded = workspace.map(|workspace| {
            let list = workspace.get("exclude").and_then(toml::Value::as_array);
            list.into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
        });
        roots.push((folder, excluded));
    }
    roots.into_iter().map(|(folder, workspace)| recipes(look, folder, workspace.is_some())).collect()
}

fn recipes(look: &Look<'_>, folder: &str, is_workspace: bool) -> Found {
    let mut found = Found::new(folder, Language::Rust);
    if !look.tools.has("", "cargo") {
        found.note("cargo is not installed");
        return found;
    }
    let all = if is_workspace { " --workspace" } else { "" };
    // Benches and examples of older crates often need what is not there (nightly, a display): they are looked at only when the
    // project's own CI does so.
    found.add(Recipe::Build, format!("cargo build{all}"));
    found.add(Recipe::Test, format!("cargo test{all}{}", flags(look, folder, "test", &["--all-features"])));
    if look.tools.has_cargo("clippy") {
        let own = flags(look, folder, "clippy", &["--all-targets", "--tests", "--all-features"]);
        found.add(Recipe::Lint, format!("cargo clippy{all}{own}"));
    } else {
        found.left_out(Recipe::Lint, "clippy is not installed (rustup component add clippy)");
    }
    let uses_format = look.tree.first_of(folder, &["rustfmt.toml", ".rustfmt.toml"]).is_some()
        || look
            .ci
            .iter()
            .any(|command| command.arguments_of("cargo").is_some_and(|words| words.first().is_some_and(|word| word == "fmt")));
    if uses_format && look.tools.has_cargo("fmt") {
        found.add(Recipe::Format, if is_workspace { "cargo fmt --all --check" } else { "cargo fmt --check" });
    } else if uses_format {
        found.left_out(Recipe::Format, "rustfmt is not installed (rustup component add rustfmt)");
    }
    if look.tree.has(folder, "Cargo.lock") && look.tools.has("", "cargo-audit") {
        found.add(Recipe::Audit, "cargo audit");
    }
    found
}

/// Returns those of the known flags that the project's CI gives to a cargo command. `-D warnings` is not among them: as errors, the
/// warnings of the first crate would hide those of all others.
fn flags(look: &Look<'_>, folder: &str, subcommand: &str, known: &[&str]) -> String {
    let of_command = |words: &[String]| words.first().is_some_and(|word| word == subcommand);
    let command = look
        .ci
        .iter()
        .filter(|command| command.folder == folder)
        .find_map(|command| command.arguments_of("cargo").filter(|words| of_command(words)));
    let given = command.unwrap_or_default().iter().take_while(|word| *word != "--").filter(|word| known.contains(&word.as_str()));
    given.map(|flag| format!(" {flag}")).collect()
}
