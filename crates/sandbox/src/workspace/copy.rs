//! Copies of files and of trees: by reference where the file system shares blocks, with their holes where it does not.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, ioctl_ficlone};
use rustix::io::Errno;

use super::beneath::{Root, is_short, kind};

/// Copies what a file holds. A hole stays a hole: a file can say that it is a thousand times larger than what it takes.
pub(super) fn data(from: &mut File, to: &mut File) -> io::Result<()> {
    if ioctl_ficlone(&*to, &*from).is_ok() {
        return Ok(());
    }
    let length = from.metadata()?.len();
    let mut at = 0;
    while at < length {
        let begin = match rustix::fs::seek(&*from, rustix::fs::SeekFrom::Data(at)) {
            Ok(begin) => begin,
            // No more data.
            Err(Errno::NXIO) => break,
            // A file system that does not know where its holes are.
            Err(Errno::INVAL) => at,
            Err(error) => return Err(error.into()),
        };
        let end = rustix::fs::seek(&*from, rustix::fs::SeekFrom::Hole(begin)).unwrap_or(length);
        from.seek(SeekFrom::Start(begin))?;
        to.seek(SeekFrom::Start(begin))?;
        io::copy(&mut from.by_ref().take(end.saturating_sub(begin)), to)?;
        at = end.max(begin.saturating_add(1));
    }
    to.set_len(length)
}

/// Copies a tree into an empty folder. Sockets and devices are no part of it.
pub(super) fn tree(from: &Root, to: &Root) -> io::Result<()> {
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        for name in from.names(&folder)? {
            let path = folder.join(name);
            let Some(stat) = from.stat(&path).filter(|_| is_short(&path)) else { continue };
            match kind(stat) {
                FileType::Directory => {
                    to.make_folder(&path)?;
                    to.set_mode(&path, stat.st_mode | 0o700)?;
                    open.push(path);
                }
                FileType::RegularFile => to.put_file(&path, &mut from.file(&path)?, stat.st_mode)?,
                FileType::Symlink => to.put_link(&path, &from.link(&path)?)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Returns whether files can be copied between two folders by reference, by doing it once.
pub(super) fn shares_blocks(from: &Path, to: &Path) -> bool {
    // A file that is there for as long as the question takes, on the file system of the original: it cannot be written there.
    let first =
        std::fs::read_dir(from).into_iter().flatten().flatten().find(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let Some(first) = first else { return false };
    let (Ok(source), Ok(copy)) = (File::open(first.path()), tempfile_in(to)) else { return false };
    ioctl_ficlone(&copy, &source).is_ok()
}

fn tempfile_in(folder: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    Ok(openat(CWD, folder, OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR)?.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{FileExt, MetadataExt, symlink};

    use super::*;

    #[test]
    fn a_hole_stays_a_hole() {
        let folder = tempfile::tempdir().unwrap();
        let huge = File::create(folder.path().join("huge")).unwrap();
        huge.write_all_at(b"head", 0).unwrap();
        huge.write_all_at(b"tail", 1 << 40).unwrap();
        let mut from = File::open(folder.path().join("huge")).unwrap();
        let mut to = File::create(folder.path().join("copy")).unwrap();
        data(&mut from, &mut to).unwrap();
        let copy = File::open(folder.path().join("copy")).unwrap();
        let mut tail = [0; 4];
        copy.read_exact_at(&mut tail, 1 << 40).unwrap();
        assert_eq!((copy.metadata().unwrap().len(), &tail), ((1 << 40) + 4, b"tail"));
        assert!(copy.metadata().unwrap().blocks() < 1 << 10);
    }

    #[test]
    fn a_tree_is_copied_with_its_links_and_times_and_without_its_pipes() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        fs::create_dir_all(one.join("a/b")).unwrap();
        fs::create_dir(&two).unwrap();
        fs::write(one.join("a/b/file"), "text").unwrap();
        symlink("/etc/passwd", one.join("a/link")).unwrap();
        nix::unistd::mkfifo(&one.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        tree(&Root::open(&one).unwrap(), &Root::open(&two).unwrap()).unwrap();
        assert_eq!(fs::read_to_string(two.join("a/b/file")).unwrap(), "text");
        assert_eq!(fs::read_link(two.join("a/link")).unwrap(), Path::new("/etc/passwd"));
        assert!(!two.join("pipe").exists());
        let time = |path: PathBuf| fs::metadata(path).unwrap().modified().unwrap();
        assert_eq!(time(one.join("a/b/file")), time(two.join("a/b/file")));
    }
}
