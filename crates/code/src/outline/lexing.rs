//! Names by their neighbours: whether one is called, what stands before its dot. What follows a name tells a call in every language that
//! is indexed, so no grammar's idea of a call is needed, and text that no grammar reads (bodies of macros, stretches with errors) is read
//! the same way.

use std::ops::Range;

use super::table::Words;

/// Blanks between a name and its neighbours that are looked over.
const LOOK: usize = 80;

/// What stands around a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Around {
    pub(super) called: bool,
    /// After a dot, an arrow or a double colon.
    pub(super) member: bool,
    /// The plain name before that.
    pub(super) qualifier: Option<Range<usize>>,
}

/// Looks at what stands around the name at `at`.
pub(super) fn around(text: &[u8], at: &Range<usize>, words: Words) -> Around {
    let (member, qualifier) = before(text, at.start);
    Around { called: called(text, at.end, words), member, qualifier }
}

fn called(text: &[u8], end: usize, words: Words) -> bool {
    let mut rest = text.get(end..).unwrap_or_default();
    rest = rest.get(..LOOK).unwrap_or(rest);
    let skip = |rest: &[u8]| rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len());
    rest = rest.get(skip(rest)..).unwrap_or_default();
    match rest {
        [b'(', ..] => true,
        [b'!', after @ ..] if words.bang => {
            let after = after.get(skip(after)..).unwrap_or_default();
            matches!(after, [b'(' | b'[' | b'{', ..])
        }
        [b':', b':', b'<', ..] if words.generics => generic_call(rest.get(2..).unwrap_or_default()),
        [b'<', ..] if words.generics => generic_call(rest),
        _ => false,
    }
}

/// Says whether `<…>` is followed by an opening parenthesis, and holds nothing but what types are made of.
fn generic_call(text: &[u8]) -> bool {
    let mut depth = 0_u32;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' => {
                depth -= 1;
                if depth == 0 {
                    return text.get(at + 1) == Some(&b'(');
                }
            }
            b',' | b' ' | b':' | b'&' | b'*' | b'_' | b'\'' | b'[' | b']' | b'.' | b'?' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return false,
        }
    }
    false
}

fn before(text: &[u8], start: usize) -> (bool, Option<Range<usize>>) {
    let Some(mut at) = back_over_blanks(text, start) else { return (false, None) };
    let byte = |at: usize| text.get(at).copied().unwrap_or(0);
    at = match (byte(at), at.checked_sub(1).map(byte)) {
        // A range, a spread, or variadic arguments.
        (b'.', Some(b'.')) => return (false, None),
        (b'.', Some(b'?' | b'!')) | (b'>', Some(b'-')) | (b':', Some(b':')) => at - 1,
        (b'.', _) => at,
        _ => return (false, None),
    };
    let Some(last) = back_over_blanks(text, at) else { return (true, None) };
    // `C::default` and `foo()?.bar`: only plain names are told.
    let name = text.get(..=last).unwrap_or_default();
    let start = name.iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1);
    let plain = start <= last && !byte(start).is_ascii_digit();
    (true, plain.then_some(start..last + 1))
}

/// Returns the first argument of a macro that stands alone before a body, from the beginning of a line: `read` in `SYSCALL_DEFINE3(read, …) {`.
pub(super) fn first_argument(text: &[u8], body: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 600;
    let close = back_over_blanks(text, body).filter(|at| text.get(*at) == Some(&b')'))?;
    let from = close.saturating_sub(LONGEST);
    let mut depth = 1_u32;
    let within = text.get(from..close)?;
    let open = within.iter().rposition(|byte| {
        match byte {
            b')' => depth += 1,
            b'(' => depth -= 1,
            b';' | b'{' | b'}' => return true,
            _ => {}
        }
        depth == 0
    })?;
    let (before, arguments) = within.split_at(open);
    let line = before.get(memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1)..)?;
    let named = |word: &[u8]| word.first().is_some_and(|byte| is_word(*byte) && !byte.is_ascii_digit());
    if !arguments.starts_with(b"(") || !named(line) || !line.iter().all(|byte| is_word(*byte)) || is_keyword(line) {
        return None;
    }
    let blanks = arguments.iter().skip(1).take_while(|byte| byte.is_ascii_whitespace()).count();
    let rest = arguments.get(1 + blanks..)?;
    let length = rest.iter().take_while(|byte| is_word(**byte)).count();
    let start = from + open + 1 + blanks;
    rest.get(..length).is_some_and(named).then_some(start..start + length)
}

/// Returns where the last byte before `at` stands that is no blank.
fn back_over_blanks(text: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(LOOK);
    let stretch = text.get(from..at)?;
    stretch.iter().rposition(|byte| !byte.is_ascii_whitespace()).map(|found| from + found)
}

/// Says whether a byte is part of a name. Bytes past ASCII count: names may hold any letter.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// Calls `found` with the range of each word of C-like text that may be a name: no keywords, nothing in comments or literals.
pub(super) fn words(text: &[u8], range: Range<usize>, mut found: impl FnMut(Range<usize>)) {
    let end = range.end.min(text.len());
    let mut at = range.start;
    while at < end {
        let byte = text.get(at).copied().unwrap_or(0);
        let next = text.get(at + 1).copied().unwrap_or(0);
        match byte {
            b'/' if next == b'/' => at = find(text, at, end, |rest| rest.first() == Some(&b'\n')),
            b'/' if next == b'*' => at = (find(text, at + 2, end, |rest| rest.starts_with(b"*/")) + 2).min(end),
            b'"' | b'\'' => at = past_literal(text, at, end, byte),
            b'0'..=b'9' => at = find(text, at, end, |rest| rest.first().is_some_and(|byte| !is_word(*byte) && *byte != b'.')),
            // `#ifdef`: the directive is no name.
            b'#' => {
                at += 1;
                while text.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'#')) {
                    at += 1;
                }
                while at < end && text.get(at).is_some_and(|byte| byte.is_ascii_lowercase()) {
                    at += 1;
                }
            }
            _ if is_word(byte) => {
                let start = at;
                while at < end && text.get(at).is_some_and(|byte| is_word(*byte)) {
                    at += 1;
                }
                if text.get(start..at).is_some_and(|word| !is_keyword(word)) {
                    found(start..at);
                }
            }
            _ => at += 1,
        }
    }
}

fn find(text: &[u8], from: usize, end: usize, stop: impl Fn(&[u8]) -> bool) -> usize {
    (from..end).find(|at| text.get(*at..).is_some_and(&stop)).unwrap_or(end)
}

pub(super) fn past_literal(text: &[u8], from: usize, end: usize, quote: u8) -> usize {
    let mut at = from + 1;
    while at < end {
        match text.get(at) {
            Some(b'\\') => at += 2,
            // A literal ends with its line, whatever a stray apostrophe says.
            Some(b'\n') => return at,
            Some(byte) if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    end
}

/// Says whether a word means something to C itself. `sizeof` and its like look like calls otherwise.
pub(super) fn is_keyword(word: &[u8]) -> bool {
    // Nothing else is asked of most words: keywords are short, and in lower case.
    if word.len() > 13 || !word.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_') {
        return false;
    }
    matches!(
        word,
        b"if"
            | b"do"
            | b"for"
            | b"int"
            | b"asm"
            | b"new"
            | b"else"
            | b"case"
            | b"goto"
            | b"char"
            | b"void"
            | b"long"
            | b"enum"
            | b"auto"
            | b"bool"
            | b"true"
            | b"this"
            | b"while"
            | b"break"
            | b"const"
            | b"short"
            | b"float"
            | b"union"
            | b"false"
            | b"throw"
            | b"catch"
            | b"using"
            | b"class"
            | b"return"
            | b"switch"
            | b"struct"
            | b"static"
            | b"sizeof"
            | b"double"
            | b"signed"
            | b"extern"
            | b"inline"
            | b"typeof"
            | b"delete"
            | b"typedef"
            | b"default"
            | b"defined"
            | b"typename"
            | b"nullptr"
            | b"alignof"
            | b"private"
            | b"public"
            | b"register"
            | b"restrict"
            | b"continue"
            | b"unsigned"
            | b"volatile"
            | b"template"
            | b"noexcept"
            | b"operator"
            | b"decltype"
            | b"namespace"
            | b"protected"
            | b"constexpr"
            | b"__typeof__"
            | b"__attribute__"
            | b"__asm__"
            | b"__volatile__"
            | b"__inline"
            | b"__extension__"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::table::WORDS;

    fn at(text: &str, name: &str) -> Around {
        let start = text.find(name).unwrap();
        around(text.as_bytes(), &(start..start + name.len()), Words { bang: true, generics: true, ..WORDS })
    }

    #[test]
    fn calls_are_told_by_what_follows() {
        for text in ["f(1)", "f (1)", "f\n  (1)", "f!(1)", "f![1]", "f! {}", "f::<u8>(1)", "f::<Vec<&'a [u8]>>(1)", "f<T, U>(1)"]
        {
            assert!(at(text, "f").called, "{text}");
        }
        for text in ["f", "f != (1)", "f < (1)", "f + (1)", "f::<u8>::g(1)", "f < a && b > (c)"] {
            assert!(!at(text, "f").called, "{text}");
        }
    }

    #[test]
    fn what_stands_before_the_dot_is_told_where_it_is_a_name() {
        let told = |text: &str| {
            let around = at(text, "zz");
            (around.member, around.qualifier.map(|range| text[range].to_owned()))
        };
        for (text, member, qualifier) in [
            ("zz", false, None),
            ("a.zz", true, Some("a")),
            ("a\n    .zz", true, Some("a")),
            ("a.b?.zz", true, Some("b")),
            ("a->zz", true, Some("a")),
            ("a::zz", true, Some("a")),
            ("::zz", true, None),
            ("f().zz", true, None),
            ("0..zz", false, None),
            ("...zz", false, None),
            ("a > zz", false, None),
            ("1.zz", true, None),
        ] {
            assert_eq!(told(text), (member, qualifier.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn a_macro_before_a_body_names_it_by_its_first_argument() {
        let name = |text: &str| first_argument(text.as_bytes(), text.find('{').unwrap()).map(|range| text[range].to_owned());
        for (text, expected) in [
            ("SYSCALL_DEFINE3(read, unsigned int, fd,\n\t\tchar __user *, buf)\n{", Some("read")),
            ("int x;\nBPF_CALL_1( f , int (*)(void), a) {", Some("f")),
            ("if (x) {", None),
            ("\tfor_each(x) {", None),
            ("int f(int a) {", None),
            ("A() {", None),
            ("A(1) {", None),
            ("x; a) {", None),
            (") {", None),
        ] {
            assert_eq!(name(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn words_of_c_leave_out_what_is_no_name() {
        let text = "a = b(\"c d\", 'e') /* f */ + 0x1fU * sizeof(g); // h\n#ifdef I\n don't j\n k";
        let mut found = Vec::new();
        words(text.as_bytes(), 0..text.len(), |range| found.push(&text[range]));
        assert_eq!(found, ["a", "b", "g", "I", "don", "k"]);
        words(b"\"unclosed", 0..100, |_| panic!("nothing is there"));
        words(b"/*", 0..2, |_| panic!("nothing is there"));
        words(b"a\\", 1..2, |_| panic!("nothing is there"));
    }
}
