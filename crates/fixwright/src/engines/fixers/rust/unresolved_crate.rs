//! Adds a Rust crate that is used and not depended upon.

use domain::{Applicability, Finding, RepoPath};
use toml_edit::{Document, Item};

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::modules::Crate;
use super::std_paths;

pub(super) const FIXER: Fixer = Fixer {
    id: "unresolved_crate",
    about: "adds a Rust crate to the manifest that the code uses",
    handles: |finding| missing(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &["Cargo.toml", "Cargo.lock"],
};

/// Reads the messages of old and new compilers.
fn missing(finding: &Finding) -> Option<&str> {
    if !matches!(finding.rule.as_str(), "E0432" | "E0433" | "E0463") {
        return None;
    }
    let message = finding.message.strip_prefix("failed to resolve: ").unwrap_or(&finding.message);
    let (before, rest) = message.split_once('`')?;
    let (path, after) = rest.split_once('`')?;
    let known = match before {
        "unresolved import " | "can't find crate for " | "maybe a missing crate " => true,
        "cannot find module or crate " => after.starts_with(" in this scope"),
        "use of undeclared crate or module " | "use of unresolved module or unlinked crate " => true,
        _ => false,
    };
    let name = path.trim_start_matches("::").split("::").next()?;
    // A crate's name as it stands in code: small letters, as nearly all are.
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !matches!(name, "std" | "core" | "alloc" | "self" | "super" | "crate" | "proc_macro" | "test");
    (known && plain).then_some(name)
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let name = missing(context.finding)?;
    let path = context.finding.path()?;
    // `io::Read` wants a `use std::io;`.
    if std_paths::paths(name).next().is_some() {
        return None;
    }
    let of = Crate::of(context.files, path)?;
    let subproject = context.subproject.path.trim_matches('/');
    let subproject = if subproject == "." { "" } else { subproject };
    let below = if of.package == subproject {
        String::new()
    } else if subproject.is_empty() {
        of.package.clone()
    } else {
        of.package.strip_prefix(subproject)?.strip_prefix('/')?.to_owned()
    };
    (!below.starts_with('-')).then_some(())?;
    let inside = |name: &str| if of.package.is_empty() { name.to_owned() } else { format!("{}/{name}", of.package) };
    let manifest = context.files.text(&RepoPath::new(inside("Cargo.toml")).ok()?)?;
    if depends(&manifest, name)? || !of.items(context.files, name).is_empty() || is_module(context, &of, name) {
        return None;
    }
    let kind = match of.within(path)?.split('/').next()? {
        "tests" | "benches" | "examples" => Some("--dev"),
        "build.rs" => Some("--build"),
        _ => None,
    };
    let mut argv = vec!["cargo".to_owned(), "add".to_owned()];
    argv.extend(kind.map(str::to_owned));
    let place = |name: &str| if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
    if !below.is_empty() {
        argv.extend(["--manifest-path".to_owned(), place("Cargo.toml")]);
    }
    argv.push(name.to_owned());
    let mut may_change = vec![place("Cargo.toml"), "Cargo.lock".to_owned()];
    if !below.is_empty() {
        may_change.push(place("Cargo.lock"));
    }
    Some(Proposal {
        summary: format!("depend on the crate `{name}`"),
        applicability: Applicability::Unsafe,
        repair: Repair::Command { argv, may_change },
    })
}

/// Says whether the manifest names the crate already, or is none of a package.
fn depends(manifest: &str, name: &str) -> Option<bool> {
    let document = Document::parse(manifest).ok()?;
    let root = document.as_table();
    root.get("package")?;
    let same = |key: &str| key.replace('-', "_") == name;
    if root.get("package").and_then(|package| package.get("name")).and_then(Item::as_str).is_some_and(same) {
        return Some(true);
    }
    let found = ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .filter_map(|kind| root.get(kind)?.as_table_like())
        .any(|table| table.iter().any(|(key, _)| same(key)));
    Some(found)
}

/// Says whether the crate has a module of that name: then it is the path that is wrong.
fn is_module(context: &FixContext<'_>, of: &Crate, name: &str) -> bool {
    context.files.paths().iter().any(|path| {
        of.within(path)
            .is_some_and(|inner| inner.ends_with(&format!("/{name}.rs")) || inner.ends_with(&format!("/{name}/mod.rs")))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
