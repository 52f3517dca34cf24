//! Texts of programs: what literals, escapes, formats and encodings stand for.

use base64::Engine as _;

/// Returns what an escape sequence stands for.
pub(super) fn unescaped(escape: &str) -> String {
    let body = escape.trim_start_matches('\\');
    let number = |digits: &str| u32::from_str_radix(digits.trim_matches(['{', '}']), 16).ok().and_then(char::from_u32);
    let one = match body.chars().next() {
        Some('n') => Some('\n'),
        Some('t') => Some('\t'),
        Some('r') => Some('\r'),
        Some('x' | 'u' | 'U') => number(body.get(1..).unwrap_or_default()),
        // The character 0 stands for what is not known.
        Some('0'..='7') => u32::from_str_radix(body, 8).ok().filter(|code| *code > 0).and_then(char::from_u32),
        first => first,
    };
    one.map(String::from).unwrap_or_default()
}

/// Takes the quotes off a literal, and what stands before them.
pub(super) fn unquoted(literal: &str) -> &str {
    if let Some(symbol) = literal.strip_prefix(':') {
        return symbol.trim_matches('"');
    }
    let body = literal.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '$' || c == '@' || c == '#');
    for quote in ["\"\"\"", "'''", "\"", "'", "`"] {
        if let Some(body) = body.strip_prefix(quote) {
            return body.strip_suffix(quote).unwrap_or(body);
        }
    }
    // A bare word, as a shell has them.
    literal
}

/// Splits a format into its texts and its places (`None`).
pub(super) fn format_places(format: &str) -> Vec<Option<&str>> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some((at, length)) = first_place(rest) {
        pieces.push(Some(rest.get(..at).unwrap_or_default()));
        pieces.push(None);
        rest = rest.get(at + length..).unwrap_or_default();
    }
    pieces.push(Some(rest));
    pieces
}

/// Returns where the first of `%s`, `%-10.2f`, `%(name)s`, `{}`, `{0}`, `{name:>3}` stands, and how long it is.
fn first_place(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'%' | b'{'))) {
        let start = at + found;
        let rest = bytes.get(start + 1..).unwrap_or_default();
        if bytes.get(start) == Some(&b'{') {
            let end = rest.iter().take(40).position(|byte| !(byte.is_ascii_alphanumeric() || b"_:.<>^?#!$".contains(byte)));
            if let Some(end) = end.filter(|end| rest.get(*end) == Some(&b'}')) {
                return Some((start, end + 2));
            }
        } else {
            let named =
                if rest.first() == Some(&b'(') { rest.iter().position(|byte| *byte == b')').map_or(0, |n| n + 1) } else { 0 };
            let flags = rest.get(named..).unwrap_or_default().iter().take(12);
            let flags = flags.take_while(|byte| byte.is_ascii_digit() || b"-+ #.*lhqzj$".contains(byte)).count();
            if let Some(b's' | b'd' | b'i' | b'u' | b'f' | b'g' | b'x' | b'X' | b'c' | b'r' | b'v' | b'q' | b'p' | b'S') =
                rest.get(named + flags)
            {
                // `%%` and a blank before a word (`100% sure`) are no places.
                if !rest.get(named..named + flags).is_some_and(|flags| flags.contains(&b' ')) {
                    return Some((start, named + flags + 2));
                }
            }
            if rest.first() == Some(&b'%') {
                at = start + 2;
                continue;
            }
        }
        at = start + 1;
    }
    None
}

/// Returns what something encoded stands for, where it is base64 or hexadecimal and gives a text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 4096 {
        return None;
    }
    let printable =
        |bytes: Vec<u8>| String::from_utf8(bytes).ok().filter(|text| text.chars().all(|c| !c.is_control() || c.is_whitespace()));
    let hexadecimal = || {
        let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let pairs = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
        is_hex.then(|| pairs.collect::<Option<Vec<u8>>>()).flatten()
    };
    let base64 = || {
        let engines = [&base64::engine::general_purpose::STANDARD, &base64::engine::general_purpose::STANDARD_NO_PAD];
        engines.into_iter().find_map(|engine| engine.decode(text).ok())
    };
    hexadecimal().and_then(printable).or_else(|| base64().and_then(printable))
}

/// Returns a text with its letters thirteen places further.
pub(super) fn rotated(text: &str) -> String {
    let turn = |c: char, first: u8| u8::try_from(c).map_or(c, |c| char::from((c - first + 13) % 26 + first));
    let one = |c: char| match c {
        'a'..='z' => turn(c, b'a'),
        'A'..='Z' => turn(c, b'A'),
        c => c,
    };
    text.chars().map(one).collect()
}

/// Returns the character that a number stands for.
pub(super) fn character(number: &str) -> Option<char> {
    let code = match number.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    };
    code.filter(|code| *code > 0).and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        assert_eq!(
            format_places("a %s b {} c %(n)s d {x:>3}"),
            [Some("a "), None, Some(" b "), None, Some(" c "), None, Some(" d "), None, Some("")]
        );
        assert_eq!(format_places("100% sure, 5%% {a, b}"), [Some("100% sure, 5%% {a, b}")]);
    }

    #[test]
    fn literals() {
        for (literal, text) in [("\"a\"", "a"), ("b'a'", "a"), ("\"\"\"a\"\"\"", "a"), (":a", "a"), ("a", "a"), ("`a`", "a")] {
            assert_eq!(unquoted(literal), text);
        }
        assert_eq!(["\\n", "\\x41", "\\u{42}", "\\u0043", "\\\"", "\\101"].map(unescaped), ["\n", "A", "B", "C", "\"", "A"]);
    }

    #[test]
    fn encodings() {
        assert_eq!(decoded("c3lzdGVt").as_deref(), Some("system"));
        assert_eq!(decoded("73797374656d").as_deref(), Some("system"));
        assert_eq!(decoded("not encoded"), None);
        assert_eq!(character("0x41"), Some('A'));
    }
}
