//! Who mentions a definition, and what a stretch of code mentions.

use std::ops::RangeInclusive;

use domain::{Language, RepoPath};
use rayon::prelude::*;

use super::handed::Handed;
use super::resolve::{Asking, Surest as _};
use super::{Certainty, Mention, Opened, Symbol, Target, Used, by_name};
use crate::index::{Error, Index, Place, says};
use crate::outline::{Kind, Qualifier, RawReference, Role};

/// Definitions of one name that a mention is held against; more of them only say that nothing is sure.
const MAX_TARGETS: usize = 50;

impl Index {
    /// Returns the places that call a definition, by file and line. Of a name without any definition in the tree, all that call it.
    ///
    /// # Errors
    /// [`Error`] when the index cannot be read.
    pub fn callers(&self, name: &str, targets: &[Symbol]) -> Result<Vec<Mention>, Error> {
        self.mentions(name, targets, true)
    }

    /// Returns the places that mention a definition in any way, by file and line.
    ///
    /// # Errors
    /// As [`Index::callers`].
    pub fn references(&self, name: &str, targets: &[Symbol]) -> Result<Vec<Mention>, Error> {
        self.mentions(name, targets, false)
    }

    fn mentions(&self, name: &str, targets: &[Symbol], calls_only: bool) -> Result<Vec<Mention>, Error> {
        let (_, name) = super::split_name(name);
        let bodies = targets.iter().filter(|one| !one.declaration);
        // Two bodies in one file are the same thing under two conditions.
        let mut homes: Vec<&RepoPath> = bodies.map(|one| &one.path).collect();
        homes.sort();
        homes.dedup();
        let alone = homes.len() <= 1;
        let targets = targets.get(..MAX_TARGETS).unwrap_or(targets);
        let mut places = Vec::new();
        for (number, segment) in (0..).zip(&self.segments) {
            let Some((name, postings)) = segment.find(name.as_bytes())? else { continue };
            for posting in postings {
                let place = Place { segment: number, content: posting.content };
                let language = segment.contents.get(posting.content as usize).map(|one| one.language);
                // In C nothing is imported under another name, so a file that does not call it does not call it.
                let may = if calls_only && language == Some(Language::C) { says::CALLED } else { says::CALLED | says::MENTIONED };
                if posting.says & may != 0 && self.is_held(place) {
                    places.push((place, name));
                }
            }
        }
        let look = |(place, name): &(Place, u32)| {
            self.open_file(*place, |file| {
                let name = file.place_of(*name).ok_or(Error::Damaged)?;
                mentions_in(file, name, targets, alone, calls_only)
            })
        };
        // Starting threads costs more than a few files do.
        let found: Vec<Vec<Mention>> = if places.len() < 64 {
            places.iter().map(look).collect::<Result<_, _>>()?
        } else {
            places.par_iter().map(look).collect::<Result<_, _>>()?
        };
        let mut found: Vec<Mention> = found.into_iter().flatten().collect();
        found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        Ok(found)
    }

    /// Returns what a definition calls, by name.
    ///
    /// # Errors
    /// As [`Index::callers`].
    pub fn callees(&self, symbol: &Symbol) -> Result<Vec<Used>, Error> {
        let lines = symbol.line..=symbol.line_end;
        let used = self.used(&symbol.path, lines, |role| role == Role::Call)?.unwrap_or_default();
        // Its own head is no call, though a macro's looks like one.
        Ok(used.into_iter().filter(|one| one.lines != [symbol.name_line] || one.name != symbol.name).collect())
    }

    /// Returns the definitions that the lines of a file use: functions, types, macros, variables. `None` when the file is not in the
    /// index.
    ///
    /// # Errors
    /// As [`Index::callers`].
    pub fn used_by(&self, path: &RepoPath, lines: RangeInclusive<u32>) -> Result<Option<Vec<Used>>, Error> {
        let used = self.used(path, lines, |_| true)?;
        Ok(used.map(|used| used.into_iter().filter(|one| !one.targets.is_empty()).collect()))
    }

    fn used(
        &self,
        path: &RepoPath,
        lines: RangeInclusive<u32>,
        wanted: impl Fn(Role) -> bool,
    ) -> Result<Option<Vec<Used>>, Error> {
        let found = self.with_file(path, |file| {
            let mentions = file.facts.references().ok_or(Error::Damaged)?;
            let mentions = mentions.into_iter().filter(|one| lines.contains(&one.line) && wanted(one.role));
            let groups = by_name(mentions.map(|one| Ok((file.word(one.name)?, one))).collect::<Result<Vec<_>, Error>>()?);
            let mut used = Vec::new();
            for (name, mentions) in groups {
                used.push(self.what_is_meant(file, path, name, &mentions)?);
            }
            used.sort_by(|a, b| (a.lines.first(), &a.name).cmp(&(b.lines.first(), &b.name)));
            Ok(used)
        })?;
        Ok(found)
    }

    fn what_is_meant(&self, file: &Opened<'_>, path: &RepoPath, name: String, mentions: &[RawReference]) -> Result<Used, Error> {
        // An alias is looked for by the name that it stands for.
        let local = mentions.first().map_or(0, |one| one.name);
        let alias = file.facts.imports.iter().find(|one| one.alias == Some(local)).and_then(|one| one.name);
        let sought = alias.map_or_else(|| Ok(name.clone()), |original| file.word(original))?;
        let mut symbols = self.definitions(&sought)?;
        if symbols.iter().any(|one| !one.declaration) {
            symbols.retain(|one| !one.declaration);
        }
        let alone = symbols.iter().all(|one| symbols.first().is_some_and(|first| first.path == one.path));
        symbols.truncate(MAX_TARGETS);
        let own: Vec<usize> = defined_in(file, alias.unwrap_or(local));
        let imported: Vec<_> = file.facts.imports.iter().filter(|one| one.alias.or(one.name) == Some(local)).copied().collect();
        let handed = Handed::default();
        let asking = Asking { file, path, own: &own, imported: &imported, handed: &handed };
        let mut targets = Vec::new();
        for symbol in symbols {
            let mut best = None;
            for mention in mentions {
                best = best.max_surest(asking.means(mention, &symbol, alone)?);
            }
            targets.extend(best.map(|certainty| Target { certainty, symbol }));
        }
        targets.sort_by_key(|one| one.certainty);
        if targets.first().is_some_and(|first| first.certainty == Certainty::Sure) {
            targets.retain(|one| one.certainty == Certainty::Sure);
        }
        let mut lines: Vec<u32> = mentions.iter().map(|one| one.line).collect();
        lines.dedup();
        let role = mentions.iter().map(|one| one.role).min().unwrap_or(Role::Use);
        Ok(Used { name, lines, role, targets })
    }
}

fn defined_in(file: &Opened<'_>, name: u32) -> Vec<usize> {
    let all = file.facts.definitions.iter().enumerate();
    all.filter(|(_, one)| one.name == name && one.kind != Kind::Impl).map(|(at, _)| at).collect()
}

fn mentions_in(file: &Opened<'_>, name: u32, targets: &[Symbol], alone: bool, calls_only: bool) -> Result<Vec<Mention>, Error> {
    let own = defined_in(file, name);
    let imports = || file.facts.imports.iter().filter(|one| one.name == Some(name));
    let aliases = imports().filter_map(|one| one.alias);
    let mut found = Vec::new();
    for local in std::iter::once(name).chain(aliases) {
        // A name that is imported under another one is not known by its own, but where it is imported.
        let imported: Vec<_> = imports().filter(|one| one.alias.unwrap_or(name) == local).copied().collect();
        let named: Vec<_> = imports().copied().collect();
        let mentions = file.facts.references_to(local).ok_or(Error::Damaged)?;
        let mentions: Vec<RawReference> = mentions.into_iter().filter(|one| !calls_only || one.role == Role::Call).collect();
        if mentions.is_empty() {
            continue;
        }
        let word = file.word(local)?;
        for path in file.paths() {
            let handed = Handed::default();
            for mention in &mentions {
                let imported = if mention.role == Role::Import { &named } else { &imported };
                let asking = Asking { file, path, own: &own, imported, handed: &handed };
                let mut best = None;
                for target in targets {
                    best = best.max_surest(asking.means(mention, target, alone)?);
                    if best == Some(Certainty::Sure) {
                        break;
                    }
                }
                // What the tree does not define is told by its name alone.
                if targets.is_empty() {
                    best = Some(if mention.qualifier == Qualifier::None { Certainty::Sure } else { Certainty::Possible });
                }
                let Some(certainty) = best else { continue };
                let qualifier = match mention.qualifier {
                    Qualifier::Name(name) => Some(file.word(name)?),
                    _ => None,
                };
                let inside = file.innermost(mention.line).map(|at| file.symbol(at, path)).transpose()?;
                let name = word.clone();
                found.push(Mention {
                    path: path.clone(),
                    line: mention.line,
                    name,
                    qualifier,
                    role: mention.role,
                    certainty,
                    inside,
                });
            }
        }
    }
    Ok(found)
}
