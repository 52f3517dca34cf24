//! From names in an answer to files of the tree. What leaves the tree, or could, is refused; what is short of a root gets it back only
//! where two parts of the path or more say so.

use domain::RepoPath;

use crate::Refusal;
use crate::model::{Action, FilePatch, Format};
use crate::refusal::bad_file;
use crate::tree::Tree;

/// The folder in which a plan is prepared when it is written to a folder, at the root of the tree. No answer may name it.
pub const STAGE: &str = ".fixwright-commit";

/// More files than this are not listed.
const MOST_LISTED: usize = 8;

/// How names of this answer differ from those of the tree.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roots {
    /// What files of this answer lacked in front.
    missing: Option<String>,
    /// What they had too much.
    extra: Option<String>,
}

/// Checks a name by its form.
pub(crate) fn checked(name: &str) -> Result<RepoPath, Refusal> {
    // Windows' separators are read as such, so that they cannot hide a part.
    let plain = name.replace('\\', "/");
    let drive = plain.as_bytes().get(1) == Some(&b':') && plain.starts_with(|c: char| c.is_ascii_alphabetic());
    if drive || plain.starts_with('~') {
        return Err(bad_file(name, "it is absolute"));
    }
    if plain.len() > 4096 || plain.split('/').any(|part| part.len() > 255) {
        return Err(bad_file(name, "it is too long"));
    }
    // A diff whose line feeds are written out, read as a name.
    if name.contains("\\n") && ["--- ", "+++ ", "@@"].iter().any(|mark| name.contains(mark)) {
        return Err(bad_file(name, "it holds a part of a diff"));
    }
    if plain.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(bad_file(name, "it holds signs that cannot be seen"));
    }
    if plain.split('/').any(is_git) {
        return Err(bad_file(name, "it is inside .git"));
    }
    if plain.split('/').any(|part| part.eq_ignore_ascii_case(STAGE)) {
        return Err(bad_file(name, "it is where edits are prepared"));
    }
    RepoPath::new(&plain).map_err(|bad| bad_file(name, bad.why))
}

/// Signs that some file systems leave out of names.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

/// `.git` as any file system may spell it.
fn is_git(part: &str) -> bool {
    let part = part.trim_end_matches(['.', ' ']);
    let part = part.split(':').next().unwrap_or(part).trim_end_matches(['.', ' ']);
    part.eq_ignore_ascii_case(".git") || part.eq_ignore_ascii_case("git~1")
}

/// Finds the file that is there for a patch of it.
pub(crate) fn existing(file: &FilePatch, tree: &Tree, roots: &mut Roots) -> Result<RepoPath, Refusal> {
    let names = candidates(file, file.old.as_deref().or(file.new.as_deref()));
    let shown = file.name().to_owned();
    let mut first = None;
    for name in &names {
        let path = match checked(name) {
            Ok(path) => path,
            Err(refusal) => {
                first.get_or_insert(refusal);
                continue;
            }
        };
        // What is a link is refused, and not looked for elsewhere.
        if let Some(why) = tree.obstacle(&path) {
            return Err(bad_file(&shown, why));
        }
        if tree.files().contains(&path) {
            return match by_new_name(file, tree) {
                Some(other) if other != path && !names.contains(&other.to_string()) => {
                    Err(bad_file(&shown, format!("the old name is that of `{path}`, the new one that of `{other}`")))
                }
                _ => Ok(path),
            };
        }
    }
    if let Some(refusal) = first {
        return Err(refusal);
    }
    if let Some(path) = by_new_name(file, tree).filter(|path| tree.obstacle(path).is_none()) {
        return Ok(path);
    }
    let mut found: Vec<RepoPath> = Vec::new();
    for name in &names {
        let Ok(path) = checked(name) else { continue };
        let suffix = format!("/{path}");
        let longer = tree.files().paths().iter().filter(|known| path.as_str().contains('/') && known.as_str().ends_with(&suffix));
        found.extend(longer.cloned());
        found.extend(
            tails(path.as_str()).filter_map(|tail| RepoPath::new(tail).ok()).filter(|tail| tree.files().contains(tail)).take(1),
        );
    }
    found.sort();
    found.dedup();
    match found.as_slice() {
        [one] => {
            if let Some(why) = tree.obstacle(one) {
                return Err(bad_file(&shown, why));
            }
            let name = names.iter().find(|name| one.as_str().ends_with(name.as_str()) || name.ends_with(one.as_str()));
            if let Some(name) = name {
                roots.missing = one.as_str().strip_suffix(name.as_str()).filter(|root| !root.is_empty()).map(str::to_owned);
                roots.extra = name.strip_suffix(one.as_str()).filter(|root| !root.is_empty()).map(str::to_owned);
            }
            Ok(one.clone())
        }
        [] => Err(Refusal::NoSuchFile { path: shown, alike: alike(&names, tree) }),
        several => {
            let several: Vec<&str> = several.iter().take(MOST_LISTED).map(RepoPath::as_str).collect();
            Err(bad_file(&shown, format!("it could be any of {}", several.join(", "))))
        }
    }
}

/// Returns the file that the new name of a change is, where it is one.
fn by_new_name(file: &FilePatch, tree: &Tree) -> Option<RepoPath> {
    let names = candidates(file, file.new.as_deref().filter(|_| file.action == Action::Modify));
    names.iter().filter_map(|name| checked(name).ok()).find(|path| tree.files().contains(path))
}

/// Returns the files that have the same last part as one of `names`: too little to take one of them, enough to ask for it.
fn alike(names: &[String], tree: &Tree) -> Vec<String> {
    let last = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let wanted: Vec<String> = names.iter().map(|name| last(name)).collect();
    let known = tree.files().paths().iter().filter(|known| wanted.iter().any(|name| name == known.file_name()));
    known.take(MOST_LISTED).map(ToString::to_string).collect()
}

/// Finds where a file that is not there yet will be.
pub(crate) fn new_place(file: &FilePatch, tree: &Tree, roots: &Roots) -> Result<RepoPath, Refusal> {
    let names = candidates(file, file.new.as_deref());
    let name = names.first().ok_or_else(|| bad_file("", "a new file without a name"))?;
    let mut path = checked(name)?;
    let top = path.as_str().split_once('/').map(|(top, _)| top.to_owned());
    let rooted = top.as_deref().is_some_and(|top| tree.has_folder(top));
    if let Some(rest) = roots.extra.as_deref().and_then(|root| path.as_str().strip_prefix(root)) {
        path = checked(rest)?;
    } else if let Some(root) = roots.missing.as_deref().filter(|_| !rooted) {
        path = checked(&format!("{root}{path}"))?;
    } else if !rooted && !tree.has_folder(path.parent()) {
        path = rerooted(&path, tree).unwrap_or(path);
    }
    match tree.obstacle(&path) {
        Some(why) => Err(bad_file(path.as_str(), why)),
        None if tree.has_folder(path.as_str()) => Err(bad_file(path.as_str(), "it is a folder")),
        None => Ok(path),
    }
}

/// Gives a new file the root that its folder lacks, or takes the one that it has too much.
fn rerooted(path: &RepoPath, tree: &Tree) -> Option<RepoPath> {
    let folder = path.parent();
    if !folder.contains('/') {
        return None;
    }
    let suffix = format!("/{folder}");
    let mut found: Vec<String> = tree.folders().filter(|known| known.ends_with(&suffix)).map(str::to_owned).collect();
    found.extend(tails(folder).find(|tail| tree.has_folder(tail)).map(str::to_owned));
    match found.as_slice() {
        [one] => RepoPath::new(format!("{one}/{}", path.file_name())).ok(),
        _ => None,
    }
}

/// Ends of a path that leave parts in front away and keep two or more.
fn tails(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| path.get(at + 1..).unwrap_or_default()).filter(|tail| tail.contains('/'))
}

/// The names that one name may stand for, the likeliest first.
fn candidates(file: &FilePatch, name: Option<&str>) -> Vec<String> {
    let Some(name) = name else { return Vec::new() };
    let name = name.trim();
    let mut names = Vec::new();
    let cut = |name: &str| name.split_once('/').map(|(_, rest)| rest.to_owned());
    if file.format == Format::Unified {
        let (old, new) = (file.old.as_deref().unwrap_or_default(), file.new.as_deref().unwrap_or_default());
        let creates = file.action == Action::Create && new.starts_with("b/");
        let deletes = file.action == Action::Delete && old.starts_with("a/");
        let prefixed = creates || deletes || (old.starts_with("a/") && new.starts_with("b/"));
        // `diff -ru before after`: the same path below two folders.
        let folders = old.split_once('/').zip(new.split_once('/')).is_some_and(|(old, new)| old.0 != new.0 && old.1 == new.1);
        let renamed = file.action == Action::Rename;
        if (prefixed || folders) && !renamed {
            names.extend(cut(name));
        }
        names.push(name.to_owned());
        if (name.starts_with("a/") || name.starts_with("b/")) && !prefixed && !folders {
            names.extend(cut(name));
        }
        return names;
    }
    names.push(name.to_owned());
    if name.starts_with("a/") || name.starts_with("b/") {
        names.extend(cut(name));
    }
    names
}
