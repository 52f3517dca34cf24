//! Reports of linters in XML beside Checkstyle's: cppcheck's and PMD's. Patterns read them, so that what breaks off is read as far as
//! it goes.

use domain::{FindingKind, Severity};

use super::checkstyle::{attribute, without};
use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

pattern! {
    CPPCHECK = r#"<(error|location)((?:\s+[\w:-]+\s*=\s*"[^"]*")*)\s*/?>"#;
    PMD = r#"(?s)<(file|violation)((?:\s+[\w:-]+\s*=\s*"[^"]*")*)\s*>(?:\s*([^<]*))?"#;
}

/// Reads all reports that stand in a text, and returns the text around them.
pub(crate) fn xml(text: String, reading: &mut Reading<'_>) -> String {
    let text = without(text, ("<results version=", "</results>"), "a cppcheck report breaks off", reading, cppcheck);
    without(text, ("<pmd ", "</pmd>"), "a PMD report breaks off", reading, pmd)
}

fn cppcheck(report: &str, reading: &mut Reading<'_>) {
    reading.saw("cppcheck xml");
    let mut open: Option<Diagnostic> = None;
    for element in CPPCHECK.captures_iter(report) {
        let of = |name: &str| attribute(&element[2], name).unwrap_or_default();
        if &element[1] == "error" {
            push(open.take(), reading);
            let severity = match of("severity").as_str() {
                "error" => Severity::Error,
                "information" | "style" => Severity::Info,
                _ => Severity::Warning,
            };
            open = Some(Diagnostic::new("cppcheck", of("id"), FindingKind::Linting, severity, &of("msg")));
        } else if let Some(found) = &mut open {
            let place = place(&of("line"), &of("column"), None, Unit::Byte);
            // The first place is where it is; the others lead to it.
            if found.path.is_none() {
                (found.path, found.span) = (Some(of("file")), place);
            } else {
                found.relate(&of("info"), of("file"), place);
            }
        }
    }
    push(open, reading);
}

fn push(found: Option<Diagnostic>, reading: &mut Reading<'_>) {
    if let Some(found) = found {
        reading.push("cppcheck xml", found);
    }
}

fn pmd(report: &str, reading: &mut Reading<'_>) {
    reading.saw("pmd xml");
    let mut path = String::new();
    for element in PMD.captures_iter(report) {
        let of = |name: &str| attribute(&element[2], name).unwrap_or_default();
        if &element[1] == "file" {
            path = of("name");
            continue;
        }
        let severity = match of("priority").as_str() {
            "1" | "2" => Severity::Error,
            "5" => Severity::Info,
            _ => Severity::Warning,
        };
        let message = super::checkstyle::unescaped(element.get(3).map_or("", |text| text.as_str()));
        let end = (of("endline"), of("endcolumn"));
        let place = place(&of("beginline"), &of("begincolumn"), Some(&end), Unit::Utf16);
        let diagnostic = Diagnostic::new("pmd", of("rule"), FindingKind::Linting, severity, &message);
        reading.push("pmd xml", diagnostic.at(&path, place).explained_at(&of("externalInfoUrl")));
    }
}

fn place(line: &str, column: &str, end: Option<&(String, String)>, unit: Unit) -> Option<Span> {
    let start = (Some(number(line)).filter(|line| *line > 0)?, number(column).max(1));
    let end = end.map_or(start, |(line, column)| (number(line), number(column))).max(start);
    Some(Span::lines(start, end, unit))
}
