//! The share of fuzzing that every run of the tests takes: the scenarios, changed, and marks in any order.
//!
//! `cargo xtask fuzz patch` runs the same over millions of cases, and `fuzz/` under cargo-fuzz.

use std::path::Path;

use patch::fuzz::{Held, bytes, mutated, scenario};

/// Cases of each kind: some seconds without optimisation.
const CASES: u64 = 2_500;

/// Bytes that are the same for the same number.
fn data(number: u64, length: usize) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn changed_answers_do_no_harm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/patch");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let seeds: Vec<_> = folders.iter().map(|folder| scenario(folder).unwrap()).collect();
    let mut planned = 0;
    for number in 0..CASES {
        match mutated(&seeds, &data(number, 64)) {
            Ok(held) => planned += u64::from(held == Held::Changes),
            Err(fault) => panic!("case {number}: {fault}"),
        }
    }
    assert!(planned > CASES / 20 && planned < CASES, "{planned} of {CASES} were planned: the cases say too little");
}

#[test]
fn any_bytes_do_no_harm() {
    for number in 0..CASES {
        let length = usize::try_from(number % 400).unwrap();
        bytes(&data(number, length)).unwrap_or_else(|fault| panic!("case {number}: {fault}"));
    }
}
