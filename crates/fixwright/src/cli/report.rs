use std::path::PathBuf;
use std::sync::Arc;

use super::{Usage, screen};
use crate::app::App;
use crate::exit;
use crate::pipeline::document::Document;
use crate::workspace::Repository;

/// Shows all cases of the latest run over a repository: what was fixed, what was not, and why
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The repository, or a folder in it
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(app: &Arc<App>, args: Args) -> anyhow::Result<u8> {
    let repository = Repository::open(&app.git, &args.path)?;
    let session = app.store.latest(&repository.name()).await?;
    let Some(session) = session else {
        let problem = format!("nothing is known of {}", repository.name());
        return Err(Usage { problem, hint: "run `fixwright fix` there first".to_owned() }.into());
    };
    let mut document: Document = session.summary.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    document.schema = 1;
    document.repository.clone_from(&session.repository);
    document.base.clone_from(&session.base);
    // The rows are the truth: a run that was killed left no closing document.
    document.cases = app.store.cases(session.id).await?.iter().map(crate::pipeline::case_line).collect();
    if args.json {
        screen::print_json(&document)?;
    } else {
        let mut text = format!("{} at {}\n", document.repository, document.base.get(..12).unwrap_or(&document.base));
        text += &screen::summary(&document);
        for note in &document.notes {
            text += &format!("note: {note}\n");
        }
        screen::print(&text)?;
    }
    Ok(exit::DONE)
}
