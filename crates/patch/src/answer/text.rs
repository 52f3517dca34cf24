//! Texts, and the ways in which they were changed on their way: each is one more way to read them.

use super::{Part, Reading, Repair};
use crate::formats::{Fence, body};
use crate::lines::lines;

/// Characters of an explanation that are kept.
const LONGEST: usize = 4000;

/// Returns the ways to read a text, the plainest first.
pub(super) fn readings(text: &[u8], path: Option<&str>) -> Vec<Reading> {
    let mut all = Vec::new();
    let mut push = |text: Vec<u8>, repairs: Vec<Repair>| {
        let parts = vec![Part::Text(text, path.map(str::to_owned))];
        all.push(Reading { parts, repairs });
    };
    let (plain, repairs) = without_returns(text);
    push(plain.clone(), repairs.clone());
    let with = |repair| {
        let mut repairs = repairs.clone();
        repairs.push(repair);
        repairs
    };
    if let Some(text) = unescaped(&plain) {
        push(text, with(Repair::LiteralNewlines));
    }
    if let Some(text) = unquoted(&plain) {
        push(text, with(Repair::Quoted));
    }
    if let Some(text) = dedented(&plain) {
        push(text, with(Repair::Indented));
    }
    if let Some(text) = without_entities(&plain) {
        push(text, with(Repair::Entities));
    }
    all
}

/// Takes the carriage returns away when every line has one: then they are the transport's.
fn without_returns(text: &[u8]) -> (Vec<u8>, Vec<Repair>) {
    let mut ended = lines(text).filter(|line| line.ends_with(b"\n")).peekable();
    if ended.peek().is_none() || !ended.all(|line| line.ends_with(b"\r\n")) {
        return (text.to_vec(), Vec::new());
    }
    let mut out = Vec::with_capacity(text.len());
    for line in lines(text) {
        out.extend_from_slice(body(line));
        if line.ends_with(b"\n") {
            out.push(b'\n');
        }
    }
    (out, vec![Repair::CarriageReturns])
}

/// Reads `\n` as a line feed where an answer of many lines has come as one.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let is_one_line = memchr::memchr_iter(b'\n', text).nth(4).is_none();
    if !is_one_line || memchr::memmem::find_iter(text, b"\\n").nth(1).is_none() {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(byte @ (b'"' | b'\\' | b'/' | b'\'')) => out.push(*byte),
            Some(byte) => out.extend_from_slice(&[b'\\', *byte]),
            None => out.push(b'\\'),
        }
    }
    Some(out)
}

/// Takes `> ` away from every line of a quotation.
fn unquoted(text: &[u8]) -> Option<Vec<u8>> {
    let quoted = |line: &[u8]| line.starts_with(b"> ") || line.trim_ascii_end() == b">";
    lines(text).filter(|line| quoted(line)).nth(2)?;
    Some(lines(text).flat_map(|line| line.strip_prefix(b"> ").or(line.strip_prefix(b">")).unwrap_or(line)).copied().collect())
}

/// Takes the indentation away that a fence in a list has, from it and from what it holds.
fn dedented(text: &[u8]) -> Option<Vec<u8>> {
    let depth = |line: &[u8]| line.iter().take_while(|byte| **byte == b' ').count();
    let marks: [&[u8]; 8] = [b"```", b"~~~", b"--- ", b"@@", b"diff --git", b"<<<<<<<", b"*** Begin Patch", b"------- SEARCH"];
    let by = lines(text).filter(|line| line.starts_with(b" ")).find_map(|line| {
        let depth = depth(line);
        let rest = line.get(depth..)?;
        marks.iter().any(|mark| rest.starts_with(mark)).then_some(depth)
    })?;
    Some(lines(text).flat_map(|line| line.get(depth(line).min(by)..).unwrap_or_default()).copied().collect())
}

/// Signs of markup, and how they are written in it.
const ENTITIES: [(&[u8], u8); 8] = [
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&quot;", b'"'),
    (b"&#39;", b'\''),
    (b"&#x27;", b'\''),
    (b"&apos;", b'\''),
    (b"&#34;", b'"'),
    (b"&amp;", b'&'),
];

/// Says whether text holds signs that are written as in markup.
pub(crate) fn has_entities(text: &[u8]) -> bool {
    memchr::memchr_iter(b'&', text)
        .any(|at| ENTITIES.iter().any(|(name, _)| text.get(at..).is_some_and(|rest| rest.starts_with(name))))
}

/// Says whether text holds signs that markup would have written otherwise.
pub(crate) fn has_bare_signs(text: &[u8]) -> bool {
    memchr::memchr3_iter(b'<', b'>', b'&', text)
        .filter_map(|at| text.get(at..))
        .any(|rest| !rest.starts_with(b"&") || !ENTITIES.iter().any(|(name, _)| rest.starts_with(name)))
}

fn without_entities(text: &[u8]) -> Option<Vec<u8>> {
    if !has_entities(text) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, more)) = rest.split_first() {
        let entity = ENTITIES.iter().find_map(|(name, sign)| Some((rest.strip_prefix(*name)?, *sign)));
        match entity {
            Some((after, sign)) => {
                out.push(sign);
                rest = after;
            }
            None => {
                out.push(*first);
                rest = more;
            }
        }
    }
    Some(out)
}

/// Returns what stands outside of fences, and whether there is a fence.
pub(super) fn prose(text: &[u8]) -> (Option<String>, bool) {
    let mut fence: Option<Fence> = None;
    let mut fenced = false;
    let mut words = String::new();
    for line in lines(text).map(body) {
        match &fence {
            Some(open) if open.closed_by(line) => fence = None,
            Some(_) => {}
            None => match Fence::open(line) {
                Some(open) => (fence, fenced) = (Some(open), true),
                None if words.len() < LONGEST => {
                    words.push_str(&String::from_utf8_lossy(line));
                    words.push('\n');
                }
                None => {}
            },
        }
    }
    let words = words.trim();
    ((fenced && !words.is_empty()).then(|| words.to_owned()), fenced)
}
