//! What is looked for in code must not be hidden by what makes it readable: here only words go that say nothing of what runs, and only where
//! a text does not parse as it stands.

use domain::Language;
use memchr::memmem;

use super::{Mask, arguments_end, is_word, word_end};

/// Returns the text with what the grammar of its language does not read put as it reads it; `None` when there is nothing of it.
pub(crate) fn reworded(language: Language, text: &[u8]) -> Option<Vec<u8>> {
    let mut mask = Mask { text, out: None };
    match language {
        Language::C | Language::Cpp => {
            mask.lines(false);
            mask.words(true);
            mask.sections();
            mask.properties();
            mask.thrown_values();
            mask.ranges();
        }
        Language::TypeScript => {
            mask.variance();
            mask.members();
            mask.imports();
            mask.after(b"export ", b"type", b" *");
            mask.loops_that_use();
        }
        Language::Go => mask.made_values(),
        Language::Rust => mask.after(b" ", b"safe", b" fn "),
        Language::CSharp => mask.conditions(),
        Language::Bash => {
            mask.opened_both_ways();
            mask.compared_texts();
        }
        _ => {}
    }
    mask.out
}

impl Mask<'_> {
    fn put(&mut self, at: usize, word: &[u8]) {
        let out = self.out.get_or_insert_with(|| self.text.to_vec());
        if let Some(place) = out.get_mut(at..at + word.len()) {
            place.copy_from_slice(word);
        }
    }

    /// Blanks a word between these two.
    fn after(&mut self, before: &[u8], word: &[u8], after: &[u8]) {
        let whole = [before, word, after].concat();
        for at in memmem::find_iter(self.text, &whole) {
            self.blank(at + before.len(), at + before.len() + word.len());
        }
    }

    /// Qt's parts of a class: `signals:`, `public slots:`.
    fn sections(&mut self) {
        let text = self.text;
        for word in [b"signals".as_slice(), b"Q_SIGNALS", b"slots", b"Q_SLOTS"] {
            for at in memmem::find_iter(text, word) {
                let end = at + word.len();
                let (head, tail) = (text.get(..at).unwrap_or_default(), text.get(end..).unwrap_or_default());
                let line = head.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
                let rest = tail.trim_ascii_start();
                if !rest.starts_with(b":") || rest.starts_with(b"::") {
                    continue;
                }
                let is_alone = line.is_empty() || line.ends_with(b";") || line.ends_with(b"}");
                if matches!(line, b"public" | b"protected" | b"private") {
                    self.blank(at, end);
                } else if is_alone && word.ends_with(b"s") | word.ends_with(b"SIGNALS") {
                    self.blank(at, end + (tail.len() - rest.len()) + 1);
                }
            }
        }
    }

    /// Qt's properties: `Q_PROPERTY(int a READ b)`.
    fn properties(&mut self) {
        for at in memmem::find_iter(self.text, b"Q_PROPERTY(") {
            let open = at + b"Q_PROPERTY".len();
            // One that calls something is a macro of somebody else's by that name.
            let calls = |end: &usize| self.text.get(open + 1..*end).is_some_and(|given| given.contains(&b'('));
            if let Some(end) = arguments_end(self.text, open).filter(|end| !calls(end)) {
                self.blank(at, end);
            }
        }
    }

    /// `a ? b : throw c`: what is thrown is read as a value.
    fn thrown_values(&mut self) {
        let text = self.text;
        for at in memmem::find_iter(text, b"throw") {
            let end = at + b"throw".len();
            let before = text.get(..at).unwrap_or_default().trim_ascii_end();
            let is_value = text.get(end).is_some_and(|byte| !is_word(*byte));
            if is_value && (before.ends_with(b"?") || before.ends_with(b":")) {
                self.blank(at, end);
            }
        }
    }

    /// GNU's `case 1 ... 5:`, read as its beginning.
    fn ranges(&mut self) {
        let text = self.text;
        for at in memmem::find_iter(text, b" ...") {
            let head = text.get(..at).unwrap_or_default();
            let line = head.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_start();
            let rest = text.get(at..).unwrap_or_default();
            if let Some(end) = memchr::memchr2(b':', b'\n', rest).filter(|_| line.starts_with(b"case ")) {
                self.blank(at, at + end);
            }
        }
    }

    /// `for (using a of b)` is one over a constant.
    fn loops_that_use(&mut self) {
        for at in memmem::find_iter(self.text, b"(using ") {
            let head = self.text.get(..at).unwrap_or_default().trim_ascii_end();
            if head.ends_with(b"for") || head.ends_with(b"await") {
                self.put(at + 1, b"const");
            }
        }
    }

    /// Go: `new(f(x))`, where older grammars expect a type.
    fn made_values(&mut self) {
        let text = self.text;
        for at in memmem::find_iter(text, b"new(") {
            let open = at + b"new".len();
            let is_whole =
                at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|byte| !is_word(*byte) && *byte != b'.');
            let Some(end) = arguments_end(text, open).filter(|_| is_whole) else { continue };
            let given = text.get(open + 1..end - 1).unwrap_or_default();
            let name = given.get(..given.iter().position(|byte| !is_word(*byte) && *byte != b'.').unwrap_or(given.len()));
            let is_called =
                given.contains(&b'(') && !matches!(name, Some(b"func" | b"chan" | b"map" | b"struct" | b"interface" | b""));
            let is_literal =
                given.first().is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'"' | b'`' | b'-' | b'\''))
                    || matches!(given, b"true" | b"false");
            if is_called || is_literal {
                self.blank(at, open);
            }
        }
    }

    /// C#: `#if` and its like, where they part a statement or a declaration. What they choose from is all read.
    fn conditions(&mut self) {
        let text = self.text;
        for at in memchr::memchr_iter(b'#', text) {
            let line = memchr::memrchr(b'\n', text.get(..at).unwrap_or_default()).map_or(0, |feed| feed + 1);
            let word = text.get(at + 1..).unwrap_or_default().trim_ascii_start();
            let word = word.get(..word.iter().position(|byte| !is_word(*byte)).unwrap_or(word.len()));
            let is_alone = text.get(line..at).is_some_and(|before| before.trim_ascii().is_empty());
            if is_alone && matches!(word, Some(b"if" | b"elif" | b"else" | b"endif")) {
                let end = memchr::memchr(b'\n', text.get(at..).unwrap_or_default()).map_or(text.len(), |feed| at + feed);
                self.blank(at, end);
            }
        }
    }

    /// Bash: `exec 3<>file` opens for both; the grammar knows the one.
    fn opened_both_ways(&mut self) {
        for at in memmem::find_iter(self.text, b"<>") {
            self.blank(at + 1, at + 2);
        }
    }

    /// Bash: `[ "$a" \< "$b" ]`.
    fn compared_texts(&mut self) {
        for word in [b" \\< ".as_slice(), b" \\> "] {
            for at in memmem::find_iter(self.text, word) {
                self.put(at + 1, b" =");
            }
        }
    }
}

/// Says whether a word is one of those that kernels put before the name of a function to say where it goes: `__init`, `__user`.
pub(super) fn is_mark(text: &[u8], start: usize) -> bool {
    let word = text.get(start..word_end(text, start)).unwrap_or_default();
    word.len() > 4
        && word.starts_with(b"__")
        && !word.ends_with(b"__")
        && word.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
        && !matches!(word, b"__asm" | b"__inline" | b"__typeof" | b"__attribute" | b"__declspec" | b"__extension")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grammars_do_not_read_is_put_as_they_do() {
        for (language, text) in [
            (
                Language::Cpp,
                "class A : public B {\n  Q_OBJECT\n  Q_PROPERTY(int a READ b WRITE c)\npublic:\n  A();\nsignals:\n  void a(int);\nprotected slots:\n  void b();\n};\n",
            ),
            (Language::Cpp, "class A {\nQ_SIGNALS:\n  void a();\nprivate Q_SLOTS:\n  void b();\n};\n"),
            (Language::Cpp, "int f() { return a ? b : throw c(); }\n"),
            (Language::C, "void f(int x) {\n    switch (x) {\n    case 1 ... 5:\n        break;\n    }\n}\n"),
            (Language::C, "static int __init f(void)\n{\n\treturn 0;\n}\n"),
            (Language::TypeScript, "export type * from './a.js';\nexport type * as b from './b.js';\n"),
            (Language::TypeScript, "for (using a of b) { c(a); }\n"),
            (Language::Go, "package a\n\nvar b = new(uint32(1))\nvar c = new([]int)\nvar d = new(\"e\")\n"),
            (Language::Rust, "unsafe extern \"C\" {\n    pub safe fn f();\n    pub unsafe fn g();\n}\n"),
            (
                Language::CSharp,
                "class A {\n  void f() {\n#if A\n    using(var b = new B())\n# else\n    using(var b = new C())\n#endif\n    { b.d(); }\n  }\n}\n",
            ),
            (
                Language::CSharp,
                "class A {\n  void f() {\n    try { a(); }\n    catch(E) { }\n#if DEBUG\n    finally { b(); }\n#endif\n  }\n}\n",
            ),
            (Language::Bash, "exec 3<>\"$f\"\nif [ \"$a\" \\< \"$b\" ]; then c; fi\n"),
        ] {
            let read = reworded(language, text.as_bytes()).unwrap();
            assert_eq!(read.len(), text.len(), "{text}");
            let tree = crate::parse(language, text.as_bytes()).unwrap();
            assert!(!tree.root_node().has_error(), "{text}\n{}", String::from_utf8_lossy(&read));
        }
    }

    #[test]
    fn what_runs_is_still_there() {
        for (language, text) in [
            (Language::Go, "package a\n\nvar b = new(uint32(1))\nvar c = exec.Command(\"ls\")\n"),
            (Language::Cpp, "int f() { return a ? system(\"ls\") : throw b(system(\"ls\")); }\n"),
            (Language::CSharp, "class A { void f() {\n#if A\nsystem(\"ls\");\n#else\nsystem(\"ps\");\n#endif\n} }\n"),
            (Language::C, "static int __init f(void) { asm volatile(\"nop\"); return 0; }\n"),
        ] {
            let read = reworded(language, text.as_bytes()).unwrap();
            let read = String::from_utf8(read).unwrap();
            let calls = |text: &str| ["system(", "Command(", "asm volatile(", "uint32("].map(|call| text.matches(call).count());
            assert_eq!(calls(&read), calls(text), "{read}");
        }
    }

    #[test]
    fn what_only_looks_so_stays() {
        for (language, text) in [
            (Language::Cpp, "class A {\n  Q_PROPERTY(int a = system(\"ls\");)\n};\n"),
            (Language::Cpp, "void slots(int signals) { a = slots::b; }\n"),
            (Language::Go, "package a\n\nvar a = new(func(int) bool)\nvar b = renew(f(x))\n"),
            (Language::CSharp, "class A {\n#region a\n  int b = c /* #if */;\n#endregion\n}\n"),
            (Language::Rust, "unsafe fn f() {}\n"),
            (Language::TypeScript, "export type A = B;\nfor (const using of b) {}\n"),
        ] {
            assert_eq!(reworded(language, text.as_bytes()), None, "{text}");
        }
    }
}
