//! Walks the main job over the demo repositories and shows what came of each.

use std::sync::Arc;

use super::{Args, make_repositories};
use crate::app::App;
use crate::cli::{fix, screen};
use crate::config::{Backend, Config};
use crate::contain::Containment;
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
    let repositories = make_repositories(&app.git, folder, &app.env, args.only)?;
    if repositories.is_empty() {
        let hint = "see what is installed with `fixwright doctor`".to_owned();
        return Err(Missing { problem: "no toolchain for a demo repository was found".to_owned(), hint }.into());
    }
    let backend = backend(app)?;
    let mut documents = Vec::new();
    let mut all_delivered = true;
    for repository in &repositories {
        app.progress.note(&format!("— {}: {}", repository.name, repository.about));
        let request = Request { path: repository.path.clone(), backend, ..Request::default() };
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

/// Returns who holds the commands of the demo, where it is not what the settings say: where no walls can be made, nobody, which is said. The
/// repositories hold nothing but fixwright's own code, so nothing is given up by it; whoever names a back end gets that or none.
fn backend(app: &App) -> anyhow::Result<Option<Backend>> {
    let settings = Config::load(&app.env, None, &app.data_dir)?.sandbox;
    if settings.backend != Backend::Ns || app.env.get(Backend::VARIABLE).is_some() {
        return Ok(None);
    }
    let Err(error) = Containment::new(&settings, app.supervisor.clone(), "fixwright-demo").ensure() else { return Ok(None) };
    app.progress.note(&format!(
        "{error}: the demo's repositories are fixwright's own code and run without walls; your own would not, before that is mended or \
         you say --backend none"
    ));
    Ok(Some(Backend::None))
}
