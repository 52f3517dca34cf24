//! Linters whose JSON differs in names alone: data, and the one reader of them all.
//!
//! Files (a list, or an object whose keys are the paths), in each its messages; or messages that name their files. What is nested
//! deeper, or carries edits of another form, has a file of its own.

use domain::{Applicability, FindingKind, Severity};
use serde_json::Value;

use super::json::{figure, list, span, text};
use crate::reading::Reading;
use crate::{Diagnostic, RawSuggestion, Span, Unit};

/// How the messages of one tool are written. A name is a pointer.
#[derive(Clone, Copy)]
struct Form {
    tool: &'static str,
    format: &'static str,
    /// What the document has that no other's has.
    sign: &'static [&'static str],
    /// Where the files are; the document itself where it is empty.
    files: &'static str,
    /// Where the messages of a file are; the entry itself where it is empty.
    messages: &'static str,
    /// What each message has.
    has: &'static [&'static str],
    /// Where the path is, in the message or in the file; the key of the file where neither has it.
    path: &'static str,
    place: [&'static str; 4],
    first: u32,
    unit: Unit,
    rule: &'static str,
    message: &'static str,
    more: &'static str,
    severity: &'static str,
    help: &'static str,
    /// What to put in the place of the range.
    fix: &'static str,
    kind: FindingKind,
}

const LINTER: Form = Form {
    tool: "",
    format: "",
    sign: &[],
    files: "",
    messages: "",
    has: &[],
    path: "/path",
    place: ["/line", "/column", "", ""],
    first: 1,
    unit: Unit::Char,
    rule: "/rule",
    message: "/message",
    more: "",
    severity: "/severity",
    help: "",
    fix: "",
    kind: FindingKind::Linting,
};

const FORMS: &[Form] = &[
    Form {
        tool: "buf",
        format: "buf json",
        has: &["/start_line", "/type", "/message"],
        place: ["/start_line", "/start_column", "/end_line", "/end_column"],
        rule: "/type",
        ..LINTER
    },
    Form {
        tool: "jazzy",
        format: "jazzy json",
        sign: &["/source_directory"],
        files: "/warnings",
        has: &["/file", "/symbol", "/warning"],
        path: "/file",
        place: ["/line", "", "", ""],
        rule: "/warning",
        message: "/symbol",
        ..LINTER
    },
    Form {
        tool: "ktlint",
        format: "ktlint json",
        messages: "/errors",
        has: &["/line", "/rule", "/message"],
        path: "/file",
        unit: Unit::Utf16,
        kind: FindingKind::Formatting,
        ..LINTER
    },
    Form {
        tool: "pmd",
        format: "pmd json",
        sign: &["/pmdVersion"],
        files: "/files",
        messages: "/violations",
        has: &["/beginline", "/rule"],
        path: "/filename",
        place: ["/beginline", "/begincolumn", "/endline", "/endcolumn"],
        unit: Unit::Utf16,
        message: "/description",
        severity: "/priority",
        help: "/externalInfoUrl",
        ..LINTER
    },
    Form {
        tool: "phpcs",
        format: "phpcs json",
        sign: &["/totals/fixable"],
        files: "/files",
        messages: "/messages",
        has: &["/source", "/type"],
        rule: "/source",
        severity: "/type",
        ..LINTER
    },
    Form {
        tool: "pyrefly",
        format: "pyrefly json",
        files: "/errors",
        has: &["/stop_line", "/name", "/description"],
        place: ["/line", "/column", "/stop_line", "/stop_column"],
        rule: "/name",
        message: "/description",
        kind: FindingKind::TypeChecking,
        ..LINTER
    },
    Form {
        tool: "revive",
        format: "revive json",
        has: &["/Failure", "/RuleName", "/Position"],
        path: "/Position/Start/Filename",
        place: ["/Position/Start/Line", "/Position/Start/Column", "/Position/End/Line", "/Position/End/Column"],
        unit: Unit::Byte,
        rule: "/RuleName",
        message: "/Failure",
        severity: "/Severity",
        ..LINTER
    },
    Form {
        tool: "semgrep",
        format: "semgrep json",
        sign: &["/errors", "/paths"],
        files: "/results",
        has: &["/check_id", "/start", "/extra"],
        place: ["/start/line", "/start/col", "/end/line", "/end/col"],
        unit: Unit::Byte,
        rule: "/check_id",
        message: "/extra/message",
        severity: "/extra/severity",
        help: "/extra/metadata/source",
        fix: "/extra/fix",
        ..LINTER
    },
    Form {
        tool: "tflint",
        format: "tflint json",
        files: "/issues",
        has: &["/rule/name", "/range"],
        path: "/range/filename",
        place: ["/range/start/line", "/range/start/column", "/range/end/line", "/range/end/column"],
        rule: "/rule/name",
        severity: "/rule/severity",
        help: "/rule/link",
        ..LINTER
    },
    Form {
        tool: "typos",
        format: "typos json",
        has: &["/typo", "/line_num", "/byte_offset"],
        place: ["/line_num", "/byte_offset", "", ""],
        first: 0,
        unit: Unit::Byte,
        rule: "/type",
        message: "/typo",
        more: "/corrections/0",
        ..LINTER
    },
];

/// Reads a report of any of the tools, or one message of those that write one a line.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let Some(form) = FORMS.iter().find(|form| is_of(form, document)) else { return false };
    reading.saw(form.format);
    for (key, file) in files(form, document) {
        let messages: Vec<&Value> = if form.messages.is_empty() { vec![file] } else { list(file, form.messages).collect() };
        for item in messages {
            reading.push(form.format, diagnostic(form, key, file, item));
        }
    }
    true
}

/// Says whether a document is of a form: it has its sign, and its first message, if there is one, what messages have.
fn is_of(form: &Form, document: &Value) -> bool {
    let has = |value: &Value, names: &[&str]| names.iter().all(|name| value.pointer(name).is_some());
    if !has(document, form.sign) || document.pointer(form.files).is_none() {
        return false;
    }
    let mut files = files(form, document).into_iter().peekable();
    if files.peek().is_none() {
        // Nothing was found: whose report it is, only a sign can tell.
        return !form.sign.is_empty();
    }
    let first = match form.messages {
        "" => files.map(|(_, file)| file).next(),
        messages => files.find_map(|(_, file)| file.pointer(messages)?.as_array()?.first()),
    };
    first.map_or(!form.sign.is_empty(), |first| has(first, form.has))
}

fn files<'a>(form: &Form, document: &'a Value) -> Vec<(&'a str, &'a Value)> {
    match document.pointer(form.files) {
        Some(Value::Array(files)) => files.iter().map(|file| ("", file)).collect(),
        Some(Value::Object(files)) if !form.files.is_empty() => files.iter().map(|(key, file)| (key.as_str(), file)).collect(),
        Some(one @ Value::Object(_)) => vec![("", one)],
        _ => Vec::new(),
    }
}

fn diagnostic(form: &Form, key: &str, file: &Value, item: &Value) -> Diagnostic {
    let place = span(item, form.place, form.first, form.unit);
    let (said, more) = (text(item, form.message), text(item, form.more));
    let message = match (form.tool, more) {
        ("typos", more) => format!("`{said}` should be `{more}`"),
        (_, "") => said.to_owned(),
        (_, more) => format!("{said} [{more}]"),
    };
    let severity = severity(item.pointer(form.severity));
    let mut diagnostic = Diagnostic::new(form.tool, text(item, form.rule), form.kind, severity, &message);
    let path = [text(item, form.path), text(file, form.path), key].into_iter().find(|path| !path.is_empty());
    if let Some(path) = path {
        diagnostic = diagnostic.at(path, place);
    }
    if let Some((fix, place)) = item.pointer(form.fix).filter(|_| !form.fix.is_empty()).and_then(Value::as_str).zip(place) {
        diagnostic = diagnostic.suggesting(RawSuggestion::edit("apply the fix", Applicability::Unsafe, place, fix));
    }
    if let Some((typo, place)) = item.get("typo").and_then(Value::as_str).zip(place).filter(|_| form.tool == "typos") {
        diagnostic = diagnostic.suggesting(spelled(item, typo, place));
    }
    diagnostic.explained_at(text(item, form.help))
}

/// Returns the corrected word in place of a misspelled one; of several, a person must choose.
fn spelled(item: &Value, typo: &str, place: Span) -> RawSuggestion {
    let start = (figure(item, "/line_num").unwrap_or(1), figure(item, "/byte_offset").unwrap_or(0).saturating_add(1));
    let length = u32::try_from(typo.len()).unwrap_or(0);
    let word = Span::lines(start, (start.0, start.1.saturating_add(length)), Unit::Byte);
    let word = if start.0 == 0 { place } else { word };
    let certain = list(item, "/corrections").count() == 1;
    let applicability = if certain { Applicability::Unsafe } else { Applicability::Display };
    RawSuggestion::edit("correct the spelling", applicability, word, text(item, "/corrections/0"))
}

fn severity(value: Option<&Value>) -> Severity {
    match value {
        Some(Value::String(word)) => match word.to_ascii_lowercase().as_str() {
            "warning" | "warn" | "medium" => Severity::Warning,
            "info" | "note" | "notice" | "low" | "inventory" => Severity::Info,
            _ => Severity::Error,
        },
        // PMD's priorities: 1 is the worst, 5 the least.
        Some(Value::Number(priority)) => match priority.as_u64() {
            Some(1 | 2) => Severity::Error,
            Some(3 | 4) => Severity::Warning,
            _ => Severity::Info,
        },
        _ => Severity::Error,
    }
}
