//! What a grammar cannot read, blanked out before it sees the text: macros of C and C++ that stand for nothing or for an attribute, and
//! what the grammar of TypeScript does not know. One of them can cost the definitions of a whole file.
//!
//! Blanks are put in place of bytes (and a semicolon in place of a blank), so all places stay as they are.

mod reworded;

use domain::Language;
use memchr::memmem;

pub(crate) use reworded::reworded;

/// Returns the text with blanks in place of what the grammar of the language does not read; `None` when there is nothing of it.
pub(crate) fn masked(language: Language, text: &[u8]) -> Option<Vec<u8>> {
    let mut mask = Mask { text, out: None };
    match language {
        Language::C => mask.lines(false),
        Language::Cpp => {
            mask.lines(true);
            mask.words(false);
        }
        Language::TypeScript => {
            mask.variance();
            mask.members();
            mask.imports();
        }
        _ => {}
    }
    mask.out
}

/// Words that begin or go on with a declaration, so that what stands before them in capitals is no type.
const DECLARES: &[&[u8]] = &[
    b"class",
    b"struct",
    b"union",
    b"enum",
    b"template",
    b"typename",
    b"inline",
    b"static",
    b"virtual",
    b"explicit",
    b"friend",
    b"extern",
    b"constexpr",
    b"auto",
    b"void",
    b"bool",
    b"char",
    b"short",
    b"int",
    b"long",
    b"unsigned",
    b"signed",
    b"float",
    b"double",
    b"namespace",
    b"using",
    b"typedef",
];

struct Mask<'t> {
    text: &'t [u8],
    out: Option<Vec<u8>>,
}

impl Mask<'_> {
    fn blank(&mut self, from: usize, to: usize) {
        let out = self.out.get_or_insert_with(|| self.text.to_vec());
        for byte in out.get_mut(from..to).unwrap_or_default() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    /// Lines that hold nothing but a macro: `GIT_BEGIN_DECL`, and in C++ `FMT_BEGIN_NAMESPACE` or `Q_PROPERTY(…)`.
    fn lines(&mut self, is_cpp: bool) {
        let text = self.text;
        // What the last line with code ended with; a directive ends what stood before it.
        let mut before = b';';
        let mut is_directive = false;
        let mut start = 0;
        while start < text.len() {
            let rest = text.get(start..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| start + at);
            let line = text.get(start..end).unwrap_or_default().trim_ascii();
            let was_directive = is_directive;
            is_directive = line.starts_with(b"#") || was_directive;
            if is_directive {
                is_directive = line.ends_with(b"\\");
                before = b';';
            } else if let Some(last) = line.last().filter(|_| !line.starts_with(b"//")) {
                let may_start = matches!(before, b';' | b'}' | b'/') || (is_cpp && matches!(before, b'{' | b':'));
                if may_start && is_macro_line(line, is_cpp) && may_end(text.get(end..).unwrap_or_default(), is_cpp) {
                    self.blank(start, end);
                } else {
                    before = *last;
                }
            }
            start = end + 1;
        }
    }

    /// Macros within a line: before a word that declares, between `class` and its name, between parameters and a body. `lone` says that
    /// one with arguments stays: it may be run.
    fn words(&mut self, lone: bool) {
        let text = self.text;
        let (mut at, mut line) = (0, 0);
        while let Some(start) = word_start(text, at) {
            let end = word_end(text, start);
            let passed = text.get(at..start).unwrap_or_default();
            line = memchr::memrchr(b'\n', passed).map_or(line, |feed| at + feed + 1);
            at = end;
            let is_directive = || text.get(line..start).is_some_and(|head| head.trim_ascii_start().starts_with(b"#"));
            let is_mark = lone && reworded::is_mark(text, start);
            if !(is_mark || text.get(start..end).is_some_and(is_loud)) || is_directive() {
                continue;
            }
            let after_arguments = arguments_end(text, end).unwrap_or(end);
            if declares(text, end) || stands_before_a_name(text, start, end) {
                self.blank(start, end);
            } else if lone && after_arguments > end {
                continue;
            } else if names_a_class(text, start, after_arguments) || stands_before_a_body(text, start, after_arguments) {
                self.blank(start, after_arguments);
            }
        }
    }

    /// `<in out A, out B>`: where a parameter of a type may be used.
    fn variance(&mut self) {
        let text = self.text;
        for word in [b"in".as_slice(), b"out"] {
            for at in memmem::find_iter(text, word) {
                let end = at + word.len();
                let before = text.get(..at).unwrap_or_default().trim_ascii_end();
                let opens = before.ends_with(b"<") || before.ends_with(b",") || (word == b"out" && ends_with_modifier(before));
                let next = text.get(end..).unwrap_or_default();
                let name = next.trim_ascii_start();
                let spaced =
                    name.len() < next.len() && name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
                if opens && spaced && !name.starts_with(b"extends ") {
                    self.blank(at, end);
                }
            }
        }
    }

    /// `extends A<import("./b.js").B>`: a type out of a module, where only names are expected.
    fn imports(&mut self) {
        let text = self.text;
        for at in memmem::find_iter(text, b"import(") {
            if let Some(end) = module_end(text, at + b"import".len()) {
                self.blank(at, end);
            }
        }
    }

    /// `{ <A>(a: A): B<A>` and on the next line `<A>(a: A, b: A): A }`: a member that begins with its parameters' types ends the one before it.
    fn members(&mut self) {
        let text = self.text;
        let mut before = b'{';
        let mut start = 0;
        while start < text.len() {
            let rest = text.get(start..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| start + at);
            let line = text.get(start..end).unwrap_or_default();
            let code = line.trim_ascii_start();
            let indent = line.len() - code.len();
            if code.starts_with(b"<") && indent > 0 && (is_word(before) || matches!(before, b'>' | b']' | b')' | b'}')) {
                let out = self.out.get_or_insert_with(|| text.to_vec());
                if let Some(byte) = out.get_mut(start + indent - 1) {
                    *byte = b';';
                }
            }
            let is_comment = [b"//".as_slice(), b"/*", b"*"].iter().any(|mark| code.starts_with(mark));
            before = code.trim_ascii_end().last().copied().filter(|_| !is_comment).unwrap_or(before);
            start = end + 1;
        }
    }
}

/// Returns where what may stand before the name of a type out of a module ends: `("./a.js").`.
fn module_end(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix(b"(")?;
    let quote = *rest.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let close = memchr::memchr2(quote, b'\n', rest.get(1..)?)? + 1;
    let after = rest.get(close + 1..).filter(|_| rest.get(close) == Some(&quote))?.strip_prefix(b").")?;
    after.first().is_some_and(u8::is_ascii_uppercase).then(|| text.len() - after.len())
}

/// Says whether text ends with `<in` or `, in`.
fn ends_with_modifier(text: &[u8]) -> bool {
    let rest = text.strip_suffix(b"in").map(<[u8]>::trim_ascii_end);
    rest.is_some_and(|rest| rest.len() + 2 <= text.len() && (rest.ends_with(b"<") || rest.ends_with(b",")))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn word_start(text: &[u8], from: usize) -> Option<usize> {
    text.get(from..)?.iter().position(|byte| is_word(*byte)).map(|at| from + at)
}

fn word_end(text: &[u8], start: usize) -> usize {
    let length = text.get(start..).unwrap_or_default().iter().take_while(|byte| is_word(**byte)).count();
    start + length
}

/// Says whether a word is written as macros are: capitals, and longer than the name of a type parameter.
fn is_loud(word: &[u8]) -> bool {
    word.len() > 2
        && word.iter().any(u8::is_ascii_uppercase)
        && word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}

/// Says whether a line is one loud word, in C++ also one with arguments.
fn is_macro_line(line: &[u8], is_cpp: bool) -> bool {
    let name = line.trim_ascii_start();
    let end = name.iter().position(|byte| !is_word(*byte)).unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    // An include guard or a constant is no line of its own; a name with one underscore at least is a macro's.
    let loud = is_loud(name) && name.contains(&b'_');
    loud && (rest.is_empty() || (is_cpp && arguments_end(rest, 0) == Some(rest.len())))
}

/// Says whether what follows a macro's line may follow it: not the body of what the line would define, nor the rest of an expression.
fn may_end(rest: &[u8], is_cpp: bool) -> bool {
    let next = rest.trim_ascii_start();
    match next.first() {
        // The last line of a class.
        Some(b'}') if is_cpp => next.starts_with(b"};"),
        Some(b'{' | b'}' | b',' | b';' | b'=' | b'(' | b')' | b'.' | b'-' | b'+' | b'|' | b'&' | b'*' | b'?' | b'[') => false,
        Some(b':') => next.starts_with(b"::") && is_cpp,
        Some(_) => true,
        None => false,
    }
}

/// Returns where the arguments end that start at or after `at`, on the same line.
fn arguments_end(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 200;
    let rest = text.get(at..)?;
    if rest.first() != Some(&b'(') {
        return None;
    }
    let mut depth = 0_u32;
    for (length, byte) in rest.iter().enumerate().take(LONGEST) {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + length + 1),
            b')' => depth -= 1,
            b'\n' | b'{' | b';' => return None,
            _ => {}
        }
    }
    None
}

fn after_blanks(text: &[u8], at: usize) -> usize {
    let blanks = text.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    at + blanks
}

fn declares(text: &[u8], end: usize) -> bool {
    let next = after_blanks(text, end);
    next > end && text.get(next..word_end(text, next)).is_some_and(|word| DECLARES.contains(&word))
}

/// `class LOCKABLE Mutex {`: between the keyword and the name.
fn names_a_class(text: &[u8], start: usize, end: usize) -> bool {
    let head = text.get(..start).unwrap_or_default();
    let keyword = head.trim_ascii_end();
    if keyword.len() == head.len() || ![b"class".as_slice(), b"struct", b"union"].iter().any(|word| keyword.ends_with(word)) {
        return false;
    }
    let name = after_blanks(text, end);
    let name_end = word_end(text, name);
    let next = after_blanks(text, name_end);
    let follows = text.get(next..).unwrap_or_default();
    name > end
        && name_end > name
        && text.get(name..name_end) != Some(b"final")
        && (follows.starts_with(b"{")
            || follows.starts_with(b"<")
            || follows.starts_with(b"final")
            || (follows.starts_with(b":") && !follows.starts_with(b"::")))
}

/// `void lock() ACQUIRES() {`: between the parameters and the body.
fn stands_before_a_body(text: &[u8], start: usize, end: usize) -> bool {
    let head = text.get(..start).unwrap_or_default();
    let before = head.trim_ascii_end();
    // On a line of its own it is indented; at its beginning something new begins.
    if head.ends_with(b"\n") {
        return false;
    }
    let after_head = before.ends_with(b")") || before.ends_with(b" const") || before.ends_with(b" override");
    after_head && text.get(after_blanks(text, end)) == Some(&b'{')
}

/// `void WINAPI f(`: between what a function gives and its name.
fn stands_before_a_name(text: &[u8], start: usize, end: usize) -> bool {
    const NO_TYPES: &[&[u8]] = &[
        b"return",
        b"else",
        b"new",
        b"delete",
        b"case",
        b"goto",
        b"throw",
        b"operator",
        b"const",
        b"volatile",
        b"class",
        b"struct",
        b"union",
        b"enum",
        b"inline",
        b"static",
        b"virtual",
        b"explicit",
        b"friend",
        b"extern",
        b"constexpr",
        b"typename",
        b"typedef",
        b"using",
        b"namespace",
        b"and",
        b"or",
        b"not",
    ];
    let head = text.get(..start).unwrap_or_default();
    let before = head.trim_ascii_end();
    let blanks = head.get(before.len()..).unwrap_or_default();
    if blanks.is_empty() || blanks.contains(&b'\n') {
        return false;
    }
    let word = before.get(before.iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1)..).unwrap_or_default();
    let gives = match before.last() {
        Some(b'*' | b'&' | b'>') => true,
        _ => word.first().is_some_and(|byte| !byte.is_ascii_digit()) && !NO_TYPES.contains(&word),
    };
    let name = after_blanks(text, end);
    let name_end = word_end(text, name);
    gives && name > end && name_end > name && text.get(after_blanks(text, name_end)) == Some(&b'(')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(language: Language, text: &str) -> String {
        let masked = masked(language, text.as_bytes()).unwrap_or_else(|| text.as_bytes().to_vec());
        assert_eq!(masked.len(), text.len());
        String::from_utf8(masked).unwrap().split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn macros_that_stand_for_nothing_are_blanked() {
        for (text, left) in [
            ("#ifndef A_H\nGIT_BEGIN_DECL\n\ntypedef int a;\n", "#ifndef A_H typedef int a;"),
            ("__BEGIN_DECLS\nint f(void);\n__END_DECLS\n#endif\n", "int f(void); #endif"),
            // The body of a macro, an enumerator, a part of an expression, what a macro defines.
            ("#define A \\\n  B_C\nint x;\n", "#define A \\ B_C int x;"),
            ("enum a {\n  A_B,\n  C_D\n};\n", "enum a { A_B, C_D };"),
            ("int x = A_B |\n  C_D\n;\n", "int x = A_B | C_D ;"),
            ("A_B(x)\nint y;\n", "A_B(x) int y;"),
            ("A_B\n{\n}\n", "A_B { }"),
        ] {
            assert_eq!(shown(Language::C, text), left, "{text}");
        }
    }

    #[test]
    fn macros_of_cpp_are_blanked_where_only_an_attribute_can_stand() {
        for (text, left) in [
            ("FMT_BEGIN_NAMESPACE\nclass A {\n  Q_OBJECT\n  int b;\n};\n", "class A { int b; };"),
            ("FMT_CONSTEXPR20 auto f() -> int { return 1; }", "auto f() -> int { return 1; }"),
            ("static GTEST_API_ bool f();", "static bool f();"),
            ("template <> class GTEST_API_ A<int> : B {};", "template <> class A<int> : B {};"),
            ("class LOCKABLE Mutex {};", "class Mutex {};"),
            ("class CAPABILITY(\"mutex\") Mutex : public A {};", "class Mutex : public A {};"),
            ("void f() const RELEASES(a_) { g(); }", "void f() const { g(); }"),
            ("PUSH_WARNINGS(4251)\nclass A;\n", "class A;"),
            ("void WINAPI f(int); A* SASS_CALL g();", "void f(int); A* g();"),
            ("class A {\n  int b;\n  ADD_COPIES(A)\n};\n", "class A { int b; };"),
            // Types and names in capitals, tests, macros that are called.
            ("HANDLE h; struct FOO bar; class FOO final {};", "HANDLE h; struct FOO bar; class FOO final {};"),
            ("TEST(A, B) { if (x) WARN_ON(y); }", "TEST(A, B) { if (x) WARN_ON(y); }"),
            ("#define API_X class\n", "#define API_X class"),
            ("static HANDLE f(); x = B * MIN_C; return ABS d;", "static HANDLE f(); x = B * MIN_C; return ABS d;"),
            ("void f() {\n  g();\n  CHECK_IT(x)\n}\n", "void f() { g(); CHECK_IT(x) }"),
            ("// (see below)\nTEST(A, B) {}", "// (see below) TEST(A, B) {}"),
        ] {
            assert_eq!(shown(Language::Cpp, text), left, "{text}");
        }
    }

    #[test]
    fn variance_is_blanked_where_only_type_parameters_stand() {
        for (text, left) in [
            ("interface A<in out B, out C, in D = E> {}", "interface A< B, C, D = E> {}"),
            ("for (const a in b) f(a, inner, out);", "for (const a in b) f(a, inner, out);"),
            ("{\n  <A>(a: A): B\n  // more\n  <A>(a: A): C\n}", "{ <A>(a: A): B // more ;<A>(a: A): C }"),
            ("class A extends B<import('./c').C> {}", "class A extends B< C> {}"),
            ("a = import('./c').then(d)", "a = import('./c').then(d)"),
            ("f(\n  <T>a,\n  <T>b)", "f( <T>a, <T>b)"),
        ] {
            assert_eq!(shown(Language::TypeScript, text), left, "{text}");
        }
    }
}
