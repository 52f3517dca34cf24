//! Edits inside JSON: bare, fenced, or in prose.

use serde_json::Value;

use super::{Confidence, Part};
use crate::Refusal;
use crate::refusal::{truncated, unreadable};

/// Places at which JSON is looked for in vain, or found only after it was mended.
const MOST_TRIES: usize = 32;

/// Bytes within which JSON that holds an edit says so.
const MOST_BEFORE_NAME: usize = 100_000;

/// No answer nests deeper.
const DEEPEST: usize = 6;

const TEXT: &[&str] = &["diff", "patch", "diff_text", "unified_diff", "content"];
const LISTS: &[&str] = &["edits", "changes", "files", "patches", "replacements", "operations"];
const PATH: &[&str] = &["path", "file", "file_path", "filepath", "filename"];
const OLD: &[&str] = &["old", "old_string", "old_str", "old_text", "search", "find", "original", "before"];
const NEW: &[&str] = &["new", "new_string", "new_str", "new_text", "replace", "replacement", "updated", "after"];

/// What JSON held.
#[derive(Default)]
pub(super) struct Found {
    pub(super) parts: Vec<Part>,
    pub(super) explanation: Option<String>,
    pub(super) confidence: Option<Confidence>,
    pub(super) repaired: bool,
    /// Something names a file or a text, and is no edit.
    incomplete: bool,
}

/// Looks for JSON that holds edits: one value, or several, one after the other. `None`: the answer is no JSON.
pub(super) fn read(answer: &[u8]) -> Result<Option<Found>, Refusal> {
    let Ok(text) = std::str::from_utf8(answer) else { return Ok(None) };
    let mut all = Found::default();
    // The number of the line on which the first edit begins.
    let mut first = None;
    let mut outside = String::new();
    let (mut offset, mut read_to, mut tries) = (0, 0, 0);
    let mut broken = None;
    let (mut nothing_before, mut looked) = (true, false);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        if start < read_to {
            outside.push_str(text.get(read_to..offset).unwrap_or_default());
            continue;
        }
        if line.trim().is_empty() {
            outside.push_str(line);
            continue;
        }
        let first_text = std::mem::take(&mut nothing_before);
        let from = text.get(start..).unwrap_or_default();
        let opens = begins(from) || (first_text && (begins(from.trim_start()) || from.trim_start().starts_with('"')));
        if !opens || tries >= MOST_TRIES {
            // What is left is looked at once: what it does not say, no part of it says.
            if opens && first.is_some() && !std::mem::replace(&mut looked, true) && speaks_of_edits(from, from.len()) {
                return Err(unreadable(number + 1, "more JSON than an answer has"));
            }
            outside.push_str(line);
            continue;
        }
        let (value, end, repaired) = match value(from) {
            Read::Value { value, end, repaired } => (value, end, repaired),
            Read::Broken if first.is_some() => return Err(truncated(number + 1, "the JSON cannot be read to its end")),
            other => {
                if matches!(other, Read::Broken) {
                    broken.get_or_insert(number + 1);
                }
                tries += 1;
                outside.push_str(line);
                continue;
            }
        };
        let mut found = Found::default();
        collect(&value, None, &mut found, 0)?;
        if found.parts.is_empty() {
            let names_edit = value.as_object().is_some_and(|object| object.keys().any(|key| TEXT.contains(&key.as_str())));
            if (names_edit && first_text) || (found.incomplete && first.is_some()) {
                return Err(unreadable(number + 1, "the JSON holds no edit"));
            }
            tries += 1;
            outside.push_str(line);
            continue;
        }
        if found.incomplete {
            return Err(unreadable(number + 1, "the JSON names a file without an edit of it, beside others"));
        }
        first.get_or_insert(number + 1);
        read_to = start + end;
        // Each is looked for in all of the text that is left.
        tries += usize::from(repaired);
        all.repaired |= repaired;
        all.parts.append(&mut found.parts);
        all.explanation = all.explanation.take().or(found.explanation);
        all.confidence = all.confidence.or(found.confidence);
        let behind = text.get(read_to..).unwrap_or_default();
        let same_line = behind.split('\n').next().unwrap_or_default().trim_start_matches([' ', '\t', ',', ';']);
        if begins(same_line) {
            return Err(unreadable(number + 1, "several values of JSON on one line"));
        }
        if read_to < offset {
            outside.push_str(text.get(read_to..offset).unwrap_or_default());
        }
    }
    if let Some(line) = first {
        let beside = crate::formats::read(outside.as_bytes(), None, &|_| false).map_or(true, |files| !files.is_empty());
        return if beside { Err(unreadable(line, "there are edits inside the JSON and beside it")) } else { Ok(Some(all)) };
    }
    match broken {
        // A brace within an edit is text of a file.
        Some(line) if edit_before(text, line) => Ok(None),
        Some(line) if tries > 0 => Err(truncated(line, "the JSON cannot be read to its end")),
        _ => Ok(None),
    }
}

/// Says whether a value that may hold edits begins here.
fn begins(text: &str) -> bool {
    text.starts_with('{') || text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', '[', '"']))
}

/// What a text begins with.
enum Read {
    /// A value, and the byte behind it.
    Value {
        value: Value,
        end: usize,
        repaired: bool,
    },
    /// Something that speaks of edits and cannot be read.
    Broken,
    Other,
}

fn value(text: &str) -> Read {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    if let Some(Ok(value)) = values.next() {
        return Read::Value { value, end: values.byte_offset(), repaired: false };
    }
    if !speaks_of_edits(text, MOST_BEFORE_NAME) {
        return Read::Other;
    }
    let (whole, _) = mended(text, usize::MAX);
    let mut values = serde_json::Deserializer::from_str(&whole).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => Read::Value { value, end: mended(text, values.byte_offset()).1, repaired: true },
        _ => Read::Broken,
    }
}

/// Says whether the text, read as it stands, has an edit that begins before `line`.
fn edit_before(text: &str, line: usize) -> bool {
    let files = crate::formats::read(text.as_bytes(), None, &|_| false).unwrap_or_default();
    files.first().is_some_and(|file| {
        // A fence below a path that holds nothing but JSON is no file, unless the file is one.
        let holds_it = file.whole.is_some() && file.line + 1 == line && !file.name().ends_with("json");
        file.line < line && !holds_it
    })
}

fn speaks_of_edits(text: &str, most: usize) -> bool {
    let start = text.as_bytes().get(..most).unwrap_or(text.as_bytes());
    let has = |word: &str| memchr::memmem::find(start, word.as_bytes()).is_some();
    let names = |keys: &[&str]| keys.iter().any(|key| has(&format!("\"{key}\"")));
    has(":") && (names(TEXT) || (names(OLD) && names(NEW)))
}

/// Escapes line feeds and tabs that stand in strings as they are, and takes commas away behind which nothing follows. Ends when the result
/// has `most` bytes, and returns where it is in `text` then.
fn mended(text: &str, most: usize) -> (String, usize) {
    let mut out = String::with_capacity(text.len().min(most) + 64);
    let (mut inside, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        if out.len() >= most {
            return (out, at);
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            '\n' if inside => {
                out.push_str("\\n");
                continue;
            }
            '\t' if inside => {
                out.push_str("\\t");
                continue;
            }
            '\r' if inside => continue,
            '}' | ']' if !inside && out.trim_end().ends_with(',') => out.truncate(out.trim_end().len() - 1),
            _ => {}
        }
        out.push(c);
    }
    (out, text.len())
}

fn collect(value: &Value, path: Option<&str>, found: &mut Found, depth: usize) -> Result<(), Refusal> {
    if depth > DEEPEST {
        found.incomplete = true;
        return Ok(());
    }
    match value {
        Value::String(text) if depth == 0 => found.parts.push(Part::Text(text.clone().into_bytes(), None)),
        Value::Array(items) => {
            for item in items {
                collect(item, path, found, depth + 1)?;
            }
        }
        Value::Object(object) => {
            let get = |keys: &[&str]| keys.iter().find_map(|key| object.get(*key));
            let text = |keys: &[&str]| get(keys).and_then(Value::as_str);
            found.explanation =
                found.explanation.take().or_else(|| text(&["explanation", "reason", "summary"]).map(str::to_owned));
            found.confidence = found.confidence.or_else(|| text(&["confidence"]).and_then(confidence));
            let names_edit = [PATH, OLD, NEW].iter().any(|keys| get(keys).is_some());
            let path = text(PATH).or(path);
            let lines = || joined(get(TEXT)?);
            let edit = || text(TEXT).map(str::to_owned).or_else(lines).filter(|text| !text.trim().is_empty());
            let own = if let (Some(old), Some(new)) = (text(OLD), text(NEW)) {
                let Some(path) = path else { return Err(unreadable(0, "an edit in JSON without the path of its file")) };
                Some(Part::Block { path: path.to_owned(), old: old.to_owned(), new: new.to_owned() })
            } else {
                edit().map(|edit| match path {
                    Some(path) if object.contains_key("content") && !begins_as_edit(&edit) => {
                        Part::Whole { path: path.to_owned(), content: edit }
                    }
                    _ => Part::Text(edit.into_bytes(), path.map(str::to_owned)),
                })
            };
            let mut listed = Found::default();
            let nested = LISTS.iter().chain(TEXT).filter_map(|key| object.get(*key));
            for inner in nested.filter(|inner| matches!(inner, Value::Array(_) | Value::Object(_))) {
                collect(inner, path, &mut listed, depth + 1)?;
            }
            match own {
                // A list beside an edit may say what the edit is about; edits of its own would be lost.
                Some(_) if !listed.parts.is_empty() => {
                    return Err(unreadable(0, "an edit in JSON beside a list of edits"));
                }
                Some(own) => found.parts.push(own),
                None => {
                    found.incomplete |= listed.incomplete || (listed.parts.is_empty() && names_edit);
                    found.parts.append(&mut listed.parts);
                    found.explanation = found.explanation.take().or(listed.explanation);
                    found.confidence = found.confidence.or(listed.confidence);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Says whether a text begins as an edit does, in a fence or below a name or not. What comes further down may be part of a file.
fn begins_as_edit(text: &str) -> bool {
    let heads =
        ["--- ", "diff --git ", "@@", "Index: ", "*** Begin Patch", "*** Update File:", "*** Add File:", "*** Delete File:"];
    let mut first = text.lines().filter(|line| !line.trim().is_empty()).take(3);
    first.any(|line| heads.iter().chain(&["<<<<<<< SEARCH", "------- SEARCH"]).any(|head| line.starts_with(head)))
}

/// Returns a text that is given as a list of its lines.
fn joined(value: &Value) -> Option<String> {
    let lines: Option<Vec<&str>> = value.as_array()?.iter().map(Value::as_str).collect();
    lines.filter(|lines| lines.len() > 1).map(|lines| lines.iter().flat_map(|line| [line.trim_end_matches('\n'), "\n"]).collect())
}

fn confidence(text: &str) -> Option<Confidence> {
    match text.to_ascii_lowercase().as_str() {
        "high" => Some(Confidence::High),
        "medium" => Some(Confidence::Medium),
        "low" => Some(Confidence::Low),
        _ => None,
    }
}
