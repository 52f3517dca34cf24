//! Python's tracebacks: what was raised, and the last line of the project that led there.

use domain::{FindingKind, Severity};

use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span};

pattern! {
    FRAME = r#"^\s*File "(.+?)", line (\d+)(?:, in .*)?$"#;
    RAISED = r"^((?:[A-Za-z_]\w*\.)*[A-Z]\w*)(?:: (.*))?$";
    CHAINED = r"^(?:During handling of the above exception|The above exception was the direct cause)";
    LOGGED = r"\b(?:ERROR|WARNING|WARN|CRITICAL|Exception ignored|Exception occurred|Retrying|retrying)\b";
    COMPILEALL = r"^(?:Sorry: )?(SyntaxError|IndentationError|TabError): (.*) \((.+?), line (\d+)\)$";
    // An exception group draws a tree: what it holds stands behind bars.
    BARS = r"^\s*(?:\| )*(?:\+ |\| )";
    PART = r"^\s*(?:\| )*\+-\+?-*(?: \d+ )?-*$";
    COMPILING = r"^\*\*\* Error compiling '(.+)'\.\.\.$";
}

/// An exception that nothing caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raised {
    /// Its class, without its module.
    pub(crate) exception: String,
    /// Its text.
    pub(crate) message: String,
    /// The last frame that is not the library's.
    pub(crate) place: Option<(String, u32)>,
}

impl Raised {
    /// Says whether a fixer may mend this wherever it is raised: a module or name that cannot be found, or text that does not parse.
    pub(crate) fn is_of_the_code(&self) -> bool {
        self.kind() == FindingKind::ImportError || is_syntax(&self.exception)
    }

    fn kind(&self) -> FindingKind {
        match self.exception.as_str() {
            "ModuleNotFoundError" | "NameError" | "UnboundLocalError" => FindingKind::ImportError,
            "ImportError" if !self.message.starts_with("Failed to import test module") => FindingKind::ImportError,
            "AttributeError" if self.message.starts_with("module ") => FindingKind::ImportError,
            _ => FindingKind::BuildError,
        }
    }

    /// Returns it as a diagnostic.
    pub(crate) fn diagnostic(&self) -> Diagnostic {
        let message = if self.message.is_empty() { &self.exception } else { &self.message };
        let diagnostic = Diagnostic::new("python", &self.exception, self.kind(), Severity::Error, message);
        match &self.place {
            Some((path, line)) => diagnostic.at(path, Span::line(*line)),
            None => diagnostic,
        }
    }
}

/// Says whether an exception means that a file does not parse.
pub(crate) fn is_syntax(exception: &str) -> bool {
    matches!(exception, "SyntaxError" | "IndentationError" | "TabError")
}

/// Says whether a file belongs to Python or to an installed package, not to the project.
pub(crate) fn is_library(path: &str) -> bool {
    path.starts_with('<')
        || ["/site-packages/", "/dist-packages/", "/lib/python3", "/lib64/python3"].iter().any(|part| path.contains(part))
}

/// Splits `pkg.SomeError: text` into the class and the text.
pub(crate) fn split_raised(line: &str) -> Option<(String, String)> {
    let found = RAISED.captures(line)?;
    let exception = found[1].rsplit('.').next().unwrap_or_default().to_owned();
    Some((exception, found.get(2).map_or(String::new(), |text| text.as_str().to_owned())))
}

/// Returns all that was raised and not followed by another exception of the same chain, in order, each with the line where it stands.
pub(crate) fn raised(lines: &[&str]) -> Vec<(usize, Raised)> {
    let mut all: Vec<(usize, Raised)> = Vec::new();
    let mut place: Option<(String, u32)> = None;
    let mut in_frames = false;
    for (index, line) in lines.iter().enumerate() {
        if PART.is_match(line) {
            // The group itself is what its parts are.
            if all.last().is_some_and(|(_, raised)| raised.exception.ends_with("ExceptionGroup")) {
                all.pop();
            }
            continue;
        }
        let line = behind_bars(line);
        if let Some(found) = FRAME.captures(line) {
            in_frames = true;
            if !is_library(&found[1]) {
                place = Some((found[1].to_owned(), number(&found[2])));
            }
        } else if line.starts_with("Traceback (most recent call last)")
            || line.starts_with("Exception Group Traceback (most recent")
        {
            (in_frames, place) = (true, None);
        } else if CHAINED.is_match(line) {
            all.pop();
        } else if in_frames && !line.is_empty() && !line.starts_with(char::is_whitespace) {
            in_frames = false;
            if let Some((exception, message)) = split_raised(line) {
                all.push((index, Raised { exception, message, place: place.take() }));
            }
        }
    }
    all
}

/// Returns a line without the bars of an exception group.
fn behind_bars(line: &str) -> &str {
    if !line.trim_start().starts_with(['|', '+']) {
        return line;
    }
    BARS.find(line).and_then(|bars| line.get(bars.end()..)).unwrap_or(line)
}

/// Says whether the traceback that ends at a line was written by a log: a line with its level stands directly above.
fn is_logged(lines: &[&str], end: usize) -> bool {
    let begins = |line: &str| line.starts_with("Traceback (most recent call last)");
    let before = lines.get(..end).unwrap_or_default();
    let start = before.iter().rposition(|line| begins(line)).and_then(|at| at.checked_sub(1));
    start.and_then(|at| lines.get(at)).is_some_and(|line| LOGGED.is_match(line))
}

/// Reads what was raised outside of tests, and in tests what a fixer may mend.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    // A runner that ran none was stopped by what it says.
    let tests = &reading.report.tests;
    let in_tests = tests.framework.is_some() && (tests.passed > 0 || tests.failed > 0 || tests.skipped > 0);
    let all = raised(lines);
    let last = all.last().map(|(index, _)| *index);
    for (index, raised) in all {
        // What ends the process comes last; what was logged before was caught.
        if Some(index) != last && is_logged(lines, index) {
            continue;
        }
        // A traceback through the library alone is a broken tool, not the code that it was to look at.
        if raised.place.is_some() && (raised.is_of_the_code() || !in_tests) {
            reading.push("python traceback", raised.diagnostic());
        }
    }
    let mut compiling = None;
    for line in lines {
        if let Some(found) = COMPILING.captures(line) {
            compiling = Some(found[1].to_owned());
        } else if let Some(found) = COMPILEALL.captures(line) {
            let place = Some((compiling.take().unwrap_or_else(|| found[3].to_owned()), number(&found[4])));
            let raised = Raised { exception: found[1].to_owned(), message: found[2].to_owned(), place };
            reading.push("python traceback", raised.diagnostic());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_exception_group_its_parts_count() {
        let text = "  + Exception Group Traceback (most recent call last):\n  |   File \"/r/run.py\", line 12, in main\n  |     async with \
                    group:\n  | ExceptionGroup: unhandled errors (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback \
                    (most recent call last):\n    |   File \"/r/run.py\", line 7, in fetch\n    | ValueError: bad job 2\n    \
                    +---------------- 2 ----------------\n    | Traceback (most recent call last):\n    |   File \"/r/b.py\", line 3, in \
                    f\n    | KeyError: 'x'\n    +------------------------------------\n";
        let lines: Vec<&str> = text.lines().collect();
        let all: Vec<_> = raised(&lines).into_iter().map(|(_, raised)| (raised.exception, raised.place)).collect();
        assert_eq!(all, [("ValueError".into(), Some(("/r/run.py".into(), 7))), ("KeyError".into(), Some(("/r/b.py".into(), 3)))]);
    }

    #[test]
    fn only_the_end_of_a_chain_counts() {
        let text = "Traceback (most recent call last):\n  File \"/r/a.py\", line 1, in f\n    x\nKeyError: 'a'\n\nDuring handling of the above \
                    exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/r/b.py\", line 2, in g\n  File \
                    \"/usr/lib/python3.11/json/x.py\", line 9, in h\npkg.BadError: no\n";
        let lines: Vec<&str> = text.lines().collect();
        let all: Vec<_> = raised(&lines).into_iter().map(|(_, raised)| raised).collect();
        let bad = Raised { exception: "BadError".into(), message: "no".into(), place: Some(("/r/b.py".into(), 2)) };
        assert_eq!(all, [bad]);
    }
}
