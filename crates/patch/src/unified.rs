//! Unified diffs, as git and diff write them, fitted to a tree or refused.
//!
//! Strict by design: every context and deleted line must be there byte for byte (a final carriage return aside), at the stated line or
//! at exactly one other place of the file. Counts in headers are not trusted.

use std::sync::Arc;

use domain::{Files, RepoPath};

use crate::lines::split_lines;
use crate::{Places, Refusal};

/// One file before and after; `None` stands for "no such file".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file.
    pub path: RepoPath,
    /// Its bytes before.
    pub before: Option<Arc<[u8]>>,
    /// Its bytes after.
    pub after: Option<Arc<[u8]>>,
    /// Set when the patch makes it executable (`true`) or not (`false`).
    pub executable: Option<bool>,
}

/// What a patch does to a tree: nothing is done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The files, by path.
    pub files: Vec<FileChange>,
}

#[derive(Debug, Default)]
struct FilePatch<'a> {
    line: usize,
    old: Option<String>,
    new: Option<String>,
    rename_from: Option<String>,
    rename_to: Option<String>,
    creates: bool,
    deletes: bool,
    mode: Option<&'a str>,
    hunks: Vec<Hunk<'a>>,
}

#[derive(Debug, Default)]
struct Hunk<'a> {
    /// First line at the base as stated, from 1.
    stated: usize,
    /// Mark (`' '`, `-`, `+`) and text with its terminator.
    lines: Vec<(u8, &'a [u8])>,
    /// The last old or new line has no line feed.
    old_open: bool,
    new_open: bool,
}

/// Fits the unified diff `text` to `files`.
///
/// # Errors
/// [`Refusal`] when it cannot be read, names a path that cannot be, or does not fit; nothing is ever applied in part.
pub fn plan(text: &str, files: &Files) -> Result<Plan, Refusal> {
    let mut planned: Vec<FileChange> = Vec::new();
    for file in read(text)? {
        for change in fit(&file, files)? {
            if planned.iter().any(|known| known.path == change.path) {
                return Err(bad_file(change.path.as_str(), "it is patched twice"));
            }
            planned.push(change);
        }
    }
    planned.retain(|file| file.before != file.after || file.executable.is_some());
    if planned.is_empty() {
        return Err(Refusal::NoChange);
    }
    planned.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Plan { files: planned })
}

fn bad_file(path: &str, what: &str) -> Refusal {
    Refusal::BadFile { path: path.to_owned(), what: what.to_owned() }
}

fn read(text: &str) -> Result<Vec<FilePatch<'_>>, Refusal> {
    let unreadable = |line: usize, what: &str| Refusal::Unreadable { line: line + 1, what: what.to_owned() };
    let mut files: Vec<FilePatch<'_>> = Vec::new();
    let mut lines = split_lines(text.as_bytes()).into_iter().enumerate().peekable();
    let mut in_git_header = false;
    while let Some((number, raw)) = lines.next() {
        let line = std::str::from_utf8(raw).unwrap_or_default().trim_end_matches(['\n', '\r']);
        if line.starts_with("diff --git ") {
            files.push(FilePatch { line: number, ..FilePatch::default() });
            in_git_header = true;
        } else if let Some(old) = line.strip_prefix("--- ") {
            let next = lines.peek().map(|(_, raw)| String::from_utf8_lossy(raw).trim_end().to_owned()).unwrap_or_default();
            let Some(new) = next.strip_prefix("+++ ") else { continue };
            lines.next();
            if !in_git_header {
                files.push(FilePatch { line: number, ..FilePatch::default() });
            }
            in_git_header = false;
            if let Some(file) = files.last_mut() {
                (file.old, file.new) = (name(old), name(new));
                file.creates |= file.old.is_none();
                file.deletes |= file.new.is_none();
            }
        } else if line.starts_with("@@ ") || line == "@@" {
            let file = files.last_mut().ok_or_else(|| unreadable(number, "a hunk before any file"))?;
            let stated = line.split_once('-').and_then(|(_, rest)| {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                digits.parse().ok()
            });
            let mut hunk = Hunk { stated: stated.unwrap_or(0), ..Hunk::default() };
            while let Some(&(_, raw)) = lines.peek() {
                match raw.first() {
                    // The header of the next file looks like a deleted line; two together are a header.
                    Some(b'-') if raw.starts_with(b"--- ") && header_follows(&lines) => break,
                    Some(mark @ (b' ' | b'+' | b'-')) => hunk.lines.push((*mark, &raw[1..])),
                    // Mailers and editors strip the blank of an empty context line.
                    Some(b'\n') | Some(b'\r') => hunk.lines.push((b' ', raw)),
                    Some(b'\\') => match hunk.lines.last() {
                        Some((b'-', _)) => hunk.old_open = true,
                        Some((b'+', _)) => hunk.new_open = true,
                        _ => (hunk.old_open, hunk.new_open) = (true, true),
                    },
                    _ => break,
                }
                lines.next();
            }
            // Blank lines between this hunk and prose or the next file are not context.
            let stated_old = old_count(line);
            while hunk.lines.last().is_some_and(|(mark, text)| *mark == b' ' && text.iter().all(u8::is_ascii_whitespace))
                && stated_old.is_some_and(|n| hunk.lines.iter().filter(|(mark, _)| *mark != b'+').count() > n)
            {
                hunk.lines.pop();
            }
            if !hunk.lines.iter().any(|(mark, _)| *mark != b' ') {
                return Err(unreadable(number, "a hunk that changes nothing"));
            }
            file.hunks.push(hunk);
        } else if in_git_header && let Some(file) = files.last_mut() {
            if let Some(mode) = line.strip_prefix("new file mode ") {
                (file.creates, file.mode) = (true, Some(mode));
            } else if line.starts_with("deleted file mode ") {
                file.deletes = true;
            } else if let Some(mode) = line.strip_prefix("new mode ") {
                file.mode = Some(mode);
            } else if let Some(path) = line.strip_prefix("rename from ") {
                file.rename_from = Some(path.to_owned());
            } else if let Some(path) = line.strip_prefix("rename to ") {
                file.rename_to = Some(path.to_owned());
            } else if line.starts_with("Binary files ") || line.starts_with("GIT binary patch") {
                return Err(unreadable(number, "a binary patch"));
            } else if line.starts_with("copy from ") {
                return Err(unreadable(number, "a copy"));
            }
        }
    }
    if files.is_empty() {
        return Err(unreadable(0, "no unified diff was found (it starts with `--- a/FILE` and `+++ b/FILE`)"));
    }
    for file in &files {
        if file.hunks.is_empty() && file.rename_to.is_none() && file.mode.is_none() && !file.deletes && !file.creates {
            return Err(unreadable(file.line, "a file without hunks"));
        }
    }
    Ok(files)
}

fn header_follows<'a>(lines: &std::iter::Peekable<impl Iterator<Item = (usize, &'a [u8])> + Clone>) -> bool {
    lines.clone().nth(1).is_some_and(|(_, raw)| raw.starts_with(b"+++ "))
}

fn old_count(header: &str) -> Option<usize> {
    let spec = header.strip_prefix("@@ -")?.split_whitespace().next()?;
    spec.split_once(',').map_or(Some(1), |(_, count)| count.parse().ok())
}

/// Reads the name of a `---` or `+++` line; `None` for `/dev/null`.
fn name(text: &str) -> Option<String> {
    let text = text.split('\t').next().unwrap_or(text).trim_end();
    (text != "/dev/null").then(|| text.trim_matches('"').to_owned())
}

/// Finds the file that a name means: as it stands, or without its first component (`a/`, `b/`).
fn locate(name: &str, files: &Files, must_exist: bool) -> Result<RepoPath, Refusal> {
    let as_is = RepoPath::new(name).map_err(|bad| bad_file(name, bad.why));
    let stripped = name.split_once('/').map(|(_, rest)| rest).and_then(|rest| RepoPath::new(rest).ok());
    let prefixed = name.starts_with("a/") || name.starts_with("b/");
    for path in [prefixed.then(|| stripped.clone()).flatten(), as_is.clone().ok(), stripped.clone()].into_iter().flatten() {
        if files.contains(&path) {
            return Ok(path);
        }
    }
    if must_exist {
        as_is?;
        return Err(bad_file(name, "there is no such file"));
    }
    match stripped {
        Some(path) if prefixed => Ok(path),
        _ => as_is,
    }
}

fn fit(file: &FilePatch<'_>, files: &Files) -> Result<Vec<FileChange>, Refusal> {
    let executable = match file.mode {
        None | Some("100644") if file.creates => None,
        None => None,
        Some("100755") => Some(true),
        Some("100644") => Some(false),
        Some(mode) => {
            return Err(bad_file(file.new.as_deref().unwrap_or_default(), &format!("mode {mode} is not a regular file")));
        }
    };
    let old_name = file.rename_from.as_deref().or(file.old.as_deref());
    let new_name = file.rename_to.as_deref().or(file.new.as_deref());
    if file.creates {
        let name = new_name.ok_or_else(|| bad_file("", "a new file without a name"))?;
        let path = locate(name, files, false)?;
        if files.contains(&path) {
            return Err(bad_file(path.as_str(), "it would be created and exists already"));
        }
        let after = place(&path, &[], &file.hunks)?;
        return Ok(vec![FileChange { path, before: None, after: Some(after.into()), executable }]);
    }
    let name = old_name.or(new_name).ok_or_else(|| bad_file("", "a file without a name"))?;
    let path = locate(name, files, true)?;
    let before = files.read(&path).ok_or_else(|| bad_file(path.as_str(), "it cannot be read"))?;
    let after = place(&path, &before, &file.hunks)?;
    if file.deletes {
        if !after.is_empty() && !file.hunks.is_empty() {
            return Err(bad_file(path.as_str(), "it would be deleted and holds more than the patch says"));
        }
        return Ok(vec![FileChange { path, before: Some(before), after: None, executable: None }]);
    }
    if let Some(target) = file.rename_to.as_deref() {
        let target = locate(target, files, false)?;
        if target != path {
            if files.contains(&target) {
                return Err(bad_file(target.as_str(), "it would be created by a rename and exists already"));
            }
            let gone = FileChange { path, before: Some(before), after: None, executable: None };
            return Ok(vec![gone, FileChange { path: target, before: None, after: Some(after.into()), executable }]);
        }
    }
    Ok(vec![FileChange { path, before: Some(before), after: Some(after.into()), executable }])
}

fn place(path: &RepoPath, before: &[u8], hunks: &[Hunk<'_>]) -> Result<Vec<u8>, Refusal> {
    let lines = split_lines(before);
    let mut out = Vec::with_capacity(before.len());
    let mut done = 0;
    let mut shift = 0_isize;
    for (index, hunk) in hunks.iter().enumerate() {
        let old: Vec<&[u8]> = hunk.lines.iter().filter(|(mark, _)| *mark != b'+').map(|(_, text)| *text).collect();
        let at = find(&lines, &old, hunk, done, shift).map_err(|places| Refusal::NoPlace {
            path: path.to_string(),
            hunk: index + 1,
            places: Places(places),
        })?;
        let stated = isize::try_from(hunk.stated.saturating_sub(usize::from(!old.is_empty()))).unwrap_or(0);
        shift = isize::try_from(at).unwrap_or(0) - stated;
        lines[done..at].iter().for_each(|line| out.extend_from_slice(line));
        let crlf = lines[at..at + old.len()].iter().any(|line| line.ends_with(b"\r\n"));
        let mut from = at;
        for (number, (mark, text)) in hunk.lines.iter().enumerate() {
            match mark {
                b'+' => {
                    let last_new = hunk.lines[number + 1..].iter().all(|(mark, _)| *mark == b'-');
                    let body = text.strip_suffix(b"\n").unwrap_or(text);
                    let body = body.strip_suffix(b"\r").unwrap_or(body);
                    out.extend_from_slice(if crlf || !text.ends_with(b"\r\n") {
                        body
                    } else {
                        text.strip_suffix(b"\n").unwrap_or(body)
                    });
                    if !(last_new && hunk.new_open) {
                        out.extend_from_slice(if crlf { b"\r\n" } else { b"\n" });
                    }
                }
                b'-' => from += 1,
                _ => {
                    out.extend_from_slice(lines[from]);
                    // Context that was the open end of the file and is followed by added lines gets its line feed.
                    if !lines[from].ends_with(b"\n") && hunk.lines[number + 1..].iter().any(|(mark, _)| *mark == b'+') {
                        out.push(b'\n');
                    }
                    from += 1;
                }
            }
        }
        done = from;
    }
    lines[done..].iter().for_each(|line| out.extend_from_slice(line));
    Ok(out)
}

/// Finds where `old` stands: the stated line if it fits there, else the only other place after the hunk before.
fn find(lines: &[&[u8]], old: &[&[u8]], hunk: &Hunk<'_>, from: usize, shift: isize) -> Result<usize, Vec<usize>> {
    if old.is_empty() {
        // Pure insertion: only the stated line says where; in an empty file there is one place.
        return if lines.is_empty() || hunk.stated <= lines.len() && hunk.stated >= from {
            Ok(hunk.stated.min(lines.len()))
        } else {
            Err(vec![])
        };
    }
    let body = |line: &[u8]| -> Vec<u8> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line).to_vec()
    };
    let fits = |at: usize| {
        at >= from
            && at + old.len() <= lines.len()
            && old.iter().zip(&lines[at..]).all(|(want, have)| want == have || body(want) == body(have))
    };
    let stated = isize::try_from(hunk.stated).unwrap_or(0) - 1 + shift;
    for guess in [stated, stated - shift] {
        if let Ok(at) = usize::try_from(guess)
            && fits(at)
        {
            return Ok(at);
        }
    }
    let places: Vec<usize> = (from..lines.len()).filter(|at| fits(*at)).collect();
    match places.as_slice() {
        [one] => Ok(*one),
        _ => Err(places.iter().map(|at| at + 1).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Files {
        Files::from_map(list.iter().map(|(p, t)| (RepoPath::new(p).unwrap(), t.as_bytes().to_vec())).collect())
    }

    fn after(patch: &str, list: &[(&str, &str)]) -> Result<Vec<(String, Option<String>)>, Refusal> {
        let text = |bytes: &Arc<[u8]>| String::from_utf8(bytes.to_vec()).unwrap();
        Ok(plan(patch, &files(list))?.files.iter().map(|f| (f.path.to_string(), f.after.as_ref().map(text))).collect())
    }

    #[test]
    fn create_delete_rename_and_change_in_one_patch() {
        let patch = "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+hello\n\
            diff --git a/old b/old\ndeleted file mode 100644\n--- a/old\n+++ /dev/null\n@@ -1 +0,0 @@\n-bye\n\
            diff --git a/x b/y\nsimilarity index 50%\nrename from x\nrename to y\n--- a/x\n+++ b/y\n@@ -1,2 +1,2 @@\n one\n-two\n+TWO\n";
        let result = after(patch, &[("old", "bye\n"), ("x", "one\ntwo\n")]).unwrap();
        let text = |s: &str| Some(s.to_owned());
        assert_eq!(
            result,
            [("new".into(), text("hello\n")), ("old".into(), None), ("x".into(), None), ("y".into(), text("one\nTWO\n"))]
        );
    }

    #[test]
    fn wrong_line_numbers_need_one_place() {
        let patch = "--- a/f\n+++ b/f\n@@ -90,1 +90,1 @@\n-b\n+B\n";
        assert_eq!(after(patch, &[("f", "a\nb\nc\n")]).unwrap()[0].1.as_deref(), Some("a\nB\nc\n"));
        let twice = after(patch, &[("f", "b\na\nb\n")]).unwrap_err();
        assert_eq!(twice.to_string(), "f: hunk 1 fits at several places: lines 1, 3");
        let nowhere = after(patch, &[("f", "x\n")]).unwrap_err();
        assert_eq!(nowhere.to_string(), "f: hunk 1 fits nowhere: its context is not in the file");
    }

    #[test]
    fn line_ends_come_from_the_file() {
        let patch = "--- a/f\n+++ b/f\n@@ -1,2 +1,3 @@\n a\n-b\n+B\n+C\n";
        assert_eq!(after(patch, &[("f", "a\r\nb\r\n")]).unwrap()[0].1.as_deref(), Some("a\r\nB\r\nC\r\n"));
        let open = "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-b\n\\ No newline at end of file\n+B\n\\ No newline at end of file\n";
        assert_eq!(after(open, &[("f", "b")]).unwrap()[0].1.as_deref(), Some("B"));
    }

    #[test]
    fn hostile_and_empty_answers_are_refused() {
        let to = |name: &str| format!("--- /dev/null\n+++ {name}\n@@ -0,0 +1 @@\n+x\n");
        for name in ["b/../../etc/x", "/etc/x", "b/.git/hooks/post-commit", "../x"] {
            assert!(matches!(after(&to(name), &[]), Err(Refusal::BadFile { .. })), "{name}");
        }
        assert!(matches!(after("I would change line 3.", &[]), Err(Refusal::Unreadable { .. })));
        assert!(after("--- a/f\n+++ b/f\n@@ -1 +1 @@\n a\n", &[("f", "a\n")]).is_err());
        let link = "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n";
        assert!(after(link, &[]).is_err());
        assert!(after(&to("b/f"), &[("f", "there\n")]).is_err());
    }

    #[test]
    fn deleting_a_file_that_holds_more_is_refused() {
        let patch = "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
        assert!(after(patch, &[("f", "a\nb\n")]).is_err());
    }
}
