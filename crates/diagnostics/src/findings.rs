//! Diagnostics normalised against the files: paths of the repository, bytes, fingerprints, ids.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{Digest, Edit, Files, Finding, FindingKind, Location, RepoPath, Suggestion};

use crate::formats::audit;
use crate::paths::Paths;
use crate::position::Lines;
use crate::text::one_line;
use crate::{Diagnostic, Origin, Position, RawSuggestion, Span, Unit};

/// Normalises diagnostics against the files of the tree that the tool saw.
///
/// A path is tried below the subproject, then at the root. One that leaves the tree, or names no file of it, or a line that the file
/// does not have, gives a finding without a location: it is listed and never repaired. A suggestion whose ranges do not fit the
/// file is left out. Exact repeats are dropped. Ids are unique within the result.
#[must_use]
pub fn to_findings(diagnostics: &[Diagnostic], origin: &Origin<'_>, files: &Files) -> Vec<Finding> {
    let normaliser = Normaliser { origin, paths: Paths::new(origin, files), texts: Texts::read(diagnostics, origin, files) };
    let mut findings: Vec<Finding> = Vec::new();
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    let mut ordinals: BTreeMap<Digest, u32> = BTreeMap::new();
    for diagnostic in diagnostics {
        let mut finding = normaliser.finding(diagnostic);
        let key = (finding.tool.clone(), finding.rule.clone(), finding.location.clone(), finding.message.clone());
        if let Some(twin) = known.get(&key).and_then(|index| findings.get_mut(*index)) {
            if twin.suggestions.is_empty() {
                twin.suggestions = finding.suggestions;
            }
            continue;
        }
        let ordinal = ordinals.entry(finding.fingerprint).or_insert(0);
        finding.id = id(&finding, *ordinal);
        *ordinal += 1;
        known.insert(key, findings.len());
        findings.push(finding);
    }
    findings
}

type Key = (String, String, Option<Location>, String);

/// Returns the name of a finding: its fingerprint, how many equal ones stand before it, and where it was reported.
fn id(finding: &Finding, ordinal: u32) -> String {
    let parts = [finding.fingerprint.to_string(), ordinal.to_string(), finding.subproject.clone(), finding.recipe.to_string()];
    Digest::of_parts(parts).short(12)
}

/// The files that the diagnostics name, read once.
struct Texts {
    bytes: BTreeMap<RepoPath, Arc<[u8]>>,
}

impl Texts {
    fn read(diagnostics: &[Diagnostic], origin: &Origin<'_>, files: &Files) -> Self {
        let paths = Paths::new(origin, files);
        let edited = |diagnostic: &Diagnostic| {
            diagnostic
                .suggestions
                .iter()
                .flat_map(|suggestion| &suggestion.edits)
                .filter_map(|(path, ..)| path.clone())
                .collect::<Vec<_>>()
        };
        let named: BTreeSet<(String, String)> = diagnostics
            .iter()
            .flat_map(|diagnostic| {
                let own = diagnostic.path.clone();
                own.into_iter().chain(edited(diagnostic)).map(|path| (diagnostic.tool.clone(), path))
            })
            .collect();
        let resolved: BTreeSet<RepoPath> = named.iter().filter_map(|(tool, path)| paths.resolve(path, tool)).collect();
        Self { bytes: resolved.into_iter().filter_map(|path| files.read(&path).map(|bytes| (path, bytes))).collect() }
    }
}

struct Normaliser<'a> {
    origin: &'a Origin<'a>,
    paths: Paths<'a>,
    texts: Texts,
}

impl Normaliser<'_> {
    fn finding(&self, diagnostic: &Diagnostic) -> Finding {
        let path = diagnostic.path.as_deref().and_then(|path| self.paths.resolve(path, &diagnostic.tool));
        let bytes = path.as_ref().and_then(|path| self.texts.bytes.get(path));
        let lines = bytes.map(|bytes| Lines::new(bytes));
        let location = path.as_ref().zip(lines.as_ref()).and_then(|(path, lines)| location(path, lines, span_of(diagnostic)));
        let own_message = self.own_message(diagnostic, bytes);
        let mut message = own_message.clone();
        // The fixer of vulnerable dependencies reads its messages back, and finds the manifest by itself.
        let is_read_back = diagnostic.kind == FindingKind::DependencyIssue;
        if let Some(named) = diagnostic.path.as_deref().filter(|_| location.is_none() && !is_read_back) {
            message = format!("{}: {message}", place_in_words(named, span_of(diagnostic)));
        }
        let line =
            location.as_ref().zip(lines.as_ref()).and_then(|(location, lines)| lines.line(location.line)).unwrap_or_default();
        let named = location.as_ref().map(|location| location.path.as_str()).or(diagnostic.path.as_deref()).unwrap_or_default();
        let rule = one_line(&diagnostic.rule);
        let fingerprint = Finding::fingerprint_of(&diagnostic.tool, &rule, named, &own_message, &String::from_utf8_lossy(line));
        let suggestions = if location.is_some() { self.suggestions(diagnostic, path.as_ref()) } else { Vec::new() };
        Finding {
            id: String::new(),
            kind: diagnostic.kind,
            tool: one_line(&diagnostic.tool),
            rule,
            severity: diagnostic.severity,
            message,
            location,
            subproject: self.origin.subproject.to_owned(),
            recipe: self.origin.recipe,
            fingerprint,
            suggestions,
        }
    }

    /// Returns a diagnostic's message without the folder that this run happened to take place in, so that the next run, elsewhere,
    /// gives the same finding.
    fn own_message(&self, diagnostic: &Diagnostic, file: Option<&Arc<[u8]>>) -> String {
        let mut message = diagnostic.message.clone();
        for root in self.origin.roots.iter().map(|root| root.trim_end_matches('/')).filter(|root| root.len() > 1) {
            if message.contains(root) {
                message = message.replace(&format!("{root}/"), "").replace(root, ".");
            }
        }
        one_line(&audit::with_installed_version(&message, &diagnostic.tool, file.map(|bytes| &bytes[..])))
    }

    /// Returns the suggestions that fit the files, the surest first, each once.
    fn suggestions(&self, diagnostic: &Diagnostic, own: Option<&RepoPath>) -> Vec<Suggestion> {
        let mut suggestions: Vec<Suggestion> =
            diagnostic.suggestions.iter().filter_map(|raw| self.suggestion(raw, &diagnostic.tool, own)).collect();
        suggestions.sort_by_key(|suggestion| suggestion.applicability);
        let mut seen = BTreeSet::new();
        suggestions.retain(|suggestion| seen.insert(suggestion.edits.clone()));
        suggestions
    }

    fn suggestion(&self, raw: &RawSuggestion, tool: &str, own: Option<&RepoPath>) -> Option<Suggestion> {
        let mut edits = Vec::new();
        let mut indexed: BTreeMap<RepoPath, Lines<'_>> = BTreeMap::new();
        for (path, span, text) in &raw.edits {
            let path = match path {
                Some(path) => self.paths.resolve(path, tool)?,
                None => own?.clone(),
            };
            let bytes = self.texts.bytes.get(&path)?;
            let lines = indexed.entry(path.clone()).or_insert_with(|| Lines::new(bytes));
            let (start, end) = (lines.offset(span.start)?, lines.offset(span.end)?);
            let current = bytes.get(start..end)?;
            if !lines.is_between_characters(start) || !lines.is_between_characters(end) {
                return None;
            }
            let is_part = start > 0 || end < bytes.len();
            // An empty line that is put somewhere has the end of the others, too.
            let is_ends = current.is_empty() && text.bytes().all(|byte| byte == b'\n');
            let text =
                if is_part && (is_of_lines(*span) || is_ends) { ended_as(bytes, text) } else { Cow::Borrowed(text.as_str()) };
            if current != text.as_bytes() {
                edits.push(Edit::new(&path, start..end, text));
            }
        }
        edits.sort();
        edits.dedup();
        let overlaps = |pair: &[Edit]| match pair {
            // Two insertions at one place have no order.
            [a, b] => a.path == b.path && (b.start < a.end || (a.start == b.start && a.end == a.start && b.end == b.start)),
            _ => false,
        };
        if edits.is_empty() || edits.windows(2).any(overlaps) {
            return None;
        }
        Some(Suggestion { message: one_line(&raw.message), applicability: raw.applicability, edits })
    }
}

/// Says whether a span is made of whole lines.
fn is_of_lines(span: Span) -> bool {
    [span.start, span.end].into_iter().all(|position| matches!(position, Position::LineColumn { column: 1, .. }))
}

/// Returns lines that come to a file with the ends that its lines have: a log keeps no carriage returns of a diff, or has them at all lines.
/// Where the file's own differ among each other, or the whole of it is replaced, the tool may mean what it says.
fn ended_as<'t>(file: &[u8], text: &'t str) -> Cow<'t, str> {
    let ends = |text: &[u8]| {
        let all = memchr::memchr_iter(b'\n', text).count();
        (all, memchr::memmem::find_iter(text, b"\r\n").count())
    };
    match (ends(file), ends(text.as_bytes())) {
        ((lines, with_return), (new, 0)) if lines > 0 && lines == with_return && new > 0 => {
            Cow::Owned(text.replace('\n', "\r\n"))
        }
        ((lines, 0), (new, with_return)) if lines > 0 && new > 0 && new == with_return => Cow::Owned(text.replace("\r\n", "\n")),
        _ => Cow::Borrowed(text),
    }
}

/// Returns where a diagnostic lies. A formatter that only says where a file differs means all of the file: it is one finding.
fn span_of(diagnostic: &Diagnostic) -> Option<Span> {
    let is_whole =
        diagnostic.kind == FindingKind::Formatting && diagnostic.rule == diagnostic.tool && diagnostic.suggestions.is_empty();
    diagnostic.span.filter(|_| !is_whole)
}

/// Returns where a span lies. A column beyond its line is taken for the line's end; a line beyond the file is no place.
fn location(path: &RepoPath, lines: &Lines<'_>, span: Option<Span>) -> Option<Location> {
    let Some(span) = span else {
        return Some(Location { path: path.clone(), line: 1, column: 1, end_line: 1, end_column: 1 });
    };
    let place = |position| lines.nearest(position).and_then(|offset| lines.line_column(offset));
    let (line, column) = place(span.start)?;
    let (end_line, end_column) = place(span.end).filter(|end| *end >= (line, column)).unwrap_or((line, column));
    Some(Location { path: path.clone(), line, column, end_line, end_column })
}

/// Returns `path:line:column` as the tool named it.
fn place_in_words(path: &str, span: Option<Span>) -> String {
    let path = one_line(path);
    match span.map(|span| span.start) {
        Some(Position::LineColumn {
            line,
            column,
            unit: Unit::Byte | Unit::Char | Unit::Utf16 | Unit::Tabbed | Unit::Display,
        }) => {
            format!("{path}:{line}:{column}")
        }
        Some(Position::LineEnd { line }) => format!("{path}:{line}"),
        Some(Position::Byte(_) | Position::Chars(_) | Position::Utf16(_)) | None => path,
    }
}
