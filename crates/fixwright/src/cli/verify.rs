use std::path::PathBuf;
use std::sync::Arc;

use super::{input, screen};
use crate::app::App;
use crate::exit;
use crate::pipeline::{self, Judgement};

/// Walks anyone's patch up the gates and prints the evidence; delivers nothing
///
/// The patch is against the commit at HEAD, as a unified diff or in any other form that `fixwright apply` reads. The exit code is 0 when every gate was passed, 1 when one was not.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The repository, or a folder in it
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The patch; `-` is standard input
    #[arg(long, value_name = "FILE")]
    patch: PathBuf,
    /// Approve what this patch, and no other, lets the program do: the digest that was shown when it was refused
    #[arg(long, value_name = "DIGEST")]
    approve: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// No patch that a person would read is larger (16 MiB).
const LARGEST_MIB: u64 = 16;

pub(super) async fn run(app: &Arc<App>, args: Args) -> anyhow::Result<u8> {
    let hint = "name a file with one patch, such as `git diff > change.patch` writes";
    let text = input::read(&args.patch, LARGEST_MIB, hint)?;
    let judgement = pipeline::judge(app, &args.path, &text, args.approve.as_deref()).await?;
    app.progress.end();
    if args.json {
        screen::print_json(&judgement)?;
    } else {
        screen::print(&shown(&judgement))?;
    }
    Ok(if judgement.proved { exit::DONE } else { exit::REMAIN })
}

fn shown(it: &Judgement) -> String {
    let mut text = super::show::gates(&it.gates);
    if let Some(held) = &it.sandbox {
        text += &format!("sandbox: {held}\n");
    }
    if !it.gone.is_empty() {
        text += &format!("{} findings of the base are gone\n", it.gone.len());
    }
    for note in &it.notes {
        text += &format!("note: {note}\n");
    }
    if it.reason == Some(domain::Reason::NeedsApproval) {
        text += &format!("the digest of this patch: {}\n", it.candidate);
        text += &format!(
            "help: approve it with --approve {}, or pass such things in [policy.capabilities] of fixwright.toml\n",
            it.candidate
        );
    }
    text += &match (it.proved, it.reason) {
        (true, _) => "✔ proved\n".to_owned(),
        (false, reason) => format!("✘ not proved: {}\n", reason.map_or("a gate did not answer", domain::Reason::text)),
    };
    text
}
