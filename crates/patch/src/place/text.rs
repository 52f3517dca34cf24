//! A file as lines, and its lines as small numbers: two lines are equal on a rung when their numbers are.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use super::rungs::{Rung, normal};
use crate::lines::split_lines;

/// The mark that some editors put before UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// A number that stands for a line on a rung.
pub(super) type Key = u32;

/// The number of every line that the file does not have.
pub(super) const ABSENT: Key = Key::MAX;

/// A file to place hunks in.
pub(crate) struct Text<'a> {
    pub(super) lines: Vec<FileLine<'a>>,
    indexes: [OnceCell<Index>; 4],
    /// Comparisons that searches in this file have taken, all together.
    pub(super) steps: Cell<usize>,
}

/// One line: its text and how it ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileLine<'a> {
    pub(super) body: &'a [u8],
    pub(super) end: &'a [u8],
}

impl FileLine<'_> {
    pub(super) fn cr(&self) -> bool {
        self.end.starts_with(b"\r")
    }
}

/// The lines of a file on one rung.
pub(super) struct Index {
    numbers: HashMap<Vec<u8>, Key>,
    /// The number of each line.
    pub(super) keys: Vec<Key>,
    /// Where each number stands.
    pub(super) places: Vec<Vec<u32>>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let lines = split_lines(bytes)
            .into_iter()
            .map(|line| {
                let body = crate::formats::body(line);
                FileLine { body, end: line.get(body.len()..).unwrap_or_default() }
            })
            .collect();
        Self { lines, indexes: Default::default(), steps: Cell::new(0) }
    }

    /// The last line has no line feed.
    pub(super) fn is_open(&self) -> bool {
        self.lines.last().is_some_and(|line| line.end.is_empty())
    }

    pub(super) fn body(&self, at: usize) -> &'a [u8] {
        self.lines.get(at).map_or(&[], |line| line.body)
    }

    pub(super) fn index(&self, rung: Rung) -> &Index {
        let slot = match rung {
            Rung::TrailingSpace | Rung::LostPrefix => 1,
            Rung::WhiteSpace | Rung::Pieces | Rung::Alignment => 2,
            Rung::Punctuation => 3,
            Rung::Exact | Rung::PartOfLine | Rung::Whole => 0,
        };
        let cell = self.indexes.get(slot).unwrap_or(&self.indexes[0]);
        cell.get_or_init(|| {
            let mut index = Index { numbers: HashMap::new(), keys: Vec::with_capacity(self.lines.len()), places: Vec::new() };
            for (at, line) in self.lines.iter().enumerate() {
                let next = Key::try_from(index.numbers.len()).unwrap_or(ABSENT);
                let key = *index.numbers.entry(normal(line.body, rung).into_owned()).or_insert(next);
                if key == next {
                    index.places.push(Vec::new());
                }
                if let Some(places) = index.places.get_mut(key as usize) {
                    places.push(u32::try_from(at).unwrap_or(u32::MAX));
                }
                index.keys.push(key);
            }
            index
        })
    }
}

impl Index {
    /// Returns the number of a line of a hunk.
    pub(super) fn key(&self, line: &[u8], rung: Rung) -> Key {
        self.numbers.get(normal(line, rung).as_ref()).copied().unwrap_or(ABSENT)
    }

    pub(super) fn places(&self, key: Key) -> &[u32] {
        self.places.get(key as usize).map_or(&[], Vec::as_slice)
    }
}
