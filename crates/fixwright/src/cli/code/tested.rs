use serde_json::json;

use super::asking::{Asking, Common, Limit, line, more};
use crate::app::App;

/// Finds the tests that try a file, and the files that a test file tries
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fixwright code tests src/a.py\n  fixwright code tests tests/test_a.py")]
pub(super) struct Args {
    /// The file
    file: String,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    common: Common,
}

/// Lists the functions in which fuzzers enter
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code harnesses --root fuzz")]
pub(super) struct HarnessesArgs {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let path = asking.path(&args.file)?;
    let mut tests = asking.index().tests_of(&path)?;
    let is_test = tests.iter().any(|one| one.path == path);
    let tried = if is_test { asking.index().tried_by(&path)? } else { Vec::new() };
    let all = tests.len();
    tests.truncate(args.limit.limit);
    let document = || {
        let tests = tests.iter().map(|one| asking.symbol(one)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(json!({"path": path, "tests": tests, "total": all, "tries": tried}))
    };
    let shown = || {
        let mut text: String = tests.iter().map(line).collect();
        text += &more(all, tests.len());
        if !tried.is_empty() {
            text += "it tries:\n";
            tried.iter().for_each(|one| text += &format!("  {one}\n"));
        }
        if all == 0 {
            text += "no test was found\n";
        }
        text
    };
    asking.answer(&args.common, all > 0, document, shown)
}

pub(super) fn run_harnesses(app: &App, args: &HarnessesArgs) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let found = asking.index().harnesses()?;
    let document = || {
        let found = found.iter().map(|one| asking.symbol(one)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(json!({"harnesses": found}))
    };
    let shown = || if found.is_empty() { "no harness was found\n".to_owned() } else { found.iter().map(line).collect() };
    asking.answer(&args.common, !found.is_empty(), document, shown)
}
