//! `cargo xtask corpus patch`: answers made from real changes, and how many of them come out exactly right.
//!
//! Every case is a change of the history of a repository that is given, written the way models write: see `classes` and `refusals`. The
//! library plans it against the file as it was; what comes of it is compared with the file as it became, byte for byte. With `--tools`, the
//! same unified diffs, and all that must be refused, go to git, GNU patch and two libraries.

mod classes;
mod random;
mod refusals;
mod several;
mod shapes;
mod slips;
mod source;
mod tools;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use domain::{Files, RepoPath};
use patch::{Outcome, Plan, Tree, plan};
pub(crate) use random::Random;

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
    /// Score git, GNU patch, diffy and mpatch on the unified diffs and on what must be refused as well
    #[arg(long)]
    tools: bool,
    /// Write every case that is not right into this folder
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Write a line a case into this file: its number, what came of it, the digest of that and the time; to compare two versions
    #[arg(long)]
    record: Option<PathBuf>,
}

/// How cases of one class ended.
#[derive(Default, Clone, Copy)]
struct Score {
    right: usize,
    blank: usize,
    wrong: usize,
    refused: usize,
    /// Written where nothing may be, or in part.
    touched: usize,
}

impl Score {
    fn count(&mut self, came: Came) {
        *match came {
            Came::Right => &mut self.right,
            Came::Blank => &mut self.blank,
            Came::Wrong => &mut self.wrong,
            Came::Refused => &mut self.refused,
            Came::Touched => &mut self.touched,
        } += 1;
    }

    fn all(&self) -> usize {
        self.right + self.blank + self.wrong + self.refused + self.touched
    }
}

/// How one case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    Right,
    /// Wrong in white space only.
    Blank,
    Wrong,
    Refused,
    /// Written although it must be refused, or although it was said to be.
    Touched,
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

/// Files and answers that are no larger than this are what fuzzing starts from.
const SMALL: usize = 6_000;

/// Answers of every class over changes of a repository, to start fuzzing from.
pub(crate) fn fuzz_seeds(repository: &Path) -> Result<Vec<patch::fuzz::Case>> {
    let mut random = Random::new(1);
    let mut seeds = Vec::new();
    // Small files: what a case costs is mostly reading them.
    for change in source::changes(repository, 80)?.iter().filter(|change| change.before.len() < SMALL) {
        let writers = classes::CLASSES.iter().map(|(_, _, write)| write).chain(refusals::REFUSALS.iter().map(|(_, write)| write));
        let files = BTreeMap::from([(change.path.clone(), change.before.clone().into_bytes())]);
        seeds.extend(writers.filter_map(|write| {
            let answer = write(change, &mut random)?.into_bytes();
            (answer.len() < SMALL).then(|| patch::fuzz::Case { answer, files: files.clone() })
        }));
    }
    Ok(seeds)
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let (mut changes, mut commits) = (Vec::new(), Vec::new());
    for repository in &args.repositories {
        changes.extend(source::changes(repository, 400)?);
        commits.extend(source::commits(repository, 100)?);
    }
    if changes.is_empty() {
        bail!("there is no change of a text file in the history of these repositories");
    }
    let mut random = Random::new(args.seed);
    let mut table: BTreeMap<(&str, &str), Score> = BTreeMap::new();
    let mut tools: BTreeMap<(&str, bool), Score> = BTreeMap::new();
    let mut times = Vec::new();
    let mut record = String::new();
    let classes: Vec<_> = [classes::CLASSES, shapes::SHAPES, slips::SLIPS].concat();
    let choices = [classes.len(), refusals::REFUSALS.len(), several::ALREADY.len(), several::COMMITS.len()];
    let mut made = 0;
    let mut tries = 0;
    while made < args.n && tries < args.n * 20 {
        tries += 1;
        let Some(change) = changes.get(random.below(changes.len())) else { continue };
        let mut class = tries % choices.iter().sum::<usize>();
        let group = choices.iter().position(|count| {
            if class < *count {
                true
            } else {
                class -= count;
                false
            }
        });
        let one = |name, format, answer: Option<String>, wanted| {
            let before = several::of(&change.path, &change.before);
            Some(Case { name, format, answer: answer?, names: &change.names, before, wanted })
        };
        let case = match group {
            Some(0) => classes.get(class).and_then(|(name, format, write)| {
                let answer = write(change, &mut random).filter(|answer| classes::tells(name, format, change, answer));
                one(name, format, answer, Wanted::After(several::of(&change.path, &change.after)))
            }),
            Some(1) => refusals::REFUSALS
                .get(class)
                .and_then(|(name, write)| one(name, "refuse", write(change, &mut random), Wanted::Refusal)),
            Some(2) => several::ALREADY.get(class).and_then(|(name, write)| {
                let case = one(name, "already", write(change, &mut random), Wanted::Already)?;
                Some(Case { before: several::of(&change.path, &change.after), ..case })
            }),
            _ => several::COMMITS.get(class).and_then(|(name, format, write)| {
                let commit = commits.get(random.below(commits.len()))?;
                let answer = write(commit, &mut random)?;
                let wanted = Wanted::After(commit.after.clone());
                Some(Case { name, format, answer, names: &commit.names, before: commit.before.clone(), wanted })
            }),
        };
        let Some(case) = case else { continue };
        made += 1;
        let (came, why, time) = case.run();
        times.push(time);
        let (digest, micros) = (domain::Digest::of(why.as_bytes()), time.as_micros());
        let _ = writeln!(record, "{made} {} {} {came:?} {digest} {micros}", case.format, case.name);
        table.entry((case.format, case.name)).or_default().count(came);
        let good = if case.format == "refuse" { Came::Refused } else { Came::Right };
        if let Some(folder) = args.keep.as_ref().filter(|_| came != good) {
            case.keep(folder, came, made, &why)?;
        }
        let must_refuse = case.format == "refuse";
        if args.tools && matches!(group, Some(0 | 1)) && (must_refuse || case.format == "unified") {
            let own = if must_refuse && came != Came::Refused { Came::Touched } else { came };
            for (tool, came) in tools::score(change, &case.answer, must_refuse)?.into_iter().chain([("fixwright", own)]) {
                tools.entry((tool, must_refuse)).or_default().count(came);
            }
        }
    }
    report(&table, &tools, &mut times);
    if let Some(file) = &args.record {
        std::fs::write(file, record)?;
    }
    let wrong: usize = table
        .iter()
        .map(|((format, _), score)| score.wrong + score.blank + if *format == "refuse" { score.right } else { 0 })
        .sum();
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One answer, and what it should come to.
struct Case<'c> {
    name: &'static str,
    format: &'static str,
    answer: String,
    names: &'c [String],
    before: Contents,
    wanted: Wanted,
}

/// Files by path; `None`: not there.
type Contents = BTreeMap<String, Option<String>>;

enum Wanted {
    After(Contents),
    Already,
    Refusal,
}

impl Case<'_> {
    /// Plans the answer, and says what came of it, why, and how long it took.
    fn run(&self) -> (Came, String, Duration) {
        let path = |name: &String| RepoPath::new(name).ok();
        let mut files: BTreeMap<RepoPath, Vec<u8>> =
            self.names.iter().filter_map(|name| Some((path(name)?, Vec::new()))).collect();
        for (name, content) in &self.before {
            match (path(name), content) {
                (Some(path), Some(content)) => files.insert(path, content.clone().into_bytes()),
                (Some(path), None) => files.remove(&path),
                (None, _) => None,
            };
        }
        let tree = Tree::new(Files::from_map(files));
        let start = Instant::now();
        let planned = plan(&self.answer, &tree);
        let time = start.elapsed();
        let (came, why) = match planned {
            Err(refusal) => (Came::Refused, format!("{refusal}\n{refusal:?}")),
            Ok(plan) => {
                let why = format!("{:?} {:?}\n{}", plan.outcome, plan.reached, String::from_utf8_lossy(&plan.diff()));
                (self.judge(&plan), why)
            }
        };
        (came, why, time)
    }

    fn judge(&self, plan: &Plan) -> Came {
        let wanted = match &self.wanted {
            Wanted::Already => return if plan.outcome == Outcome::AlreadyApplied { Came::Right } else { Came::Wrong },
            Wanted::Refusal => return Came::Wrong,
            Wanted::After(_) if plan.outcome == Outcome::AlreadyApplied => return Came::Wrong,
            Wanted::After(wanted) => wanted,
        };
        let mut got = self.before.clone();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        got.extend(plan.files.iter().map(|file| (file.path.to_string(), file.after.as_deref().map(text))));
        let all: std::collections::BTreeSet<&String> = wanted.keys().chain(got.keys()).collect();
        let of = |files: &Contents, name: &String| files.get(name).cloned().flatten();
        let worst = all.into_iter().map(|name| match (of(&got, name), of(wanted, name)) {
            (Some(got), Some(wanted)) => judge(&got, &wanted),
            (got, wanted) if got == wanted => Came::Right,
            _ => Came::Wrong,
        });
        worst.max().unwrap_or(Came::Right)
    }

    /// Writes the case down.
    fn keep(&self, folder: &Path, came: Came, number: usize, why: &str) -> Result<()> {
        let kind = format!("{came:?}").to_lowercase();
        let case = folder.join(format!("{kind}-{}-{}-{number}", self.format, self.name));
        let mut all = vec![("answer".to_owned(), self.answer.as_str()), ("why".to_owned(), why)];
        let after = match &self.wanted {
            Wanted::After(after) => Some(after),
            Wanted::Already | Wanted::Refusal => None,
        };
        for (side, files) in [("before", Some(&self.before)), ("after", after)] {
            let files = files.into_iter().flatten();
            all.extend(files.filter_map(|(path, content)| Some((format!("{side}/{path}"), content.as_deref()?))));
        }
        for (name, text) in all {
            let file = case.join(name);
            std::fs::create_dir_all(file.parent().unwrap_or(&case))?;
            std::fs::write(file, text)?;
        }
        Ok(())
    }
}

fn report(table: &BTreeMap<(&str, &str), Score>, tools: &BTreeMap<(&str, bool), Score>, times: &mut [Duration]) {
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
    compare(tools);
    times.sort_unstable();
    let at = |share: usize| times.get((times.len().saturating_sub(1)) * share / 1000).copied().unwrap_or_default();
    println!("plan: median {:?}, p99 {:?}, worst {:?}", at(500), at(990), at(1000));
}

/// Prints the tools beside each other: unified diffs, and what must be refused.
fn compare(tools: &BTreeMap<(&str, bool), Score>) {
    let names: std::collections::BTreeSet<&str> = tools.keys().map(|(tool, _)| *tool).collect();
    if names.is_empty() {
        return;
    }
    println!("\nunified diffs, and what must be refused, in %:");
    println!(
        "{:<22} {:>6} {:>6} {:>6} {:>6} {:>7} {:>8}   {:>6} {:>7} {:>8}",
        "tool", "cases", "right", "blank", "wrong", "refused", "touched", "cases", "refused", "touched"
    );
    for name in names {
        let of = |refuse| tools.get(&(name, refuse)).copied().unwrap_or_default();
        let (good, bad) = (of(false), of(true));
        let share = |part: usize, score: &Score| {
            format!(
                "{:.1}",
                100.0 * f64::from(u32::try_from(part).unwrap_or(0)) / f64::from(u32::try_from(score.all().max(1)).unwrap_or(1))
            )
        };
        println!(
            "{name:<22} {:>6} {:>6} {:>6} {:>6} {:>7} {:>8}   {:>6} {:>7} {:>8}",
            good.all(),
            share(good.right, &good),
            share(good.blank, &good),
            share(good.wrong, &good),
            share(good.refused, &good),
            share(good.touched, &good),
            bad.all(),
            share(bad.refused, &bad),
            share(bad.touched, &bad)
        );
    }
}
