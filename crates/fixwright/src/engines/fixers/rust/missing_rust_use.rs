//! Brings a Rust name into scope that is used without its `use`: an item of the crate itself, or one of the standard library.

use domain::{Applicability, Finding};

use super::fixer::{FixContext, Fixer, Proposal};
use super::modules::{Crate, modules_around};
use super::std_paths;
use super::tokens::{self, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "missing_rust_use",
    about: "adds a missing `use` of an item of the crate or of Rust's standard library",
    handles: |finding| missing(finding).is_some(),
    propose,
    may_change: &[],
};

/// What is not found.
enum Missing<'a> {
    /// A type, trait, function, module or constant.
    Name(&'a str),
    /// A method, for want of its trait.
    Method(&'a str),
}

/// Reads the messages of old and new compilers.
fn missing(finding: &Finding) -> Option<Missing<'_>> {
    if !matches!(finding.rule.as_str(), "E0405" | "E0412" | "E0422" | "E0423" | "E0425" | "E0433" | "E0599" | "E0404" | "E0531") {
        return None;
    }
    let message = finding.message.strip_prefix("failed to resolve: ").unwrap_or(&finding.message);
    let (before, rest) = message.split_once('`')?;
    let (name, after) = rest.split_once('`')?;
    if before == "cannot write into " {
        return Some(Missing::Method("write_fmt"));
    }
    let plain = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric());
    let kind = match before {
        "no method named " | "no function or associated item named " => Missing::Method(name),
        _ if before.starts_with("cannot find ") && after.starts_with(" in this scope") => Missing::Name(name),
        _ if before.starts_with("use of undeclared ") || before.starts_with("use of unresolved module") => Missing::Name(name),
        "expected trait, found derive macro " => Missing::Name(name),
        _ => return None,
    };
    (plain && !before.starts_with("cannot find macro") && !before.starts_with("cannot find attribute")).then_some(kind)
}

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let Some(source) = Source::of(context) else { return Vec::new() };
    let Some(at) = source.at(context) else { return Vec::new() };
    let paths = match missing(context.finding) {
        Some(Missing::Name(name)) => {
            let mut paths = local(context, &source, at, name);
            paths.extend(std_paths(&source, at, name));
            paths
        }
        Some(Missing::Method(method)) => methods(context, method),
        None => Vec::new(),
    };
    let no_std = is_no_std(context, &source);
    let propose = |path: String| {
        let path = if no_std && path.starts_with("std::") { std_paths::in_core(&path)? } else { path };
        let edit = source.add_use(at, &path)?;
        tokens::edits(format!("add the missing `use {path};`"), Applicability::Unsafe, vec![edit])
    };
    paths.into_iter().take(3).filter_map(propose).collect()
}

/// Returns the paths of items of the crate: one that an enclosing module of the file holds, else a public one, if it is the only one.
fn local(context: &FixContext<'_>, source: &Source, at: usize, name: &str) -> Vec<String> {
    let Some(of) = Crate::of(context.files, &source.path) else { return Vec::new() };
    let items = of.items(context.files, name);
    let here = of.module(&source.path).zip(enclosing(source, at));
    if let Some((mut module, inline)) = here.clone() {
        let depth = inline.len();
        for up in 1..=depth {
            let mut place = module.clone();
            place.extend(inline.iter().take(depth - up).cloned());
            place.push(name.to_owned());
            if items.iter().any(|(_, item)| item.path == place) {
                return vec![format!("{}{name}", "super::".repeat(up))];
            }
        }
        module.extend(inline);
    }
    let public: Vec<&Vec<String>> = items.iter().filter(|(_, item)| item.public).map(|(_, item)| &item.path).collect();
    let [path] = public.as_slice() else { return Vec::new() };
    // Tests, examples and programs see the library by its name.
    let root = if here.is_some() { Some("crate".to_owned()) } else { library(context, &of) };
    root.map(|root| format!("{root}::{}", path.join("::"))).into_iter().collect()
}

/// The modules around a token; functions between them do not count.
fn enclosing(source: &Source, at: usize) -> Option<Vec<String>> {
    match source.module_of(at) {
        Some(open) => {
            let mut names = modules_around(source, open - 1)?;
            names.push(source.word(open - 1).to_owned());
            Some(names)
        }
        None => Some(Vec::new()),
    }
}

fn library(context: &FixContext<'_>, of: &Crate) -> Option<String> {
    let manifest = if of.package.is_empty() { "Cargo.toml".to_owned() } else { format!("{}/Cargo.toml", of.package) };
    let text = context.files.text(&domain::RepoPath::new(manifest).ok()?)?;
    let manifest: toml::Table = toml::from_str(&text).ok()?;
    let named = |table: &str| manifest.get(table)?.get("name")?.as_str().map(str::to_owned);
    named("lib").or_else(|| named("package")).map(|name| name.replace('-', "_"))
}

/// Returns the paths in the standard library; what follows the name says which of several is meant.
fn std_paths(source: &Source, at: usize, name: &str) -> Vec<String> {
    let mut paths: Vec<String> = std_paths::paths(name).map(str::to_owned).collect();
    let member = if source.reads(at + 1, &[":", ":"]) { source.word(at + 3) } else { "" };
    let prefer = match (name, member) {
        ("Ordering", "Relaxed" | "Acquire" | "Release" | "AcqRel" | "SeqCst") => Some("std::sync::atomic::Ordering"),
        ("Ordering", _) if source.text.contains("Ordering::SeqCst") || source.text.contains("Ordering::Relaxed") => {
            Some("std::sync::atomic::Ordering")
        }
        ("Write", _) if source.text.contains("fmt::") && !source.text.contains("io::") => Some("std::fmt::Write"),
        ("Weak", _) if source.text.contains("Arc") => Some("std::sync::Weak"),
        _ => None,
    };
    if let Some(prefer) = prefer {
        paths.sort_by_key(|path| path != prefer);
    }
    paths
}

/// Returns the traits that give the method, best first.
fn methods(context: &FixContext<'_>, method: &str) -> Vec<String> {
    let mut paths: Vec<String> = std_paths::traits_with(method).map(str::to_owned).collect();
    // `write!` into a text is `fmt`'s.
    if context.finding.message.contains("String`") || context.finding.message.contains("Formatter") {
        paths.sort_by_key(|path| !path.starts_with("std::fmt"));
    }
    paths
}

fn is_no_std(context: &FixContext<'_>, source: &Source) -> bool {
    let Some(of) = Crate::of(context.files, &source.path) else { return false };
    let root = if of.package.is_empty() { "src/lib.rs".to_owned() } else { format!("{}/src/lib.rs", of.package) };
    let text = domain::RepoPath::new(root).ok().and_then(|root| context.files.text(&root)).unwrap_or_default();
    text.contains("#![no_std]") && of.module(&source.path).is_some()
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
