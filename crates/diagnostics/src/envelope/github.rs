//! GitHub Actions: every line begins with a time stamp, what a step runs stands in a group, and what failed is marked.
//!
//! Where a problem matcher takes a line, the log has it behind `##[error]`: without that it is the tool's own line again. What was copied
//! off the page of a run has neither stamps nor marks, and what a step runs stands indented below its name. Azure Pipelines, from which the
//! runner comes, marks sections.

use super::{ADD_MATCHER, Bare, Mark, bare};
use crate::text::pattern;

pattern! {
    MARKER = r"^##\[(group|endgroup|error|warning|notice|debug|command|section|add-matcher)\](.*)$";
    EXIT = r"^(?:Process completed with exit code (-?\d+)\.?|(?:Bash|PowerShell|Cmd\.exe) exited with code '(-?\d+)'\.)$";
    // What an action says that ran a program.
    PROCESS = r"^The process '[^']+' failed with exit code (\d+)$";
    // The script of a step is echoed in this colour, at the head of its group.
    SCRIPT = r"^\x1b\[36;1m(.*?)\x1b\[0m$";
}

/// Says whether all lines at the beginning of a text are stamped: one stamped line among others is somebody's own log.
pub(super) fn is_stamped(head: &str) -> bool {
    let head = head.trim_start_matches('\u{feff}');
    let whole = head.rfind('\n').and_then(|end| head.get(..end)).unwrap_or(head);
    let mut lines = whole.lines().filter(|line| !line.trim().is_empty()).take(20).peekable();
    lines.peek().is_some() && lines.all(|line| split(line).is_some())
}

/// What stands in the place of a step that is not known.
const UNKNOWN: &str = " UNKNOWN STEP ";

/// Splits a line into what stands before its stamp and what comes after it.
fn split(line: &str) -> Option<(&str, &str)> {
    if let Some(end) = stamp(line) {
        return Some(("", line.get(end..)?));
    }
    // `gh run view --log` writes the job and the step before the stamp; where tabs were lost, the step that it does not know tells.
    let blank = || line.find(UNKNOWN).map(|at| at + UNKNOWN.len()).filter(|at| line.get(*at..).and_then(stamp).is_some());
    let tab = line.find('\t').and_then(|first| line.get(first + 1..)?.find('\t').map(|second| first + second + 2));
    let (before, stamped) = line.split_at_checked(tab.or_else(blank).unwrap_or(0))?;
    let stamped = stamped.trim_start_matches('\u{feff}');
    let rest = stamped.get(stamp(stamped)?..)?;
    Some((before, rest))
}

/// Returns how long the stamp at the beginning of a line is, with the blank after it: `2024-05-01T10:00:00.1234567Z `.
fn stamp(line: &str) -> Option<usize> {
    const SECONDS: &[u8; 19] = b"0000-00-00T00:00:00";
    // As GitHub writes it, and with that nearly every line.
    const WHOLE: &[u8; 29] = b"0000-00-00T00:00:00.0000000Z ";
    let bytes = line.as_bytes();
    if bytes.first_chunk().is_some_and(|first| looks_like(first, WHOLE)) {
        return Some(WHOLE.len());
    }
    if !looks_like(bytes.first_chunk()?, SECONDS) {
        return None;
    }
    let mut end = SECONDS.len();
    if bytes.get(end) == Some(&b'.') {
        end += 1 + bytes.get(20..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    }
    if bytes.get(end) != Some(&b'Z') {
        return None;
    }
    // The stamps of GitLab are followed by the name of the stream.
    Some(end + 1 + usize::from(bytes.get(end + 1) == Some(&b' ')))
}

/// Says whether bytes are those of a shape, in which a zero stands for any digit.
fn looks_like<const LENGTH: usize>(bytes: &[u8; LENGTH], shape: &[u8; LENGTH]) -> bool {
    // To the end whatever it finds, without a branch: many bytes at once.
    let over = |byte: u8, wanted: u8| byte.wrapping_sub(wanted).saturating_sub(if wanted == b'0' { 9 } else { 0 });
    bytes.iter().zip(shape).fold(0, |all, (byte, wanted)| all | over(*byte, *wanted)) == 0
}

/// What is known while the lines pass.
#[derive(Debug, Default)]
pub(super) struct Peel {
    /// Inside of the group that says what a step runs.
    in_header: bool,
    /// The line at hand has a stamp.
    stamped: bool,
    /// The log marks sections, as Azure Pipelines does.
    has_sections: bool,
    /// What a step runs, by its first line, until that line is there; then what follows is of it, until the settings begin.
    script: Script,
    /// The step that stands before the stamps.
    column: String,
}

/// Where in the head of a step the lines are.
#[derive(Debug, Default, PartialEq)]
enum Script {
    #[default]
    None,
    /// Its first line should be this.
    Begins(String),
    /// In the middle of it.
    GoesOn,
    /// The same on a page, where all is indented.
    OnPage,
    /// After it, up to the first line that is not indented.
    SettingsOnPage,
}

impl Peel {
    /// Returns the text of a line without escapes that has nothing about it but its stamp, as nearly all have: at a fraction of what
    /// [`Self::line`] costs.
    #[inline]
    pub(super) fn plain<'a>(&mut self, raw: &'a str) -> Option<&'a str> {
        if self.in_header || !self.column.is_empty() {
            return None;
        }
        let rest = raw.get(stamp(raw)?..)?;
        // How what belongs to the envelope begins.
        let may_be_marked = matches!(rest.as_bytes().first(), Some(b'#' | b'P' | b'C' | b'S'));
        if may_be_marked {
            return None;
        }
        self.stamped = true;
        // Whatever the tests read shows that it is all of the line.
        debug_assert_eq!(self.line(raw), Bare::text(rest), "{raw:?}");
        Some(rest)
    }

    pub(super) fn line<'a>(&mut self, raw: &'a str) -> Bare<'a> {
        let stamped = split(raw);
        self.stamped = stamped.is_some();
        let (before, rest) = stamped.unwrap_or(("", raw));
        if before.is_empty() && self.column.is_empty() {
            return self.inner(rest);
        }
        let line = self.inner(rest);
        self.in_column(before, line)
    }

    /// Marks a line of a log whose lines name their step.
    fn in_column<'a>(&mut self, before: &str, mut line: Bare<'a>) -> Bare<'a> {
        let mut marks = Vec::new();
        if let Some(step) = before.split('\t').nth(1).filter(|step| *step != self.column && !step.starts_with("UNKNOWN")) {
            step.clone_into(&mut self.column);
            marks.push(begin(step));
        }
        if !self.column.is_empty() {
            // The column names the step better than its group does.
            line.marks.retain(|mark| !matches!(mark, Mark::Step(_) | Mark::Aside(_)));
        }
        marks.append(&mut line.marks);
        Bare { marks, ..line }
    }

    fn inner<'a>(&mut self, rest: &'a str) -> Bare<'a> {
        // Nearly no line is one: cheaper than the pattern.
        if let Some(found) = rest.starts_with("##[").then(|| MARKER.captures(rest)).flatten() {
            let (word, text) = (found.get(1).map_or("", |word| word.as_str()), found.get(2).map_or("", |text| text.as_str()));
            return self.marker(word, text);
        }
        if self.in_header {
            return match SCRIPT.captures(rest) {
                Some(script) => Bare::mark(Mark::Command(script[1].to_owned())),
                None => self.uncoloured(rest),
            };
        }
        if !self.stamped
            && let Some(line) = self.on_page(rest)
        {
            return line;
        }
        if self.has_sections && rest == "Script contents:" {
            (self.in_header, self.script) = (true, Script::GoesOn);
            return Bare::default();
        }
        match rest {
            "Post job cleanup." | "Cleaning up orphan processes" => Bare::mark(Mark::Aside(rest.to_owned())),
            _ => Bare::text(bare(rest)),
        }
    }

    /// Peels a line of the head of a step whose colours are gone: the script begins as the heading of the step says.
    fn uncoloured<'a>(&mut self, rest: &str) -> Bare<'a> {
        let is_output = self.has_sections && rest.ends_with(" Starting Command Output ===========================");
        let is_setting = is_output || rest.starts_with("shell: ") || matches!(rest, "env:" | "with:");
        let is_script = !is_setting
            && match &self.script {
                Script::Begins(first) => rest == first,
                Script::GoesOn => true,
                _ => false,
            };
        self.script = if is_script { Script::GoesOn } else { Script::None };
        self.in_header &= !is_output;
        if is_script { Bare::mark(Mark::Command(rest.to_owned())) } else { Bare::default() }
    }

    /// Peels a line of the head of a step as a page shows it: `Run make`, and below that `  make`.
    fn on_page<'a>(&mut self, rest: &str) -> Option<Bare<'a>> {
        let indented = rest.strip_prefix("  ");
        let is_setting = |line: &str| line.starts_with("shell: ") || matches!(line, "env:" | "with:");
        let script = std::mem::take(&mut self.script);
        match (script, indented) {
            (Script::Begins(first), Some(line)) if *line == first => {
                self.script = Script::OnPage;
                let command = Mark::Command(first.clone());
                Some(Bare::mark(Mark::Step(format!("Run {first}"))).marked(command))
            }
            (Script::OnPage, Some(line)) if !is_setting(line) => {
                self.script = Script::OnPage;
                Some(Bare::mark(Mark::Command(line.to_owned())))
            }
            (Script::OnPage | Script::SettingsOnPage, Some(_)) => {
                self.script = Script::SettingsOnPage;
                Some(Bare::default())
            }
            _ => {
                if let Some(first) = rest.strip_prefix("Run ") {
                    self.script = Script::Begins(first.to_owned());
                }
                let code = rest.strip_prefix("Error: ").and_then(|text| EXIT.captures(text)?.get(1)?.as_str().parse().ok())?;
                Some(Bare::mark(Mark::Exit(code)))
            }
        }
    }

    fn marker<'a>(&mut self, word: &str, text: &'a str) -> Bare<'a> {
        match word {
            "group" if text.starts_with("Run ") => {
                self.in_header = true;
                self.script = Script::Begins(bare(text).trim_start_matches("Run ").to_owned());
                Bare::mark(Mark::Step(bare(text).into_owned()))
            }
            "endgroup" => {
                self.in_header = false;
                Bare::default()
            }
            "section" if text.starts_with("Starting: ") => {
                (self.in_header, self.has_sections) = (false, true);
                Bare::mark(Mark::Step(text.trim_start_matches("Starting: ").to_owned()))
            }
            "error" => match EXIT.captures(text).and_then(|found| found.get(1).or(found.get(2))?.as_str().parse().ok()) {
                Some(code) => Bare::mark(Mark::Exit(code)),
                None if text.starts_with("The operation was cancel")
                    || text.starts_with("The runner has received a shutdown") =>
                {
                    Bare::text(bare(text)).marked(Mark::Cancelled)
                }
                None => {
                    let line = Bare::text(bare(text)).marked(Mark::Error);
                    match PROCESS.captures(text).and_then(|found| found[1].parse().ok()) {
                        Some(code) => line.marked(Mark::Exit(code)),
                        None => line,
                    }
                }
            },
            "add-matcher" => Bare::text(format!("{ADD_MATCHER}{text}")),
            "debug" | "command" | "section" => Bare::default(),
            _ => Bare::text(bare(text)),
        }
    }
}

/// Names a step as the one that it is.
fn begin(step: &str) -> Mark {
    if ["Post ", "Complete job", "Set up job", "Complete runner"].iter().any(|word| step.starts_with(word)) {
        Mark::Aside(step.to_owned())
    } else {
        Mark::Step(step.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_any_digits_and_nothing_else_in_their_places() {
        for digit in ["0", "5", "9"] {
            let whole = "0000-00-00T00:00:00.0000000Z x".replace('0', digit);
            assert_eq!(stamp(&whole), Some(29));
            for (place, _) in whole.match_indices(digit) {
                for other in ["/", ":", "a", "\u{1}"] {
                    let mut changed = whole.clone();
                    changed.replace_range(place..=place, other);
                    assert_eq!(stamp(&changed), None, "{changed}");
                }
            }
        }
        let others =
            ["2024-05-09T19:00:00Z x", "2024-05-09T19:00:00.123Z x", "2024-05-09T19:00:00.1234567Z", "2024-05-09T19:00:00"];
        assert_eq!(others.map(stamp), [Some(21), Some(25), Some(28), None]);
    }
}
