//! F401 for names that a module imports for others: says that they are exported, which keeps them importable. Removing them would break whoever imports
//! them from here.
//!
//! An existing `__all__` is extended; a package without one gets one that names everything public (so that `import *` stays as it is); where that cannot be
//! told (`import *` in the package, a computed `__all__`) the import says it with a redundant alias. Outside of packages only what another
//! file imports from here counts as exported.

use std::collections::BTreeSet;

use domain::Applicability;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::{Source, ancestor, parts, walk};
use super::syntax::{assigned_name, is_identifier, module_name, plain_string, proposals, source, stands_alone};

pub(super) const FIXER: Fixer = Fixer {
    id: "package_export",
    about: "declares imported names that a package re-exports",
    handles: |finding| finding.rule == "F401",
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let name = bound_name(&context.finding.message)?;
        let is_package = source.path.file_name() == "__init__.py";
        if is_package {
            let redundant = context.finding.message.contains("redundant alias");
            if !redundant && !is_wanted_elsewhere(context, name) {
                return None;
            }
        } else if !is_wanted_elsewhere(context, name) {
            return None;
        }
        match exports(&source) {
            Exports::List(list) => extend(&source, list, name).map(|edit| vec![edit]),
            Exports::None if is_package && !has_star_import(&source) => declare(&source).map(|edit| vec![edit]),
            // A module that has no `__all__` exports all it has, and a list of some would take the others away from `import *`.
            Exports::None if !is_package && !has_star_import(&source) => declare(&source).map(|edit| vec![edit]),
            _ if is_package => {
                let at = source.range(context.finding.location.as_ref()?)?;
                alias(&source, source.node(at)?).map(|edit| vec![edit])
            }
            _ => None,
        }
    };
    proposals("Declare the re-exported names", Applicability::Safe, edits())
}

/// The name that is bound: the last part of what ruff calls it (`` `.types.String` imported but unused``, `` `a.b as c` ``).
fn bound_name(message: &str) -> Option<&str> {
    let quoted = message.split('`').nth(1)?;
    let name = quoted.rsplit(" as ").next()?;
    let name = name.rsplit('.').next()?;
    is_identifier(name).then_some(name)
}

/// Whether another file of the repository imports `name` from this module.
fn is_wanted_elsewhere(context: &FixContext<'_>, name: &str) -> bool {
    let Some(path) = context.finding.path() else { return false };
    let Some(own) = module_name(path, &context.subproject.path) else { return false };
    let last = own.rsplit('.').next().unwrap_or_default();
    context.files.paths().iter().filter(|other| *other != path && other.extension() == Some("py")).any(|other| {
        let Some(text) = context.files.text(other) else { return false };
        if !text.contains(name) || !text.contains(last) {
            return false;
        }
        import_lists(&text).any(|(module, names)| {
            (module.trim_start_matches('.') == own || module.trim_start_matches('.').rsplit('.').next() == Some(last))
                && names
                    .split([',', '(', ')', '\n', '\r', '\\'])
                    .any(|one| one.trim().split(" as ").next().map(str::trim) == Some(name))
        })
    })
}

/// The `from MODULE import NAMES` of a text, without parsing it: a repository holds many files, and this is asked of each.
fn import_lists(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices("from ").filter_map(|(at, _)| {
        let rest = text.get(at + 5..)?;
        let (module, names) = rest.split_once(" import ")?;
        if module.contains(char::is_whitespace) {
            return None;
        }
        let end = if names.trim_start().starts_with('(') { names.find(')') } else { names.find('\n') };
        Some((module, names.get(..end.unwrap_or(names.len()))?))
    })
}

enum Exports<'t> {
    None,
    List(Node<'t>),
    /// Computed, or assigned more than once.
    Other,
}

fn exports<'t>(source: &'t Source) -> Exports<'t> {
    let mut list = Exports::None;
    let mut cursor = source.root().walk();
    for node in source.root().named_children(&mut cursor) {
        let Some((left, right)) = assigned_name(node) else { continue };
        if source.str(left) != "__all__" {
            continue;
        }
        let literal =
            matches!(right.kind(), "list" | "tuple") && parts(right).iter().all(|part| plain_string(source, *part).is_some());
        list = if literal && matches!(list, Exports::None) { Exports::List(right) } else { Exports::Other };
    }
    if matches!(list, Exports::None) && super::syntax::identifiers(source, source.root()).contains("__all__") {
        return Exports::Other;
    }
    list
}

fn has_star_import(source: &Source) -> bool {
    let mut found = false;
    walk(source.root(), |node| found |= node.kind() == "wildcard_import");
    found
}

/// Adds a name to a literal `__all__`, in its order where it has one.
fn extend(source: &Source, list: Node<'_>, name: &str) -> Option<domain::Edit> {
    let items = parts(list);
    let names: Vec<&str> = items.iter().filter_map(|item| plain_string(source, *item)).collect();
    if names.contains(&name) {
        return None;
    }
    let quote = items.first().map_or('"', |item| if source.str(*item).ends_with('\'') { '\'' } else { '"' });
    let Some(last) = items.last() else {
        let at = list.start_byte() + 1;
        let comma = if list.kind() == "tuple" { "," } else { "" };
        return Some(source.edit(at..at, format!("{quote}{name}{quote}{comma}")));
    };
    let sorted = names.is_sorted_by_key(|name| export_key(name));
    let behind =
        items.iter().zip(&names).find(|(_, other)| sorted && export_key(other) > export_key(name)).map(|(item, _)| *item);
    let indent = |item: Node<'_>| source.indent(item.start_byte()).to_owned();
    let opens_line = |item: Node<'_>| source.slice(source.line_start(item.start_byte())..item.start_byte()).trim().is_empty();
    let newline = source.newline();
    if let Some(behind) = behind {
        let gap = if opens_line(behind) { format!("{newline}{}", indent(behind)) } else { " ".to_owned() };
        return Some(source.edit(behind.start_byte()..behind.start_byte(), format!("{quote}{name}{quote},{gap}")));
    }
    let gap = if opens_line(*last) { format!("{newline}{}", indent(*last)) } else { " ".to_owned() };
    Some(source.edit(last.end_byte()..last.end_byte(), format!(",{gap}{quote}{name}{quote}")))
}

/// The order of `__all__` that ruff asks for (RUF022): constants, classes, the rest; figures by value.
fn export_key(name: &str) -> (u8, Vec<(String, u64)>) {
    let upper = name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase);
    let kind = if upper && name.len() > 1 {
        0
    } else if name.starts_with(char::is_uppercase) {
        1
    } else {
        2
    };
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(text);
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (figure, after) = after.split_at(digits);
        key.push((word.to_owned(), figure.parse().unwrap_or(0)));
        rest = after;
    }
    (kind, key)
}

/// Writes an `__all__` of everything public behind the imports at the top.
fn declare(source: &Source) -> Option<domain::Edit> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut deleted: BTreeSet<&str> = BTreeSet::new();
    let mut walk = code::descendants(source.root());
    while let Some(node) = walk.next() {
        match node.kind() {
            "function_definition" | "class_definition" => {
                names.extend(node.child_by_field_name("name").map(|name| source.str(name)));
                walk.skip_below();
            }
            "lambda" | "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
                walk.skip_below()
            }
            "import_from_statement" => {
                let mut cursor = node.walk();
                for name in node.children_by_field_name("name", &mut cursor) {
                    let bound = name.child_by_field_name("alias").map_or_else(|| source.str(name), |alias| source.str(alias));
                    names.insert(bound);
                }
                walk.skip_below();
            }
            "import_statement" => {
                let mut cursor = node.walk();
                for name in node.children_by_field_name("name", &mut cursor) {
                    // A plain module of another package is a tool of this one and nothing that it offers.
                    let module = source.str(name.child_by_field_name("name").unwrap_or(name));
                    if let Some(alias) = name.child_by_field_name("alias").filter(|_| !super::syntax::is_stdlib(module)) {
                        names.insert(source.str(alias));
                    }
                }
                walk.skip_below();
            }
            "delete_statement" => deleted.extend(super::syntax::identifiers(source, node)),
            "identifier" if super::syntax::is_variable(node) && super::syntax::is_bound_here(node) => {
                names.insert(source.str(node));
            }
            _ => {}
        }
    }
    let exported: Vec<&str> = names.into_iter().filter(|name| !deleted.contains(name)).collect();
    let mut exported: Vec<&str> =
        exported.into_iter().filter(|name| !name.starts_with('_') || is_unused_import(source, name)).collect();
    exported.sort_by_key(|name| export_key(name));
    let newline = source.newline();
    let mut list: String = exported.iter().map(|name| format!("    \"{name}\",{newline}")).collect();
    list = format!("__all__ = [{newline}{list}]{newline}");
    // Behind the last import at the top, where an assignment does not come between two imports.
    let mut cursor = source.root().walk();
    let statements: Vec<Node<'_>> = source.root().named_children(&mut cursor).filter(|node| node.kind() != "comment").collect();
    let last_import = statements.iter().rposition(|node| {
        let mut imports = false;
        super::source::walk(*node, |inner| imports |= matches!(inner.kind(), "import_statement" | "import_from_statement"));
        imports && !matches!(node.kind(), "function_definition" | "class_definition" | "decorated_definition")
    })?;
    let statement = *statements.get(last_import)?;
    if !stands_alone(source, statement) {
        return None;
    }
    let at = source.line_end(statement.end_byte());
    let rest = source.slice(at..source.text.len());
    let blank: usize = rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    let rest = rest.get(blank..).unwrap_or_default();
    let ends = source.slice(0..at).ends_with('\n');
    if rest.is_empty() {
        let lead = if ends { newline.to_owned() } else { newline.repeat(2) };
        return Some(source.edit(at..source.text.len(), format!("{lead}{list}")));
    }
    let gap = match statements.get(last_import + 1) {
        Some(next) if matches!(next.kind(), "function_definition" | "class_definition" | "decorated_definition") => 2,
        _ => 1,
    };
    Some(source.edit(at..at + blank, format!("{newline}{list}{}", newline.repeat(gap))))
}

/// Whether a name stands in an import and nowhere else.
fn is_unused_import(source: &Source, name: &str) -> bool {
    let (mut imported, mut used) = (false, false);
    walk(source.root(), |node| {
        if node.kind() == "identifier" && source.str(node) == name {
            let is_import = ancestor(node, &["import_from_statement", "import_statement"]).is_some();
            imported |= is_import;
            used |= !is_import;
        }
    });
    imported && !used
}

/// Writes `from m import a` as `from m import a as a`, for all unused names of the statement, in statements of their own as isort has them.
fn alias(source: &Source, at: Node<'_>) -> Option<domain::Edit> {
    let statement = std::iter::successors(Some(at), Node::parent).find(|node| node.kind() == "import_from_statement")?;
    let text = source.str(statement);
    if text.contains('#') || !stands_alone(source, statement) {
        return None;
    }
    let module = source.str(statement.child_by_field_name("module_name")?);
    let mut cursor = statement.walk();
    let mut kept: Vec<String> = Vec::new();
    let mut lines: Vec<((u8, String), String)> = Vec::new();
    for member in statement.children_by_field_name("name", &mut cursor) {
        let own = source.str(member);
        if member.kind() == "aliased_import" {
            let name = source.str(member.child_by_field_name("name")?);
            lines.push((member_key(name), format!("from {module} import {own}")));
        } else if is_unused_import(source, own) {
            lines.push((member_key(own), format!("from {module} import {own} as {own}")));
        } else {
            kept.push(own.to_owned());
        }
    }
    kept.sort_by_key(|name| member_key(name));
    if let Some(first) = kept.first() {
        let one_line = format!("from {module} import {}", kept.join(", "));
        let indent = source.indent(statement.start_byte());
        let newline = source.newline();
        let wrapped = || {
            let list: String = kept.iter().map(|name| format!("{indent}    {name},{newline}")).collect();
            format!("from {module} import ({newline}{list}{indent})")
        };
        lines.push((member_key(first), if indent.len() + one_line.len() > 88 { wrapped() } else { one_line }));
    }
    lines.sort();
    let joint = format!("{}{}", source.newline(), source.indent(statement.start_byte()));
    let text = lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join(&joint);
    Some(source.edit(statement.byte_range(), text))
}

fn member_key(name: &str) -> (u8, String) {
    (export_key(name).0, name.to_lowercase())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
