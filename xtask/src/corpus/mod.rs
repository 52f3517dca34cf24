//! `cargo xtask corpus patch`: answers made from real changes, and how many of them come out exactly right.
//!
//! Every case is a change of the history of a repository that is given, written the way models write: see `classes` and `refusals`. The
//! library plans it against the file as it was; what comes of it is compared with the file as it became, byte for byte. With `--tools`, the
//! same unified diffs go to git and GNU patch.

mod classes;
mod random;
mod refusals;
mod shapes;
mod slips;
mod source;
mod tools;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use domain::{Files, RepoPath};
use patch::{Outcome, Tree, plan};
use random::Random;
use source::Change;

/// Makes answers from the history of repositories and scores how they are applied
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What is scored
    #[arg(value_parser = ["patch"])]
    what: String,
    /// Git repositories with history
    #[arg(required = true)]
    repositories: Vec<PathBuf>,
    /// How many cases
    #[arg(long, default_value_t = 2000)]
    n: usize,
    /// Which cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Score git and GNU patch on the unified diffs as well
    #[arg(long)]
    tools: bool,
    /// Write every case that is not right into this folder
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// How cases of one class ended.
#[derive(Default, Clone, Copy)]
struct Score {
    right: usize,
    blank: usize,
    wrong: usize,
    refused: usize,
}

impl Score {
    fn count(&mut self, came: Came) {
        *match came {
            Came::Right => &mut self.right,
            Came::Blank => &mut self.blank,
            Came::Wrong => &mut self.wrong,
            Came::Refused => &mut self.refused,
        } += 1;
    }

    fn all(&self) -> usize {
        self.right + self.blank + self.wrong + self.refused
    }
}

/// How one case ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Right,
    /// Wrong in white space only.
    Blank,
    Wrong,
    Refused,
}

/// Compares what came of a case with what should have.
fn judge(got: &str, wanted: &str) -> Came {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    if got == wanted {
        Came::Right
    } else if bare(got) == bare(wanted) {
        Came::Blank
    } else {
        Came::Wrong
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut changes = Vec::new();
    for repository in &args.repositories {
        changes.extend(source::changes(repository, 400)?);
    }
    if changes.is_empty() {
        bail!("there is no change of a text file in the history of these repositories");
    }
    let mut random = Random::new(args.seed);
    let mut table: BTreeMap<(&str, &str), Score> = BTreeMap::new();
    let mut tools: BTreeMap<&str, Score> = BTreeMap::new();
    let mut times = Vec::new();
    let classes: Vec<_> = [classes::CLASSES, shapes::SHAPES, slips::SLIPS].concat();
    let choices = classes.len() + refusals::REFUSALS.len();
    let mut made = 0;
    let mut tries = 0;
    while made < args.n && tries < args.n * 20 {
        tries += 1;
        let Some(change) = changes.get(random.below(changes.len())) else { continue };
        let class = tries % choices;
        let (name, format, answer) = match classes.get(class) {
            Some((name, format, write)) => (*name, *format, write(change, &mut random)),
            None => match refusals::REFUSALS.get(class - classes.len()) {
                Some((name, write)) => (*name, "refuse", write(change, &mut random)),
                None => continue,
            },
        };
        let says = |answer: &String| {
            (!classes::HIDDEN.contains(&name) || classes::shows(change, answer))
                && (!classes::UNNUMBERED.contains(&name) && (format != "v4a" || name.contains("scope")) || slips::told(change))
                && (!classes::BLANKS.contains(&name) || classes::is_even(change))
        };
        let Some(answer) = answer.filter(says) else { continue };
        made += 1;
        let (came, why, time) = ours(change, &answer);
        times.push(time);
        table.entry((format, name)).or_default().count(came);
        let good = if format == "refuse" { Came::Refused } else { Came::Right };
        if let Some(folder) = args.keep.as_ref().filter(|_| came != good) {
            let kind = match came {
                Came::Refused => "refused",
                Came::Right => "right",
                Came::Blank => "blank",
                Came::Wrong => "wrong",
            };
            let case = folder.join(format!("{kind}-{format}-{name}-{made}"));
            std::fs::create_dir_all(&case)?;
            for (file, text) in [
                ("answer", answer.as_str()),
                ("before", &change.before),
                ("after", &change.after),
                ("path", &change.path),
                ("why", &why),
            ] {
                std::fs::write(case.join(file), text)?;
            }
        }
        if args.tools && format != "refuse" {
            for (tool, came) in tools::score(change, &answer)? {
                tools.entry(tool).or_default().count(came);
            }
        }
    }
    report(&table, &tools, &mut times);
    let wrong: usize = table
        .iter()
        .map(|((format, _), score)| score.wrong + score.blank + if *format == "refuse" { score.right } else { 0 })
        .sum();
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn ours(change: &Change, answer: &str) -> (Came, String, Duration) {
    let mut files: BTreeMap<RepoPath, Vec<u8>> =
        change.names.iter().filter_map(|name| Some((RepoPath::new(name).ok()?, Vec::new()))).collect();
    let Ok(path) = RepoPath::new(&change.path) else { return (Came::Refused, String::new(), Duration::ZERO) };
    files.insert(path.clone(), change.before.clone().into_bytes());
    let tree = Tree::new(Files::from_map(files));
    let start = Instant::now();
    let planned = plan(answer, &tree);
    let time = start.elapsed();
    let (came, why) = match planned {
        Err(refusal) => (Came::Refused, format!("{refusal}\n{refusal:?}")),
        Ok(plan) => match plan.files.as_slice() {
            [file] if file.path == path => {
                let got = String::from_utf8_lossy(file.after.as_deref().unwrap_or_default()).into_owned();
                (judge(&got, &change.after), format!("{:?}\n{}", plan.reached, String::from_utf8_lossy(&plan.diff())))
            }
            _ if plan.outcome == Outcome::AlreadyApplied => (Came::Wrong, "already applied".to_owned()),
            _ => (Came::Wrong, format!("{:?}", plan.files)),
        },
    };
    (came, why, time)
}

fn report(table: &BTreeMap<(&str, &str), Score>, tools: &BTreeMap<&str, Score>, times: &mut [Duration]) {
    let mut formats: BTreeMap<&str, Score> = BTreeMap::new();
    println!("{:<8} {:<28} {:>6} {:>6} {:>6} {:>6} {:>6}", "format", "class", "cases", "right", "blank", "wrong", "refused");
    let line = |format: &str, name: &str, score: &Score| {
        println!(
            "{format:<8} {name:<28} {:>6} {:>6} {:>6} {:>6} {:>6}",
            score.all(),
            score.right,
            score.blank,
            score.wrong,
            score.refused
        );
    };
    for ((format, name), score) in table {
        line(format, name, score);
        let sum = formats.entry(format).or_default();
        for (all, one) in [
            (&mut sum.right, score.right),
            (&mut sum.blank, score.blank),
            (&mut sum.wrong, score.wrong),
            (&mut sum.refused, score.refused),
        ] {
            *all += one;
        }
    }
    println!();
    formats.iter().for_each(|(format, score)| line(format, "all", score));
    tools.iter().for_each(|(tool, score)| line("tool", tool, score));
    times.sort_unstable();
    let at = |share: usize| times.get((times.len().saturating_sub(1)) * share / 1000).copied().unwrap_or_default();
    println!("plan: median {:?}, p99 {:?}, worst {:?}", at(500), at(990), at(1000));
}
