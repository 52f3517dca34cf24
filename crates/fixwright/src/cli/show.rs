use std::sync::Arc;

use domain::{Digest, Evidence};

use super::{Usage, screen};
use crate::app::App;
use crate::exit;
use crate::pipeline::{self, document::CaseLine};
use crate::progress::plain;

/// Shows the story of a case on one screen
///
/// Its findings, what was tried, what every gate said, and where it went. Without CASE: the latest case of this repository that was
/// not delivered.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The number of the case, or the start of its id
    case: Option<String>,
    /// Print the whole output that the evidence of this gate keeps
    #[arg(long, value_name = "GATE")]
    output: Option<String>,
    /// Print the patch that a person must approve first, and nothing else
    #[arg(long, conflicts_with_all = ["output", "json"])]
    patch: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &Arc<App>, args: Args) -> anyhow::Result<u8> {
    let stored = match &args.case {
        Some(name) => app.store.find_case(name).await?,
        None => {
            let repository = crate::workspace::Repository::open(&app.git, std::path::Path::new("."))?;
            let session = app.store.latest(&repository.name()).await?;
            let cases = match session {
                Some(session) => app.store.cases(session.id).await?,
                None => Vec::new(),
            };
            let open = cases.iter().position(|stored| stored.case.status() != "delivered").unwrap_or(0);
            cases.into_iter().nth(open)
        }
    };
    let Some(stored) = stored else {
        let problem = args
            .case
            .map_or_else(|| "no case is known for this repository".to_owned(), |name| format!("there is no case `{name}`"));
        return Err(Usage { problem, hint: "see the numbers with `fixwright report`".to_owned() }.into());
    };
    let mut line = pipeline::case_line(&stored);
    if args.patch {
        let Some(digest) = line.candidate else {
            let hint =
                "a case keeps its patch where the reason is needs_approval; what was delivered is on its branch".to_owned();
            return Err(Usage { problem: format!("case {} waits for no approval", stored.number), hint }.into());
        };
        screen::print_bytes(&kept(app, digest, "the patch")?)?;
        return Ok(exit::DONE);
    }
    line.diff = line.candidate.and_then(|digest| Some(String::from_utf8_lossy(&app.artifacts.get(digest).ok()?).into_owned()));
    if let Some(gate) = args.output {
        let digest = line.gates.iter().find(|one| one.gate.to_string() == gate).and_then(|one| one.evidence);
        let Some(digest) = digest else {
            let hint = "gates that ran a command keep its output: build, reproduce, regress, rescan".to_owned();
            return Err(Usage { problem: format!("case {} keeps no output of the gate `{gate}`", stored.number), hint }.into());
        };
        screen::print(&String::from_utf8_lossy(&kept(app, digest, "the output")?))?;
        return Ok(exit::DONE);
    }
    if args.json {
        screen::print_json(&line)?;
    } else {
        let events = app.store.events(stored.session, &stored.case.id).await?;
        screen::print(&story(&line, &events))?;
    }
    Ok(exit::DONE)
}

/// Returns a blob, which a user may have deleted to make room.
fn kept(app: &App, digest: Digest, what: &str) -> anyhow::Result<Vec<u8>> {
    app.artifacts.get(digest).map_err(|error| match error.root_cause().downcast_ref::<std::io::Error>() {
        Some(gone) if gone.kind() == std::io::ErrorKind::NotFound => {
            let problem = format!("{what} is not kept any more");
            Usage { problem, hint: "give the command again that it is of, such as `fixwright fix`".to_owned() }.into()
        }
        _ => error,
    })
}

fn story(case: &CaseLine, events: &[(String, domain::Event)]) -> String {
    const SHOWN: usize = 12;
    let mut text = format!("case {} ({}): {}\n", case.number, case.id, plain(&case.title));
    text += &match (&case.branch, &case.commit, case.reason) {
        (Some(branch), Some(commit), _) => format!("delivered: commit {} on {branch}\n", commit.get(..12).unwrap_or(commit)),
        (_, _, Some(reason)) => format!("{}: {reason} ({})\n", case.status, reason.code()),
        _ => format!("{}\n", case.status),
    };
    text += &format!("\nfindings ({}):\n", case.findings.len());
    for finding in case.findings.iter().take(SHOWN) {
        let place = match (&finding.path, finding.line) {
            (Some(path), Some(line)) => format!("{path}:{line}"),
            (Some(path), None) => path.clone(),
            _ => "-".to_owned(),
        };
        text += &format!("  {}  {place}  {} {}\n", finding.id, finding.rule, plain(&finding.message));
    }
    if case.findings.len() > SHOWN {
        text += &format!("  and {} more (--json shows all)\n", case.findings.len() - SHOWN);
    }
    if !case.attempts.is_empty() {
        text += &format!("\nattempts ({}):\n", case.attempts.len());
        let mut told = std::collections::BTreeMap::<String, usize>::new();
        for attempt in &case.attempts {
            let why = attempt.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            let line = format!(
                "{} {}: {} — {}{why}",
                attempt.engine,
                attempt.author,
                plain(&attempt.explanation),
                attempt.status.as_str()
            );
            *told.entry(line).or_default() += 1;
        }
        for (line, times) in told.iter().take(SHOWN) {
            let times = if *times > 1 { format!(" ({times} times)") } else { String::new() };
            text += &format!("  {line}{times}\n");
        }
        if told.len() > SHOWN {
            text += &format!("  and {} more\n", told.len() - SHOWN);
        }
    }
    if !case.gates.is_empty() {
        text += "\n";
        text += &gates(&case.gates);
    }
    if let (Some(patch), Some(digest)) = (&case.diff, case.candidate) {
        text += &format!("\nthe patch that a person must approve first, {digest}:\n\n{}", plain(patch));
        text += &format!(
            "\nto approve it:\n  fixwright show {} --patch > change.diff\n  fixwright verify --patch change.diff --approve {digest}\n  \
             git apply change.diff\nor pass such things in [policy.capabilities] of fixwright.toml\n",
            case.number
        );
    }
    text += "\nevents:\n";
    for (at, event) in events {
        let name =
            serde_json::to_value(event).ok().and_then(|value| value["event"].as_str().map(str::to_owned)).unwrap_or_default();
        text += &format!("  {at}  {name}\n");
    }
    text
}

/// Returns the table of what every gate said.
pub(super) fn gates(gates: &[Evidence]) -> String {
    let mut text = "gates:\n".to_owned();
    for one in gates {
        let mark = match one.verdict {
            domain::Verdict::Pass => "✔",
            domain::Verdict::Fail => "✘",
            domain::Verdict::Inconclusive => "?",
            domain::Verdict::NotApplicable => "-",
        };
        let ran = match (&one.command, one.exit_code) {
            (Some(command), Some(code)) => format!("  [{}; exit {code}; {:.1} s]", plain(command), one.seconds),
            (Some(command), None) => format!("  [{}; ended by a signal or a limit; {:.1} s]", plain(command), one.seconds),
            _ => String::new(),
        };
        let reason = one.reason.map(|reason| format!(" ({})", reason.code())).unwrap_or_default();
        text += &format!("  {mark} {:<10} {}{reason}: {}{ran}\n", one.gate.to_string(), one.verdict, plain(&one.detail));
    }
    text
}
