//! Output in bounded memory: the head as it came, and a window over the tail.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::Captured;

impl Captured {
    /// Returns output that was kept whole.
    #[must_use]
    pub fn whole(bytes: impl Into<Vec<u8>>) -> Self {
        let head = bytes.into();
        Self { total: head.len() as u64, head, tail: Vec::new() }
    }

    /// Returns how many bytes were not kept.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.total.saturating_sub((self.head.len() + self.tail.len()) as u64)
    }

    /// Returns the output as one text: where bytes were left out, a line says how many, and the lines that were cut there are left out
    /// whole when they are not longer than half of what was kept.
    #[must_use]
    pub fn text(&self) -> Cow<'_, [u8]> {
        if self.left_out() == 0 && self.tail.is_empty() {
            return Cow::Borrowed(&self.head);
        }
        let head = whole_lines_of_head(&self.head);
        let tail = whole_lines_of_tail(&self.tail);
        let left_out = self.total.saturating_sub((head.len() + tail.len()) as u64);
        let mut text = head.to_vec();
        if !text.is_empty() && !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        text.extend_from_slice(format!("[… {left_out} bytes left out …]\n").as_bytes());
        text.extend_from_slice(tail);
        Cow::Owned(text)
    }
}

fn whole_lines_of_head(head: &[u8]) -> &[u8] {
    match head.iter().rposition(|byte| *byte == b'\n') {
        Some(at) if at >= head.len() / 2 => head.get(..=at).unwrap_or(head),
        _ => head,
    }
}

fn whole_lines_of_tail(tail: &[u8]) -> &[u8] {
    match tail.iter().position(|byte| *byte == b'\n') {
        Some(at) if at < tail.len() / 2 => tail.get(at + 1..).unwrap_or(tail),
        _ => tail,
    }
}

/// Takes output as it comes.
pub(crate) struct Capture {
    head: Vec<u8>,
    head_limit: usize,
    tail: VecDeque<u8>,
    tail_limit: usize,
    total: u64,
}

impl Capture {
    pub(crate) fn new(limit: usize) -> Self {
        Self { head: Vec::new(), head_limit: limit - limit / 2, tail: VecDeque::new(), tail_limit: limit / 2, total: 0 }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = self.head_limit.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        let (_, rest) = rest.split_at(rest.len().saturating_sub(self.tail_limit));
        let surplus = (self.tail.len() + rest.len()).saturating_sub(self.tail_limit);
        self.tail.drain(..surplus);
        self.tail.extend(rest);
    }

    /// Returns how many bytes came so far.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn finish(mut self) -> Captured {
        let kept = (self.head.len() + self.tail.len()) as u64;
        let mut tail = Vec::from(self.tail);
        if kept == self.total {
            self.head.append(&mut tail);
        }
        Captured { head: self.head, tail, total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn capture(limit: usize, chunks: &[&[u8]]) -> Captured {
        let mut capture = Capture::new(limit);
        for chunk in chunks {
            capture.push(chunk);
        }
        capture.finish()
    }

    #[test]
    fn output_within_the_limit_is_whole() {
        let captured = capture(6, &[b"ab", b"cdef"]);
        assert_eq!(captured, Captured::whole("abcdef"));
        assert_eq!(captured.text(), Cow::Borrowed(b"abcdef".as_slice()));
    }

    #[test]
    fn output_past_the_limit_keeps_both_ends() {
        let captured = capture(4, &[b"abc", b"defgh"]);
        assert_eq!(captured, Captured { head: b"ab".to_vec(), tail: b"gh".to_vec(), total: 8 });
        assert_eq!(captured.text(), "ab\n[… 4 bytes left out …]\ngh".as_bytes());
    }

    #[test]
    fn text_is_cut_between_lines() {
        let captured = capture(16, &[b"one\ntwo\nthree\nfour\nfive\nsix\n"]);
        assert_eq!(captured.head, b"one\ntwo\n");
        assert_eq!(captured.tail, b"ive\nsix\n");
        assert_eq!(captured.text(), "one\ntwo\n[… 16 bytes left out …]\nsix\n".as_bytes());
    }

    #[test]
    fn nothing_is_kept_at_limit_zero_and_all_is_counted() {
        let captured = capture(0, &[b"abc"]);
        assert_eq!(captured, Captured { total: 3, ..Captured::default() });
        assert_eq!(captured.text(), "[… 3 bytes left out …]\n".as_bytes());
    }

    proptest! {
        #[test]
        fn both_ends_are_true_whatever_the_chunks(
            limit in 0_usize..40,
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..25), 0..8),
        ) {
            let all = chunks.concat();
            let captured = capture(limit, &chunks.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert_eq!(captured.total, all.len() as u64);
            prop_assert!(all.starts_with(&captured.head));
            prop_assert!(all.ends_with(&captured.tail));
            prop_assert_eq!(captured.head.len() + captured.tail.len(), limit.min(all.len()));
            prop_assert_eq!(captured.left_out() == 0, all.len() <= limit);
        }
    }
}
