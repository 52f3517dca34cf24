//! A whole file in place of another: what it leaves alone keeps its bytes.

use domain::RepoPath;

use crate::formats::body;
use crate::lines::{blocks, lines, split_lines};
use crate::place::BOM;
use crate::refusal::{Refusal, bad_file};

/// Returns the file with the content of the answer, and with the ends of lines, the final line feed and the mark that it had.
pub(crate) fn over(path: &RepoPath, before: &[u8], content: &[u8]) -> Result<Vec<u8>, Refusal> {
    let says = |text: &[u8]| lines(text).filter(|line| !line.trim_ascii().is_empty()).count();
    let (had, has) = (says(before), says(content));
    if has * 2 < had {
        return Err(bad_file(
            path.as_str(),
            format!("it would shrink from {had} lines to {has}: send the changed part as an edit"),
        ));
    }
    if is_excerpt(before, content) {
        return Err(bad_file(path.as_str(), "this is a part of it, as it is: send the changed part as an edit"));
    }
    let (bom, old) = before.strip_prefix(BOM).map_or((&[][..], before), |rest| (BOM, rest));
    let content = content.strip_prefix(BOM).unwrap_or(content);
    let mut out = bom.to_vec();
    match ends(old) {
        // Every line has the same end: what is compared does not matter.
        Some(end) => bare(content, end, &mut out),
        None => mixed(old, content, &mut out),
    }
    let open = !old.is_empty() && !old.ends_with(b"\n");
    if open {
        let length = body(&out).len();
        out.truncate(length);
    } else if out.len() > bom.len() && !out.ends_with(b"\n") {
        out.push(b'\n');
    }
    Ok(out)
}

/// Returns how every line of a text ends, if all end alike.
fn ends(text: &[u8]) -> Option<&'static [u8]> {
    let mut ended = lines(text).filter(|line| line.ends_with(b"\n")).map(|line| line.ends_with(b"\r\n"));
    let first = ended.next();
    let alike = !text.is_empty() && !text.ends_with(b"\r") && ended.all(|crlf| Some(crlf) == first);
    alike.then_some(if first == Some(true) { b"\r\n" } else { b"\n" })
}

/// Writes the lines with that end.
fn bare(text: &[u8], end: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + end.len());
    for line in lines(text) {
        out.extend_from_slice(body(line));
        out.extend_from_slice(end);
    }
}

/// Writes the content with the ends that the old lines have, each changed line with that of the one it replaces or stands beside.
fn mixed(old: &[u8], content: &[u8], out: &mut Vec<u8>) {
    let (old_lines, new_lines) = (split_lines(old), split_lines(content));
    let first = out.len();
    let (mut old_bare, mut new_bare) = (Vec::new(), Vec::new());
    bare(old, b"\n", &mut old_bare);
    bare(content, b"\n", &mut new_bare);
    let mut at = 0;
    for (was, is) in blocks(&old_bare, &new_bare) {
        out.extend(old_lines.get(at..was.start).unwrap_or_default().concat());
        for (offset, line) in new_lines.get(is).unwrap_or_default().iter().enumerate() {
            let neighbour = old_lines
                .get(was.clone())
                .and_then(|lines| lines.get(offset).or(lines.last()))
                .or_else(|| was.start.checked_sub(1).and_then(|at| old_lines.get(at)))
                .or(old_lines.first());
            let crlf = neighbour.unwrap_or(line).ends_with(b"\r\n");
            let end = if crlf { b"\r\n".as_slice() } else { b"\n" };
            if out.len() > first && !out.ends_with(b"\n") {
                out.extend_from_slice(end);
            }
            out.extend_from_slice(body(line));
            out.extend_from_slice(end);
        }
        at = was.end;
    }
    out.extend(old_lines.get(at..).unwrap_or_default().concat());
}

/// Says whether the content is lines of the file that stand there together, with others before and behind: a file of which both ends were
/// taken away, and nothing else, is nobody's edit.
fn is_excerpt(before: &[u8], content: &[u8]) -> bool {
    let old: Vec<&[u8]> = lines(before).map(body).collect();
    let new: Vec<&[u8]> = lines(content).map(body).collect();
    let within = old.len().saturating_sub(new.len());
    let Some(first) = new.first().filter(|_| within >= 2) else { return false };
    (1..within).any(|at| old.get(at) == Some(first) && old.get(at..at + new.len()) == Some(new.as_slice()))
}
