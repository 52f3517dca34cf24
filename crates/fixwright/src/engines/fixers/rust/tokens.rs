//! A Rust file as tokens. The fixers of Rust read tokens and not a syntax tree, because what they look at stands inside macros as often as
//! not, where a tree has nothing to say.

use std::ops::Range;

use domain::{Applicability, Edit, Files, Location, RepoPath};

use super::fixer::{FixContext, Proposal, Repair};
use super::source::bytes_of;

/// Longer files are left alone.
const MAX_BYTES: usize = 4 << 20;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word: identifier or keyword.
    Word,
    /// `'a`.
    Lifetime,
    /// A number, character or string.
    Literal,
    /// `///`, `//!`, `/** */`: they belong to what they describe.
    Doc,
    /// One character of punctuation.
    Sign,
    /// `(`, `[`, `{`.
    Open,
    /// `)`, `]`, `}`.
    Close,
}

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Its first byte.
    pub(super) start: usize,
    /// The byte after its last.
    pub(super) end: usize,
    /// The token at the other end of a pair of brackets.
    pub(super) pair: Option<usize>,
}

/// A file, its text and its tokens (comments that document nothing are left out).
pub(super) struct Source {
    /// Where it is.
    pub(super) path: RepoPath,
    /// Its text.
    pub(super) text: String,
    /// Its tokens.
    pub(super) tokens: Vec<Token>,
    lines: Vec<usize>,
}

impl Source {
    /// Returns the file of the finding, when it is Rust.
    pub(super) fn of(context: &FixContext<'_>) -> Option<Self> {
        Self::open(context.files, context.finding.path()?)
    }

    /// Returns a file, when it is Rust.
    pub(super) fn open(files: &Files, path: &RepoPath) -> Option<Self> {
        if path.extension() != Some("rs") {
            return None;
        }
        let text = files.text(path).filter(|text| text.len() <= MAX_BYTES)?;
        Some(Self::new(path.clone(), text))
    }

    /// Returns a text as tokens.
    pub(super) fn new(path: RepoPath, text: String) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let tokens = paired(&text, lex(&text));
        Self { path, text, tokens, lines }
    }

    /// Returns the bytes that a location names, `None` when it is outside of the file or inside of a character.
    pub(super) fn range(&self, location: &Location) -> Option<Range<usize>> {
        bytes_of(location, &self.text, &self.lines)
    }

    /// Returns the first token that ends after the start of the finding's location.
    pub(super) fn at(&self, context: &FixContext<'_>) -> Option<usize> {
        Some(self.from(self.range(context.finding.location.as_ref()?)?.start))
    }

    /// Returns the first token that ends after byte `offset`; the number of tokens when there is none.
    pub(super) fn from(&self, offset: usize) -> usize {
        self.tokens.partition_point(|token| token.end <= offset)
    }

    /// Returns a token, `None` past the end.
    pub(super) fn token(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    /// Returns the text of a token, empty past the end.
    pub(super) fn word(&self, index: usize) -> &str {
        self.tokens.get(index).and_then(|token| self.text.get(token.start..token.end)).unwrap_or("")
    }

    /// Says whether the tokens from `index` on read as `words`; each is one token.
    pub(super) fn reads(&self, index: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(n, word)| self.word(index + n) == *word)
    }

    /// Returns the bracket that closes or opens the pair that `index` opens or closes.
    pub(super) fn pair(&self, index: usize) -> Option<usize> {
        self.token(index)?.pair
    }

    /// Returns the innermost bracket that is open before token `index`.
    pub(super) fn opener(&self, index: usize) -> Option<usize> {
        let mut at = index;
        while at > 0 {
            at -= 1;
            let token = self.token(at)?;
            match token.kind {
                Kind::Close => at = token.pair?,
                Kind::Open => return Some(at),
                _ => {}
            }
        }
        None
    }

    /// Returns the text of a range of bytes, empty when it is none.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or("")
    }

    /// Returns the whitespace that the line of byte `offset` begins with.
    pub(super) fn indent(&self, offset: usize) -> &str {
        let start = self.line_start(offset);
        let rest = self.text.get(start..).unwrap_or("");
        rest.get(..rest.len() - rest.trim_start_matches([' ', '\t']).len()).unwrap_or("")
    }

    /// Returns where the line of byte `offset` begins.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        self.text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
    }

    /// Returns where the line after that of byte `offset` begins, or the end.
    pub(super) fn line_end(&self, offset: usize) -> usize {
        self.text.get(offset..).and_then(|after| after.find('\n')).map_or(self.text.len(), |at| offset + at + 1)
    }

    /// Returns the file's line break.
    pub(super) fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Returns `range` with the rest of its lines, when nothing else stands on them; else the range as it is.
    pub(super) fn whole_lines(&self, range: Range<usize>) -> Range<usize> {
        let (start, end) = (self.line_start(range.start), self.line_end(range.end));
        let alone = self.slice(start..range.start).trim().is_empty() && self.slice(range.end..end).trim().is_empty();
        if alone { start..end } else { range }
    }
}

/// Returns the proposal of some edits; `None` when there are none, or two want the same bytes.
pub(super) fn edits(summary: impl Into<String>, applicability: Applicability, mut edits: Vec<Edit>) -> Option<Proposal> {
    edits.sort();
    edits.dedup();
    let apart = edits.iter().zip(edits.iter().skip(1)).all(|(a, b)| a.path != b.path || a.end <= b.start);
    (apart && !edits.is_empty()).then(|| Proposal { summary: summary.into(), applicability, repair: Repair::Edits(edits) })
}

fn lex(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        let kind = match byte {
            _ if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'/' if next == b'/' => {
                at = text.get(at..).and_then(|rest| rest.find('\n')).map_or(bytes.len(), |end| at + end);
                let comment = text.get(start..at).unwrap_or("");
                let doc = comment.starts_with("//!") || comment.starts_with("///") && !comment.starts_with("////");
                if !doc {
                    continue;
                }
                Kind::Doc
            }
            b'/' if next == b'*' => {
                at = block_comment(bytes, at);
                let comment = text.get(start..at).unwrap_or("");
                let doc =
                    comment.starts_with("/*!") || comment.starts_with("/**") && comment.len() > 4 && !comment.starts_with("/***");
                if !doc {
                    continue;
                }
                Kind::Doc
            }
            b'"' => {
                at = quoted(bytes, at + 1, b'"');
                Kind::Literal
            }
            b'\'' => {
                let (kind, end) = quote(text, at);
                at = end;
                kind
            }
            b'0'..=b'9' => {
                at = number(bytes, at);
                Kind::Literal
            }
            b'(' | b'[' | b'{' => {
                at += 1;
                Kind::Open
            }
            b')' | b']' | b'}' => {
                at += 1;
                Kind::Close
            }
            _ if byte == b'_' || byte.is_ascii_alphabetic() || byte >= 0x80 => {
                at = word_end(text, at);
                let (kind, end) = prefixed(text, start, at);
                at = end;
                kind
            }
            _ => {
                at += 1;
                Kind::Sign
            }
        };
        tokens.push(Token { kind, start, end: at, pair: None });
    }
    tokens
}

fn word_end(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or("");
    // Anything outside of ASCII counts as part of a word; at least one character is taken.
    let length = rest.find(|c: char| !(c == '_' || c.is_alphanumeric() || !c.is_ascii())).unwrap_or(rest.len());
    start + length.max(rest.chars().next().map_or(1, char::len_utf8))
}

/// A word may be the beginning of a literal (`b"x"`, `r#"x"#`, `b'x'`) or of a raw identifier (`r#x`).
fn prefixed(text: &str, start: usize, end: usize) -> (Kind, usize) {
    let bytes = text.as_bytes();
    let word = text.get(start..end).unwrap_or("");
    let next = bytes.get(end).copied().unwrap_or(0);
    match (word, next) {
        ("b" | "c", b'"') => (Kind::Literal, quoted(bytes, end + 1, b'"')),
        ("b", b'\'') => (Kind::Literal, quoted(bytes, end + 1, b'\'')),
        ("r" | "br" | "cr", b'"' | b'#') => {
            let hashes = bytes.get(end..).unwrap_or(&[]).iter().take_while(|byte| **byte == b'#').count();
            if bytes.get(end + hashes) == Some(&b'"') {
                let close = format!("\"{}", "#".repeat(hashes));
                let from = end + hashes + 1;
                let length = text.get(from..).and_then(|rest| rest.find(&close)).map(|at| at + close.len());
                (Kind::Literal, length.map_or(bytes.len(), |length| from + length))
            } else if word == "r" && hashes == 1 {
                (Kind::Word, word_end(text, (end + 1).min(text.len())).min(text.len()))
            } else {
                (Kind::Word, end)
            }
        }
        _ => (Kind::Word, end),
    }
}

fn block_comment(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start + 2, 1_u32);
    while depth > 0 {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'*'), Some(b'/')) => {
                depth -= 1;
                at += 2;
            }
            (Some(b'/'), Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            (None, _) => return bytes.len(),
            _ => at += 1,
        }
    }
    at
}

fn quoted(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    loop {
        match bytes.get(at) {
            None => return bytes.len(),
            Some(b'\\') => at += 2,
            Some(byte) if *byte == quote => return at + 1,
            Some(_) => at += 1,
        }
    }
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn quote(text: &str, start: usize) -> (Kind, usize) {
    let rest = text.get(start + 1..).unwrap_or("");
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => (Kind::Literal, quoted(text.as_bytes(), start + 1, b'\'')),
        (Some(c), Some('\'')) => (Kind::Literal, start + 1 + c.len_utf8() + 1),
        (Some(c), _) if c == '_' || c.is_alphabetic() => (Kind::Lifetime, word_end(text, start + 1)),
        _ => (Kind::Sign, start + 1),
    }
}

fn number(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let part = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let mut fraction = false;
    loop {
        if part(at) {
            at += 1;
        } else if bytes.get(at) == Some(&b'.') && !fraction && digit(at + 1) {
            fraction = true;
            at += 1;
        } else if matches!(bytes.get(at), Some(b'+' | b'-'))
            && matches!(bytes.get(at - 1), Some(b'e' | b'E'))
            && !matches!(bytes.get(start + 1), Some(b'x'))
            && digit(at + 1)
        {
            at += 1;
        } else {
            // `1.` is a number where no word, dot or digit follows.
            let dot = bytes.get(at) == Some(&b'.') && !fraction;
            let field = bytes.get(at + 1).is_some_and(|byte| *byte == b'.' || *byte == b'_' || byte.is_ascii_alphabetic());
            return if dot && !field { at + 1 } else { at };
        }
    }
}

fn paired(text: &str, mut tokens: Vec<Token>) -> Vec<Token> {
    let mut open: Vec<usize> = Vec::new();
    for index in 0..tokens.len() {
        let Some(token) = tokens.get(index).copied() else { break };
        match token.kind {
            Kind::Open => open.push(index),
            Kind::Close => {
                let Some(other) = open.pop() else { continue };
                let sign = |token: &Token| text.get(token.start..token.end).unwrap_or("");
                let fits = tokens
                    .get(other)
                    .is_some_and(|first| matches!((sign(first), sign(&token)), ("(", ")") | ("[", "]") | ("{", "}")));
                if !fits {
                    // The file does not parse; what stands before the fault is still good.
                    open.clear();
                    continue;
                }
                if let Some(first) = tokens.get_mut(other) {
                    first.pair = Some(index);
                }
                if let Some(last) = tokens.get_mut(index) {
                    last.pair = Some(other);
                }
            }
            _ => {}
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let source = Source::new(RepoPath::new("a.rs").unwrap(), text.to_owned());
        (0..source.tokens.len()).map(|index| source.word(index).to_owned()).collect()
    }

    #[test]
    fn literals_lifetimes_and_comments() {
        assert_eq!(words("b'x' 'a 'b' '\\'' '\"' 'static,"), ["b'x'", "'a", "'b'", "'\\''", "'\"'", "'static", ","]);
        assert_eq!(
            words(r####"r#"a"b"# r"\" br##"#"## "\"" r#type b"x""####),
            ["r#\"a\"b\"#", "r\"\\\"", "br##\"#\"##", "\"\\\"\"", "r#type", "b\"x\""]
        );
        assert_eq!(
            words("1..2 1.0.e 1.max 0x1e+1 1e-3 2. x.0.1"),
            ["1", ".", ".", "2", "1.0", ".", "e", "1", ".", "max", "0x1e", "+", "1", "1e-3", "2.", "x", ".", "0.1"]
        );
        assert_eq!(words("a // b\n/* c /* d */ e */ f /// g\n/**/"), ["a", "f", "/// g"]);
        assert_eq!(words("naïve = \"é\" + 'é'"), ["naïve", "=", "\"é\"", "+", "'é'"]);
    }

    #[test]
    fn brackets_find_each_other_and_hostile_text_ends() {
        let source = Source::new(RepoPath::new("a.rs").unwrap(), "f(a[1], {b}) }".to_owned());
        assert_eq!(source.pair(1), Some(10));
        assert_eq!(source.opener(4), Some(3));
        for text in ["(((((", ")))", "\"", "'", "r#", "r#\"", "/*", "b'", "'\\", "1.", "é'", "([)]", "r#é", "\u{0}"] {
            let _ = words(text);
        }
    }
}
