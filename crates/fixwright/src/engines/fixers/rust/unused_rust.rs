//! Takes out private Rust items that nothing uses, and imports of nothing, where the compiler offers no repair itself.
//!
//! "Nothing" is strict: the name stands nowhere else in the crate, whatever it is compiled for, since the compiler saw one target and one
//! set of features only.

use domain::{Applicability, Edit};

use super::fixer::{FixContext, Fixer, Proposal};
use super::tokens::{self, Kind, Source};

pub(super) const FIXER: Fixer = Fixer {
    id: "unused_rust",
    about: "removes private Rust items, macros and imports that nothing uses",
    handles: |finding| matches!(finding.rule.as_str(), "dead_code" | "unused_macros" | "unused_imports" | LEGACY),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

const LEGACY: &str = "clippy::legacy_numeric_constants";
const NUMBERS: [&str; 14] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64"];
/// Crates with more files are not searched.
const MAX_FILES: usize = 2_000;

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context)?;
    let at = source.at(context)?;
    let message = &context.finding.message;
    match context.finding.rule.as_str() {
        "unused_imports" => import(context, &source, at),
        LEGACY if message.starts_with("importing") => legacy_import(context, &source),
        "dead_code" if message.ends_with(" is never used") => dead(context, &source, at),
        "unused_macros" => {
            let name = source.word(at);
            (source.reads(at.checked_sub(2)?, &["macro_rules", "!"]) && only_mention(context, name)?).then_some(())?;
            let end = source.pair(at + 1)?;
            let end = if source.word(end + 1) == ";" { end + 1 } else { end };
            remove(&source, at - 2, end, name)
        }
        _ => None,
    }
}

fn dead(context: &FixContext<'_>, source: &Source, at: usize) -> Option<Proposal> {
    let name = source.word(at);
    (source.token(at)?.kind == Kind::Word).then_some(())?;
    let keyword = at.checked_sub(1)?;
    let item = matches!(source.word(keyword), "fn" | "struct" | "enum" | "union" | "type" | "const" | "static" | "trait");
    let mutable = source.word(keyword) == "mut" && source.word(keyword.checked_sub(1)?) == "static";
    ((item || mutable) && only_mention(context, name)?).then_some(())?;
    // A constant of a trait's implementation, and what is inside a macro, is not for us.
    let mut end = at + 1;
    while !matches!(source.word(end), ";" | "{") {
        let token = source.token(end)?;
        end = if token.kind == Kind::Open { token.pair? } else { end } + 1;
    }
    let initial = (at..end).any(|index| source.word(index) == "=");
    if source.word(end) == "{" {
        end = source.pair(end)?;
        if initial || matches!(source.word(keyword), "const" | "static" | "type") || mutable {
            while source.word(end) != ";" {
                let token = source.token(end)?;
                end = if token.kind == Kind::Open { token.pair? } else { end } + 1;
            }
        }
    }
    let keyword = if mutable { keyword - 1 } else { keyword };
    remove(source, keyword, end, name)
}

fn remove(source: &Source, keyword: usize, end: usize, name: &str) -> Option<Proposal> {
    let first = source.item_start(keyword);
    let mut range = source.whole_lines(source.token(first)?.start..source.token(end)?.end);
    // The empty line that parted it from the next goes too.
    let rest = source.slice(range.end..source.text.len());
    let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let before = source.slice(0..range.start);
    if blank > 0
        && (before.is_empty() || before.ends_with("\n\n") || before.ends_with("\r\n\r\n") || before.trim_end().ends_with('{'))
    {
        let first = if rest.starts_with("\r\n") { 2 } else { 1 };
        range.end += first.min(blank);
    }
    let list = vec![Edit::new(&source.path, range, "")];
    tokens::edits(format!("remove the unused `{name}`"), Applicability::Unsafe, list)
}

/// Says whether a name stands but once in the files of the crate.
fn only_mention(context: &FixContext<'_>, name: &str) -> Option<bool> {
    if name.is_empty() || name == "_" {
        return Some(false);
    }
    let mut count = 0;
    let rust =
        context.files.paths().iter().filter(|path| path.extension() == Some("rs") && path.is_below(&context.subproject.path));
    for (n, path) in rust.enumerate() {
        (n < MAX_FILES).then_some(())?;
        // A file that cannot be read may hold anything.
        let bytes = context.files.read(path)?;
        let text = std::str::from_utf8(&bytes).ok()?;
        if text.contains(name) {
            let source = Source::open(context.files, path)?;
            count += source.mentions(name);
            // A name may be put together, or stand in a text that becomes code.
            let quoted = (0..source.tokens.len()).any(|at| {
                source.token(at).is_some_and(|token| token.kind == Kind::Literal) && source.word(at).trim_matches('"') == name
            });
            if quoted {
                return Some(false);
            }
        }
    }
    Some(count == 1)
}

fn import(context: &FixContext<'_>, source: &Source, at: usize) -> Option<Proposal> {
    // The compiler offers to remove most; what it says nothing of are a few.
    let imported: Vec<&str> = context.finding.message.split('`').skip(1).step_by(2).collect();
    let [path] = imported.as_slice() else { return None };
    let name = path.rsplit("::").next()?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let (first, last) = source.tokens_of(&range)?;
    let (keyword, _) = source.use_around(at)?;
    let public = (source.item_start(keyword)..keyword).any(|index| source.word(index) == "pub");
    // One that is unused here may be used where it is compiled for something else.
    let known = name == "AsciiExt" || *path == "std::io::prelude";
    (!public && (known || (name != "*" && source.mentions(name) == 1))).then_some(())?;
    let edit = source.remove_use(first, last)?;
    tokens::edits(format!("remove the unused import `{path}`"), Applicability::Safe, vec![edit])
}

/// The constants of `std::u8` and its like are those of `u8` itself.
fn legacy_import(context: &FixContext<'_>, source: &Source) -> Option<Proposal> {
    let range = source.range(context.finding.location.as_ref()?)?;
    let (first, last) = source.tokens_of(&range)?;
    let module = source.word(last);
    let (keyword, end) = source.use_around(first)?;
    // `std::f64::consts` stays where it is.
    (NUMBERS.contains(&module) && !source.text.contains(&format!("{module}::consts"))).then_some(())?;
    let open = (keyword..end).find(|index| source.word(*index) == "{");
    let all = open.is_some_and(|open| {
        source.pair(open).is_some_and(|close| {
            close + 1 == end && (open + 1..close).all(|index| source.word(index) == "," || NUMBERS.contains(&source.word(index)))
        })
    });
    let edit = if all {
        let first = source.item_start(keyword);
        let range = source.token(first)?.start..source.token(end)?.end;
        Edit::new(&source.path, source.whole_lines(range), "")
    } else {
        source.remove_use(first, last)?
    };
    tokens::edits(format!("remove the import of `{module}`"), Applicability::Safe, vec![edit])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
