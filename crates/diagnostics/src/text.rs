//! Bytes of a tool made into text that the readers can rely on: valid UTF-8, no colour, no overlong lines.
//!
//! Everything that a reader sees went through [`plain`] and [`lines`], so no reader has to think of hostile bytes again.

use std::borrow::Cow;

use regex::Regex;

/// Longer lines are cut: nothing that a reader looks for stands further right, and no pattern then runs over megabytes.
pub(crate) const LONGEST_LINE: usize = 64 * 1024;

/// Longer messages are cut.
const LONGEST_MESSAGE: usize = 2_000;

/// Declares a pattern that is compiled once.
macro_rules! pattern {
    ($($name:ident = $pattern:expr;)+) => {
        $(static $name: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| $crate::text::compile($pattern));)+
    };
}
pub(crate) use pattern;

/// Compiles a pattern of this crate.
#[expect(clippy::expect_used, reason = "a constant of this crate, and the recordings run every reader")]
pub(crate) fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

/// Returns the text of some bytes: colour and other escape sequences are left out, and a lone carriage return ends a line.
pub(crate) fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains(['\x1b', '\r']) {
        return text.into_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => skip_escape(&mut chars),
            '\r' if chars.peek() != Some(&'\n') => plain.push('\n'),
            c => plain.push(c),
        }
    }
    plain
}

/// Reads past an escape sequence whose ESC was read. One that does not end ends with its line.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while let Some(c) = chars.next_if(|c| *c != '\n') {
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
        Some(']' | 'P' | '^' | '_') => {
            while let Some(c) = chars.next_if(|c| *c != '\n') {
                if c == '\x07' {
                    break;
                }
                if c == '\x1b' {
                    chars.next_if_eq(&'\\');
                    break;
                }
            }
        }
        Some('(' | ')') => {
            chars.next();
            chars.next_if(|c| *c != '\n');
        }
        Some('\n') | None => {}
        Some(_) => {
            chars.next();
        }
    }
}

/// Returns the lines of a text, without their ends, each cut to [`LONGEST_LINE`].
pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.lines().map(|line| cut(line, LONGEST_LINE)).collect()
}

/// Returns the start of `text`, at most `n` bytes.
pub(crate) fn cut(text: &str, n: usize) -> &str {
    if text.len() <= n {
        return text;
    }
    let mut end = n;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

/// Returns a message as one line: white space folded, control characters left out, not longer than is useful.
pub(crate) fn one_line(message: &str) -> String {
    let message = cut(message, 4 * LONGEST_MESSAGE);
    let mut line = String::with_capacity(message.len().min(LONGEST_MESSAGE));
    for word in message.split_whitespace() {
        let start = line.len();
        if start > 0 {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !is_unprintable(*c)));
        if line.len() == start + 1 && start > 0 {
            line.pop();
        }
        if line.len() > LONGEST_MESSAGE {
            return format!("{}…", cut(&line, LONGEST_MESSAGE));
        }
    }
    line
}

/// Says whether a character changes how a terminal shows the others: controls, and marks that reverse the direction of writing.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Returns what a `%XX`-escaped URI path stands for.
pub(crate) fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or(&[]) } else { after };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Returns the path that a `file:` URI names, or the text itself where it is none.
pub(crate) fn path_of_uri(uri: &str) -> String {
    let Some(rest) = uri.strip_prefix("file:") else { return uri.to_owned() };
    let path = match rest.strip_prefix("//") {
        // `file://host/path`: the host, nearly always empty, is not part of the path.
        Some(rest) => rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or(rest),
        None => rest,
    };
    percent_decoded(path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_returns_are_peeled() {
        assert_eq!(
            plain(b"\x1b[1;31merror\x1b[0m: a\r\nb\rc\x1b]8;;http://x\x07d\x1b]8;;\x1b\\e\xff"),
            "error: a\r\nb\ncde\u{fffd}"
        );
        assert_eq!(plain(b"\x1b[31\nnext \x1b"), "\nnext ");
        assert_eq!(lines("a\r\nb\n"), ["a", "b"]);
    }

    #[test]
    fn a_message_is_one_printable_line() {
        assert_eq!(one_line("  a\n\tb \u{1} \u{202e}c\x07d "), "a b cd");
        assert!(one_line(&"é".repeat(5_000)).len() < 2_010);
    }

    #[test]
    fn uris_become_paths() {
        assert_eq!(path_of_uri("file:///a%20b/%C3%A9.py"), "/a b/é.py");
        assert_eq!(path_of_uri("file://host/a"), "/a");
        assert_eq!(path_of_uri("src/100%.py"), "src/100%.py");
        assert_eq!(percent_decoded("a%2Fb%zz%"), "a/b%zz%");
    }
}
