//! Input that was made to take forever, to overflow or to confuse.

use std::time::{Duration, Instant};

use domain::{Language, RepoPath};
use rayon::prelude::*;

use super::{Skipped, capabilities};
use crate::parsing::Limit;

/// Far beyond what anything here takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn names() -> Vec<RepoPath> {
    let names =
        ["a.py", "a.js", "a.ts", "a.go", "a.rs", "A.java", "a.c", "a.cpp", "A.cs", "a.rb", "a.php", "A.kt", "A.scala", "a.sh"];
    names.iter().map(|name| RepoPath::new(name).unwrap()).collect()
}

#[test]
fn a_line_of_fifty_megabytes_is_skipped_with_its_reason() {
    let text = b"f(1);".repeat(10 << 20);
    for path in names() {
        let started = Instant::now();
        assert_eq!(capabilities(&path, &text).skipped, Some(Skipped::TooLarge), "{path}");
        assert!(started.elapsed() < PATIENCE);
    }
}

#[test]
fn ten_thousand_brackets_neither_overflow_nor_hang() {
    names().par_iter().for_each(|path| {
        for (open, close) in [("(", ")"), ("{", "}"), ("a.b(", ")"), ("a+", "a")] {
            let text = format!("{}1{}\n", open.repeat(10_000), close.repeat(10_000));
            let started = Instant::now();
            let _ = capabilities(path, text.as_bytes());
            assert!(started.elapsed() < PATIENCE, "{path} {open}");
        }
    });
}

#[test]
fn bytes_that_are_no_text_are_survived_and_nul_is_no_text() {
    let bad: Vec<u8> = (0..20_000_u32).map(|at| u8::try_from((at * 7919) % 251 + 1).unwrap()).collect();
    for path in names() {
        let _ = capabilities(&path, &bad);
        let _ = capabilities(&path, &[0xff; 5000]);
        assert_eq!(capabilities(&path, b"a = 1\n\0\n").skipped, Some(Skipped::Binary), "{path}");
        assert_eq!(capabilities(&path, b"").skipped, None);
    }
    // Bytes that are no UTF-8 in a comment do not hide the code.
    let text = b"# caf\xe9\nimport os\nos.system('ls')\n";
    assert_eq!(capabilities(&RepoPath::new("a.py").unwrap(), text).found.len(), 1);
}

#[test]
fn what_takes_longer_than_it_may_is_skipped_with_its_reason() {
    let scan = |time| super::scan_text(Language::Python, "import os\nos.system('ls')\n", 0, Limit::of(time)).unwrap();
    assert_eq!(scan(Duration::ZERO).skipped, Some(Skipped::TooSlow));
    assert_eq!((scan(PATIENCE).skipped, scan(PATIENCE).found.len()), (None, 1));
}

/// Each name of the chain stands for all that come after it, and each macro within the others is asked where it ends.
#[test]
fn what_nests_deep_in_rust_is_bounded() {
    for text in ["a=".repeat(1_000) + "b", "a!(".repeat(3_000) + "1" + &")".repeat(3_000)] {
        let started = Instant::now();
        let _ = capabilities(&RepoPath::new("a.rs").unwrap(), format!("fn f() {{\n{text};\n}}\n").as_bytes());
        assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    }
}

/// What a parser reads in many ways up to the end, where it puts all of them together.
#[test]
fn what_can_be_read_in_many_ways_is_bounded() {
    names().par_iter().for_each(|path| {
        for text in ["x=>".repeat(10_000), "some_long_name => ".repeat(10_000)] {
            let started = Instant::now();
            let _ = capabilities(path, text.as_bytes());
            assert!(started.elapsed() < PATIENCE, "{path} {:?}", started.elapsed());
        }
    });
}

#[test]
fn many_statements_take_time_in_proportion() {
    let text = "import os\nx = os.path.join('a', 'b')\nos.system(x)\n".repeat(10_000);
    let started = Instant::now();
    let scan = capabilities(&RepoPath::new("a.py").unwrap(), text.as_bytes());
    assert!(!scan.found.is_empty() || scan.skipped == Some(Skipped::TooSlow));
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn a_long_list_that_is_used_often_is_put_together_once() {
    let text = format!("import os\nx = [{}]\n{}", "'a', ".repeat(100_000), "os.system(x)\n".repeat(10_000));
    let started = Instant::now();
    let scan = capabilities(&RepoPath::new("a.py").unwrap(), text.as_bytes());
    assert!(!scan.found.is_empty() || scan.skipped == Some(Skipped::TooSlow));
    let chain = format!("fn f() {{ std::process::Command::new(\"a\"){}; }}\n", ".arg(\"b\").spawn()".repeat(5_000));
    let _ = capabilities(&RepoPath::new("a.rs").unwrap(), chain.as_bytes());
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn names_without_an_extension_are_read_by_their_first_line() {
    let scan = capabilities(&RepoPath::new("bin/tool").unwrap(), b"#!/usr/bin/env python3\neval(x)\n");
    assert_eq!(scan.found.len(), 1);
    assert_eq!(capabilities(&RepoPath::new("notes").unwrap(), b"eval(x)\n").skipped, Some(Skipped::Language));
    assert_eq!(super::rules_of(Language::Other).err(), Some(Skipped::Language));
}
