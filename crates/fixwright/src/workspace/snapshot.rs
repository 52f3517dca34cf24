//! The code of a folder as it lies there: which files there are, and their texts, for [`code::Index`].
//!
//! What `.gitignore` files leave out is left out, with what git does not know of: sockets, links, folders of other projects. Links are
//! never followed, so a folder cannot hold itself. A file that changes while it is read is read again the next time.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use code::{Content, Entry, LeftOut, Skip};
use domain::{Digest, RepoPath};
use ignore::{DirEntry, WalkBuilder, WalkState};
use jiff::Timestamp;
use nix::libc;

/// Larger files are not read at all; the index would leave them out for their size.
const MAX_BYTES: u64 = 4 << 20;
/// Folders nested deeper are not looked into.
const MAX_DEPTH: usize = 128;
/// A file that changed so short a time ago may change again without its time saying so.
const SETTLED_SECONDS: i64 = 2;

/// The code below a folder.
pub(crate) struct Snapshot {
    root: PathBuf,
    now: Timestamp,
    pub(crate) entries: Vec<Entry>,
    pub(crate) skipped: Vec<LeftOut>,
}

impl Snapshot {
    /// Looks through a folder, which must exist. What cannot be listed is left out.
    pub(crate) fn of(root: &Path, now: Timestamp) -> Self {
        let entries = Mutex::new(Vec::new());
        let skipped: Arc<Mutex<Vec<LeftOut>>> = Arc::default();
        let mut walk = WalkBuilder::new(root);
        // The user's own ignore files say nothing of the project.
        walk.hidden(false).git_global(false).ignore(false).require_git(false).follow_links(false).max_depth(Some(MAX_DEPTH));
        walk.threads(std::thread::available_parallelism().map_or(2, usize::from).min(8));
        let (top, left_out) = (root.to_owned(), Arc::clone(&skipped));
        walk.filter_entry(move |entry| {
            let why = vendored(entry).filter(|_| entry.path() != top);
            if let Some(one) = why.and_then(|why| at(&top, entry.path(), why)) {
                push(&left_out, one);
            }
            why.is_none() && (entry.file_name() != ".git" || entry.path() == top)
        });
        walk.build_parallel().run(|| {
            Box::new(|entry| {
                match entry.ok().and_then(|entry| look(root, &entry, now)) {
                    Some(Ok(entry)) => push(&entries, entry),
                    Some(Err(one)) => push(&skipped, one),
                    None => {}
                }
                WalkState::Continue
            })
        });
        let mut entries = entries.into_inner().unwrap_or_default();
        entries.sort_by(|a: &Entry, b: &Entry| a.path.cmp(&b.path));
        let skipped = skipped.lock().map(|mut skipped| std::mem::take(&mut *skipped)).unwrap_or_default();
        Self { root: root.to_owned(), now, entries, skipped }
    }

    /// Reads the text of a file for a person, whatever it is now.
    pub(crate) fn text(&self, path: &RepoPath) -> Option<Vec<u8>> {
        code::Read::read(self, path).ok().map(|content| content.text)
    }
}

impl code::Read for Snapshot {
    fn read(&self, path: &RepoPath) -> Result<Content, Skip> {
        // Between the walk and this a plain file may have become a pipe that never ends, or a link.
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let file = options.open(self.root.join(path.as_str())).map_err(|_| Skip::Unreadable)?;
        let before = file.metadata().map_err(|_| Skip::Unreadable)?;
        if !before.is_file() {
            return Err(Skip::NotAFile);
        }
        if before.len() > MAX_BYTES {
            return Err(Skip::TooLarge);
        }
        let text = read_all(&file, before.len()).map_err(|_| Skip::Unreadable)?;
        if text.len() as u64 > MAX_BYTES {
            return Err(Skip::TooLarge);
        }
        let after = file.metadata().map_err(|_| Skip::Unreadable)?;
        let stamp = stamp(&before, self.now).filter(|before| stamp(&after, self.now) == Some(*before));
        Ok(Content { text, stamp })
    }
}

fn read_all(file: &File, length: u64) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    file.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    Ok(text)
}

/// Returns what a file is to the index; `None` for one that is no code by its name.
fn look(root: &Path, entry: &DirEntry, now: Timestamp) -> Option<Result<Entry, LeftOut>> {
    let below = entry.path().strip_prefix(root).ok()?;
    let path = RepoPath::new(below.to_str()?).ok()?;
    if entry.depth() >= MAX_DEPTH && entry.file_type()?.is_dir() {
        return Some(Err(LeftOut { path, why: Skip::TooDeep }));
    }
    // A link to a folder would bring all that is in it.
    if entry.path_is_symlink() && (code::language_of(&path).is_some() || entry.path().is_dir()) {
        return Some(Err(LeftOut { path, why: Skip::Link }));
    }
    code::language_of(&path)?;
    if !entry.file_type()?.is_file() {
        return Some(Err(LeftOut { path, why: Skip::NotAFile }));
    }
    let about = entry.metadata().ok()?;
    Some(Ok(Entry { stamp: stamp(&about, now), path }))
}

fn vendored(entry: &DirEntry) -> Option<Skip> {
    entry.file_type().filter(std::fs::FileType::is_dir)?;
    code::skip_folder(entry.file_name().to_str()?)
}

fn push<T>(to: &Mutex<Vec<T>>, one: T) {
    if let Ok(mut all) = to.lock() {
        all.push(one);
    }
}

fn at(root: &Path, path: &Path, why: Skip) -> Option<LeftOut> {
    let path = RepoPath::new(path.strip_prefix(root).ok()?.to_str()?).ok()?;
    Some(LeftOut { path, why })
}

/// Returns a number that changes when the file does; `None` when it changed just now, and may again within one tick of its clock.
fn stamp(about: &Metadata, now: Timestamp) -> Option<u64> {
    if now.as_second() - about.mtime().max(about.ctime()) < SETTLED_SECONDS {
        return None;
    }
    let parts = [
        about.mtime(),
        about.mtime_nsec(),
        about.ctime(),
        about.ctime_nsec(),
        about.size().cast_signed(),
        about.ino().cast_signed(),
    ];
    let digest = Digest::of(parts.map(i64::to_le_bytes).concat());
    digest.as_bytes().first_chunk().map(|first| u64::from_le_bytes(*first)).filter(|stamp| *stamp != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use code::Read as _;
    use nix::sys::stat::Mode;

    use super::*;

    fn later() -> Timestamp {
        Timestamp::now().checked_add(jiff::Span::new().hours(1)).unwrap()
    }

    #[test]
    fn a_folder_is_seen_without_what_is_ignored_and_what_never_ends() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in [".git/a.py", "src/a.py", "src/.hidden.py", "out/b.py", "node_modules/m/c.js", "text.md", "deep/er/d.py"] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "a = 1\n").unwrap();
        }
        fs::write(root.join(".gitignore"), "out/\n").unwrap();
        fs::write(root.join("deep/.gitignore"), "*\n").unwrap();
        symlink("..", root.join("src/loop")).unwrap();
        symlink("a.py", root.join("src/link.py")).unwrap();
        nix::unistd::mkfifo(&root.join("src/pipe.py"), Mode::S_IRWXU).unwrap();
        let found = Snapshot::of(root, later());
        let paths: Vec<&str> = found.entries.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(paths, ["src/.hidden.py", "src/a.py"]);
        let mut skipped = found.skipped.clone();
        skipped.sort();
        let skipped: Vec<_> = skipped.iter().map(|one| (one.path.as_str(), one.why)).collect();
        let expected = [
            ("node_modules", Skip::Vendored),
            ("src/link.py", Skip::Link),
            ("src/loop", Skip::Link),
            ("src/pipe.py", Skip::NotAFile),
        ];
        assert_eq!(skipped, expected);
        let read = |path: &str| found.read(&RepoPath::new(path).unwrap());
        assert_eq!(read("src/a.py").unwrap().text, b"a = 1\n");
        assert_eq!(read("src/pipe.py"), Err(Skip::NotAFile));
        assert_eq!(read("src/link.py"), Err(Skip::Unreadable));
        fs::write(root.join("src/a.py"), vec![b'a'; 50 << 20]).unwrap();
        assert_eq!(read("src/a.py"), Err(Skip::TooLarge));
    }

    #[test]
    fn folders_without_end_are_not_looked_into_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let deep = vec!["d"; MAX_DEPTH + 20].join("/");
        fs::create_dir_all(folder.path().join(&deep)).unwrap();
        fs::write(folder.path().join(&deep).join("a.py"), "a = 1\n").unwrap();
        let found = Snapshot::of(folder.path(), later());
        let edge = RepoPath::new(vec!["d"; MAX_DEPTH].join("/")).unwrap();
        assert_eq!((found.entries, found.skipped), (Vec::new(), vec![LeftOut { path: edge, why: Skip::TooDeep }]));
    }

    #[test]
    fn a_stamp_changes_with_the_file_and_is_not_given_to_one_that_may_still_change() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.py"), "a = 1\n").unwrap();
        let stamp = |now| Snapshot::of(folder.path(), now).entries.remove(0).stamp;
        assert_eq!(stamp(Timestamp::now()), None);
        let before = stamp(later());
        assert!(before.is_some());
        assert_eq!(stamp(later()), before);
        fs::write(folder.path().join("a.py"), "a = 2\n").unwrap();
        assert_ne!(stamp(later()), before);
    }
}
