//! GitLab CI: sections between markers, commands echoed in green, and in newer runners a stamp with the stream on every line.
//!
//! What is copied from the page of a job has neither markers nor colour: there the headings of the sections tell them.

use super::{Bare, Mark, bare};
use crate::text::pattern;

pattern! {
    STAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z [0-9a-f]{2}[OE]([ +]|$)";
    SECTION = r"^section_(start|end):\d+:([^\[\s]+)(?:\[.*\])?$";
    COMMAND = r"^(?:\x1b\[0K)*\x1b\[32;1m\$ (.*?)(?:\x1b\[0;?m)?$";
    HEADING = r#"^(?:Preparing the ".+" (executor)|Preparing (environment)|(Getting source) from Git repository|(Restoring) cache|(Downloading) artifacts|Executing "(\w+)" stage of the job script|Running (after_script)|(Saving cache|Uploading artifacts|Cleaning up)\b.*)$"#;
    FAILED = r"^ERROR: Job failed(?: \((.*?)\))?(?:: (.*))?$";
    CODE = r"^(?:exit (?:code|status)|command terminated with exit code) (\d+)";
}

/// Says whether all lines at the beginning of a text have the stamps of newer runners.
pub(super) fn is_stamped(head: &str) -> bool {
    let mut lines = head.lines().filter(|line| !line.trim().is_empty()).take(20).peekable();
    lines.peek().is_some() && lines.all(|line| STAMP.is_match(line))
}

/// What is known while the lines pass.
#[derive(Debug, Default)]
pub(super) struct Peel {
    /// Its lines have escape sequences: a command that is echoed has its colour.
    is_coloured: bool,
    /// Markers tell its sections.
    is_marked: bool,
    /// The section of the runner's own that is open: what the script folds away within it is part of it.
    open: Option<String>,
}

impl Peel {
    pub(super) fn line<'a>(&mut self, raw: &'a str) -> Bare<'a> {
        let stamp = STAMP.captures(raw);
        let continues = stamp.as_ref().is_some_and(|found| &found[1] == "+");
        let line = stamp.and_then(|found| raw.get(found.get(0)?.end()..)).unwrap_or(raw);
        self.is_coloured = self.is_coloured || line.contains('\x1b');
        self.is_marked = self.is_marked || line.starts_with("section_start:");
        let bare = match self.without_colour(line) {
            Some(mark) => Bare::mark(mark),
            None => self.inner(line),
        };
        Bare { continues, ..bare }
    }

    fn inner<'a>(&mut self, line: &'a str) -> Bare<'a> {
        let text = bare(line);
        let Some(found) = SECTION.captures(text.trim_end()) else { return inner(line) };
        let (is_start, name) = (&found[1] == "start", &found[2]);
        if !is_start {
            self.open.take_if(|open| open == name);
            return Bare::default();
        }
        if self.open.as_deref().is_some_and(|open| is_script(open) && !is_own(name)) {
            return Bare::default();
        }
        self.open = Some(name.to_owned());
        Bare::mark(begin(name))
    }

    /// Reads a command or a heading of a log that has lost its colour.
    fn without_colour(&self, line: &str) -> Option<Mark> {
        if self.is_coloured {
            return None;
        }
        if let Some(command) = line.strip_prefix("$ ").map(str::trim).filter(|command| !command.is_empty()) {
            return Some(Mark::Command(command.to_owned()));
        }
        let found = HEADING.captures(line.trim_end()).filter(|_| !self.is_marked)?;
        let said = found.iter().skip(1).flatten().next()?.as_str();
        Some(begin(match said {
            "executor" => "prepare_executor",
            "environment" => "prepare_script",
            "Getting source" => "get_sources",
            "Restoring" => "restore_cache",
            "Downloading" => "download_artifacts",
            "Saving cache" => "archive_cache",
            "Uploading artifacts" => "upload_artifacts_on_failure",
            "Cleaning up" => "cleanup_file_variables",
            stage => stage,
        }))
    }
}

fn inner(line: &str) -> Bare<'_> {
    let text = bare(line);
    if let Some(found) = COMMAND.captures(line) {
        return Bare::mark(Mark::Command(found[1].to_owned()));
    }
    if let Some(found) = FAILED.captures(text.trim_end()) {
        let why = found.get(2).map_or("", |why| why.as_str());
        if let Some(code) = CODE.captures(why).and_then(|code| code[1].parse().ok()) {
            return Bare::mark(Mark::Exit(code));
        }
        let mark = if why.starts_with("canceled") || why.starts_with("aborted") { Mark::Cancelled } else { Mark::Failed };
        return Bare::text(text).marked(mark);
    }
    if text.trim_end() == "Job succeeded" {
        return Bare::mark(Mark::Passed);
    }
    Bare::text(text)
}

/// Says whether a section is one in which the script of the job runs.
fn is_script(section: &str) -> bool {
    section.starts_with("step_") || matches!(section, "build_script" | "after_script")
}

/// Says whether a section is one that the runner itself opens.
fn is_own(section: &str) -> bool {
    let starts = ["archive_cache", "upload_artifacts_on_"];
    let names = [
        "prepare_executor",
        "prepare_script",
        "get_sources",
        "restore_cache",
        "download_artifacts",
        "resolve_secrets",
        "cleanup_file_variables",
    ];
    is_script(section) || names.contains(&section) || starts.iter().any(|start| section.starts_with(start))
}

/// The script is the step that matters; all other sections prepare it or clean up.
fn begin(section: &str) -> Mark {
    match section {
        "after_script"
        | "cleanup_file_variables"
        | "archive_cache"
        | "archive_cache_on_failure"
        | "upload_artifacts_on_success"
        | "upload_artifacts_on_failure" => Mark::Aside(section.to_owned()),
        _ => Mark::Step(section.to_owned()),
    }
}
