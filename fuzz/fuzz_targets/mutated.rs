//! The answers of the scenarios, changed as the bytes say.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use patch::fuzz::{Case, mutated, scenario};

static SEEDS: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/patch");
    let mut folders: Vec<_> = std::fs::read_dir(root).expect("the scenarios").map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    folders.iter().map(|folder| scenario(folder).expect("a scenario")).collect()
});

fuzz_target!(|data: &[u8]| {
    if let Err(fault) = mutated(&SEEDS, data) {
        panic!("{fault}");
    }
});
