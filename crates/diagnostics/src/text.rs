//! Bytes of a tool made into text that the readers can rely on: valid UTF-8, no colour, no overlong lines.
//!
//! Everything that a reader sees went through [`plain`] and [`lines`], so no reader has to think of hostile bytes again.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr2, memmem};
use regex::Regex;

/// Longer lines are cut: nothing that a reader looks for stands further right, and no pattern then runs over megabytes.
pub(crate) const LONGEST_LINE: usize = 64 * 1024;

/// Longer messages are cut.
const LONGEST_MESSAGE: usize = 2_000;

/// Declares a pattern that is compiled once, where it is needed.
macro_rules! pattern {
    ($($name:ident = $pattern:expr;)+) => {
        $(static $name: std::sync::LazyLock<$crate::pattern::Pattern> =
            std::sync::LazyLock::new(|| $crate::pattern::Pattern::new($pattern));)+
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
    let text = decoded(bytes);
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => text,
    };
    if memchr2(b'\x1b', b'\r', text.as_bytes()).is_none() {
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

/// Returns the text of bytes that are UTF-8 or UTF-16 (with or without its mark: what PowerShell writes), with U+FFFD for what is neither.
///
/// ```
/// assert_eq!(diagnostics::decoded(b"\xff\xfea\0.\0c\0"), "\u{feff}a.c");
/// assert_eq!(diagnostics::decoded(b"caf\xe9"), "caf\u{fffd}");
/// ```
#[must_use]
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(is_little) = utf16(bytes) {
        return Cow::Owned(of_utf16(bytes, is_little));
    }
    // An older encoding is not guessed at: in the name of a file, a wrong guess is another file.
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Turns a stream that may be UTF-16 into UTF-8, piece by piece; what the first piece shows holds for all.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// Whether it is UTF-16, and whether the lower byte stands first; not known before the first piece.
    utf16: Option<Option<bool>>,
    /// The start of a character whose end the next piece brings.
    rest: Vec<u8>,
}

impl Decoder {
    /// Returns a piece in UTF-8, or as it is.
    pub(crate) fn feed<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if bytes.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let Some(is_little) = *self.utf16.get_or_insert_with(|| utf16(bytes)) else { return Cow::Borrowed(bytes) };
        self.rest.extend_from_slice(bytes);
        let mut whole = self.rest.len() - self.rest.len() % 2;
        let high = |pair: Option<&[u8]>| {
            pair.and_then(|pair| pair.get(usize::from(is_little))).is_some_and(|byte| (0xd8..0xdc).contains(byte))
        };
        // The first half of a character of two.
        if whole >= 2 && high(self.rest.get(whole - 2..whole)) {
            whole -= 2;
        }
        let taken: Vec<u8> = self.rest.drain(..whole).collect();
        Cow::Owned(of_utf16(&taken, is_little).into_bytes())
    }
}

fn of_utf16(bytes: &[u8], is_little: bool) -> String {
    let unit = |pair: &[u8]| match (pair, is_little) {
        ([low, high], true) | ([high, low], false) => u16::from_be_bytes([*high, *low]),
        _ => u16::from(b'?'),
    };
    let units: Vec<u16> = bytes.chunks(2).map(unit).collect();
    String::from_utf16_lossy(&units)
}

/// Says whether bytes are UTF-16, and whether the lower byte stands first: by the mark, or by the NULs of the first ASCII text.
fn utf16(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(true),
        [0xfe, 0xff, ..] => return Some(false),
        _ => {}
    }
    let start = bytes.get(..bytes.len().min(64))?;
    let nuls = |first: usize| start.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (nuls(0), nuls(1), start.len() / 2);
    match pairs >= 4 {
        true if odd * 10 >= pairs * 9 && even == 0 => Some(true),
        true if even * 10 >= pairs * 9 && odd == 0 => Some(false),
        _ => None,
    }
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
    let (mut lines, mut from) = (Vec::new(), 0);
    for end in memchr_iter(b'\n', text.as_bytes()) {
        let line = text.get(from..end).unwrap_or_default();
        lines.push(cut(line.strip_suffix('\r').unwrap_or(line), LONGEST_LINE));
        from = end + 1;
    }
    lines.extend(text.get(from..).filter(|rest| !rest.is_empty()).map(|rest| cut(rest, LONGEST_LINE)));
    lines
}

/// Returns where a text first has another: the way of the standard library takes long where it is nowhere in megabytes.
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    memmem::find(text.as_bytes(), part.as_bytes())
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

pattern! {
    // A time or a date stands at the front of a line of a log.
    STAMPED = r"(?:^|\s)(?:\d{4}-\d\d-\d\d|\d{1,2}:\d\d:\d\d)";
}

/// Says whether what stands before a line number can be the path of a file: a line of a log begins with a time, a level or the name of
/// a host, and may have a file and a line after it.
pub(crate) fn is_path(text: &str) -> bool {
    let is_of_several_words = text.contains(char::is_whitespace);
    let names_folder = text.contains(['/', '\\']);
    let has_words_between = text.contains(": ") || text.contains(" - ") || text.contains(" | ");
    !text.is_empty() && !(is_of_several_words && (!names_folder || has_words_between || STAMPED.is_match(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_line_of_a_log_is_no_path() {
        assert!(["a.c", "/a b/c.js", "a b/x.js", "C:\\a b\\c.cs", "Makefile", "./x", "2026-01-02/a.c"].into_iter().all(is_path));
        let none =
            ["12:30:45 app.py", "2026-03-01 12:34:56,789 client.py", "server at localhost", "INFO: see src/a.c", "x | src/a.c"];
        assert!(!none.into_iter().any(is_path));
    }

    #[test]
    fn escapes_and_returns_are_peeled() {
        assert_eq!(
            plain(b"\x1b[1;31merror\x1b[0m: a\r\nb\rc\x1b]8;;http://x\x07d\x1b]8;;\x1b\\e\xff"),
            "error: a\r\nb\ncde\u{fffd}"
        );
        assert_eq!(plain(b"\x1b[31\nnext \x1b"), "\nnext ");
        assert_eq!(lines("a\r\nb\n"), ["a", "b"]);
        assert_eq!((lines("\n\na\r"), lines("")), (vec!["", "", "a\r"], vec![]));
    }

    #[test]
    fn other_encodings_are_decoded() {
        let utf16: Vec<u8> = "a.py:1:1: F401 é\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&utf16), "a.py:1:1: F401 é\r\n");
        // Piece by piece as well, wherever the pieces end.
        let long: Vec<u8> = "\u{feff}log 🦀 line\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for size in [2, 3, 5, 7] {
            let mut decoder = Decoder::default();
            let pieces: Vec<u8> = long.chunks(size).flat_map(|piece| decoder.feed(piece).into_owned()).collect();
            assert_eq!(String::from_utf8(pieces).unwrap(), "\u{feff}log 🦀 line\n", "{size}");
        }
        let big: Vec<u8> = "\u{feff}x é".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(plain(&big), "x é");
        assert_eq!(decoded(b"caf\xe9 a.c:1"), "caf\u{fffd} a.c:1");
        assert_eq!(decoded("é".repeat(3).as_bytes().get(..5).unwrap()), "éé\u{fffd}");
        assert_eq!(plain("\u{feff}[]".as_bytes()), "[]");
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
