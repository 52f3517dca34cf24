//! `cargo xtask bench patch`: what planning costs as file and answer grow, beside other appliers in the same run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use ::patch::{Tree, plan};
use anyhow::{Context as _, Result, ensure};
use domain::{Files, RepoPath};

/// Milliseconds that a hunk of fifty lines may take that is nowhere in ten thousand.
const MISS_LIMIT: Duration = Duration::from_millis(50);

/// How much more twice the size may cost: linear, with room for a busy machine.
const MOST_GROWTH: f64 = 3.0;

/// Rounds of which the fastest counts.
const ROUNDS: u32 = 7;

/// Measures and prints. Exits 1 when it does not grow linearly, or when a hunk that fits nowhere takes too long.
pub(crate) fn run() -> Result<ExitCode> {
    println!("{:>8} {:>6} {:>12} {:>7} {:>8} {:>8} {:>10}", "lines", "hunks", "plan", "growth", "diffy", "mpatch", "git apply");
    let (mut last, mut over) = (None::<Duration>, false);
    for size in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000] {
        let before = text(size, None);
        let answer = patch::diff(&path()?, Some(before.as_bytes()), Some(text(size, Some(100)).as_bytes()));
        let hunks = answer.matches("\n@@ ").count();
        let own = fastest(|| Ok(plan(&answer, &tree(&before)?).is_ok()))?;
        let diffy = fastest(|| Ok(diffy::apply(&before, &diffy::Patch::from_str(&answer)?).is_ok()))?;
        let options = mpatch::ApplyOptions::default();
        let mpatch = fastest(|| Ok(mpatch::patch_content_str(&answer, Some(&before), &options).is_ok()))?;
        let git = git_apply(&before, &answer)?;
        let ratio = |other: Duration| other.as_secs_f64() / own.as_secs_f64();
        let growth = last.map(|last| own.as_secs_f64() / last.as_secs_f64());
        println!(
            "{size:>8} {hunks:>6} {:>12} {:>7} {:>7.2}x {:>7.2}x {:>9.1}x",
            format!("{own:.2?}"),
            growth.map(|growth| format!("{growth:.2}")).unwrap_or_default(),
            ratio(diffy),
            ratio(mpatch),
            ratio(git)
        );
        over |= growth.is_some_and(|growth| growth > MOST_GROWTH);
        last = Some(own);
    }
    let before = text(10_000, None);
    let miss: String = (0..50).map(|line| format!("{}nowhere {line} of it\n", if line == 25 { '-' } else { ' ' })).collect();
    let answer = format!("--- a/src/f.rs\n+++ b/src/f.rs\n@@ -5000,50 +5000,50 @@\n{miss}+x\n");
    let own = fastest(|| Ok(plan(&answer, &tree(&before)?).is_err()))?;
    println!("50 lines that are nowhere in 10,000: {own:.2?}");
    over |= own > MISS_LIMIT;
    Ok(if over { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn path() -> Result<RepoPath> {
    RepoPath::new("src/f.rs").context("a path")
}

fn tree(before: &str) -> Result<Tree> {
    Ok(Tree::new(Files::from_map(BTreeMap::from([(path()?, before.as_bytes().to_vec())]))))
}

/// Lines of which some are alike, as in a program; every `changed`th is another.
fn text(lines: usize, changed: Option<usize>) -> String {
    let mut out = String::new();
    for line in 0..lines {
        let other = if changed.is_some_and(|every| line % every == every / 2) { " // changed" } else { "" };
        let _ = match line % 5 {
            3 => writeln!(out, "    }}{other}"),
            4 => writeln!(out, "{other}"),
            _ => writeln!(out, "    let value_{line} = call({line}, {});{other}", line % 7),
        };
    }
    out
}

/// Returns the time of the fastest round; what is measured must succeed.
fn fastest(mut one: impl FnMut() -> Result<bool>) -> Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let good = one()?;
        best = best.min(start.elapsed());
        ensure!(good, "it did not come out as it should, so its time means nothing");
    }
    Ok(best)
}

fn git_apply(before: &str, answer: &str) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("src"))?;
    std::fs::write(folder.path().join("src/f.rs"), before)?;
    std::fs::write(folder.path().join("answer"), answer)?;
    fastest(|| {
        let mut git = Command::new("git");
        git.args(["apply", "--check", "answer"]).current_dir(folder.path()).env("GIT_CEILING_DIRECTORIES", folder.path());
        Ok(git.stdout(Stdio::null()).stderr(Stdio::null()).status().context("running git")?.success())
    })
}
