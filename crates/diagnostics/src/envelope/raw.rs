//! The raw lines of a log: a line feed, a carriage return, or both, end one.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr2_iter, memrchr2};

use crate::text::LONGEST_LINE;

/// A line of a log as it stands there.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawLine<'a> {
    /// Its number, from 1.
    pub(super) number: u64,
    pub(super) text: &'a str,
    /// It is known to have no escape sequence. To ask each line costs more than to find the next one of many lines.
    pub(super) is_plain: bool,
}

/// Splits what is fed to it into numbered lines, each cut where it is too long.
#[derive(Debug, Default)]
pub(super) struct RawLines {
    partial: Vec<u8>,
    /// How many lines have ended.
    ended: u64,
    /// The last byte was a carriage return: a line feed right after it ends nothing.
    after_return: bool,
}

impl RawLines {
    /// Takes more bytes, and hands over each line that ends.
    pub(super) fn feed(&mut self, bytes: &[u8], sink: &mut impl FnMut(RawLine<'_>)) {
        // The line at hand may go on amid a character; and so may end what is no whole line yet.
        let begun = if self.partial.is_empty() { 0 } else { memchr2(b'\n', b'\r', bytes).map_or(bytes.len(), |end| end + 1) };
        let (begun, rest) = bytes.split_at(begun);
        let (whole, partial) = rest.split_at(memrchr2(b'\n', b'\r', rest).map_or(0, |end| end + 1));
        for part in [begun, whole, partial] {
            self.part(part, sink);
        }
    }

    fn part(&mut self, bytes: &[u8], sink: &mut impl FnMut(RawLine<'_>)) {
        // All at once: line by line that is one of the costliest things.
        let text = str::from_utf8(bytes).ok();
        let escape = |from: usize| memchr(b'\x1b', bytes.get(from..)?).map(|at| from + at);
        let mut next_escape = escape(0);
        let mut from = 0;
        for end in memchr2_iter(b'\n', b'\r', bytes) {
            let is_return = bytes.get(end) == Some(&b'\r');
            let is_ended = std::mem::replace(&mut self.after_return, is_return) && end == from && !is_return;
            let line = from..end;
            from = end + 1;
            if is_ended {
                continue;
            }
            let is_plain = next_escape.is_none_or(|at| at > end);
            if !is_plain {
                next_escape = escape(from);
            }
            if !self.partial.is_empty() {
                self.extend(bytes.get(line).unwrap_or_default());
                let whole = std::mem::take(&mut self.partial);
                self.end(&lossy(&whole), false, sink);
            } else if let Some(line) = text.and_then(|text| text.get(line.clone())).filter(|line| line.len() <= LONGEST_LINE) {
                self.end(line, is_plain, sink);
            } else {
                let line = bytes.get(line).unwrap_or_default();
                self.end(&lossy(line.get(..LONGEST_LINE).unwrap_or(line)), is_plain, sink);
            }
        }
        let rest = bytes.get(from..).unwrap_or_default();
        if !rest.is_empty() {
            self.after_return = false;
            self.extend(rest);
        }
    }

    /// Hands over the last line, where no end of line follows it.
    pub(super) fn finish(&mut self, sink: &mut impl FnMut(RawLine<'_>)) {
        let whole = std::mem::take(&mut self.partial);
        if !whole.is_empty() {
            self.end(&lossy(&whole), false, sink);
        }
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.partial.len());
        self.partial.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end(&mut self, line: &str, is_plain: bool, sink: &mut impl FnMut(RawLine<'_>)) {
        self.ended += 1;
        let text = if self.ended == 1 { line.trim_start_matches('\u{feff}') } else { line };
        sink(RawLine { number: self.ended, text, is_plain });
    }
}

fn lossy(line: &[u8]) -> Cow<'_, str> {
    str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_of_line_ends_one_line_wherever_the_pieces_are_cut() {
        let log = "\u{feff}a\r\nb\rc\n\n\rd".as_bytes();
        let expected = [(1, "a"), (2, "b"), (3, "c"), (4, ""), (5, ""), (6, "d")];
        for size in 1..=log.len() {
            let mut lines = RawLines::default();
            let mut all = Vec::new();
            for piece in log.chunks(size) {
                lines.feed(piece, &mut |line| all.push((line.number, line.text.to_owned())));
            }
            lines.finish(&mut |line| all.push((line.number, line.text.to_owned())));
            assert_eq!(all, expected.map(|(number, line)| (number, line.to_owned())), "in pieces of {size}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_cost_only_their_line() {
        let log = b"caf\xc3\xa9\ncaf\xe9\nna\xc3\xafve\n\xc3";
        let expected = [(1, "café"), (2, "caf\u{fffd}"), (3, "naïve"), (4, "\u{fffd}")];
        for size in 1..=log.len() {
            let mut lines = RawLines::default();
            let mut all = Vec::new();
            for piece in log.chunks(size) {
                lines.feed(piece, &mut |line| all.push((line.number, line.text.to_owned())));
            }
            lines.finish(&mut |line| all.push((line.number, line.text.to_owned())));
            assert_eq!(all, expected.map(|(number, line)| (number, line.to_owned())), "in pieces of {size}");
        }
    }

    #[test]
    fn no_line_with_an_escape_is_called_plain_wherever_the_pieces_are_cut() {
        let log = b"\x1b[1ma\nb\nc\x1b[0m\r\nd\x1b\r\x1b\ne\nf\n";
        for size in 1..=log.len() {
            let mut lines = RawLines::default();
            let mut all = Vec::new();
            for piece in log.chunks(size) {
                lines.feed(piece, &mut |line| all.push((line.is_plain, line.text.contains('\x1b'))));
            }
            assert!(
                all.len() == 7 && all.iter().all(|(is_plain, has_escape)| !(*is_plain && *has_escape)),
                "in pieces of {size}"
            );
            assert!(size < log.len() || all.iter().all(|(is_plain, has_escape)| is_plain != has_escape), "{all:?}");
        }
    }

    #[test]
    fn a_line_is_cut() {
        let mut lines = RawLines::default();
        lines.feed(&vec![b'a'; LONGEST_LINE * 3], &mut |_| unreachable!());
        let mut length = None;
        lines.finish(&mut |line| length = Some(line.text.len()));
        assert_eq!(length, Some(LONGEST_LINE));
    }
}
