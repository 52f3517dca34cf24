//! Which file of the repository a tool means by a path.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::{Files, RepoPath};

use crate::text::path_of_uri;
use crate::{Diagnostic, Origin};

/// Finds the files that paths of a report name.
pub(crate) struct Paths<'a> {
    files: &'a Files,
    roots: &'a [String],
    /// The subproject's folder and those around it, the innermost first, the root (`""`) last.
    folders: Vec<String>,
}

impl<'a> Paths<'a> {
    pub(crate) fn new(origin: &Origin<'a>, files: &'a Files) -> Self {
        let mut folder = normal(origin.subproject).unwrap_or_default();
        let mut folders = vec![folder.clone()];
        while !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or(String::new(), |(parent, _)| parent.to_owned());
            folders.push(folder.clone());
        }
        Self { files, roots: origin.roots, folders }
    }

    /// Returns the file of the tree that a path names, tried from the subproject outwards.
    pub(crate) fn resolve(&self, path: &str, tool: &str) -> Option<RepoPath> {
        let path = path_of_uri(path);
        if let Some(path) = absolute(&path) {
            let path = normal_absolute(&path)?;
            let below = |root: &String| {
                let root = normal_absolute(root)?;
                path.strip_prefix(root.trim_end_matches('/'))?.strip_prefix('/').map(str::to_owned)
            };
            return self.roots.iter().filter_map(below).find_map(|relative| self.file(&relative));
        }
        let relative = |path: &str| self.folders.iter().find_map(|folder| self.file(&normal(&format!("{folder}/{path}"))?));
        if let Some(found) = relative(&path) {
            return Some(found);
        }
        if path.contains('\\') {
            return relative(&path.replace('\\', "/"));
        }
        // A class tells its package and its file, not the folder of its sources.
        if matches!(tool, "junit" | "testng" | "spotbugs" | "checkstyle") && path.contains('.') {
            let end = format!("/{path}");
            let mut fitting = self.files.paths().iter().filter(|file| file.as_str().ends_with(&end));
            return fitting.next().filter(|_| fitting.next().is_none()).cloned();
        }
        // A Go test names its package, whose path begins with that of the module.
        let mut rest = path.as_str();
        while let Some((_, shorter)) = rest.split_once('/').filter(|_| tool == "go test") {
            if let Some(found) = relative(shorter) {
                return Some(found);
            }
            rest = shorter;
        }
        None
    }

    fn file(&self, path: &str) -> Option<RepoPath> {
        RepoPath::new(path).ok().filter(|path| self.files.contains(path))
    }
}

/// Returns the folder that stood for the root of the tree where a report was made: below it, most of the absolute paths that the
/// diagnostics name are files of the tree. `None` where they name none.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use diagnostics::{Output, read, root_of};
/// use domain::{Files, RepoPath};
///
/// let files = Files::from_map(BTreeMap::from([(RepoPath::new("src/a.c").unwrap(), Vec::new())]));
/// let report = read(&Output { stdout: b"", stderr: b"/ci/job/src/a.c:1:2: error: no\n", tool: None });
/// assert_eq!(root_of(&report.diagnostics, &files).as_deref(), Some("/ci/job"));
/// ```
#[must_use]
pub fn root_of(diagnostics: &[Diagnostic], files: &Files) -> Option<String> {
    let mut votes: BTreeMap<String, usize> = BTreeMap::new();
    for path in diagnostics.iter().filter_map(|diagnostic| diagnostic.path.as_deref()) {
        let path = path_of_uri(path);
        let Some(path) = absolute(&path).and_then(|path| normal_absolute(&path)) else { continue };
        // The longest end of the path that is a file: a shorter one is likelier to be another file of that name.
        let ends = path.match_indices('/').map(|(slash, _)| path.split_at(slash));
        let mut fitting =
            ends.filter(|(_, end)| RepoPath::new(end.trim_start_matches('/')).is_ok_and(|end| files.contains(&end)));
        if let Some((root, _)) = fitting.next().filter(|(root, _)| !root.is_empty()) {
            *votes.entry(root.to_owned()).or_default() += 1;
        }
    }
    votes.into_iter().max_by_key(|(_, votes)| *votes).map(|(root, _)| root)
}

/// Returns a relative path without `.` and `..`, `None` where it leaves the folder that it is relative to.
fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns an absolute path with slashes, `None` where it is none: on Windows it begins with a drive, behind a slash in a URI.
fn absolute(path: &str) -> Option<Cow<'_, str>> {
    let bare = path.strip_prefix('/').unwrap_or(path);
    if let [drive, b':', b'/' | b'\\', ..] = bare.as_bytes()
        && drive.is_ascii_alphabetic()
    {
        return Some(Cow::Owned(bare.replace('\\', "/")));
    }
    path.starts_with('/').then_some(Cow::Borrowed(path))
}

fn normal_absolute(path: &str) -> Option<String> {
    normal(path).map(|path| format!("/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{FindingKind, Recipe, Severity};

    #[test]
    fn the_root_of_another_machine_is_where_most_paths_fit() {
        let path = |p: &str| RepoPath::new(p).unwrap();
        let files = Files::from_map(["src/a.py", "src/b.py", "b.py"].map(|p| (path(p), Vec::new())).into());
        let root = |paths: &[&str]| {
            let one =
                |path: &&str| Diagnostic::new("t", "r", FindingKind::Linting, Severity::Error, "m").at((*path).to_owned(), None);
            root_of(&paths.iter().map(one).collect::<Vec<_>>(), &files)
        };
        assert_eq!(root(&["/home/ci/w/w/src/a.py", "/home/ci/w/w/src/b.py", "/usr/lib/b.py"]).as_deref(), Some("/home/ci/w/w"));
        assert_eq!(root(&["src/a.py", "/etc/passwd"]), None);
        assert_eq!(root(&["D:\\a\\w\\w\\src\\a.py", "file:///D:/a/w/w/src/b.py"]).as_deref(), Some("/D:/a/w/w"));
    }

    #[test]
    fn paths_are_found_outwards_and_never_outside() {
        let path = |p: &str| RepoPath::new(p).unwrap();
        let files = Files::from_map(["a/b/x.py", "x.py", "a/y.py", "z w.py"].map(|p| (path(p), Vec::new())).into());
        let roots = ["/tmp/w".to_owned(), "/tmp/w/a".to_owned()];
        let origin = Origin { recipe: Recipe::Lint, subproject: "a/b", roots: &roots };
        let paths = Paths::new(&origin, &files);
        let found = |p: &str| paths.resolve(p, "t").map(|path| path.as_str().to_owned());
        assert_eq!(found("x.py").as_deref(), Some("a/b/x.py"));
        assert_eq!(found("../y.py").as_deref(), Some("a/y.py"));
        assert_eq!(found("a/y.py").as_deref(), Some("a/y.py"));
        assert_eq!(found("../../x.py").as_deref(), Some("x.py"));
        assert_eq!(found("../../../x.py"), None);
        assert_eq!(found("/tmp/w/a/../x.py").as_deref(), Some("x.py"));
        assert_eq!(found("/tmp/w/x.py").as_deref(), Some("x.py"));
        assert_eq!(found("file:///tmp/w/z%20w.py").as_deref(), Some("z w.py"));
        assert_eq!(found("/etc/passwd"), None);
        assert_eq!(found("/tmp/wx/x.py"), None);
        assert_eq!(found(".\\x.py").as_deref(), Some("a/b/x.py"));
        assert_eq!(found("D:\\w\\x.py"), None);
        let roots = ["/D:/a/w".to_owned()];
        let of_windows = Paths::new(&Origin { roots: &roots, ..origin }, &files);
        assert_eq!(of_windows.resolve("D:\\a\\w\\a\\b\\x.py", "t"), Some(path("a/b/x.py")));
        assert_eq!(of_windows.resolve("D:/a/w/../x.py", "t"), None);
        assert_eq!(found("mod/a/y.py"), None);
        assert_eq!(paths.resolve("mod/a/y.py", "go test"), Some(path("a/y.py")));
    }
}
