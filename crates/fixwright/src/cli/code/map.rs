use code::Focus;
use serde_json::json;

use super::asking::{Asking, Common};
use crate::app::App;
use crate::progress::plain;

/// Maps the folder in so many tokens: the definitions that matter most, as agents read them
///
/// Definitions are ranked by who refers to them, from the files of `--near` outwards.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code map --tokens 1000 --near src/a.c --name parse_header")]
pub(super) struct Args {
    /// Tokens that the map may take, at four bytes each
    #[arg(long, value_name = "N", default_value_t = 2000)]
    tokens: usize,
    /// A file that the reader has at hand: what it refers to comes first (may be repeated)
    #[arg(long, value_name = "FILE")]
    near: Vec<String>,
    /// A name that the reader knows of (may be repeated)
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let files = args.near.iter().map(|file| asking.path(file)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut ranked = asking.index().ranked(&Focus { files, names: args.name.clone() })?;
    // Each costs at least a few bytes, and reading files for what cannot fit is of no use.
    ranked.truncate(args.tokens);
    let head = |symbol: &code::Symbol| asking.lines(&symbol.path, symbol.name_line, symbol.name_line);
    let (text, count) = code::render(&ranked, args.tokens, &head);
    ranked.truncate(count);
    let document = || Ok(json!({"tokens": text.len().div_ceil(4), "map": text, "definitions": ranked}));
    asking.answer(&args.common, count > 0, document, || plain(&text))
}
