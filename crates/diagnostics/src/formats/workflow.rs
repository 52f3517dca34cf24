//! GitHub's workflow commands (`::error file=a.py,line=1::text`): how any step may report a place.

use domain::{FindingKind, Severity};

use super::ruff;
use crate::reading::{Reading, number};
use crate::text::{pattern, percent_decoded};
use crate::{Diagnostic, Span, Unit};

pattern! {
    COMMAND = r"^::(error|warning|notice)(?: ([^:]*(?::[^:]+)*?))?::(.*)$";
    // `a.py:1:8: F401 text`, which many tools repeat in the message.
    REPEATED = r"^\S+?:\d+(?::\d+)?: (.*)$";
    CODE = r"\(([A-Za-z][\w./-]*)\)$|^([A-Z]{1,6}\d{2,5})\b";
}

/// Reads all commands that name a file.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    for line in lines.iter().filter(|line| line.starts_with("::")) {
        let Some(found) = COMMAND.captures(line) else { continue };
        let parameters = found.get(2).map_or("", |parameters| parameters.as_str());
        let parameter = |name: &str| {
            let mut all = parameters.split(',').filter_map(|part| part.trim().split_once('='));
            all.find(|(key, _)| *key == name).map(|(_, value)| percent_decoded(value).into_owned())
        };
        let Some(path) = parameter("file").filter(|path| !path.is_empty()) else { continue };
        let title = parameter("title").unwrap_or_default();
        let message = percent_decoded(&found[3]).into_owned();
        // What follows on more lines is advice.
        let message = message.lines().next().unwrap_or_default();
        let message = REPEATED.captures(message).and_then(|inner| Some(inner.get(1)?.as_str())).unwrap_or(message);
        let code = CODE.captures(&title).or_else(|| CODE.captures(message));
        let code = code.and_then(|code| Some(code.get(1).or(code.get(2))?.as_str().to_owned()));
        // `lint/suspicious/noDebugger`, `eslint(no-debugger)`: the rule of a linter that names none else.
        let code = code.or_else(|| title.strip_prefix("lint/").and_then(|rule| rule.rsplit('/').next()).map(str::to_owned));
        let title = if title.starts_with("lint/") { "biome".to_owned() } else { title };
        // oxlint names the plug-in before the rule, and counts bytes.
        let is_oxlint = title.split_once('(').is_some_and(|(plugin, rule)| !plugin.contains(' ') && rule.ends_with(')'));
        let title = if is_oxlint { "oxlint".to_owned() } else { title };
        let unit = if is_oxlint { Unit::Byte } else { Unit::Char };
        let tool = title.split([' ', '(']).next().filter(|word| !word.is_empty()).map(str::to_ascii_lowercase);
        let tool = reading.tool.map(str::to_owned).or(tool.filter(|_| code.is_some())).unwrap_or_else(|| "workflow".to_owned());
        let severity = match &found[1] {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Info,
        };
        let rule = code.unwrap_or_else(|| "message".to_owned());
        let message = message.strip_prefix(&rule).map_or(message, |rest| rest.trim_start_matches([':', ' ']));
        let figure = |name: &str| parameter(name).map(|value| number(&value)).filter(|number| *number > 0);
        let place = figure("line").map(|line| {
            let start = (line, figure("col").unwrap_or(1));
            let end = (figure("endLine").unwrap_or(line), figure("endColumn").unwrap_or(start.1)).max(start);
            Span::lines(start, end, unit)
        });
        let kind = if tool == "ruff" { ruff::kind(&rule) } else { FindingKind::Linting };
        reading.push("workflow commands", Diagnostic::new(tool, rule, kind, severity, message).at(path, place));
    }
}
