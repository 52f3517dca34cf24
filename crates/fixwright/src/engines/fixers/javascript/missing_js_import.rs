//! Adds what a JavaScript or TypeScript file forgot to import: a module of Node by its name, a name that one other module of the
//! repository exports; corrects a relative path whose file is there under another name.

use domain::{Applicability, Edit, Finding, RepoPath};
use regex::Regex;
use tree_sitter::Node;

use super::effects::{BUILTIN_MODULES, required_module};
use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::scopes::{JAVASCRIPT, Use};
use super::source::{Source, parts, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "missing_js_import",
    about: "adds a missing import or require, and corrects a path that names no file",
    handles,
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn handles(finding: &Finding) -> bool {
    missing_name(finding).is_some() || missing_module(finding).is_some()
}

/// Returns the name that is not defined.
pub(super) fn missing_name(finding: &Finding) -> Option<&str> {
    let message = finding.message.as_str();
    let quoted = || message.split('\'').nth(1);
    if finding.rule == "no-undef" || message.starts_with("Cannot find name '") {
        return quoted();
    }
    let thrown = if finding.rule == "ReferenceError" { Some(message) } else { message.split("ReferenceError: ").nth(1) };
    thrown?.strip_suffix(" is not defined")
}

/// Returns the file that cannot be found.
fn missing_module(finding: &Finding) -> Option<&str> {
    ["Cannot find module '", "Cannot find package '", "Unable to resolve path to module '"]
        .iter()
        .find_map(|lead| finding.message.split(lead).nth(1)?.split('\'').next())
        .filter(|module| module.starts_with('.'))
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    if let Some(module) = missing_module(context.finding) {
        return path(context, module);
    }
    let name = missing_name(context.finding)?;
    let source = Source::of(context, JAVASCRIPT)?;
    let variable = source.scopes().undeclared(name)?;
    if variable.occurrences.iter().any(|one| one.usage != Use::Read) || has_ambient(&source, name) {
        return None;
    }
    let used = |one: &super::scopes::Occurrence| {
        let leaf = source.leaf(one.start)?;
        let parent = leaf.parent()?;
        Some(match parent.kind() {
            "member_expression" => parent.child_by_field_name("object")?.id() == leaf.id(),
            "call_expression" => parent.child_by_field_name("function")?.id() == leaf.id(),
            _ => false,
        })
    };
    let is_module = !matches!(name, "process" | "console" | "buffer" | "constants" | "domain" | "module" | "test")
        && BUILTIN_MODULES.contains(&name)
        && variable.occurrences.iter().any(|one| used(one) == Some(true));
    let from = if is_module { (name.to_owned(), true) } else { (exporter(context, &source, name)?, false) };
    let edit = import(&source, name, &from.0, from.1)?;
    Some(Proposal {
        summary: format!("import `{name}` from `{}`", from.0),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(vec![edit]),
    })
}

/// Says whether the name looks like one that a page or loader provides: nothing that an import gives is asked for by `typeof`.
fn has_ambient(source: &Source, name: &str) -> bool {
    source.text.contains(&format!("typeof {name}"))
}

/// Returns the one module of the subproject that exports the name, as it is written in an import of this file.
fn exporter(context: &FixContext<'_>, source: &Source, name: &str) -> Option<String> {
    let word = regex::escape(name);
    let pattern = if is_esm(source) {
        format!(
            r"(?m)^export\s+(?:async\s+)?(?:function\*?|class|const|let|var|enum|interface|type)\s+{word}\b|^export\s*\{{[^}}]*\b{word}\b[^}}]*\}}\s*;?\s*$"
        )
    } else {
        format!(r"(?m)^(?:module\.)?exports\.{word}\s*=[^=]")
    };
    let pattern = Regex::new(&pattern).ok()?;
    let others = context.files.paths().iter().filter(|path| **path != source.path && path.is_below(&context.subproject.path));
    let mut found = others
        .filter(|path| code::language_of(path).is_some_and(|language| JAVASCRIPT.contains(&language)))
        .filter(|path| context.files.text(path).is_some_and(|text| text.contains(name) && pattern.is_match(&text)));
    let (one, None) = (found.next()?, found.next()) else { return None };
    let relative = relative(&source.path, one);
    let with_extension = source.text.contains(".js'") || source.text.contains(".js\"") || source.text.contains(".mjs");
    let bare = ["js", "ts", "tsx", "jsx"].iter().find_map(|extension| relative.strip_suffix(&format!(".{extension}")));
    Some(match bare {
        Some(bare) if with_extension => format!("{bare}.js"),
        Some(bare) => bare.strip_suffix("/index").unwrap_or(bare).to_owned(),
        None => relative,
    })
}

fn is_esm(source: &Source) -> bool {
    parts(source.root()).iter().any(|part| matches!(part.kind(), "import_statement" | "export_statement"))
}

/// Returns the path of `to` as a module in `from` names it.
fn relative(from: &RepoPath, to: &RepoPath) -> String {
    let here: Vec<&str> = from.parent().split('/').filter(|part| !part.is_empty()).collect();
    let there: Vec<&str> = to.as_str().split('/').collect();
    let shared = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let up = here.len() - shared;
    let lead = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
    lead + &there.get(shared..).unwrap_or_default().join("/")
}

/// Writes the import below those that are there, in their style.
fn import(source: &Source, name: &str, module: &str, whole: bool) -> Option<Edit> {
    let root = parts(source.root());
    let esm = is_esm(source);
    let is_import = |part: &&Node<'_>| {
        part.kind() == "import_statement"
            || matches!(part.kind(), "variable_declaration" | "lexical_declaration")
                && parts(**part).iter().all(|one| {
                    one.child_by_field_name("value")
                        .is_some_and(|value| value.kind() == "call_expression" && required_module(source, value).is_some())
                })
    };
    let last =
        root.iter().take_while(|part| is_import(part) || source.str(**part).starts_with(['\'', '"'])).filter(is_import).last();
    let last = last.or_else(|| root.iter().find(is_import));
    let model = last.map_or("", |last| source.str(*last));
    let quote = if model.contains('"') { '"' } else { '\'' };
    let semicolon = if last.is_none() || model.ends_with(';') { ";" } else { "" };
    let word = if model.starts_with("const") {
        "const"
    } else if model.starts_with("let") {
        "let"
    } else {
        "var"
    };
    let line = match (esm, whole) {
        (true, true) => format!("import {name} from {quote}{module}{quote}{semicolon}"),
        (true, false) => format!("import {{ {name} }} from {quote}{module}{quote}{semicolon}"),
        (false, true) => format!("{word} {name} = require({quote}{module}{quote}){semicolon}"),
        (false, false) => format!("{word} {name} = require({quote}{module}{quote}).{name}{semicolon}"),
    };
    if let Some(last) = last {
        return Some(source.edit(last.end_byte()..last.end_byte(), format!("{}{line}", source.newline())));
    }
    let first = root.iter().find(|part| !source.str(**part).starts_with(['\'', '"']) && part.kind() != "hash_bang_line")?;
    Some(source.edit(first.start_byte()..first.start_byte(), format!("{line}{0}{0}", source.newline())))
}

/// Corrects a relative path: another extension, another case, or the only file of that name.
fn path(context: &FixContext<'_>, module: &str) -> Option<Proposal> {
    let source = Source::of(context, JAVASCRIPT)?;
    let mut named = Vec::new();
    walk(source.root(), |node| {
        if node.kind() == "string" && source.str(node).trim_matches(['\'', '"']) == module {
            named.push(node.byte_range());
        }
    });
    let stem = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let bare = ["js", "mjs", "cjs", "jsx", "ts", "tsx", "json"]
            .iter()
            .find_map(|extension| name.strip_suffix(&format!(".{extension}")));
        bare.unwrap_or(name).to_lowercase()
    };
    let wanted = stem(module);
    let all: Vec<&RepoPath> = context
        .files
        .paths()
        .iter()
        .filter(|path| path.is_below(&context.subproject.path) && **path != source.path && stem(path.as_str()) == wanted)
        .filter(|path| {
            path.extension() == Some("json") || code::language_of(path).is_some_and(|language| JAVASCRIPT.contains(&language))
        })
        .collect();
    let folder = join(source.path.parent(), module)
        .map(|full| full.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_lowercase()));
    let beside: Vec<&RepoPath> = all.iter().copied().filter(|path| Some(path.parent().to_lowercase()) == folder).collect();
    let one = match (beside.as_slice(), all.as_slice()) {
        ([one], _) | ([], [one]) => *one,
        _ => return None,
    };
    let relative = relative(&source.path, one);
    let extension = one.extension().map(|extension| format!(".{extension}"))?;
    let had = module.ends_with(&extension)
        || module.rsplit('/').next().is_some_and(|name| name.contains('.'))
        || !matches!(extension.as_str(), ".js" | ".ts" | ".tsx" | ".jsx" | ".json");
    let text = if had { relative } else { relative.trim_end_matches(&extension).to_owned() };
    if text == module || named.is_empty() {
        return None;
    }
    let edits = named.into_iter().map(|range| source.edit(range.start + 1..range.end - 1, text.clone())).collect();
    Some(Proposal {
        summary: format!("import `{text}`, which is there"),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(edits),
    })
}

/// Resolves `..` and `.` of a path below a folder; `None` when it leaves the repository.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
