//! Compares outlines with what universal-ctags finds in the same files, for `cargo xtask agreement`: the share of ctags' functions and
//! types that an outline has too, by language, and those that it has not.
//!
//!     cargo run -p fixwright-code --example agreement -- [--all] FOLDER…

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a measuring device: its output is its purpose, and it stops at the first surprise"
)]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Command;

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
        "JavaScript" => made_up || (kind == "class" && !line.contains("class") && !line.contains("function")),
        // `import { type A }` and `type instanceof A` define nothing; the `new` of a construct signature is no name.
        "TypeScript" => {
            let taken = |end: &str| line.contains(&format!("type {name}{end}"));
            let is_taken = kind == "alias" && [",", " }", "}", " as ", "$/"].iter().any(|end| taken(end));
            let is_typed =
                kind == "alias" && (line.contains("(type ") || line.contains("type from ") || line.contains(" keyof "));
            made_up || is_taken || is_typed || matches!(name, "new" | "extends" | "instanceof" | "satisfies" | "as" | "is")
        }
        _ => made_up,
    }
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
        let mut outlines: HashMap<String, Option<(Language, Vec<Line>)>> = HashMap::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let Ok(tag) = serde_json::from_str::<Value>(line) else { continue };
            let of = |field: &str| tag[field].as_str().unwrap_or_default().to_owned();
            let (path, name, kind) = (of("path"), without_blanks(&of("name")), of("kind"));
            if !is_compared(&kind) || is_wrong(&of("language"), &kind, &name, &of("pattern")) {
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
                let named = own == &name || own == name_alone || (name.starts_with("TEST") && own.contains(','));
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

/// Returns the outline of a file.
fn read(folder: &Path, path: &str) -> Option<(Language, Vec<Line>)> {
    let language = code::language_of(&RepoPath::new(path).ok()?)?;
    let outline = code::outline(language, &std::fs::read(folder.join(path)).ok()?)?;
    let one = |one: code::Definition| (without_blanks(&one.name), one.line, one.name_line);
    Some((language, outline.definitions.into_iter().map(one).collect()))
}
