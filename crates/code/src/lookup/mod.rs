//! Questions to an index: where a name is defined, who calls it, what it calls, what stands around a line.
//!
//! Answers say where, and how sure they are; whoever asks reads the text there (`Index::text_of` says which text it was).

mod calls;
mod handed;
mod modules;
mod opened;
mod resolve;
mod tested;
#[cfg(test)]
pub(crate) mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use domain::{Language, RepoPath};
use rayon::prelude::*;
use serde::Serialize;

pub(crate) use opened::Opened;
pub(crate) use resolve::can_speak_of;

use crate::index::{Error, Index, Near, Place, says};
use crate::outline::{Kind, Role};

/// A definition somewhere in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Symbol {
    /// The file.
    pub path: RepoPath,
    /// The first line, from 1.
    pub line: u32,
    /// The last line.
    pub line_end: u32,
    /// The line of the name.
    pub name_line: u32,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it stands in or belongs to, the outermost first.
    pub container: Vec<String>,
    /// The language of the file.
    pub language: Language,
    /// It has no body: a prototype, a method of an interface.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub declaration: bool,
    /// Nothing outside of its file can name it: `static` in C.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
    /// It is a test.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// A fuzzer enters there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub harness: bool,
}

impl Symbol {
    /// Returns the name with what it stands in, as the language writes it.
    #[must_use]
    pub fn full_name(&self) -> String {
        let separator = if matches!(self.language, Language::Rust | Language::Cpp) { "::" } else { "." };
        self.container.iter().chain([&self.name]).map(String::as_str).collect::<Vec<_>>().join(separator)
    }
}

/// How sure it is that a mention means a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The language's own rules lead there: the same file, an import, linkage, the class around it.
    Sure,
    /// It has the name, and nothing rules it out: a method of something whose type is not known.
    Possible,
}

/// A place that mentions a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    /// The file.
    pub path: RepoPath,
    /// The line, from 1.
    pub line: u32,
    /// The name as it is written there, which may be an alias.
    pub name: String,
    /// The plain name before its dot, or the type that the parameter or variable of that name is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    /// How it is mentioned.
    pub role: Role,
    /// How sure it is that the one is meant that was asked for.
    pub certainty: Certainty,
    /// The innermost definition around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<Symbol>,
}

/// Something that a stretch of code calls or uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Used {
    /// The name as it is written there.
    pub name: String,
    /// Where it is mentioned.
    pub lines: Vec<u32>,
    /// How it is mentioned.
    pub role: Role,
    /// What it may mean, the surest first; empty when nothing of the tree is meant.
    pub targets: Vec<Target>,
}

/// A definition that may be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// How sure it is.
    pub certainty: Certainty,
    /// The definition.
    #[serde(flatten)]
    pub symbol: Symbol,
}

/// A definition whose name is near to the one that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Similar {
    /// How alike the names are: 1 for equal but for case.
    pub similarity: f64,
    /// The definition.
    #[serde(flatten)]
    pub symbol: Symbol,
}

/// Names that are compared in full for one fuzzy look-up: enough for any that a person could have meant.
const MAX_SIMILAR: usize = 200;

impl Index {
    /// Returns all definitions of a name, those with a body first. `A.b` and `A::b` ask for a `b` within an `A`.
    ///
    /// # Errors
    /// [`Error`] when the index cannot be read.
    pub fn definitions(&self, name: &str) -> Result<Vec<Symbol>, Error> {
        let (within, name) = split_name(name);
        let mut found = Vec::new();
        self.each_file(name, says::DEFINED, |file, place| {
            for (at, one) in file.facts.definitions.iter().enumerate().filter(|(_, one)| one.name == place) {
                if one.kind == Kind::Impl || !within.is_empty() && !file.container(at)?.ends_with(&within) {
                    continue;
                }
                for path in file.paths() {
                    found.push(file.symbol(at, path)?);
                }
            }
            Ok(())
        })?;
        found.sort_by(|a, b| (a.declaration, &a.path, a.line).cmp(&(b.declaration, &b.path, b.line)));
        Ok(found)
    }

    /// Returns definitions whose names are at least as similar as `threshold` (from 0 to 1), the nearest first.
    ///
    /// # Errors
    /// As [`Index::definitions`].
    pub fn similar(&self, name: &str, threshold: f64, limit: usize) -> Result<Vec<Similar>, Error> {
        let (_, name) = split_name(name);
        let near = Near::new(name, threshold);
        let mut names: HashMap<String, f64> = HashMap::new();
        for segment in &self.segments {
            // A tree has a million names and more.
            let mut near: Vec<(u32, f64)> = segment.defined()?.par_iter().flat_map_iter(|alike| near.among(alike)).collect();
            // Names are numbered in their order.
            near.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            for (number, similarity) in near.into_iter().take(MAX_SIMILAR) {
                names.insert(segment.word(number)?, similarity);
            }
        }
        let mut names: Vec<(String, f64)> = names.into_iter().collect();
        names.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        names.truncate(MAX_SIMILAR);
        let mut found = Vec::new();
        for (name, similarity) in names {
            if found.len() >= limit {
                break;
            }
            found.extend(self.definitions(&name)?.into_iter().map(|symbol| Similar { similarity, symbol }));
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Returns the outline of a file; `None` when it is not in the index.
    ///
    /// # Errors
    /// As [`Index::definitions`].
    pub fn outline(&self, path: &RepoPath) -> Result<Option<Vec<Symbol>>, Error> {
        self.with_file(path, |file| {
            let mut symbols =
                (0..file.facts.definitions.len()).map(|at| file.symbol(at, path)).collect::<Result<Vec<_>, Error>>()?;
            symbols.sort_by_key(|one| (one.line, Reverse(one.line_end)));
            Ok(symbols)
        })
    }

    /// Returns the definitions around a line, the innermost first; `None` when the file is not in the index.
    ///
    /// # Errors
    /// As [`Index::definitions`].
    pub fn enclosing(&self, path: &RepoPath, line: u32) -> Result<Option<Vec<Symbol>>, Error> {
        self.with_file(path, |file| {
            let mut around = Vec::new();
            let mut at = file.innermost(line);
            while let Some(one) = at {
                around.push(file.symbol(one, path)?);
                at = file.parent(one);
            }
            Ok(around)
        })
    }

    /// Returns the imports of a file; `None` when it is not in the index.
    ///
    /// # Errors
    /// As [`Index::definitions`].
    pub fn imports(&self, path: &RepoPath) -> Result<Option<Vec<crate::Import>>, Error> {
        self.with_file(path, |file| {
            let import = |one: &crate::outline::RawImport| {
                Ok(crate::Import {
                    module: file.word(one.module)?,
                    name: one.name.map(|name| file.word(name)).transpose()?,
                    alias: one.alias.map(|alias| file.word(alias)).transpose()?,
                    star: one.star,
                    line: one.line,
                })
            };
            file.facts.imports.iter().map(import).collect()
        })
    }

    /// Returns the functions in which fuzzers enter.
    ///
    /// # Errors
    /// As [`Index::definitions`].
    pub fn harnesses(&self) -> Result<Vec<Symbol>, Error> {
        let mut found = Vec::new();
        for (number, segment) in (0..).zip(&self.segments) {
            for (content, _) in (0..).zip(&segment.contents).filter(|(_, one)| one.harness) {
                self.open_file(Place { segment: number, content }, |file| {
                    for at in (0..).take(file.facts.definitions.len()) {
                        for path in file.paths() {
                            found.push(file.symbol(at, path)?);
                        }
                    }
                    Ok(())
                })?;
            }
        }
        found.retain(|one: &Symbol| one.harness);
        found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        Ok(found)
    }

    /// Calls `look` with each file that says one of `says` of a name, and the place of the name in its list.
    pub(crate) fn each_file(
        &self,
        name: &str,
        says: u8,
        mut look: impl FnMut(&Opened<'_>, u32) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for (number, segment) in (0..).zip(&self.segments) {
            let Some((name, postings)) = segment.find(name.as_bytes())? else { continue };
            for posting in postings.iter().filter(|posting| says == 0 || posting.says & says != 0) {
                let place = Place { segment: number, content: posting.content };
                if self.is_held(place) {
                    self.open_file(place, |file| match file.place_of(name) {
                        Some(at) => look(file, at),
                        None => Err(Error::Damaged),
                    })?;
                }
            }
        }
        Ok(())
    }
}

/// Splits `A.b`, `A::b` and `a/b.c` into what it stands in and the name.
pub(crate) fn split_name(name: &str) -> (Vec<String>, &str) {
    let at = name.rfind("::").map(|at| (at, 2)).max(name.rfind(['.', '#']).map(|at| (at, 1)));
    match at {
        Some((at, length)) if at > 0 && at + length < name.len() => {
            let (within, own) = (name.get(..at).unwrap_or_default(), name.get(at + length..).unwrap_or_default());
            (within.split(['.', '#', ':']).filter(|part| !part.is_empty()).map(str::to_owned).collect(), own)
        }
        _ => (Vec::new(), name),
    }
}

/// Puts mentions of one name together.
fn by_name<T>(all: impl IntoIterator<Item = (String, T)>) -> BTreeMap<String, Vec<T>> {
    let mut groups: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for (name, one) in all {
        groups.entry(name).or_default().push(one);
    }
    groups
}
