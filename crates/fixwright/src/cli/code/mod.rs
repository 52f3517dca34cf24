//! `fixwright code`: one file a question, and what they share in `asking.rs`.

mod asking;
mod callees;
mod callers;
mod capabilities;
mod def;
mod enclosing;
mod imports;
mod index;
mod map;
mod outline;
mod tested;

use std::sync::Arc;

use crate::app::App;

/// Answers questions about the code of a folder, from an index that it keeps up to date
///
/// The first question about a folder reads all of it; later ones read what changed. Files that `.gitignore` names are left out, and so is
/// code that is vendored or generated: `fixwright code index --skipped` lists it. The exit code is 1 when nothing was found.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, clap::Subcommand)]
enum Question {
    Index(index::Args),
    Def(def::Args),
    Type(def::TypeArgs),
    Callers(callers::Args),
    Refs(callers::RefsArgs),
    Callees(callees::Args),
    Uses(callees::UsesArgs),
    Enclosing(enclosing::Args),
    Outline(outline::Args),
    Imports(imports::Args),
    Tests(tested::Args),
    Harnesses(tested::HarnessesArgs),
    Map(map::Args),
    Capabilities(capabilities::Args),
}

/// Answers a question that needs no index; gives the others back.
pub(super) fn run_alone(args: Args) -> Result<anyhow::Result<u8>, Args> {
    match args.question {
        Question::Capabilities(args) => Ok(capabilities::run(&args)),
        question => Err(Args { question }),
    }
}

/// Answers on a thread of its own: looking through a folder and parsing it would hold the others up.
pub(super) async fn run(app: &Arc<App>, args: Args) -> anyhow::Result<u8> {
    let app = Arc::clone(app);
    let answer = tokio::task::spawn_blocking(move || match args.question {
        Question::Index(args) => index::run(&app, &args),
        Question::Def(args) => def::run(&app, &args),
        Question::Type(args) => def::run_type(&app, &args),
        Question::Callers(args) => callers::run(&app, &args),
        Question::Refs(args) => callers::run_refs(&app, &args),
        Question::Callees(args) => callees::run(&app, &args),
        Question::Uses(args) => callees::run_uses(&app, &args),
        Question::Enclosing(args) => enclosing::run(&app, &args),
        Question::Outline(args) => outline::run(&app, &args),
        Question::Imports(args) => imports::run(&app, &args),
        Question::Tests(args) => tested::run(&app, &args),
        Question::Harnesses(args) => tested::run_harnesses(&app, &args),
        Question::Map(args) => map::run(&app, &args),
        Question::Capabilities(args) => capabilities::run(&args),
    });
    answer.await?
}
