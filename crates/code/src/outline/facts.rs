//! What one file says of itself: its definitions, what it mentions, what it imports. Names are numbers into a table of the file's own.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher as _;
use std::ops::Range;

use super::lexing::{self, Around};
use super::table::{Mention, Words};
use super::{Kind, Role};

/// Longer names are no names.
pub(super) const MAX_NAME: usize = 255;

/// The distinct names of a file (or of many), each once.
#[derive(Default)]
pub(crate) struct Names {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// Returns the number of a name, which is new when the name is.
    pub(crate) fn intern(&mut self, name: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(name);
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        let text = |at: u32| slice(bytes, ends, at);
        let found = self.table.entry(hash, |at| text(*at) == name, |at| hasher.hash_one(text(*at)));
        match found {
            hashbrown::hash_table::Entry::Occupied(known) => *known.get(),
            hashbrown::hash_table::Entry::Vacant(free) => {
                let at = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
                free.insert(at);
                self.bytes.extend_from_slice(name);
                self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
                at
            }
        }
    }

    /// Returns the text of a name.
    pub(crate) fn get(&self, at: u32) -> &[u8] {
        slice(&self.bytes, &self.ends, at)
    }

    /// Returns how many names there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
}

fn slice<'n>(bytes: &'n [u8], ends: &[u32], at: u32) -> &'n [u8] {
    let at = at as usize;
    let end = ends.get(at).copied().unwrap_or(0) as usize;
    let start = at.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0) as usize;
    bytes.get(start..end).unwrap_or_default()
}

/// A definition or a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawDefinition {
    pub(crate) name: u32,
    pub(crate) kind: Kind,
    pub(crate) flags: u16,
    /// Lines count from 1; the last one is part of it.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The line of the name.
    pub(crate) line: u32,
    /// The definition that it stands in.
    pub(crate) parent: Option<u32>,
    /// The type that it belongs to, where that is not its parent: Go's receivers, `A::b` in C++.
    pub(crate) owner: Option<u32>,
}

/// A mention of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawReference {
    pub(crate) name: u32,
    pub(crate) line: u32,
    pub(crate) role: Role,
    pub(crate) qualifier: Qualifier,
}

/// What stands before a mention: `os` in `os.remove`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Qualifier {
    None,
    /// Not a plain name: `f().close()`.
    Expression,
    /// A plain name, or the type of the package around it that a parameter or variable of that name is of.
    Name(u32),
}

/// An imported module or name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawImport {
    pub(crate) module: u32,
    /// The name that is taken out of the module; `None` for the module itself, or all of it.
    pub(crate) name: Option<u32>,
    /// What it is called here.
    pub(crate) alias: Option<u32>,
    /// All names of the module.
    pub(crate) star: bool,
    pub(crate) line: u32,
}

/// All that is known of a file.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) names: Names,
    pub(crate) definitions: Vec<RawDefinition>,
    pub(crate) references: Vec<RawReference>,
    pub(crate) imports: Vec<RawImport>,
    /// Something nests deeper than is followed.
    pub(crate) too_deep: bool,
    /// The parser found errors.
    pub(crate) errors: bool,
}

impl Facts {
    /// Calls `change` with each number of a line.
    pub(super) fn each_line(&mut self, change: impl Fn(&mut u32)) {
        for one in &mut self.definitions {
            [&mut one.start, &mut one.end, &mut one.line].into_iter().for_each(&change);
        }
        self.references.iter_mut().for_each(|one| change(&mut one.line));
        self.imports.iter_mut().for_each(|one| change(&mut one.line));
    }

    /// Returns what the name at `at` mentions by what stands around it; `None` for a field or a label that means nothing.
    pub(super) fn mention(
        &mut self,
        text: &[u8],
        at: Range<usize>,
        line: u32,
        means: Mention,
        words: Words,
    ) -> Option<RawReference> {
        let Around { called, member, qualifier } = lexing::around(text, &at, words);
        // A field that is not called, or a label: `.size = 1`, `{ size: 1 }`.
        if (member && !called && words.drops_fields) || (!member && means == Mention::Member) {
            return None;
        }
        let name = self.names.intern(text.get(at).filter(|name| name.len() <= MAX_NAME)?);
        let qualifier = match (member, qualifier.and_then(|range| text.get(range))) {
            (false, _) => Qualifier::None,
            (true, None) => Qualifier::Expression,
            (true, Some(plain)) => Qualifier::Name(self.names.intern(plain)),
        };
        let role = match means {
            _ if called => Role::Call,
            Mention::Type => Role::Type,
            Mention::Use | Mention::Member => Role::Use,
        };
        Some(RawReference { name, line, role, qualifier })
    }
}
