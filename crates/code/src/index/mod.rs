//! The index of a tree: which files it has and what each says. Facts belong to contents, by digest, and files point to contents; so a file
//! that moved costs nothing, and a second index reads and parses only what changed.
//!
//! It is a list of files and a few segments. An update writes a small new segment beside those that stand, and all into one when
//! too much of them is of no use any more. Nothing here reads a disk: texts come from a [`Read`], bytes of segments from a [`Storage`].

mod fuzzy;
mod listing;
mod packed;
mod segment;
mod skip;
#[cfg(test)]
mod tests;
mod update;
mod wire;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use domain::{Digest, Language, RepoPath};

pub use listing::File;
pub use skip::{Skip, skip_folder};
pub use update::{Content, Entry, LeftOut, Read, Tally, Update};

pub(crate) use fuzzy::Near;
pub(crate) use packed::{Unpacked, says};
pub(crate) use segment::{FileFacts, Segment};

/// Where the bytes of a segment are.
pub trait Storage: Send + Sync {
    /// Returns `length` bytes from `from` on.
    ///
    /// # Errors
    /// When they cannot be read, or there are not so many.
    fn read(&self, from: u64, length: usize) -> io::Result<Vec<u8>>;
}

impl Storage for Arc<[u8]> {
    fn read(&self, from: u64, length: usize) -> io::Result<Vec<u8>> {
        let from = usize::try_from(from).map_err(io::Error::other)?;
        let range = from..from.saturating_add(length);
        self.get(range).map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was written by another version.
    #[error("the index was written by another version")]
    OtherVersion,
    /// Its bytes contradict each other.
    #[error("the index is damaged")]
    Damaged,
    /// Its bytes cannot be read.
    #[error("the index cannot be read")]
    Io(#[from] io::Error),
}

/// An index of a tree.
pub struct Index {
    pub(crate) files: Vec<File>,
    /// By the order of the segments: for each content the files that hold it.
    holders: Vec<HashMap<u32, Vec<u32>>>,
    pub(crate) segments: Vec<Arc<Segment>>,
    names: Vec<Digest>,
}

/// Where a content is: its segment, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) segment: u32,
    pub(crate) content: u32,
}

impl Index {
    /// Opens the index that a listing describes. `open` gives the bytes of a segment by its digest.
    ///
    /// # Errors
    /// [`Error`], after which the tree must be indexed anew.
    pub fn open(listing: &[u8], mut open: impl FnMut(Digest) -> io::Result<Box<dyn Storage>>) -> Result<Self, Error> {
        let (names, files) = listing::read(listing)?;
        let segments = names.iter().map(|name| Ok(Arc::new(Segment::open(open(*name)?)?)));
        let segments = segments.collect::<Result<Vec<_>, Error>>()?;
        Self::new(files, names, segments)
    }

    fn new(files: Vec<File>, names: Vec<Digest>, segments: Vec<Arc<Segment>>) -> Result<Self, Error> {
        let mut holders: Vec<HashMap<u32, Vec<u32>>> = segments.iter().map(|_| HashMap::new()).collect();
        for (at, file) in (0..).zip(&files) {
            let Ok(place) = file.place else { continue };
            let holder = holders.get_mut(place.segment as usize).ok_or(Error::Damaged)?;
            if segments.get(place.segment as usize).is_none_or(|segment| segment.contents.len() <= place.content as usize) {
                return Err(Error::Damaged);
            }
            holder.entry(place.content).or_default().push(at);
        }
        Ok(Self { files, holders, segments, names })
    }

    /// Returns the files, by path.
    #[must_use]
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// Returns the digests of the segments that it is made of; any other that is kept for it is not needed any more.
    #[must_use]
    pub fn segments(&self) -> &[Digest] {
        &self.names
    }

    /// Returns a file by its path.
    #[must_use]
    pub fn file(&self, path: &RepoPath) -> Option<&File> {
        let at = self.files.binary_search_by(|file| file.path.cmp(path)).ok()?;
        self.files.get(at)
    }

    /// Returns the language of a file, and the digest of the text that was read. `None` for one that was left out.
    #[must_use]
    pub fn text_of(&self, path: &RepoPath) -> Option<(Language, Digest)> {
        let place = self.file(path)?.place.ok()?;
        let content = self.segments.get(place.segment as usize)?.contents.get(place.content as usize)?;
        Some((content.language, content.digest))
    }

    /// Says whether a file was only read in part: what nests deeper than 2,000 levels is not followed.
    #[must_use]
    pub fn is_in_part(&self, file: &File) -> bool {
        let content = file.place.ok().and_then(|place| self.segment(place).ok()?.contents.get(place.content as usize));
        content.is_some_and(|content| content.in_part)
    }

    /// Returns the files that hold a content.
    pub(crate) fn holders(&self, place: Place) -> impl Iterator<Item = &File> {
        let held = self.holders.get(place.segment as usize).and_then(|holders| holders.get(&place.content));
        held.into_iter().flatten().filter_map(|at| self.files.get(*at as usize))
    }

    pub(crate) fn is_held(&self, place: Place) -> bool {
        self.holders.get(place.segment as usize).is_some_and(|holders| holders.contains_key(&place.content))
    }

    pub(crate) fn segment(&self, place: Place) -> Result<&Segment, Error> {
        self.segments.get(place.segment as usize).map(Arc::as_ref).ok_or(Error::Damaged)
    }
}

/// Returns the language that is written as this number.
fn language_of_number(number: u8) -> Option<Language> {
    use Language::{Bash, C, CSharp, Cpp, Go, Java, JavaScript, Kotlin, Php, Python, Ruby, Rust, Scala, TypeScript};
    let all = [Rust, Python, JavaScript, TypeScript, Go, C, Cpp, Java, CSharp, Ruby, Php, Kotlin, Scala, Bash];
    all.into_iter().find(|language| *language as u8 == number)
}
