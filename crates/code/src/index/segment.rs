//! One part of an index: the facts of many contents, and for each name the contents that know it. It never changes once it is written; what
//! changes in a tree goes into a new segment beside it.
//!
//! A segment is opened by its header and the table of contents alone. Names and what leads from them to contents are read when the first
//! name is asked for, the facts of a content when they are needed.

use std::sync::OnceLock;

use domain::{Digest, Language};
use rayon::prelude::*;

use super::fuzzy::{self, Alike};
use super::packed::{Packed, Unpacked, says};
use super::wire::{Reader, put};
use super::{Error, Storage};
use crate::outline::Names;

const MAGIC: &[u8; 8] = b"fwcode\0\x01";
/// Raise it whenever facts are taken or written in another way: older segments are not read any more.
const VERSION: u32 = 6;
/// Names in a block; a look-up reads one block.
const BLOCK: usize = 32;
/// Bytes of a content in its table.
const RECORD: usize = 52;
/// Flags of a content.
const ERRORS: u8 = 1;
const HARNESS: u8 = 2;
const IN_PART: u8 = 4;
const SECTIONS: usize = 6;
const HEADER: usize = 16 + SECTIONS * 16;

/// What is known of a content without reading its facts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content {
    pub(crate) digest: Digest,
    pub(crate) language: Language,
    pub(crate) lines: u32,
    /// The text holds stretches that do not parse.
    pub(crate) errors: bool,
    /// A fuzzer enters in it.
    pub(crate) harness: bool,
    /// It nests deeper than is followed.
    pub(crate) in_part: bool,
    from: u64,
    length: u32,
}

/// A content before it is written.
pub(crate) struct Fresh {
    pub(crate) digest: Digest,
    pub(crate) language: Language,
    pub(crate) lines: u32,
    pub(crate) errors: bool,
    pub(crate) harness: bool,
    pub(crate) in_part: bool,
    pub(crate) packed: Packed,
}

/// An open segment.
pub(crate) struct Segment {
    storage: Box<dyn Storage>,
    /// Where the sections are: contents, facts, names, blocks of names, postings, defined names.
    sections: [(u64, u64); SECTIONS],
    pub(crate) contents: Vec<Content>,
    names: OnceLock<NameTable>,
    defined: OnceLock<Vec<Alike>>,
}

struct NameTable {
    names: Vec<u8>,
    blocks: Vec<u8>,
    postings: Vec<u8>,
}

/// A content that knows a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) content: u32,
    /// What it says of the name.
    pub(crate) says: u8,
}

impl Segment {
    /// Opens a segment.
    pub(crate) fn open(storage: Box<dyn Storage>) -> Result<Self, Error> {
        let header = storage.read(0, HEADER)?;
        let mut words =
            header.get(8..).unwrap_or_default().chunks_exact(8).filter_map(|word| word.try_into().ok()).map(u64::from_le_bytes);
        if !header.starts_with(MAGIC) || words.next() != Some(u64::from(VERSION)) {
            return Err(Error::OtherVersion);
        }
        let mut sections = [(0, 0); SECTIONS];
        for section in &mut sections {
            *section = words.next().zip(words.next()).ok_or(Error::Damaged)?;
        }
        let segment = Self { storage, sections, contents: Vec::new(), names: OnceLock::new(), defined: OnceLock::new() };
        let table = segment.section(0)?;
        let contents = table.chunks_exact(RECORD).map(|record| read_record(record).ok_or(Error::Damaged));
        let contents = contents.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { contents, ..segment })
    }

    fn section(&self, at: usize) -> Result<Vec<u8>, Error> {
        let (from, length) = self.sections.get(at).copied().ok_or(Error::Damaged)?;
        Ok(self.storage.read(from, usize::try_from(length).map_err(|_| Error::Damaged)?)?)
    }

    fn table(&self) -> Result<&NameTable, Error> {
        if let Some(table) = self.names.get() {
            return Ok(table);
        }
        let table = NameTable { names: self.section(2)?, blocks: self.section(3)?, postings: self.section(4)? };
        Ok(self.names.get_or_init(|| table))
    }

    /// Returns the names that are defined, by their length, for a look through all of them.
    pub(crate) fn defined(&self) -> Result<&[Alike], Error> {
        if let Some(known) = self.defined.get() {
            return Ok(known);
        }
        let read = fuzzy::read(&self.section(5)?).ok_or(Error::Damaged)?;
        Ok(self.defined.get_or_init(|| read))
    }

    /// Returns the number of a name and the contents that know it.
    pub(crate) fn find(&self, name: &[u8]) -> Result<Option<(u32, Vec<Posting>)>, Error> {
        let table = self.table()?;
        // The last block whose first name is not after it.
        let (mut low, mut high) = (0, table.block_count());
        while low < high {
            let middle = low + (high - low) / 2;
            let first = table.entries(middle).and_then(|mut entries| entries.next().map(|(first, _)| first));
            match first {
                Some(first) if first.as_slice() <= name => low = middle + 1,
                Some(_) => high = middle,
                None => return Err(Error::Damaged),
            }
        }
        let Some(block) = low.checked_sub(1) else { return Ok(None) };
        let entries = table.entries(block).ok_or(Error::Damaged)?;
        for ((one, postings), at) in entries.zip(block * BLOCK..) {
            if one == name {
                let at = u32::try_from(at).map_err(|_| Error::Damaged)?;
                return Ok(Some((at, read_postings(postings).ok_or(Error::Damaged)?)));
            }
        }
        Ok(None)
    }

    fn entry(&self, at: u32) -> Result<Vec<u8>, Error> {
        let at = at as usize;
        self.table()?.name(at / BLOCK, at % BLOCK).ok_or(Error::Damaged)
    }

    /// Calls `look` with each name in order: its number, its text, the contents that know it.
    pub(crate) fn each_name(&self, mut look: impl FnMut(u32, &[u8], Vec<Posting>)) -> Result<(), Error> {
        let table = self.table()?;
        for (block, first) in (0..table.block_count()).zip((0..).step_by(BLOCK)) {
            for ((name, postings), at) in table.entries(block).ok_or(Error::Damaged)?.zip(first..) {
                look(at, &name, read_postings(postings).ok_or(Error::Damaged)?);
            }
        }
        Ok(())
    }

    /// Returns the text of a name.
    pub(crate) fn word(&self, at: u32) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(&self.entry(at)?).into_owned())
    }

    /// Returns the facts of a content.
    pub(crate) fn facts(&self, content: u32) -> Result<FileFacts, Error> {
        let known = self.contents.get(content as usize).ok_or(Error::Damaged)?;
        let (start, _) = self.sections[1];
        let bytes = self.storage.read(start + known.from, known.length as usize)?;
        FileFacts::new(bytes).ok_or(Error::Damaged)
    }

    /// Takes a content out again, to be written into another segment.
    pub(crate) fn take(&self, content: u32) -> Result<Fresh, Error> {
        let known = *self.contents.get(content as usize).ok_or(Error::Damaged)?;
        let facts = self.facts(content)?;
        let names = facts.names.iter().map(|name| self.entry(*name)).collect::<Result<Vec<_>, Error>>()?;
        let unpacked = facts.unpack().ok_or(Error::Damaged)?;
        let mut says = vec![0; names.len()];
        let mut say = |name: u32, what: u8| {
            if let Some(slot) = says.get_mut(name as usize) {
                *slot |= what;
            }
        };
        unpacked.definitions.iter().for_each(|one| say(one.name, says::DEFINED));
        for one in unpacked.references().ok_or(Error::Damaged)? {
            say(one.name, if one.role == crate::Role::Call { says::CALLED } else { says::MENTIONED });
        }
        let rest = facts.rest().to_vec();
        Ok(Fresh {
            digest: known.digest,
            language: known.language,
            lines: known.lines,
            errors: known.errors,
            harness: known.harness,
            in_part: known.in_part,
            packed: Packed::of_parts(names.iter().map(Vec::as_slice), says, rest),
        })
    }
}

impl NameTable {
    fn block_count(&self) -> usize {
        self.blocks.len() / 16
    }

    /// Returns one name of a block.
    fn name(&self, block: usize, at: usize) -> Option<Vec<u8>> {
        let record = self.blocks.get(block * 16..)?;
        let names = u64::from_le_bytes(*record.first_chunk()?);
        let mut reader = Reader::new(self.names.get(usize::try_from(names).ok()?..)?);
        let mut name = Vec::new();
        for _ in 0..=at {
            let shared = reader.small()?;
            let suffix = reader.small()?;
            name.truncate(shared as usize);
            name.extend_from_slice(reader.bytes(suffix as usize)?);
            reader.small()?;
        }
        Some(name)
    }

    /// Returns the names of a block, each with the bytes of its postings.
    fn entries(&self, block: usize) -> Option<impl Iterator<Item = (Vec<u8>, &[u8])>> {
        let record = self.blocks.get(block * 16..block * 16 + 16)?;
        let (names, postings) = record.split_at_checked(8)?;
        let names = u64::from_le_bytes(names.try_into().ok()?);
        let postings = u64::from_le_bytes(postings.try_into().ok()?);
        let mut reader = Reader::new(self.names.get(usize::try_from(names).ok()?..)?);
        let mut postings = self.postings.get(usize::try_from(postings).ok()?..)?;
        let mut name = Vec::new();
        let mut left = BLOCK;
        Some(std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let shared = reader.small()?;
            let suffix = reader.small()?;
            name.truncate(shared as usize);
            name.extend_from_slice(reader.bytes(suffix as usize)?);
            let (own, rest) = postings.split_at_checked(reader.small()? as usize)?;
            postings = rest;
            Some((name.clone(), own))
        }))
    }
}

fn read_postings(bytes: &[u8]) -> Option<Vec<Posting>> {
    let mut reader = Reader::new(bytes);
    let mut found = Vec::new();
    let mut content = 0_u32;
    while !reader.is_empty() {
        let value = reader.number()?;
        content = content.checked_add(u32::try_from(value >> says::BITS).ok()?)?;
        found.push(Posting { content, says: (value & 7) as u8 });
    }
    Some(found)
}

fn read_record(record: &[u8]) -> Option<Content> {
    let (digest, rest) = record.split_first_chunk::<32>()?;
    let (from, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (lines, rest) = rest.split_first_chunk::<4>()?;
    let flags = *rest.get(1)?;
    Some(Content {
        digest: Digest::from_bytes(*digest),
        language: super::language_of_number(*rest.first()?)?,
        errors: flags & ERRORS != 0,
        harness: flags & HARNESS != 0,
        in_part: flags & IN_PART != 0,
        lines: u32::from_le_bytes(*lines),
        from: u64::from_le_bytes(*from),
        length: u32::from_le_bytes(*length),
    })
}

/// The facts of one content, with the numbers of its names in the segment.
pub(crate) struct FileFacts {
    bytes: Vec<u8>,
    at: usize,
    /// The numbers of its names, in the order of the file's own list.
    pub(crate) names: Vec<u32>,
}

impl FileFacts {
    fn new(bytes: Vec<u8>) -> Option<Self> {
        let mut reader = Reader::new(&bytes);
        let count = reader.small()? as usize;
        let mut names = Vec::with_capacity(count.min(bytes.len()));
        let mut name = 0_u32;
        for _ in 0..count {
            name = name.checked_add(reader.small()?)?;
            names.push(name);
        }
        let at = bytes.len() - reader.rest().len();
        Some(Self { at, names, bytes })
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn unpack(&self) -> Option<Unpacked<'_>> {
        Unpacked::new(self.rest())
    }

    /// Returns the place of a name of the segment in the file's own list.
    pub(crate) fn place(&self, name: u32) -> Option<u32> {
        self.names.binary_search(&name).ok().and_then(|at| u32::try_from(at).ok())
    }
}

/// Writes a segment.
pub(crate) fn write(contents: &[Fresh]) -> Vec<u8> {
    let mut all = Names::default();
    let temporary: Vec<Vec<u32>> = contents.iter().map(|one| one.packed.names().map(|name| all.intern(name)).collect()).collect();
    let mut order: Vec<u32> = (0..u32::try_from(all.len()).unwrap_or(u32::MAX)).collect();
    order.par_sort_unstable_by(|a, b| all.get(*a).cmp(all.get(*b)));
    let mut number = vec![0_u32; all.len()];
    for (place, name) in (0..).zip(&order) {
        if let Some(slot) = number.get_mut(*name as usize) {
            *slot = place;
        }
    }
    let number = |name: &u32| number.get(*name as usize).copied().unwrap_or(0);
    let (mut table, mut facts) = (Vec::new(), Vec::new());
    // Where the postings of each name start, then where its next one goes.
    let mut slots = vec![0_usize; all.len() + 1];
    for names in &temporary {
        for name in names {
            if let Some(count) = slots.get_mut(number(name) as usize + 1) {
                *count += 1;
            }
        }
    }
    let mut sum = 0;
    for slot in &mut slots {
        sum += *slot;
        *slot = sum;
    }
    let mut postings = vec![Posting { content: 0, says: 0 }; sum];
    for ((at, one), names) in (0..).zip(contents).zip(&temporary) {
        let from = facts.len();
        put(&mut facts, names.len() as u64);
        let mut last = 0;
        for (name, says) in names.iter().zip(&one.packed.says) {
            let name = number(name);
            put(&mut facts, u64::from(name - last));
            last = name;
            if let Some(next) = slots.get_mut(name as usize) {
                if let Some(slot) = postings.get_mut(*next) {
                    *slot = Posting { content: at, says: *says };
                }
                *next += 1;
            }
        }
        facts.extend_from_slice(&one.packed.rest);
        table.extend_from_slice(one.digest.as_bytes());
        table.extend_from_slice(&(from as u64).to_le_bytes());
        table.extend_from_slice(&u32::try_from(facts.len() - from).unwrap_or(u32::MAX).to_le_bytes());
        table.extend_from_slice(&one.lines.to_le_bytes());
        let flags = [(one.errors, ERRORS), (one.harness, HARNESS), (one.in_part, IN_PART)];
        let flags = flags.iter().filter(|(is, _)| *is).fold(0, |all, (_, flag)| all | flag);
        table.extend_from_slice(&[one.language as u8, flags, 0, 0]);
    }
    let (mut names, mut blocks, mut runs, mut defined) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut last: &[u8] = &[];
    let mut run = Vec::new();
    let mut start = 0;
    for (place, name) in order.iter().enumerate() {
        let name = all.get(*name);
        if place % BLOCK == 0 {
            blocks.extend_from_slice(&(names.len() as u64).to_le_bytes());
            blocks.extend_from_slice(&(runs.len() as u64).to_le_bytes());
            last = &[];
        }
        // Filling moved the start of each name's postings to its end.
        let end = slots.get(place).copied().unwrap_or(start);
        run.clear();
        let (mut before, mut says) = (0, 0);
        for one in postings.get(start..end).unwrap_or_default() {
            put(&mut run, u64::from(one.content - before) << says::BITS | u64::from(one.says));
            before = one.content;
            says |= one.says;
        }
        start = end;
        let shared = last.iter().zip(name).take_while(|(a, b)| a == b).count();
        put(&mut names, shared as u64);
        put(&mut names, (name.len() - shared) as u64);
        names.extend_from_slice(name.get(shared..).unwrap_or_default());
        put(&mut names, run.len() as u64);
        runs.extend_from_slice(&run);
        if says & says::DEFINED != 0 {
            defined.push((u32::try_from(place).unwrap_or(u32::MAX), name));
        }
        last = name;
    }
    let defined = fuzzy::write(defined);
    let mut out =
        Vec::with_capacity(HEADER + table.len() + facts.len() + names.len() + blocks.len() + runs.len() + defined.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&u64::from(VERSION).to_le_bytes());
    let mut at = HEADER;
    for section in [&table, &facts, &names, &blocks, &runs, &defined] {
        out.extend_from_slice(&(at as u64).to_le_bytes());
        out.extend_from_slice(&(section.len() as u64).to_le_bytes());
        at += section.len();
    }
    for section in [table, facts, names, blocks, runs, defined] {
        out.extend_from_slice(&section);
    }
    out
}
