use code::{Certainty, Mention};
use serde_json::json;

use super::asking::{Asking, Common, Limit, more, undefined};
use crate::app::App;
use crate::progress::plain;

/// Finds who calls a function, method or macro
///
/// A caller is a caller of that very function where the language tells: by linkage in C, by imports, packages and classes elsewhere. What has the name
/// and cannot be ruled out is marked as possible.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fixwright code callers kfree --sure\n  fixwright code callers close --file src/store.go")]
pub(super) struct Args {
    #[command(flatten)]
    find: Find,
}

/// Finds all mentions of a definition: calls, uses, types, imports
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code refs MAX_LENGTH --json")]
pub(super) struct RefsArgs {
    #[command(flatten)]
    find: Find,
}

#[derive(Debug, clap::Args)]
struct Find {
    /// The name; `Outer.name` or `Outer::name` asks for one within another
    name: String,
    /// Of what this file defines
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// Leave out what is only possible
    #[arg(long)]
    sure: bool,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    find(app, &args.find, true)
}

pub(super) fn run_refs(app: &App, args: &RefsArgs) -> anyhow::Result<u8> {
    find(app, &args.find, false)
}

fn find(app: &App, args: &Find, calls: bool) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let targets = asking.definitions(&args.name, args.file.as_deref())?;
    let index = asking.index();
    let mut found: Vec<Mention> =
        if calls { index.callers(&args.name, &targets)? } else { index.references(&args.name, &targets)? };
    found.retain(|one| !args.sure || one.certainty == Certainty::Sure);
    let near = if targets.is_empty() { asking.near(&args.name)? } else { Vec::new() };
    let all = found.len();
    found.truncate(args.limit.limit);
    let document = || {
        let mentions = found.iter().map(|one| asking.mention(one)).collect::<anyhow::Result<Vec<_>>>()?;
        let key = if calls { "callers" } else { "references" };
        Ok(json!({"name": args.name, "definitions": targets, key: mentions, "total": all, "similar": near}))
    };
    let shown = || {
        let mut text = String::new();
        for one in &found {
            let inside = one.inside.as_ref().map(|inside| format!("in {}", inside.full_name())).unwrap_or_default();
            let possible = if one.certainty == Certainty::Possible { " (possible)" } else { "" };
            let own = asking.lines(&one.path, one.line, one.line).unwrap_or_default();
            let role = if calls { String::new() } else { format!("{} ", one.role.word()) };
            text += &format!("{}:{}: {role}{inside}{possible}\n    {}\n", one.path, one.line, plain(own.trim()));
        }
        text += &more(all, found.len());
        if targets.is_empty() {
            text += &undefined(&args.name, &near);
        }
        if all == 0 {
            text += "nothing was found\n";
        }
        text
    };
    asking.answer(&args.common, all > 0, document, shown)
}
