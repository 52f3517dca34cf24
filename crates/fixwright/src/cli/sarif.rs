//! SARIF 2.1.0 as every command writes it: the document, levels, places. What is a result, each command says itself.

use domain::{Location, Severity};
use serde_json::{Value, json};

/// What the columns of the results of one run count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    Characters,
    Utf16,
}

/// Returns the document of these runs: who speaks, what its columns count, and the results.
pub(super) fn document(runs: impl IntoIterator<Item = (Value, Columns, Vec<Value>)>) -> Value {
    let run = |(driver, columns, results): (Value, Columns, Vec<Value>)| {
        let kind = match columns {
            Columns::Characters => "unicodeCodePoints",
            Columns::Utf16 => "utf16CodeUnits",
        };
        json!({"tool": {"driver": driver}, "columnKind": kind, "results": results})
    };
    let runs: Vec<Value> = runs.into_iter().map(run).collect();
    json!({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": runs})
}

/// Returns the level of a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// Returns a result; its place is among the `locations`, where it has one.
pub(super) fn result(rule: &str, level: &str, message: &str, locations: Option<Value>) -> Value {
    let mut result = json!({"ruleId": rule, "level": level, "message": {"text": message}});
    if let (Some(locations), Some(fields)) = (locations, result.as_object_mut()) {
        fields.insert("locations".to_owned(), locations);
    }
    result
}

/// Returns the one place of a result: a file, named by its URI, and a region of it.
pub(super) fn place(uri: &str, region: Option<Value>) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri}});
    if let (Some(region), Some(fields)) = (region, place.as_object_mut()) {
        fields.insert("region".to_owned(), region);
    }
    json!([{"physicalLocation": place}])
}

/// Returns the region of a finding. Its columns count bytes and SARIF's do not: they are told where the `text` of the file can be read.
pub(super) fn region(at: &Location, text: Option<&str>) -> Value {
    let column = |line: u32, column: u32| {
        let line = text?.lines().nth(usize::try_from(line.checked_sub(1)?).ok()?)?;
        let before = line.get(..usize::try_from(column.checked_sub(1)?).ok()?)?;
        Some(before.chars().count() + 1)
    };
    match (column(at.line, at.column), column(at.end_line, at.end_column)) {
        (Some(start), Some(end)) => {
            json!({"startLine": at.line, "startColumn": start, "endLine": at.end_line, "endColumn": end})
        }
        _ => json!({"startLine": at.line, "endLine": at.end_line}),
    }
}

/// Returns a path as a URI reference: whatever means something in one is escaped.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b'+' | b',' | b'=' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The same for a path that may be of another system.
pub(super) fn foreign_uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    match path.split_once(":/") {
        // `C:/folder/file`
        Some((drive, rest)) if drive.len() == 1 => format!("file:///{drive}:{}", uri(&format!("/{rest}")).replace("file://", "")),
        _ => uri(&path),
    }
}

#[cfg(test)]
mod tests {
    use domain::RepoPath;

    use super::*;

    #[test]
    fn a_path_is_a_reference_that_means_it_and_nothing_else() {
        let table = [
            ("src/a.py", "src/a.py"),
            ("a b#c?d%e.py", "a%20b%23c%3Fd%25e.py"),
            ("c:d/\\e.py", "c%3Ad/%5Ce.py"),
            ("é\n.py", "%C3%A9%0A.py"),
            ("/tmp/a b", "file:///tmp/a%20b"),
        ];
        for (path, expected) in table {
            assert_eq!(uri(path), expected);
        }
        assert_eq!(foreign_uri("C:\\a b\\c.cs"), "file:///C:/a%20b/c.cs");
        assert_eq!(foreign_uri("src\\c.cs"), "src/c.cs");
    }

    #[test]
    fn columns_count_characters() {
        let path = RepoPath::new("a.txt").unwrap();
        let text = "first\nöö colour\n";
        let at = |line, column, end_column| Location { path: path.clone(), line, column, end_line: line, end_column };
        assert_eq!(region(&at(2, 6, 12), Some(text)), json!({"startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 10}));
        // Within a character, or past the end: what is said of the line holds.
        for (line, column) in [(2, 2), (2, 99), (9, 1)] {
            assert_eq!(region(&at(line, column, column), Some(text)), json!({"startLine": line, "endLine": line}));
        }
        assert_eq!(region(&at(1, 2, 3), None), json!({"startLine": 1, "endLine": 1}));
    }
}
