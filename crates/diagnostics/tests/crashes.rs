//! The crashes in recordings of programs that went down.

#![expect(clippy::unwrap_used, reason = "a recording that is not as it should be fails the test")]

use std::path::Path;

use diagnostics::{Access, Crash, Frame, crashes};
use serde_json::{Value, json};

fn recorded(case: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(case);
    ["stdout", "stderr"].map(|name| String::from_utf8_lossy(&std::fs::read(folder.join(name)).unwrap()).into_owned()).concat()
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

/// Tells a stack in lines: the program's own frames as they are, those of runtimes as what they are.
fn told(frames: &[Frame]) -> Vec<String> {
    let tell = |frame: &Frame| {
        let place = format!("{}:{}:{}", frame.file, frame.line, frame.column);
        let place = place.trim_end_matches(":0");
        format!("{} {place}", frame.function).trim().to_owned()
    };
    frames.iter().filter(|frame| !frame.is_runtime()).map(tell).take(12).collect()
}

/// What is read out of every recording of a program that went down: `fixtures/<tool>/<case>/crashes.json`, where there is one.
///
/// `UPDATE=1` writes those that are there, and those of new cases that hold a crash, anew.
#[test]
fn recordings_are_read_as_expected() {
    #[expect(clippy::disallowed_methods, reason = "a test, asked by a person to write its expectations")]
    let update = std::env::var_os("UPDATE").is_some();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let address = regex::Regex::new("0x[0-9a-f]+").unwrap();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for tool in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for case in std::fs::read_dir(tool).unwrap().map(|entry| entry.unwrap().path()) {
            let name = case.strip_prefix(&root).unwrap().to_str().unwrap();
            let told: Vec<Value> = crashes(recorded(name).as_bytes())
                .iter()
                .map(|crash| {
                    let access = crash.access.map(|(access, size)| format!("{access:?} of {size}"));
                    json!({
                        "reporter": crash.reporter, "class": crash.class, "message": crash.message, "access": access,
                        "frames": told(&crash.frames), "allocated": told(&crash.allocated), "freed": told(&crash.freed), "token": crash.token,
                    })
                })
                .collect();
            let expected = case.join("crashes.json");
            let read = format!("{:#}\n", Value::Array(told.clone()));
            let others = ["mocha", "jest", "esbuild", "rollup", "vite"];
            let is_test = name.contains("test") || others.iter().any(|tool| name.starts_with(tool));
            if update && !told.is_empty() && !is_test {
                std::fs::write(&expected, &read).unwrap();
            }
            let Ok(known) = std::fs::read_to_string(&expected) else { continue };
            seen += 1;
            // Addresses in a message are another machine's on each.
            let masked = |text: &str| address.replace_all(text, "0x").into_owned();
            if masked(&known) != masked(&read) {
                wrong.push(format!("{name}:\n{read}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 50, "{seen}");
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

#[test]
fn the_words_of_an_old_panic_go_on_over_lines_and_its_library_is_no_frame_of_ours() {
    let crash = only(
        "thread 'main' panicked at 'no such cart\nat all', src/libcore/result.rs:999:5\nstack backtrace:\n   0: std::panicking::begin\n             at src/libstd/panicking.rs:197\n   1: cart::open\n             at ./src/cart.rs:75\n\n",
    );
    assert_eq!(crash.message, "no such cart");
    assert_eq!(own(&crash.frames), ["cart::open cart.rs:75"]);
}

#[test]
fn the_runtime_of_a_go_that_was_fetched_for_the_job_is_no_frame_of_ours() {
    let crash = only(
        "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 7 [running]:\npanic({0x5161a0?, 0xc0000182d0?})\n\t/opt/hostedtoolcache/go/1.21.5/x64/src/runtime/panic.go:914 +0x21f\n\
         shop/cart.Total(...)\n\t/w/cart/cart.go:28\nexit status 2\n",
    );
    assert_eq!(own(&crash.frames), ["shop/cart.Total cart.go:28"]);
}
