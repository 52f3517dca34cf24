//! Text that is part of a line: byte for byte, at word boundaries, and once in the file.

use super::rungs::Rung;
use super::text::Text;
use super::{Change, Placed};
use crate::model::Hunk;

/// Places a block whose old text begins or ends within a line.
pub(super) fn place(text: &Text<'_>, file: &[u8], hunk: &Hunk, number: usize) -> Option<Placed> {
    let (old, new) = hunk.needle.as_ref()?;
    if old.trim_ascii().len() < 3 {
        return None;
    }
    let at = only(file, old)?;
    let end = at + old.len();
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80);
    // `3` in `3.5`, `nginx` in `nginx-slim`, `a.b` in `x.a.b`: a part of a name or a number, of which the answer says nothing.
    let glue = |byte: Option<&u8>| byte.is_some_and(|byte| b".-:/@+%".contains(byte));
    let before = |back: usize| at.checked_sub(back).and_then(|before| file.get(before));
    let joins = |near, next| word(near) || (glue(near) && word(next));
    if (joins(before(1), before(2)) && word(old.first())) || (joins(file.get(end), file.get(end + 1)) && word(old.last())) {
        return None;
    }
    // The lines that it touches are written anew, with what stands beside it.
    let mut offset = 0;
    let mut range = None;
    let (mut from, mut to) = (0, 0);
    for (line, it) in text.lines.iter().enumerate() {
        let next = offset + it.body.len() + it.end.len();
        if offset < end && at < next {
            let (first, _) = range.unwrap_or((line, line));
            if first == line {
                from = offset;
            }
            to = next - it.end.len();
            range = Some((first, line));
        }
        offset = next;
    }
    let (first, last) = range?;
    let mut ready = file.get(from..at)?.to_vec();
    ready.extend_from_slice(new);
    ready.extend_from_slice(file.get(end..to.max(end))?);
    let change = Change { range: first..last + 1, adds: Vec::new(), ready: Some(ready) };
    Some(Placed { hunk: number, rung: Rung::PartOfLine, at: first, pairs: Vec::new(), changes: vec![change] })
}

/// Returns where `needle` stands, when that is one place.
fn only(file: &[u8], needle: &[u8]) -> Option<usize> {
    let finder = memchr::memmem::Finder::new(needle);
    let first = finder.find(file)?;
    finder.find(file.get(first + 1..)?).is_none().then_some(first)
}
