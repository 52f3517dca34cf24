//! What a scan has found, gathered while it walks: each thing once, and what only its end can tell.

use std::collections::{BTreeMap, BTreeSet};

use super::credentials::{holds_credentials, is_shared, makes_up_a_name};
use super::cst::{Cst, Id};
use super::resource::{Resources, told};
use super::value::HOLE;
use super::{Capability, Found, LONGEST_EVIDENCE, Scan, Skipped};
use crate::parsing::Limit;

/// More than this is not told one by one.
const MOST_FOUND: usize = 20_000;

/// What was found, by the place of its code and what it is.
pub(super) struct Report {
    found: BTreeMap<(usize, Capability, usize), Found>,
    pub(super) functions: Vec<String>,
    pub(super) unread: Vec<(u32, u32)>,
    /// SQL that is put together, by where that is done, and whether something was seen to run it.
    pub(super) statements: BTreeMap<Id, Option<Found>>,
    pub(super) run: BTreeSet<Id>,
    /// Functions of note that a variable is made of: used, unless something like it is found.
    pub(super) aliases: Vec<(Id, Found)>,
    pub(super) resources: Resources,
    /// Rules about all that a package has, with packages that may not have what was called.
    pub(super) guessed: BTreeSet<(usize, String)>,
    /// How many texts of code the code stands in.
    pub(super) depth: usize,
    /// Until when they may all be looked at.
    pub(super) limit: Limit,
    /// There was more than is told.
    is_cut: bool,
}

impl Report {
    /// Returns a report on code that stands in so many texts of code.
    pub(super) fn within(depth: usize, limit: Limit) -> Self {
        Self {
            found: BTreeMap::new(),
            functions: Vec::new(),
            unread: Vec::new(),
            statements: BTreeMap::new(),
            run: BTreeSet::new(),
            aliases: Vec::new(),
            resources: Resources::default(),
            guessed: BTreeSet::new(),
            depth,
            limit,
            is_cut: false,
        }
    }

    /// Says whether no more is told, and remembers that there was more.
    pub(super) fn is_full(&mut self) -> bool {
        self.is_cut |= self.found.len() >= MOST_FOUND;
        self.is_cut
    }

    /// Makes what is told of a piece of code.
    pub(super) fn told(&self, cst: &Cst<'_>, id: Id, capability: Capability, rule: &str) -> Found {
        found(cst, id, capability, rule, None, &self.functions)
    }

    pub(super) fn add(&mut self, cst: &Cst<'_>, id: Id, capability: Capability, rule: &str, resource: Option<String>) {
        self.look_at_path(cst, id, capability, resource.as_deref());
        self.insert(cst, id, capability, rule, resource);
    }

    /// Files of credentials, and files where everybody may write.
    pub(super) fn look_at_path(&mut self, cst: &Cst<'_>, id: Id, capability: Capability, path: Option<&str>) {
        let Some(path) = path.filter(|_| matches!(capability, Capability::FilesystemRead | Capability::FilesystemWrite)) else {
            return;
        };
        if holds_credentials(path) {
            self.insert(cst, id, Capability::Secrets, "credential-file", Some(path.to_owned()));
        }
        let by = if path.contains(HOLE) { cst.around(id) } else { cst.text(id).split('(').next().unwrap_or_default() };
        let is_shared = is_shared(path) && !makes_up_a_name(by);
        if capability == Capability::FilesystemWrite && is_shared {
            self.insert(cst, id, Capability::TempInsecure, "shared-folder", Some(path.to_owned()));
        }
    }

    pub(super) fn insert(&mut self, cst: &Cst<'_>, id: Id, capability: Capability, rule: &str, resource: Option<String>) {
        let start = cst.bytes(id).start;
        // The parts of one chain of calls begin at one place: they are one thing.
        if let Some(known) =
            self.found.range_mut((start, capability, 0)..(start, capability, usize::MAX)).next().map(|(_, one)| one)
        {
            if known.resource.is_none()
                && let Some(resource) = resource
            {
                let (resource, beyond) = told(&resource);
                (known.resource, known.beyond) = (Some(resource), beyond);
            }
            return;
        }
        let one = found(cst, id, capability, rule, resource, &self.functions);
        self.found.insert((start, capability, id), one);
    }

    pub(super) fn finish(mut self, cst: &Cst<'_>) -> Scan {
        for (id, one) in std::mem::take(&mut self.statements) {
            if let Some(one) = one.filter(|_| !self.run.contains(&id)) {
                let start = cst.bytes(id).start;
                let is_within = self.found.values().any(|other| {
                    other.capability == Capability::SqlDynamic && other.line <= one.line && other.line_end >= one.line_end
                });
                if !is_within {
                    self.found.insert((start, Capability::SqlDynamic, id), one);
                }
            }
        }
        for (id, one) in std::mem::take(&mut self.aliases) {
            let is_used = self.found.values().any(|other| other.capability == one.capability && other.rule == one.rule);
            if !is_used {
                self.found.insert((cst.bytes(id).start, one.capability, id), one);
            }
        }
        let mut unread = self.unread;
        unread.dedup();
        let skipped = self.is_cut.then_some(Skipped::TooMany);
        Scan { found: self.found.into_values().collect(), unread, skipped }
    }
}

/// Makes what is told of a piece of code.
pub(super) fn found(
    cst: &Cst<'_>,
    id: Id,
    capability: Capability,
    rule: &str,
    resource: Option<String>,
    functions: &[String],
) -> Found {
    let (line, line_end) = cst.lines(id);
    let code = cst.text(id);
    let mut evidence = String::new();
    for word in code.get(..floor(code, 4 * LONGEST_EVIDENCE)).unwrap_or(code).split_whitespace() {
        if !evidence.is_empty() {
            evidence.push(' ');
        }
        evidence.push_str(word);
    }
    evidence.truncate(floor(&evidence, LONGEST_EVIDENCE));
    let function = functions.iter().filter(|name| !name.is_empty()).cloned().collect::<Vec<_>>().join(".");
    let (resource, beyond) = resource.map(|text| told(&text)).unzip();
    Found { line, line_end, capability, resource, rule: rule.to_owned(), evidence, function, beyond: beyond.flatten() }
}

/// The largest length up to `at` at which a text can be cut.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
