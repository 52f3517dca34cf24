//! Where names of Go are declared, and how far what they declare is known.

use std::collections::BTreeSet;

use domain::{Files, Language, RepoPath};
use tree_sitter::Node;

use super::source::{Source, ancestor, parts, walk};

/// Files of a package that are read for their names, at most.
const MANY_FILES: usize = 200;

/// Names that are known everywhere.
pub(super) const BUILTINS: &str = "append bool byte cap clear close complex complex128 complex64 copy delete error false float32 \
    float64 imag int int16 int32 int64 int8 iota len make max min new nil panic print println real recover rune string true uint \
    uint16 uint32 uint64 uint8 uintptr";

/// Returns the part of the program in which what the name declares is known.
pub(super) fn scope_of(name: Node<'_>) -> Option<Node<'_>> {
    const SCOPES: &[&str] = &[
        "statement_list",
        "if_statement",
        "for_statement",
        "expression_switch_statement",
        "type_switch_statement",
        "communication_case",
        "function_declaration",
        "method_declaration",
        "func_literal",
    ];
    ancestor(name, SCOPES)
}

/// Returns where the declaration ends that the name stands on the left of; what is behind it means the new variable.
pub(super) fn declared_until(source: &Source, name: Node<'_>) -> Option<usize> {
    let parent = name.parent()?;
    if matches!(parent.kind(), "var_spec" | "const_spec" | "parameter_declaration" | "variadic_parameter_declaration") {
        return Some(parent.end_byte());
    }
    let holder = parent.parent().filter(|_| parent.kind() == "expression_list")?;
    let is_left =
        ["left", "alias"].iter().any(|field| holder.child_by_field_name(field).is_some_and(|left| left.id() == parent.id()));
    match holder.kind() {
        _ if !is_left => None,
        "type_switch_statement" => Some(holder.child_by_field_name("value")?.end_byte()),
        "short_var_declaration" => Some(holder.end_byte()),
        // `for x := range` and `case x := <-c` declare, `for x = range` does not.
        "range_clause" | "receive_statement" => {
            let behind = source.slice(parent.end_byte()..holder.end_byte());
            behind.trim_start().starts_with(":=").then(|| holder.end_byte())
        }
        _ => None,
    }
}

/// Returns the names that functions around `node` declare before it.
pub(super) fn local_names<'s>(source: &'s Source, node: Node<'_>) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    let function = std::iter::successors(Some(node), Node::parent)
        .filter(|node| matches!(node.kind(), "function_declaration" | "method_declaration"))
        .last();
    let Some(function) = function else { return found };
    walk(function, |name| {
        if name.kind() == "identifier"
            && name.start_byte() < node.start_byte()
            && declared_until(source, name).is_some_and(|end| end <= node.start_byte())
            && scope_of(name).is_some_and(|scope| scope.byte_range().contains(&node.start_byte()))
        {
            found.insert(source.str(name));
        }
    });
    found
}

/// Returns the names that the files of a folder declare at their top, in the package that is named so.
pub(super) fn package_names(files: &Files, folder: &str, package: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    of_package(files, folder, package, |source| {
        for part in parts(source.root()) {
            match part.kind() {
                "function_declaration" => {
                    found.extend(part.child_by_field_name("name").map(|name| source.str(name).to_owned()));
                }
                "type_declaration" | "var_declaration" | "const_declaration" => walk(part, |node| {
                    let is_spec = matches!(node.kind(), "type_spec" | "type_alias" | "var_spec" | "const_spec");
                    if is_spec && ancestor(node, &["func_literal"]).is_none() {
                        let mut cursor = node.walk();
                        let names = node.children_by_field_name("name", &mut cursor);
                        found.extend(names.map(|name| source.str(name).to_owned()));
                    }
                }),
                _ => {}
            }
        }
    });
    found
}

/// Returns the fields and methods of a type that the files of a folder declare.
pub(super) fn members(files: &Files, folder: &str, package: &str, of: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    of_package(files, folder, package, |source| {
        walk(source.root(), |node| match node.kind() {
            "type_spec" if node.child_by_field_name("name").is_some_and(|name| source.str(name) == of) => {
                let Some(list) = node.child_by_field_name("type").and_then(|kind| kind.named_child(0)) else { return };
                for field in parts(list) {
                    let mut cursor = field.walk();
                    let names = field.children_by_field_name("name", &mut cursor);
                    found.extend(names.map(|name| source.str(name).to_owned()));
                }
            }
            "method_declaration" => {
                let receiver = node.child_by_field_name("receiver").map_or("", |receiver| source.str(receiver));
                let kind = receiver.trim_matches(['(', ')']).rsplit([' ', '*']).next().unwrap_or_default();
                if kind.split('[').next() == Some(of) {
                    found.extend(node.child_by_field_name("name").map(|name| source.str(name).to_owned()));
                }
            }
            _ => {}
        });
    });
    found
}

fn of_package(files: &Files, folder: &str, package: &str, mut visit: impl FnMut(&Source)) {
    let is_here = |path: &&RepoPath| path.parent() == folder && path.extension() == Some("go");
    for path in files.paths().iter().filter(is_here).take(MANY_FILES) {
        if let Some((source, _)) = Source::read(files, path, &[Language::Go])
            && package_of(&source) == Some(package)
        {
            visit(&source);
        }
    }
}

/// Returns the name of the package that a file is of.
pub(super) fn package_of(source: &Source) -> Option<&str> {
    let clause = parts(source.root()).into_iter().find(|part| part.kind() == "package_clause")?;
    parts(clause).first().map(|name| source.str(*name))
}
