use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use code::{Found, Skipped};
use domain::RepoPath;
use serde::Serialize;

use crate::cli::{Usage, screen};
use crate::exit;

/// Lists what files let the program do: run other programs, talk to networks, run text as code, and the like
///
/// Folders are searched as git sees them: what is ignored is left out. Names are followed through imports, aliases and variables; comments and strings do not count.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files and folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// More than this of a file is not read: the crate `code` would not look at it.
const LARGEST: u64 = (4 << 20) + 1;
/// More files than this are another question.
const MOST_FILES: usize = 500_000;

#[derive(Serialize)]
struct Listing {
    findings: Vec<Line>,
    skipped: Vec<SkippedFile>,
    in_part: Vec<InPart>,
}

/// A file that does not parse everywhere: what stands there is not known.
#[derive(Serialize)]
struct InPart {
    path: String,
    /// The first line that does not parse.
    line: u32,
    /// How many stretches do not.
    stretches: usize,
}

#[derive(Serialize)]
struct Line {
    path: String,
    #[serde(flatten)]
    found: Found,
}

#[derive(Serialize)]
struct SkippedFile {
    path: String,
    reason: String,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let files = files_of(&args.paths)?;
    let listing = scan(&files);
    if args.json {
        screen::print_json(&listing)?;
    } else {
        screen::print(&table(&listing))?;
    }
    Ok(exit::DONE)
}

/// A file to look at, and whether the user named it: of those that he did not, the ones in languages that nobody knows go without a word.
struct File {
    path: PathBuf,
    is_named: bool,
}

fn files_of(paths: &[PathBuf]) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for path in paths {
        let wrong = |problem: String| Usage { problem, hint: "name files or folders that are there".to_owned() };
        let meta = std::fs::metadata(path).map_err(|error| wrong(format!("cannot read {}: {error}", path.display())))?;
        if !meta.is_dir() {
            files.push(File { path: path.clone(), is_named: true });
            continue;
        }
        // Links are not followed, so a folder that contains itself has an end.
        let walk = ignore::WalkBuilder::new(path).hidden(false).filter_entry(|entry| entry.file_name() != ".git").build();
        for entry in walk.flatten() {
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                files.push(File { path: entry.into_path(), is_named: false });
            }
            if files.len() > MOST_FILES {
                return Err(wrong(format!("{} holds more than {MOST_FILES} files", path.display())).into());
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn scan(files: &[File]) -> Listing {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get).min(files.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, file)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, files.get(at)?)))
                {
                    let result = look_at(&file.path);
                    if let Ok(mut done) = done.lock() {
                        done.push((at, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(at, _)| *at);
    let mut listing = Listing { findings: Vec::new(), skipped: Vec::new(), in_part: Vec::new() };
    for (at, result) in done {
        let Some(file) = files.get(at) else { continue };
        let path = file.path.display().to_string();
        match result {
            Ok(scan) => {
                if let Some(reason) = scan.skipped.filter(|reason| file.is_named || *reason != Skipped::Language) {
                    listing.skipped.push(SkippedFile { path: path.clone(), reason: reason.to_string() });
                }
                if let Some((line, _)) = scan.unread.first() {
                    listing.in_part.push(InPart { path: path.clone(), line: *line, stretches: scan.unread.len() });
                }
                listing.findings.extend(scan.found.into_iter().map(|found| Line { path: path.clone(), found }));
            }
            Err(error) => listing.skipped.push(SkippedFile { path, reason: format!("it cannot be read: {error}") }),
        }
    }
    listing
}

fn look_at(file: &Path) -> std::io::Result<code::Scan> {
    // What is below the folder from which the user speaks is its place in the project.
    let name = file.to_string_lossy().replace('\\', "/");
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    let path =
        RepoPath::new(parts.join("/")).map_err(|_| std::io::Error::other("its name is none that a repository may hold"))?;
    // Opening a pipe waits for somebody who writes into it.
    if !std::fs::metadata(file)?.is_file() {
        return Err(std::io::Error::other("it is no plain file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(code::capabilities(&path, &bytes))
}

fn table(listing: &Listing) -> String {
    let mut text = String::new();
    for Line { path, found } in &listing.findings {
        let resource = found.resource.as_deref().map(|resource| format!(" [{resource}]")).unwrap_or_default();
        text += &format!("{path}:{}: {}{resource} {}\n", found.line, found.capability, found.evidence);
    }
    for SkippedFile { path, reason } in &listing.skipped {
        text += &format!("{path}: not looked at: {reason}\n");
    }
    for InPart { path, line, stretches } in &listing.in_part {
        text += &format!("{path}: looked at in part: it does not parse in {stretches} places, first at line {line}\n");
    }
    if text.is_empty() {
        text += "nothing: these files let the program do none of what is looked for\n";
    }
    text
}
