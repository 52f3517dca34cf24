//! JSON documents found in a stream: one or many, on one line or over many, among lines of text.
//!
//! A tool's document may follow a banner (`npm run`), stand between warnings, or be one of thousands (cargo). Whatever is not a
//! document is handed back as text. A stream whose middle was cut out leaves a document without end: what can be saved of a list
//! is saved, and the loss is reported.

use memchr::memchr;
use serde_json::Value;

/// What was found in a stream.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    /// The documents, in order.
    pub(crate) values: Vec<Value>,
    /// The text around them.
    pub(crate) rest: String,
    /// Documents that have no end.
    pub(crate) broken: Vec<String>,
}

/// Finds the documents in a stream.
pub(crate) fn find(text: &str) -> Documents {
    let mut found = Documents::default();
    // Text that looks like the start of a document over and over must not make this quadratic: attempts that fail share a budget.
    let mut budget = text.len().saturating_mul(4).saturating_add(1 << 16);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let line_end = memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |newline| newline + 1);
        let line = rest.get(..line_end).unwrap_or(rest);
        if opens_document(line) {
            let window = if budget > 0 { rest } else { line };
            match first_value(window) {
                Ok((value, used)) => {
                    found.values.push(value);
                    // What follows on the same line is looked at as if it stood on a line of its own.
                    at += used;
                    continue;
                }
                Err(Failed { reached, truncated }) => {
                    budget = budget.saturating_sub(reached.max(1));
                    // Cut off at its end, or by text in its middle: that it was a document, its whole entries tell.
                    let is_long = reached >= line.len();
                    let saved = if truncated || is_long { saved(window.get(..reached).unwrap_or(window)) } else { None };
                    if (truncated || saved.is_some()) && found.broken.is_empty() {
                        let entries = saved.as_ref().map_or(0, |saved| saved.entries);
                        found.broken.push(format!("a JSON document breaks off after {entries} whole entries"));
                    }
                    if let Some(saved) = saved {
                        found.values.push(saved.value);
                        // The entry that breaks off is lost; the text that cut it off is text.
                        let line_of_error =
                            window.get(..reached).and_then(|read| read.rfind('\n')).map_or(0, |newline| newline + 1);
                        at += if truncated { window.len() } else { line_of_error.max(saved.used) };
                        continue;
                    }
                }
            }
        }
        found.rest.push_str(line);
        at += line_end;
    }
    found
}

/// Says whether a line can be the start of a JSON document that any reader knows: an object or a list of objects.
fn opens_document(line: &str) -> bool {
    let mut chars = line.chars().filter(|c| !c.is_whitespace());
    match (chars.next(), chars.next()) {
        (Some('{'), second) => matches!(second, None | Some('"' | '}')),
        (Some('['), second) => matches!(second, None | Some('{' | ']')),
        _ => false,
    }
}

struct Failed {
    /// How far the attempt read, roughly.
    reached: usize,
    /// The text ended inside of the document.
    truncated: bool,
}

fn first_value(text: &str) -> Result<(Value, usize), Failed> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    match stream.next() {
        Some(Ok(value)) => {
            let used = stream.byte_offset();
            // `[1],` and `{} x`: part of something else.
            let rest = text.get(used..).unwrap_or("");
            let after = rest.split('\n').next().unwrap_or("").trim_start();
            // `{}["key"]`: code, which a traceback shows.
            let is_nothing =
                value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty);
            let goes_on = after.starts_with(['{', '[']) && !is_nothing || !after.starts_with(PART) && is_report(&value);
            if after.is_empty() || goes_on {
                let used = used + rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
                let newline = usize::from(text.as_bytes().get(used) == Some(&b'\n'));
                Ok((value, used + newline))
            } else {
                Err(Failed { reached: used, truncated: false })
            }
        }
        Some(Err(error)) => {
            let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            Err(Failed { reached: before + error.column(), truncated: error.is_eof() })
        }
        None => Err(Failed { reached: 0, truncated: false }),
    }
}

/// What follows a value that is part of a larger one, or of code.
const PART: [char; 9] = [',', ';', ':', '.', ')', ']', '}', '=', '!'];

/// Says whether a value is more than what a message may quote: tools that do not end their last line have others' words on it.
fn is_report(value: &Value) -> bool {
    let holds_values = |value: &Value| {
        value.as_array().is_some_and(|all| !all.is_empty()) || value.as_object().is_some_and(|fields| !fields.is_empty())
    };
    match value {
        Value::Array(all) => all.first().is_some_and(Value::is_object),
        Value::Object(fields) => fields.values().any(holds_values),
        _ => false,
    }
}

/// What can be saved of a document that breaks off.
struct Saved {
    value: Value,
    /// How many entries of its list are whole.
    entries: usize,
    /// How far it was taken.
    used: usize,
}

/// A list or an object that is not closed yet.
struct Level {
    closes: char,
    /// Where the last whole entry of a list ends, and how many there are.
    whole: Option<(usize, usize)>,
}

/// Saves the outermost list of a document that has a whole entry, closed after the last, with all that stands around it.
fn saved(text: &str) -> Option<Saved> {
    let mut open: Vec<Level> = Vec::new();
    let (mut in_string, mut is_escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => open.push(Level { closes: '}', whole: None }),
            b'[' => open.push(Level { closes: ']', whole: None }),
            b'}' | b']' => {
                open.pop()?;
                ends_entry(open.last_mut(), at + 1);
            }
            // After a string or a figure; what closes a bracket was counted there.
            b',' if !text.get(..at).is_some_and(|before| before.trim_end().ends_with(['}', ']'])) => {
                ends_entry(open.last_mut(), at)
            }
            _ => {}
        }
        if open.len() > DEEPEST {
            return None;
        }
    }
    let (index, (end, entries)) = open.iter().enumerate().find_map(|(index, level)| Some((index, level.whole?)))?;
    let closers: String = open.get(..=index)?.iter().rev().map(|level| level.closes).collect();
    let value = serde_json::from_str(&format!("{}{closers}", text.get(..end)?)).ok()?;
    Some(Saved { value, entries, used: end })
}

/// serde_json goes no deeper either.
const DEEPEST: usize = 128;

fn ends_entry(level: Option<&mut Level>, at: usize) {
    if let Some(level) = level.filter(|level| level.closes == ']') {
        level.whole = Some((at, level.whole.map_or(0, |(_, count)| count) + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_are_found_among_text() {
        let found = find("> lint\n[1] done\n[INFO] x\n{\"a\": 1}{\"b\":\n 2}\n[\n  {\"c\": 3}\n]\n[]\nend {\n");
        assert_eq!(found.values, [json!({"a": 1}), json!({"b": 2}), json!([{"c": 3}]), json!([])]);
        assert_eq!(found.rest, "> lint\n[1] done\n[INFO] x\nend {\n");
        assert!(found.broken.is_empty());
    }

    #[test]
    fn a_list_that_breaks_off_keeps_its_whole_entries() {
        let found = find("[\n {\"a\": 1},\n {\"a\": 2},\n {\"a\"");
        assert_eq!(found.values, [json!([{"a": 1}, {"a": 2}])]);
        assert_eq!(found.broken.len(), 1);
    }

    #[test]
    fn an_object_that_breaks_off_keeps_the_whole_entries_of_its_list() {
        let found = find("{\"v\": \"x]\\\"\", \"runs\": [{\"tool\": {}, \"results\": [{\"id\": [1, 2]},\n {\"id\": [3, 4");
        assert_eq!(found.values, [json!({"v": "x]\"", "runs": [{"tool": {}, "results": [{"id": [1, 2]}]}]})]);
        assert_eq!(found.broken, ["a JSON document breaks off after 1 whole entries"]);
    }

    #[test]
    fn a_list_that_breaks_off_within_a_word_keeps_its_whole_entries_and_the_text_after_it() {
        let found = find("[{\"a\": 1}, {\"b\": \"F4\nb.c:3:4: error: x\n");
        assert_eq!((found.values, found.broken.len()), (vec![json!([{"a": 1}])], 1));
        assert!(found.rest.contains("b.c:3:4: error: x"), "{}", found.rest);
    }

    #[test]
    fn a_document_that_text_cuts_off_keeps_its_whole_entries_and_the_text() {
        let found = find("[\n {\"a\": 1},\n {\"a\": 2},\n {\"a\": \nERROR: Job failed: exit code 1\n");
        assert_eq!(found.values, [json!([{"a": 1}, {"a": 2}])]);
        assert!(found.rest.contains("ERROR: Job failed: exit code 1\n"), "{:?}", found.rest);
        assert_eq!(found.broken.len(), 1);
    }
}
