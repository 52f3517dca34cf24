//! `cargo xtask fuzz patch`: millions of hostile answers on a stable compiler, and what must hold for each of them.
//!
//! The cases are those of the targets in `fuzz/`: half of them real answers that were changed, half of them bytes and marks in any order.
//! Case `n` of a seed is always the same, so a case that fails is told by its number.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use patch::fuzz::{Case, Held, assembled, check, mutate};

use crate::corpus::{self, Random};
use crate::shell;

/// Feeds the patch engine with millions of hostile answers: no panic, no hang, no escape
///
/// Starts from the answers in fixtures/patch, and from every class of the corpus over the repositories that are given. Exits 1 when
/// something does not hold, with the case in the folder --keep.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What is fuzzed
    #[arg(value_parser = ["patch"])]
    what: String,
    /// Git repositories with history to make answers from
    repositories: Vec<PathBuf>,
    /// How many cases
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    /// Which cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads
    #[arg(long, default_value_t = 2)]
    threads: u64,
    /// Milliseconds that one case may take
    #[arg(long, default_value_t = 2000)]
    limit_ms: u64,
    /// Where cases that fail are written
    #[arg(long, default_value = "target/fuzz")]
    keep: PathBuf,
    /// Run this case alone, and print it
    #[arg(long)]
    only: Option<u64>,
}

/// More cases that fail than this say nothing new.
const MOST_KEPT: usize = 50;

/// What the threads have seen.
#[derive(Default)]
struct Seen {
    changes: AtomicUsize,
    already: AtomicUsize,
    refused: AtomicUsize,
    faults: Mutex<BTreeMap<u64, String>>,
    slowest: Mutex<(Duration, u64)>,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mut seeds = scenarios(&shell::root()?.join("fixtures/patch"))?;
    for repository in &args.repositories {
        seeds.extend(corpus::fuzz_seeds(repository)?);
    }
    if let Some(number) = args.only {
        let case = make(&seeds, args.seed, number);
        println!("{}", String::from_utf8_lossy(&case.answer));
        println!("{:?}", outcome(&case));
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} cases from {} answers, seed {}, {} threads", args.cases, seeds.len(), args.seed, args.threads);
    // A panic is a fault with a number; its text is kept and need not be printed a million times.
    std::panic::set_hook(Box::new(|_| {}));
    let (seeds, seen) = (Arc::new(seeds), Arc::new(Seen::default()));
    let start = Instant::now();
    let limit = Duration::from_millis(args.limit_ms);
    let (seed, step, cases, folder) = (args.seed, args.threads.max(1), args.cases, Arc::new(args.keep.clone()));
    let workers: Vec<(Arc<AtomicU64>, std::thread::JoinHandle<()>)> = (0..step)
        .map(|thread| {
            let at = Arc::new(AtomicU64::new(thread));
            let (own, seeds, seen, folder) = (Arc::clone(&at), Arc::clone(&seeds), Arc::clone(&seen), Arc::clone(&folder));
            let work = move || {
                for number in (thread..cases).step_by(usize::try_from(step).unwrap_or(1)) {
                    own.store(number, Ordering::Relaxed);
                    let case = make(&seeds, seed, number);
                    if let Some(fault) = one(&case, number, limit, &seen) {
                        // At once: a run of hours may be stopped.
                        let _ = keep(&folder, number, &case, &fault);
                    }
                }
                own.store(u64::MAX, Ordering::Relaxed);
            };
            (at, std::thread::spawn(work))
        })
        .collect();
    let hung = watch(&workers, limit, cases, start, &seen);
    let mut faults = seen.faults.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for number in hung {
        faults.insert(number, "it does not end".to_owned());
        keep(&args.keep, number, &make(&seeds, args.seed, number), "it does not end")?;
    }
    let took = start.elapsed();
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    let slowest = *seen.slowest.lock().unwrap_or_else(PoisonError::into_inner);
    println!(
        "{} s: {} planned, {} there already, {} refused, {} faults; the slowest took {:?} (case {})",
        took.as_secs(),
        count(&seen.changes),
        count(&seen.already),
        count(&seen.refused),
        faults.len(),
        slowest.0,
        slowest.1
    );
    for (number, fault) in &faults {
        println!("case {number}: {}", fault.lines().next().unwrap_or_default());
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs one case and counts it. Returns what does not hold, if it is to be kept.
fn one(case: &Case, number: u64, limit: Duration, seen: &Seen) -> Option<String> {
    let start = Instant::now();
    let outcome = outcome(case);
    let took = start.elapsed();
    let mut slowest = seen.slowest.lock().unwrap_or_else(PoisonError::into_inner);
    *slowest = (*slowest).max((took, number));
    drop(slowest);
    let counter = match outcome {
        _ if took > limit => return note(seen, number, format!("it takes {took:?}")),
        Err(fault) => return note(seen, number, fault),
        Ok(Held::Changes) => &seen.changes,
        Ok(Held::AlreadyApplied) => &seen.already,
        Ok(Held::Refused) => &seen.refused,
    };
    counter.fetch_add(1, Ordering::Relaxed);
    None
}

fn note(seen: &Seen, number: u64, fault: String) -> Option<String> {
    let mut faults = seen.faults.lock().unwrap_or_else(PoisonError::into_inner);
    (faults.len() < MOST_KEPT).then(|| {
        faults.insert(number, fault.clone());
        fault
    })
}

/// Waits for the threads, and tells now and then how far they are. Returns the cases that do not end.
fn watch(
    workers: &[(Arc<AtomicU64>, std::thread::JoinHandle<()>)],
    limit: Duration,
    cases: u64,
    start: Instant,
    seen: &Seen,
) -> Vec<u64> {
    let mut since: Vec<(u64, Instant)> = workers.iter().map(|_| (u64::MAX, start)).collect();
    let mut told = start;
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let mut hung = Vec::new();
        for ((at, worker), since) in workers.iter().zip(&mut since) {
            let number = at.load(Ordering::Relaxed);
            if since.0 != number {
                *since = (number, Instant::now());
            } else if !worker.is_finished() && since.1.elapsed() > limit * 10 {
                hung.push(number);
            }
        }
        let done = workers.iter().all(|(_, worker)| worker.is_finished());
        if done || !hung.is_empty() {
            return hung;
        }
        if told.elapsed() > Duration::from_secs(60) {
            told = Instant::now();
            let far = since.iter().map(|(number, _)| *number).min().unwrap_or(0).min(cases);
            let faults = seen.faults.lock().unwrap_or_else(PoisonError::into_inner).len();
            println!("{} s: {far} cases, {faults} faults", start.elapsed().as_secs());
        }
    }
}

fn outcome(case: &Case) -> Result<Held, String> {
    catch_unwind(AssertUnwindSafe(|| check(case))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

fn make(seeds: &[Case], seed: u64, number: u64) -> Case {
    let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
    let length = if number.is_multiple_of(2) { 4 + random.below(400) } else { 64 };
    let data: Vec<u8> = (0..length).map(|_| u8::try_from(random.below(256)).unwrap_or(0)).collect();
    if number.is_multiple_of(2) { assembled(&data) } else { mutate(seeds, &data) }
}

/// The answers in scenario folders, each with its files.
fn scenarios(root: &Path) -> Result<Vec<Case>> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .with_context(|| format!("listing {}", root.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    folders.sort();
    folders.iter().map(|folder| patch::fuzz::scenario(folder).with_context(|| format!("reading {}", folder.display()))).collect()
}

fn keep(folder: &Path, number: u64, case: &Case, fault: &str) -> Result<()> {
    let folder = folder.join(number.to_string());
    for (path, text) in &case.files {
        let file = folder.join("before").join(path);
        std::fs::create_dir_all(file.parent().unwrap_or(&folder))?;
        std::fs::write(file, text)?;
    }
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("answer"), &case.answer)?;
    std::fs::write(folder.join("fault"), fault)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_told_by_its_number() {
        let seeds = scenarios(&shell::root().unwrap().join("fixtures/patch")).unwrap();
        let cases = |seed| (0..50).map(|number| make(&seeds, seed, number).answer).collect::<Vec<_>>();
        assert_eq!(cases(1), cases(1));
        assert_ne!(cases(1), cases(2));
    }
}
