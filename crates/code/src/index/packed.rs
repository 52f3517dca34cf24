//! The facts of one file in bytes: a list of its names, which the index numbers, and the rest, which only knows their places in that
//! list. So the rest stays as it is when indexes are merged.

use super::wire::{Reader, put, put_step};
use crate::outline::{Facts, Kind, Qualifier, RawDefinition, RawImport, RawReference, Role};

/// What a file says of a name, as bits.
pub(crate) mod says {
    pub(crate) const DEFINED: u8 = 1;
    pub(crate) const CALLED: u8 = 2;
    pub(crate) const MENTIONED: u8 = 4;
    pub(crate) const BITS: u32 = 3;
}

/// The facts of one file.
pub(crate) struct Packed {
    /// The names, sorted, one after the other.
    names: Vec<u8>,
    ends: Vec<u32>,
    /// What the file says of each of them.
    pub(crate) says: Vec<u8>,
    pub(crate) rest: Vec<u8>,
}

impl Packed {
    pub(crate) fn new(mut facts: Facts) -> Self {
        let says = says_of(&facts);
        let mut used: Vec<u32> = (0..).zip(&says).filter(|(_, says)| says.is_some()).map(|(at, _)| at).collect();
        used.sort_unstable_by(|a, b| facts.names.get(*a).cmp(facts.names.get(*b)));
        let mut rank = vec![0_u32; says.len()];
        let (mut names, mut ends) = (Vec::new(), Vec::with_capacity(used.len()));
        for (place, name) in (0..).zip(&used) {
            if let Some(slot) = rank.get_mut(*name as usize) {
                *slot = place;
            }
            names.extend_from_slice(facts.names.get(*name));
            ends.push(u32::try_from(names.len()).unwrap_or(u32::MAX));
        }
        let says = used.iter().filter_map(|name| *says.get(*name as usize)?).collect();
        let rank = |name: u32| rank.get(name as usize).copied().unwrap_or(0);
        for one in &mut facts.references {
            one.name = rank(one.name);
        }
        facts.references.sort_by_key(|one| (one.name, one.line));
        Self { names, ends, says, rest: pack(&facts, rank) }
    }

    /// Puts a file together again that was taken out of an index.
    pub(crate) fn of_parts<'n>(all: impl Iterator<Item = &'n [u8]>, says: Vec<u8>, rest: Vec<u8>) -> Self {
        let (mut names, mut ends) = (Vec::new(), Vec::new());
        for name in all {
            names.extend_from_slice(name);
            ends.push(u32::try_from(names.len()).unwrap_or(u32::MAX));
        }
        Self { names, ends, says, rest }
    }

    /// Returns the names, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.names.get(start as usize..*end as usize).unwrap_or_default())
    }
}

/// Returns what the file says of each name; `None` of those that are left over from local names.
fn says_of(facts: &Facts) -> Vec<Option<u8>> {
    let mut says = vec![None; facts.names.len()];
    let mut say = |name: u32, what: u8| {
        if let Some(slot) = says.get_mut(name as usize) {
            *slot = Some(slot.unwrap_or(0) | what);
        }
    };
    for one in &facts.definitions {
        say(one.name, says::DEFINED);
        one.owner.into_iter().for_each(|owner| say(owner, 0));
    }
    for one in &facts.imports {
        [Some(one.module), one.name, one.alias].into_iter().flatten().for_each(|name| say(name, 0));
    }
    for one in &facts.references {
        say(one.name, if one.role == Role::Call { says::CALLED } else { says::MENTIONED });
        if let Qualifier::Name(name) = one.qualifier {
            say(name, 0);
        }
    }
    says
}

fn pack(facts: &Facts, rank: impl Fn(u32) -> u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(facts.definitions.len() * 8 + facts.references.len() * 3);
    let maybe = |out: &mut Vec<u8>, name: Option<u32>| put(out, name.map_or(0, |name| u64::from(rank(name)) + 1));
    put(&mut out, facts.definitions.len() as u64);
    let mut before = 1;
    for (at, one) in (0_u32..).zip(&facts.definitions) {
        put(&mut out, u64::from(rank(one.name)));
        put(&mut out, u64::from(one.flags) << 4 | u64::from(one.kind as u8));
        put_step(&mut out, before, one.start);
        put_step(&mut out, one.start, one.end);
        put_step(&mut out, one.start, one.line);
        put(&mut out, one.parent.map_or(0, |parent| u64::from(at.saturating_sub(parent))));
        maybe(&mut out, one.owner);
        before = one.start;
    }
    put(&mut out, facts.imports.len() as u64);
    for one in &facts.imports {
        put(&mut out, u64::from(rank(one.module)));
        maybe(&mut out, one.name);
        maybe(&mut out, one.alias);
        put(&mut out, u64::from(one.line) << 1 | u64::from(one.star));
    }
    let mut run = Vec::new();
    let mut last = 0;
    for group in facts.references.chunk_by(|a, b| a.name == b.name) {
        let Some(name) = group.first().map(|one| one.name) else { continue };
        run.clear();
        let mut before = 0;
        for one in group {
            let (kind, qualifier) = match one.qualifier {
                Qualifier::None => (0, None),
                Qualifier::Expression => (1, None),
                Qualifier::Name(name) => (2, Some(name)),
            };
            put(&mut run, u64::from(one.line - before) << 4 | u64::from(one.role as u8) << 2 | kind);
            qualifier.into_iter().for_each(|name| put(&mut run, u64::from(rank(name))));
            before = one.line;
        }
        put(&mut out, u64::from(name - last));
        put(&mut out, run.len() as u64);
        out.extend_from_slice(&run);
        last = name;
    }
    out
}

/// Reads what [`Packed::rest`] holds. Names are places in the file's own list.
pub(crate) struct Unpacked<'b> {
    pub(crate) definitions: Vec<RawDefinition>,
    pub(crate) imports: Vec<RawImport>,
    references: Reader<'b>,
}

impl<'b> Unpacked<'b> {
    /// Returns `None` for bytes that were not written by [`Packed`].
    pub(crate) fn new(rest: &'b [u8]) -> Option<Self> {
        let mut reader = Reader::new(rest);
        let count = reader.small()?;
        // Never more than there are bytes, whatever a damaged count says.
        let mut definitions = Vec::with_capacity((count as usize).min(rest.len()));
        let mut before = 1;
        for at in 0..count {
            let name = reader.small()?;
            let kind = reader.number()?;
            let start = reader.step(before)?;
            let end = reader.step(start)?;
            let line = reader.step(start)?;
            let parent = reader.small()?;
            let owner = reader.maybe()?;
            definitions.push(RawDefinition {
                name,
                kind: Kind::from_number((kind & 15) as u8)?,
                flags: u16::try_from(kind >> 4).ok()?,
                start,
                end,
                line,
                parent: if parent == 0 { None } else { Some(at.checked_sub(parent)?) },
                owner,
            });
            before = start;
        }
        let count = reader.small()?;
        let mut imports = Vec::with_capacity((count as usize).min(rest.len()));
        for _ in 0..count {
            let (module, name, alias) = (reader.small()?, reader.maybe()?, reader.maybe()?);
            let line = reader.number()?;
            imports.push(RawImport { module, name, alias, star: line & 1 != 0, line: u32::try_from(line >> 1).ok()? });
        }
        Some(Self { definitions, imports, references: reader })
    }

    /// Returns the mentions of one name.
    pub(crate) fn references_to(&self, name: u32) -> Option<Vec<RawReference>> {
        let mut reader = self.references;
        let mut at = 0;
        while !reader.is_empty() {
            at += reader.small()?;
            let length = reader.number()?;
            let run = reader.bytes(usize::try_from(length).ok()?)?;
            if at == name {
                return read_run(at, run);
            }
            if at > name {
                break;
            }
        }
        Some(Vec::new())
    }

    /// Returns all mentions, by name and then by line.
    pub(crate) fn references(&self) -> Option<Vec<RawReference>> {
        let mut reader = self.references;
        let mut at = 0;
        let mut found = Vec::with_capacity(reader.rest().len() / 2);
        while !reader.is_empty() {
            at += reader.small()?;
            let length = reader.number()?;
            found.extend(read_run(at, reader.bytes(usize::try_from(length).ok()?)?)?);
        }
        Some(found)
    }
}

fn read_run(name: u32, run: &[u8]) -> Option<Vec<RawReference>> {
    let mut reader = Reader::new(run);
    let mut found = Vec::with_capacity(run.len());
    let mut line = 0_u32;
    while !reader.is_empty() {
        let head = reader.number()?;
        line = line.checked_add(u32::try_from(head >> 4).ok()?)?;
        let qualifier = match head & 3 {
            0 => Qualifier::None,
            1 => Qualifier::Expression,
            _ => Qualifier::Name(reader.small()?),
        };
        found.push(RawReference { name, line, role: Role::from_number((head >> 2) as u8), qualifier });
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use domain::Language;
    use proptest::prelude::*;

    use super::*;
    use crate::outline::facts;

    #[test]
    fn facts_come_back() {
        let text = b"import os as o\nfrom a import b\nclass A:\n    def f(self):\n        return o.g(b)\ndef h():\n    A().f(); h(); h()\n";
        let facts = facts(Language::Python, text).unwrap();
        let word = |name: u32| facts.names.get(name).to_vec();
        let mut expected: Vec<_> = facts.references.iter().map(|one| (word(one.name), one.line, one.role)).collect();
        expected.sort();
        let definitions: Vec<_> = facts.definitions.iter().map(|one| (word(one.name), one.start, one.end, one.parent)).collect();
        let again = crate::outline::facts(Language::Python, text).unwrap();
        let packed = Packed::new(again);
        let names: Vec<Vec<u8>> = packed.names().map(<[u8]>::to_vec).collect();
        assert!(names.is_sorted());
        let unpacked = Unpacked::new(&packed.rest).unwrap();
        let found = unpacked.references().unwrap();
        let found: Vec<_> = found.iter().map(|one| (names[one.name as usize].clone(), one.line, one.role)).collect();
        assert_eq!(found, expected);
        let found: Vec<_> =
            unpacked.definitions.iter().map(|one| (names[one.name as usize].clone(), one.start, one.end, one.parent)).collect();
        assert_eq!(found, definitions);
        let h = names.iter().position(|name| name == b"h").unwrap();
        assert_eq!(unpacked.references_to(u32::try_from(h).unwrap()).unwrap().len(), 2);
        assert_eq!(packed.says[h], says::DEFINED | says::CALLED);
    }

    proptest! {
        #[test]
        fn damaged_bytes_are_no_panic(bytes: Vec<u8>) {
            if let Some(unpacked) = Unpacked::new(&bytes) {
                let _ = unpacked.references();
                let _ = unpacked.references_to(3);
            }
        }
    }
}
