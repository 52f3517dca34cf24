//! `cargo xtask bench code` and `cargo xtask agreement`: the index beside what else reads code, on a tree that is large enough to tell.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::shell;

/// Measure the index of code beside the bare parse of the same files, and beside ctags and cscope
///
/// Without a folder it is `kernel mm fs net drivers/net` of Debian's linux-source package, unpacked into a temporary folder. Exits 1 when a limit
/// is not kept.
#[derive(clap::Args)]
pub(crate) struct BenchArgs {
    /// The tree to index
    folder: Option<PathBuf>,
    /// Rounds of the index and of the parse, one after the other; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// Compare outlines with what universal-ctags finds in the same files
///
/// Prints which share of the functions and types of ctags an outline has too, by language, and lists those that are missing. Exits 1 when
/// the share of a language is below 0.98.
#[derive(clap::Args)]
pub(crate) struct AgreementArgs {
    /// The trees to compare on
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// List all that is missing, not a sample of it
    #[arg(long)]
    all: bool,
    /// The share that a language must reach
    #[arg(long, default_value_t = 0.98)]
    least: f64,
}

/// What is measured, what it is called, and the most that it may be.
const LIMITS: &[(&str, &str, f64)] = &[
    ("ratio", "index time / bare parse of the same files", 1.25),
    ("processor_ratio", "the same by the time that processors spent, whatever else the machine does", 1.25),
    ("reindex_10_s", "seconds to index again after 10 files changed", 1.0),
    ("open_s", "seconds to open it", 0.3),
    ("name_p99_s", "seconds for a name, 99th percentile", 0.01),
    ("fuzzy_p99_s", "seconds for a name that is misspelt", 0.01),
    ("callers_p99_s", "seconds for the callers of a name", 0.1),
    ("most_callers_s", "seconds for the callers of the most called name", f64::INFINITY),
];

pub(crate) fn bench(args: &BenchArgs) -> Result<ExitCode> {
    let unpacked;
    let folder = match &args.folder {
        Some(folder) => std::fs::canonicalize(folder).with_context(|| format!("{} cannot be read", folder.display()))?,
        None => {
            unpacked = unpack()?;
            unpacked.path().to_owned()
        }
    };
    let rounds = args.rounds.max(1).to_string();
    let measured = example("measure", &[folder.as_os_str(), rounds.as_ref()])?;
    let measured: Value = serde_json::from_str(&measured).context("what was measured cannot be read")?;
    let of = |name: &str| measured[name].as_f64().unwrap_or(f64::NAN);
    println!("{} files, {:.1} MB; the index has {:.1} MB", of("files"), of("megabytes"), of("index_megabytes"));
    println!("{:>10.0}  MB of memory at the most", of("peak_megabytes"));
    println!("{:>10.3}  seconds for the bare parse, on all cores, median of {}", of("parse_s"), of("rounds"));
    println!("{:>10.3}  seconds for the index", of("index_s"));
    let mut over = false;
    for (name, what, limit) in LIMITS {
        let is_over = of(name) > *limit;
        over |= is_over;
        println!("{:>10.4}  {what}{}", of(name), if is_over { format!(" (over the limit of {limit})") } else { String::new() });
    }
    for (program, args) in [("ctags", &["-R", "-f"][..]), ("cscope", &["-b", "-R", "-k", "-f"])] {
        let Some(found) = shell::which(program) else {
            println!("         -  {program} is not installed: apt install universal-ctags cscope");
            continue;
        };
        // Writing is a part of it, as it is of the index.
        let scratch = tempfile::tempdir()?;
        let mut command = Command::new(found);
        command.current_dir(&folder).args(args).arg(scratch.path().join("written"));
        if program == "ctags" {
            command.arg(".");
        }
        let from = Instant::now();
        shell::stdout_of(&mut command)?;
        println!(
            "{:>10.3}  seconds for {program} {}",
            from.elapsed().as_secs_f64(),
            args.iter().filter(|arg| **arg != "-f").copied().collect::<Vec<_>>().join(" ")
        );
    }
    Ok(if over { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

pub(crate) fn agreement(args: &AgreementArgs) -> Result<ExitCode> {
    ensure!(shell::which("ctags").is_some(), "ctags is not installed: apt install universal-ctags");
    let folders =
        args.folders.iter().map(std::fs::canonicalize).collect::<std::io::Result<Vec<_>>>().context("a folder cannot be read")?;
    let flags = args.all.then_some(OsStr::new("--all"));
    let all: Vec<&OsStr> = flags.into_iter().chain(folders.iter().map(|folder| folder.as_os_str())).collect();
    let printed = example("agreement", &all)?;
    print!("{printed}");
    let shares = printed.lines().filter_map(|line| line.split_once("recall ")?.1.trim().parse::<f64>().ok());
    let low = shares.filter(|share| *share < args.least).count();
    Ok(if low > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Runs an example of the crate `code`.
fn example(name: &str, args: &[&OsStr]) -> Result<String> {
    let mut cargo = shell::cargo();
    cargo.current_dir(shell::root()?).args(["run", "--release", "--quiet", "--package", "fixwright-code", "--example", name]);
    cargo.arg("--").args(args).stderr(std::process::Stdio::inherit());
    shell::stdout_of(&mut cargo)
}

/// Unpacks a part of Linux.
fn unpack() -> Result<tempfile::TempDir> {
    const PARTS: &[&str] = &["kernel", "mm", "fs", "net", "drivers/net"];
    let packed =
        std::fs::read_dir("/usr/src").into_iter().flatten().flatten().map(|entry| entry.path()).find(|path| is_linux(path));
    let packed = packed.context("no linux-source is installed: apt install linux-source, or name a folder")?;
    let top = packed.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".tar.xz")).unwrap_or_default();
    let folder = tempfile::tempdir().context("making a folder to unpack into")?;
    println!("unpacking {}", packed.display());
    let mut tar = Command::new("tar");
    tar.arg("-xf").arg(&packed).arg("-C").arg(folder.path()).args(PARTS.iter().map(|part| format!("{top}/{part}")));
    shell::must(&mut tar)?;
    Ok(folder)
}

fn is_linux(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with("linux-source-") && name.ends_with(".tar.xz")
}
