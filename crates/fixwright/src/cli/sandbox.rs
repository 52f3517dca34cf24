use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use sandbox::{Cancel, Captured, Command, Hold, Limit, Limits, MemoryBy, Outcome, Status};

use super::Usage;
use crate::config::{Config, Network};
use crate::contain::{Containment, Reach, SUPERVISOR, limit_of, toolchains};
use crate::env::Env;
use crate::exit;

/// Runs one command behind the walls that recipes run behind
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    Exec(Exec),
}

/// Runs a command with one folder to work in, and passes its exit code on
///
/// It sees the system's programs and the toolchains that the environment names, and what --read and --write name; it writes in its work
/// folder and in a /tmp of its own; it has no network but a loopback of its own, and no variables but the harmless ones.
/// What a limit ends is said on standard error: the exit code is 124 for time and 137 for all others.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
struct Exec {
    /// The folder to work in, which can be written; a .git in it cannot
    #[arg(long, value_name = "DIR", default_value = ".")]
    cwd: PathBuf,
    /// Time by the clock [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    wall: Option<Duration>,
    /// Processor time of all its processes together [default: no limit]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    cpu: Option<Duration>,
    /// Memory of all its processes together [default: three quarters of the machine's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    memory_mb: Option<u32>,
    /// Processes and threads at one time [default: 8192]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    tasks: Option<u32>,
    /// What it writes below its folders, in all; held in memory until it ends [default: none, but 65536 to all disks]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    disk_mb: Option<u32>,
    /// Output: what is beyond is not kept, and ends it [default: 8 MiB of each stream kept, 512 MiB written]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    output_kb: Option<u32>,
    /// A file or folder in a writable one that cannot be written; relative to the work folder (may be repeated)
    #[arg(long, value_name = "PATH")]
    protect: Vec<PathBuf>,
    /// A file or folder that can be read (may be repeated)
    #[arg(long, value_name = "PATH")]
    read: Vec<PathBuf>,
    /// A folder that can be written (may be repeated)
    #[arg(long, value_name = "PATH")]
    write: Vec<PathBuf>,
    /// What it reaches of the network: none but a loopback of its own, package registries as well (registries), or all that this machine
    /// reaches (full)
    #[arg(long, value_name = "NAME", value_enum, hide_possible_values = true, default_value = "none")]
    network: Network,
    /// A variable that it sees: NAME as it is set here, or NAME=VALUE (may be repeated)
    #[arg(long, value_name = "NAME")]
    env: Vec<OsString>,
    /// Where to write what came of it, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The command
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

const EXIT_CODES: &str = "\
Exit codes:
  that of the command, and
  124  it took too long
  137  another limit ended it: memory, processor time, output or disk
  127  its program was not found
  2    wrong usage or configuration
  4    the sandbox cannot hold here what is asked of it
  130  interrupted";

/// The exit code of a command that took too long, as of `timeout`.
const TOO_LONG: u8 = 124;
/// The exit code of a command that another limit ended: it was killed.
const KILLED: u8 = 137;
/// The exit code of a program that was not found, as of a shell.
const NOT_FOUND: u8 = 127;
/// Added to a signal's number, as by a shell.
const SIGNALLED: i32 = 128;

/// How long a command may take when nothing is said.
const WALL: Duration = Duration::from_secs(600);

/// Runs the command. It blocks: the caller has a thread for it.
pub(super) fn run(args: Args, env: &Env, cancel: &Cancel) -> anyhow::Result<u8> {
    let Action::Exec(exec) = args.action;
    let mut settings = Config::load(env, None, Path::new("/"))?.sandbox;
    // What is asked for here is asked of this command alone.
    (settings.read, settings.write) = (Vec::new(), Vec::new());
    let output = exec.output_kb.map(|kb| usize::try_from(kb).map_or(usize::MAX, |kb| kb.saturating_mul(1024)));
    let containment = Containment::new(&settings, SUPERVISOR.into(), &format!("fixwright-exec-{}", std::process::id()));
    containment.ensure()?;
    let defaults = containment.limits(WALL, 8 << 20);
    let bytes = |mb: Option<u32>| mb.map(|mb| u64::from(mb) << 20);
    let limits = Limits {
        wall: exec.wall.unwrap_or(defaults.wall),
        output: output.unwrap_or(defaults.output),
        written: output.map(|bytes| bytes as u64).or(defaults.written),
        cpu: exec.cpu.or(defaults.cpu),
        memory: bytes(exec.memory_mb).or(defaults.memory),
        tasks: exec.tasks.map(u64::from).or(defaults.tasks),
        file_size: defaults.file_size,
        disk: bytes(exec.disk_mb).or(defaults.disk),
        disk_writes: defaults.disk_writes.filter(|_| exec.disk_mb.is_none()),
    };
    let cwd = std::fs::canonicalize(&exec.cwd).map_err(|error| Usage {
        problem: format!("the work folder {} cannot be used: {error}", exec.cwd.display()),
        hint: "name a folder that is there with --cwd DIR".to_owned(),
    })?;
    let variables = environment(&exec, env)?;
    let toolchains = toolchains(&variables, env.home().as_deref(), &[&cwd]);
    for note in toolchains.notes().filter(|_| !containment.is_open()) {
        say(&note)?;
    }
    let mut reach = Reach {
        read: toolchains.read,
        write: vec![cwd.clone()],
        protect: exec.protect.iter().map(|path| plain(&cwd.join(path))).collect::<anyhow::Result<_>>()?,
        hosts: Vec::new(),
    };
    for (named, into) in [(&exec.read, &mut reach.read), (&exec.write, &mut reach.write)] {
        for path in named {
            into.push(plain(path)?);
        }
    }
    let json = exec.json.as_deref().map(writable).transpose()?;
    let policy = containment.policy(reach, exec.network);
    let command = Command { argv: exec.command.clone(), cwd, env: variables, stdin: None };
    let outcome = match containment.sandbox.run(&command, &policy, &limits, cancel) {
        Err(error @ sandbox::Error::NotFound { .. }) => {
            say(&format!("error: {error}"))?;
            return Ok(NOT_FOUND);
        }
        outcome => outcome?,
    };
    if let Some(mut file) = json {
        let text = serde_json::to_string_pretty(&document(&outcome))? + "\n";
        file.write_all(text.as_bytes()).context("writing what came of it")?;
    }
    pass_on(&outcome)?;
    if let Some(line) = ended_by(&outcome, &limits) {
        say(&line)?;
    }
    Ok(match outcome.status {
        Status::Exited(code) => u8::try_from(code).unwrap_or(u8::MAX),
        Status::Signalled(number) => u8::try_from(SIGNALLED.saturating_add(number)).unwrap_or(u8::MAX),
        Status::Limited(Limit::Wall) => TOO_LONG,
        Status::Limited(_) => KILLED,
        Status::Cancelled => exit::INTERRUPTED,
    })
}

/// Returns a path as the policy takes one, at the name by which the command is told of it; one that goes back by `..` as what it leads to.
fn plain(path: &Path) -> anyhow::Result<PathBuf> {
    let goes_back = path.components().any(|part| part == Component::ParentDir);
    let real = if goes_back { std::fs::canonicalize(path).ok() } else { None };
    real.map_or_else(|| std::path::absolute(path), Ok).with_context(|| format!("finding {}", path.display()))
}

/// Opens the file for what comes of the command, before it is run: what cannot be said afterwards would be run for nothing.
fn writable(path: &Path) -> anyhow::Result<File> {
    let opened = File::create(path).map_err(|error| Usage {
        problem: format!("{} cannot be written: {error}", path.display()),
        hint: "name a file in a folder that is there with --json FILE".to_owned(),
    });
    Ok(opened?)
}

/// Returns the environment of the command: that of a recipe, whose home is the scratch folder behind the walls, and what is asked for.
fn environment(exec: &Exec, env: &Env) -> anyhow::Result<BTreeMap<OsString, OsString>> {
    let scratch = Path::new("/tmp");
    let mut extra: Vec<(OsString, OsString)> = vec![("TMPDIR".into(), scratch.into())];
    for one in &exec.env {
        let text = one.to_string_lossy();
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(OsString::from(value))),
            None => (text.clone().into_owned(), env.get(&text).map(OsString::from)),
        };
        if name.is_empty() {
            let hint = "name a variable: --env NAME or --env NAME=VALUE".to_owned();
            return Err(Usage { problem: format!("`{text}` names no variable"), hint }.into());
        }
        extra.extend(value.map(|value| (OsString::from(name), value)));
    }
    Ok(env.recipe_env(scratch, &extra))
}

/// Writes what the command wrote.
fn pass_on(outcome: &Outcome) -> anyhow::Result<()> {
    let broken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    let mut out = std::io::stdout().lock();
    match out.write_all(&outcome.stdout.text()).and_then(|()| out.flush()) {
        Err(error) if !broken(&error) => return Err(error).context("writing the output"),
        _ => {}
    }
    let _ = std::io::stderr().lock().write_all(&outcome.stderr.text());
    Ok(())
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stderr().lock(), "fixwright: {line}")?)
}

/// Says which limit the command has come up against.
fn ended_by(outcome: &Outcome, limits: &Limits) -> Option<String> {
    limit_of(outcome).map(|limit| format!("the limit of {}", crate::contain::limit_words(limit, limits)))
}

/// Returns what came of the command, for programs.
fn document(outcome: &Outcome) -> serde_json::Value {
    let (mut status, mut signal) = (None, None);
    match outcome.status {
        Status::Exited(code) => status = Some(code),
        Status::Signalled(number) => signal = Some(number),
        Status::Limited(_) | Status::Cancelled => {}
    }
    let stream = |captured: &Captured| {
        serde_json::json!({
            "bytes": captured.total,
            "head": String::from_utf8_lossy(&captured.head),
            "tail": String::from_utf8_lossy(&captured.tail),
            "left_out": captured.left_out(),
        })
    };
    serde_json::json!({
        "schema": 1,
        "status": status,
        "signal": signal,
        "limit": limit_of(outcome).map(crate::contain::limit_name),
        "cancelled": outcome.status == Status::Cancelled,
        "seconds": outcome.wall.as_secs_f64(),
        "usage": {
            "user_seconds": outcome.usage.user.as_secs_f64(),
            "system_seconds": outcome.usage.system.as_secs_f64(),
            "peak_memory_bytes": outcome.usage.peak_memory,
        },
        "stdout": stream(&outcome.stdout),
        "stderr": stream(&outcome.stderr),
        "backend": outcome.backend,
        "memory_by": outcome.memory_by.map(MemoryBy::words),
        "not_held": outcome.not_held.iter().copied().map(Hold::words).collect::<Vec<_>>(),
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse().ok().and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| !duration.is_zero()).ok_or_else(|| "it must be a number of seconds above 0".to_owned())
}
