//! Fences of Markdown and here-documents of the shell: what models wrap edits in.

use super::{body, label, text};

/// An open fence.
#[derive(Debug, Clone)]
pub(crate) struct Fence {
    mark: u8,
    length: usize,
    info: String,
}

impl Fence {
    /// Reads the opening line of a fence.
    pub(crate) fn open(line: &[u8]) -> Option<Self> {
        let (mark, length, rest) = marks(line)?;
        let info = text(rest.trim_ascii());
        (!info.contains('`')).then_some(Self { mark, length, info })
    }

    /// Says whether `line` closes the fence.
    pub(crate) fn closed_by(&self, line: &[u8]) -> bool {
        marks(line).is_some_and(|(mark, length, rest)| mark == self.mark && length >= self.length && rest.trim_ascii().is_empty())
    }

    /// Says whether `line` is a fence that this one could be confused with: it opens or closes one as long.
    fn is_like(&self, line: &[u8]) -> bool {
        Self::open(line).is_some_and(|other| other.mark == self.mark && other.length >= self.length)
    }

    /// Returns the path that the fence names: ` ```python src/a.py`, ` ```src/a.py`, ` ```python:src/a.py`, `title="src/a.py"`.
    pub(super) fn path(&self, known: &dyn Fn(&str) -> bool) -> Option<String> {
        // A path with blanks is known only as a whole: behind the language, or in quotes.
        let behind = self.info.split_once(char::is_whitespace).map(|(_, rest)| rest.trim());
        let quoted = || self.info.split('"').nth(1).or_else(|| self.info.split('\'').nth(1));
        let whole = behind.into_iter().chain(quoted()).find(|path| path.contains(' ') && known(path));
        if let Some(path) = whole {
            return Some(path.to_owned());
        }
        let words = self.info.split_whitespace().enumerate().map(|(at, word)| {
            let word = word.split_once('=').map_or(word, |(_, value)| value).trim_matches(['"', '\'', '{', '}']);
            let path = word.split_once(':').filter(|(language, _)| !language.contains(['/', '.'])).map_or(word, |(_, path)| path);
            (at, path)
        });
        // The first word is the language, unless it looks like a path.
        words
            .filter(|(at, word)| word.contains(['/', '.']) || (*at > 0 && known(word)))
            .find_map(|(_, word)| label::plain(word, known))
    }

    /// Returns how many of `lines` stand before the one that closes the fence. A fence with a language inside opens one more.
    pub(super) fn closed_after(&self, lines: &[&[u8]], is_markdown: bool, known: &dyn Fn(&str) -> bool) -> Option<usize> {
        let closes = |line: &&[u8]| self.closed_by(body(line));
        if is_markdown {
            // Text with fences of its own: they come in pairs, and ours ends where the next file begins, or else is the last one. What
            // stands right below the last one is text of a fence that was not closed.
            let marks: Vec<usize> =
                (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|line| self.is_like(body(line)))).collect();
            let behind = |at: usize| lines.get(at + 1..).unwrap_or_default();
            let ends = || marks.iter().step_by(2).copied().filter(|at| lines.get(*at).is_some_and(closes));
            let apart = |at: &usize| marks.len() == 1 || behind(*at).first().is_none_or(|line| line.trim_ascii().is_empty());
            let last = ends().next_back().filter(|at| marks.last() == Some(at) && apart(at));
            return ends().find(|at| file_begins(behind(*at), known)).or(last);
        }
        let mut depth = 0_usize;
        for (at, line) in lines.iter().enumerate() {
            if closes(line) {
                if depth == 0 {
                    return Some(at);
                }
                depth -= 1;
            } else if self.is_like(body(line)) {
                depth += 1;
            }
        }
        None
    }
}

/// Lines between the end of one file and the fence of the next.
const MOST_BETWEEN: usize = 12;

/// Says whether a blank line stands there and then a fence that is a file's: its name is the last line above the fence, or on it.
fn file_begins(lines: &[&[u8]], known: &dyn Fn(&str) -> bool) -> bool {
    let lines = || lines.iter().map(|line| body(line));
    let Some(at) = lines().take(MOST_BETWEEN).position(|line| Fence::open(line).is_some()) else { return false };
    let apart = lines().next().is_some_and(|line| line.trim_ascii().is_empty());
    let on_it = lines().nth(at).and_then(Fence::open).and_then(|fence| fence.path(known));
    let above = lines().take(at).rfind(|line| !line.trim_ascii().is_empty()).is_some_and(|name| {
        let decorated = matches!(name.first(), Some(b'#' | b'*' | b'`')) || name.to_ascii_lowercase().starts_with(b"file");
        label::read(name, known).is_some_and(|path| decorated || known(&path))
    });
    apart && (above || on_it.is_some_and(|path| known(&path)))
}

fn marks(line: &[u8]) -> Option<(u8, usize, &[u8])> {
    let mark = *line.first().filter(|byte| matches!(byte, b'`' | b'~'))?;
    let length = line.iter().take_while(|byte| **byte == mark).count();
    (length >= 3).then(|| (mark, length, line.get(length..).unwrap_or_default()))
}

/// Returns the word that ends the here-document that `line` opens.
pub(super) fn heredoc(line: &[u8]) -> Option<&[u8]> {
    let at = line.windows(2).position(|pair| pair == b"<<")?;
    let rest = line.get(at + 2..)?;
    if rest.first() == Some(&b'<') {
        return None;
    }
    let rest = rest.strip_prefix(b"-").unwrap_or(rest).trim_ascii_start();
    let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
    let quoted = rest.first().filter(|byte| matches!(byte, b'\'' | b'"')).copied();
    let rest = if quoted.is_some() { rest.get(1..)? } else { rest };
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let word = rest.get(..length).filter(|word| word.first().is_some_and(u8::is_ascii_uppercase))?;
    let after = rest.get(length..)?;
    let after = quoted.map_or(Some(after), |quote| after.strip_prefix(&[quote]))?;
    // `a << B;` is an expression of a program and `cmd << B` or `cmd << B > f` is a here-document.
    let shell = [b"cat".as_slice(), b"git ", b"patch", b"apply_patch", b"tee", b"$ "];
    let starts = shell.iter().any(|word| line.trim_ascii_start().starts_with(word));
    (starts && !after.trim_ascii_start().starts_with(b";")).then_some(word)
}
