//! Making an index, and bringing one up to date.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{Digest, Language, RepoPath};
use rayon::prelude::*;

use super::packed::Packed;
use super::segment::{self, Fresh, Segment};
use super::{Error, File, Index, Place, Skip, listing, skip};
use crate::outline;

/// More segments than this are written into one.
const MAX_SEGMENTS: usize = 8;

/// A file of the tree that is to be indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub path: RepoPath,
    /// A number that changes whenever the file does; zero and `None` are never trusted.
    pub stamp: Option<u64>,
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The whole text, read once: all that the index says is of it, whatever becomes of the file.
    pub text: Vec<u8>,
    /// The stamp of the file if it stayed the same while it was read.
    pub stamp: Option<u64>,
}

/// Reads the text of a file, or says why it is left out.
pub trait Read: Sync {
    /// Reads a file.
    ///
    /// # Errors
    /// The reason why it is left out.
    fn read(&self, path: &RepoPath) -> Result<Content, Skip>;
}

/// A file or folder that is left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Where it is.
    pub path: RepoPath,
    /// Why.
    pub why: Skip,
}

/// What an update did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files that are in the index.
    pub files: usize,
    /// Files whose text was read.
    pub read: usize,
    /// Texts that were new, and parsed.
    pub parsed: usize,
    /// Files and folders that were left out.
    pub skipped: usize,
}

/// An index that was brought up to date, and what must be kept of it.
pub struct Update {
    /// The index.
    pub index: Index,
    /// The list of files: what [`Index::open`] takes. `None` when nothing changed.
    pub listing: Option<Vec<u8>>,
    /// A segment that is new.
    pub segment: Option<(Digest, Arc<[u8]>)>,
    /// What was done.
    pub tally: Tally,
}

/// What became of an entry.
enum Seen {
    /// Nothing was read: the stamp is the same.
    Same(Result<Place, Skip>),
    /// The text is known, maybe under another path.
    Known(Place),
    New(Box<Fresh>),
    Left(Skip),
}

impl Index {
    /// Makes the index of a tree, out of an older one where it can.
    ///
    /// The entries are all files that may be code; what is none by its name is left out silently. It runs on all cores.
    ///
    /// # Errors
    /// [`Error`] of the older index; without one there is none.
    pub fn update(before: Option<Self>, entries: &[Entry], skipped: &[LeftOut], from: &dyn Read) -> Result<Update, Error> {
        let known = before.as_ref().map(Self::known).unwrap_or_default();
        let (read, parsed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let look = |entry: &Entry| -> Option<(RepoPath, Option<u64>, Seen)> {
            let language = crate::language_of(&entry.path)?;
            let seen = |stamp, seen| Some((entry.path.clone(), stamp, seen));
            if let Some(file) = before.as_ref().and_then(|before| before.file(&entry.path))
                && file.stamp.is_some()
                && file.stamp == entry.stamp
            {
                return seen(entry.stamp, Seen::Same(file.place));
            }
            if let Some(why) = skip::by_name(&entry.path) {
                return seen(entry.stamp, Seen::Left(why));
            }
            read.fetch_add(1, Ordering::Relaxed);
            let content = match from.read(&entry.path) {
                Ok(content) => content,
                Err(why) => return seen(None, Seen::Left(why)),
            };
            let digest = Digest::of(&content.text);
            if let Some(place) = known.get(&(digest, language)) {
                return seen(content.stamp, Seen::Known(*place));
            }
            let new = index(language, digest, &content.text);
            parsed.fetch_add(usize::from(matches!(new, Seen::New(_))), Ordering::Relaxed);
            seen(content.stamp, new)
        };
        let mut seen: Vec<(RepoPath, Option<u64>, Seen)> = entries.par_iter().with_max_len(16).filter_map(look).collect();
        seen.extend(skipped.iter().map(|one| (one.path.clone(), None, Seen::Left(one.why))));
        seen.sort_by(|a, b| a.0.cmp(&b.0));
        seen.dedup_by(|a, b| a.0 == b.0);
        let tally = Tally { read: read.into_inner(), parsed: parsed.into_inner(), ..Tally::default() };
        assemble(before, seen, tally)
    }

    /// Returns where each content is that some segment holds, also those that no file has any more.
    fn known(&self) -> HashMap<(Digest, Language), Place> {
        let mut known = HashMap::new();
        for (segment, one) in (0..).zip(&self.segments) {
            known.extend((0..).zip(&one.contents).map(|(at, one)| ((one.digest, one.language), Place { segment, content: at })));
        }
        known
    }
}

fn index(language: Language, digest: Digest, text: &[u8]) -> Seen {
    if let Some(why) = skip::by_text(text) {
        return Seen::Left(why);
    }
    let Some(facts) = outline::facts(language, text) else { return Seen::Left(Skip::TooSlow) };
    let lines = u32::try_from(memchr::memchr_iter(b'\n', text).count()).unwrap_or(u32::MAX - 1) + 1;
    let harness = facts.definitions.iter().any(|one| one.flags & outline::HARNESS != 0);
    let (errors, in_part) = (facts.errors, facts.too_deep);
    Seen::New(Box::new(Fresh { digest, language, lines, errors, harness, in_part, packed: Packed::new(facts) }))
}

fn assemble(before: Option<Index>, seen: Vec<(RepoPath, Option<u64>, Seen)>, mut tally: Tally) -> Result<Update, Error> {
    let (mut segments, mut names) =
        before.as_ref().map_or_else(Default::default, |before| (before.segments.clone(), before.names.clone()));
    let fresh_at = u32::try_from(segments.len()).unwrap_or(u32::MAX);
    let (mut fresh, mut fresh_places) = (Vec::new(), HashMap::new());
    let mut files = Vec::with_capacity(seen.len());
    for (path, stamp, seen) in seen {
        let place = match seen {
            Seen::Same(place) => place,
            Seen::Known(place) => Ok(place),
            Seen::Left(why) => Err(why),
            Seen::New(one) => Ok(*fresh_places.entry((one.digest, one.language)).or_insert_with(|| {
                fresh.push(*one);
                Place { segment: fresh_at, content: u32::try_from(fresh.len() - 1).unwrap_or(u32::MAX) }
            })),
        };
        tally.files += usize::from(place.is_ok());
        tally.skipped += usize::from(place.is_err());
        files.push(File { path, stamp, place });
    }
    if let Some(before) = before.filter(|before| fresh.is_empty() && before.files == files) {
        return Ok(Update { index: before, listing: None, segment: None, tally });
    }
    if is_scattered(&segments, &files, fresh.len()) {
        fresh = gather(&segments, &mut files, fresh, fresh_at)?;
        (segments, names) = Default::default();
    }
    let segment = (!fresh.is_empty()).then(|| {
        let bytes: Arc<[u8]> = segment::write(&fresh).into();
        (Digest::of(&bytes), bytes)
    });
    drop(fresh);
    if let Some((digest, bytes)) = &segment {
        segments.push(Arc::new(Segment::open(Box::new(Arc::clone(bytes)))?));
        names.push(*digest);
    }
    let listing = listing::write(&names, &files);
    Ok(Update { index: Index::new(files, names, segments)?, listing: Some(listing), segment, tally })
}

/// Says whether so many segments stand side by side, or so much in them is of no use any more, that one is better.
fn is_scattered(segments: &[Arc<Segment>], files: &[File], fresh: usize) -> bool {
    let written: usize = segments.iter().map(|one| one.contents.len()).sum();
    // Copies of one text count once too often here, which only delays it.
    let old = u32::try_from(segments.len()).unwrap_or(u32::MAX);
    let used = files.iter().filter(|file| file.place.is_ok_and(|place| place.segment < old)).count();
    segments.len() + usize::from(fresh > 0) > MAX_SEGMENTS || (written > 1000 && used < written / 2)
}

/// Takes out of the segments what is still of use, and puts it before what is new.
fn gather(segments: &[Arc<Segment>], files: &mut [File], fresh: Vec<Fresh>, fresh_at: u32) -> Result<Vec<Fresh>, Error> {
    let mut places: HashMap<Place, Place> = HashMap::new();
    let mut old: Vec<Place> = files.iter().filter_map(|file| file.place.ok().filter(|place| place.segment < fresh_at)).collect();
    old.sort_unstable();
    old.dedup();
    let take = |place: &Place| segments.get(place.segment as usize).ok_or(Error::Damaged)?.take(place.content);
    let mut all = old.par_iter().map(take).collect::<Result<Vec<Fresh>, Error>>()?;
    let fresh_places = (0..u32::try_from(fresh.len()).unwrap_or(u32::MAX)).map(|content| Place { segment: fresh_at, content });
    for (content, place) in (0..).zip(old.into_iter().chain(fresh_places)) {
        places.insert(place, Place { segment: 0, content });
    }
    all.extend(fresh);
    for file in files {
        if let Ok(place) = &mut file.place {
            *place = *places.get(place).ok_or(Error::Damaged)?;
        }
    }
    Ok(all)
}
