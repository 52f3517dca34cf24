//! The index of a folder as it is kept on disk: a list of files, and a few segments that never change once written.
//!
//! One process at a time opens and updates it; what another one has open stays readable, since removed files live on until they are closed.
//! A folder that is new begins with what is kept of its likeliest copy, a private worktree or a clone of a worker with that of the
//! repository: see `docs/decisions/0017-an-index-a-folder-shared-by-content.md`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use code::{Index, Storage, Tally, Update};
use domain::{Digest, RepoPath};
use jiff::Timestamp;

use super::snapshot::Snapshot;

const LISTING: &str = "files";
/// Indexes of other folders that are looked at for a copy, the latest first.
const MAX_OTHERS: usize = 8;
/// Paths that are looked for in each.
const MAX_SAMPLE: usize = 1000;

/// An index that is as its folder is now.
pub(crate) struct Indexed {
    pub(crate) index: Index,
    pub(crate) snapshot: Snapshot,
    pub(crate) tally: Tally,
    /// Where it is kept.
    pub(crate) folder: PathBuf,
}

/// Opens the index of `root`, below `data_dir`, and brings it up to date. `anew` forgets what is kept.
pub(crate) fn indexed(root: &Path, data_dir: &Path, now: Timestamp, anew: bool) -> anyhow::Result<Indexed> {
    let name = Digest::of(root.as_os_str().as_encoded_bytes()).short(16);
    let folder = data_dir.join("code").join(name);
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let lock = File::create(folder.join("lock")).context("opening the index")?;
    lock.lock().context("waiting for the index")?;
    let snapshot = Snapshot::of(root, now);
    // An index that cannot be read is made again: it holds nothing that the folder does not.
    let kept = if anew { None } else { open(&folder).or_else(|| copied(&folder, &snapshot)) };
    let updated = Index::update(kept, &snapshot.entries, &snapshot.skipped, &snapshot);
    let updated = updated.or_else(|_| Index::update(None, &snapshot.entries, &snapshot.skipped, &snapshot))?;
    save(&folder, &updated).with_context(|| format!("writing the index below {}", folder.display()))?;
    Ok(Indexed { index: updated.index, snapshot, tally: updated.tally, folder })
}

fn open(folder: &Path) -> Option<Index> {
    let listing = fs::read(folder.join(LISTING)).ok()?;
    Index::open(&listing, |digest| Ok(Box::new(Segment(File::open(folder.join(name_of(digest)))?)))).ok()
}

/// Begins with the index of another folder that has most of the same files: facts belong to contents, so what is the same there is read
/// here, and not parsed.
fn copied(folder: &Path, snapshot: &Snapshot) -> Option<Index> {
    let step = snapshot.entries.len().div_ceil(MAX_SAMPLE).max(1);
    let sample: Vec<&RepoPath> = snapshot.entries.iter().step_by(step).map(|entry| &entry.path).collect();
    let others = fs::read_dir(folder.parent()?).ok()?.flatten().map(|entry| entry.path()).filter(|other| other != folder);
    let mut others: Vec<_> =
        others.filter_map(|other| Some((fs::metadata(other.join(LISTING)).ok()?.modified().ok()?, other))).collect();
    others.sort_by(|a, b| b.cmp(a));
    others.truncate(MAX_OTHERS);
    let alike = others.into_iter().filter_map(|(_, other)| {
        let index = open(&other)?;
        let same = sample.iter().filter(|path| index.file(path).is_some()).count();
        (same * 2 > sample.len()).then_some((same, other, index))
    });
    let (_, other, index) = alike.max_by_key(|(same, ..)| *same)?;
    // Links cost no room, and what is removed there stays here.
    for segment in index.segments() {
        let (from, to) = (other.join(name_of(*segment)), folder.join(name_of(*segment)));
        fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop)).ok()?;
    }
    Some(index)
}

fn name_of(segment: Digest) -> String {
    format!("segment-{segment}")
}

/// A segment on disk.
struct Segment(File);

impl Storage for Segment {
    fn read(&self, from: u64, length: usize) -> io::Result<Vec<u8>> {
        // A damaged length must not ask for more memory than the file has bytes.
        let end = from.checked_add(length as u64).filter(|end| self.0.metadata().is_ok_and(|about| *end <= about.len()));
        end.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut bytes = vec![0; length];
        self.0.read_exact_at(&mut bytes, from)?;
        Ok(bytes)
    }
}

/// Writes what is new. A kill at any moment leaves the old index or the new one.
fn save(folder: &Path, updated: &Update) -> anyhow::Result<()> {
    if let Some((digest, bytes)) = &updated.segment {
        write(folder, &name_of(*digest), bytes)?;
    }
    let Some(listing) = &updated.listing else { return Ok(()) };
    write(folder, LISTING, listing)?;
    let used: Vec<String> = updated.index.segments().iter().map(|digest| name_of(*digest)).collect();
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if (name.starts_with("segment-") && !used.contains(&name)) || name.starts_with(".tmp") {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(folder.join(name))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later() -> Timestamp {
        Timestamp::now().checked_add(jiff::Span::new().hours(1)).unwrap()
    }

    #[test]
    fn an_index_is_kept_updated_and_made_again_when_it_is_damaged() {
        let (root, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(root.path().join("a.py"), "def f(): pass\n").unwrap();
        fs::write(root.path().join("b.py"), "def g(): pass\n").unwrap();
        let look = |anew| indexed(root.path(), data.path(), later(), anew).unwrap();
        assert_eq!(look(false).tally.parsed, 2);
        assert_eq!(look(false).tally, Tally { files: 2, ..Tally::default() });
        fs::write(root.path().join("b.py"), "def h(): pass\n").unwrap();
        let third = look(false);
        assert_eq!((third.tally.read, third.tally.parsed), (1, 1));
        assert_eq!(third.index.definitions("h").unwrap().len(), 1);
        assert_eq!(third.index.definitions("g").unwrap().len(), 0);
        for entry in fs::read_dir(&third.folder).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with("segment") {
                fs::write(entry.path(), "damaged").unwrap();
            }
        }
        let fourth = look(false);
        assert_eq!((fourth.tally.parsed, fourth.index.definitions("h").unwrap().len()), (2, 1));
        assert_eq!(look(true).tally.parsed, 2);
        let names: Vec<_> = fs::read_dir(&fourth.folder).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(names.len(), 3, "the list, one segment and the lock: {names:?}");
    }

    #[test]
    fn a_copy_of_a_folder_is_read_and_not_parsed_again() {
        let (root, copy, other, data) = (
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        for name in ["a.py", "b.py", "c.py"] {
            fs::write(root.path().join(name), format!("def {}(): pass\n", &name[..1])).unwrap();
            fs::copy(root.path().join(name), copy.path().join(name)).unwrap();
            fs::write(other.path().join(format!("other_{name}")), "def other(): pass\n").unwrap();
        }
        fs::write(copy.path().join("b.py"), "def changed(): pass\n").unwrap();
        let look = |root: &tempfile::TempDir| indexed(root.path(), data.path(), later(), false).unwrap();
        let first = look(&root);
        assert_eq!(look(&other).tally.parsed, 3, "nothing of it is there");
        let second = look(&copy);
        assert_eq!((second.tally.read, second.tally.parsed), (3, 1));
        assert_ne!(first.folder, second.folder);
        let found = |index: &Index, name: &str| index.definitions(name).unwrap().len();
        assert_eq!(["a", "b", "changed", "other"].map(|name| found(&second.index, name)), [1, 0, 1, 0]);
        // What becomes of the one is nothing to the other.
        fs::remove_dir_all(&first.folder).unwrap();
        assert_eq!(look(&copy).tally, Tally { files: 3, ..Tally::default() });
        assert_eq!(["a", "b", "changed"].map(|name| found(&look(&copy).index, name)), [1, 0, 1]);
    }
}
