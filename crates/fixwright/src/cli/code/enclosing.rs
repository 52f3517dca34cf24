use serde_json::json;

use super::asking::{Asking, Common, line};
use crate::app::App;
use crate::progress::plain;

/// Finds the function, class or module that a line stands in
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code enclosing src/a.c:42")]
pub(super) struct Args {
    /// The line: FILE:LINE
    place: String,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let (path, at, _) = asking.place(&args.place)?;
    let around = asking.index().enclosing(&path, at)?.unwrap_or_default();
    let document = || {
        let around = around.iter().map(|one| asking.symbol(one)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(json!({"path": path, "line": at, "enclosing": around}))
    };
    let shown = || {
        let mut text: String = around.iter().map(line).collect();
        if let Some(inner) = around.first() {
            text += &plain(&asking.lines(&inner.path, inner.line, inner.line_end).unwrap_or_default());
            text.push('\n');
        } else {
            text += "it stands in nothing but the file\n";
        }
        text
    };
    asking.answer(&args.common, !around.is_empty(), document, shown)
}
