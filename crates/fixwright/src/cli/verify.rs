use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use super::{Usage, screen};
use crate::app::App;
use crate::exit;
use crate::pipeline::{self, Judgement};

/// Walks anyone's patch up the gates and prints the evidence; delivers nothing
///
/// The patch is a unified diff against the commit at HEAD. The exit code is 0 when every gate was passed, 1 when one was not.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The repository, or a folder in it
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The patch; `-` is standard input
    #[arg(long, value_name = "FILE")]
    patch: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// No patch that a person would read is larger (16 MiB).
const LARGEST: u64 = 16 << 20;

pub(super) async fn run(app: &Arc<App>, args: Args) -> anyhow::Result<u8> {
    let text = read(&args.patch)?;
    let judgement = pipeline::judge(app, &args.path, &text).await?;
    app.progress.end();
    if args.json {
        screen::print_json(&judgement)?;
    } else {
        screen::print(&shown(&judgement));
    }
    Ok(if judgement.proved { exit::DONE } else { exit::REMAIN })
}

fn read(file: &std::path::Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let name = file.display();
    if file.as_os_str() == "-" {
        std::io::stdin().take(LARGEST + 1).read_to_end(&mut bytes).context("reading standard input")?;
    } else {
        let open = std::fs::File::open(file).map_err(|error| Usage {
            problem: format!("cannot read the patch {name}: {error}"),
            hint: "name a file with a unified diff, such as `git diff > change.patch` writes".to_owned(),
        })?;
        open.take(LARGEST + 1).read_to_end(&mut bytes).with_context(|| format!("reading {name}"))?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(Usage { problem: format!("{name} is larger than 16 MiB"), hint: "split the patch".to_owned() }.into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn shown(it: &Judgement) -> String {
    let mut text = super::show::gates(&it.gates);
    if !it.gone.is_empty() {
        text += &format!("{} findings of the base are gone\n", it.gone.len());
    }
    for note in &it.notes {
        text += &format!("note: {note}\n");
    }
    text += &match (it.proved, it.reason) {
        (true, _) => "✔ proved\n".to_owned(),
        (false, reason) => format!("✘ not proved: {}\n", reason.map_or("a gate did not answer", domain::Reason::text)),
    };
    text
}
