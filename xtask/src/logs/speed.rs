//! The time and the memory that reading takes: beside ripgrep with the same patterns, as the input doubles, and on a log far larger.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::shell;

/// One line of so many tells of a failure.
const FAILURES: u64 = 1_000;

/// Each is measured so often; the median counts.
const ROUNDS: usize = 3;

/// Measures and prints.
pub(super) fn run(program: &Path, megabytes: u64, large: u64) -> Result<()> {
    let folder = tempfile::tempdir().context("making a folder for the logs")?;
    let log = folder.path().join("log");
    doubling(program, &log)?;
    beside_ripgrep(program, &log, megabytes)?;
    memory(program, large)
}

/// Reads 1, 2, 4 … 256 megabytes. Linear: twice the input takes twice the time, less what a start costs.
fn doubling(program: &Path, log: &Path) -> Result<()> {
    println!("megabytes  seconds  nanoseconds a byte");
    for doubled in 0..=8 {
        let bytes = 1_000_000_u64 << doubled;
        write_log(&mut BufWriter::new(File::create(log)?), bytes)?;
        let seconds = median(|| time(Command::new(program).args(["read", "--json"]).arg(log)))?;
        println!("{:9}  {seconds:7.3}  {:.2}", bytes / 1_000_000, seconds * 1e9 / bytes as f64);
    }
    Ok(())
}

fn beside_ripgrep(program: &Path, log: &Path, megabytes: u64) -> Result<()> {
    write_log(&mut BufWriter::new(File::create(log)?), megabytes * 1_000_000)?;
    let own = |args: &[&str]| {
        let mut command = Command::new(program);
        command.args(["read", "--json"]).args(args).arg(log);
        median(|| time(&mut command))
    };
    let Some(rg) = shell::which("rg") else {
        println!("{megabytes} MB: fixwright {:.3} s; ripgrep is not installed: apt install ripgrep", own(&[])?);
        return Ok(());
    };
    let own = own(&[])?;
    println!(
        "{megabytes} MB: fixwright {own:.3} s (peel, split into steps, look for {} patterns, read what failed)",
        diagnostics::patterns().count()
    );
    let patterns = log.with_file_name("patterns");
    std::fs::write(&patterns, diagnostics::patterns().map(for_ripgrep).collect::<String>())?;
    // One thread, and room for the automaton of so many patterns; and what ripgrep makes of it with its own limits.
    let one_thread = ["--no-config", "--threads=1", "--file"];
    let roomy = ["--dfa-size-limit=1G", "--regex-size-limit=1G"];
    // As the log is, where what begins a line is hidden behind its stamp; and without stamps, which fixwright takes off itself.
    let bare = log.with_file_name("bare");
    without_stamps(log, &bare)?;
    // Counting costs ripgrep least; to say which lines they are is what fixwright does.
    for (what, input, options) in [
        ("as it is", log, &["--count"][..]),
        ("its stamps taken off before", &bare, &["--count"]),
        ("its stamps taken off before", &bare, &["--line-number"]),
    ] {
        let seconds = |limits: &[&str]| {
            let mut command = Command::new(&rg);
            command.args(one_thread).arg(&patterns).args(options).args(limits).arg(input);
            median(|| time(&mut command))
        };
        let (limited, unlimited) = (seconds(&[])?, seconds(&roomy)?);
        println!(
            "{megabytes} MB, {what}: rg {} {limited:.3} s, with {} {unlimited:.3} s; fixwright is {:.2} times as fast as the faster",
            options.join(" "),
            roomy.join(" "),
            limited.min(unlimited) / own
        );
    }
    Ok(())
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

/// Streams a log to the program, and says how much memory it held at most.
fn memory(program: &Path, megabytes: u64) -> Result<()> {
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
    println!("{megabytes} MiB: peak memory {:.1} MiB", kib as f64 / 1024.0);
    Ok(())
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

fn time(command: &mut Command) -> Result<f64> {
    let from = Instant::now();
    let status = command.stdout(Stdio::null()).status()?;
    let seconds = from.elapsed().as_secs_f64();
    ensure!(matches!(status.code(), Some(0 | 1)), "{command:?} ended with {status}");
    Ok(seconds)
}

fn median(mut measure: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut all: Vec<f64> = (0..ROUNDS).map(|_| measure()).collect::<Result<_>>()?;
    all.sort_by(f64::total_cmp);
    Ok(all.get(ROUNDS / 2).copied().unwrap_or(f64::NAN))
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
