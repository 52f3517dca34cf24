//! What `read` shows to a person: the answer first, then why, then the findings.

use diagnostics::{LogReport, Outcome};

use super::document::location;
use crate::engines::repairs;

/// More are counted, and shown with `--json`.
const MOST_SHOWN: usize = 50;

/// Returns what was read, as text.
pub(super) fn of(read: &LogReport, explain: bool) -> String {
    let mut text = headline(read);
    let mut line = |name: &str, value: &str| text += &format!("{name:<9} {}\n", value.replace('\n', "\n          "));
    if let Some(command) = read.command.as_deref().or(read.step.as_deref()) {
        line("command", command);
    }
    if let Some(code) = read.exit_code {
        line("exit code", &code.to_string());
    }
    let tests = &read.report.tests;
    if let Some(framework) = &tests.framework {
        let run = tests.stated.unwrap_or_else(|| tests.ran());
        let failed = tests.failed.saturating_sub(tests.errors);
        line("tests", &format!("{framework}: {run} run, {failed} failed, {} errors, {} skipped", tests.errors, tests.skipped));
    }
    if let Some(repairs) = read.decision.and_then(|decision| repairs::of(decision.class, decision.rule, &read.report)) {
        let by = repairs.tool.then_some("what the tool offers itself").into_iter();
        line("repairs", &by.chain(repairs.fixers.iter().copied()).collect::<Vec<_>>().join(", "));
    }
    text += &listed("failing tests", read.report.failing.iter().map(String::clone));
    text += &because(read);
    text += &listed(
        "findings",
        read.report.diagnostics.iter().map(|one| {
            let place = location(one).unwrap_or_else(|| "-".to_owned());
            format!("{place}  {} {} {} ({})", one.severity, one.rule, one.message, one.tool)
        }),
    );
    text += &listed("crashes", read.crashes.iter().map(|crash| format!("{} {}: {}", crash.reporter, crash.class, crash.message)));
    if explain {
        let told = read.tellings.iter().map(|told| format!("{}  {} [{}] {}", span(told.lines), told.rule, told.class, told.text));
        text += &listed("what the rules matched", told);
    }
    for skipped in &read.report.skipped {
        text += &format!("not read: {skipped}\n");
    }
    text
}

fn headline(read: &LogReport) -> String {
    let mark = match read.outcome {
        Outcome::Passed => "✔",
        Outcome::Failed | Outcome::Cancelled => "✘",
        Outcome::Unknown => "?",
    };
    let said = match (read.outcome, read.decision) {
        (Outcome::Unknown, None) if read.report.formats.is_empty() => "nothing in it was recognised".to_owned(),
        (outcome, None) => outcome.name().to_owned(),
        (outcome, Some(decision)) => format!("{}: {} ({} %)", outcome.name(), decision.class, decision.confidence),
    };
    let step = read.step.as_deref().map(|step| format!(" in step \"{step}\"")).unwrap_or_default();
    format!("{mark} {said}{step} [{}]\n", read.dialect.name())
}

/// Shows the lines that explain the failure.
fn because(read: &LogReport) -> String {
    let lines = read.explaining.iter().zip(&read.explaining_texts);
    listed("explained by", lines.map(|(lines, text)| format!("{}  {text}", span(*lines)).trim_end().to_owned()))
}

fn span((first, last): (u64, u64)) -> String {
    if first == last { format!("line {first}") } else { format!("lines {first}-{last}") }
}

fn listed(title: &str, lines: impl ExactSizeIterator<Item = String>) -> String {
    let count = lines.len();
    if count == 0 {
        return String::new();
    }
    let mut text = format!("\n{title} ({count})\n");
    text.extend(lines.take(MOST_SHOWN).map(|line| format!("  {line}\n")));
    if count > MOST_SHOWN {
        text += &format!("  and {} more: --json has them all\n", count - MOST_SHOWN);
    }
    text
}
