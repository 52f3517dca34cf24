//! What a program can do, by its syntax: files, networks, processes, code made of text, and sixteen more.
//!
//! A file is read as a whole, never as the text of a diff. Names are followed through imports, aliases, variables and texts that are put
//! together (`evaluate`); what they then name is looked up in the rules of the language, which are data (`rules/`). What a patch adds is the
//! difference of two such scans (`delta`).

mod binding;
mod call;
mod capability;
mod condition;
mod credentials;
mod cst;
mod delta;
mod evaluate;
mod follow;
mod grammar;
mod handed;
mod known;
mod languages;
mod literal;
mod meaning;
mod names;
mod pattern;
mod receiver;
mod report;
mod resource;
mod rule;
mod scan;
mod scope;
mod text;
mod types;
mod value;
mod wrapper;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

use domain::{Digest, Language, RepoPath};

pub use capability::Capability;
pub use delta::{Change, Delta, Placed, Unknown, delta};
pub(crate) use delta::{between, changed_lines, looked_at, within_bounds};
pub use known::Scans;

use grammar::Grammar;
use rule::Rules;

use crate::parsing::Limit;

/// Longer evidence is cut off.
const LONGEST_EVIDENCE: usize = 200;

/// What is looked at longer than this nests or repeats itself so that each part asks for all the others: the largest files that are read take
/// a fraction of it.
const MAX_TIME: Duration = Duration::from_secs(10);

/// Something that a file lets the program do, and the code that shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// The line, from 1.
    pub line: u32,
    /// The last line of the code that shows it.
    pub line_end: u32,
    /// What it lets the program do.
    pub capability: Capability,
    /// What it does it to, as far as that is written out: a file, an address, a command. `…` stands for what is not known.
    pub resource: Option<String>,
    /// The rule by which it was found.
    pub rule: String,
    /// The code that shows it, in one line.
    pub evidence: String,
    /// The function it stands in, with the classes around it; empty at the top of a file.
    #[serde(skip)]
    pub function: String,
    /// The digest of all that it is done to, where that is more than `resource` tells.
    #[serde(skip)]
    pub beyond: Option<Digest>,
}

/// What is known of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// In the order of the text.
    pub found: Vec<Found>,
    /// Lines (first and last, from 1) of stretches that do not parse: what they do is not known.
    pub unread: Vec<(u32, u32)>,
    /// Why the file could not be looked at.
    pub skipped: Option<Skipped>,
}

/// Why a file could not be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skipped {
    /// There is no grammar for it.
    Language,
    /// It is larger than what is read.
    TooLarge,
    /// It is no text.
    Binary,
    /// Reading it takes longer than it may.
    TooSlow,
    /// It does more things than are told one by one, and was not looked at to its end.
    TooMany,
    /// The change that it is a part of has more code than is looked at.
    TooMuch,
    /// The rules of its language cannot be read.
    Rules,
}

impl std::fmt::Display for Skipped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Language => "its language is not known",
            Self::TooLarge => "it is larger than 4 MiB",
            Self::Binary => "it is no text",
            Self::TooSlow => "reading it takes too long",
            Self::TooMany => "it does so many things that not all of it was looked at",
            Self::TooMuch => "the change has more than 64 MiB of code",
            Self::Rules => "the rules of its language cannot be read",
        })
    }
}

/// Returns what a file lets the program do.
#[must_use]
pub fn capabilities(path: &RepoPath, text: &[u8]) -> Scan {
    let hooks = languages::hooks::of(path, text);
    let Some(language) = crate::language::language_of_file(path, text) else {
        return Scan { skipped: hooks.is_empty().then_some(Skipped::Language), found: hooks, ..Scan::default() };
    };
    match scan_code(language, text) {
        Ok(mut scan) => {
            scan.found.splice(0..0, hooks);
            scan
        }
        Err(skipped) => Scan { found: hooks, skipped: Some(skipped), ..Scan::default() },
    }
}

/// Scans a file.
fn scan_code(language: Language, text: &[u8]) -> Result<Scan, Skipped> {
    if text.len() > crate::parsing::MAX_BYTES {
        return Err(Skipped::TooLarge);
    }
    if text.get(..text.len().min(8192)).unwrap_or_default().contains(&0) {
        return Err(Skipped::Binary);
    }
    scan_text(language, &String::from_utf8_lossy(text), 0, Limit::of(MAX_TIME))
}

/// Scans code that stands in so many texts of code.
fn scan_text(language: Language, text: &str, depth: usize, limit: Limit) -> Result<Scan, Skipped> {
    let rules = rules_of(language)?;
    let (text, tree) = languages::parsed(language, text).ok_or(Skipped::TooSlow)?;
    let grammar = grammar_of(language, &tree.language()).ok_or(Skipped::Language)?;
    let cst = cst::Cst::new(&tree, &text, grammar).ok_or(Skipped::TooLarge)?;
    Ok(scan::scan(&cst, rules, grammar.manner, depth, limit))
}

fn grammar_of(language: Language, read_by: &tree_sitter::Language) -> Option<&'static Grammar> {
    static ALL: OnceLock<Vec<(Language, Grammar)>> = OnceLock::new();
    let all = ALL.get_or_init(languages::all);
    all.iter().find(|(of, grammar)| *of == language && grammar.language == *read_by).map(|(_, grammar)| grammar)
}

/// Returns the rules of a language. Those that cannot be read are not the same as none.
fn rules_of(language: Language) -> Result<&'static Rules, Skipped> {
    static ALL: OnceLock<HashMap<Language, OnceLock<Result<Rules, Skipped>>>> = OnceLock::new();
    let all = ALL.get_or_init(|| Language::ALL.iter().map(|language| (*language, OnceLock::new())).collect());
    let texts = Some(rule::texts_of(language)).filter(|texts| !texts.is_empty()).ok_or(Skipped::Language)?;
    let rules = all.get(&language).ok_or(Skipped::Language)?;
    rules.get_or_init(|| Rules::read(texts).map_err(|_| Skipped::Rules)).as_ref().map_err(|why| *why)
}
