//! `cargo xtask field`: the main job on real packages from the registries, judged by the tools themselves and not by fixwright.

mod fetch;
mod measure;
mod plan;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::report::{NO_REASON, Report};
use crate::{program, shell, tools};
use measure::{Measured, compare, measure, worse};
use plan::{Commands, Package};

/// Try the main job on real third-party packages
///
/// Fetches the packages of xtask/field.toml, makes each a repository, and compares the tool's own fix with what `fixwright fix
/// --recipe lint` delivers: findings before and after by the tool's own report, the build, and the tests. Exits 1 when fixwright
/// repaired less than the tool, left a new finding, broke something, or left a finding without a reason.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only packages whose name contains this
    only: Option<String>,
    /// Where to work: kept between runs, so that packages are fetched once [default: fixwright-field in the user's cache folder]
    // Not below target/: clippy, cargo and eslint read the configuration of every folder above.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Program to try, instead of building it
    #[arg(long)]
    program: Option<PathBuf>,
    /// Other packages: a file with `[[package]]` tables as in xtask/field.toml
    #[arg(long)]
    packages: Option<PathBuf>,
    /// Show each finding that is new or left, by rule and file
    #[arg(long)]
    detail: bool,
}

/// What came of one package.
struct Row {
    package: Package,
    base: Measured,
    own: Measured,
    ours: Measured,
    report: Report,
    wall: f64,
}

/// Goes into the field.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let root = shell::root()?;
    tools::set_up(&root)?;
    let plan = plan::read(&root, args.packages.as_deref())?;
    let dir = args.dir.clone().map_or_else(default_dir, Ok)?;
    std::fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
    let dir = dir.canonicalize()?;
    let program = args.program.clone().map_or_else(program::build, Ok)?;
    let program = program.canonicalize().with_context(|| format!("finding {}", program.display()))?;
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for package in &plan.package {
        if args.only.as_ref().is_some_and(|only| !package.name.contains(only.as_str())) {
            continue;
        }
        let commands = plan.linter.get(&package.linter).context("a package of a linter without commands")?;
        if shell::which(&commands.program).is_none() {
            println!("{} {}: left out, `{}` is not there", package.name, package.version, commands.program);
            continue;
        }
        eprintln!("{} {}", package.name, package.version);
        match one(&root, &dir, &program, package, commands) {
            Ok(row) => rows.push(row),
            Err(error) => broken.push(format!("{} {}: {error:#}", package.name, package.version)),
        }
    }
    print_table(&rows);
    for row in rows.iter().filter(|_| args.detail) {
        print_detail(row);
    }
    for row in &rows {
        broken.extend(row.problems().into_iter().map(|what| format!("{} {}: {what}", row.package.name, row.package.version)));
    }
    for what in &broken {
        println!("✘ {what}");
    }
    Ok(if broken.is_empty() && !rows.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn default_dir() -> Result<PathBuf> {
    let cache = shell::env("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(shell::env("HOME")?).join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME is set: name a folder with --dir")?.join("fixwright-field"))
}

fn one(root: &Path, dir: &Path, program: &Path, package: &Package, commands: &Commands) -> Result<Row> {
    let ready = fetch::ready(root, dir, package, commands)?;
    let work = dir.join("work").join(package.slug());
    fetch::remove(&work)?;
    std::fs::create_dir_all(&work)?;
    let clone = |name: &str, branch: &str| -> Result<PathBuf> {
        let tree = work.join(name);
        let (from, to) = (ready.repository.display().to_string(), tree.display().to_string());
        program::git(dir, &["clone", "--quiet", "--no-hardlinks", "--branch", branch, &from, &to])?;
        Ok(tree)
    };
    let measure_tree = |tree: &Path| measure(tree, package.linter, commands, ready.test.as_deref());

    let base = measure_tree(&clone("base", "main")?)?;
    let tree = clone("own", "main")?;
    // The tool's exit code says whether findings are left; what it did is measured.
    measure::sh(&tree, &commands.own_fix)?;
    let own = measure_tree(&tree)?;

    let fixed = program::fix(program, &ready.repository, &work.join("data"))?;
    let ours = match fixed.report.branches.as_slice() {
        [] => base.clone(),
        [one] => {
            let tree = clone("ours", &one.name)?;
            let tip = program::git(&tree, &["rev-parse", "HEAD"])?;
            anyhow::ensure!(tip.trim() == one.tip, "branch {} stands at {} and not at {}", one.name, tip.trim(), one.tip);
            measure_tree(&tree)?
        }
        more => anyhow::bail!("{} branches were delivered where one was asked for", more.len()),
    };
    let head = program::git(&ready.repository, &["rev-parse", "HEAD"])?;
    anyhow::ensure!(
        head.trim() == fixed.report.base,
        "the report names base {} where {} is checked out",
        fixed.report.base,
        head.trim()
    );
    Ok(Row { package: package.clone(), base, own, ours, report: fixed.report, wall: fixed.wall })
}

impl Row {
    /// Returns what the field test does not accept, in words.
    fn problems(&self) -> Vec<String> {
        let mut problems = worse(&self.base, &self.ours);
        let (by_tool, _) = compare(&self.base.findings, &self.own.findings);
        let (by_us, new) = compare(&self.base.findings, &self.ours.findings);
        if by_us < by_tool {
            problems.push(format!("repaired {by_us}, and the tool's own fix {by_tool}"));
        }
        if new > 0 {
            problems.push(format!("{new} findings are new"));
        }
        if by_us == 0 && total(&self.base) > 0 {
            problems.push("no finding was repaired".to_owned());
        }
        let twice = self.report.findings_twice();
        if !twice.is_empty() {
            problems.push(format!("findings in two cases: {}", twice.join(", ")));
        }
        for (reason, count) in self.report.left_by_reason() {
            if reason == NO_REASON {
                problems.push(format!("{count} findings are left without a reason"));
            }
        }
        problems
    }
}

fn total(measured: &Measured) -> usize {
    measured.findings.values().sum()
}

fn print_table(rows: &[Row]) {
    println!(
        "{:32} {:>8} {:>15} {:>15} {:>5} {:>11} {:>9} {:>7}  {:13} left, by reason",
        "package", "findings", "own --fix (new)", "fixwright (new)", "%", "recipe runs", "s tools", "s own", "tests"
    );
    let mut sums = [0_usize; 5];
    let (mut sum_tools, mut sum_own) = (0.0, 0.0);
    let percent = |part: usize, of: usize| (part * 100).checked_div(of).unwrap_or(100);
    for row in rows {
        let (by_tool, new_tool) = compare(&row.base.findings, &row.own.findings);
        let (by_us, new_us) = compare(&row.base.findings, &row.ours.findings);
        let all = total(&row.base);
        for (sum, value) in sums.iter_mut().zip([all, by_tool, new_tool, by_us, new_us]) {
            *sum += value;
        }
        let own = row.wall - row.report.seconds_in_tools;
        sum_tools += row.report.seconds_in_tools;
        sum_own += own;
        let reasons: Vec<String> =
            row.report.left_by_reason().iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let tests = match (row.base.tests, row.ours.tests) {
            (Some(before), Some(after)) => format!("{} → {}", before.passed, after.passed),
            _ => "none".to_owned(),
        };
        println!(
            "{:32} {all:8} {:>15} {:>15} {:>5} {:>11} {:9.1} {own:7.2}  {tests:13} {}",
            format!("{} {}", row.package.name, row.package.version),
            format!("{by_tool} ({new_tool})"),
            format!("{by_us} ({new_us})"),
            percent(by_us, all),
            row.report.recipe_runs.total(),
            row.report.seconds_in_tools,
            reasons.join(", ")
        );
        for broken in worse(&row.base, &row.own) {
            println!("{:32} the tool's own fix: {broken}", "");
        }
    }
    let [all, by_tool, new_tool, by_us, new_us] = sums;
    println!(
        "{:32} {all:8} {:>15} {:>15} {:>5} {:>11} {sum_tools:9.1} {sum_own:7.2}  own time is {:.1}% of the tools'",
        "all",
        format!("{by_tool} ({new_tool})"),
        format!("{by_us} ({new_us})"),
        percent(by_us, all),
        "",
        if sum_tools > 0.0 { sum_own / sum_tools * 100.0 } else { 0.0 }
    );
}

fn print_detail(row: &Row) {
    println!("\n{} {}", row.package.name, row.package.version);
    for ((rule, file), left) in &row.ours.findings {
        let before = row.base.findings.get(&(rule.clone(), file.clone())).copied().unwrap_or(0);
        let word = if *left > before { "new " } else { "left" };
        println!("  {word} {left:4} of {before:4}  {rule:40} {file}");
    }
    for case in row.report.cases.iter().filter(|case| case.reason.is_some()) {
        println!("  case {} {:?} {}", case.id, case.status, case.reason.as_deref().unwrap_or_default());
    }
}
