//! Reports of crashes: sanitizers, panics, and exceptions that nothing caught, with their stacks and a name that stays the same.
//!
//! The token of a crash is made of what went wrong and of the top frames that are the program's own: addresses, lines and the frames of
//! runtimes are left out, so that one fault has one token on every machine and after lines have moved.

use domain::Digest;

use crate::formats::python::{is_library, split_raised};
use crate::reading::number;
use crate::text::{lines, one_line, pattern, plain};

pattern! {
    SANITIZER = r"(?:ERROR|WARNING): (\w*Sanitizer): (.+)$";
    CLASS = r"^(?:attempting |detected )?(memory leaks|data race|[A-Za-z][\w-]*)";
    UNDEFINED = r"^(\S+?):(\d+):(\d+): runtime error: (.+)$";
    ACCESS = r"^\s*(READ|WRITE|Read|Write) of size (\d+)";
    NATIVE = r"^\s*#\d+ (?:0x[0-9a-f]+ in )?(.+?)(?: \(BuildId: \w+\))?$";
    RUST = r"^thread '.*' (?:\(\d+\) )?panicked at (.+?):(\d+):(\d+):$";
    RUST_FRAME = r"^\s+\d+: (?:0x[0-9a-f]+ - )?(.+)$";
    RUST_PLACE = r"^\s+at (.+?):(\d+):(\d+)$";
    GO = r"^(?:panic: (.+)|fatal error: (.+))$";
    GO_FRAME = r"^([\w./%-]+\.[\w.(*)\[\]{}-]+)\(.*\)$";
    GO_PLACE = r"^\t(.+\.go):(\d+)(?: \+0x[0-9a-f]+)?$";
    PYTHON_FRAME = r#"^\s*File "(.+?)", line (\d+), in (.+)$"#;
    NODE = r"^(?:Uncaught )?((?:[A-Z]\w*)?Error)(?: \[\w+\])?(?:: (.*))?$";
    NODE_FRAME = r"^\s+at (?:(?:async )?(.+?) \()?(?:file://)?([^\s()]+):(\d+):(\d+)\)?$";
    VARIES = r"0x[0-9a-fA-F]+|\d+";
}

/// One crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    /// What reported it: a sanitizer, or the language whose runtime did.
    pub reporter: String,
    /// What went wrong: `heap-buffer-overflow`, `KeyError`, `panic`.
    pub class: String,
    /// The report's own words.
    pub message: String,
    /// How memory was accessed, and how many bytes.
    pub access: Option<(Access, u32)>,
    /// Where it happened, the innermost frame first.
    pub frames: Vec<Frame>,
    /// Where the memory was allocated.
    pub allocated: Vec<Frame>,
    /// Where it was freed.
    pub freed: Vec<Frame>,
    /// The name of the fault.
    pub token: String,
}

/// How memory was accessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It was read.
    Read,
    /// It was written.
    Write,
}

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
    fn new(function: &str, file: &str, line: &str, column: &str) -> Self {
        Self { function: one_line(function), file: one_line(file), line: number(line), column: number(column) }
    }

    /// Says whether the frame is a runtime's or a library's, not the program's.
    #[must_use]
    pub fn is_runtime(&self) -> bool {
        const FILES: [&str; 10] = [
            "/rustc/",
            "/compiler-rt/",
            "/usr/local/go/",
            "/usr/include/",
            "/sysdeps/",
            "/glibc",
            "node:",
            "/node_modules/",
            "/csu/",
            "/.cargo/registry/",
        ];
        const FUNCTIONS: [&str; 17] = [
            "__asan",
            "__interceptor_",
            "__ubsan",
            "__sanitizer",
            "__lsan",
            "__tsan",
            "__msan",
            "__libc_start",
            "std::",
            "core::",
            "<core::",
            "<alloc::",
            "alloc::",
            "__rustc::",
            "__rust_",
            "runtime.",
            "operator new",
        ];
        const EXACT: [&str; 9] = ["_start", "panic", "malloc", "calloc", "realloc", "free", "memcpy", "strcpy", "abort"];
        let named = |all: &[&str]| all.iter().any(|start| self.function.starts_with(start));
        FILES.iter().any(|part| self.file.contains(part))
            || is_library(&self.file)
            || named(&FUNCTIONS)
            || EXACT.contains(&&*self.function)
    }
}

/// More crashes than anyone looks at, and deeper stacks.
const MOST_CRASHES: usize = 100;
const DEEPEST: usize = 256;

/// Which stack of a crash the next frames belong to.
#[derive(Clone, Copy, PartialEq)]
enum Stack {
    Fault,
    Allocated,
    Freed,
    /// One that is not kept: where a thread was made.
    Other,
}

/// Returns the crashes that an output reports, in order.
///
/// ```
/// let text = b"a.c:3:9: runtime error: division by zero\n    #0 0x1 in f /src/a.c:3:9\n";
/// let crashes = diagnostics::crashes(text);
/// assert_eq!((crashes[0].class.as_str(), crashes[0].frames[0].line), ("division by zero", 3));
/// ```
#[must_use]
pub fn crashes(output: &[u8]) -> Vec<Crash> {
    let text = plain(output);
    let mut reader = Reader::default();
    for line in lines(&text) {
        if reader.done.len() >= MOST_CRASHES {
            break;
        }
        reader.line(line);
    }
    reader.close();
    reader.done
}

struct Open {
    crash: Crash,
    stack: Stack,
    /// A line of text that only the next one explains: the message of a panic, the function of a place.
    pending: Option<String>,
}

#[derive(Default)]
struct Reader {
    done: Vec<Crash>,
    open: Option<Open>,
    /// The frames of a Python traceback, whose exception stands below them, the innermost last.
    python: Option<Vec<Frame>>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if self.python(line) || self.begins(line) {
            return;
        }
        let Some(open) = &mut self.open else { return };
        if !open.line(line) {
            self.close();
        }
    }

    fn begin(&mut self, reporter: &str, class: &str, message: &str) -> &mut Option<Open> {
        self.close();
        let crash = Crash {
            reporter: reporter.to_owned(),
            class: one_line(class),
            message: one_line(message),
            access: None,
            frames: Vec::new(),
            allocated: Vec::new(),
            freed: Vec::new(),
            token: String::new(),
        };
        self.open = Some(Open { crash, stack: Stack::Fault, pending: None });
        &mut self.open
    }

    fn close(&mut self) {
        let Some(Open { mut crash, .. }) = self.open.take() else { return };
        // An exception of Node is one only with a stack; without, it is a line of text like any other.
        if crash.reporter == "node" && crash.frames.is_empty() {
            return;
        }
        crash.token = token(&crash);
        self.done.push(crash);
    }

    /// Says whether a line begins a crash.
    fn begins(&mut self, line: &str) -> bool {
        if let Some(found) = SANITIZER.captures(line) {
            let class = CLASS.captures(&found[2]).map_or_else(|| found[2].to_owned(), |class| class[1].to_owned());
            self.begin(&found[1], &class, &found[2]);
        } else if let Some(found) = UNDEFINED.captures(line) {
            let class = VARIES.replace_all(found[4].split(" for type").next().unwrap_or_default(), "N").into_owned();
            let frame = Frame::new("", &found[1], &found[2], &found[3]);
            if let Some(open) = self.begin("UndefinedBehaviorSanitizer", &class, &found[4]) {
                open.crash.frames.push(frame);
            }
        } else if let Some(found) = RUST.captures(line) {
            let frame = Frame::new("", &found[1], &found[2], &found[3]);
            if let Some(open) = self.begin("rust", "panic", "") {
                open.crash.frames.push(frame);
            }
        } else if let Some(found) = GO.captures(line) {
            let (class, message) = found.get(1).map_or(("fatal error", found.get(2)), |panic| ("panic", Some(panic)));
            self.begin("go", class, message.map_or("", |message| message.as_str()));
        } else if let Some(found) = NODE.captures(line) {
            self.begin("node", &found[1], found.get(2).map_or("", |text| text.as_str()));
        } else {
            return false;
        }
        true
    }

    /// Reads a line of a Python traceback.
    fn python(&mut self, line: &str) -> bool {
        if line.starts_with("Traceback (most recent call last)") {
            self.close();
            self.python = Some(Vec::new());
            return true;
        }
        let Some(frames) = &mut self.python else { return false };
        if let Some(found) = PYTHON_FRAME.captures(line) {
            if frames.len() >= DEEPEST {
                frames.remove(0);
            }
            frames.push(Frame::new(&found[3], &found[1], &found[2], ""));
        } else if !line.starts_with(char::is_whitespace) && !line.is_empty() {
            let frames = self.python.take().unwrap_or_default();
            if let Some((class, message)) = split_raised(line) {
                if let Some(open) = self.begin("python", &class, &message) {
                    open.crash.frames = frames.into_iter().rev().collect();
                }
                self.close();
            }
        }
        true
    }
}

impl Open {
    /// Reads a line of the report; says whether the report may go on.
    fn line(&mut self, line: &str) -> bool {
        match self.crash.reporter.as_str() {
            "rust" => self.rust(line),
            "go" => self.go(line),
            "node" => {
                let Some(found) = NODE_FRAME.captures(line) else { return self.crash.frames.is_empty() && !line.is_empty() };
                self.push(Frame::new(found.get(1).map_or("", |name| name.as_str()), &found[2], &found[3], &found[4]));
                true
            }
            _ => self.native(line),
        }
    }

    fn push(&mut self, frame: Frame) {
        let stack = match self.stack {
            Stack::Fault => &mut self.crash.frames,
            Stack::Allocated => &mut self.crash.allocated,
            Stack::Freed => &mut self.crash.freed,
            Stack::Other => return,
        };
        if stack.len() < DEEPEST {
            stack.push(frame);
        }
    }

    fn native(&mut self, line: &str) -> bool {
        if let Some(found) = NATIVE.captures(line) {
            let frame = native_frame(&found[1]);
            // The place of an undefined behaviour is named before its stack, without the function.
            let repeats = self.crash.frames.len() == 1
                && self.crash.frames.iter().all(|one| one.function.is_empty() && one.line == frame.line);
            if repeats && self.stack == Stack::Fault {
                self.crash.frames.clear();
            }
            self.push(frame);
        } else if let Some(found) = ACCESS.captures(line) {
            let access = if found[1].eq_ignore_ascii_case("read") { Access::Read } else { Access::Write };
            self.crash.access.get_or_insert((access, number(&found[2])));
        } else if line.contains("allocated by thread") || line.contains("leak of ") {
            let is_leak = self.crash.reporter == "LeakSanitizer" && self.crash.frames.is_empty();
            self.stack = if is_leak { Stack::Fault } else { Stack::Allocated };
        } else if line.starts_with("freed by thread") {
            self.stack = Stack::Freed;
        } else if line.starts_with("Thread T") || line.starts_with("  Previous ") {
            self.stack = Stack::Other;
        }
        !line.starts_with("SUMMARY: ")
    }

    fn rust(&mut self, line: &str) -> bool {
        if let Some(found) = RUST_FRAME.captures(line) {
            self.pending = Some(found[1].to_owned());
        } else if let Some(found) = RUST_PLACE.captures(line) {
            let function = self.pending.take().unwrap_or_default();
            self.push(Frame::new(&function, &found[1], &found[2], &found[3]));
        } else if self.crash.message.is_empty() {
            self.crash.message = one_line(line);
        } else {
            return !line.is_empty() && !line.starts_with("note: ");
        }
        true
    }

    fn go(&mut self, line: &str) -> bool {
        if let Some(found) = GO_PLACE.captures(line) {
            let function = self.pending.take().unwrap_or_default();
            self.push(Frame::new(&function, &found[1], &found[2], ""));
        } else if let Some(found) = GO_FRAME.captures(line) {
            self.pending = Some(found[1].to_owned());
        } else if line.starts_with("goroutine ") && !self.crash.frames.is_empty() {
            // The first goroutine is the one that panicked.
            return false;
        }
        !line.starts_with("FAIL\t") && !line.starts_with("exit status ")
    }
}

/// Reads `function /path/file.c:5:3`, `function file.c:5`, or `function (/path/module+0x12)`.
fn native_frame(text: &str) -> Frame {
    let Some((function, place)) = text.rsplit_once(' ') else { return Frame::new(text, "", "", "") };
    if place.starts_with('(') {
        return Frame::new(function, "", "", "");
    }
    let mut parts = place.rsplitn(3, ':');
    let (last, middle, first) = (parts.next().unwrap_or(""), parts.next(), parts.next());
    let is_figure = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match (first, middle) {
        (Some(file), Some(line)) if is_figure(line) && is_figure(last) => Frame::new(function, file, line, last),
        _ => match place.rsplit_once(':') {
            Some((file, line)) if is_figure(line) => Frame::new(function, file, line, ""),
            _ => Frame::new(text, "", "", ""),
        },
    }
}

/// How many of the program's own frames make the token.
const TOP: usize = 3;

fn token(crash: &Crash) -> String {
    let name = |frame: &Frame| {
        let file = frame.file.rsplit(['/', '\\']).next().unwrap_or_default();
        // A closure is numbered, and a generated name hashed.
        format!("{}@{file}", VARIES.replace_all(&frame.function, ""))
    };
    let own = crash.frames.iter().filter(|frame| !(frame.is_runtime() || frame.function.is_empty() && crash.frames.len() > 1));
    let mut parts = vec![crash.reporter.clone(), crash.class.clone()];
    parts.extend(own.take(TOP).map(name));
    Digest::of_parts(parts).short(12)
}
