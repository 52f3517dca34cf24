//! Imports of Go files: adds the one that a name needs, and removes one that nothing needs.

use std::collections::BTreeSet;

use domain::{Applicability, Edit, Finding, Language, RepoPath};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::nearest_name::nearest;
use super::packages::{is_standard, likely_name, standard};
use super::scopes::local_names;
use super::source::{Source, ancestor, parts, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "missing_go_import",
    about: "adds a missing Go import, and removes an import that nothing uses",
    handles: |finding| undefined(finding).is_some() || unused(finding),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn undefined(finding: &Finding) -> Option<&str> {
    finding.message.strip_prefix("undefined: ").filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn unused(finding: &Finding) -> bool {
    let message = finding.message.as_str();
    message.starts_with('"') && (message.ends_with(" and not used") || message.ends_with("imported but not used"))
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    if unused(context.finding) {
        let spec = source
            .leaf(at)
            .and_then(|leaf| if leaf.kind() == "import_spec" { Some(leaf) } else { ancestor(leaf, &["import_spec"]) })?;
        let path = path_of(&source, spec)?;
        if is_misspelt(&source, spec.child_by_field_name("name").map_or(likely_name(&path), |name| source.str(name))) {
            return None;
        }
        return Some(Proposal {
            summary: format!("remove the unused import of `{path}`"),
            applicability: Applicability::Safe,
            repair: Repair::Edits(vec![remove(&source, spec)?]),
        });
    }
    let name = undefined(context.finding)?;
    let leaf = source.leaf(at).filter(|leaf| source.str(*leaf) == name)?;
    let selector = leaf.parent().filter(|node| matches!(node.kind(), "selector_expression" | "qualified_type"))?;
    let member = selector.child_by_field_name("field").or_else(|| selector.child_by_field_name("name"))?;
    let member = source.str(member);
    if !member.starts_with(char::is_uppercase) {
        return None;
    }
    let imported: Vec<String> = specs(&source).into_iter().filter_map(|spec| path_of(&source, spec)).collect();
    let path = find(context, &source, name, member, &imported)?;
    if imported.contains(&path) {
        return None;
    }
    Some(Proposal {
        summary: format!("import `{path}`"),
        applicability: Applicability::Unsafe,
        repair: Repair::Edits(vec![add(&source, name, &path)?]),
    })
}

/// Says whether the file uses the package in another spelling.
fn is_misspelt(source: &Source, package: &str) -> bool {
    let mut found = false;
    walk(source.root(), |node| {
        let operand =
            node.child_by_field_name("operand").filter(|one| node.kind() == "selector_expression" && one.kind() == "identifier");
        if let Some(operand) = operand.filter(|one| !found && nearest(source.str(*one), std::iter::once(package)).is_some()) {
            found = !local_names(source, operand).contains(source.str(operand));
        }
    });
    found
}

/// Returns the imports of a file.
pub(super) fn specs<'s>(source: &'s Source) -> Vec<Node<'s>> {
    parts(source.root())
        .into_iter()
        .filter(|part| part.kind() == "import_declaration")
        .flat_map(parts)
        .flat_map(|part| if part.kind() == "import_spec_list" { parts(part) } else { vec![part] })
        .collect()
}

/// Returns the path that an import names.
pub(super) fn path_of(source: &Source, spec: Node<'_>) -> Option<String> {
    Some(source.str(spec.child_by_field_name("path")?).trim_matches(['"', '`']).to_owned())
}

/// Finds the package of a name: what other files of the repository import under it, the standard library, a package of the module.
fn find(context: &FixContext<'_>, source: &Source, name: &str, member: &str, imported: &[String]) -> Option<String> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut own: BTreeSet<String> = BTreeSet::new();
    let (folder, module) = module(context, source)?;
    let files = context.files.paths().iter().filter(|path| path.extension() == Some("go") && **path != source.path);
    for path in files.filter(|path| path.is_below(&folder)) {
        let Some(text) = context.files.text(path) else { continue };
        for line in text.lines().take_while(|line| !line.starts_with("func ")) {
            let words: Vec<&str> =
                line.split("//").next().unwrap_or_default().split_whitespace().filter(|word| *word != "import").collect();
            let (alias, quoted) = match words.as_slice() {
                [quoted] => (None, *quoted),
                [alias, quoted] => (Some(*alias), *quoted),
                _ => continue,
            };
            let Some(found) = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')) else { continue };
            if alias.unwrap_or_else(|| likely_name(found)) == name {
                known.insert(found.to_owned());
            }
        }
        let declares = text
            .lines()
            .find(|line| line.starts_with("package "))
            .is_some_and(|line| line.split_whitespace().nth(1) == Some(name));
        if declares && path.parent() != source.path.parent() && !path.as_str().ends_with("_test.go") {
            let below = path.parent().strip_prefix(folder.as_str()).unwrap_or(path.parent()).trim_start_matches('/');
            own.insert(if below.is_empty() { module.clone() } else { format!("{module}/{below}") });
        }
    }
    let from_standard = standard(name, member, imported);
    match (known.len(), from_standard) {
        (1, _) => known.into_iter().next(),
        (_, Some(path)) => Some(path.to_owned()),
        (0, None) if own.len() == 1 => own.into_iter().next(),
        _ => None,
    }
}

/// Returns the folder of the module that the file is in, and the module's path.
pub(super) fn module(context: &FixContext<'_>, source: &Source) -> Option<(String, String)> {
    let mut folder = source.path.parent();
    loop {
        let file = RepoPath::new(format!("{folder}/go.mod").trim_start_matches('/')).ok()?;
        if let Some(text) = context.files.text(&file) {
            let path = text.lines().find_map(|line| line.strip_prefix("module "))?;
            return Some((folder.to_owned(), path.trim().trim_matches('"').to_owned()));
        }
        if folder.is_empty() {
            // Code from before modules: only names that need no module can be found.
            return Some((String::new(), String::new()));
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

/// Adds the import of a package under a name.
pub(super) fn add(source: &Source, name: &str, path: &str) -> Option<Edit> {
    let newline = source.newline();
    let quoted = if likely_name(path) == name { format!("\"{path}\"") } else { format!("{name} \"{path}\"") };
    let root = parts(source.root());
    let declarations: Vec<Node<'_>> = root.iter().copied().filter(|part| part.kind() == "import_declaration").collect();
    let is_list = |one: &&Node<'_>| parts(**one).iter().any(|part| part.kind() == "import_spec_list");
    if let Some(list) = declarations.iter().find(is_list) {
        return add_to_list(source, *list, path, &quoted);
    }
    match declarations.as_slice() {
        [] => {
            let package = root.iter().find(|part| part.kind() == "package_clause")?;
            Some(source.edit(package.end_byte()..package.end_byte(), format!("{newline}{newline}import {quoted}")))
        }
        [one] if path_of(source, *parts(*one).first()?)?.as_str() != "C" => {
            let spec = *parts(*one).first()?;
            let old = path_of(source, spec)?;
            let order = |path: &str| (!is_standard(path), path.to_owned());
            let (mut first, mut second) = (source.str(spec), quoted.as_str());
            if order(path) < order(&old) {
                (first, second) = (second, first);
            }
            let gap = if is_standard(path) == is_standard(&old) { "" } else { newline };
            Some(source.edit(spec.byte_range(), format!("({newline}\t{first}{newline}{gap}\t{second}{newline})")))
        }
        [.., last] => Some(source.edit(last.end_byte()..last.end_byte(), format!("{newline}import {quoted}"))),
    }
}

/// Puts the line in its place in the group of its kind: groups stand apart by blank lines, and gofmt sorts each.
fn add_to_list(source: &Source, declaration: Node<'_>, path: &str, quoted: &str) -> Option<Edit> {
    let newline = source.newline();
    let list = parts(declaration).into_iter().find(|part| part.kind() == "import_spec_list")?;
    let specs = parts(list);
    let Some(first) = specs.first() else {
        return Some(source.edit(list.start_byte() + 1..list.start_byte() + 1, format!("{newline}\t{quoted}{newline}")));
    };
    let mut groups: Vec<Vec<Node<'_>>> = Vec::new();
    for spec in &specs {
        let before = groups.last().and_then(|group| group.last());
        let apart = before.is_none_or(|before| source.slice(before.end_byte()..spec.start_byte()).matches('\n').count() > 1);
        match groups.last_mut().filter(|_| !apart) {
            Some(group) => group.push(*spec),
            None => groups.push(vec![*spec]),
        }
    }
    let is_ours = |group: &&Vec<Node<'_>>| {
        let ours =
            group.iter().filter(|spec| path_of(source, **spec).is_some_and(|one| is_standard(&one) == is_standard(path))).count();
        ours * 2 > group.len()
    };
    let line_of = |node: Node<'_>| source.line_start(node.start_byte());
    if let Some(group) = groups.iter().find(is_ours) {
        let next = group.iter().find(|spec| path_of(source, **spec).is_some_and(|one| one.as_str() > path));
        let at = match next {
            Some(next) => line_of(*next),
            None => source.line_end(group.last()?.end_byte()),
        };
        return Some(source.edit(at..at, format!("\t{quoted}{newline}")));
    }
    if is_standard(path) {
        let at = line_of(*first);
        return Some(source.edit(at..at, format!("\t{quoted}{newline}{newline}")));
    }
    let at = source.line_end(specs.last()?.end_byte());
    Some(source.edit(at..at, format!("{newline}\t{quoted}{newline}")))
}

/// Removes an import, and its declaration where nothing else is in it.
pub(super) fn remove(source: &Source, spec: Node<'_>) -> Option<Edit> {
    let declaration = ancestor(spec, &["import_declaration"])?;
    let all: Vec<Node<'_>> = parts(declaration)
        .into_iter()
        .flat_map(|part| if part.kind() == "import_spec_list" { parts(part) } else { vec![part] })
        .collect();
    let range = if all.len() == 1 { declaration.byte_range() } else { spec.byte_range() };
    let mut range = source.whole_lines(range);
    // The group's last line goes with the blank line that set it apart from the group before.
    let before = source.slice(0..range.start);
    let behind = source.slice(range.end..source.text.len());
    if all.len() > 1 && behind.trim_start_matches(['\t', ' ']).starts_with(')') && before.ends_with("\n\n") {
        range.start -= 1;
    }
    Some(source.edit(range, ""))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
