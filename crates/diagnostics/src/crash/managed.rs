//! Programs whose language tells what happened: Rust, Go, the JVM, Node, Ruby, PHP. Python's stacks stand upside down and have a reader
//! of their own.

use super::{Frame, Open, Reader, Stack};
use crate::pattern::Pattern;
use crate::text::{one_line, pattern};

pattern! {
    RUST = r"^\s*thread '.*' (?:\(\d+\) )?panicked at (.+?):(\d+):(\d+):$";
    RUST_OLD = r"^thread '.*' panicked at '(.*)', (\S+?):(\d+):(\d+)$";
    // Its words go on over lines, and the last one names the place.
    RUST_OLD_OPENS = r"^thread '.*' panicked at '(.+)$";
    RUST_OLD_CLOSES = r"^.*', (\S+?):(\d+):(\d+)$";
    RUST_STACK = r"^thread '.*' (?:\(\d+\) )?has overflowed its stack$";
    RUST_FRAME = r"^\s+\d+: (?:\s*0x[0-9a-f]+ - )?(.+)$";
    RUST_PLACE = r"^\s+at (.+?):(\d+)(?::(\d+))?$";
    GO = r"^(?:panic: (.+)|fatal error: (.+))$";
    GO_FRAME = r"^\s*([\w./%-]+\.[\w.(*)\[\]{}-]+|panic)\(.*\)$";
    GO_PLACE = r"^\s+(\S.*\.go):(\d+)(?: \+0x[0-9a-f]+)?$";
    NODE = r"^(?:Uncaught )?((?:[A-Z]\w*)?Error)(?: \[\w+\])?(?:: (.*))?$";
    NODE_CUSTOM = r"^(?:Uncaught )?([A-Z][a-z]\w*)(?: \[\w+\])?: (.*)$";
    NODE_CAUSE = r"^\s*\[cause\]: ([A-Z]\w*)(?: \[\w+\])?(?:: (.*))?$";
    NODE_FRAME = r"^\s+at (?:(?:async )?(.+?) \()?(?:file://)?([^\s()]+):(\d+):(\d+)\)?(?: \{)?$";
    JAVA = r#"^(?:Exception in thread "[^"]*" |== Java Exception: )((?:\w+\.)*[A-Z][\w$]*)(?:: (.*))?$"#;
    JAVA_CAUSE = r"^Caused by: ((?:\w+\.)*[A-Z][\w$]*)(?:: (.*))?$";
    JAVA_FRAME = r"^\s+at (?:[\w.@/-]+/)?([\w.$<>]+)\((?:([\w$-]+\.\w+)(?::(\d+))?|[\w <>]+)\)";
    JVM = r"^#\s+(SIG[A-Z]+|EXCEPTION_\w+) \(0x[0-9a-f]+\) at ";
    JVM_FRAME = r"^# [CVJjA]\s+(?:\[([^\]+]+)\+0x[0-9a-f]+\])?\s*(\S.*?)?(?:\+0x[0-9a-f]+)?$";
    RUBY = r"^(\S+?):(\d+):in [`'](.+?)': (.*) \(([A-Z][\w:]*)\)$";
    RUBY_FRAME = r"^\s+from (\S+?):(\d+):in [`'](.+)'$";
    PHP = r"^(?:PHP )?Fatal error:\s+Uncaught ([\w\\]+): (.*) in (\S+):(\d+)$";
    PHP_FRAME = r"^#\d+ (\S+)\((\d+)\): (.+)$";
}

/// Returns the patterns of which a line that begins a crash of this kind matches one.
pub(super) fn beginnings() -> [&'static Pattern; 11] {
    [&RUST, &RUST_OLD, &RUST_OLD_OPENS, &RUST_STACK, &GO, &JAVA, &JVM, &RUBY, &PHP, &NODE, &NODE_FRAME]
}

/// A line that alone begins a report of Go's.
pub(super) const RACE: &str = "WARNING: DATA RACE";

/// Says whether a line begins a crash of this kind.
pub(super) fn begins(reader: &mut Reader, line: &str) -> bool {
    let group = |found: &regex::Captures<'_>, at: usize| found.get(at).map_or(String::new(), |text| text.as_str().to_owned());
    if let Some(found) = RUST.captures(line) {
        reader.begin_at("rust", "panic", "", Frame::new("", &found[1], &found[2], &found[3]));
    } else if let Some(found) = RUST_OLD.captures(line) {
        reader.begin_at("rust", "panic", &found[1], Frame::new("", &found[2], &found[3], &found[4]));
    } else if let Some(found) = RUST_OLD_OPENS.captures(line) {
        reader.begin("rust", "panic", &found[1]);
    } else if RUST_STACK.is_match(line) {
        reader.begin("rust", "stack overflow", line);
        reader.close();
    } else if let Some(found) = GO.captures(line) {
        let (class, message) = found.get(1).map_or(("fatal error", found.get(2)), |panic| ("panic", Some(panic)));
        reader.begin("go", class, message.map_or("", |message| message.as_str()));
    } else if line == RACE {
        reader.begin("go", "data race", line);
    } else if let Some(found) = JAVA.captures(line) {
        reader.begin("jvm", found[1].rsplit('.').next().unwrap_or_default(), &group(&found, 2));
    } else if let Some(found) = JVM.captures(line) {
        reader.begin("jvm", &found[1], line.trim_start_matches(['#', ' ']));
    } else if let Some(found) = RUBY.captures(line) {
        reader.begin_at("ruby", &found[5], &found[4], Frame::new(&found[3], &found[1], &found[2], ""));
    } else if let Some(found) = PHP.captures(line) {
        reader.begin_at("php", &found[1], &found[2], Frame::new("", &found[3], &found[4], ""));
    } else if let Some(found) = NODE.captures(line) {
        reader.begin("node", &found[1], &group(&found, 2));
    } else if reader.open.is_none()
        && NODE_FRAME.is_match(line)
        && let Some(found) = NODE_CUSTOM.captures(&reader.previous)
    {
        // An error of a class that is not named after what it is: only its stack tells.
        let (class, message) = (found[1].to_owned(), found[2].to_owned());
        reader.begin("node", &class, &message);
        return false;
    } else {
        return false;
    }
    true
}

/// How many lines of its message stand before the first frame of an error.
const LONGEST_MESSAGE: usize = 15;

impl Open {
    pub(super) fn rust(&mut self, line: &str) -> bool {
        if let Some(found) = RUST_FRAME.captures(line) {
            self.pending = Some(found[1].to_owned());
        } else if let Some(found) = RUST_PLACE.captures(line) {
            let function = self.pending.take().unwrap_or_default();
            self.push(Frame::new(&function, &found[1], &found[2], found.get(3).map_or("", |column| column.as_str())));
        } else if let Some(found) = RUST_OLD_CLOSES.captures(line).filter(|_| self.crash.frames.is_empty()) {
            self.push(Frame::new("", &found[1], &found[2], &found[3]));
        } else if self.crash.message.is_empty() {
            self.crash.message = one_line(line);
        } else {
            return !line.is_empty() && !line.starts_with("note: ");
        }
        true
    }

    pub(super) fn go(&mut self, line: &str) -> bool {
        if let Some(found) = GO_PLACE.captures(line) {
            let function = self.pending.take().unwrap_or_default();
            self.push(Frame::new(&function, &found[1], &found[2], ""));
        } else if line.starts_with("created by ") || line.starts_with("Previous ") || line.starts_with("Goroutine ") {
            self.stack = Stack::Other;
        } else if let Some(found) = GO_FRAME.captures(line) {
            self.pending = Some(found[1].to_owned());
        } else if line.starts_with("goroutine ") && !self.crash.frames.is_empty() {
            // The first goroutine is the one that panicked.
            return false;
        }
        // A report of the race detector stands between two such lines.
        !line.starts_with("FAIL\t") && !line.starts_with("exit status ") && !line.starts_with("======")
    }

    pub(super) fn node(&mut self, line: &str) -> bool {
        if let Some(found) = NODE_FRAME.captures(line) {
            self.push(Frame::new(found.get(1).map_or("", |name| name.as_str()), &found[2], &found[3], &found[4]));
            return true;
        }
        if let Some(found) = NODE_CAUSE.captures(line) {
            self.caused_by(&found[1], found.get(2).map_or("", |text| text.as_str()));
            return true;
        }
        self.waited += 1;
        let goes_on = line.trim_start().starts_with("... ");
        goes_on || (self.crash.frames.is_empty() && self.waited < LONGEST_MESSAGE)
    }

    pub(super) fn jvm(&mut self, line: &str) -> bool {
        if let Some(found) = JAVA_FRAME.captures(line) {
            let (file, at) = (found.get(2).map_or("", |file| file.as_str()), found.get(3).map_or("", |line| line.as_str()));
            self.push(Frame::new(&found[1], file, at, ""));
        } else if let Some(found) = JAVA_CAUSE.captures(line) {
            self.caused_by(found[1].rsplit('.').next().unwrap_or_default(), found.get(2).map_or("", |text| text.as_str()));
        } else if line.starts_with('#') {
            // A crash of the machine itself names one frame.
            if line.starts_with("# Problematic frame:") {
                self.pending = Some(String::new());
            } else if let Some(found) = self.pending.as_ref().and_then(|_| JVM_FRAME.captures(line)) {
                self.pending = None;
                let module = found.get(1).map_or("", |module| module.as_str());
                self.push(Frame::new(found.get(2).map_or("", |name| name.as_str()), module, "", ""));
                return false;
            }
        } else {
            let is_more = line.trim_start().starts_with("... ") || line.trim_start().starts_with("Suppressed: ");
            self.waited += usize::from(!is_more);
            return is_more || (self.crash.frames.is_empty() && self.waited < LONGEST_MESSAGE);
        }
        true
    }

    pub(super) fn ruby(&mut self, line: &str) -> bool {
        if let Some(found) = RUBY_FRAME.captures(line) {
            self.push(Frame::new(&found[3], &found[1], &found[2], ""));
            return true;
        }
        self.waited += 1;
        self.waited < LONGEST_MESSAGE && self.crash.frames.len() < 2
    }

    /// A frame of PHP names where the call stands that the frame before it came from.
    pub(super) fn php(&mut self, line: &str) -> bool {
        if let Some(found) = PHP_FRAME.captures(line) {
            let name = found[3].split('(').next().unwrap_or_default();
            if let Some(last) = self.crash.frames.last_mut().filter(|last| last.function.is_empty()) {
                name.clone_into(&mut last.function);
            }
            self.push(Frame::new("", &found[1], &found[2], ""));
            return true;
        }
        line.starts_with("Stack trace:") || line.starts_with('#')
    }

    /// What an error was caused by is what went wrong.
    fn caused_by(&mut self, class: &str, message: &str) {
        self.crash.class = one_line(class);
        self.crash.message = one_line(message);
        self.crash.frames.clear();
        self.waited = 0;
    }
}
