//! What the Cargo manifests of a workspace ask of one crate, and where in the text they say it.

use std::ops::Range;

use domain::{Files, RepoPath};
use semver::VersionReq;
use toml_edit::{Document, Item, TableLike};

/// A version requirement in a manifest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Requirement {
    /// The manifest.
    pub(super) path: RepoPath,
    /// The bytes of the requirement's text, without its quotes.
    pub(super) range: Range<usize>,
    /// The requirement, as it is written.
    pub(super) text: String,
    /// The requirement, read.
    pub(super) parsed: VersionReq,
}

/// Returns the requirements of crate `package` in the manifests that share the lockfile of `folder`.
pub(super) fn requirements(files: &Files, folder: &str, package: &str) -> Vec<Requirement> {
    let mut all = Vec::new();
    for path in files.paths() {
        if path.file_name() != "Cargo.toml" || !path.is_below(folder) || !shares_lock(files, path, folder) {
            continue;
        }
        let Some(text) = files.text(path) else { continue };
        let Ok(document) = Document::parse(text.as_str()) else { continue };
        for table in tables(document.as_table()) {
            for (key, item) in table.iter() {
                all.extend(of_item(path, &text, (key, item), package));
            }
        }
    }
    all
}

/// Says whether the manifest has no lockfile of its own nearer than `folder`.
fn shares_lock(files: &Files, manifest: &RepoPath, folder: &str) -> bool {
    let root = if folder == "." { "" } else { folder };
    let mut at = manifest.parent();
    while at != root && !at.is_empty() {
        if RepoPath::new(format!("{at}/Cargo.lock")).is_ok_and(|lock| files.contains(&lock)) {
            return false;
        }
        at = at.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    true
}

/// Returns all tables of dependencies: of the package, of each target, of the workspace.
fn tables(root: &dyn TableLike) -> Vec<&dyn TableLike> {
    const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let of = |table: &dyn TableLike| KINDS.map(|kind| table.get(kind).is_some());
    let mut holders: Vec<&dyn TableLike> = vec![root];
    holders.extend(root.get("workspace").and_then(Item::as_table_like));
    if let Some(targets) = root.get("target").and_then(Item::as_table_like) {
        holders.extend(targets.iter().filter_map(|(_, target)| target.as_table_like()));
    }
    let mut tables = Vec::new();
    for holder in holders {
        for (kind, there) in KINDS.iter().zip(of(holder)) {
            if there {
                tables.extend(holder.get(kind).and_then(Item::as_table_like));
            }
        }
    }
    tables
}

fn of_item(path: &RepoPath, text: &str, (key, item): (&str, &Item), package: &str) -> Option<Requirement> {
    let table = item.as_table_like();
    let named = table.and_then(|table| table.get("package")).and_then(Item::as_str).unwrap_or(key);
    if named != package {
        return None;
    }
    let version = match table {
        Some(table) => table.get("version")?,
        None => item,
    };
    let written = version.as_str()?;
    let span = version.span()?;
    // A string with escapes or of several lines is left alone.
    let range = span.start + 1..span.end.checked_sub(1)?;
    (text.get(range.clone()) == Some(written)).then_some(())?;
    Some(Requirement { path: path.clone(), range, text: written.to_owned(), parsed: VersionReq::parse(written).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_table_is_seen() {
        let root = "[dependencies]\ntime = \"0.1\" # c\nold = { package = 'time', version = '=0.1.2', features=[] }\nother = \"1\"\n\
            [workspace.dependencies.time]\nversion = \"~0.1.40\"\n[target.'cfg(unix)'.dev-dependencies]\ntime.version = \"0.1.43\"\n";
        let files = [("Cargo.toml", root), ("sub/Cargo.toml", "[dependencies]\ntime = \"2\"\n"), ("sub/Cargo.lock", "")];
        let files = files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).collect();
        let all = requirements(&Files::from_map(files), ".", "time");
        let texts: Vec<&str> = all.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["0.1", "=0.1.2", "~0.1.40", "0.1.43"]);
        assert!(all.iter().all(|one| root[one.range.clone()] == one.text));
    }
}
