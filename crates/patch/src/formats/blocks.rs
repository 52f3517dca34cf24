//! SEARCH/REPLACE blocks, of aider and its relatives.

use super::{Scan, body, text};
use crate::Refusal;
use crate::model::{Format, Hunk};
use crate::refusal::{truncated, unreadable};

/// Says whether a block begins at `line`: `<<<<<<< SEARCH`, `------- SEARCH`.
pub(super) fn starts(line: &[u8]) -> bool {
    head(line).is_some()
}

fn head(line: &[u8]) -> Option<usize> {
    let length = run(line, b'<').or_else(|| run(line, b'-'))?;
    let word = line.get(length..)?.strip_prefix(b" ").unwrap_or_default().trim_ascii();
    let word = word.strip_suffix(b">").unwrap_or(word).trim_ascii_end();
    let word = word.strip_suffix(b":").unwrap_or(word);
    is_word(word, &[b"SEARCH", b"ORIGINAL", b"OLD", b"SEARCH BLOCK"]).then_some(length)
}

/// Says whether `line` ends a block: `>>>>>>> REPLACE`, `+++++++ REPLACE`.
pub(super) fn is_end(line: &[u8]) -> bool {
    let Some(length) = run(line, b'>').or_else(|| run(line, b'+')) else { return false };
    let word = line.get(length..).and_then(|rest| rest.strip_prefix(b" ")).unwrap_or_default().trim_ascii();
    let word = word.strip_suffix(b"<").unwrap_or(word).trim_ascii_end();
    is_word(word, &[b"REPLACE", b"UPDATED", b"NEW", b"REPLACE BLOCK"])
}

fn is_word(word: &[u8], known: &[&[u8]]) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn divides(line: &[u8]) -> bool {
    run(line, b'=').is_some_and(|length| line.get(length..).is_some_and(|rest| rest.trim_ascii().is_empty()))
}

/// Returns how often `mark` stands at the beginning, when that is often enough and not too often.
fn run(line: &[u8], mark: u8) -> Option<usize> {
    let length = line.iter().take_while(|byte| **byte == mark).count();
    (5..=9).contains(&length).then_some(length)
}

/// Reads a block.
pub(super) fn read(scan: &mut Scan<'_>) -> Result<(), Refusal> {
    let line = scan.number();
    let length = scan.line().and_then(head);
    scan.at += 1;
    let stated = stated(scan);
    let from = scan.at;
    let lines = scan.lines.get(from..).unwrap_or_default();
    let end = lines.iter().position(|line| is_end(body(line)));
    let next = lines.iter().position(|line| starts(body(line)));
    let Some(end) = end.filter(|end| next.is_none_or(|next| *end < next)) else {
        return Err(truncated(line, "a block without its end"));
    };
    let mut dividers: Vec<usize> = (0..end).filter(|at| lines.get(*at).is_some_and(|line| divides(body(line)))).collect();
    if dividers.len() > 1 {
        // The text has such lines of its own: the divider is as long as the marks.
        dividers.retain(|at| lines.get(*at).is_some_and(|line| run(body(line), b'=') == length));
    }
    let [divider] = dividers.as_slice() else {
        let what = if dividers.is_empty() { "a block without `=======`" } else { "a block with several lines `=======`" };
        return Err(unreadable(line, what));
    };
    let old: Vec<&[u8]> = lines.get(..*divider).unwrap_or_default().to_vec();
    let new: Vec<&[u8]> = lines.get(*divider + 1..end).unwrap_or_default().to_vec();
    scan.at = from + end + 1;
    if scan.label.is_none() {
        scan.same_file()?;
    }
    let path = scan.label.take().or_else(|| scan.block_path.clone());
    let Some(path) = path.or_else(|| scan.files.last().map(|file| file.name().to_owned())) else {
        return Err(unreadable(line, "a block without the path of its file"));
    };
    scan.block_path = Some(path.clone());
    let mut hunk = replacing(line, stated, &old, &new)?;
    hunk.unnumbered = unnumbered(line, stated, &old, &new).map(Box::new);
    let Some(file) = scan.file(&path, Format::Blocks) else { return Ok(()) };
    file.line = file.line.min(line);
    file.hunks.push(hunk);
    Ok(())
}

/// Reads a block as one with line numbers before all of its lines, which may as well be text of the file.
fn unnumbered(line: usize, stated: Option<usize>, old: &[&[u8]], new: &[&[u8]]) -> Option<Hunk> {
    let (mut old, mut new) = (old.to_vec(), new.to_vec());
    let first = unnumber(&mut old)?;
    if !new.is_empty() {
        unnumber(&mut new)?;
    }
    replacing(line, stated.or(Some(first)), &old, &new).ok()
}

/// Reads what some write below the head: `:start_line:12`, `:end_line:14`, `-------`.
fn stated(scan: &mut Scan<'_>) -> Option<usize> {
    let mut stated = None;
    while let Some(line) = scan.line().filter(|line| line.starts_with(b":start_line:") || line.starts_with(b":end_line:")) {
        if let Some(number) = line.strip_prefix(b":start_line:") {
            stated = text(number).trim().parse::<u32>().ok().map(|number| number as usize);
        }
        scan.at += 1;
    }
    if stated.is_some() && scan.line() == Some(b"-------") {
        scan.at += 1;
    }
    stated
}

/// Takes line numbers away that stand before every line, as in `12 | x` or `12: x`. Returns the first.
fn unnumber(lines: &mut [&[u8]]) -> Option<usize> {
    let cut = |line: &[u8]| -> Option<(usize, usize, u8)> {
        let blanks = line.iter().take_while(|byte| **byte == b' ').count();
        let digits = line.get(blanks..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(line.get(blanks..blanks + digits)?).ok()?.parse::<u32>().ok()? as usize;
        let rest = line.get(blanks + digits..)?;
        let gap = rest.iter().take_while(|byte| **byte == b' ').count();
        let mark = *rest.get(gap)?;
        match mark {
            b'|' | b':' => Some((number, blanks + digits + gap + 1, mark)),
            b'\t' if gap == 0 => Some((number, blanks + digits + 1, mark)),
            _ => None,
        }
    };
    let mut found: Vec<(usize, usize)> = Vec::with_capacity(lines.len());
    let mut marks = None;
    for line in lines.iter() {
        let (number, length, mark) = cut(body(line))?;
        let follows = found.last().is_none_or(|(before, _)| number == *before + 1);
        if !follows || *marks.get_or_insert(mark) != mark {
            return None;
        }
        found.push((number, length));
    }
    // One blank after the mark belongs to it, when every line that has text has one.
    let padded = lines.iter().zip(&found).all(|(line, (_, length))| match body(line).get(*length) {
        None => true,
        Some(byte) => *byte == b' ' && marks != Some(b'\t'),
    });
    for (line, (_, length)) in lines.iter_mut().zip(&found) {
        let length = length + usize::from(padded && body(line).len() > *length);
        *line = line.get(length..).unwrap_or_default();
    }
    found.first().map(|(number, _)| *number)
}

/// Makes a hunk of two texts, or says why there is none.
pub(crate) fn replacing(line: usize, stated: Option<usize>, old: &[&[u8]], new: &[&[u8]]) -> Result<Hunk, Refusal> {
    if old == new {
        return Err(unreadable(line, "a block that changes nothing"));
    }
    let mut hunk = Hunk::replacing(line, old, new);
    hunk.stated = stated;
    let join = |lines: &[&[u8]]| {
        let all = lines.concat();
        body(&all).to_vec()
    };
    if !old.is_empty() {
        hunk.needle = Some((join(old), join(new)));
    }
    if !hunk.changes() {
        return Err(unreadable(line, "a block that changes nothing"));
    }
    Ok(hunk)
}
