use code::{Certainty, Used};
use serde_json::json;

use super::asking::{Asking, Common, line, undefined};
use crate::app::App;

/// Finds what a function calls, and where that is defined
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code callees main --file src/main.c")]
pub(super) struct Args {
    /// The name; `Outer.name` or `Outer::name` asks for one within another
    name: String,
    /// As this file defines it
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Finds the definitions that some lines use: functions, types, macros, variables
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code uses src/a.c:10-25")]
pub(super) struct UsesArgs {
    /// The lines: FILE:FIRST-LAST, or FILE:LINE
    place: String,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let mut bodies = asking.definitions(&args.name, args.file.as_deref())?;
    bodies.retain(|one| !one.declaration);
    let called = bodies.iter().map(|one| Ok((one, asking.index().callees(one)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let near = if bodies.is_empty() { asking.near(&args.name)? } else { Vec::new() };
    let document = || {
        let of = called.iter().map(|(one, called)| {
            let called = called.iter().map(|one| asking.used(one)).collect::<anyhow::Result<Vec<_>>>()?;
            Ok(json!({"definition": asking.symbol(one)?, "callees": called}))
        });
        Ok(json!({"name": args.name, "functions": of.collect::<anyhow::Result<Vec<_>>>()?, "similar": near}))
    };
    let shown = || {
        let mut text = String::new();
        for (one, called) in &called {
            text += &line(one);
            text += &shown_used(called);
        }
        if called.is_empty() {
            text += &undefined(&args.name, &near);
        }
        text
    };
    asking.answer(&args.common, !called.is_empty(), document, shown)
}

pub(super) fn run_uses(app: &App, args: &UsesArgs) -> anyhow::Result<u8> {
    let asking = Asking::new(app, &args.common)?;
    let (path, first, last) = asking.place(&args.place)?;
    let used = asking.index().used_by(&path, first..=last)?.unwrap_or_default();
    let document = || {
        let used = used.iter().map(|one| asking.used(one)).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(json!({"path": path, "line": first, "line_end": last, "uses": used}))
    };
    asking.answer(&args.common, !used.is_empty(), document, || shown_used(&used))
}

fn shown_used(used: &[Used]) -> String {
    const SHOWN: usize = 3;
    let mut text = String::new();
    for one in used {
        let lines: Vec<String> = one.lines.iter().take(SHOWN).map(u32::to_string).collect();
        text += &format!("  {} {} (line {})\n", one.role.word(), one.name, lines.join(", "));
        for target in one.targets.iter().take(SHOWN) {
            let possible = if target.certainty == Certainty::Possible { "possibly " } else { "" };
            text += &format!("      {possible}{}", line(&target.symbol));
        }
        if one.targets.len() > SHOWN {
            text += &format!("      and {} more\n", one.targets.len() - SHOWN);
        }
    }
    text
}
