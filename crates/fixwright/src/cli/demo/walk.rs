//! Walks the main job over the demo repositories and shows what came of each.

use std::sync::Arc;

use super::{Args, make_repositories};
use crate::app::App;
use crate::cli::{fix, screen};
use crate::exit;
use crate::pipeline::{self, Missing, Request};

/// Makes the repositories, repairs each, and prints its report. The exit code is 0 when every repository had something delivered: some
/// findings are there to be refused.
pub(crate) async fn run(app: &Arc<App>, args: Args) -> anyhow::Result<u8> {
    let temporary;
    let folder = match &args.keep {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            folder.as_path()
        }
        None => {
            temporary = tempfile::Builder::new().prefix("demo-").tempdir_in(&app.data_dir)?;
            temporary.path()
        }
    };
    let repositories = make_repositories(folder, &app.env, args.only)?;
    if repositories.is_empty() {
        let hint = "see what is installed with `fixwright doctor`".to_owned();
        return Err(Missing { problem: "no toolchain for a demo repository was found".to_owned(), hint }.into());
    }
    let mut documents = Vec::new();
    let mut all_delivered = true;
    for repository in &repositories {
        app.progress.note(&format!("— {}: {}", repository.name, repository.about));
        let request = Request { path: repository.path.clone(), ..Request::default() };
        let document = pipeline::fix(app, &request).await?;
        app.progress.end();
        if document.stopped.is_some() {
            screen::print(&screen::summary(&document))?;
            return Ok(fix::exit_code(&document));
        }
        all_delivered &= !document.branches.is_empty();
        if !args.json {
            let title = format!("\n{} ({})\n", repository.name, repository.about);
            screen::print(&(title + &screen::demo(&document)))?;
        }
        documents.push(serde_json::json!({ "name": repository.name, "language": repository.language, "document": document }));
    }
    if args.json {
        screen::print_json(&serde_json::json!({ "schema": 1, "repositories": documents }))?;
    } else {
        let kept = match &args.keep {
            Some(folder) => format!("the repositories are kept in {}", folder.display()),
            None => "keep the repositories to look at the branches: fixwright demo --keep DIR".to_owned(),
        };
        let tests = "now your own: cd there and run `fixwright fix`";
        screen::print(&format!("\n{kept}\n{tests}\n"))?;
    }
    Ok(if all_delivered { exit::DONE } else { exit::REMAIN })
}
