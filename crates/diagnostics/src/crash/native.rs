//! Programs without a runtime of their own: sanitizers, libFuzzer, valgrind, and what the C and C++ libraries say before they abort.

use super::frame::VARIES;
use super::{Access, Frame, Open, Reader, Stack};
use crate::pattern::Pattern;
use crate::reading::number;
use crate::text::pattern;

pattern! {
    SANITIZER = r"(?:ERROR|WARNING): (\w*Sanitizer|libFuzzer): (.+)$";
    CLASS = r"^(?:attempting |detected )?(memory leaks|data race|thread leak|deadly signal|[A-Za-z][\w-]*(?: \([a-z-]+\))?)";
    SUMMARY = r"^SUMMARY: (\w*Sanitizer|libFuzzer): ([A-Za-z][\w-]*)";
    LEAK = r"^(?:Direct|Indirect) leak of (\d+) byte";
    UNDEFINED = r"^(\S+?):(\d+):(\d+): runtime error: (.+)$";
    ACCESS = r"^\s*(?:Previous )?(?i)(?:atomic )?(read|write) of size (\d+)";
    SIGNAL_ACCESS = r"The signal is caused by a (READ|WRITE) memory access";
    FRAME = r"^\s*#\d+ (?:0x[0-9a-f]+ in |0x[0-9a-f]+\s+)?(.+?)$";
    MODULE = r"(?: \((?:[^()\s]|\([^()]*\))+\+0x[0-9a-f]+\))?(?: \(BuildId: \w+\))?$";
    VALGRIND = r"^==\d+== (Invalid (?:read|write|free)|Mismatched free|Conditional jump or move depends on uninitialised value|Use of uninitialised value|Syscall param \S+ (?:points to|contains) uninitialised|Source and destination overlap in \w+|Jump to the invalid address|Possible data race during (?:read|write)|Conflicting (?:load|store) by thread|Thread #\d+: lock order|Process terminating with default action of signal \d+|[\d,]+ (?:\([^)]*\) )?bytes in [\d,]+ blocks are (?:definitely|indirectly|possibly) lost)(.*)$";
    VALGRIND_FRAME = r"^==\d+==\s+(?:at|by) 0x[0-9A-F]+: (.+?) \((?:in )?(\S+?)(?::(\d+))?\)$";
    VALGRIND_LINE = r"^==\d+==\s?(.*)$";
    TERMINATE = r"^(?:terminate called after throwing an instance of '(.+)'|terminate called without an active exception|libc\+\+abi: terminating (?:due to|with) uncaught exception of type (.+?)(?:: (.*))?)$";
    WHAT = r"^\s+what\(\):\s+(.*)$";
    // ctest puts the number of the test before it.
    ASSERTION = r"^(?:\d+: )?(?:\S+: )?([^\s:]+):(\d+): (.+?): Assertion [`'](.+)' failed\.$";
    GLIBC = r"^((?:free|malloc|realloc|munmap_chunk|calloc)\(\): .*|double free or corruption.*|corrupted (?:size|double-linked).*|\*\*\* (?:stack smashing|buffer overflow) detected \*\*\*.*)$";
    // What ran stands after it, where the shell that ran it says so.
    SIGNAL = r"^(?:.*: )?(?:line \d+:\s+\d+ (Segmentation fault|Bus error|Illegal instruction|Floating point exception|Trace/breakpoint trap|Aborted)\s.*|(Segmentation fault|Bus error|Illegal instruction|Floating point exception|Trace/breakpoint trap)(?:\s+\(core dumped\).*)?)$";
}

/// Returns the patterns of which a line that begins a crash of this kind matches one.
pub(super) fn beginnings() -> [&'static Pattern; 7] {
    [&SANITIZER, &UNDEFINED, &VALGRIND, &TERMINATE, &ASSERTION, &GLIBC, &SIGNAL]
}

/// Says whether a line begins a crash of this kind.
pub(super) fn begins(reader: &mut Reader, line: &str) -> bool {
    if let Some(found) = SANITIZER.captures(line) {
        let class = CLASS.captures(&found[2]).map_or_else(|| found[2].to_owned(), |class| class[1].to_owned());
        reader.begin(&found[1], &class, &found[2]);
    } else if let Some(found) = UNDEFINED.captures(line) {
        let class = VARIES.replace_all(found[4].split(" for type").next().unwrap_or_default(), "N").into_owned();
        reader.begin_at("UndefinedBehaviorSanitizer", &class, &found[4], Frame::new("", &found[1], &found[2], &found[3]));
    } else if let Some(found) = VALGRIND.captures(line) {
        let class = match &found[1] {
            said if said.starts_with("Possible data race") || said.starts_with("Conflicting ") => "data race".to_owned(),
            said if said.ends_with("lock order") => "lock order".to_owned(),
            said => said.rsplit(" are ").next().unwrap_or_default().to_ascii_lowercase(),
        };
        reader.begin("valgrind", &class, &format!("{}{}", &found[1], &found[2]));
        if let Some(open) = &mut reader.open {
            let said = found[1].trim_start_matches("Invalid ").trim_start_matches("Possible data race during ");
            let size = found[2].rsplit(' ').next().unwrap_or_default();
            match said {
                "Conflicting load by thread" => open.access(&format!("read of size {size}")),
                "Conflicting store by thread" => open.access(&format!("write of size {size}")),
                said => open.access(&format!("{said} {}", found[2].trim())),
            }
        }
    } else if let Some(found) = TERMINATE.captures(line) {
        let class = found.get(1).or(found.get(2)).map_or("terminate", |class| class.as_str());
        reader.begin("c++", class, found.get(3).map_or("", |message| message.as_str()));
    } else if let Some(found) = ASSERTION.captures(line) {
        reader.begin_at("assert", "assertion", &found[4], Frame::new(&found[3], &found[1], &found[2], ""));
        reader.close();
    } else if let Some(found) = GLIBC.captures(line) {
        reader.begin("glibc", found[1].trim_matches(['*', ' ']), &found[1]);
        reader.close();
    } else if let Some(found) = SIGNAL.captures(line) {
        // The shell's word of it: worth a crash only where nothing else said more.
        let said = found.get(1).or(found.get(2)).map_or("", |said| said.as_str());
        reader.signal.get_or_insert_with(|| said.to_owned());
        return false;
    } else {
        return false;
    }
    true
}

impl Open {
    /// Reads a line of a native report; says whether the report may go on.
    pub(super) fn native(&mut self, line: &str) -> bool {
        match self.crash.reporter.as_str() {
            "valgrind" => return self.valgrind(line),
            "c++" => {
                if let Some(found) = WHAT.captures(line) {
                    self.crash.message = crate::text::one_line(&found[1]);
                }
                return false;
            }
            _ => {}
        }
        if let Some(found) = FRAME.captures(line) {
            let frame = frame(&MODULE.replace(&found[1], ""), &found[1]);
            // The place of an undefined behaviour is named before its stack, without the function.
            let repeats = self.crash.frames.len() == 1
                && self.crash.frames.iter().all(|one| one.function.is_empty() && one.line == frame.line);
            if repeats && self.stack == Stack::Fault {
                self.crash.frames.clear();
            }
            self.push(frame);
        } else if line.contains("Previous ") && line.contains(" of size ") {
            self.stack = Stack::Other;
        } else if ACCESS.is_match(line) {
            self.access(line);
        } else if let Some(found) = SIGNAL_ACCESS.captures(line) {
            let access = if &found[1] == "READ" { Access::Read } else { Access::Write };
            self.crash.access.get_or_insert((access, 0));
        } else if line.contains("leak of ") {
            self.stack = Stack::Fault;
        } else if line.contains("allocated by ")
            || line.contains("was created by an allocation")
            || line.contains("created by a ")
        {
            self.stack = Stack::Allocated;
        } else if line.contains("freed by thread") {
            self.stack = Stack::Freed;
        } else if line.contains("Thread T")
            || line.contains(" is located in stack")
            || line.contains("was stored to memory")
            || line.contains("Mutex M")
        {
            self.stack = Stack::Other;
        } else if let Some(found) = SUMMARY.captures(line) {
            // `requested allocation size …` and the like have a name only here.
            let named = &found[2];
            if self.crash.reporter == "AddressSanitizer" && (named.contains('-') || named == "SEGV") {
                self.crash.class = named.to_owned();
            }
        }
        !line.starts_with("SUMMARY: ")
    }

    /// Says whether a line tells of one more leak, which is a fault of its own.
    pub(super) fn is_next_leak(&self, line: &str) -> bool {
        self.crash.reporter == "LeakSanitizer" && !self.crash.frames.is_empty() && LEAK.is_match(line)
    }

    fn access(&mut self, line: &str) {
        if let Some(found) = ACCESS.captures(line) {
            let access = if found[1].eq_ignore_ascii_case("read") { Access::Read } else { Access::Write };
            self.crash.access.get_or_insert((access, number(&found[2])));
        }
    }

    fn valgrind(&mut self, line: &str) -> bool {
        if let Some(found) = VALGRIND_FRAME.captures(line) {
            // `(in /usr/lib/x.so)` is a module, not a file of the program.
            let (file, at) = found.get(3).map_or(("", ""), |line| (found.get(2).map_or("", |file| file.as_str()), line.as_str()));
            self.push(Frame::new(&found[1], file, at, ""));
            return true;
        }
        let Some(said) = VALGRIND_LINE.captures(line).and_then(|found| found.get(1)) else { return true };
        let said = said.as_str().trim();
        if said.contains("alloc'd") || said.contains("Uninitialised value was created by") {
            self.stack = Stack::Allocated;
        } else if said.contains("This conflicts with a previous ") || said.starts_with("Other segment ") {
            self.stack = Stack::Other;
        } else if said.contains("free'd") {
            self.stack = Stack::Freed;
        } else if said.is_empty() {
            return false;
        }
        true
    }
}

/// Reads `function /path/file.c:5:3`, `function file.c:5`, `function <null>`, or a function alone, the module taken off; where nothing else is
/// left, the module is what there is.
fn frame(text: &str, whole: &str) -> Frame {
    let text = text.trim();
    if text.is_empty() {
        return Frame::new("", whole.trim(), "", "");
    }
    let Some((function, place)) = text.rsplit_once(' ') else { return Frame::new(text, "", "", "") };
    if place.starts_with('(') || place == "<null>" {
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
