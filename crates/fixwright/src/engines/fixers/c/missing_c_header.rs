//! Includes the header that declares what a C file uses: one of the standard library or of POSIX by the name, or the one header of
//! the repository that declares the function.

use domain::{Applicability, Finding, Language, RepoPath};
use regex::Regex;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::headers::{also_in, header_of};
use super::source::{Source, parts, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "missing_c_header",
    about: "includes the header that declares a function, type or constant that a C file uses",
    handles: |finding| missing_name(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

/// What gcc and clang say of a name that they do not know, up to the name.
const LEADS: &[&str] = &[
    "implicit declaration of function ",
    "implicitly declaring library function ",
    "call to undeclared library function ",
    "call to undeclared function ",
    "incompatible implicit declaration of built-in function ",
    "incompatible implicit declaration of function ",
    "unknown type name ",
    "use of undeclared identifier ",
    "invalid application of 'sizeof' to an incomplete type ",
    "invalid application of ‘sizeof’ to incomplete type ",
    "invalid application of 'sizeof' to incomplete type ",
    "variable has incomplete type ",
    "initializer for variable has incomplete type ",
];

fn missing_name(finding: &Finding) -> Option<&str> {
    let message = finding.message.as_str();
    let quoted = |text: &str| {
        let text = text.strip_prefix('‘').or_else(|| text.strip_prefix('\''))?;
        text.split(['’', '\'']).next().map(str::len)
    };
    let at = |start: usize| {
        let rest = message.get(start..)?;
        let length = quoted(rest)?;
        let open = rest.chars().next()?.len_utf8();
        rest.get(open..open + length)
    };
    if let Some(lead) = LEADS.iter().find(|lead| message.starts_with(**lead)) {
        return at(lead.len());
    }
    let undeclared = message.contains(" undeclared (first use") || message.contains(" undeclared here (not in a function)");
    // `include ‘<stdlib.h>’ or provide a declaration of ‘exit’` is a finding of its own in gcc's JSON.
    match message.find("or provide a declaration of ") {
        Some(found) if message.starts_with("include ") => at(found + "or provide a declaration of ".len()),
        _ if undeclared => at(0),
        _ => None,
    }
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let name = missing_name(context.finding)?;
    let source = Source::of(context, &[Language::C])?;
    let written = match header_of(name) {
        Some(header) => format!("<{header}>"),
        None => own_header(context, &source, name)?,
    };
    let mut known = Vec::new();
    walk(source.root(), |node| {
        if node.kind() == "preproc_include"
            && let Some(path) = node.child_by_field_name("path")
        {
            known.push((node, source.str(path).to_owned()));
        }
    });
    let bare = written.trim_matches(['<', '>', '"']);
    // It is there already: the name hides behind a feature macro, or a condition.
    if known.iter().any(|(_, path)| *path == written || also_in(bare).iter().any(|other| path.trim_matches(['<', '>']) == *other))
    {
        return None;
    }
    let line = format!("#include {written}");
    let edit = place(&source, &known, &line)?;
    Some(Proposal {
        summary: format!("include `{bare}`, which declares `{name}`"),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(vec![edit]),
    })
}

/// Returns the only header of the subproject that declares the function, as other files or a relative path name it.
fn own_header(context: &FixContext<'_>, source: &Source, name: &str) -> Option<String> {
    let declares = Regex::new(&format!(r"(?m)^[A-Za-z_][\w\s*]*[\s*]{}\s*\([^;{{]*\)[^;{{]*;", regex::escape(name))).ok()?;
    let inside = |path: &&RepoPath| path.is_below(&context.subproject.path);
    let headers =
        context.files.paths().iter().filter(inside).filter(|path| path.extension() == Some("h") && **path != source.path);
    let mut found =
        headers.filter(|path| context.files.text(path).is_some_and(|text| text.contains(name) && declares.is_match(&text)));
    let (one, None) = (found.next()?, found.next()) else { return None };
    let spelling =
        Regex::new(&format!(r#"(?m)^\s*#\s*include\s*([<"](?:[^>"]*/)?{}[>"])"#, regex::escape(one.file_name()))).ok()?;
    let mut others: Vec<String> = context
        .files
        .paths()
        .iter()
        .filter(inside)
        .filter(|path| path.parent() == source.path.parent() && matches!(path.extension(), Some("c" | "h")))
        .filter_map(|path| Some(spelling.captures(&context.files.text(path)?)?.get(1)?.as_str().to_owned()))
        .collect();
    others.sort();
    others.dedup();
    match (others.as_slice(), one.parent() == source.path.parent()) {
        ([only], _) => Some(only.clone()),
        ([], true) => Some(format!("\"{}\"", one.file_name())),
        ([], false) => {
            let folder = format!("{}/", source.path.parent());
            one.as_str().strip_prefix(folder.trim_start_matches('/')).map(|below| format!("\"{below}\""))
        }
        _ => None,
    }
}

/// Puts the line among the includes: in its place where they are sorted, else behind the last one of its kind.
fn place(source: &Source, known: &[(Node<'_>, String)], line: &str) -> Option<domain::Edit> {
    let newline = source.newline();
    let root = top(source);
    let open: Vec<&(Node<'_>, String)> =
        known.iter().filter(|(node, _)| node.parent().is_some_and(|parent| parent.id() == root.id())).collect();
    let is_system = line.contains('<');
    let same: Vec<&(Node<'_>, String)> = open.iter().copied().filter(|(_, path)| path.starts_with('<') == is_system).collect();
    let written = |node: Node<'_>| source.str(node).trim_end().to_owned();
    let group: Vec<&(Node<'_>, String)> = same
        .iter()
        .copied()
        .enumerate()
        .take_while(|(at, (node, _))| {
            let before = at.checked_sub(1).and_then(|before| same.get(before));
            before.is_none_or(|(before, _)| source.slice(before.end_byte()..node.start_byte()).trim().is_empty())
        })
        .map(|(_, one)| one)
        .collect();
    let sorted = group.len() > 1 && group.windows(2).all(|pair| matches!(pair, [a, b] if written(a.0) <= written(b.0)));
    if sorted && let Some((next, _)) = group.iter().find(|(node, _)| written(*node).as_str() > line) {
        return Some(source.edit(next.start_byte()..next.start_byte(), format!("{line}{newline}")));
    }
    let last = if sorted { group.last() } else { same.last().or(open.last()) };
    if let Some((last, _)) = last {
        let at = source.line_end(last.start_byte());
        let lead = if source.slice(0..at).ends_with('\n') { "" } else { newline };
        return Some(source.edit(at..at, format!("{lead}{line}{newline}")));
    }
    // No include at all, or only conditional ones: before the first thing that is neither comment nor feature macro.
    let is_feature = |node: &Node<'_>| {
        node.kind() == "preproc_def" && node.child_by_field_name("name").is_some_and(|name| source.str(name).starts_with('_'))
    };
    let guard = |node: &Node<'_>| root.kind() != "translation_unit" && node.kind() == "preproc_def";
    let name = root.child_by_field_name("name").map(|name| name.id());
    let first = parts(root).into_iter().find(|node| !is_feature(node) && !guard(node) && Some(node.id()) != name)?;
    // A comment that touches it belongs to it, unless it heads the file.
    let mut begin = first;
    while let Some(comment) = begin.prev_sibling().filter(|node| node.kind() == "comment" && node.start_byte() > 0) {
        if source.slice(comment.end_byte()..begin.start_byte()).matches('\n').count() > 1 {
            break;
        }
        begin = comment;
    }
    let at = source.line_start(begin.start_byte());
    Some(source.edit(at..at, format!("{line}{newline}{newline}")))
}

/// Returns where the declarations of the file stand: the file itself, or the guard around all of a header.
fn top(source: &Source) -> Node<'_> {
    let root = source.root();
    match parts(root).as_slice() {
        [only] if only.kind() == "preproc_ifdef" && source.str(*only).starts_with("#ifndef") => *only,
        _ => root,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
