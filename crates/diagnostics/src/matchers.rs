//! Problem matchers: patterns that a project keeps for its own tools (`.github/*.json`), in the form that GitHub's runner reads.
//!
//! What they find is added to what the crate's own readers found: where both tell of a place, the readers know more.

use std::collections::BTreeSet;

use domain::{Files, FindingKind, Severity};
use fancy_regex::{Captures, Regex, RegexBuilder};
use serde::Deserialize;
use serde_json::Value;

use crate::reading::{Reading, number};
use crate::text::cut;
use crate::{Diagnostic, Position, Span, Unit};

/// The matchers of a project.
///
/// ```
/// use diagnostics::{Matchers, Output, read_with};
///
/// let mut matchers = Matchers::default();
/// matchers.read("m.json", r#"{"problemMatcher": [{"owner": "tool", "pattern":
///     [{"regexp": "^(.+)@(\\d+) (.+)$", "file": 1, "line": 2, "message": 3}]}]}"#);
/// let report = read_with(&Output { stdout: b"a.x@3 is odd\n", stderr: b"", tool: None }, &matchers);
/// assert_eq!(report.diagnostics[0].message, "is odd");
/// ```
#[derive(Debug, Default)]
pub struct Matchers {
    all: Vec<Matcher>,
    skipped: Vec<String>,
}

/// One matcher: the lines of its pattern follow each other, and the last may be repeated.
#[derive(Debug)]
struct Matcher {
    owner: String,
    severity: Severity,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    regexp: Regex,
    groups: Groups,
    repeats: bool,
}

#[derive(Debug, Deserialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
struct Groups {
    file: Option<usize>,
    from_path: Option<usize>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    severity: Option<usize>,
    code: Option<usize>,
    message: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    owner: String,
    severity: Option<String>,
    pattern: OneOrMany,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Box<WrittenLine>),
    Many(Vec<WrittenLine>),
}

#[derive(Deserialize)]
struct WrittenLine {
    regexp: String,
    #[serde(flatten)]
    groups: Groups,
    #[serde(default, rename = "loop")]
    repeats: bool,
}

/// A project has no more than this.
const MOST_MATCHERS: usize = 100;
const LARGEST_FILE: usize = 1 << 20;

/// Nothing that a pattern looks for stands further right; and no pattern of a stranger runs for long.
const LONGEST_LINE: usize = 4 * 1024;
const MOST_STEPS: usize = 20_000;

impl Matchers {
    /// Reads the matchers of a tree: every JSON file below `.github` that holds some.
    #[must_use]
    pub fn in_tree(files: &Files) -> Self {
        let mut matchers = Self::default();
        let is_theirs = |path: &&domain::RepoPath| path.as_str().starts_with(".github/") && path.as_str().ends_with(".json");
        for path in files.paths().iter().filter(is_theirs).take(MOST_MATCHERS) {
            if let Some(text) = files.text(path).filter(|text| text.contains("problemMatcher")) {
                matchers.read(path.as_str(), &text);
            }
        }
        matchers
    }

    /// Returns which file of a repository a log means by a name that may be absolute on the machine of the job: the longest end of it that
    /// is a file.
    ///
    /// ```
    /// let named = "/home/runner/work/a/a/ci/house.json";
    /// let found = diagnostics::Matchers::file_of(named, |file| file == "ci/house.json");
    /// assert_eq!(found.as_deref(), Some("ci/house.json"));
    /// ```
    pub fn file_of(named: &str, is_file: impl Fn(&str) -> bool) -> Option<String> {
        let named = named.trim_start_matches("./");
        let ends = named.match_indices('/').filter_map(|(at, _)| named.get(at + 1..));
        std::iter::once(named).chain(ends).filter(|end| !end.is_empty()).take(100).find(|end| is_file(end)).map(str::to_owned)
    }

    /// Reads a file of matchers. What cannot be read is noted, and costs no other.
    pub fn read(&mut self, name: &str, text: &str) {
        let document = if text.len() > LARGEST_FILE { None } else { serde_json::from_str::<Value>(text).ok() };
        let listed = document.as_ref().and_then(|document| document.get("problemMatcher")).and_then(Value::as_array);
        let Some(listed) = listed else {
            self.skipped.push(format!("{name}: not a file of problem matchers"));
            return;
        };
        for value in listed.iter().take(MOST_MATCHERS.saturating_sub(self.all.len())) {
            let read = serde_json::from_value::<Written>(value.clone()).map_err(|error| error.to_string()).and_then(Matcher::new);
            match read {
                Ok(matcher) => self.all.push(matcher),
                Err(error) => self.skipped.push(format!("{name}: a problem matcher: {}", crate::text::one_line(&error))),
            }
        }
    }

    /// Adds what the matchers find in lines of text to a report.
    pub(crate) fn text(&self, lines: &[&str], reading: &mut Reading<'_>) {
        self.skipped.iter().for_each(|what| reading.skip(what));
        if self.all.is_empty() {
            return;
        }
        let mut known: BTreeSet<(String, Option<u32>)> = reading.report.diagnostics.iter().filter_map(place_of).collect();
        for matcher in &self.all {
            for diagnostic in matcher.read(lines) {
                match place_of(&diagnostic) {
                    // Two messages of one matcher about one line are two.
                    Some(place) if known.contains(&place) => improve(&diagnostic, reading),
                    _ => reading.push("problem matcher", diagnostic),
                }
            }
            known.extend(reading.report.diagnostics.iter().filter_map(place_of));
        }
    }
}

/// A reader of any compiler's lines knows neither the tool nor the rule.
fn improve(found: &Diagnostic, reading: &mut Reading<'_>) {
    let place = place_of(found);
    let twin = reading.report.diagnostics.iter_mut().find(|twin| twin.tool == "compiler" && place_of(twin) == place);
    if let Some(twin) = twin {
        *twin = found.clone();
        reading.saw("problem matcher");
    }
}

fn place_of(diagnostic: &Diagnostic) -> Option<(String, Option<u32>)> {
    let line = diagnostic.span.and_then(|span| match span.start {
        Position::LineColumn { line, .. } | Position::LineEnd { line } => Some(line),
        Position::Byte(_) | Position::Chars(_) | Position::Utf16(_) => None,
    });
    let path = diagnostic.path.as_deref()?;
    Some((path.strip_prefix("./").unwrap_or(path).to_owned(), line))
}

impl Matcher {
    fn new(written: Written) -> Result<Self, String> {
        let lines = match written.pattern {
            OneOrMany::One(line) => vec![*line],
            OneOrMany::Many(lines) => lines,
        };
        let compiled = |line: WrittenLine| {
            let regexp =
                RegexBuilder::new(&line.regexp).backtrack_limit(MOST_STEPS).build().map_err(|error| error.to_string())?;
            Ok(Line { regexp, groups: line.groups, repeats: line.repeats })
        };
        let lines: Vec<Line> = lines.into_iter().map(compiled).collect::<Result<_, String>>()?;
        if lines.is_empty() || lines.len() > 10 || !lines.iter().any(|line| line.groups.message.is_some()) {
            return Err(format!("{}: no pattern that names a message", written.owner));
        }
        Ok(Self { owner: written.owner, severity: severity(written.severity.as_deref().unwrap_or("error")), lines })
    }

    fn read(&self, lines: &[&str]) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            let used = self.message(lines.get(at..).unwrap_or_default(), &mut found);
            at += used.max(1);
        }
        found
    }

    /// Reads a message that begins with the first of some lines, and says how many it took.
    fn message(&self, lines: &[&str], found: &mut Vec<Diagnostic>) -> usize {
        let mut parts: Vec<(&Line, Captures<'_>)> = Vec::new();
        for (line, text) in self.lines.iter().zip(lines) {
            let Some(captures) = matched(line, text) else { return 0 };
            parts.push((line, captures));
        }
        if parts.len() < self.lines.len() {
            return 0;
        }
        found.extend(self.diagnostic(&parts));
        let mut used = parts.len();
        while let Some((last, next)) = self.lines.last().filter(|last| last.repeats).zip(lines.get(used)) {
            let Some(captures) = matched(last, next) else { break };
            parts.pop();
            parts.push((last, captures));
            found.extend(self.diagnostic(&parts));
            used += 1;
        }
        used
    }

    fn diagnostic(&self, parts: &[(&Line, Captures<'_>)]) -> Option<Diagnostic> {
        // What a later line of the pattern names counts more.
        let named = |group: fn(&Groups) -> Option<usize>| {
            parts
                .iter()
                .rev()
                .find_map(|(line, found)| Some(found.get(group(&line.groups)?)?.as_str()))
                .filter(|text| !text.is_empty())
        };
        let message = named(|groups| groups.message)?;
        let severity = named(|groups| groups.severity).map_or(self.severity, severity);
        let rule = named(|groups| groups.code).unwrap_or("message");
        let diagnostic = Diagnostic::new(self.owner.as_str(), rule, FindingKind::Linting, severity, message);
        let Some(path) = named(|groups| groups.file) else { return Some(diagnostic) };
        let folder = named(|groups| groups.from_path).and_then(|path| path.rsplit_once('/')).map(|(folder, _)| folder);
        let path = match folder {
            Some(folder) if !path.starts_with('/') => format!("{folder}/{path}"),
            _ => path.to_owned(),
        };
        let figure = |group| named(group).map(number).filter(|figure| *figure > 0);
        let span = figure(|groups| groups.line).map(|line| {
            let start = (line, figure(|groups| groups.column).unwrap_or(1));
            let end = figure(|groups| groups.end_column).map(|column| (figure(|groups| groups.end_line).unwrap_or(line), column));
            Span::lines(start, end.unwrap_or(start).max(start), Unit::Char)
        });
        Some(diagnostic.at(path, span))
    }
}

/// Returns how a line matches; one on which the pattern takes too long does not.
fn matched<'a>(line: &Line, text: &'a str) -> Option<Captures<'a>> {
    line.regexp.captures(cut(text, LONGEST_LINE)).ok().flatten()
}

fn severity(word: &str) -> Severity {
    match word.to_ascii_lowercase().as_str() {
        "warning" | "warn" => Severity::Warning,
        "notice" | "info" | "information" | "note" => Severity::Info,
        _ => Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Output, read_with};

    fn told(matchers: &str, text: &str) -> (Vec<String>, Vec<String>) {
        let mut all = Matchers::default();
        all.read("m.json", matchers);
        let report = read_with(&Output { stdout: text.as_bytes(), stderr: b"", tool: None }, &all);
        let told = |one: &Diagnostic| {
            let place = place_of(one).map_or(String::new(), |(path, line)| format!("{path}:{}", line.unwrap_or(0)));
            format!("{} {} {} {place} {}", one.tool, one.rule, one.severity, one.message)
        };
        (report.diagnostics.iter().map(told).collect(), report.skipped)
    }

    /// As `actions/setup-node` has it for eslint, and `actions/setup-dotnet` for the compiler, with a look-behind.
    #[test]
    fn patterns_of_one_line_and_of_several_are_read() {
        let matchers = r#"{"problemMatcher": [
            {"owner": "stylish", "pattern": [
                {"regexp": "^([^\\s].*)$", "file": 1},
                {"regexp": "^\\s+(\\d+):(\\d+)\\s+(error|warning|info)\\s+(.*)\\s\\s+(.*)$", "line": 1, "column": 2, "severity": 3, "message": 4, "code": 5, "loop": true}]},
            {"owner": "house", "severity": "warning", "pattern":
                {"regexp": "^([^\\s].*)\\((\\d+)\\):\\s+([a-zA-Z]+(?<!MSB)\\d+):\\s*(.*?) \\[(.*?)\\]$", "file": 1, "line": 2, "code": 3, "message": 4, "fromPath": 5}}]}"#;
        let text = "src/a.zig\n  3:4  error  no good  the-rule\n  5:1  warning  so so  other\n\nx/y.q(7): HS12: odd é [sub/z.proj]\nx.q(1): MSB1: no [a]\n";
        let (told, skipped) = told(matchers, text);
        assert_eq!(
            told,
            [
                "stylish the-rule error src/a.zig:3 no good",
                "stylish other warning src/a.zig:5 so so",
                "house HS12 warning sub/x/y.q:7 odd é"
            ]
        );
        assert!(skipped.is_empty(), "{skipped:?}");
    }

    #[test]
    fn what_the_readers_know_better_stays_and_what_they_cannot_name_is_named() {
        let matchers = r#"{"problemMatcher": [{"owner": "own", "pattern": [
            {"regexp": "^(.+?):(\\d+):\\d+: (error): (.*?)(?: <(\\w+)>)?$", "file": 1, "line": 2, "severity": 3, "message": 4, "code": 5}]}]}"#;
        let (told, _) = told(matchers, "a.c:1:2: error: expected ';'\nb.zz:4:1: error: odd <Q7>\n");
        assert_eq!(told, ["gcc error error a.c:1 expected ';'", "own Q7 error b.zz:4 odd"]);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_costs_no_other() {
        let matchers = r#"{"problemMatcher": [{"owner": "a", "pattern": [{"regexp": "(", "message": 1}]}, {"owner": "b", "pattern": []},
            {"owner": "c", "pattern": [{"regexp": "^C (.*)$", "message": 1}]}]}"#;
        let (told, skipped) = told(matchers, "C is here\n");
        assert_eq!((told.as_slice(), skipped.len()), (["c message error  is here".to_owned()].as_slice(), 2));
        // A pattern that never ends is cut off.
        let (told, _) = self::told(
            r#"{"problemMatcher": [{"owner": "a", "pattern": [{"regexp": "^(?=(a+)+$)(\\1)*b$", "message": 1}]}]}"#,
            &format!("{}\n", "a".repeat(3_000)).repeat(50),
        );
        assert!(told.is_empty());
    }
}
