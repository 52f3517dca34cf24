//! A whole file in place of another: what it leaves alone keeps its bytes.

use domain::RepoPath;

use crate::lines::{blocks, split_lines};
use crate::place::BOM;
use crate::refusal::{Refusal, bad_file};

/// Returns the file with the content of the answer, and with the ends of lines, the final line feed and the mark that it had.
pub(crate) fn over(path: &RepoPath, before: &[u8], content: &[u8]) -> Result<Vec<u8>, Refusal> {
    let says = |text: &[u8]| text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
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
    let bare = |text: &[u8]| -> Vec<u8> {
        let lines = split_lines(text).into_iter().map(crate::formats::body);
        lines.flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
    };
    let (old_lines, new_lines) = (split_lines(old), split_lines(content));
    let mut out = bom.to_vec();
    let mut at = 0;
    for (was, is) in blocks(&bare(old), &bare(content)) {
        out.extend(old_lines.get(at..was.start).unwrap_or_default().concat());
        for (offset, line) in new_lines.get(is).unwrap_or_default().iter().enumerate() {
            let neighbour = old_lines
                .get(was.clone())
                .and_then(|lines| lines.get(offset).or(lines.last()))
                .or_else(|| was.start.checked_sub(1).and_then(|at| old_lines.get(at)))
                .or(old_lines.first());
            let crlf = match neighbour {
                Some(line) => line.ends_with(b"\r\n"),
                None => line.ends_with(b"\r\n"),
            };
            if !out.is_empty() && out.len() > bom.len() && !out.ends_with(b"\n") {
                out.extend_from_slice(if crlf { b"\r\n" } else { b"\n" });
            }
            out.extend_from_slice(crate::formats::body(line));
            out.extend_from_slice(if crlf { b"\r\n" } else { b"\n" });
        }
        at = was.end;
    }
    out.extend(old_lines.get(at..).unwrap_or_default().concat());
    let open = !old.is_empty() && !old.ends_with(b"\n");
    if open {
        let length = crate::formats::body(&out).len();
        out.truncate(length);
    } else if out.len() > bom.len() && !out.ends_with(b"\n") {
        out.push(b'\n');
    }
    Ok(out)
}

/// Says whether the content is lines of the file that stand there together, with others before and behind: a file of which both ends were
/// taken away, and nothing else, is nobody's edit.
fn is_excerpt(before: &[u8], content: &[u8]) -> bool {
    let lines =
        |text: &[u8]| -> Vec<Vec<u8>> { split_lines(text).into_iter().map(|line| crate::formats::body(line).to_vec()).collect() };
    let (old, new) = (lines(before), lines(content));
    let within = old.len().saturating_sub(new.len());
    let Some(first) = new.first().filter(|_| within >= 2) else { return false };
    (1..within).any(|at| old.get(at) == Some(first) && old.get(at..at + new.len()) == Some(new.as_slice()))
}
