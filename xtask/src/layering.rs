//! Imports run downward only: this reads the sources and fails on an upward or sideways one.
//!
//! The order is that of `docs/architecture.md`. It is read from the text, not from a compiler: a path `crate::x::…` or enough
//! `super::`s to reach the crate's root count as an import of the top-level module `x`, wherever they stand.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::shell;

/// The ranks of the program's top-level modules, from the top down. A module may import those of lower ranks and never one of its
/// own.
const RANKS: &[&[&str]] = &[
    &["main"],
    &["cli", "http", "mcp"],
    &["pipeline"],
    &["app"],
    &["engines"],
    &["forge"],
    &["workspace", "llm", "store", "dispatch", "streams", "artifacts", "advisories", "detect"],
];

/// Modules that any other may import, and that import only leaf crates and one another.
const FOUNDATION: &[&str] = &["config", "contain", "env", "clock", "shutdown", "telemetry", "exit", "progress"];

/// The crates below the program. Each may import `domain`; none may import another.
const LEAVES: &[&str] = &["domain", "patch", "diagnostics", "code", "sandbox"];

/// The leaf crates that cannot do I/O, because they list nothing that could.
const PURE: &[&str] = &["domain", "patch", "diagnostics", "code"];

/// What a pure crate may not list.
const IMPURE: &[&str] = &["tokio", "sqlx", "reqwest"];

/// Checks the tree.
pub(crate) fn check() -> Result<()> {
    let root = shell::root()?;
    let (files, mut wrong) = check_program(&root.join("crates/fixwright/src"))?;
    for leaf in LEAVES {
        let manifest = root.join("crates").join(leaf).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).with_context(|| format!("reading {}", manifest.display()))?;
        wrong.extend(wrong_in_manifest(leaf, &text)?);
    }
    if files == 0 {
        bail!("layering: no source file was found: is the program still in crates/fixwright/src?");
    }
    if !wrong.is_empty() {
        bail!("layering (see docs/architecture.md):\n  {}", wrong.join("\n  "));
    }
    Ok(())
}

/// Returns how many files were read, and what is wrong in them.
fn check_program(src: &Path) -> Result<(usize, Vec<String>)> {
    let mut files = Vec::new();
    collect(src, &mut files)?;
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        let below = file.strip_prefix(src)?;
        let shown = below.display();
        wrong.extend(wrong_in_source(&module_of(below), &text).into_iter().map(|(line, what)| format!("{shown}:{line}: {what}")));
    }
    Ok((files.len(), wrong))
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("listing {}", folder.display()))?
        .map(|e| Ok(e?.path()))
        .collect::<Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

/// Returns the module path of a source file: `engines/fixers/mod.rs` is `engines`, `fixers`; the root is empty.
fn module_of(below_src: &Path) -> Vec<String> {
    let mut parts: Vec<String> = below_src.with_extension("").iter().map(|p| p.to_string_lossy().into_owned()).collect();
    let is_root = parts.len() == 1 && parts.iter().all(|p| p == "main" || p == "lib");
    if is_root || parts.last().is_some_and(|p| p == "mod") {
        parts.pop();
    }
    parts
}

/// Returns each wrong import of a file with its line.
fn wrong_in_source(module: &[String], text: &str) -> Vec<(usize, String)> {
    let from = module.first().map_or("main", String::as_str);
    let imports = imports(module, text);
    imports.into_iter().filter_map(|(line, to)| refuse(from, &to).map(|why| (line, why))).collect()
}

/// Returns why `from` may not import `to`, if so.
fn refuse(from: &str, to: &str) -> Option<String> {
    let rank = |name: &str| RANKS.iter().position(|rank| rank.contains(&name));
    let foundation = |name: &str| FOUNDATION.contains(&name);
    if from == to {
        return None;
    }
    let unknown = [from, to].into_iter().find(|name| rank(name).is_none() && !foundation(name));
    if let Some(name) = unknown {
        return Some(format!("`{name}` has no rank: give it one in xtask/src/layering.rs and docs/architecture.md"));
    }
    match (rank(from), rank(to)) {
        // The foundation may be imported by all.
        (_, None) => None,
        (None, Some(_)) => Some(format!("`{from}` is foundation and imports `{to}`")),
        (Some(above), Some(below)) if above < below => None,
        (Some(a), Some(b)) if a == b => Some(format!("`{from}` imports `{to}` sideways")),
        (Some(_), Some(_)) => Some(format!("`{from}` imports `{to}` upward")),
    }
}

/// Returns the top-level modules that a file names by path, each with its line.
fn imports(module: &[String], text: &str) -> Vec<(usize, String)> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    // How many inline modules the token stands in: each is one `super` more. A brace that opens none counts as zero.
    let mut braces: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let word = |offset: usize| tokens.get(at + offset).map(|t| t.word.as_str());
        match token.word.as_str() {
            "{" => {
                let opens_module = at >= 2 && tokens.get(at - 2).is_some_and(|t| t.word == "mod");
                braces.push(usize::from(opens_module));
            }
            "}" => {
                braces.pop();
            }
            "crate" if word(1) == Some("::") => roots(&tokens, at + 2, &mut found),
            // The first of a chain: `super::super::x`.
            "super" if word(1) == Some("::") && !(at > 0 && tokens.get(at - 1).is_some_and(|t| t.word == "::")) => {
                let mut supers = 1;
                let mut next = at + 2;
                while tokens.get(next).is_some_and(|t| t.word == "super") && tokens.get(next + 1).is_some_and(|t| t.word == "::")
                {
                    supers += 1;
                    next += 2;
                }
                let depth = module.len() + braces.iter().sum::<usize>();
                if supers == depth {
                    roots(&tokens, next, &mut found);
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Adds the first names of the path, or of each branch of the group, that starts at `at`. Only names that look like modules count:
/// items of the crate's root are in upper case.
fn roots(tokens: &[Token], at: usize, found: &mut Vec<(usize, String)>) {
    let Some(first) = tokens.get(at) else { return };
    if first.word != "{" {
        push_module(first, found);
        return;
    }
    let mut depth = 0_usize;
    let mut starts = false;
    for token in tokens.iter().skip(at) {
        match token.word.as_str() {
            "{" => {
                depth += 1;
                starts = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            "," => starts = depth == 1,
            _ => {
                if starts {
                    push_module(token, found);
                }
                starts = false;
            }
        }
    }
}

fn push_module(token: &Token, found: &mut Vec<(usize, String)>) {
    let is_module =
        token.word.chars().next().is_some_and(|c| c.is_ascii_lowercase()) && token.word != "self" && token.word != "super";
    if is_module {
        found.push((token.line, token.word.clone()));
    }
}

/// A word, a `::`, or one sign.
struct Token {
    word: String,
    line: usize,
}

/// Cuts Rust into tokens, without comments and literals.
fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80;
    let mut out = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let from = at;
        match byte(at) {
            b'/' if byte(at + 1) == b'/' => {
                while at < bytes.len() && byte(at) != b'\n' {
                    at += 1;
                }
            }
            b'/' if byte(at + 1) == b'*' => at = end_of_comment(bytes, at),
            b'"' => at = end_of_string(bytes, at),
            b'\'' => at = end_of_quote(bytes, at),
            b if is_word(b) => {
                while is_word(byte(at)) {
                    at += 1;
                }
                let word = text.get(from..at).unwrap_or_default();
                let hashes = bytes.iter().skip(at).take_while(|b| **b == b'#').count();
                if matches!(word, "r" | "br" | "cr") && byte(at + hashes) == b'"' {
                    at = end_of_raw_string(bytes, at, hashes);
                } else {
                    out.push(Token { word: word.to_owned(), line });
                }
            }
            b':' if byte(at + 1) == b':' => {
                at += 2;
                out.push(Token { word: "::".to_owned(), line });
            }
            b => {
                at += 1;
                if !b.is_ascii_whitespace() {
                    out.push(Token { word: char::from(b).to_string(), line });
                }
            }
        }
        line += bytes.get(from..at).unwrap_or_default().iter().filter(|b| **b == b'\n').count();
    }
    out
}

fn end_of_comment(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < bytes.len() {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'/'), Some(b'*')) => (at, depth) = (at + 2, depth + 1),
            (Some(b'*'), Some(b'/')) => {
                (at, depth) = (at + 2, depth - 1);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(b) = bytes.get(at) {
        match b {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn end_of_raw_string(bytes: &[u8], from: usize, hashes: usize) -> usize {
    let mut at = from + hashes + 1;
    while let Some(b) = bytes.get(at) {
        at += 1;
        if *b == b'"' && bytes.iter().skip(at).take(hashes).filter(|b| **b == b'#').count() == hashes {
            return at + hashes;
        }
    }
    bytes.len()
}

/// A `'` starts a character or a lifetime; returns what follows it.
fn end_of_quote(bytes: &[u8], from: usize) -> usize {
    if bytes.get(from + 1) == Some(&b'\\') {
        return bytes.iter().skip(from + 3).position(|b| *b == b'\'').map_or(bytes.len(), |more| from + 3 + more + 1);
    }
    // A character takes at most four bytes; a lifetime has no closing quote there.
    let close = (2..=5).find(|offset| bytes.get(from + offset) == Some(&b'\''));
    let is_char = close.is_some_and(|offset| {
        bytes.get(from + 1..from + offset).and_then(|b| std::str::from_utf8(b).ok()).is_some_and(|s| s.chars().count() == 1)
    });
    if is_char { from + close.unwrap_or(0) + 1 } else { from + 1 }
}

/// Returns what a leaf crate's `Cargo.toml` lists and may not.
fn wrong_in_manifest(leaf: &str, text: &str) -> Result<Vec<String>> {
    let manifest: toml::Table = text.parse().with_context(|| format!("reading crates/{leaf}/Cargo.toml"))?;
    let mut wrong = Vec::new();
    for table in ["dependencies", "build-dependencies", "dev-dependencies"] {
        let Some(listed) = manifest.get(table).and_then(toml::Value::as_table) else { continue };
        for name in listed.keys() {
            let name = name.strip_prefix("fixwright-").unwrap_or(name);
            let sideways = LEAVES.contains(&name) && name != "domain" || name == "fixwright";
            let testkit = name == "testkit" && table != "dev-dependencies";
            if name != leaf && (sideways || testkit || (leaf == "domain" && LEAVES.contains(&name))) {
                wrong.push(format!("crates/{leaf}/Cargo.toml: [{table}] lists `{name}`: a leaf crate imports only domain"));
            }
            if PURE.contains(&leaf) && IMPURE.contains(&name) {
                wrong.push(format!("crates/{leaf}/Cargo.toml: [{table}] lists `{name}`: this crate does no I/O"));
            }
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(file: &str, text: &str) -> Vec<(usize, String)> {
        wrong_in_source(&module_of(Path::new(file)), text)
    }

    #[test]
    fn the_tree_obeys() {
        check().unwrap();
    }

    #[test]
    fn downward_imports_are_good() {
        for (file, text) in [
            ("main.rs", "use crate::cli; mod app; fn main() { crate::telemetry::start() }"),
            ("cli/fix.rs", "use crate::app::App;\nuse crate::{pipeline::Step, config::Config, exit};"),
            ("pipeline/verify.rs", "use super::decide; use crate::engines::tool; use crate::store::Store;"),
            ("engines/fixers/mod.rs", "use super::tool; use crate::engines::fixer; use super::super::workspace::Copy;"),
            ("store/case.rs", "use super::Store; use crate::clock::Clock; use domain::Case;"),
            ("env.rs", "use crate::exit; use std::path::Path;"),
            ("forge/local.rs", "#[cfg(test)] mod tests { use super::*; use super::super::Forge; }"),
        ] {
            assert_eq!(wrong(file, text), [], "{file}");
        }
    }

    #[test]
    fn upward_imports_are_bad_however_they_are_written() {
        for (file, text) in [
            ("engines/tool.rs", "use crate::pipeline::Step;"),
            ("engines/tool.rs", "fn f() { crate :: pipeline::go() }"),
            ("engines/tool.rs", "use super::super::pipeline;"),
            ("engines/tool.rs", "use crate::{store::{self, Store}, pipeline as p};"),
            ("engines/tool.rs", "use crate::{\n  // why\n  app,\n};"),
            ("store/mod.rs", "mod tests { use super::super::engines::tool; }"),
            ("store/mod.rs", "/* a /* b */ c */ use super::cli;"),
            ("clock.rs", "use crate::store::Store;"),
            ("app.rs", "const A: char = '\"'; use crate::cli; const B: char = '\"';"),
            ("app.rs", "fn f<'a>(x: &'a str) { crate::cli::g('\\'', r#\"\"\"#) }"),
        ] {
            assert_eq!(wrong(file, text).len(), 1, "{file}: {text}: {:?}", wrong(file, text));
        }
        assert_eq!(wrong("pipeline/mod.rs", "\n\nuse crate::cli;"), [(3, "`pipeline` imports `cli` upward".to_owned())]);
    }

    #[test]
    fn sideways_imports_and_modules_without_a_rank_are_bad() {
        assert_eq!(wrong("store/mod.rs", "use crate::workspace;"), [(1, "`store` imports `workspace` sideways".to_owned())]);
        assert_eq!(wrong("cli/run.rs", "use crate::http;").len(), 1);
        assert!(wrong("helpers.rs", "use crate::store;")[0].1.contains("`helpers` has no rank"));
        assert!(wrong("pipeline/a.rs", "use crate::helpers;")[0].1.contains("`helpers` has no rank"));
    }

    #[test]
    fn text_in_comments_and_literals_is_no_import() {
        let text = "// use crate::cli;\n/* crate::cli */ const A: &str = \"crate::cli \\\" crate::cli\";\n\
                    const B: &str = r#\"crate::cli \" crate::cli\"#; const C: &[u8] = b\"crate::cli\";";
        assert_eq!(wrong("store/mod.rs", text), []);
    }

    #[test]
    fn a_leaf_crate_lists_domain_and_no_other() {
        let good = "[dependencies]\ndomain.workspace = true\nserde = \"1\"\n[dev-dependencies]\ntestkit.workspace = true";
        assert_eq!(wrong_in_manifest("code", good).unwrap(), [] as [String; 0]);
        for (leaf, bad) in [
            ("code", "[dependencies]\npatch.workspace = true"),
            ("code", "[dependencies.fixwright-patch]\npath = \"../patch\""),
            ("code", "[dev-dependencies]\ndiagnostics.workspace = true"),
            ("code", "[dependencies]\ntestkit.workspace = true"),
            ("domain", "[dependencies]\npatch.workspace = true"),
            ("patch", "[dependencies]\ntokio = { version = \"1\" }"),
            ("diagnostics", "[build-dependencies]\nreqwest = \"1\""),
        ] {
            assert_eq!(wrong_in_manifest(leaf, bad).unwrap().len(), 1, "{leaf}: {bad}");
        }
        assert_eq!(wrong_in_manifest("sandbox", "[dependencies]\ntokio = \"1\"").unwrap(), [] as [String; 0]);
    }
}
