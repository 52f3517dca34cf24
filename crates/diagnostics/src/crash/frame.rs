//! Frames of a stack, which of them are a runtime's, and the name of a crash that is made of the others.

use std::sync::LazyLock;

use domain::Digest;
use regex::Regex;

use super::Crash;
use crate::formats::python::is_library;
use crate::formats::ruby;
use crate::reading::number;
use crate::text::{compile, one_line};

/// Figures and addresses: another one in each run, or for each line that moved.
pub(super) static VARIES: LazyLock<Regex> = LazyLock::new(|| compile(r"0x[0-9a-fA-F]+|\d+"));

static HASH: LazyLock<Regex> = LazyLock::new(|| compile(r"::h[0-9a-f]{16}$"));

/// One frame of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// The function; empty where it has no name.
    pub function: String,
    /// The file, as the report names it; empty where it is not known.
    pub file: String,
    /// The line, from 1; 0 where it is not known.
    pub line: u32,
    /// The column, from 1; 0 where it is not known.
    pub column: u32,
}

impl Frame {
    pub(super) fn new(function: &str, file: &str, line: &str, column: &str) -> Self {
        // Rust's full names end with a hash.
        let function = HASH.replace(function, "");
        Self { function: one_line(&function), file: one_line(file), line: number(line), column: number(column) }
    }

    /// Says whether the frame is a runtime's or a library's, not the program's.
    #[must_use]
    pub fn is_runtime(&self) -> bool {
        const FILES: [&str; 14] = [
            "/rustc/",
            "/compiler-rt/",
            "/usr/local/go/",
            "/hostedtoolcache/go/",
            "/usr/include/",
            "/sysdeps/",
            "/glibc",
            "node:",
            "/node_modules/",
            "/csu/",
            "/.cargo/registry/",
            "/nptl/",
            "/vg_replace_malloc.c",
            "/rustlib/",
        ];
        const FUNCTIONS: [&str; 41] = [
            "__asan",
            "__interceptor_",
            "__ubsan",
            "__sanitizer",
            "__lsan",
            "__tsan",
            "__msan",
            "__libc_start",
            "__pthread_",
            "fuzzer::",
            "std::",
            "core::",
            "<core::",
            "<alloc::",
            "alloc::",
            "__rustc::",
            "__rust_",
            "runtime.",
            "operator new",
            "operator delete",
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "(/lib",
            "(/usr/lib",
            "kotlin.",
            "org.junit.",
            "org.apache.maven.",
            "com.code_intelligence.",
            "testing.tRunner",
            "rust_begin_unwind",
            "pthread_",
            "panic_bounds_check",
            "clone::",
            "_dl_",
            "allocate_dtv",
            "allocate_stack",
            "start_thread",
            "create_thread",
        ];
        const EXACT: [&str; 16] = [
            "_start", "panic", "malloc", "calloc", "realloc", "free", "memcpy", "memset", "memmove", "strcpy", "strlen", "abort",
            "raise", "gsignal", "clone", "???",
        ];
        let named = |all: &[&str]| all.iter().any(|start| self.function.starts_with(start));
        // glibc's own files come without a folder of theirs.
        // So do those of Rust's library, before its paths began with a hash.
        let of_rust =
            ["src/libcore/", "src/libstd/", "src/liballoc/", "src/libpanic_unwind/", "libcore/", "libstd/", "liballoc/"];
        let of_libc = ["./nptl/", "../sysdeps/", "../csu/", "./stdlib/", "./assert/", "nptl/", "signal/", "stdlib/"];
        FILES.iter().any(|part| self.file.contains(part))
            || of_libc.iter().chain(&of_rust).any(|start| self.file.starts_with(start))
            || is_library(&self.file)
            || ruby::is_library(&self.file)
            || named(&FUNCTIONS)
            || EXACT.contains(&&*self.function)
    }
}

/// How many of the program's own frames make the token.
const TOP: usize = 3;

/// Returns the name of a crash: one fault has one on every machine, and after lines have moved.
pub(super) fn token(crash: &Crash) -> String {
    let name = |frame: &Frame| {
        let file = frame.file.rsplit(['/', '\\']).next().unwrap_or_default();
        // A closure is numbered, and a generated name hashed.
        format!("{}@{file}", VARIES.replace_all(&frame.function, ""))
    };
    let own = crash.frames.iter().filter(|frame| !(frame.is_runtime() || frame.function.is_empty() && crash.frames.len() > 1));
    let mut parts = vec![crash.reporter.clone(), crash.class.clone()];
    let mut named: Vec<String> = own.map(name).collect();
    // How deep a recursion went is no part of what went wrong.
    named.dedup();
    parts.extend(named.into_iter().take(TOP));
    // Without any frame there is but what it said.
    if parts.len() == 2 {
        parts.push(VARIES.replace_all(&crash.message, "").into_owned());
    }
    Digest::of_parts(parts).short(12)
}
