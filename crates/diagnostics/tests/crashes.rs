//! The crashes in recordings of programs that went down.

#![expect(clippy::unwrap_used, reason = "a recording that is not as it should be fails the test")]

use std::path::Path;

use diagnostics::{Access, Crash, Frame, crashes};

fn recorded(case: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(case);
    ["stdout", "stderr"].map(|name| std::fs::read_to_string(folder.join(name)).unwrap()).concat()
}

fn only(text: &str) -> Crash {
    let mut all = crashes(text.as_bytes());
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// The program's own frames of a stack, as `function file:line`.
fn own(frames: &[Frame]) -> Vec<String> {
    let name = |frame: &Frame| {
        let file = frame.file.rsplit('/').next().unwrap_or_default();
        format!("{} {file}:{}", frame.function, frame.line)
    };
    frames.iter().filter(|frame| !frame.is_runtime() && !frame.file.is_empty()).map(name).collect()
}

#[test]
fn recordings_tell_class_access_and_stacks() {
    let overflow = only(&recorded("sanitizer/overflow"));
    assert_eq!((overflow.reporter.as_str(), overflow.class.as_str()), ("AddressSanitizer", "heap-buffer-overflow"));
    assert_eq!(overflow.access, Some((Access::Read, 4)));
    assert_eq!(own(&overflow.frames), ["over a.c:6", "main a.c:17"]);
    assert_eq!(own(&overflow.allocated), ["grow a.c:3", "over a.c:5", "main a.c:17"]);
    assert_eq!(overflow.frames.first().map(|frame| frame.column), Some(10));

    let after = only(&recorded("sanitizer/use_after_free"));
    assert_eq!((after.class.as_str(), after.access), ("heap-use-after-free", Some((Access::Write, 4))));
    assert_eq!(own(&after.frames), ["after a.c:11", "main a.c:17"]);
    assert_eq!(own(&after.freed), ["after a.c:10", "main a.c:17"]);
    assert_eq!(own(&after.allocated), ["grow a.c:3", "after a.c:9", "main a.c:17"]);

    let undefined = only(&recorded("sanitizer/undefined"));
    assert_eq!(undefined.reporter, "UndefinedBehaviorSanitizer");
    assert!(undefined.class.starts_with("signed integer overflow"), "{}", undefined.class);
    assert_eq!(own(&undefined.frames), [" a.c:16"]);

    let leak = only(&recorded("sanitizer/leak"));
    assert_eq!((leak.reporter.as_str(), leak.class.as_str()), ("LeakSanitizer", "memory leaks"));
    assert_eq!(own(&leak.frames), ["grow a.c:3", "main a.c:15"]);

    let go = only(&recorded("go/panic"));
    assert_eq!((go.reporter.as_str(), go.class.as_str()), ("go", "panic"));
    assert_eq!(go.message, "runtime error: index out of range [3] with length 0");
    assert_eq!(own(&go.frames), ["main.(*T).get m.go:5", "main.main m.go:7"]);

    let rust = only(&recorded("cargo/panic"));
    assert_eq!(rust.message, "index out of bounds: the len is 1 but the index is 7");
    assert_eq!(own(&rust.frames), [" r.rs:3", "r::deep::get r.rs:3", "r::main r.rs:7"]);

    let node = only(&recorded("node/uncaught"));
    assert_eq!((node.reporter.as_str(), node.class.as_str()), ("node", "TypeError"));
    assert_eq!(own(&node.frames), ["f n.js:1", "Object.<anonymous> n.js:2"]);

    let python = only(&recorded("python/uncaught"));
    assert_eq!((python.reporter.as_str(), python.class.as_str()), ("python", "JSONDecodeError"));
    assert_eq!(own(&python.frames), ["load p.py:5", "<module> p.py:8"]);
}

#[test]
fn the_token_stays_when_lines_and_addresses_move_and_differs_between_faults() {
    let cases = [
        "sanitizer/overflow",
        "sanitizer/use_after_free",
        "sanitizer/undefined",
        "sanitizer/leak",
        "go/panic",
        "cargo/panic",
        "node/uncaught",
        "python/uncaught",
    ];
    let mut tokens = Vec::new();
    for case in cases {
        let text = recorded(case);
        let token = only(&text).token;
        assert_eq!(token.len(), 12);
        let moved = text
            .replace("a.c:6:10", "a.c:60:11")
            .replace("0x", "0x7")
            .replace("m.go:5", "m.go:15")
            .replace("r.rs:3:9", "r.rs:31:2");
        let moved = moved
            .replace("n.js:1:28", "n.js:9:2")
            .replace("line 5, in load", "line 50, in load")
            .replace("/repo/", "/elsewhere/");
        assert_eq!(only(&moved).token, token, "{case}");
        tokens.push(token);
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), cases.len());
}
