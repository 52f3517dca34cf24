//! Texts that are made so that a parser follows many readings of them to their end.
//!
//! tree-sitter asks whether to go on while it reads, but not at the end of the text, where it puts together all readings that it still
//! follows: a few kilobytes of `x=>` in a file of C or Java take it minutes and gigabytes there. While it reads, such a text shows by how
//! many steps a word of it takes. Where they are many, what was read so far is tried first, as if it were all: that ends soon, and says
//! what the rest would take.

use std::time::Duration;

/// The steps that tree-sitter takes before it asks again.
const STEPS: usize = 100;

/// So often is it asked before steps and words are compared.
const WINDOW: usize = 10;

/// A word of code takes one or two steps.
const MOST_STEPS: usize = 6;

/// Of so many words, one at least is an operator where a text can be read in many ways.
const LEAST_OPERATORS: usize = 3;

/// So many more windows with more than with less are in any broken file.
const FIRST_PATIENCE: usize = 6;

/// What is read at less than so many bytes a second at its end is not read on, where it takes longer than a moment.
const SLOWEST: u32 = 100 << 10;
const MOMENT: Duration = Duration::from_millis(100);

/// Watches how a text is parsed.
pub(super) struct Ambiguity<'t> {
    text: &'t [u8],
    /// How far the parse has come, and where the window began.
    at: usize,
    from: usize,
    asked: usize,
    slow: usize,
    patience: usize,
}

impl<'t> Ambiguity<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        Self { text, at: 0, from: 0, asked: 0, slow: 0, patience: FIRST_PATIENCE }
    }

    /// Says whether the text should be tried so far, before it is read on. It is told each time how far the parse has come.
    pub(super) fn is_suspect(&mut self, at: usize) -> bool {
        self.at = self.at.max(at).min(self.text.len());
        self.asked += 1;
        if !self.asked.is_multiple_of(WINDOW) {
            return false;
        }
        let (words, operators) = words(self.text.get(self.from..self.at).unwrap_or_default());
        self.from = self.at;
        // Tables take many steps too, and so does it to balance the tree after the end: there are no operators.
        let is_slow = words * MOST_STEPS < WINDOW * STEPS && operators * LEAST_OPERATORS >= words && words > 0;
        self.slow = if is_slow { self.slow + 1 } else { self.slow.saturating_sub(1) };
        self.slow > self.patience
    }

    /// Returns the text so far, and has more patience with the rest.
    pub(super) fn so_far(&mut self) -> &'t [u8] {
        (self.slow, self.patience) = (0, 2 * self.patience);
        self.text.get(..self.at).unwrap_or_default()
    }
}

/// Says whether a text took so long by itself that nothing longer should be tried.
pub(super) fn is_too_slow(bytes: usize, took: Duration) -> bool {
    took > MOMENT + Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / SLOWEST
}

/// Counts words, operators and signs that are neither, and the operators alone.
fn words(text: &[u8]) -> (usize, usize) {
    #[derive(PartialEq)]
    enum Of {
        Blank,
        Word,
        Operator,
        Sign,
    }
    let mut before = Of::Blank;
    let (mut count, mut operators) = (0, 0);
    for byte in text {
        let of = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80.. => Of::Word,
            b'=' | b'<' | b'>' | b'&' | b'|' | b'+' | b'-' | b'*' | b'/' | b'%' | b'!' | b'?' | b':' | b'^' | b'~' | b'.' => {
                Of::Operator
            }
            byte if byte.is_ascii_whitespace() => Of::Blank,
            _ => Of::Sign,
        };
        let goes_on = of == Of::Blank || (of == before && of != Of::Sign);
        count += usize::from(!goes_on);
        operators += usize::from(!goes_on && of == Of::Operator);
        before = of;
    }
    (count, operators)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_signs_are_counted() {
        assert_eq!(words(b""), (0, 0));
        assert_eq!(words(b"let x1 =  a_b(2);\n"), (8, 1));
        assert_eq!(words(b"x=>y->z((1));"), (11, 2));
        assert_eq!(words("größe".as_bytes()), (1, 0));
    }

    #[test]
    fn only_steps_without_words_make_a_text_suspect() {
        let text = b"a => ".repeat(100_000);
        let mut plain = Ambiguity::of(&text);
        // Two steps a word.
        assert!((1..2_000).all(|asked| !plain.is_suspect(asked * STEPS / 4 * 5)));
        let table = b"1, ".repeat(100_000);
        let mut table = Ambiguity::of(&table);
        assert!((1..5_000).all(|asked| !table.is_suspect(asked * STEPS / 20 * 3)));
        let mut slow = Ambiguity::of(&text);
        // Ten steps a word.
        let first = (1..5_000).find(|asked| slow.is_suspect(asked * STEPS / 20 * 5)).unwrap();
        assert_eq!(first, WINDOW * (FIRST_PATIENCE + 1));
        assert_eq!(slow.so_far().len(), first * STEPS / 20 * 5);
        let next = (first + 1..5_000).find(|asked| slow.is_suspect(asked * STEPS / 20 * 5)).unwrap();
        assert_eq!(next, first + WINDOW * (2 * FIRST_PATIENCE + 1));
    }

    #[test]
    fn steps_after_the_end_and_as_many_slow_windows_as_others_are_no_sign() {
        let text = b"a => ".repeat(1_000);
        let mut balanced = Ambiguity::of(&text);
        assert!(!(1..5_000).any(|_| balanced.is_suspect(text.len())));
        let text = b"a => ".repeat(1_000_000);
        let mut mixed = Ambiguity::of(&text);
        let mut at = 0;
        assert!(!(0..5_000).any(|asked| {
            at += if (asked / WINDOW).is_multiple_of(2) { 5 * STEPS } else { 5 };
            mixed.is_suspect(at)
        }));
    }

    #[test]
    fn a_large_text_may_take_longer() {
        assert!(!is_too_slow(100, Duration::from_millis(90)));
        assert!(is_too_slow(4_000, Duration::from_millis(200)));
        assert!(!is_too_slow(1 << 20, Duration::from_secs(2)));
    }
}
