//! `cargo xtask bench sandbox`: what containment costs, beside doing without it, in one run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use sandbox::{Cancel, Limits, Ns, Oci, Policy, Process, Sandbox, Status};

use super::median;
use crate::{program, shell};

/// The user that a root caller drops to: `nobody`.
const NOBODY: u32 = 65534;

/// The runtimes whose containers are started, where they are installed and work.
const RUNTIMES: [&str; 3] = ["crun", "runc", GVISOR];

/// gVisor's.
const GVISOR: &str = "runsc";

/// Seconds that nothing here may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// Files of a folder of the large tree.
const FILES_A_FOLDER: usize = 16;

/// Measure what the sandbox costs: start-up, private copies, throughput
///
/// Each table is made in one run, its rows one after the other in every round, so that a busy machine is busy for all of them. Exits 1 when a
/// figure is over its limit.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Starts of each row, after five to warm up
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    starts: u32,
    /// Files of the tree that is copied; 0 leaves this table out
    #[arg(long, default_value_t = 80_000)]
    files: usize,
    /// Copies of it
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    copies: u32,
    /// Candidates of a small C project that are built and tested; 0 leaves this table out
    #[arg(long, default_value_t = 16)]
    candidates: usize,
    /// Milliseconds over a bare start that a contained one may take
    #[arg(long, default_value_t = 20.0)]
    start_limit: f64,
    /// Milliseconds over a bare start that gVisor may take
    #[arg(long, default_value_t = 200.0)]
    gvisor_limit: f64,
    /// Milliseconds that a private copy may take
    #[arg(long, default_value_t = 50.0)]
    copy_limit: f64,
    /// Part of the bare throughput that must be reached
    #[arg(long, default_value_t = 0.85)]
    throughput_limit: f64,
    /// Program that supervises, instead of building it
    #[arg(long)]
    program: Option<PathBuf>,
}

/// Measures and prints.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let program = args.program.clone().map_or_else(program::build, Ok)?;
    let program = fs::canonicalize(&program).with_context(|| format!("finding {}", program.display()))?;
    let ns = Ns::new(program.clone(), "bench").dropping_to(NOBODY, NOBODY);
    let none = Process::new(program.clone(), "bench");
    let held = ns.probe();
    ensure!(!held.holds.is_empty(), "this host cannot hold it: {}", held.missing.join("; "));
    let runtimes = RUNTIMES.map(|name| (name, Oci::new(name, program.clone(), "bench").dropping_to(NOBODY, NOBODY)));
    let mut over = starts(args, &ns, &none, &runtimes)?;
    if args.files > 0 {
        over |= copies(args, &ns)?;
    }
    if args.candidates > 0 {
        over |= throughput(args, &ns, &none)?;
    }
    Ok(if over { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One way to start a program that does nothing.
struct Row<'a> {
    name: &'a str,
    start: Box<dyn Fn() -> Result<()> + 'a>,
}

fn starts(args: &Args, ns: &Ns, none: &Process, runtimes: &[(&str, Oci)]) -> Result<bool> {
    let work = tempfile::tempdir().context("making a work folder")?;
    let policy = Policy::work_in(work.path());
    let limited = Limits { disk: Some(64 << 20), ..limits() };
    // As of a recipe when nothing else is said.
    let usual = Limits {
        memory: Some(2 << 30),
        tasks: Some(8192),
        file_size: Some(16 << 30),
        written: Some(512 << 20),
        disk_writes: Some(64 << 30),
        ..limits()
    };
    let mut rows = vec![
        Row { name: "bare fork and exec", start: Box::new(|| quiet(&mut Command::new("/bin/true"))) },
        Row { name: "none", start: Box::new(|| contained(none, &Policy::open(), &limits(), &["/bin/true"], Path::new("/"))) },
        Row { name: "ns", start: Box::new(|| contained(ns, &policy, &limits(), &["/bin/true"], work.path())) },
        Row { name: "ns, limits of recipes", start: Box::new(|| contained(ns, &policy, &usual, &["/bin/true"], work.path())) },
        Row { name: "ns, disk limited", start: Box::new(|| contained(ns, &policy, &limited, &["/bin/true"], work.path())) },
    ];
    if let Some(bwrap) = shell::which("bwrap") {
        let mut bare =
            vec!["--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev", "--ro-bind", "/usr", "/usr"];
        for link in ["/bin", "/lib", "/lib64"] {
            bare.extend(["--ro-bind", link, link]);
        }
        rows.push(Row {
            name: "bubblewrap alone",
            start: Box::new(move || quiet(Command::new(&bwrap).args(&bare).arg("/bin/true"))),
        });
    }
    for (name, runtime) in runtimes {
        let held = runtime.probe();
        if held.holds.is_empty() {
            println!("oci, {name}: left out: {}", held.missing.join("; "));
            continue;
        }
        let start = || contained(runtime, &Policy::work_in(work.path()), &limits(), &["/bin/true"], work.path());
        rows.push(Row { name, start: Box::new(start) });
    }
    let mut times = vec![Vec::new(); rows.len()];
    for round in 0..args.starts + 5 {
        for (row, times) in rows.iter().zip(&mut times) {
            let from = Instant::now();
            (row.start)().with_context(|| row.name.to_owned())?;
            if round >= 5 {
                times.push(from.elapsed().as_secs_f64() * 1000.0);
            }
        }
    }
    println!("start-up, {} of each, milliseconds", args.starts);
    println!("{:24} {:>8} {:>8} {:>12}", "", "median", "best", "over bare");
    let bare = median(times.first().cloned().unwrap_or_default());
    let mut over = false;
    for (row, times) in rows.iter().zip(times) {
        let best = times.iter().copied().fold(f64::INFINITY, f64::min);
        let middle = median(times);
        println!("{:24} {middle:8.2} {best:8.2} {:12.2}", row.name, middle - bare);
        over |= row.name.starts_with("ns") && middle - bare > args.start_limit;
        over |= row.name == GVISOR && middle - bare > args.gvisor_limit;
    }
    let (ns, gvisor) = (args.start_limit, args.gvisor_limit);
    Ok(said(over, &format!("ns is more than {ns} ms over a bare start, or {GVISOR} more than {gvisor} ms")))
}

fn copies(args: &Args, ns: &Ns) -> Result<bool> {
    let place = tempfile::tempdir().context("making a place for the tree")?;
    let base = place.path().join("base");
    for file in 0..args.files {
        let folder = base.join(format!("{}/{}", file / FILES_A_FOLDER / 64, file / FILES_A_FOLDER));
        if file % FILES_A_FOLDER == 0 {
            fs::create_dir_all(&folder)?;
        }
        fs::write(folder.join(format!("{file}.txt")), format!("file {file}\n"))?;
    }
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(&base).args(["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "gc.auto=0"]);
        quiet(git.args(arguments))
    };
    git(&["init", "-q"])?;
    git(&["add", "-A"])?;
    git(&["commit", "-qm", "base"])?;
    let (mut made, mut used) = (Vec::new(), Vec::new());
    let mut how = "";
    for copy in 0..args.copies {
        let folder = place.path().join(format!("copy-{copy}"));
        fs::create_dir(&folder)?;
        let from = Instant::now();
        let workspace = ns.prepare(&base, &folder)?;
        made.push(from.elapsed().as_secs_f64() * 1000.0);
        how = workspace.how().words();
        let script = ["/bin/sh", "-c", "echo more >> 0/0/0.txt; rm 0/1/16.txt; cat 1/64/1024.txt"];
        contained(ns, &workspace.allowed_by(Policy::default()), &limits(), &script, workspace.path())?;
        let _ = workspace.changes()?;
        used.push(from.elapsed().as_secs_f64() * 1000.0);
        workspace.remove()?;
    }
    let from = Instant::now();
    git(&["worktree", "add", "-q", "--detach", "../worktree"])?;
    let worktree = from.elapsed().as_secs_f64() * 1000.0;
    println!("\na private copy of {} files, median of {}, milliseconds", args.files, args.copies);
    let all = median(used);
    println!("{:48} {:10.2}", format!("{how}, made"), median(made));
    println!("{:48} {all:10.2}", format!("{how}, made, written in by a command, collected"));
    println!("{:48} {worktree:10.2}", "git worktree add, once");
    Ok(said(all > args.copy_limit, &format!("a private copy takes more than {} ms", args.copy_limit)))
}

fn throughput(args: &Args, ns: &Ns, none: &Process) -> Result<bool> {
    let place = tempfile::tempdir().context("making a place for the project")?;
    let base = place.path().join("base");
    write_project(&base)?;
    let side_by_side = thread::available_parallelism()?.get();
    let mut rates = [0.0, 0.0];
    // The bare half has its copies made for it beforehand: what is compared is what commands reach.
    let copied = (0..args.candidates).map(|candidate| {
        let folder = place.path().join(format!("bare-{candidate}"));
        fs::create_dir(&folder)?;
        Ok(none.prepare(&base, &folder)?)
    });
    let copied = copied.collect::<Result<Vec<_>>>()?;
    let bare = |candidate: usize| {
        let workspace = copied.get(candidate).context("a copy for each")?;
        build(none, &|_| Policy::open(), workspace, candidate)
    };
    let within = |candidate: usize| {
        let folder = place.path().join(format!("copy-{candidate}"));
        fs::create_dir(&folder)?;
        let workspace = ns.prepare(&base, &folder)?;
        build(ns, &|workspace| workspace.allowed_by(Policy::default()), &workspace, candidate)?;
        Ok(workspace.remove()?)
    };
    // In halves and turns, so that a machine that becomes busy becomes busy for both.
    let middle = args.candidates / 2;
    for (half, candidates) in [(0, 0..middle), (1, 0..middle), (1, middle..args.candidates), (0, middle..args.candidates)] {
        let from = Instant::now();
        if half == 0 {
            all(side_by_side, candidates, &bare)?
        } else {
            all(side_by_side, candidates, &within)?
        }
        if let Some(rate) = rates.get_mut(half) {
            *rate += from.elapsed().as_secs_f64();
        }
    }
    let [bare, within] = rates.map(|seconds| args.candidates as f64 / seconds * 60.0);
    println!("\ncandidates of a small C project built and tested, {side_by_side} at once, a minute");
    println!("{:24} {bare:8.1}\n{:24} {within:8.1} {:7.1}%", "bare", "ns, private copies", within / bare * 100.0);
    let limit = args.throughput_limit;
    Ok(said(within / bare < limit, &format!("less than {:.0}% of the bare throughput", limit * 100.0)))
}

fn all(side_by_side: usize, candidates: std::ops::Range<usize>, one: &(dyn Fn(usize) -> Result<()> + Sync)) -> Result<()> {
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..side_by_side)
            .map(|lane| {
                scope.spawn({
                    let mine: Vec<usize> = candidates.clone().filter(|candidate| candidate % side_by_side == lane).collect();
                    move || mine.into_iter().try_for_each(one)
                })
            })
            .collect();
        lanes.into_iter().try_for_each(|lane| lane.join().map_err(|_| anyhow::anyhow!("a lane panicked"))?)
    })
}

/// Changes one file, builds and tests.
fn build(
    sandbox: &impl Sandbox,
    policy: &dyn Fn(&sandbox::Workspace) -> Policy,
    workspace: &sandbox::Workspace,
    candidate: usize,
) -> Result<()> {
    workspace.write(Path::new("answer.h"), format!("#define ANSWER {candidate}\n").as_bytes(), false)?;
    for script in ["make -s", "./program | grep -q total"] {
        contained(sandbox, &policy(workspace), &limits(), &["/bin/sh", "-c", script], workspace.path())?;
    }
    Ok(())
}

/// Writes a project of a dozen files that take a compiler about as long as files of real projects do.
fn write_project(base: &Path) -> Result<()> {
    fs::create_dir(base)?;
    let names: Vec<String> = (0..12).map(|number| format!("part{number}")).collect();
    for name in &names {
        let mut text = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include \"answer.h\"\n".to_owned();
        for function in 0..24 {
            text += &format!(
                "long {name}_{function}(long n) {{ long sum = ANSWER; for (long i = 0; i < n; i++) {{ if (i % {} == 0) sum += i * {function}; \
                 else sum ^= i; }} char buffer[64]; snprintf(buffer, sizeof buffer, \"%ld\", sum); return sum + (long)strlen(buffer); }}\n",
                function + 2
            );
        }
        fs::write(base.join(format!("{name}.c")), text)?;
    }
    let calls: String = names.iter().map(|name| format!("long {name}_7(long);\n")).collect();
    let sum: Vec<String> = names.iter().map(|name| format!("{name}_7(1000)")).collect();
    let main =
        format!("#include <stdio.h>\n{calls}int main(void) {{ printf(\"total %ld\\n\", {}); return 0; }}\n", sum.join(" + "));
    fs::write(base.join("main.c"), main)?;
    fs::write(base.join("answer.h"), "#define ANSWER 0\n")?;
    let objects: Vec<String> = names.iter().map(|name| format!("{name}.o")).collect();
    let objects = objects.join(" ");
    Ok(fs::write(
        base.join("Makefile"),
        format!("CFLAGS = -O1\nprogram: main.o {objects}\n\tcc -o $@ $^\n{objects}: answer.h\n"),
    )?)
}

fn limits() -> Limits {
    Limits::new(PATIENCE, 1 << 16)
}

/// Runs a command to its end, which must be a good one.
fn contained(sandbox: &impl Sandbox, policy: &Policy, limits: &Limits, argv: &[&str], cwd: &Path) -> Result<()> {
    let env = [("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into())].into();
    let command = sandbox::Command { argv: argv.iter().map(Into::into).collect(), cwd: cwd.to_owned(), env, stdin: None };
    let outcome = sandbox.run(&command, policy, limits, &Cancel::default())?;
    ensure!(outcome.status == Status::Exited(0), "{:?}: {}", outcome.status, String::from_utf8_lossy(&outcome.stderr.text()));
    Ok(())
}

fn quiet(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}

fn said(over: bool, what: &str) -> bool {
    if over {
        println!("over the limit: {what}");
    }
    over
}
