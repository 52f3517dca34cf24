//! Calls of `Error::description`, which nothing replaces one to one: what they stand in decides.

use domain::{Edit, Language, RepoPath};

use super::fixer::FixContext;
use super::tokens::{Kind, Source};

/// Crates with more files are not searched for other calls.
const MAX_FILES: usize = 2_000;

/// Returns the edits for the call whose method name is token `at`.
pub(super) fn propose(context: &FixContext<'_>, source: &Source, at: usize) -> Option<Vec<Edit>> {
    source.reads(at.checked_sub(1)?, &["."]).then_some(())?;
    source.reads(at + 1, &["(", ")"]).then_some(())?;
    let edit = owned(source, at).or_else(|| formatted(source, at));
    match edit {
        Some(edit) => Some(vec![edit]),
        None => overriding(context, source, at).map(|edit| vec![edit]),
    }
}

/// `e.description().to_owned()` is `e.to_string()`.
fn owned(source: &Source, at: usize) -> Option<Edit> {
    let method = matches!(source.word(at + 4), "to_string" | "to_owned" | "into");
    (source.word(at + 3) == "." && method && source.reads(at + 5, &["(", ")"])).then_some(())?;
    by_itself(source, at).then_some(())?;
    Some(Edit::new(&source.path, source.token(at)?.start..source.token(at + 6)?.end, "to_string()"))
}

/// An argument of a formatting macro is formatted itself.
fn formatted(source: &Source, at: usize) -> Option<Edit> {
    const MACROS: [&str; 13] = [
        "format", "print", "println", "eprint", "eprintln", "write", "writeln", "panic", "error", "warn", "info", "debug",
        "trace",
    ];
    let open = source.opener(at)?;
    let call = open >= 2 && source.word(open - 1) == "!" && MACROS.contains(&source.word(open - 2));
    (call && (source.word(at + 3) == "," || source.pair(open) == Some(at + 3))).then_some(())?;
    by_itself(source, at).then_some(())?;
    Some(Edit::new(&source.path, source.token(at - 1)?.start..source.token(at + 2)?.end, ""))
}

/// Says whether the receiver is another error: `Display` of a type that is written by its `description` would call itself.
fn by_itself(source: &Source, at: usize) -> bool {
    at >= 3 && !(source.word(at - 2).starts_with("self") && source.word(at - 3) != ".")
}

/// An `impl Error` whose `description` only hands on others' is better off with the one that the trait provides.
fn overriding(context: &FixContext<'_>, source: &Source, at: usize) -> Option<Edit> {
    let (name, end) = function_around(source, at)?;
    (source.word(name) == "description").then_some(())?;
    let body = source.opener(name)?;
    of_error(source, body).then_some(())?;
    for path in rust_files(context)? {
        let other = Source::open(context.files, &path);
        let other = other.as_ref()?;
        let called = (2..other.tokens.len()).any(|at| {
            other.word(at) == "description"
                && other.word(at - 1) == "."
                && function_around(other, at).is_none_or(|(name, _)| other.word(name) != "description")
        });
        if called {
            return None;
        }
    }
    let keyword = name.checked_sub(1)?;
    let first = source.item_start(keyword);
    let range = source.whole_lines(source.token(first)?.start..source.token(end)?.end);
    // With the empty line before it.
    let before = source.slice(0..range.start);
    let start = before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n')).map(str::len);
    let start = start.filter(|start| before.get(..*start).is_some_and(|rest| rest.ends_with('\n'))).unwrap_or(range.start);
    Some(Edit::new(&source.path, start..range.end, ""))
}

/// Returns the name and the closing bracket of the innermost function around token `at`.
fn function_around(source: &Source, at: usize) -> Option<(usize, usize)> {
    let mut inner = at;
    loop {
        let open = source.opener(inner)?;
        if source.word(open) == "{" {
            // Back over the signature.
            let mut index = open;
            while let Some(before) = index.checked_sub(1) {
                match (source.word(before), source.token(before)?.kind) {
                    ("fn", Kind::Word) => return Some((index, source.pair(open)?)),
                    (";" | "{" | "}", _) => break,
                    (_, Kind::Close) => index = source.pair(before)?,
                    _ => index = before,
                }
            }
        }
        inner = open;
    }
}

/// Says whether the block is that of an `impl … Error for …`.
fn of_error(source: &Source, open: usize) -> bool {
    let mut index = open;
    let mut named = false;
    while let Some(before) = index.checked_sub(1) {
        match source.word(before) {
            ";" | "}" | "{" => return false,
            "for" if before > 0 => named = source.word(before - 1) == "Error",
            "impl" => return named,
            _ => {}
        }
        index = before;
    }
    false
}

fn rust_files(context: &FixContext<'_>) -> Option<Vec<RepoPath>> {
    let folder = &context.subproject.path;
    let rust = |path: &&RepoPath| path.extension() == Some("rs") && path.is_below(folder);
    let all: Vec<RepoPath> = context.files.paths().iter().filter(rust).cloned().collect();
    let known = matches!(context.subproject.language, Language::Rust | Language::Other);
    (known && all.len() <= MAX_FILES).then_some(all)
}
