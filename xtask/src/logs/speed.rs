//! The time and the memory that reading takes: beside ripgrep with the same patterns, as the input doubles, and on a log far larger.
//!
//! ripgrep is given what suits it best: the same file, in memory already; the same patterns, in which a class is that of ASCII, since
//! those of Unicode would cost it many times as much; one thread, as fixwright has; room for its automaton; and no more to do than to
//! count the lines. All run by turns, and of each the fastest run counts, by the clock and by the time of the processor that it took:
//! whatever else the machine does only adds to either, so that the least of several is nearest to what it costs.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use nix::sys::time::TimeValLike as _;

use crate::shell;

/// One line of so many tells of a failure.
const FAILURES: u64 = 1_000;

/// Each is measured so often, after a run that does not count.
const ROUNDS: usize = 9;

/// What is promised: how many times as fast as ripgrep, how much longer a byte takes at most in twice the input, and how many MiB.
const PROMISED_SPEED: f64 = 1.0;
const PROMISED_GROWTH: f64 = 1.5;
const PROMISED_MEMORY: f64 = 64.0;

/// Measures and prints, and says whether all that is promised holds.
pub(super) fn run(program: &Path, megabytes: u64, large: u64) -> Result<bool> {
    let folder = tempfile::tempdir().context("making a folder for the logs")?;
    let log = folder.path().join("log");
    let is_linear = doubling(program, &log)?;
    let is_fast = beside_ripgrep(program, &log, megabytes)?;
    let is_small = memory(program, large)?;
    Ok(is_linear && is_fast && is_small)
}

/// Reads 1, 2, 4 … 256 megabytes. Linear: twice the input takes twice the time, less what a start costs.
fn doubling(program: &Path, log: &Path) -> Result<bool> {
    println!("megabytes  seconds  nanoseconds a byte  promised");
    let mut is_linear = true;
    let mut most = f64::INFINITY;
    for doubled in 0..=8 {
        let bytes = 1_000_000_u64 << doubled;
        write_log(&mut BufWriter::new(File::create(log)?), bytes)?;
        let seconds: f64 = fastest(&mut [reading(program, log)])?.iter().map(|least| least.wall).sum();
        let of_byte = seconds * 1e9 / bytes as f64;
        println!("{:9}  {seconds:7.3}  {of_byte:18.2}  {most:8.2}", bytes / 1_000_000);
        is_linear &= of_byte <= most;
        most = of_byte * PROMISED_GROWTH;
    }
    Ok(is_linear)
}

fn beside_ripgrep(program: &Path, log: &Path, megabytes: u64) -> Result<bool> {
    write_log(&mut BufWriter::new(File::create(log)?), megabytes * 1_000_000)?;
    let patterns = log.with_file_name("patterns");
    std::fs::write(&patterns, diagnostics::patterns().map(for_ripgrep).collect::<String>())?;
    // As the log is, where what begins a line is hidden behind its stamp; and without stamps, which fixwright takes off itself.
    let bare = log.with_file_name("bare");
    without_stamps(log, &bare)?;
    let rg = shell::which("rg");
    let mut names = Vec::new();
    let mut commands = vec![reading(program, log)];
    // Its own limits, and room for the automaton of so many patterns; to say which lines they are is what fixwright does.
    for (what, input) in [("the same log", log), ("it without stamps", &bare)] {
        for options in [&["--count"][..], &["--count", ROOMY[0], ROOMY[1]], &["--line-number", ROOMY[0], ROOMY[1]]] {
            if let Some(rg) = &rg {
                let mut command = Command::new(rg);
                command.args(["--no-config", "--threads=1", "--file"]).arg(&patterns).args(options).arg(input);
                names.push(format!("rg {}, {what}", options.join(" ")));
                commands.push(command);
            }
        }
    }
    let all = fastest(&mut commands)?;
    let Some((own, others)) = all.split_first() else { return Ok(false) };
    let count = diagnostics::patterns().count();
    println!("{megabytes} MB, the fastest of {ROUNDS} runs of each, by turns: seconds by the clock, of the processor");
    println!("  {own}: fixwright (peel, split into steps, look for {count} patterns, read what failed)");
    if rg.is_none() {
        println!("ripgrep is not installed, and what is promised beside it was not measured: apt install ripgrep");
    }
    for (name, other) in names.iter().zip(others) {
        let Times { wall, processor } = other.over(own);
        println!("  {other}: {name}; fixwright is {wall:.2} and {processor:.2} times as fast");
    }
    let Some(fastest) = others.iter().take(others.len() / 2).copied().reduce(Times::least) else { return Ok(false) };
    let Times { wall, processor } = fastest.over(own);
    println!("  {wall:.2} and {processor:.2} times as fast as the fastest of the same log  promised {PROMISED_SPEED:.2}");
    Ok(wall.min(processor) >= PROMISED_SPEED)
}

/// Room for the automaton of many patterns.
const ROOMY: [&str; 2] = ["--dfa-size-limit=1G", "--regex-size-limit=1G"];

/// Returns how a log is read.
fn reading(program: &Path, log: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["read", "--json"]).arg(log);
    command
}

/// Returns a pattern as a line of a file of ripgrep's, in which a class means what it does to fixwright: that of ASCII.
fn for_ripgrep(pattern: &str) -> String {
    let bytes = |c: char| c.to_string().bytes().map(|byte| format!(r"\x{byte:02x}")).collect();
    let ascii: String = pattern.chars().map(|c| if c.is_ascii() { c.to_string() } else { bytes(c) }).collect();
    format!("(?-u:{ascii})\n")
}

/// Writes a log without what stands before the first blank of each line.
fn without_stamps(log: &Path, bare: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(bare)?);
    for line in BufReader::new(File::open(log)?).split(b'\n') {
        let line = line?;
        let text = line.iter().position(|byte| *byte == b' ').and_then(|blank| line.get(blank + 1..)).unwrap_or(&line);
        out.write_all(text)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Streams a log to the program, and shows how much memory it held at most.
fn memory(program: &Path, megabytes: u64) -> Result<bool> {
    // A process of its own, so that nothing else that was started counts.
    let mut child = Command::new(std::env::current_exe()?)
        .arg("measure")
        .arg(program)
        .args(["read", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(input) = child.stdin.take() {
        write_log(&mut BufWriter::with_capacity(1 << 20, input), megabytes << 20)?;
    }
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let kib: u64 = said.trim().parse().with_context(|| format!("reading {said:?}"))?;
    let mib = kib as f64 / 1024.0;
    println!("{megabytes} MiB: peak memory {mib:.1} MiB  promised {PROMISED_MEMORY:.0}");
    Ok(mib <= PROMISED_MEMORY)
}

/// Runs a command, and writes the most memory that it held, in KiB, to standard error.
pub(crate) fn measure(args: &[String]) -> Result<ExitCode> {
    let (program, args) = args.split_first().context("name a program")?;
    let status = Command::new(program).args(args).status()?;
    ensure!(matches!(status.code(), Some(0 | 1)), "it ended with {status}");
    let used = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)?;
    eprintln!("{}", used.max_rss());
    Ok(ExitCode::SUCCESS)
}

/// How long a run took, in seconds: by the clock, and of the processor.
#[derive(Debug, Clone, Copy)]
struct Times {
    wall: f64,
    processor: f64,
}

impl Times {
    /// Returns the less of either.
    fn least(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), processor: self.processor.min(other.processor) }
    }

    /// Returns how many times as long it took as another.
    fn over(self, other: &Self) -> Self {
        Self { wall: self.wall / other.wall, processor: self.processor / other.processor }
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3} {:.3}", self.wall, self.processor)
    }
}

fn time(command: &mut Command) -> Result<Times> {
    let (before, from) = (processor()?, Instant::now());
    let status = command.stdout(Stdio::null()).status()?;
    let wall = from.elapsed().as_secs_f64();
    ensure!(matches!(status.code(), Some(0 | 1)), "{command:?} ended with {status}");
    Ok(Times { wall, processor: processor()? - before })
}

/// Returns the time of the processor that all programs took that were started and have ended.
fn processor() -> Result<f64> {
    let used = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)?;
    Ok((used.user_time() + used.system_time()).num_microseconds() as f64 / 1e6)
}

/// Returns the least of each command's times, all run by turns.
fn fastest(commands: &mut [Command]) -> Result<Vec<Times>> {
    let mut all = vec![Times { wall: f64::INFINITY, processor: f64::INFINITY }; commands.len()];
    for round in 0..=ROUNDS {
        for (command, least) in commands.iter_mut().zip(&mut all) {
            let times = time(command)?;
            // Only then all of it is in memory.
            if round > 0 {
                *least = least.least(times);
            }
        }
    }
    Ok(all)
}

/// What the lines of a job look like, most of which tell nothing.
const ORDINARY: &[&str] = &[
    "   Compiling serde_derive v1.0.{n} (/home/runner/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde_derive-1.0.{n})",
    "tests/unit/test_module_{n}.py::TestRequests::test_status_code_is_kept[{n}-gzip] PASSED [ {p}%]",
    "{n}: Pulling fs layer, waiting for the download of layer sha256:41ad3f{n}c9",
    "[{p}%] Building CXX object src/CMakeFiles/widgets.dir/module_{n}.cc.o",
    "  ✓ renders the table of page {n} without flicker ({p} ms)",
    "npm http fetch GET 200 https://registry.npmjs.org/package-{n} {p}ms (cache revalidated)",
    "[INFO] Copying {n} resources from src/main/resources to target/classes",
    "DEBUG 2026-05-01 pool-{n}-thread-{p} c.a.w.Scheduler - job {n} finished with 0 errors and 0 warnings in {p} ms",
    "=== RUN   TestTransfer/account_{n}",
    "src/widgets/module_{n}.c:{n}:17: note: expanded from macro 'CHECK'",
    "",
    "test storage::pages::tests::page_{n}_round_trips ... ok",
];

/// Those that tell of a failure.
const TELLING: &[&str] = &[
    "src/widgets/module_{n}.c:{n}:17: error: use of undeclared identifier 'page_{n}'",
    "FAILED tests/unit/test_module_{n}.py::test_pages - AssertionError: assert {n} == {p}",
    "error[E0308]: mismatched types in page {n}",
    "    --- FAIL: TestTransfer/account_{n} (0.{p}s)",
    "src/pages.ts({n},{p}): error TS2322: Type 'string' is not assignable to type 'number'.",
    "src/widgets/page.py:{n}:{p}: F401 `page_{n}` imported but unused",
];

/// Writes a log in GitHub's form, at least so many bytes.
fn write_log(out: &mut impl Write, bytes: u64) -> Result<()> {
    let mut head = String::new();
    for line in ["##[group]Run make check", "\u{1b}[36;1mmake check\u{1b}[0m", "shell: /usr/bin/bash -e {0}", "##[endgroup]"] {
        writeln!(head, "2026-05-01T10:00:00.0000000Z {line}")?;
    }
    out.write_all(head.as_bytes())?;
    let mut written = head.len() as u64;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut line = String::new();
    let mut number = 0_u64;
    while written < bytes {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        number += 1;
        let from = if number.is_multiple_of(FAILURES) { TELLING } else { ORDINARY };
        let shape = usize::try_from(random % from.len() as u64).ok().and_then(|at| from.get(at)).copied().unwrap_or_default();
        line.clear();
        write!(line, "2026-05-01T10:{:02}:{:02}.{:07}Z ", number / 60_000 % 60, number / 1_000 % 60, number % 10_000_000)?;
        let mut rest = shape;
        while let Some((before, after)) = rest.split_once('{') {
            line.push_str(before);
            let figure = if after.starts_with('n') { random >> 40 } else { random >> 8 & 63 };
            write!(line, "{}", figure % 90_000)?;
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        line.push_str(rest);
        line.push('\n');
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    out.write_all(b"2026-05-01T11:00:00.0000000Z ##[error]Process completed with exit code 2.\n")?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_as_long_as_asked_and_one_line_of_a_thousand_tells() {
        let mut log = Vec::new();
        write_log(&mut log, 1_000_000).unwrap();
        let text = String::from_utf8(log).unwrap();
        assert!((1_000_000..1_001_000).contains(&text.len()));
        let told =
            text.lines().filter(|line| line.contains("error: ") || line.contains("FAIL") || line.contains("error[")).count();
        assert!(told > 2 && told < text.lines().count() / 500, "{told} of {}", text.lines().count());
        assert!(!text.contains("{n}") && !text.contains("{p}"));
    }
}
