//! Compares outlines with what universal-ctags finds in the same files, for `cargo xtask agreement`: the share of ctags' functions and
//! types that an outline has too, by language, and those that it has not.
//!
//!     cargo run -p fixwright-code --example agreement -- [--all] FOLDER…

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a measuring device: its output is its purpose, and it stops at the first surprise"
)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::process::Command;

use code::{Content, Entry, Index, Read, Skip};
use domain::{Language, RepoPath};
use serde_json::Value;

/// Names that are listed of what is missing, by language.
const SHOWN: usize = 40;

/// A name, the first line of what it names, and its own line.
type Line = (String, u32, u32);

/// Says whether a kind of ctags is a function or a type. Members, variables, prototypes and constants are not compared.
fn is_compared(kind: &str) -> bool {
    matches!(
        kind,
        "function"
            | "func"
            | "method"
            | "generator"
            | "getter"
            | "setter"
            | "class"
            | "struct"
            | "union"
            | "enum"
            | "interface"
            | "typedef"
            | "type"
            | "alias"
            | "trait"
            | "macro"
            | "annotation"
            | "talias"
            | "methodSpec"
    )
}

/// Says whether a tag is none: what ctags gets wrong, by sample read by hand.
fn is_wrong(language: &str, kind: &str, name: &str, line: &str) -> bool {
    // Names that it makes up for what has none.
    let made_up = ["__anon", "anonymous", "AnonymousFunction"].iter().any(|start| name.starts_with(start));
    match language {
        // It calls object literals classes.
        "JavaScript" => made_up || is_wrong_in_javascript(kind, name, line),
        // What a file imports is defined elsewhere.
        "PHP" => made_up || kind == "alias",
        // `import { type A }` and `type instanceof A` define nothing; the `new` of a construct signature is no name.
        "TypeScript" => {
            let taken = |end: &str| line.contains(&format!("type {name}{end}"));
            let is_taken = kind == "alias" && [",", " }", "}", " as ", "$/"].iter().any(|end| taken(end));
            let typed = ["import type ", "(type ", "type from ", " keyof "];
            let is_typed = kind == "alias" && typed.iter().any(|words| line.contains(words));
            made_up || is_taken || is_typed || matches!(name, "new" | "extends" | "instanceof" | "satisfies" | "as" | "is")
        }
        _ => made_up,
    }
}

/// `a[name] = function` and `a.b.call(…)` define no `a`, and `A.prototype.f = function` is not where `A` is; a value that is none makes no method.
fn is_wrong_in_javascript(kind: &str, name: &str, line: &str) -> bool {
    let is_literal = kind == "class" && !line.contains("class") && !line.contains("function");
    let (left, right) = line.split_once(" = ").unwrap_or((line, ""));
    let is_owner = [".", "["].iter().any(|next| left.contains(&format!("{name}{next}"))) && !left.ends_with(name);
    let is_value = right.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '[' | '{' | '"' | '\'' | '!'))
        || ["undefined", "null", "true", "false", "new "].iter().any(|start| right.starts_with(start))
        || right.trim_end_matches(['$', '/', ';']).ends_with(".prototype");
    is_literal || is_owner || (is_value && left.ends_with(&format!(".prototype.{name}")))
}

fn without_blanks(name: &str) -> String {
    name.split_whitespace().collect()
}

fn main() {
    // By language: what ctags finds, what of that is missing here.
    let mut tally: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let (flags, folders): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|arg| arg == "--all");
    let all = !flags.is_empty();
    for folder in folders {
        let mut ctags = Command::new("ctags");
        ctags
            .args(["--output-format=json", "--fields=+nKl", "--extras=-F", "--kinds-Go=+n", "-f", "-", "-R", "."])
            .current_dir(&folder);
        let output = ctags.output().unwrap();
        let left_out = left_out(Path::new(&folder));
        let mut outlines: HashMap<String, Option<(Language, Vec<Line>)>> = HashMap::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(tag) = serde_json::from_str::<Value>(line) else { continue };
            let of = |field: &str| tag[field].as_str().unwrap_or_default().to_owned();
            let (path, name, kind) = (of("path"), without_blanks(&of("name")), of("kind"));
            if !is_compared(&kind) || is_wrong(&of("language"), &kind, &name, &of("pattern")) {
                continue;
            }
            if left_out.contains(path.trim_start_matches("./")) {
                continue;
            }
            let outline = outlines.entry(path.clone()).or_insert_with(|| read(Path::new(&folder), &path));
            let Some((language, outline)) = outline else { continue };
            // A file that ctags takes for another language: headers of C++, say.
            let theirs = of("language").to_lowercase();
            if !(theirs.starts_with(&language.to_string()) || theirs == "c++" || theirs == "c") {
                continue;
            }
            let at = tag["line"].as_u64().unwrap_or(0) as u32;
            let name_alone = name.rsplit(['.', ':']).next().unwrap_or(&name);
            // `TEST(Suite, name)` is called so by its title here, and `TEST` there.
            let is_here = outline.iter().any(|(own, first, line)| {
                // Of an alias in Ruby it leaves out how it ends.
                let ending = |rest: &str| kind == "alias" && matches!(rest, "?" | "!" | "=");
                let named = own == &name
                    || own.strip_prefix(&name).is_some_and(ending)
                    || own == name_alone
                    || (name.starts_with("TEST") && own.contains(','));
                named && (at.abs_diff(*line) <= 1 || (*first <= at && at <= *line))
            });
            let (found, missing) = tally.entry(language.to_string()).or_default();
            *found += 1;
            if !is_here {
                missing.push(format!("{folder}/{path}:{at}: {kind} {name}"));
            }
        }
    }
    for (language, (found, missing)) in &tally {
        println!(
            "{language:>12}  {found:>6} functions and types of ctags  recall {:.4}",
            1.0 - missing.len() as f64 / (*found).max(1) as f64
        );
    }
    for (language, (_, missing)) in &tally {
        println!("\n{language}: {} missing", missing.len());
        let (step, most) = if all { (1, usize::MAX) } else { ((missing.len() / SHOWN).max(1), SHOWN) };
        missing.iter().step_by(step).take(most).for_each(|one| println!("  {one}"));
    }
}

struct Folder<'p>(&'p Path);

impl Read for Folder<'_> {
    fn read(&self, path: &RepoPath) -> Result<Content, Skip> {
        let text = std::fs::read(self.0.join(path.as_str())).map_err(|_| Skip::Unreadable)?;
        Ok(Content { text, stamp: None })
    }
}

/// Returns the files that an index leaves out: what is minified or generated is not read by ctags either in any useful way.
fn left_out(root: &Path) -> HashSet<String> {
    let (mut folders, mut entries) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if let Some(path) = entry.path().strip_prefix(root).ok().and_then(Path::to_str)
                && let Ok(path) = RepoPath::new(path)
            {
                entries.push(Entry { path, stamp: None });
            }
        }
    }
    let index = Index::update(None, &entries, &[], &Folder(root)).unwrap().index;
    index.files().iter().filter(|file| file.skipped().is_some()).map(|file| file.path.to_string()).collect()
}

/// Returns the outline of a file.
fn read(folder: &Path, path: &str) -> Option<(Language, Vec<Line>)> {
    let language = code::language_of(&RepoPath::new(path).ok()?)?;
    let outline = code::outline(language, &std::fs::read(folder.join(path)).ok()?)?;
    let one = |one: code::Definition| (without_blanks(&one.name), one.line, one.name_line);
    Some((language, outline.definitions.into_iter().map(one).collect()))
}
