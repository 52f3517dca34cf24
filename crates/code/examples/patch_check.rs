//! Measures what it takes to check a patch of ten files over a base that is known, for `cargo xtask bench capabilities`.
//!
//!     cargo run --release -p fixwright-code --example patch_check -- FOLDER
//!
//! Prints the median of all rounds in milliseconds. The ten files are spread over the folder, so that they are as long as files are; each
//! round changes them otherwise, so that nothing of the result is known.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "it is a measuring device, and stops at the first surprise")]

use std::path::Path;
use std::time::Instant;

use code::{Change, Scans};
use domain::RepoPath;

const FILES: usize = 10;
const ROUNDS: usize = 21;

fn main() {
    let folder = std::env::args_os().nth(1).unwrap();
    let mut names: Vec<String> = std::fs::read_dir(Path::new(&folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".py"))
        .collect();
    names.sort();
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|round| {
            let step = names.len() / FILES;
            let taken = (0..FILES).map(|at| &names[(at * step + round) % names.len()]);
            let files: Vec<(RepoPath, Vec<u8>, Vec<u8>)> = taken
                .map(|name| {
                    let before = std::fs::read(Path::new(&folder).join(name)).unwrap();
                    let after = [&before, format!("\nimport os\nos.system('round {round}')\n").as_bytes()].concat();
                    (RepoPath::new(name.as_str()).unwrap(), before, after)
                })
                .collect();
            let changes: Vec<Change<'_>> =
                files.iter().map(|(path, before, after)| Change { path, before: Some(before), after: Some(after) }).collect();
            let scans = Scans::default();
            for (path, before, _) in &files {
                let _ = scans.of(path, before);
            }
            let start = Instant::now();
            let evaluation = code::evaluate(&changes, &scans);
            let took = start.elapsed().as_secs_f64() * 1000.0;
            assert!(!evaluation.delta.added.is_empty());
            took
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    println!("{:.2}", rounds[ROUNDS / 2]);
}
