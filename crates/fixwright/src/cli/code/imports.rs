use serde_json::json;

use super::asking::{Asking, Common};
use crate::app::App;
use crate::progress::plain;

/// Lists what a file imports
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code imports src/a.py")]
pub(super) struct Args {
    /// The file
    file: String,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let path = asking.path(&args.file)?;
    let imports = asking.index().imports(&path)?.unwrap_or_default();
    let document = || Ok(json!({"path": path, "imports": imports}));
    let shown = || {
        let one = |one: &code::Import| {
            let name =
                if one.star { " *".to_owned() } else { one.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default() };
            let alias = one.alias.as_ref().map(|alias| format!(" as {alias}")).unwrap_or_default();
            plain(&format!("{:>6}  {}{name}{alias}", one.line, one.module)) + "\n"
        };
        imports.iter().map(one).collect()
    };
    asking.answer(&args.common, !imports.is_empty(), document, shown)
}
