use serde_json::json;

use super::asking::{Asking, Common};
use crate::app::App;
use crate::progress::plain;

/// Lists what a file defines
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code outline src/a.py")]
pub(super) struct Args {
    /// The file
    file: String,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let path = asking.path(&args.file)?;
    let symbols = asking.index().outline(&path)?;
    let skipped = asking.index().file(&path).and_then(code::File::skipped);
    let document = || Ok(json!({"path": path, "definitions": symbols, "skipped": skipped}));
    let shown = || {
        let mut text = skipped.map(|why| format!("{path} is left out: {}\n", why.text())).unwrap_or_default();
        for one in symbols.iter().flatten() {
            let indent = "  ".repeat(one.container.len().min(20));
            let test = if one.test { " (test)" } else { "" };
            text += &format!("{:>6}-{:<6} {indent}{} {}{test}\n", one.line, one.line_end, one.kind.word(), plain(&one.name));
        }
        text
    };
    asking.answer(&args.common, symbols.as_ref().is_some_and(|symbols| !symbols.is_empty()), document, shown)
}
