//! JSON documents found in a stream: one or many, on one line or over many, among lines of text.
//!
//! A tool's document may follow a banner (`npm run`), stand between warnings, or be one of thousands (cargo). Whatever is not a
//! document is handed back as text. A stream whose middle was cut out leaves a document without end: what can be saved of a list
//! is saved, and the loss is reported.

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
        let line_end = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
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
                    if truncated {
                        let (values, used) =
                            if line.trim_start().starts_with('[') { saved_items(window) } else { (Vec::new(), 0) };
                        if found.broken.is_empty() {
                            found.broken.push(format!("a JSON document breaks off after {} whole entries", values.len()));
                        }
                        if !values.is_empty() {
                            found.values.push(Value::Array(values));
                            at += used;
                            continue;
                        }
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
            if after.is_empty() || after.starts_with(['{', '[']) {
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

/// Returns the whole entries of a list that breaks off, and where they end.
fn saved_items(text: &str) -> (Vec<Value>, usize) {
    let mut values = Vec::new();
    let Some(mut at) = text.find('[').map(|at| at + 1) else { return (values, 0) };
    while let Some(rest) = text.get(at..) {
        let skipped = rest.len() - rest.trim_start_matches([',', ' ', '\t', '\r', '\n']).len();
        let Some(rest) = rest.get(skipped..) else { break };
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(value)) = stream.next() else { break };
        values.push(value);
        at += skipped + stream.byte_offset();
    }
    (values, at)
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
}
