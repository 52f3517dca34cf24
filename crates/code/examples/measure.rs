//! Measures the index beside the bare parse of the same files, for `cargo xtask bench code`: one process, the same cores, one JSON document.
//!
//!     cargo run --release -p fixwright-code --example measure -- FOLDER [ROUNDS]

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a measuring device: its output is its purpose, and it stops at the first surprise"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use code::tree_sitter::Parser;
use code::{Content, Entry, Index, Read, Skip};
use domain::{Language, RepoPath};
use rayon::prelude::*;

/// Names that are looked up.
const NAMES: usize = 2000;

struct Folder {
    root: PathBuf,
    /// Texts that were changed since.
    changed: BTreeMap<RepoPath, Vec<u8>>,
}

impl Read for Folder {
    fn read(&self, path: &RepoPath) -> Result<Content, Skip> {
        let text = match self.changed.get(path) {
            Some(text) => text.clone(),
            None => std::fs::read(self.root.join(path.as_str())).map_err(|_| Skip::Unreadable)?,
        };
        Ok(Content { text, stamp: Some(1) })
    }
}

fn list(root: &Path, folder: &Path, found: &mut Vec<Entry>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            list(root, &entry.path(), found);
        } else if kind.is_file()
            && let Some(path) = entry.path().strip_prefix(root).unwrap().to_str().and_then(|path| RepoPath::new(path).ok())
            && code::language_of(&path).is_some()
        {
            found.push(Entry { path, stamp: Some(1) });
        }
    }
}

/// Parses each file with its grammar, and does nothing else. Returns how many bytes that were.
fn parse(folder: &Folder, entries: &[&Entry]) -> usize {
    let one = |parser: &mut Parser, entry: &&Entry| {
        let Ok(content) = folder.read(&entry.path) else { return 0 };
        let grammar = match code::language_of(&entry.path) {
            Some(Language::C) => tree_sitter_c::LANGUAGE.into(),
            Some(Language::Cpp) => tree_sitter_cpp::LANGUAGE.into(),
            Some(Language::Rust) => tree_sitter_rust::LANGUAGE.into(),
            Some(Language::Python) => tree_sitter_python::LANGUAGE.into(),
            Some(Language::Go) => tree_sitter_go::LANGUAGE.into(),
            Some(Language::Java) => tree_sitter_java::LANGUAGE.into(),
            Some(Language::JavaScript) => tree_sitter_javascript::LANGUAGE.into(),
            Some(Language::TypeScript) => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            _ => return 0,
        };
        parser.set_language(&grammar).unwrap();
        parser.parse(&content.text, None).unwrap();
        content.text.len()
    };
    entries.par_iter().with_max_len(16).map_init(Parser::new, one).sum()
}

fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

/// The time that the processors have spent on this process, in its own unit, where the system says so.
fn spent() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything, its time as a user is the 12th field, that of the system the 13th.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?)
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let from = Instant::now();
    let done = work();
    (seconds(from.elapsed()), done)
}

fn percentile(mut times: Vec<f64>, share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or(f64::NAN)
}

fn main() {
    let root = PathBuf::from(std::env::args_os().nth(1).unwrap());
    let mut folder = Folder { root: root.clone(), changed: BTreeMap::new() };
    let mut entries = Vec::new();
    list(&root, &root, &mut entries);
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let rounds: usize = std::env::args().nth(2).map_or(3, |rounds| rounds.parse().unwrap());
    // Once for the disk's cache.
    entries.par_iter().for_each(|entry| drop(folder.read(&entry.path)));
    let (mut ratios, mut of_processors, mut parses, mut indexes, mut last, mut bytes) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), None, 0);
    for _ in 0..rounds {
        let start = spent();
        let (index, update) = timed(|| Index::update(None, &entries, &[], &folder).unwrap());
        // What the index leaves out is not parsed here either.
        let in_index = |entry: &&Entry| update.index.file(&entry.path).is_some_and(|file| file.skipped().is_none());
        let indexed: Vec<&Entry> = entries.iter().filter(in_index).collect();
        let middle = spent();
        let (parse, parsed) = timed(|| parse(&folder, &indexed));
        ratios.push(index / parse);
        let spent = start.zip(middle).zip(spent());
        of_processors.extend(spent.map(|((start, middle), end)| (middle - start) / (end - middle)));
        parses.push(parse);
        indexes.push(index);
        (last, bytes) = (Some(update), parsed);
    }
    let made = last.unwrap();
    let (digest, segment) = made.segment.unwrap();
    let listing = made.listing.unwrap();
    let stored = std::env::current_dir().unwrap().join("target/measured-index");
    std::fs::write(&stored, &segment).unwrap();
    let (open, index) = timed(|| {
        Index::open(&listing, |asked| {
            assert_eq!(asked, digest);
            Ok(Box::new(Stored(std::fs::File::open(&stored)?)))
        })
        .unwrap()
    });
    let (first, _) = timed(|| index.definitions("main").unwrap());
    // Names that the tree defines, evenly taken; every tenth is misspelt.
    let mut names: Vec<String> = Vec::new();
    for file in index.files().iter().step_by((index.files().len() / NAMES).max(1)) {
        let outline = index.outline(&file.path).unwrap().unwrap_or_default();
        names.extend(outline.into_iter().filter(|one| one.kind.is_function()).map(|one| one.name).next());
    }
    let (mut exact, mut fuzzy, mut callers) = (Vec::new(), Vec::new(), Vec::new());
    for name in &names {
        let (time, found) = timed(|| index.definitions(name).unwrap());
        exact.push(time);
        callers.push(timed(|| index.callers(name, &found).unwrap()).0);
        fuzzy.push(timed(|| index.similar(&format!("{name}x"), 0.8, 10).unwrap()).0);
    }
    let (most, _) = ["kfree", "printk", "mutex_lock", "memcpy", "len", "get"]
        .iter()
        .map(|name| {
            let found = index.definitions(name).unwrap();
            timed(|| index.callers(name, &found).unwrap().len())
        })
        .max_by_key(|(_, count)| *count)
        .unwrap();
    for entry in entries.iter_mut().step_by((index.files().len() / 10).max(1)).take(10) {
        let mut text = folder.read(&entry.path).unwrap().text;
        text.extend_from_slice(b"\n\n");
        folder.changed.insert(entry.path.clone(), text);
        entry.stamp = Some(2);
    }
    let (again, update) = timed(|| Index::update(Some(index), &entries, &[], &folder).unwrap());
    std::fs::remove_file(&stored).unwrap();
    println!(
        "{}",
        serde_json::json!({
            "files": made.tally.files, "megabytes": bytes as f64 / 1e6, "rounds": rounds,
            "parse_s": percentile(parses, 0.5), "index_s": percentile(indexes, 0.5), "ratio": percentile(ratios, 0.5),
            "processor_ratio": percentile(of_processors, 0.5),
            "index_megabytes": (segment.len() + listing.len()) as f64 / 1e6, "peak_megabytes": peak(), "open_s": open, "first_lookup_s": first,
            "name_p99_s": percentile(exact, 0.99), "fuzzy_p99_s": percentile(fuzzy, 0.99), "callers_p99_s": percentile(callers, 0.99),
            "most_callers_s": most, "reindex_10_s": again, "reindex_parsed": update.tally.parsed,
        })
    );
}

/// The most memory that this process had, where the system says so.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB");
    Some(kilobytes.parse::<f64>().ok()? / 1e3)
}

struct Stored(std::fs::File);

impl code::Storage for Stored {
    fn read(&self, from: u64, length: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        std::os::unix::fs::FileExt::read_exact_at(&self.0, &mut bytes, from)?;
        Ok(bytes)
    }
}
