//! The raw lines of a log: a line feed, a carriage return, or both, end one.

use crate::text::LONGEST_LINE;

/// Splits what is fed to it into numbered lines, each cut where it is too long.
#[derive(Debug, Default)]
pub(super) struct RawLines {
    partial: Vec<u8>,
    /// How many lines have ended.
    ended: u64,
    /// The last byte was a carriage return: a line feed right after it ends nothing.
    after_return: bool,
    began: bool,
}

impl RawLines {
    /// Takes more bytes, and hands over each line that ends, with its number from 1.
    pub(super) fn feed(&mut self, mut bytes: &[u8], sink: &mut dyn FnMut(u64, String)) {
        while let Some(&first) = bytes.first() {
            if std::mem::take(&mut self.after_return) && first == b'\n' {
                bytes = bytes.get(1..).unwrap_or(&[]);
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.extend(bytes);
                return;
            };
            let (line, rest) = bytes.split_at(end);
            self.extend(line);
            self.after_return = rest.first() == Some(&b'\r');
            bytes = rest.get(1..).unwrap_or(&[]);
            let line = self.take();
            sink(self.ended, line);
        }
    }

    /// Returns the last line, where no end of line follows it.
    pub(super) fn finish(&mut self) -> Option<(u64, String)> {
        if self.partial.is_empty() {
            return None;
        }
        let line = self.take();
        Some((self.ended, line))
    }

    fn extend(&mut self, bytes: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.partial.len());
        self.partial.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn take(&mut self) -> String {
        self.ended += 1;
        let text = String::from_utf8_lossy(&self.partial);
        let line = if self.began { text.into_owned() } else { text.trim_start_matches('\u{feff}').to_owned() };
        self.began = true;
        self.partial.clear();
        line
    }
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
                lines.feed(piece, &mut |number, line| all.push((number, line)));
            }
            all.extend(lines.finish());
            assert_eq!(all, expected.map(|(number, line)| (number, line.to_owned())), "in pieces of {size}");
        }
    }

    #[test]
    fn a_line_is_cut() {
        let mut lines = RawLines::default();
        lines.feed(&vec![b'a'; LONGEST_LINE * 3], &mut |_, _| unreachable!());
        assert_eq!(lines.finish().map(|(_, line)| line.len()), Some(LONGEST_LINE));
    }
}
