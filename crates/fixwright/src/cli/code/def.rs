use code::{Similar, Symbol};
use serde_json::json;

use super::asking::{Asking, Common, Limit, line, more};
use crate::app::App;
use crate::progress::plain;

/// Finds the definitions of a name: all bodies of it, whatever they are overloaded or conditional on
///
/// Where there are none, definitions with similar names are listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fixwright code def Parser.parse\n  fixwright code def prase_header --fuzzy")]
pub(super) struct Args {
    #[command(flatten)]
    find: Find,
}

/// Finds the types of a name: structs, unions, enums, classes, interfaces, traits, typedefs, macros
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code type session --file src/session.h")]
pub(super) struct TypeArgs {
    #[command(flatten)]
    find: Find,
}

#[derive(Debug, clap::Args)]
struct Find {
    /// The name; `Outer.name` or `Outer::name` asks for one within another
    name: String,
    /// Only in this file
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// How similar other names must be, from 0 to 1, to be listed where the name itself is not found
    #[arg(long, value_name = "SHARE", default_value_t = 0.75)]
    threshold: f64,
    /// Look for similar names at once
    #[arg(long)]
    fuzzy: bool,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    find(app, &args.find, |_| true)
}

pub(super) fn run_type(app: &App, args: &TypeArgs) -> anyhow::Result<u8> {
    find(app, &args.find, |one| one.kind.is_type() || one.kind == code::Kind::Macro)
}

fn find(app: &App, args: &Find, wanted: impl Fn(&Symbol) -> bool) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let mut found = asking.definitions(&args.name, args.file.as_deref())?;
    found.retain(&wanted);
    let all = found.len();
    found.truncate(args.limit.limit);
    let mut similar: Vec<Similar> = Vec::new();
    if found.is_empty() || args.fuzzy {
        similar = asking.index().similar(&args.name, args.threshold, args.limit.limit)?;
        similar.retain(|one| wanted(&one.symbol) && !found.contains(&one.symbol));
    }
    let document = || {
        let definitions = found.iter().map(|one| asking.symbol(one)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(json!({"name": args.name, "definitions": definitions, "total": all, "similar": similar}))
    };
    let shown = || {
        let mut text = String::new();
        for one in &found {
            text += &line(one);
            if let Some(body) = asking.lines(&one.path, one.line, one.line_end) {
                text += &plain(&body);
                text += "\n\n";
            }
        }
        text += &more(all, found.len());
        if all == 0 {
            text += &format!("nothing is called `{}` here\n", args.name);
        }
        if !similar.is_empty() {
            text += "similar names:\n";
            similar.iter().for_each(|one| text += &format!("  {:.2}  {}", one.similarity, line(&one.symbol)));
        }
        text
    };
    asking.answer(&args.common, !found.is_empty() || (args.fuzzy && !similar.is_empty()), document, shown)
}
