use std::collections::BTreeMap;

use code::Skip;
use serde_json::json;

use super::asking::{Asking, Common};
use crate::app::App;

/// Brings the index of a folder up to date, and says what is in it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: fixwright code index --skipped")]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
    /// Forget what is kept, and read everything anew
    #[arg(long)]
    anew: bool,
    /// List what is left out, and why
    #[arg(long)]
    skipped: bool,
}

pub(super) fn run(app: &App, args: &Args) -> anyhow::Result<u8> {
    let from = app.clock.monotonic();
    let asking = Asking::with(app, &args.common, args.anew)?;
    let seconds = app.clock.monotonic().saturating_duration_since(from).as_secs_f64();
    let tally = asking.indexed.tally;
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    let mut skipped: BTreeMap<Skip, Vec<&str>> = BTreeMap::new();
    for file in asking.index().files() {
        match file.skipped() {
            Some(why) => skipped.entry(why).or_default().push(file.path.as_str()),
            None => {
                let language = asking.index().text_of(&file.path).map(|(language, _)| language.to_string());
                *languages.entry(language.unwrap_or_default()).or_default() += 1;
            }
        }
    }
    let in_part: Vec<&str> =
        asking.index().files().iter().filter(|file| asking.index().is_in_part(file)).map(|file| file.path.as_str()).collect();
    let document = || {
        let skipped: Vec<_> =
            skipped.iter().flat_map(|(why, paths)| paths.iter().map(move |path| json!({"path": path, "why": why}))).collect();
        Ok(json!({
            "files": tally.files, "read": tally.read, "parsed": tally.parsed, "languages": languages,
            "skipped": skipped, "in_part": in_part, "seconds": seconds, "kept_in": asking.indexed.folder.display().to_string(),
        }))
    };
    let shown = || {
        let mut text = format!("{} files: {} read, {} parsed, {seconds:.2} s\n", tally.files, tally.read, tally.parsed);
        for (language, files) in &languages {
            text += &format!("  {files:>6}  {language}\n");
        }
        for (why, paths) in &skipped {
            text += &format!("left out, {}: {}\n", why.text(), paths.len());
            for path in paths.iter().filter(|_| args.skipped) {
                text += &format!("  {path}\n");
            }
        }
        if !in_part.is_empty() {
            text += &format!("read in part, as they nest deeper than 2,000 levels: {}\n", in_part.len());
        }
        in_part.iter().filter(|_| args.skipped).for_each(|path| text += &format!("  {path}\n"));
        text
    };
    asking.answer(&args.common, true, document, shown)
}
