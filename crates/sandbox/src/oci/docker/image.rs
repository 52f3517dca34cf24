//! The root of a container as an archive, for engines to take in as an image: links and small files, and places for the rest. Nothing is
//! fetched from anywhere.

use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;

use tar::{Builder, EntryType, Header};

/// Returns the archive, and a name that tells it from all others.
pub(super) fn archive(links: &[(OsString, OsString)], files: &[(OsString, Vec<u8>)]) -> io::Result<(String, Vec<u8>)> {
    let mut archive = Builder::new(Vec::new());
    for folder in ["dev", "etc", "proc", "run", "sys", "tmp", "usr", "var"] {
        archive.append_data(&mut header(EntryType::Directory, 0o755, 0), folder, io::empty())?;
    }
    for (at, target) in links {
        archive.append_link(&mut header(EntryType::Symlink, 0o777, 0), below_root(at), target)?;
    }
    for (at, bytes) in files {
        archive.append_data(&mut header(EntryType::Regular, 0o644, bytes.len()), below_root(at), bytes.as_slice())?;
    }
    let bytes = archive.into_inner()?;
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Ok((format!("fixwright-root:{:016x}", hasher.finish()), bytes))
}

fn below_root(at: &OsString) -> &Path {
    let at = Path::new(at);
    at.strip_prefix("/").unwrap_or(at)
}

fn header(kind: EntryType, mode: u32, length: usize) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(length as u64);
    header
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_in_it_decides_its_name() {
        let links = [("/bin".into(), "usr/bin".into())];
        let (name, bytes) = archive(&links, &[("/etc/passwd".into(), b"users".to_vec())]).unwrap();
        let mut archive_of_it = tar::Archive::new(bytes.as_slice());
        let entries: Vec<_> = archive_of_it
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                let target = entry.link_name().unwrap().map(|target| target.display().to_string());
                (entry.path().unwrap().display().to_string(), target, text)
            })
            .skip(8)
            .collect();
        let expected =
            [("bin".to_owned(), Some("usr/bin".to_owned()), String::new()), ("etc/passwd".to_owned(), None, "users".to_owned())];
        assert_eq!(entries, expected);
        let (same, _) = archive(&links, &[("/etc/passwd".into(), b"users".to_vec())]).unwrap();
        let (other, _) = archive(&links, &[("/etc/passwd".into(), b"others".to_vec())]).unwrap();
        assert!(name == same && name != other && name.starts_with("fixwright-root:"));
    }
}
