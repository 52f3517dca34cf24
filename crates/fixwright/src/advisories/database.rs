//! The files of advisories: an index from package names to files, and the files that were needed, parsed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::advisory::Advisory;
use super::osv::{self, Form};
use super::version::python_name;

/// Folders nested deeper are not searched.
const MAX_DEPTH: usize = 32;
/// Larger files are left out.
const MAX_BYTES: u64 = 16 << 20;

/// The advisories of a file, or why it cannot be read.
type Parsed = Result<Arc<[Advisory]>, String>;
/// The names that each file of a part speaks of, and what could not be read.
type Indexed = (Vec<(usize, BTreeSet<String>)>, Vec<String>);

/// Folders of advisories, indexed by the names of packages.
pub(super) struct Database {
    files: Vec<(PathBuf, Form)>,
    by_name: HashMap<String, Vec<usize>>,
    unreadable: Vec<String>,
    parsed: Mutex<BTreeMap<usize, Parsed>>,
}

impl Database {
    /// Lists the files and reads the names of packages from each.
    pub(super) fn load(folders: &[PathBuf]) -> Self {
        let mut unreadable = Vec::new();
        let mut files = Vec::new();
        for folder in folders {
            list(folder, &mut files, &mut unreadable);
        }
        files.sort();
        files.dedup();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let share = files.len().div_ceil(threads).max(1);
        let parts: Vec<Indexed> = std::thread::scope(|scope| {
            let running: Vec<_> =
                files.chunks(share).enumerate().map(|(n, chunk)| scope.spawn(move || index(n * share, chunk))).collect();
            running.into_iter().map(|thread| thread.join().unwrap_or_default()).collect()
        });
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (named, failed) in parts {
            unreadable.extend(failed);
            for (file, names) in named {
                for name in names {
                    by_name.entry(name).or_default().push(file);
                }
            }
        }
        Self { files, by_name, unreadable, parsed: Mutex::default() }
    }

    /// Returns how many files speak of a package.
    pub(super) fn len(&self) -> usize {
        self.by_name.values().flatten().collect::<BTreeSet<_>>().len()
    }

    /// Returns the advisories that may speak of a package of that name, in the order of their files.
    pub(super) fn of(&self, package: &str) -> Vec<Arc<Advisory>> {
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = Vec::new();
        for file in self.by_name.get(&python_name(package)).into_iter().flatten() {
            let Some((path, form)) = self.files.get(*file) else { continue };
            let advisories = parsed.entry(*file).or_insert_with(|| {
                let text = read(path)?;
                osv::read(*form, &text).map(Arc::from).map_err(|why| format!("{}: {why}", path.display()))
            });
            if let Ok(advisories) = advisories {
                all.extend(advisories.iter().cloned().map(Arc::new));
            }
        }
        all
    }

    /// Returns what could not be read, a line each.
    pub(super) fn problems(&self) -> Vec<String> {
        let parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        self.unreadable.iter().chain(parsed.values().filter_map(|one| one.as_ref().err())).cloned().collect()
    }
}

/// Lists the advisory files below a folder. Links to folders are not followed, so there is no loop.
fn list(root: &Path, files: &mut Vec<(PathBuf, Form)>, unreadable: &mut Vec<String>) {
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                unreadable.push(format!("{}: {error}", folder.display()));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if depth < MAX_DEPTH && entry.file_name() != ".git" {
                    open.push((path, depth + 1));
                }
            } else if let Some(form) = path.extension().and_then(|e| e.to_str()).and_then(Form::of)
                // `rust/` of RustSec speaks of the standard library and cargo, which no lockfile names.
                && !(form == Form::Markdown && grandparent_is(&path, "rust"))
            {
                files.push((path, form));
            }
        }
    }
}

fn grandparent_is(path: &Path, name: &str) -> bool {
    path.parent().and_then(Path::parent).and_then(Path::file_name).is_some_and(|folder| folder == name)
}

fn read(path: &Path) -> Result<String, String> {
    let said = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let about = fs::metadata(path).map_err(|error| said(&error))?;
    if !about.is_file() {
        return Err(said(&"not a file"));
    }
    if about.len() > MAX_BYTES {
        return Err(said(&"larger than 16 MiB"));
    }
    let bytes = fs::read(path).map_err(|error| said(&error))?;
    String::from_utf8(bytes).map_err(|_| said(&"not UTF-8"))
}

/// Returns the names of packages that each file speaks of, and what could not be read.
fn index(first: usize, files: &[(PathBuf, Form)]) -> Indexed {
    let mut named = Vec::new();
    let mut failed = Vec::new();
    for (n, (path, form)) in files.iter().enumerate() {
        match read(path) {
            Ok(text) => named.push((first + n, names(*form, &text))),
            Err(why) => failed.push(why),
        }
    }
    (named, failed)
}

/// Returns all that may be the name of a package in a file, in one spelling: each value of a key `name` (`package` in RustSec's), found
/// without parsing. Too many names cost a parse that finds nothing; none may be missed.
fn names(form: Form, text: &str) -> BTreeSet<String> {
    let key = if form == Form::Markdown { "package" } else { "name" };
    // The front matter of RustSec's stands before the prose.
    let text =
        if form == Form::Markdown { text.get(3..).and_then(|rest| rest.split("\n```").next()).unwrap_or("") } else { text };
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(key) {
        let (before, after) = (text.get(..at).unwrap_or(""), text.get(at + key.len()..).unwrap_or(""));
        if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-') {
            continue;
        }
        let after = after.strip_prefix(['"', '\'']).unwrap_or(after).trim_start();
        let Some(value) = after.strip_prefix([':', '=']) else { continue };
        let value = value.trim_start();
        let name = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value.get(1..).and_then(|rest| rest.split(quote).next()),
            _ => value.split(['\n', '\r', ',', '}', '#']).next(),
        };
        if let Some(name) = name.map(str::trim).filter(|name| !name.is_empty() && name.len() <= 400) {
            // JSON may be written with `\/`.
            found.insert(python_name(&name.replace("\\/", "/")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_without_parsing() {
        let of = |form, text: &str| names(form, text).into_iter().collect::<Vec<_>>();
        assert_eq!(of(Form::Json, r#"{"affected": [{"package": {"name" : "@a\/b", "ecosystem":"npm"}}]}"#), ["@a/b"]);
        assert_eq!(of(Form::Yaml, "- package:\n    name: Zope.Interface\n    ecosystem: PyPI\n"), ["zope-interface"]);
        assert_eq!(of(Form::Yaml, "package: {ecosystem: PyPI, name: x}\nfilename: no\n"), ["x"]);
        assert_eq!(of(Form::Markdown, "```toml\n[advisory]\npackage = \"time\"\n```\n# The package = \"x\"\n"), ["time"]);
    }
}
