//! The rungs: what counts as the same line. The first rung on which a hunk fits anywhere decides.

use std::borrow::Cow;

use super::text::BOM;

/// How a hunk was placed. Ordered: later rungs ask less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Every line byte for byte; ends of lines aside.
    Exact,
    /// Blanks at the ends of lines aside.
    TrailingSpace,
    /// Context lines that lost the blank before them.
    LostPrefix,
    /// All white space aside.
    WhiteSpace,
    /// Typographic quotes, dashes and blanks aside.
    Punctuation,
    /// Byte for byte, within a line.
    PartOfLine,
    /// In pieces, between which the hunk leaves lines out.
    Pieces,
    /// With context that is missing or that the file does not have.
    Alignment,
    /// No hunks: the whole file was given.
    Whole,
}

/// The rungs that ask for all lines of a hunk, one after the other.
pub(super) const WHOLE_HUNK: [Rung; 5] =
    [Rung::Exact, Rung::TrailingSpace, Rung::LostPrefix, Rung::WhiteSpace, Rung::Punctuation];

/// Returns what is compared of a line.
pub(super) fn normal(line: &[u8], rung: Rung) -> Cow<'_, [u8]> {
    is_part(line, rung).map_or_else(
        || {
            let mut out = Vec::with_capacity(line.len());
            write_normal(line, rung, &mut out);
            Cow::Owned(out)
        },
        Cow::Borrowed,
    )
}

/// Returns what is compared of a line where that is a part of it, as it stands.
pub(super) fn is_part(line: &[u8], rung: Rung) -> Option<&[u8]> {
    match rung {
        Rung::Exact | Rung::PartOfLine | Rung::Whole => Some(line),
        Rung::TrailingSpace | Rung::LostPrefix => Some(without_bom(line).trim_ascii_end()),
        Rung::WhiteSpace | Rung::Pieces | Rung::Alignment | Rung::Punctuation => None,
    }
}

/// Writes what is compared of a line behind `out`.
pub(super) fn write_normal(line: &[u8], rung: Rung, out: &mut Vec<u8>) {
    if let Some(part) = is_part(line, rung) {
        return out.extend_from_slice(part);
    }
    let line = without_bom(line);
    // Of ASCII, white space is all that any rung leaves out.
    if rung != Rung::Punctuation || line.is_ascii() {
        let vertical = rung == Rung::Punctuation;
        let mut end = out.len();
        // Each byte is written, and the next one over it unless it stays: there is nothing to guess for the processor.
        out.resize(end + line.len(), 0);
        for byte in line {
            if let Some(slot) = out.get_mut(end) {
                *slot = *byte;
            }
            end += usize::from(!(byte.is_ascii_whitespace() || (vertical && *byte == b'\x0b')));
        }
        return out.truncate(end);
    }
    let mut signs = [0; 4];
    for c in String::from_utf8_lossy(line).chars() {
        match plain(c) {
            Some(plain) => out.extend_from_slice(plain.as_bytes()),
            None if c.is_whitespace() => {}
            None => out.extend_from_slice(c.encode_utf8(&mut signs).as_bytes()),
        }
    }
}

pub(super) fn without_bom(line: &[u8]) -> &[u8] {
    line.strip_prefix(BOM).unwrap_or(line)
}

/// Returns what a typographic sign stands for on a keyboard; blanks stand for nothing.
pub(super) fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{2033}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2026}' => "...",
        '\u{a0}' | '\u{2002}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}' | '\u{feff}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rung_forgives_what_it_says_and_no_more() {
        let same = |rung, a: &str, b: &str| normal(a.as_bytes(), rung) == normal(b.as_bytes(), rung);
        assert!(!same(Rung::Exact, "a ", "a"));
        assert!(same(Rung::TrailingSpace, "a \t", "a") && !same(Rung::TrailingSpace, " a", "a"));
        assert!(same(Rung::WhiteSpace, "\ta  =b", "a= b") && !same(Rung::WhiteSpace, "a", "b"));
        assert!(same(Rung::Punctuation, "x = “y”…", "x = \"y\"...") && !same(Rung::WhiteSpace, "“y”", "\"y\""));
        assert!(!same(Rung::Punctuation, "é", "e"));
    }
}
