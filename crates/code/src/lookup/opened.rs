//! The facts of one file, open for questions.

use domain::{Language, RepoPath};

use super::Symbol;
use crate::index::{Error, FileFacts, Index, Place, Segment, Unpacked};
use crate::outline::{DECLARATION, HARNESS, LOCAL, TEST, container};

/// A content and what it says; its names are places in its own list.
pub(crate) struct Opened<'i> {
    pub(crate) index: &'i Index,
    segment: &'i Segment,
    place: Place,
    names: &'i FileFacts,
    pub(crate) facts: Unpacked<'i>,
    pub(crate) language: Language,
}

impl Index {
    /// Opens a content.
    pub(crate) fn open_file<T>(&self, place: Place, look: impl FnOnce(&Opened<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let segment = self.segment(place)?;
        let language = segment.contents.get(place.content as usize).ok_or(Error::Damaged)?.language;
        let names = segment.facts(place.content)?;
        let facts = names.unpack().ok_or(Error::Damaged)?;
        look(&Opened { index: self, segment, place, names: &names, facts, language })
    }

    /// Opens a file by its path; `None` when it is not in the index.
    pub(crate) fn with_file<T>(
        &self,
        path: &RepoPath,
        look: impl FnOnce(&Opened<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        match self.file(path).map(|file| file.place) {
            Some(Ok(place)) => self.open_file(place, look).map(Some),
            _ => Ok(None),
        }
    }
}

impl<'i> Opened<'i> {
    /// Returns the files that hold this content.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &'i RepoPath> {
        self.index.holders(self.place).map(|file| &file.path)
    }

    /// Returns the text of a name.
    pub(crate) fn word(&self, name: u32) -> Result<String, Error> {
        self.segment.word(*self.names.names.get(name as usize).ok_or(Error::Damaged)?)
    }

    /// Returns the place of a name of the segment in this file's list.
    pub(crate) fn place_of(&self, name: u32) -> Option<u32> {
        self.names.place(name)
    }

    /// Returns what a definition stands in or belongs to, the outermost first.
    pub(crate) fn container(&self, at: usize) -> Result<Vec<String>, Error> {
        let one = self.facts.definitions.get(at).ok_or(Error::Damaged)?;
        container(&self.facts.definitions, one).into_iter().map(|name| self.word(name)).collect()
    }

    /// Returns a definition as an answer.
    pub(crate) fn symbol(&self, at: usize, path: &RepoPath) -> Result<Symbol, Error> {
        let one = self.facts.definitions.get(at).ok_or(Error::Damaged)?;
        let is = |flag: u16| one.flags & flag != 0;
        Ok(Symbol {
            path: path.clone(),
            line: one.start,
            line_end: one.end,
            name_line: one.line,
            kind: one.kind,
            name: self.word(one.name)?,
            container: self.container(at)?,
            language: self.language,
            declaration: is(DECLARATION),
            local: is(LOCAL),
            test: is(TEST),
            harness: is(HARNESS),
        })
    }

    /// Returns the innermost definition around a line. Of two on one line it is the later one.
    pub(crate) fn innermost(&self, line: u32) -> Option<usize> {
        let around = self.facts.definitions.iter().enumerate().filter(|(_, one)| one.start <= line && line <= one.end);
        around.min_by_key(|(at, one)| (one.end - one.start, std::cmp::Reverse(*at))).map(|(at, _)| at)
    }

    pub(crate) fn parent(&self, at: usize) -> Option<usize> {
        self.facts.definitions.get(at)?.parent.map(|parent| parent as usize).filter(|parent| *parent < at)
    }
}
