//! Edits inside JSON: bare, fenced, or in prose.

use serde_json::Value;

use super::{Confidence, Part};
use crate::Refusal;
use crate::formats::{Fence, body};
use crate::refusal::{truncated, unreadable};

/// Places in prose at which JSON is looked for.
const MOST_TRIES: usize = 32;

/// No answer nests deeper.
const DEEPEST: usize = 6;

const TEXT: &[&str] = &["diff", "patch", "diff_text", "unified_diff", "content"];
const LISTS: &[&str] = &["edits", "changes", "files", "patches", "replacements", "operations"];
const PATH: &[&str] = &["path", "file", "file_path", "filepath", "filename"];
const OLD: &[&str] = &["old", "old_string", "old_str", "old_text", "search", "find", "original", "before"];
const NEW: &[&str] = &["new", "new_string", "new_str", "new_text", "replace", "replacement", "updated", "after"];

/// What JSON held.
pub(super) struct Found {
    pub(super) parts: Vec<Part>,
    pub(super) explanation: Option<String>,
    pub(super) confidence: Option<Confidence>,
    pub(super) repaired: bool,
}

/// Looks for JSON that holds edits. `None`: the answer is no JSON.
pub(super) fn read(answer: &[u8]) -> Result<Option<Found>, Refusal> {
    let Ok(text) = std::str::from_utf8(answer) else { return Ok(None) };
    let mut offset = 0;
    let mut tries = 0;
    let mut broken = None;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let start = offset;
        offset += line.len();
        let first_text = text.get(..start).is_none_or(|before| before.trim().is_empty());
        let list = |rest: &str| rest.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', '[', '"']));
        let from = text.get(start..).unwrap_or_default();
        let begins = |rest: &str| rest.starts_with('{') || list(rest);
        let opens = begins(from) || (first_text && (begins(from.trim_start()) || from.trim_start().starts_with('"')));
        if !opens || tries >= MOST_TRIES {
            continue;
        }
        tries += 1;
        let Some(rest) = text.get(start..) else { continue };
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let (value, end, repaired) = match values.next() {
            Some(Ok(value)) => (value, values.byte_offset(), false),
            _ if speaks_of_edits(rest) => {
                let mended = mended(rest);
                let mut values = serde_json::Deserializer::from_str(&mended).into_iter::<Value>();
                match values.next() {
                    // What the mending added is not counted: the rest of the text cannot be told apart any more.
                    Some(Ok(value)) => (value, rest.len(), true),
                    _ => {
                        broken.get_or_insert(number + 1);
                        continue;
                    }
                }
            }
            _ => continue,
        };
        let mut found = Found { parts: Vec::new(), explanation: None, confidence: None, repaired };
        collect(&value, None, &mut found, 0)?;
        if found.parts.is_empty() {
            let names_edit = value.as_object().is_some_and(|object| object.keys().any(|key| TEXT.contains(&key.as_str())));
            if names_edit && first_text {
                return Err(unreadable(number + 1, "the JSON holds no edit"));
            }
            continue;
        }
        let before = text.get(..start).unwrap_or_default();
        let after = rest.get(end..).unwrap_or_default();
        let holds_edits =
            |text: &str| crate::formats::read(text.as_bytes(), None, &|_| false).map_or(true, |files| !files.is_empty());
        let bare =
            |text: &str| text.lines().filter(|line| Fence::open(body(line.as_bytes())).is_none()).collect::<Vec<_>>().join("\n");
        if holds_edits(&bare(before)) || (!repaired && holds_edits(&bare(after))) {
            return Err(unreadable(number + 1, "there are edits inside the JSON and beside it"));
        }
        return Ok(Some(found));
    }
    match broken {
        // A brace within an edit is text of a file.
        Some(line) if edit_before(text, line) => Ok(None),
        Some(line) if tries > 0 => Err(truncated(line, "the JSON cannot be read to its end")),
        _ => Ok(None),
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

fn speaks_of_edits(text: &str) -> bool {
    let start: String = text.chars().take(100_000).collect();
    let names = |keys: &[&str]| keys.iter().any(|key| start.contains(&format!("\"{key}\"")));
    (names(TEXT) || (names(OLD) && names(NEW))) && start.contains(':')
}

/// Escapes line feeds and tabs that stand in strings as they are, and takes commas away behind which nothing follows.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
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
    out
}

fn collect(value: &Value, path: Option<&str>, found: &mut Found, depth: usize) -> Result<(), Refusal> {
    if depth > DEEPEST {
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
            let path = text(PATH).or(path);
            if let (Some(old), Some(new)) = (text(OLD), text(NEW)) {
                let Some(path) = path else { return Err(unreadable(0, "an edit in JSON without the path of its file")) };
                found.parts.push(Part::Block { path: path.to_owned(), old: old.to_owned(), new: new.to_owned() });
                return Ok(());
            }
            let lines = || joined(get(TEXT)?);
            if let Some(edit) = text(TEXT).map(str::to_owned).or_else(lines).filter(|text| !text.trim().is_empty()) {
                match path {
                    Some(path) if object.contains_key("content") && !begins_as_edit(&edit) => {
                        found.parts.push(Part::Whole { path: path.to_owned(), content: edit });
                    }
                    _ => found.parts.push(Part::Text(edit.into_bytes(), path.map(str::to_owned))),
                }
                return Ok(());
            }
            for key in LISTS {
                if let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.get(*key) {
                    collect(inner, path, found, depth + 1)?;
                }
            }
            for key in TEXT {
                if let Some(inner @ (Value::Array(_) | Value::Object(_))) = object.get(*key) {
                    collect(inner, path, found, depth + 1)?;
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
