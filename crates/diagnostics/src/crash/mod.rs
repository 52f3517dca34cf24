//! Reports of crashes: sanitizers, panics, and exceptions that nothing caught, with their stacks and a name that stays the same.
//!
//! The token of a crash is made of what went wrong and of the top frames that are the program's own: addresses, lines and the frames of
//! runtimes are left out, so that one fault has one token on every machine and after lines have moved.

mod frame;
mod managed;
mod native;

pub use frame::Frame;

use std::sync::LazyLock;

use crate::formats::python::split_raised;
use crate::pattern::Pattern;
use crate::sieve::Sieve;
use crate::text::{lines, one_line, pattern, plain};

pattern! {
    PYTHON_FRAME = r#"^\s*File "(.+?)", line (\d+),? in (.+)$"#;
    PYTHON_CHAINED = r"^(?:During handling of the above exception|The above exception was the direct cause)";
    PYTHON_GROUP = r"^\s*[|+]-?[+|-]* ?(.*)$";
    PYTHON_FATAL = r"^Fatal Python error: (.+)$";
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
    /// How memory was accessed, and how many bytes; 0 where that is not known.
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
    reader.finish()
}

struct Open {
    crash: Crash,
    stack: Stack,
    /// A line of text that only the next one explains: the message of a panic, the function of a place.
    pending: Option<String>,
    /// How many lines were neither a frame nor anything else that is known.
    waited: usize,
    /// The first stack that is not kept, where the report has no other: of a thread that leaks, of a lock that was taken.
    aside: Vec<Frame>,
}

/// What the patterns need by which crashes begin: each line is looked at once, and not by each of them.
static BEGINNINGS: LazyLock<Sieve> = LazyLock::new(|| Sieve::of(beginnings().flat_map(Pattern::needs).map(|need| (0, need))));

fn beginnings() -> impl Iterator<Item = &'static Pattern> {
    native::beginnings().into_iter().chain(managed::beginnings())
}

/// Says whether a line may begin a crash, of Python's apart.
fn may_begin(line: &str) -> bool {
    let mut may = line == managed::RACE;
    BEGINNINGS.candidates(line.as_bytes(), &mut |_| may = true);
    // Whatever the tests read shows that nothing is lost.
    debug_assert!(may || !beginnings().any(|pattern| pattern.is_match(line)), "{line:?}");
    may
}

#[derive(Default)]
struct Reader {
    done: Vec<Crash>,
    open: Option<Open>,
    /// The frames of a Python traceback, whose exception stands below them, the innermost last.
    python: Option<Vec<Frame>>,
    /// A traceback follows that of an exception which it only passed on.
    chained: bool,
    /// The last line, while no crash is open.
    previous: String,
    /// What a shell said of a program that was killed.
    signal: Option<String>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        if self.python(line) || may_begin(line) && (native::begins(self, line) || managed::begins(self, line)) {
            return;
        }
        if self.open.as_ref().is_some_and(|open| open.is_next_leak(line)) {
            self.begin("LeakSanitizer", "memory leaks", line);
        }
        match &mut self.open {
            Some(open) => {
                if !open.line(line) {
                    self.close();
                }
            }
            None => line.clone_into(&mut self.previous),
        }
    }

    fn begin(&mut self, reporter: &str, class: &str, message: &str) {
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
        self.open = Some(Open { crash, stack: Stack::Fault, pending: None, waited: 0, aside: Vec::new() });
    }

    /// Begins a crash whose place is named before its stack.
    fn begin_at(&mut self, reporter: &str, class: &str, message: &str, frame: Frame) {
        self.begin(reporter, class, message);
        if let Some(open) = &mut self.open {
            open.crash.frames.push(frame);
        }
    }

    fn close(&mut self) {
        let Some(Open { mut crash, aside, .. }) = self.open.take() else { return };
        if crash.frames.is_empty() && crash.reporter == "ThreadSanitizer" {
            crash.frames = aside;
        }
        // An exception of Node or Java is one only with a stack; without, it is a line of text like any other.
        if matches!(crash.reporter.as_str(), "node") && crash.frames.is_empty() {
            return;
        }
        crash.token = frame::token(&crash);
        self.done.push(crash);
    }

    fn finish(mut self) -> Vec<Crash> {
        self.close();
        if let Some(signal) = self.signal.take().filter(|_| self.done.is_empty()) {
            self.begin("shell", &signal, &signal);
            self.close();
        }
        self.done
    }

    /// Reads a line of a Python traceback.
    fn python(&mut self, line: &str) -> bool {
        let is_group =
            line.trim_start().starts_with(['|', '+']) && (self.python.is_some() || line.contains("Exception Group Traceback"));
        let unboxed =
            if is_group { PYTHON_GROUP.captures(line).and_then(|found| found.get(1)).map(|text| text.as_str()) } else { None };
        let line = unboxed.unwrap_or(line);
        if let Some(found) = PYTHON_FATAL.captures(line) {
            self.begin("python", &found[1], &found[1]);
            return true;
        }
        if PYTHON_CHAINED.is_match(line) {
            self.chained = true;
            return true;
        }
        if line.starts_with("Traceback (most recent call last)") || line.starts_with("Exception Group Traceback") {
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
                if std::mem::take(&mut self.chained) && self.done.last().is_some_and(|last| last.reporter == "python") {
                    self.done.pop();
                }
                self.begin("python", &class, &message);
                if let Some(open) = &mut self.open {
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
            "node" => self.node(line),
            "jvm" => self.jvm(line),
            "ruby" => self.ruby(line),
            "php" => self.php(line),
            "python" => self.fatal(line),
            _ => self.native(line),
        }
    }

    fn push(&mut self, frame: Frame) {
        let stack = match self.stack {
            Stack::Fault => &mut self.crash.frames,
            Stack::Allocated => &mut self.crash.allocated,
            Stack::Freed => &mut self.crash.freed,
            Stack::Other => &mut self.aside,
        };
        if stack.len() < DEEPEST {
            stack.push(frame);
        }
    }

    /// Reads the stack of a Python that was killed, the innermost frame first.
    fn fatal(&mut self, line: &str) -> bool {
        if let Some(found) = PYTHON_FRAME.captures(line) {
            self.push(Frame::new(&found[3], &found[1], &found[2], ""));
            return true;
        }
        self.crash.frames.is_empty() || (!line.is_empty() && !line.starts_with("Thread 0x"))
    }
}
