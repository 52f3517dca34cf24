//! gcc and clang as text, with the fix-its that both print when asked to, and what the linker says after them.

use domain::{Applicability, FindingKind, Severity};
use regex::Captures;

use crate::reading::{Reading, number};
use crate::text::{is_path, one_line, pattern};
use crate::{Diagnostic, RawSuggestion, Span, Unit};

pattern! {
    MESSAGE = r"^(.+?):(\d+)(?::(\d+))?: (fatal error|error|warning|note|remark): (.*)$";
    OPTION = r"^(.*?) \[(-W[A-Za-z0-9+=_,#-]+)\]$";
    FIX_IT = r#"^fix-it:"((?:[^"\\]|\\.)*)":\{(\d+):(\d+)-(\d+):(\d+)\}:"((?:[^"\\]|\\.)*)"$"#;
    CLANG_SUMMARY = r"^\d+ (?:warning|error)s?(?: and \d+ errors?)? generated\.$";
    LINKED = r"^(?:\S*ld(?:\.\w+)?: )?([^\s:()]+\.\w+):(\d+): undefined reference";
    // Without debugging the section is named in the place of the line.
    LINKED_FILE = r"^(?:\S*ld(?:\.\w+)?: )?(?:\S+\.o:)?([^\s:()]+\.\w+):\(\.[^)\s]+\): undefined reference";
    UNDEFINED = r"^(?:.*: )?undefined reference to [`'‘](.+)['’]$";
    TWICE = r"^(?:\S*ld(?:\.\w+)?: )?(?:([^\s:()]+\.\w+):(\d+): )?(?:.*: )?multiple definition of [`'‘](.+?)['’]; (?:(?:.*[: ])?([^\s:()]+\.\w+):(\d+): )?(?:.*: )?first defined here$";
    NO_LIBRARY = r"^(?:\S*ld(?:\.\w+)?: )?cannot find -l([\w.+-]+)(?:: No such file or directory)?$";
}

const EXTENSIONS: [&str; 21] = [
    "c", "h", "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "m", "mm", "C", "H", "inc", "inl", "ipp", "tcc", "S", "cu", "cuh",
    "l",
];

/// What fix-its are attached to: the last message, and whether that was a note on a diagnostic.
struct Last {
    index: usize,
    message: String,
    is_note: bool,
    /// The suggestion that this message's fix-its go to, once it has one.
    suggestion: Option<usize>,
}

/// Reads all messages of a compiler of C or C++.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    let is_clang = reading.is_tool("clang") || (!reading.is_tool("gcc") && lines.iter().any(|line| CLANG_SUMMARY.is_match(line)));
    let mut last: Option<Last> = None;
    for line in lines {
        if line.starts_with("fix-it:") {
            if let Some((last, found)) = last.as_mut().zip(FIX_IT.captures(line)) {
                attach(last, &found, is_clang, reading);
            }
        } else if let Some(found) = MESSAGE.captures(line) {
            message(&found, is_clang, &mut last, reading);
        } else {
            linker(line, reading);
        }
    }
}

fn message(found: &Captures<'_>, is_clang: bool, last: &mut Option<Last>, reading: &mut Reading<'_>) {
    let path = &found[1];
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    // `a.py:7:20:7:25: error:` names a range, which no compiler of C does.
    let names_range = path.rsplit_once(':').is_some_and(|(_, last)| last.bytes().all(|byte| byte.is_ascii_digit()));
    if matches!(extension, "py" | "pyi" | "go" | "java" | "rs" | "ts" | "tsx")
        || names_range
        || path.starts_with(char::is_whitespace)
        || !is_path(path)
    {
        return;
    }
    if &found[4] == "note" {
        if let Some(last) = last {
            let unit = if is_clang { Unit::Byte } else { Unit::Display };
            let column = found.get(3).map_or(1, |column| number(column.as_str()).max(1));
            if let Some(diagnostic) = reading.report.diagnostics.get_mut(last.index) {
                diagnostic.relate(&found[5], path, Span::point(number(&found[2]), column, unit));
            }
            *last = Last { index: last.index, message: found[5].to_owned(), is_note: true, suggestion: None };
        }
        return;
    }
    let (text, option) = OPTION.captures(&found[5]).map_or((found[5].to_owned(), None), |found| {
        let option = found[2].rsplit(',').next().unwrap_or_default().replacen("-Werror=", "-W", 1);
        (found[1].to_owned(), Some(option))
    });
    if option.as_deref() == Some("-Wclang-format-violations") {
        *last = None;
        return;
    }
    let is_c = EXTENSIONS.contains(&extension);
    let tool = match (is_clang, is_c) {
        (true, true) => "clang",
        (false, true) => "gcc",
        (_, false) => reading.tool.unwrap_or("compiler"),
    };
    let severity = match &found[4] {
        "warning" => Severity::Warning,
        "remark" => Severity::Info,
        _ => Severity::Error,
    };
    let kind = kind(option.as_deref(), severity);
    let rule = option.unwrap_or_else(|| general_rule(&text, severity).to_owned());
    let unit = if is_clang { Unit::Byte } else { Unit::Display };
    let column = found.get(3).map_or(1, |column| number(column.as_str()).max(1));
    let span = Span::point(number(&found[2]), column, unit);
    reading.push("compiler text", Diagnostic::new(tool, rule, kind, severity, &text).at(path, span));
    *last = Some(Last { index: reading.report.diagnostics.len() - 1, message: text, is_note: false, suggestion: None });
}

/// Returns what kind of problem a compiler's message is.
pub(crate) fn kind(option: Option<&str>, severity: Severity) -> FindingKind {
    match option {
        Some(option) if option.starts_with("-Wdeprecated") => FindingKind::Deprecation,
        Some(_) => FindingKind::Linting,
        None if severity == Severity::Error => FindingKind::BuildError,
        None => FindingKind::Linting,
    }
}

/// Returns the rule of a message that no option controls.
pub(crate) fn general_rule(message: &str, severity: Severity) -> &'static str {
    match severity {
        Severity::Error if message.ends_with(": No such file or directory") || message.ends_with("file not found") => {
            "missing-header"
        }
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "remark",
    }
}

/// Adds a fix-it to the message before it. Its columns count bytes.
fn attach(last: &mut Last, found: &Captures<'_>, is_clang: bool, reading: &mut Reading<'_>) {
    let (Some(path), Some(text)) = (unescaped(&found[1]), unescaped(&found[6])) else { return };
    let start = (number(&found[2]), number(&found[3]));
    let edit = (Some(path), Span::lines(start, (number(&found[4]), number(&found[5])), Unit::Byte), text);
    let Some(diagnostic) = reading.report.diagnostics.get_mut(last.index) else { return };
    if let Some(suggestion) = last.suggestion.and_then(|index| diagnostic.suggestions.get_mut(index)) {
        suggestion.edits.push(edit);
        return;
    }
    // clang prints only fix-its that it is sure of outside of notes; gcc's are guesses at spelling among them.
    let applicability = match (last.is_note, is_clang) {
        (true, _) => Applicability::Display,
        (false, true) => Applicability::Safe,
        (false, false) => Applicability::Unsafe,
    };
    last.suggestion = Some(diagnostic.suggestions.len());
    diagnostic.suggestions.push(RawSuggestion { message: one_line(&last.message), applicability, edits: vec![edit] });
}

/// Returns what a quoted string stands for: `\n`, `\t`, `\\`, `\"` and bytes as three octal digits.
fn unescaped(quoted: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(quoted.len());
    let mut rest = quoted.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next()? {
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            b'r' => bytes.push(b'\r'),
            digit @ b'0'..=b'7' => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(digit) = rest.next_if(|byte| (b'0'..=b'7').contains(byte)) else { break };
                    value = value * 8 + u32::from(digit - b'0');
                }
                bytes.push(u8::try_from(value).ok()?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Reads a line of the linker. It names the line of the source only where that was compiled for debugging.
fn linker(line: &str, reading: &mut Reading<'_>) {
    let error = |rule: &str, message: &str| Diagnostic::new("ld", rule, FindingKind::BuildError, Severity::Error, message);
    if !line.starts_with(char::is_whitespace) {
        if let Some(found) = UNDEFINED.captures(line) {
            let mut diagnostic = error("undefined-reference", &format!("undefined reference to `{}`", &found[1]));
            if let Some(place) = LINKED.captures(line) {
                diagnostic = diagnostic.at(&place[1], Span::line(number(&place[2]).max(1)));
            } else if let Some(place) = LINKED_FILE.captures(line) {
                diagnostic = diagnostic.at(&place[1], None);
            }
            reading.push("linker text", diagnostic);
        } else if let Some(found) = TWICE.captures(line) {
            let mut diagnostic = error("multiple-definition", &format!("multiple definition of `{}`", &found[3]));
            if let Some((path, line)) = found.get(1).zip(found.get(2)) {
                diagnostic = diagnostic.at(path.as_str(), Span::line(number(line.as_str()).max(1)));
            }
            if let Some((path, line)) = found.get(4).zip(found.get(5)) {
                diagnostic.relate("first defined here", path.as_str(), Span::line(number(line.as_str()).max(1)));
            }
            reading.push("linker text", diagnostic);
        } else if let Some(found) = NO_LIBRARY.captures(line) {
            reading.push("linker text", error("missing-library", &format!("cannot find library `{}`", &found[1])));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_names_the_file_without_debugging_too() {
        let mut reading = Reading::new(None);
        text(
            &[
                "/usr/bin/ld: /tmp/ccFmWNoj.o: in function `main':",
                "a.c:(.text+0x5): undefined reference to `missing'",
                "/usr/bin/ld: /tmp/x.o:b.c:(.text.startup+0x9): undefined reference to `other'",
                "/usr/bin/ld: d.o:(.data+0x0): multiple definition of `twice'; b.o:(.data+0x0): first defined here",
                "/r/c.c:3: undefined reference to `third'",
            ],
            &mut reading,
        );
        let told: Vec<_> =
            reading.report.diagnostics.iter().map(|one| (one.path.as_deref(), one.span, one.message.as_str())).collect();
        let undefined = |name: &str| format!("undefined reference to `{name}`");
        assert_eq!(
            told,
            [
                (Some("a.c"), None, &*undefined("missing")),
                (Some("b.c"), None, &*undefined("other")),
                (None, None, "multiple definition of `twice`"),
                (Some("/r/c.c"), Some(Span::line(3)), &*undefined("third")),
            ]
        );
    }

    #[test]
    fn what_names_a_range_is_no_message_of_a_compiler_of_c() {
        let mut reading = Reading::new(None);
        text(&["a.py:7:20:7:25: error: Incompatible types  [assignment]"], &mut reading);
        assert_eq!(reading.report.diagnostics, []);
    }

    #[test]
    fn quoted_text_is_unescaped() {
        assert_eq!(unescaped(r#"a\n\"\\\342\202\254"#).as_deref(), Some("a\n\"\\€"));
        assert_eq!(unescaped(r"\777"), None);
        assert_eq!(unescaped(r"a\"), None);
    }
}
