//! The raw lines of a log: a line feed, a carriage return, or both, end one.

use std::borrow::Cow;

use memchr::{memchr2, memchr2_iter, memrchr2};

use crate::text::LONGEST_LINE;

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
    /// Takes more bytes, and hands over each line that ends, with its number from 1.
    pub(super) fn feed(&mut self, bytes: &[u8], sink: &mut impl FnMut(u64, &str)) {
        // The line at hand may go on amid a character; and so may end what is no whole line yet.
        let begun = if self.partial.is_empty() { 0 } else { memchr2(b'\n', b'\r', bytes).map_or(bytes.len(), |end| end + 1) };
        let (begun, rest) = bytes.split_at(begun);
        let (whole, partial) = rest.split_at(memrchr2(b'\n', b'\r', rest).map_or(0, |end| end + 1));
        for part in [begun, whole, partial] {
            self.part(part, sink);
        }
    }

    fn part(&mut self, bytes: &[u8], sink: &mut impl FnMut(u64, &str)) {
        // All at once: line by line that is one of the costliest things.
        let text = str::from_utf8(bytes).ok();
        let mut from = 0;
        for end in memchr2_iter(b'\n', b'\r', bytes) {
            let is_return = bytes.get(end) == Some(&b'\r');
            let is_ended = std::mem::replace(&mut self.after_return, is_return) && end == from && !is_return;
            let line = from..end;
            from = end + 1;
            if is_ended {
                continue;
            }
            if !self.partial.is_empty() {
                self.extend(bytes.get(line).unwrap_or_default());
                let whole = std::mem::take(&mut self.partial);
                self.end(&lossy(&whole), sink);
            } else if let Some(line) = text.and_then(|text| text.get(line.clone())).filter(|line| line.len() <= LONGEST_LINE) {
                self.end(line, sink);
            } else {
                let line = bytes.get(line).unwrap_or_default();
                self.end(&lossy(line.get(..LONGEST_LINE).unwrap_or(line)), sink);
            }
        }
        let rest = bytes.get(from..).unwrap_or_default();
        if !rest.is_empty() {
            self.after_return = false;
            self.extend(rest);
        }
    }

    /// Hands over the last line, where no end of line follows it.
    pub(super) fn finish(&mut self, sink: &mut impl FnMut(u64, &str)) {
        let whole = std::mem::take(&mut self.partial);
        if !whole.is_empty() {
            self.end(&lossy(&whole), sink);
        }
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.partial.len());
        self.partial.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end(&mut self, line: &str, sink: &mut impl FnMut(u64, &str)) {
        self.ended += 1;
        let line = if self.ended == 1 { line.trim_start_matches('\u{feff}') } else { line };
        sink(self.ended, line);
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
                lines.feed(piece, &mut |number, line| all.push((number, line.to_owned())));
            }
            lines.finish(&mut |number, line| all.push((number, line.to_owned())));
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
                lines.feed(piece, &mut |number, line| all.push((number, line.to_owned())));
            }
            lines.finish(&mut |number, line| all.push((number, line.to_owned())));
            assert_eq!(all, expected.map(|(number, line)| (number, line.to_owned())), "in pieces of {size}");
        }
    }

    #[test]
    fn a_line_is_cut() {
        let mut lines = RawLines::default();
        lines.feed(&vec![b'a'; LONGEST_LINE * 3], &mut |_, _| unreachable!());
        let mut length = None;
        lines.finish(&mut |_, line| length = Some(line.len()));
        assert_eq!(length, Some(LONGEST_LINE));
    }
}
