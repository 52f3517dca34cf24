//! A file as lines, and its lines as small numbers: two lines are equal on a rung when their numbers are.

use std::cell::{Cell, OnceCell};
use std::hash::BuildHasher as _;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::indent;
use super::rungs::{Rung, is_part, normal, write_normal};
use crate::lines::lines;

/// The mark that some editors put before UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// A number that stands for a line on a rung.
pub(super) type Key = u32;

/// The number of every line that the file does not have.
pub(super) const ABSENT: Key = Key::MAX;

/// A file to place hunks in. What is known of all of its lines is worked out when it is first asked for, and once.
pub(crate) struct Text<'a> {
    bytes: &'a [u8],
    pub(super) lines: Vec<FileLine<'a>>,
    indexes: [OnceCell<Index<'a>>; 4],
    unit: OnceCell<Option<usize>>,
    step: OnceCell<usize>,
    tails: OnceCell<bool>,
    signs: OnceCell<bool>,
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

/// The lines of a file on one rung. Equal lines have one number, and the numbers are those of first appearance.
pub(super) struct Index<'a> {
    rung: Rung,
    hasher: DefaultHashBuilder,
    table: HashTable<Key>,
    /// What is compared of the line of each number.
    forms: Vec<Form<'a>>,
    /// Forms that are no part of the file.
    made: Vec<u8>,
    /// The number of each line.
    pub(super) keys: Vec<Key>,
    /// The lines, those of one number together; where those of each number begin, and where all end.
    order: Vec<u32>,
    starts: Vec<u32>,
}

/// What is compared of a line.
#[derive(Clone)]
enum Form<'a> {
    /// A part of the line as it stands.
    Part(&'a [u8]),
    /// Bytes of [`Index::made`].
    Made(Range<usize>),
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let lines = lines(bytes)
            .map(|line| {
                let body = crate::formats::body(line);
                FileLine { body, end: line.get(body.len()..).unwrap_or_default() }
            })
            .collect();
        Self {
            bytes,
            lines,
            indexes: Default::default(),
            unit: OnceCell::new(),
            step: OnceCell::new(),
            tails: OnceCell::new(),
            signs: OnceCell::new(),
            steps: Cell::new(0),
        }
    }

    /// The last line has no line feed.
    pub(super) fn is_open(&self) -> bool {
        self.lines.last().is_some_and(|line| line.end.is_empty())
    }

    pub(super) fn body(&self, at: usize) -> &'a [u8] {
        self.lines.get(at).map_or(&[], |line| line.body)
    }

    /// Says whether a sign stands anywhere.
    pub(super) fn has(&self, sign: char) -> bool {
        memchr::memmem::find(self.bytes, sign.encode_utf8(&mut [0; 4]).as_bytes()).is_some()
    }

    /// The blanks of which every indentation is a multiple.
    pub(super) fn unit(&self) -> Option<usize> {
        *self.unit.get_or_init(|| indent::unit(self))
    }

    /// The blanks by which nearly all lines are indented.
    pub(super) fn step(&self) -> usize {
        *self.step.get_or_init(|| indent::step(self))
    }

    pub(super) fn index(&self, rung: Rung) -> &Index<'a> {
        let slot = match rung {
            Rung::TrailingSpace | Rung::LostPrefix => usize::from(self.has_tails()),
            Rung::WhiteSpace | Rung::Pieces | Rung::Alignment => 2,
            Rung::Punctuation => 2 + usize::from(self.has_signs()),
            Rung::Exact | Rung::PartOfLine | Rung::Whole => 0,
        };
        let cell = self.indexes.get(slot).unwrap_or(&self.indexes[0]);
        cell.get_or_init(|| Index::new(&self.lines, rung))
    }

    /// A line ends in blanks. Where none does, its lines are the same on the first two rungs.
    fn has_tails(&self) -> bool {
        *self.tails.get_or_init(|| {
            self.lines.iter().any(|line| is_part(line.body, Rung::TrailingSpace).map(<[u8]>::len) != Some(line.body.len()))
        })
    }

    /// There are signs that only the rung of punctuation takes for others. Where there are none, its lines are those of the rung before.
    fn has_signs(&self) -> bool {
        *self.signs.get_or_init(|| !self.bytes.is_ascii() || memchr::memchr(b'\x0b', self.bytes).is_some())
    }
}

impl<'a> Index<'a> {
    fn new(lines: &[FileLine<'a>], rung: Rung) -> Self {
        let mut index = Self {
            rung,
            hasher: DefaultHashBuilder::default(),
            table: HashTable::with_capacity(lines.len()),
            forms: Vec::new(),
            made: Vec::new(),
            keys: Vec::with_capacity(lines.len()),
            order: Vec::new(),
            starts: Vec::new(),
        };
        for line in lines {
            let key = index.number(line.body);
            index.keys.push(key);
        }
        // Counted, summed up, and filled in from the back, after which each sum has become a beginning.
        let mut sums = vec![0_u32; index.forms.len() + 1];
        let slot = |sums: &mut Vec<u32>, key: Key, by: fn(&mut u32)| {
            sums.get_mut(key as usize).map_or(0, |sum| {
                by(sum);
                *sum as usize
            })
        };
        for key in &index.keys {
            slot(&mut sums, *key, |sum| *sum += 1);
        }
        let mut all = 0;
        for sum in &mut sums {
            all += *sum;
            *sum = all;
        }
        index.order = vec![0; index.keys.len()];
        for (at, key) in index.keys.iter().enumerate().rev() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            if let Some(place) = index.order.get_mut(slot(&mut sums, *key, |sum| *sum -= 1)) {
                *place = at;
            }
        }
        index.starts = sums;
        index
    }

    /// Returns the number of a line of the file, a new one if there was no such line.
    fn number(&mut self, line: &'a [u8]) -> Key {
        let from = self.made.len();
        let form = match is_part(line, self.rung) {
            Some(part) => Form::Part(part),
            None => {
                write_normal(line, self.rung, &mut self.made);
                Form::Made(from..self.made.len())
            }
        };
        let Self { table, forms, made, hasher, .. } = self;
        let bytes = |form: &Form<'a>| -> &[u8] {
            match form {
                Form::Part(part) => part,
                Form::Made(range) => made.get(range.clone()).unwrap_or_default(),
            }
        };
        let own = bytes(&form);
        let of = |key: &Key| forms.get(*key as usize).map_or(&[][..], &bytes);
        let next = Key::try_from(forms.len()).unwrap_or(ABSENT);
        let entry = table.entry(hasher.hash_one(own), |key| of(key) == own, |key| hasher.hash_one(of(key)));
        let key = *entry.or_insert(next).get();
        if key == next {
            forms.push(form);
        } else {
            made.truncate(from);
        }
        key
    }

    fn form(&self, key: Key) -> &[u8] {
        match self.forms.get(key as usize) {
            Some(Form::Part(part)) => part,
            Some(Form::Made(range)) => self.made.get(range.clone()).unwrap_or_default(),
            None => &[],
        }
    }

    /// Returns the number of a line of a hunk.
    pub(super) fn key(&self, line: &[u8], rung: Rung) -> Key {
        let wanted = normal(line, rung);
        let found = self.table.find(self.hasher.hash_one(wanted.as_ref()), |key| self.form(*key) == wanted.as_ref());
        found.copied().unwrap_or(ABSENT)
    }

    pub(super) fn places(&self, key: Key) -> &[u32] {
        let at = |key: usize| self.starts.get(key).map(|start| *start as usize);
        let range = at(key as usize).zip(at(key as usize + 1));
        range.and_then(|(from, to)| self.order.get(from..to)).unwrap_or_default()
    }
}
