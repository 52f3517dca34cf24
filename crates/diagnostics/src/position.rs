//! A tool's own positions (lines, columns of bytes, characters or UTF-16 units, offsets) made into bytes of the file.
//!
//! A byte order mark is not counted by those who count characters: they read decoded text. Offsets in bytes count it.

use crate::{Position, Unit};

const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file with the starts of its lines.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Indexes a file. A line ends with `\n`, or with a `\r` that no `\n` follows.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Self { bytes, starts }
    }

    /// Returns the text of a line (from 1) without its end, `None` when the file is shorter. What follows the last end of line
    /// counts as a line, be it empty: tools report an unexpected end there.
    pub(crate) fn line(&self, line: u32) -> Option<&'a [u8]> {
        let (start, end) = self.bounds(line)?;
        let text = self.bytes.get(start..end)?;
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        Some(text.strip_suffix(b"\r").unwrap_or(text))
    }

    fn bounds(&self, line: u32) -> Option<(usize, usize)> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        Some((start, self.starts.get(index + 1).copied().unwrap_or(self.bytes.len())))
    }

    /// Returns the line (from 1) and the column (from 1, in bytes) of an offset, `None` past the end.
    pub(crate) fn line_column(&self, offset: usize) -> Option<(u32, u32)> {
        if offset > self.bytes.len() {
            return None;
        }
        let index = self.starts.partition_point(|start| *start <= offset).checked_sub(1)?;
        let column = offset - self.starts.get(index)? + 1;
        Some((u32::try_from(index + 1).ok()?, u32::try_from(column).ok()?))
    }

    /// Returns the offset in bytes of a position, `None` where the file has no such place.
    pub(crate) fn offset(&self, position: Position) -> Option<usize> {
        match position {
            Position::Byte(offset) => (offset <= self.bytes.len()).then_some(offset),
            Position::Chars(count) => advance(self.bytes, self.after_mark(0), count, Unit::Char),
            Position::Utf16(count) => advance(self.bytes, self.after_mark(0), count, Unit::Utf16),
            Position::LineEnd { line } => self.end_of(line),
            Position::LineColumn { line, column, unit } => {
                // The line after the last is the end of the file for those who count line ends.
                let Some((start, _)) = self.bounds(line) else {
                    let past = usize::try_from(line).ok()? == self.starts.len() + 1 && column == 1;
                    return past.then_some(self.bytes.len());
                };
                let text = self.line(line)?;
                let columns = usize::try_from(column).ok()?.checked_sub(1)?;
                let from = if unit == Unit::Byte { start } else { self.after_mark(start) };
                match unit {
                    Unit::Byte => (columns <= text.len()).then_some(start + columns),
                    Unit::Char | Unit::Utf16 | Unit::Tabbed | Unit::Display => {
                        advance(self.bytes.get(..start + text.len())?, from, columns, unit)
                    }
                }
            }
        }
    }

    /// Returns the offset of a position, or of the end of its line where the column lies beyond it.
    pub(crate) fn nearest(&self, position: Position) -> Option<usize> {
        self.offset(position).or_else(|| match position {
            // Older compilers count bytes where newer ones count cells.
            Position::LineColumn { line, column, unit: Unit::Display } => {
                self.nearest(Position::LineColumn { line, column, unit: Unit::Byte })
            }
            Position::LineColumn { line, .. } => self.end_of(line),
            Position::Byte(_) | Position::Chars(_) | Position::Utf16(_) | Position::LineEnd { .. } => None,
        })
    }

    fn end_of(&self, line: u32) -> Option<usize> {
        self.bounds(line).zip(self.line(line)).map(|((start, _), text)| start + text.len())
    }

    /// Says whether an offset lies between two characters, not inside of one.
    pub(crate) fn is_between_characters(&self, offset: usize) -> bool {
        self.bytes.get(offset).is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000)
    }

    fn after_mark(&self, start: usize) -> usize {
        if start == 0 && self.bytes.starts_with(MARK) { MARK.len() } else { start }
    }
}

/// Returns where `count` units after `from` lie, `None` past the end or inside of a character.
fn advance(bytes: &[u8], from: usize, count: usize, unit: Unit) -> Option<usize> {
    let mut at = from;
    let mut seen = 0;
    while seen < count {
        let first = *bytes.get(at)?;
        let length = match first {
            0xf0..=0xf7 => 4,
            0xe0..=0xef => 3,
            0xc0..=0xdf => 2,
            _ => 1,
        };
        let length = length.min(bytes.len() - at);
        seen += match unit {
            Unit::Byte => length,
            Unit::Char => 1,
            Unit::Utf16 => 1 + usize::from(length == 4),
            // Tab stops of eight; in a compiler's view of a terminal wide characters take two cells.
            Unit::Tabbed | Unit::Display if first == b'\t' => 8 - seen % 8,
            Unit::Tabbed => 1,
            Unit::Display => cells(bytes.get(at..at + length)?),
        };
        at += length;
    }
    (seen == count).then_some(at)
}

/// Returns how many cells of a terminal a character takes: the ranges of East Asian wide characters and pictures, combining marks.
fn cells(character: &[u8]) -> usize {
    let Some(c) = std::str::from_utf8(character).ok().and_then(|text| text.chars().next()) else { return 1 };
    match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 => 2,
        0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(line: u32, column: u32, unit: Unit) -> Position {
        Position::LineColumn { line, column, unit }
    }

    #[test]
    fn units_are_counted_as_the_tool_counts() {
        let lines = Lines::new("a\r\né🦀x\n\ty".as_bytes());
        assert_eq!(lines.offset(at(2, 4, Unit::Utf16)), Some(9));
        assert_eq!(lines.offset(at(2, 3, Unit::Utf16)), None, "inside of a pair");
        assert_eq!(lines.offset(at(2, 3, Unit::Char)), Some(9));
        assert_eq!(lines.offset(at(2, 7, Unit::Byte)), Some(9));
        assert_eq!(lines.offset(at(2, 4, Unit::Display)), Some(9));
        assert_eq!(lines.offset(at(3, 9, Unit::Display)), Some(12));
        assert_eq!(lines.offset(at(1, 3, Unit::Char)), None, "an end of line is not a column");
        assert_eq!(lines.offset(Position::Utf16(6)), Some(9));
        assert_eq!(lines.offset(Position::Chars(5)), Some(9));
        assert_eq!(lines.line_column(9), Some((2, 7)));
        assert_eq!(lines.offset(at(4, 1, Unit::Char)), Some(13), "the end");
        assert_eq!(lines.offset(at(5, 1, Unit::Char)), None);
        assert_eq!(lines.offset(at(0, 1, Unit::Char)), None);
        assert_eq!(lines.nearest(at(1, 99, Unit::Char)), Some(1));
    }

    #[test]
    fn a_byte_order_mark_counts_in_bytes_only() {
        let lines = Lines::new("\u{feff}ab".as_bytes());
        assert_eq!(lines.offset(Position::Utf16(1)), Some(4));
        assert_eq!(lines.offset(at(1, 2, Unit::Char)), Some(4));
        assert_eq!(lines.offset(Position::Byte(1)), Some(1));
        assert!(!Lines::new("é".as_bytes()).is_between_characters(1));
    }

    proptest! {
        #[test]
        fn offsets_and_columns_agree(text in "[a\r\né🦀]{0,30}", offset in 0_usize..60) {
            let lines = Lines::new(text.as_bytes());
            if let Some((line, column)) = lines.line_column(offset) {
                // An offset inside of a line end is no column of its line.
                if let Some(back) = lines.offset(at(line, column, Unit::Byte)) {
                    prop_assert_eq!(back, offset);
                }
            }
        }

        #[test]
        fn no_bytes_and_no_position_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), line in any::<u32>(), column in 0_u32..50) {
            let lines = Lines::new(&bytes);
            for unit in [Unit::Byte, Unit::Char, Unit::Utf16, Unit::Display] {
                let _ = lines.nearest(at(line % 8, column, unit));
                let _ = lines.offset(at(line, column, unit));
            }
            let _ = (lines.offset(Position::Chars(column as usize)), lines.offset(Position::Utf16(column as usize)));
        }
    }
}
