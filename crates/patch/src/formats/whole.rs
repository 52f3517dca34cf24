//! Whole files: a fence below a path, or a here-document that is written to a file.

use super::fence::Fence;
use super::{Scan, body, label, text, unified};
use crate::Refusal;
use crate::model::{FilePatch, Format};
use crate::refusal::{truncated, unreadable};

/// Takes the fence that opens at the current line as the content of a file, if it is that.
pub(super) fn fenced(scan: &mut Scan<'_>, fence: &Fence) -> Result<bool, Refusal> {
    let from = scan.at + 1;
    let first = scan.peek(1).and_then(|line| commented_path(line, scan.known));
    let Some(path) = scan.label.clone().or_else(|| first.clone()) else { return Ok(false) };
    let rest = scan.lines.get(from..).unwrap_or_default();
    let markdown = [".md", ".markdown", ".mdx", ".rst"].iter().any(|end| path.ends_with(end));
    let closed = fence.closed_after(rest, markdown, scan.known);
    let content = rest.get(..closed.unwrap_or(rest.len())).unwrap_or_default();
    if content.is_empty() || holds_edit(scan, content, (scan.known)(&path)) {
        return Ok(false);
    }
    if closed.is_none() {
        return Err(truncated(scan.number(), "the fence of a whole file is not closed"));
    }
    // The name in the first line is the answer's own, not the file's: only when nothing else names the file.
    let named_inside = scan.label.is_none() && first.is_some();
    let mut file = FilePatch::of(&path, scan.number(), Format::Whole);
    file.whole = Some(content.get(usize::from(named_inside)..).unwrap_or_default().concat());
    file.named_inside = named_inside;
    scan.files.push(file);
    scan.label = None;
    scan.open = false;
    scan.at = from + content.len() + 1;
    Ok(true)
}

/// A diff below fewer lines than this is not thought to be text of the file.
const LEAST_ABOVE: usize = 10;

/// Says whether an edit stands in `content`, the lines behind the current one. In a file of the tree (`is_known`) it may be text: tests
/// hold diffs of `Expected` and `Actual`, which are no paths.
fn holds_edit(scan: &Scan<'_>, content: &[&[u8]], is_known: bool) -> bool {
    let at = |ahead: usize| content.get(ahead).map(|line| body(line)).unwrap_or_default();
    let mut from = 0;
    while let Some(ahead) = (from..content.len()).find(|ahead| super::may_be_head(at(*ahead)) && scan.is_head(ahead + 1)) {
        let is_text = is_known && ahead >= LEAST_ABOVE && unified::names_no_file(scan, ahead + 1);
        if !is_text {
            return true;
        }
        // Its names, and the head of its hunk.
        from = ahead + 2 + usize::from(unified::is_hunk_head(Some(at(ahead + 2))));
    }
    false
}

/// Refuses a fence that only its own first line says to be a file, where the answer has other edits: it may show a part of the file.
pub(super) fn refuse_excerpts(files: &[FilePatch]) -> Result<(), Refusal> {
    let others = files.iter().any(|file| file.format != Format::Whole);
    match files.iter().find(|file| file.named_inside && others) {
        Some(file) => Err(unreadable(file.line, format!("this may be the whole of `{}`, or only a part of it", file.name()))),
        None => Ok(()),
    }
}

/// Returns the path of `# src/a.py` or `// src/a.rs`, when the tree has it.
fn commented_path(line: &[u8], known: &dyn Fn(&str) -> bool) -> Option<String> {
    let line = text(line);
    let rest = ["# ", "// ", "<!-- ", "/* ", "-- ", "; "].iter().find_map(|mark| line.strip_prefix(mark))?;
    let path = label::read(rest.as_bytes(), known)?;
    known(&path).then_some(path)
}

/// Returns the file that `> target` names to a shell; `None` when other words follow it, which only a name without its quotes has.
fn first_word(target: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    let quoted = |mark: char| target.strip_prefix(mark)?.split_once(mark).map(|(name, _)| name.to_owned());
    if let Some(name) = quoted('"').or_else(|| quoted('\'')) {
        return Some(name);
    }
    let name = target.replace("\\ ", " ");
    if known(&name) {
        return Some(name);
    }
    let (word, behind) = target.split_once(char::is_whitespace).unwrap_or((target, ""));
    let behind = behind.trim_start();
    let goes_on = behind.is_empty() || ["&", "|", ";", "#", "2>"].iter().any(|mark| behind.starts_with(mark));
    goes_on.then(|| word.trim_matches(['"', '\'']).to_owned())
}

/// Takes `cat > path <<'EOF'` with what follows.
pub(super) fn redirected(scan: &mut Scan<'_>, line: &[u8]) -> Result<(), Refusal> {
    let line = text(line);
    let Some(target) = line.trim_start().trim_start_matches("$ ").strip_prefix("cat").and_then(|rest| {
        let rest = rest.split_once('>').map(|(_, rest)| rest).filter(|rest| !rest.starts_with('>'))?;
        Some(rest.split_once("<<").map_or(rest, |(target, _)| target).trim()).filter(|target| !target.is_empty())
    }) else {
        return Ok(());
    };
    let Some(end) = scan.heredoc.as_ref() else { return Ok(()) };
    let Some(path) = first_word(target, scan.known) else {
        return Err(unreadable(
            scan.number(),
            format!("a here-document is written to `{target}`, which is no one file: quote its name"),
        ));
    };
    let path = path.as_str();
    let from = scan.at + 1;
    let rest = scan.lines.get(from..).unwrap_or_default();
    let Some(length) = rest.iter().position(|line| body(line) == end) else {
        return Err(truncated(scan.number(), "the here-document is not closed"));
    };
    let behind = rest.get(length..).unwrap_or_default();
    let is_used = || behind.iter().any(|line| memchr::memmem::find(line, path.as_bytes()).is_some());
    if [".patch", ".diff"].iter().any(|kind| path.ends_with(kind)) && !(scan.known)(path) && is_used() {
        // It is written down only to be applied: what it holds is the edit.
        return Ok(());
    }
    scan.heredoc = None;
    let mut file = FilePatch::of(path, scan.number(), Format::Whole);
    file.whole = Some(rest.get(..length).unwrap_or_default().concat());
    scan.files.push(file);
    scan.open = false;
    // The line with the closing word is the current one when the caller goes on.
    scan.at = from + length;
    Ok(())
}
