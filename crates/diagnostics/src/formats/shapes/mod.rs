//! Tools whose messages can be told by the look of their lines: data, one file a family, and the one reader of them all.
//!
//! A shape is the line that is unlike any other tool's, and where it is needed a line above (the file, when a report is grouped by
//! files) or below it (the place, when the message stands first). What a shape took, no later reader sees. The literal words of all
//! shapes are looked for in one pass, and a pattern runs only on a line that has one of its words.

mod compilers;
mod docs;
mod functional;
mod go;
mod infrastructure;
mod jvm;
mod python;
mod ruby;
mod scripts;
mod web;

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use domain::{FindingKind, Severity};
use regex::Captures;

use crate::pattern::Pattern;
use crate::reading::{Reading, number};
use crate::text::{is_path, one_line};
use crate::{Diagnostic, Span, Unit};

/// How the messages of one tool look.
#[derive(Clone, Copy)]
struct Shape {
    tool: &'static str,
    format: &'static str,
    /// A line of a message has one of these.
    words: &'static [&'static str],
    /// The line that tells the tool. `<path>`, `<line>`, `<column>`, `<severity>`, `<rule>` and `<message>` stand for patterns.
    line: &'static str,
    /// The nearest lines before it that look so name the rest, each for all that follow until the next such line.
    above: &'static [&'static str],
    /// The next lines after it that look so, one after the other, a few lines further at most, name the rest.
    below: &'static [&'static str],
    /// How near those lines stand.
    near: usize,
    /// Lines that follow directly and say more: their first group is added to the message.
    more: &'static str,
    /// The tool must be known, or a line that looks so must stand somewhere in the output.
    sign: &'static str,
    kind: FindingKind,
    /// Where the line names no severity.
    severity: Severity,
    /// Where the line names no rule.
    rule: &'static str,
    unit: Unit,
    /// The number of the first column.
    first: u32,
    /// Mends what a table cannot say. One whose message it empties is dropped.
    mend: fn(&mut Diagnostic),
}

/// Declares a shape: the tool, its words, its line, and what is not as most have it.
macro_rules! shape {
    ($tool:literal, $words:expr, $line:expr $(, $field:ident: $value:expr)* $(,)?) => {
        super::Shape { $($field: $value,)* ..super::Shape::of($tool, concat!($tool, " text"), &$words, $line) }
    };
}
use shape;

impl Shape {
    const fn of(tool: &'static str, format: &'static str, words: &'static [&'static str], line: &'static str) -> Self {
        Self {
            tool,
            format,
            words,
            line,
            above: &[],
            below: &[],
            near: NEAR,
            more: "",
            sign: "",
            kind: FindingKind::Linting,
            severity: Severity::Error,
            rule: "message",
            unit: Unit::Char,
            first: 1,
            mend: |_| {},
        }
    }
}

/// All shapes; of several that fit a line the first is taken.
const FAMILIES: [&[Shape]; 10] = [
    python::SHAPES,
    web::SHAPES,
    jvm::SHAPES,
    go::SHAPES,
    infrastructure::SHAPES,
    scripts::SHAPES,
    ruby::SHAPES,
    docs::SHAPES,
    functional::SHAPES,
    compilers::SHAPES,
];

/// The patterns of a shape.
struct Compiled {
    line: Pattern,
    above: Vec<Pattern>,
    below: Vec<Pattern>,
    more: Option<Pattern>,
    sign: Option<Pattern>,
}

impl Compiled {
    fn of(shape: &Shape) -> Self {
        let one = |pattern: &str| Pattern::new(filled_in(pattern));
        let all = |patterns: &[&str]| patterns.iter().map(|pattern| one(pattern)).collect();
        let optional = |pattern: &str| (!pattern.is_empty()).then(|| one(pattern));
        Self {
            line: one(shape.line),
            above: all(shape.above),
            below: all(shape.below),
            more: optional(shape.more),
            sign: optional(shape.sign),
        }
    }
}

/// A shape, and its patterns from the first line on that has one of its words.
struct Known {
    shape: &'static Shape,
    compiled: OnceLock<Compiled>,
}

impl Known {
    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| Compiled::of(self.shape))
    }
}

struct All {
    words: Option<AhoCorasick>,
    /// Which shape each word is of.
    owners: Vec<usize>,
    shapes: Vec<Known>,
}

static ALL: LazyLock<All> = LazyLock::new(|| {
    let shapes: Vec<Known> = FAMILIES.into_iter().flatten().map(|shape| Known { shape, compiled: OnceLock::new() }).collect();
    let owned = || shapes.iter().enumerate().flat_map(|(owner, one)| one.shape.words.iter().map(move |word| (owner, *word)));
    // Many words are short, and some line has one at every other place: what counts is how fast it steps.
    let words = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(owned().map(|(_, word)| word)).ok();
    let owners = owned().map(|(owner, _)| owner).collect();
    All { words, owners, shapes }
});

/// Puts patterns in place of names.
fn filled_in(pattern: &str) -> String {
    const NAMES: [(&str, &str); 9] = [
        ("<path>", r"(?<path>(?:[A-Za-z]:[\\/])?[^\s:(\[][^:]*?)"),
        ("<line>", r"(?<line>\d{1,9})"),
        ("<column>", r"(?<column>\d{1,9})"),
        ("<end_line>", r"(?<end_line>\d{1,9})"),
        ("<end_column>", r"(?<end_column>\d{1,9})"),
        ("<severity>", r"(?<severity>[A-Za-z]+(?: error)?)"),
        ("<rule>", r"(?<rule>[\w@][\w./@:#-]*)"),
        ("<message>", r"(?<message>\S.*?)"),
        ("<help>", r"(?<help>https?://\S+)"),
    ];
    // A group that has a pattern of its own keeps it.
    let (own, set_aside) = ("(?<", "(?\u{1}");
    let pattern = pattern.replace(own, set_aside);
    NAMES
        .iter()
        .fold(pattern, |pattern, (name, stands_for)| pattern.replace(name, &stands_for.replace(own, set_aside)))
        .replace(set_aside, own)
}

/// Marks the shapes that a line may have, a bit each.
fn candidates(line: &str, marked: &mut [u64]) {
    marked.fill(0);
    for word in ALL.words.iter().flat_map(|words| words.find_overlapping_iter(line)) {
        let owner = ALL.owners.get(word.pattern().as_usize()).copied().unwrap_or_default();
        if let Some(bits) = marked.get_mut(owner / BITS) {
            *bits |= 1 << (owner % BITS);
        }
    }
}

/// So many shapes are marked in one number.
const BITS: usize = u64::BITS as usize;

/// Returns the shapes that are marked, in their order.
fn marked_in(marked: &[u64]) -> impl Iterator<Item = usize> {
    marked.iter().enumerate().flat_map(|(place, bits)| {
        let mut bits = *bits;
        std::iter::from_fn(move || {
            let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
            bits &= bits - 1;
            Some(place * BITS + bit)
        })
    })
}

/// How near the line below stands, for most.
const NEAR: usize = 12;

/// The first message of a group looks so far up for the line that names its file.
const FAR: usize = 40;

/// A message goes on over no more lines.
const MOST_MORE: usize = 40;

/// What is known of one shape while an output is read.
#[derive(Clone, Default)]
struct State {
    /// Whether its sign is there, once that was asked.
    signed: Option<bool>,
    /// The lines above that the last message had.
    heads: Vec<Option<usize>>,
    /// The last line that was looked at for one.
    last: usize,
}

/// Reads all messages of these tools, and empties the lines that they stood on.
pub(crate) fn text(lines: &mut [&str], reading: &mut Reading<'_>) {
    let mut states = vec![State::default(); ALL.shapes.len()];
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut marked = vec![0; ALL.shapes.len().div_ceil(BITS)];
    for index in 0..lines.len() {
        let Some(line) = lines.get(index).copied().filter(|line| !line.is_empty() && !taken.contains(&index)) else { continue };
        candidates(line, &mut marked);
        for candidate in marked_in(&marked) {
            let Some((one, state)) = ALL.shapes.get(candidate).zip(states.get_mut(candidate)) else { continue };
            if let Some(used) = message(one, state, lines, index, reading) {
                taken.extend(used);
                break;
            }
        }
    }
    for index in taken {
        if let Some(line) = lines.get_mut(index) {
            *line = "";
        }
    }
}

/// Reads a message whose telling line stands at `index`, and returns the lines that it took.
fn message(known: &Known, state: &mut State, lines: &[&str], index: usize, reading: &mut Reading<'_>) -> Option<Vec<usize>> {
    let (shape, one) = (known.shape, known.compiled());
    let found = one.line.captures(lines.get(index)?)?;
    if let Some(sign) = &one.sign
        && !reading.is_tool(shape.tool)
        && !*state.signed.get_or_insert_with(|| lines.iter().any(|line| sign.is_match(line)))
    {
        return None;
    }
    let mut used = vec![index];
    let mut parts = vec![found];
    let heads = heads(&one.above, state, lines, index);
    for (pattern, head) in one.above.iter().zip(heads) {
        parts.push(pattern.captures(lines.get(head?)?)?);
        used.extend(head);
    }
    for pattern in &one.below {
        let from = used.iter().copied().max().unwrap_or(index) + 1;
        let near = lines.iter().enumerate().skip(from).take(shape.near);
        // What follows the next message is that one's.
        let (at, line) = near.take_while(|(_, line)| !one.line.is_match(line)).find(|(_, line)| pattern.is_match(line))?;
        used.push(at);
        parts.push(pattern.captures(line)?);
    }
    let named = |name: &str| parts.iter().find_map(|part: &Captures<'_>| part.name(name)).map(|part| part.as_str());
    let mut text = one_line(named("message").unwrap_or_default());
    if let Some(more) = &one.more {
        let from = used.iter().copied().max().unwrap_or(index) + 1;
        for (at, line) in lines.iter().enumerate().skip(from).take(MOST_MORE) {
            let Some(said) = more.captures(line) else { break };
            used.push(at);
            if let Some(said) = said.get(1).filter(|said| !said.as_str().trim().is_empty()) {
                text = one_line(&format!("{text} {}", said.as_str()));
            }
        }
    }
    let severity = named("severity").and_then(severity_of).unwrap_or(shape.severity);
    let mut diagnostic = Diagnostic::new(shape.tool, named("rule").unwrap_or(shape.rule), shape.kind, severity, &text);
    if let Some(path) = named("path").map(str::trim).filter(|path| !path.is_empty()) {
        if !is_path(path) {
            return None;
        }
        diagnostic = diagnostic.at(path, span(shape, named));
    }
    diagnostic.help = named("help").map(str::to_owned);
    (shape.mend)(&mut diagnostic);
    if diagnostic.message.is_empty() {
        reading.saw(shape.format);
    } else {
        reading.push(shape.format, diagnostic);
    }
    Some(used)
}

/// Returns the lines above a message that belong to it: of each kind one that stands between it and the message before it, or that
/// one's.
fn heads(patterns: &[Pattern], state: &mut State, lines: &[&str], index: usize) -> Vec<Option<usize>> {
    let from = if state.heads.is_empty() { index.saturating_sub(FAR) } else { state.last };
    state.heads.resize(patterns.len(), None);
    let between = lines.get(from..index).unwrap_or_default();
    for (pattern, head) in patterns.iter().zip(&mut state.heads) {
        *head = between.iter().rposition(|line| pattern.is_match(line)).map(|at| from + at).or(*head);
    }
    state.last = index;
    state.heads.clone()
}

fn span<'a>(shape: &Shape, named: impl Fn(&str) -> Option<&'a str>) -> Option<Span> {
    let line = named("line").map(number).filter(|line| *line > 0)?;
    let column = |name: &str| {
        let column = named(name).map(number)?;
        Some(column.saturating_add(1).saturating_sub(shape.first).max(1))
    };
    // A mark below a line of code stands under its first character.
    let mark = || named("mark").and_then(|blanks| u32::try_from(blanks.chars().count() + 1).ok());
    let start = (line, column("column").or_else(mark).unwrap_or(1));
    let end_line = named("end_line").map_or(line, number);
    let end = column("end_column").map_or(start, |column| (end_line, column));
    Some(Span::lines(start, end.max(start), shape.unit))
}

/// Returns how bad a tool's own word is.
fn severity_of(word: &str) -> Option<Severity> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "error" | "errors" | "fatal" | "fatal error" | "failure" | "fail" | "err" | "e" | "f" | "high" | "critical"
        | "blocker" | "×" | "✖" | "✘" | "❌" | "x" | "blocking" | "major" => Severity::Error,
        "warning" | "warn" | "w" | "medium" | "‼" | "⚠" | "⚠️" | "!" | "c" | "convention" | "r" | "refactor" | "minor"
        | "performance" | "portability" => Severity::Warning,
        "info" | "information" | "informational" | "note" | "style" | "hint" | "advice" | "low" | "i" | "ℹ" | "notice"
        | "help" => Severity::Info,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_compiles_and_its_words_are_those_of_a_line() {
        for known in &ALL.shapes {
            let one = known.compiled();
            assert!(!known.shape.words.is_empty(), "{}", known.shape.tool);
            let names: Vec<&str> =
                [&one.line].into_iter().chain(&one.above).chain(&one.below).flat_map(|p| p.capture_names().flatten()).collect();
            assert!(names.contains(&"message"), "{}: no message", known.shape.tool);
        }
    }
}
